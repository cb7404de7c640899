//! The languages of pages: one file each, `TAG.toml`, and how templates speak them. Authorization server and console share it, as does
//! the playground.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use minijinja::value::Kwargs;
use minijinja::{Environment, State};
use toml::{Table, Value};

/// The texts of one language, under dotted names.
pub struct Locale {
    /// RFC 5646: `en`, `ja`, `pt-BR`.
    pub tag: String,
    texts: BTreeMap<String, String>,
}

/// All languages, the fallback first.
pub struct Locales(Vec<Locale>);

impl Locale {
    fn parse(tag: &str, text: &str) -> Result<Self, String> {
        let table: Table = text.parse().map_err(|e| format!("locale {tag}: {e}"))?;
        let mut texts = BTreeMap::new();
        flatten(&table, "", &mut texts).map_err(|name| format!("locale {tag}: {name} is no text"))?;
        Ok(Self { tag: tag.to_owned(), texts })
    }
}

fn flatten(table: &Table, prefix: &str, texts: &mut BTreeMap<String, String>) -> Result<(), String> {
    for (name, value) in table {
        let name = format!("{prefix}{name}");
        match value {
            Value::String(text) => _ = texts.insert(name, text.clone()),
            Value::Table(inner) => flatten(inner, &format!("{name}."), texts)?,
            _ => return Err(name),
        }
    }
    Ok(())
}

impl Locales {
    /// Reads languages by their tags, TOML.
    ///
    /// # Errors
    /// Says which one is no table of texts.
    pub fn of(languages: &[(&str, &str)]) -> Result<Self, String> {
        languages.iter().map(|(tag, text)| Locale::parse(tag, text)).collect::<Result<_, _>>().map(Self)
    }

    /// The same, and those of a folder: a file of the same name goes over one of them, text by text.
    ///
    /// # Errors
    /// Says which one is no table of texts, or cannot be read.
    pub fn with_folder(languages: &[(&str, &str)], folder: Option<&Path>) -> Result<Self, String> {
        let Self(mut locales) = Self::of(languages)?;
        for (tag, text) in files(folder)? {
            let further = Locale::parse(&tag, &text)?;
            match locales.iter_mut().find(|known| known.tag == further.tag) {
                Some(known) => known.texts.extend(further.texts),
                None => locales.push(further),
            }
        }
        Ok(Self(locales))
    }

    /// Whether no language lacks a text that another has.
    pub fn have_the_same_texts(&self) -> bool {
        self.0.windows(2).all(|pair| pair[0].texts.keys().eq(pair[1].texts.keys()))
    }

    /// The languages.
    pub fn iter(&self) -> impl Iterator<Item = &Locale> {
        self.0.iter()
    }

    /// A text, in the fallback language where this one lacks it, and its name where nobody has it.
    pub fn text<'a>(&'a self, tag: &str, name: &'a str) -> &'a str {
        self.find(tag, name).unwrap_or(name)
    }

    /// A text of this very language.
    pub fn own(&self, tag: &str, name: &str) -> Option<&str> {
        self.0.iter().find(|locale| locale.tag == tag)?.texts.get(name).map(String::as_str)
    }

    /// A text, in the fallback language where this one lacks it.
    pub fn find(&self, tag: &str, name: &str) -> Option<&str> {
        self.own(tag, name).or_else(|| self.0.first()?.texts.get(name).map(String::as_str))
    }

    /// The first wish that there is a language for; RFC 4647 §3.4 by primary subtag.
    pub fn choose<'w>(&self, wishes: impl Iterator<Item = &'w str>) -> &str {
        let primary = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        let matching = |wish: &str| {
            let exact = self.0.iter().find(|locale| locale.tag.eq_ignore_ascii_case(wish));
            exact.or_else(|| self.0.iter().find(|locale| primary(&locale.tag) == primary(wish)))
        };
        let mut wishes = wishes;
        let chosen = wishes.find_map(matching).or_else(|| self.0.first());
        chosen.map_or("en", |locale| locale.tag.as_str())
    }
}

