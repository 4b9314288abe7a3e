//! The screens that `cargo xtask shots` takes pictures of, each with the way to it. Nothing here depends on the language.

use std::path::Path;

use layerlab_tests::archive::{Layer, docker_save, rich};
use layerlab_tests::browser::Browser;
use serde_json::json;

use crate::view::{holds, import, run};

/// A screen to be looked at.
pub(crate) struct Scene {
    /// What its pictures are called.
    pub(crate) name: &'static str,
    /// Whether it differs from another only where not all panes fit.
    pub(crate) narrow: bool,
    /// Brings a fresh browser there; the folder is for files.
    pub(crate) prepare: fn(&Browser, &Path),
}

const fn scene(name: &'static str, prepare: fn(&Browser, &Path)) -> Scene {
    Scene { name, narrow: false, prepare }
}

/// What README.md shows.
pub(crate) const README: Scene = scene("readme", |browser, _| {
    lines(browser, &["docker exec web1 rm /etc/motd"]);
    put_intro_away(browser);
    explain(browser, "/etc/motd");
});

/// Every screen.
pub(crate) const SCENES: &[Scene] = &[
    scene("first", |browser, _| browser.open("#/")),
    scene("playground", |browser, _| worked(browser)),
    Scene {
        name: "inspector",
        narrow: true,
        prepare: |browser, _| {
            worked(browser);
            press(browser, ".tabs .to-inspector");
        },
    },
    scene("image-subject", |browser, _| {
        lines(browser, &["docker exec web1 rm /etc/motd", "docker commit web1 mine:1"]);
    }),
    scene("nameless", |browser, _| {
        lines(browser, &["docker exec web1 rm /etc/motd", "docker commit web1"]);
    }),
    scene("long-names", |browser, _| {
        lines(
            browser,
            &[
                "docker run -d --name a-container-with-quite-a-long-name.of-the-shop nginx",
                "docker exec a-container-with-quite-a-long-name.of-the-shop sh -c 'mkdir -p /srv/some/where; \
                 echo a > /srv/some/where/a-file-with-a-very-long-name-and-no-end.configuration; rm /etc/motd'",
                "docker commit a-container-with-quite-a-long-name.of-the-shop registry.example.com:5000/team/shop-frontend:2024-11-30",
            ],
        );
    }),
    scene("mistakes", |browser, _| {
        lines(
            browser,
            &["docker rmi nginx", "docker stop web2", "dokcer ps", "docker rum nginx", "docker pull nosuch"],
        );
    }),
    scene("inside", |browser, _| {
        lines(browser, &["docker exec -it web1 sh", "cat /etc/motd", "echo mine > /etc/motd", "docker ps"]);
    }),
    scene("branches", |browser, _| {
        lines(
            browser,
            &["docker exec web1 touch /one", "docker exec web1 touch /two", "docker exec web1 rm /etc/motd"],
        );
        browser.eval("document.querySelectorAll('.tick')[1].click(); return null");
        browser.wait("a step back", "document.querySelector('.tick[aria-current]')?.innerText === '1'");
        browser.eval("document.getElementById('terminal').focus(); return null");
        browser.keys("docker exec web1 rm /etc/issue");
        browser.press("Enter");
        holds(browser, 2);
    }),
    scene("many-lines", |browser, _| {
        browser.open("#/");
        let lines: Vec<String> = (0..60).map(|n| format!("docker exec web1 touch /root/f{n}\n")).collect();
        browser.cdp("Input.insertText", &json!({"text": lines.concat()}));
        holds(browser, 60);
    }),
    scene("build", |browser, _| {
        dockerfile(browser);
        run(browser, "docker build -t shop /root/shop");
        browser.wait("its steps", "document.querySelector('.build-step')");
    }),
    scene("buildkit", |browser, _| {
        dockerfile(browser);
        run(browser, "DOCKER_BUILDKIT=1 docker build -t shop /root/shop");
        browser.wait("its steps", "document.querySelector('.build-step')");
    }),
    scene("mount", |browser, _| {
        lines(
            browser,
            &[
                "mkdir -p /tmp/lower /tmp/upper /tmp/work /tmp/merged",
                "echo below > /tmp/lower/a; echo below > /tmp/lower/b",
                "mount -t overlay overlay -o lowerdir=/tmp/lower,upperdir=/tmp/upper,workdir=/tmp/work /tmp/merged",
                "rm /tmp/merged/a; echo above >> /tmp/merged/b",
            ],
        );
    }),
    scene("nothing", |browser, _| {
        lines(browser, &["docker rm -f web1", "docker rmi -f nginx debian", "docker images -q"]);
    }),
    scene("tree", |browser, _| {
        worked(browser);
        form(browser, 1);
        browser.wait("its rows", "document.querySelector('.stage .mx-row')");
    }),
    scene("host", |browser, _| {
        worked(browser);
        form(browser, 2);
        browser.wait("its rows", "document.querySelectorAll('.on-host .pick')[2]");
        press(browser, ".on-host tbody tr:nth-child(3) .pick");
    }),
    scene("unfolded", |browser, _| {
        worked(browser);
        press(browser, ".merged .fold");
        browser.wait("the directory", "document.querySelector('.dir button')");
    }),
    scene("text-tree", |browser, _| {
        worked(browser);
        press(browser, ".as-text .link");
    }),
    scene("sessions", |browser, _| {
        worked(browser);
        press(browser, ".sessions button");
        browser.wait("the room that is left", "document.querySelector('.room')");
    }),
    scene("share", |browser, _| {
        worked(browser);
        press(browser, ".top .share:not(.sessions) button");
        browser.wait("the address", "document.querySelector('.pop input')");
    }),
    scene("editor", |browser, _| {
        lines(browser, &["docker cp web1:/etc/passwd /root/passwd"]);
        browser.keys("vi /root/passwd");
        browser.press("Enter");
        browser.wait("the editor", "document.querySelector('.editor[open]')");
    }),
    scene("second-part-missing", |browser, _| {
        browser.cdp("Network.enable", &json!({}));
        browser.cdp("Network.setBlockedURLs", &json!({"urls": ["*/rest-*"]}));
        browser.open("#/");
        browser.wait("the banner", "document.querySelector('.banner')");
    }),
    scene("lesson-missing", |browser, _| {
        browser.cdp("Network.enable", &json!({}));
        browser.cdp("Network.setBlockedURLs", &json!({"urls": ["*/rest-*"]}));
        browser.visit(&format!("{}#/lesson/whiteouts", browser.base()));
        browser.wait("the word", "document.querySelector('.boot[role=alert]')");
    }),
    scene("lessons", |browser, _| {
        browser.open("#/lessons");
        browser.wait("the list", "document.querySelector('.lessons li')");
    }),
    scene("lesson", |browser, _| lesson(browser)),
    scene("lesson-worked", |browser, _| {
        lesson(browser);
        press(browser, ".lesson .cmd");
        holds(browser, 1);
    }),
    Scene {
        name: "lesson-layers",
        narrow: true,
        prepare: |browser, _| {
            lesson(browser);
            press(browser, ".tabs .to-layers");
        },
    },
    scene("image", |browser, _| {
        browser.open("#/image");
        browser.wait("the screen", "document.querySelector('.welcome')");
    }),
    scene("image-files", |browser, files| part(browser, files, "files")),
    scene("image-layers", |browser, files| part(browser, files, "layers")),
    scene("image-path", |browser, files| part(browser, files, "path")),
    scene("image-sizes", |browser, files| part(browser, files, "sizes")),
    scene("image-waste", |browser, files| part(browser, files, "waste")),
    scene("image-secrets", |browser, files| part(browser, files, "secrets")),
    scene("image-history", |browser, files| part(browser, files, "history")),
    scene("image-documents", |browser, files| part(browser, files, "documents")),
    scene("image-compare", |browser, files| {
        part(browser, files, "compare");
        let other = files.join("other.tar");
        std::fs::write(&other, other_image()).expect("our own folder");
        browser.pick_for("other-archive", &other);
        browser.wait("what differs", "document.querySelector('.compared td')");
    }),
    scene("class", |browser, _| late(browser, "#/class", ".class .take")),
    scene("class-learner", |browser, _| {
        late(browser, "#/class?title=Wednesday&lessons=whiteouts,copy-up,commit", ".class ol li");
    }),
    scene("drivers", |browser, _| late(browser, "#/drivers", ".side-by-side")),
    scene("export", |browser, _| {
        worked(browser);
        late(browser, "#/export", ".export");
        browser.wait("what can be taken", "document.querySelector('.export select option')");
    }),
    scene("edit", |browser, _| late(browser, "#/edit", ".write textarea")),
    scene("fetch", |browser, _| {
        late(browser, "#/lesson?from=https://example.org/lessons/mine.md", "main h2");
    }),
    scene("unknown", |browser, _| {
        browser.open("#/lessns");
        browser.wait("the word", "document.querySelector('main [role=alert]')");
    }),
    scene("embed", |browser, _| {
        browser.visit(&format!(
            "{}embed.html?setup=docker+run+-d+--name+web1+nginx&run=docker+exec+web1+rm+/etc/motd",
            browser.base()
        ));
        browser.wait("the line", "document.querySelector('.whiteout')");
    }),
];

