//! What can be taken out of a session: an image as an archive, a file, the journal, a script, paper.

use std::rc::Rc;

use layerlab_core::kernel::ByteString;
use layerlab_core::oci::Limits;
use layerlab_core::oci::archive::as_oci;
use layerlab_core::session::{Event, Request};
use layerlab_core::view::SubjectKind;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::hooks::{Lab, use_lab};
use crate::late::save;
use crate::state::Phase;
use crate::text::{Text, use_text};
use crate::transfer;
use crate::visible;

/// What the lab is asked for its images: a name, an id and a size a line; and for its containers.
const IMAGES: &str = r"docker image ls --format '{{.Repository}}:{{.Tag}}\t{{.ID}}\t{{.Size}}'";
const CONTAINERS: &str = "docker ps -a --format '{{.Names}}'";
/// Where a file of a container lies while it is on its way. Nothing of that is in the session.
const ON_ITS_WAY: &str = "/tmp/.layerlab-export";

/// What is there to be taken.
#[derive(Debug, Clone, Default, PartialEq)]
struct There {
    /// Names, ids and sizes.
    images: Vec<[String; 3]>,
    containers: Vec<String>,
}

/// What became of the last wish.
#[derive(Debug, Clone, PartialEq)]
enum Stage {
    Nothing,
    Working,
    Saved(String),
    Failed(String),
}

/// The screen.
#[component]
pub(super) fn Export() -> Html {
    let (lab, text) = (use_lab(), use_text());
    let there = use_state_eq(|| None::<Rc<There>>);
    let stage = use_state_eq(|| Stage::Nothing);
    {
        let (there, asked) = (there.setter(), lab.clone());
        let stands = lab.state.phase != Phase::Starting;
        use_effect_with((stands, lab.state.epoch), move |(stands, _)| {
            if *stands {
                spawn_local(async move { there.set(Some(Rc::new(look(&asked).await))) });
            }
        });
    }
    let journal = {
        let (lab, stage) = (lab.clone(), stage.setter());
        Callback::from(move |_: MouseEvent| {
            let json = serde_json::to_string(&*lab.state.journal).unwrap_or_default();
            transfer::download("layerlab-journal.json", &json);
            stage.set(Stage::Saved("layerlab-journal.json".into()));
        })
    };
    let script = {
        let (lab, stage) = (lab.clone(), stage.setter());
        Callback::from(move |_: MouseEvent| {
            let script = transfer::script(&lab.state.journal, &lab.state.transcript.prompts());
            transfer::download("layerlab.sh", &script);
            stage.set(Stage::Saved("layerlab.sh".into()));
        })
    };
    html! {
        <main class="lessons export" id="terminal" tabindex="-1">
            <h2>{ text.get("title.export") }</h2>
            <p>{ text.get("export.what") }</p>
            <div role="status" class="said">
            { match &*stage {
                Stage::Nothing => Html::default(),
                Stage::Working => html! { <p>{ text.get("export.working") }</p> },
                Stage::Saved(name) => html! { <p class="good">{ text.with("export.saved", &[("name", &visible::line(name.as_bytes()))]) }</p> },
                Stage::Failed(why) => html! { <p class="bad">{ why }</p> },
            } }
            </div>
            { images(&lab, there.as_ref(), &stage, &text) }
            <File containers={there.as_ref().map(|there| there.containers.clone()).unwrap_or_default()} stage={stage.setter()} />
            <section>
                <h3>{ text.get("export.session") }</h3>
                <p>{ text.get("export.session-what") }</p>
                <p class="next">
                    <button type="button" class="btn" onclick={journal}>{ text.get("export.journal") }</button>
                    <button type="button" class="btn" onclick={script}>{ text.get("session.script") }</button>
                </p>
            </section>
            <section>
                <h3>{ text.get("export.paper") }</h3>
                <p>{ text.get("export.paper-what") }</p>
            </section>
            <p class="next"><a class="btn" href="#/">{ text.get("lesson.playground") }</a></p>
        </main>
    }
}