/// Lets templates say `t("name", client=…)`: the text in the language `lang`, with its braces filled in.
pub fn add_translations(templates: &mut Environment<'_>, locales: Arc<Locales>) {
    templates.add_function("t", move |state: &State<'_, '_>, name: &str, values: Kwargs| {
        spoken(&locales, state, name, &values)
    });
}

fn spoken(
    locales: &Locales,
    state: &State<'_, '_>,
    name: &str,
    values: &Kwargs,
) -> Result<String, minijinja::Error> {
    let language = state.lookup("lang").map(|lang| lang.to_string()).unwrap_or_default();
    let mut filled = String::new();
    let mut rest = locales.text(&language, name);
    // In one pass: a value that has braces itself is not filled in again.
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, behind)) = behind.split_once('}') else { break };
        let value: Option<minijinja::Value> = values.get(name)?;
        filled.push_str(&value.map(|value| value.to_string()).unwrap_or_default());
        rest = behind;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn files(folder: Option<&Path>) -> Result<Vec<(String, String)>, String> {
    let Some(folder) = folder.filter(|folder| folder.is_dir()) else { return Ok(Vec::new()) };
    let at = |e: std::io::Error| format!("{}: {e}", folder.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(at)? {
        let path = entry.map_err(at)?.path();
        let (Some(tag), Some("toml")) =
            (path.file_stem().and_then(|s| s.to_str()), path.extension().and_then(|e| e.to_str()))
        else {
            continue;
        };
        found.push((tag.to_owned(), std::fs::read_to_string(&path).map_err(at)?));
    }
    found.sort();
    Ok(found)
}

/// The languages of an `Accept-Language` header, the preferred first (RFC 9110 §12.5.4).
pub fn accepted(header: &str) -> Vec<&str> {
    let weighed = header.split(',').take(32).filter_map(|item| {
        let mut parts = item.split(';').map(str::trim);
        let tag = parts.next().filter(|tag| !tag.is_empty() && *tag != "*")?;
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
        (weight > 0.0).then_some((tag, weight))
    });
    let mut weighed: Vec<_> = weighed.collect();
    weighed.sort_by(|a, b| b.1.total_cmp(&a.1));
    weighed.into_iter().map(|(tag, _)| tag).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANGUAGES: [(&str, &str); 2] = [
        ("en", "language = \"English\"\n[sign_in]\ntitle = \"Sign in\""),
        ("ja", "language = \"日本語\"\n[sign_in]\ntitle = \"サインイン\""),
    ];

    #[test]
    fn languages_that_say_the_same_are_told_apart_from_others() {
        assert!(Locales::of(&LANGUAGES).unwrap().have_the_same_texts());
        let lacking = [LANGUAGES[0], ("fr", "language = \"Français\"")];
        assert!(!Locales::of(&lacking).unwrap().have_the_same_texts());
    }

    #[test]
    fn wishes_find_their_language() {
        let locales = Locales::of(&LANGUAGES).unwrap();
        let chosen = |header: &str| locales.choose(accepted(header).into_iter()).to_owned();
        assert_eq!(chosen("ja-JP,en;q=0.5"), "ja");
        assert_eq!(chosen("en;q=0.5, ja;q=0.9"), "ja");
        assert_eq!(chosen("fr, *;q=0.1"), "en");
        assert_eq!(chosen("fr, ja;q=0"), "en");
        assert_eq!(chosen(""), "en");
        assert_eq!(locales.text("ja", "no.such"), "no.such");
    }

    #[test]
    fn a_folder_adds_languages_and_replaces_texts() {
        let folder = std::env::temp_dir().join(format!("placet-locales-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("fr.toml"), "language = \"Français\"").unwrap();
        std::fs::write(folder.join("en.toml"), "[sign_in]\ntitle = \"Log in\"").unwrap();
        let locales = Locales::with_folder(&LANGUAGES, Some(&folder)).unwrap();
        assert_eq!(locales.text("fr", "language"), "Français");
        assert_eq!(locales.text("fr", "sign_in.title"), "Log in");
        assert_eq!(locales.text("ja", "sign_in.title"), "サインイン");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