/// Types lines in the playground.
fn lines(browser: &Browser, lines: &[&str]) {
    browser.open("#/");
    browser.eval("document.getElementById('terminal').focus(); return null");
    for line in lines {
        run(browser, line);
    }
}

/// The playground after a few commands: a deletion, a change, an image of its own and a container on it.
fn worked(browser: &Browser) {
    lines(
        browser,
        &[
            "docker exec web1 rm /etc/motd",
            "docker exec web1 sh -c 'echo mine > /usr/share/nginx/html/index.html'",
            "docker commit web1 mine:1",
            "docker run -d --name web2 mine:1",
            "docker exec web2 touch /notes",
            "docker ps",
        ],
    );
    put_intro_away(browser);
}

/// A folder for a build, with a Dockerfile of a few steps.
fn dockerfile(browser: &Browser) {
    browser.open("#/");
    let text = "mkdir -p /root/shop && cd /root/shop && echo '<h1>Shop</h1>' > index.html\ncat > Dockerfile <<EOF\nFROM nginx\n\
                RUN rm /usr/share/nginx/html/50x.html\nCOPY index.html /usr/share/nginx/html/index.html\n\
                RUN apt-get update && apt-get install -y curl\nENV SHOP=1\nRUN echo done > /srv/built\nEOF\n";
    browser.cdp("Input.insertText", &json!({"text": text}));
    holds(browser, 2);
    browser.eval("document.getElementById('terminal').focus(); return null");
}