fn images(lab: &Lab, there: Option<&Rc<There>>, stage: &UseStateHandle<Stage>, text: &Text) -> Html {
    let take = |image: &[String; 3], is_oci: bool| {
        let (lab, stage, image, text) = (lab.clone(), stage.setter(), image.clone(), text.clone());
        Callback::from(move |_: MouseEvent| {
            stage.set(Stage::Working);
            let (lab, stage, image, text) = (lab.clone(), stage.clone(), image.clone(), text.clone());
            spawn_local(async move {
                let name = file_of(&image, is_oci);
                stage.set(match archive(&lab, reference(&image), is_oci).await {
                    Ok(bytes) => {
                        save(&name, &bytes, "application/x-tar").await;
                        Stage::Saved(name)
                    }
                    Err(Some(why)) => Stage::Failed(why),
                    Err(None) => Stage::Failed(text.get("export.no-image")),
                });
            });
        })
    };
    html! {
        <section>
            <h3>{ text.get("export.images") }</h3>
            { match there {
                None => html! { <p>{ text.get("export.looking") }</p> },
                Some(there) if there.images.is_empty() => html! { <p class="muted">{ text.get("export.none") }</p> },
                Some(there) => html! {
                    <table>
                        <thead><tr><th scope="col">{ text.get("export.image") }</th><th scope="col">{ text.get("inspect.size") }</th>
                            <th scope="col">{ text.get("export.as") }</th></tr></thead>
                        <tbody>
                        { for there.images.iter().map(|image| {
                            let name = visible::line(reference(image).as_bytes());
                            html! {
                                <tr key={image.concat()}>
                                    <th scope="row"><code>{ &name }</code></th><td class="n">{ spaced(&image[2]) }</td>
                                    <td><button type="button" class="btn" aria-label={format!("{}: {name}", text.get("export.docker"))}
                                            onclick={take(image, false)}>{ text.get("export.docker") }</button>{ " " }
                                        <button type="button" class="btn" aria-label={format!("{}: {name}", text.get("export.oci"))}
                                            onclick={take(image, true)}>{ text.get("export.oci") }</button></td>
                                </tr>
                            }
                        }) }
                        </tbody>
                    </table>
                },
            } }
        </section>
    }
}

/// What an image is asked for by: its name, or its id where it has none.
fn reference(image: &[String; 3]) -> &str {
    if image[0].contains("<none>") { &image[1] } else { &image[0] }
}

fn file_of(image: &[String; 3], is_oci: bool) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
    let name: String = reference(image).chars().map(plain).collect();
    format!("{name}{}.tar", if is_oci { "-oci" } else { "" })
}

async fn look(lab: &Lab) -> There {
    let said = answers(lab, &[IMAGES, CONTAINERS]).await.unwrap_or_default();
    let lines = |at: usize| {
        let text = said.get(at).map(|(_, text)| text.to_text()).unwrap_or_default();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let image = |line: &String| {
        let mut parts = line.split('\t').map(str::to_owned);
        Some([parts.next()?, parts.next()?, parts.next()?])
    };
    There { images: lines(0).iter().filter_map(image).collect(), containers: lines(1) }
}

/// How lines end in the lab, unseen, and what they print.
async fn answers(lab: &Lab, lines: &[&str]) -> Result<Vec<(u8, ByteString)>, String> {
    let lines = lines.iter().map(|line| (*line).into()).collect();
    let events = lab.question(Request::Test { lines }).await?;
    let said = events.into_iter().find_map(|event| match event {
        Event::Tested { statuses, outputs } => Some(statuses.into_iter().zip(outputs).collect()),
        _ => None,
    });
    Ok(said.unwrap_or_default())
}

/// An image as an archive; no sentence where there is no such image.
async fn archive(lab: &Lab, name: &str, is_oci: bool) -> Result<Vec<u8>, Option<String>> {
    let line = format!("docker save {} | cat", quoted(name));
    let said = answers(lab, &[&line]).await.map_err(Some)?.into_iter().next();
    let (_, bytes) = said.filter(|(_, bytes)| !bytes.is_empty()).ok_or(None)?;
    if !is_oci {
        return Ok(bytes.to_vec());
    }
    as_oci(&bytes, Limits::default()).map_err(|error| Some(error.to_string()))
}

/// A size of Docker's (`11.1kB`) as the page writes sizes.
fn spaced(size: &str) -> String {
    let at = size.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(size.len());
    format!("{} {}", &size[..at], &size[at..])
}

/// A word that the shell takes as it is.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct FileProps {
    containers: Vec<String>,
    stage: UseStateSetter<Stage>,
}

