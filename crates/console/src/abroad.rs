//! What tables of other crates say in English, in the other languages of the console: what settings do, and what is doubtful.

use placet_locale::Locales;
use placet_sdk::lint::{Finding, filled};

/// By the language: a text for each row of the tables.
const LANGUAGES: [(&str, &str); 1] = [(
    "ja",
    concat!(include_str!("../locales/settings.ja.toml"), include_str!("../locales/findings.ja.toml")),
)];

pub(crate) struct Abroad(Locales);

impl Abroad {
    pub(crate) fn load() -> Result<Self, String> {
        Locales::of(&LANGUAGES).map(Self)
    }

    /// What a setting of this kind of document (`service`, `client`) does; nothing where it is said in English.
    pub(crate) fn setting(&self, language: &str, kind: &str, member: &str) -> Option<&str> {
        self.0.own(language, &format!("{kind}.{member}"))
    }

    /// What is doubtful.
    pub(crate) fn finding(&self, language: &str, finding: &Finding) -> Option<String> {
        let sentence = self.0.own(language, &format!("rule.{}", finding.rule))?;
        Some(filled(sentence, &finding.values))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use placet_api::settings::{CLIENT, SERVICE};
    use placet_sdk::lint;

    use super::*;

    #[test]
    fn every_row_of_the_tables_has_a_text_and_no_text_is_of_none() {
        let service = SERVICE.iter().map(|setting| format!("service.{}", setting.member));
        let client = CLIENT.iter().map(|setting| format!("client.{}", setting.member));
        let rules = lint::rules().map(|rule| format!("rule.{}", rule.name));
        let wanted: BTreeSet<_> = service.chain(client).chain(rules).collect();
        for (tag, text) in LANGUAGES {
            let table: toml::Table = text.parse().unwrap();
            let of = |(kind, rows): (&String, &toml::Value)| {
                rows.as_table().unwrap().keys().map(|row| format!("{kind}.{row}")).collect::<Vec<_>>()
            };
            let there: BTreeSet<_> = table.iter().flat_map(of).collect();
            let difference: Vec<_> = there.symmetric_difference(&wanted).collect();
            assert!(difference.is_empty(), "{tag}: {difference:?}");
        }
    }
}
