//! The page's sentences in the active language: one file a language, loaded when it is needed.

use std::collections::BTreeMap;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use yew::{hook, use_context};

#[wasm_bindgen]
extern "C" {
    /// boot.js: the content of a text file of the bundle.
    #[wasm_bindgen(js_namespace = layerlab, catch)]
    async fn text(name: &str) -> Result<JsValue, JsValue>;
}

/// The languages that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Language {
    /// English.
    #[default]
    En,
    /// Chinese, simplified.
    Zh,
}

impl Language {
    /// From a language tag; all that is not Chinese is English.
    pub(crate) fn from_tag(tag: &str) -> Self {
        if tag.to_ascii_lowercase().starts_with("zh") { Self::Zh } else { Self::En }
    }

    /// Its tag, for `lang` and for names of files.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }

    /// The other one.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::En => Self::Zh,
            Self::Zh => Self::En,
        }
    }
}

/// The sentences, by key. A clone is a handle.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Text {
    /// The language they are in.
    pub(crate) language: Language,
    sentences: Rc<BTreeMap<String, String>>,
}

impl Text {
    /// Loads a language.
    ///
    /// # Errors
    /// One sentence, where its file cannot be had.
    pub(crate) async fn load(language: Language) -> Result<Self, String> {
        let json = fetch(&format!("{}.json", language.tag())).await?;
        let sentences = serde_json::from_slice(json.as_bytes()).map_err(|error| error.to_string())?;
        Ok(Self { language, sentences: Rc::new(sentences) })
    }

    /// The same with the sentences of the screens that come after the first prompt.
    ///
    /// # Errors
    /// One sentence, where their file cannot be had.
    pub(crate) async fn with_more(&self) -> Result<Self, String> {
        let json = fetch(&format!("{}.more.json", self.language.tag())).await?;
        let more: BTreeMap<String, String> =
            serde_json::from_slice(json.as_bytes()).map_err(|error| error.to_string())?;
        let sentences = self.sentences.iter().map(|(key, text)| (key.clone(), text.clone())).chain(more);
        Ok(Self { language: self.language, sentences: Rc::new(sentences.collect()) })
    }

    /// A sentence. A missing key is shown as itself; a test sees to it that none is missing.
    pub(crate) fn get(&self, key: &str) -> String {
        self.sentences.get(key).cloned().unwrap_or_else(|| key.to_owned())
    }

    /// A sentence with its `{names}` filled in.
    pub(crate) fn with(&self, key: &str, values: &[(&str, &dyn std::fmt::Display)]) -> String {
        let sentence = self.get(key);
        values
            .iter()
            .fold(sentence, |text, (name, value)| text.replace(&format!("{{{name}}}"), &value.to_string()))
    }

    /// `key.one` for exactly one and `key` for any other number, with `{n}` filled in.
    pub(crate) fn count(&self, key: &str, n: u64) -> String {
        if n == 1 { self.with(&format!("{key}.one"), &[("n", &n)]) } else { self.with(key, &[("n", &n)]) }
    }
}

/// A text file of the bundle, by its name.
///
/// # Errors
/// One sentence, where it cannot be had.
pub(crate) async fn fetch(name: &str) -> Result<String, String> {
    match text(name).await {
        Ok(value) => value.as_string().ok_or_else(|| format!("{name} is not text")),
        Err(error) => Err(error.as_string().unwrap_or_else(|| format!("{name} cannot be loaded"))),
    }
}

/// The sentences of the active language.
#[hook]
pub(crate) fn use_text() -> Text {
    use_context::<Text>().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn sentences(tag: &str) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        for name in [format!("text/{tag}.json"), format!("text/{tag}.more.json")] {
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(&name);
            let some: BTreeMap<String, String> =
                serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
            for (key, text) in some {
                assert!(all.insert(key.clone(), text).is_none(), "{name}: {key} is said twice");
            }
        }
        all
    }

    fn sources(dir: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }

    /// The keys that the sources name: string literals of the form `area.name`.
    fn keys_used() -> BTreeSet<String> {
        let mut files = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
        let areas: BTreeSet<String> = sentences("en")
            .keys()
            .filter_map(|k| k.split_once('.'))
            .map(|(area, _)| area.to_owned())
            .collect();
        let literals = files.iter().flat_map(|file| file.split('"').skip(1).step_by(2));
        literals
            .filter(|text| text.split_once('.').is_some_and(|(area, _)| areas.contains(area)))
            .filter(|text| text.chars().all(|c| c.is_ascii_lowercase() || c == '.' || c == '-'))
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn both_languages_say_everything_with_the_same_blanks() {
        let (en, zh) = (sentences("en"), sentences("zh"));
        assert_eq!(en.keys().collect::<Vec<_>>(), zh.keys().collect::<Vec<_>>());
        let blanks = |text: &str| -> BTreeSet<String> {
            text.split('{')
                .skip(1)
                .filter_map(|rest| rest.split_once('}'))
                .map(|(name, _)| name.into())
                .collect()
        };
        for (key, text) in &en {
            assert_eq!(blanks(text), blanks(&zh[key]), "{key}");
            assert!(!zh[key].is_empty() && !text.is_empty(), "{key}");
        }
    }

    #[test]
    fn every_key_that_the_page_uses_is_there() {
        let en = sentences("en");
        let missing: Vec<_> = keys_used().into_iter().filter(|key| !en.contains_key(key)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn blanks_are_filled_and_numbers_counted() {
        let text = Text {
            language: Language::En,
            sentences: Rc::new(
                [("n.one", "{n} layer"), ("n", "{n} layers")].map(|(k, v)| (k.into(), v.into())).into(),
            ),
        };
        assert_eq!(text.count("n", 1), "1 layer");
        assert_eq!(text.count("n", 3), "3 layers");
        assert_eq!(text.get("nothing"), "nothing");
    }
}