fn lesson(browser: &Browser) {
    browser.open("#/lesson/whiteouts");
    browser.wait("the lesson", "document.querySelector('.lesson h2')");
    browser.wait("its stack", "document.querySelector('.grid')");
}

/// A part of the image screen, with an image laid out and a path chosen.
fn part(browser: &Browser, files: &Path, tab: &str) {
    browser.open("#/image");
    import(browser, files, "shop.tar", &rich());
    press(browser, "[title=\"/etc/motd\"]");
    browser.wait("a path to be explained", "document.querySelector('.image-screen .why li')");
    browser.wait("its content", "document.querySelector('.content pre')");
    press(browser, &format!(".to-{tab}"));
    browser.wait("the part", &format!("document.querySelector('.image-screen').dataset.tab === '{tab}'"));
}

/// Another state of the same image.
fn other_image() -> Vec<u8> {
    let mut base = Layer::new();
    base.dir("etc", 0o755).file("etc/motd", 0o644, b"Another greeting.\n").file("etc/more", 0o644, b"more\n");
    docker_save("shop:1.5", &[("ADD base", base.done())], &["DB_PASSWORD=other"])
}

/// A screen whose code comes after the prompt.
fn late(browser: &Browser, address: &str, part: &str) {
    browser.open(address);
    browser.wait_long("the screen", &format!("document.querySelector('{part}')"));
    browser.wait("what comes into it", "!document.querySelector('[aria-busy=true]')");
}

fn form(browser: &Browser, at: usize) {
    browser.eval(&format!("document.querySelectorAll('.forms input')[{at}].click(); return null"));
}

fn put_intro_away(browser: &Browser) {
    browser.eval("document.querySelector('.intro .close')?.click(); return null");
}

/// Chooses a path in the stack.
fn explain(browser: &Browser, path: &str) {
    press(browser, &format!(".writable [aria-label^=\"{path},\"]"));
    browser.eval("document.activeElement.blur(); return null");
    browser.wait("an explanation", "document.querySelector('.inspector .why')");
}

fn press(browser: &Browser, part: &str) {
    browser.wait(part, &format!("document.querySelector({part:?})"));
    browser.eval(&format!(
        "const part = document.querySelector({part:?}); part.focus?.(); part.click(); return null"
    ));
}