/// A file: of a container as it sees it, or of the lab's own disk, layers included.
#[component]
fn File(props: &FileProps) -> Html {
    let (lab, text) = (use_lab(), use_text());
    let (from, path) = (use_node_ref(), use_node_ref());
    // What was looked at last is what is most likely wanted.
    let chosen = lab.state.selected.as_ref().map(ByteString::to_text).unwrap_or_default();
    let subject = lab.state.screen.stack.as_ref().map(|stack| stack.subject.clone());
    let is_subject = |name: &String| {
        subject.as_ref().is_some_and(|of| of.kind == SubjectKind::Container && of.name == *name)
    };
    let take = {
        let (lab, from, path, stage, text) =
            (lab.clone(), from.clone(), path.clone(), props.stage.clone(), text.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let from = from.cast::<HtmlSelectElement>().map(|from| from.value()).unwrap_or_default();
            let path = path.cast::<HtmlInputElement>().map(|path| path.value()).unwrap_or_default();
            if path.is_empty() {
                return;
            }
            stage.set(Stage::Working);
            let (lab, stage, text) = (lab.clone(), stage.clone(), text.clone());
            spawn_local(async move {
                let said = answers(&lab, &[&line_of(&from, &path)]).await;
                stage.set(match said.map(|said| said.into_iter().next()) {
                    Ok(Some((0, bytes))) => {
                        let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or("file").to_owned();
                        save(&name, &bytes, "application/octet-stream").await;
                        Stage::Saved(name)
                    }
                    Ok(_) => Stage::Failed(
                        text.with("export.no-file", &[("path", &visible::line(path.as_bytes()))]),
                    ),
                    Err(why) => Stage::Failed(why),
                });
            });
        })
    };
    html! {
        <section>
            <h3>{ text.get("export.file") }</h3>
            <p>{ text.get("export.file-what") }</p>
            <form class="pairs" onsubmit={take}>
                <label>{ text.get("export.of") }
                    <select ref={from}>
                        { for props.containers.iter().map(|name| html! {
                            <option value={name.clone()} selected={is_subject(name)}>{ name }</option>
                        }) }
                        <option value="">{ text.get("export.host") }</option>
                    </select>
                </label>
                <label>{ text.get("export.path") }<input ref={path} value={chosen} placeholder="/etc/motd" spellcheck="false" autocapitalize="off" /></label>
                <button type="submit" class="btn">{ text.get("export.take") }</button>
            </form>
        </section>
    }
}

/// The line that prints a file; without a container one of the lab's own disk.
fn line_of(container: &str, path: &str) -> String {
    if container.is_empty() {
        return format!("cat {}", quoted(path));
    }
    let of = quoted(&format!("{container}:{path}"));
    format!("docker cp {of} {ON_ITS_WAY} >/dev/null && cat {ON_ITS_WAY}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_whatever_is_in_it() {
        assert_eq!(line_of("", "/it's; rm -rf /"), r"cat '/it'\''s; rm -rf /'");
        assert_eq!(
            line_of("c1", "/a b"),
            "docker cp 'c1:/a b' /tmp/.layerlab-export >/dev/null && cat /tmp/.layerlab-export"
        );
        assert_eq!(spaced("11.1kB"), "11.1 kB");
        let image = |name: &str| [name.to_owned(), "0123456789ab".to_owned(), "1 kB".to_owned()];
        assert_eq!(file_of(&image("localhost:5000/a:1"), true), "localhost_5000_a_1-oci.tar");
        assert_eq!(reference(&image("<none>:<none>")), "0123456789ab");
    }
}
