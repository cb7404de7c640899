//! The settings of services and clients as data, for whoever shows them or changes them one by one: what each is, what it is
//! called in its specification, and what it is when nobody has said. `cargo xtask settings` makes the tables of the schemas of
//! [`Service`](crate::types::Service) and [`Client`](crate::types::Client) and of `settings/annotations.txt`.

mod table;

pub use table::{CLIENT, SERVICE};

/// A member of a service or a client.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name in the document.
    pub member: &'static str,
    /// What it says.
    pub about: &'static str,
    /// What it belongs to, such as `access_tokens`.
    pub group: &'static str,
    /// Its name in its specification; empty where there is none.
    pub name: &'static str,
    /// Where it is specified; empty where it is not.
    pub clause: &'static str,
    /// What holds where it is absent, as JSON; empty for nothing.
    pub default: &'static str,
    pub kind: Kind,
    pub unit: Unit,
    /// The server says it; what is written there is not taken.
    pub is_output: bool,
    /// Nobody is shown it.
    pub is_secret: bool,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Flag,
    Number,
    Text,
    /// A text that is JSON itself.
    JsonText,
    /// One of these.
    Choice(&'static [&'static str]),
    /// Texts, in their order.
    Texts,
    /// Certificates, PEM.
    Certificates,
    /// Some of these.
    Choices(&'static [&'static str]),
    /// An object, or an array of such.
    Structure,
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    None,
    Seconds,
    /// Since the epoch.
    Milliseconds,
}

impl Setting {
    /// Whether what is looked for is in a name of it, its clause or its description, in whatever case.
    pub fn is_about(&self, text: &str) -> bool {
        let wanted = text.trim().to_lowercase();
        let texts = [self.member, self.name, self.clause, self.about];
        wanted.split_whitespace().all(|word| texts.iter().any(|text| text.to_lowercase().contains(word)))
    }
}

/// The setting of this name, in one of the tables.
pub fn named(table: &'static [Setting], member: &str) -> Option<&'static Setting> {
    table.iter().find(|setting| setting.member == member)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_found_by_each_of_its_names() {
        let found = |text: &str| -> Vec<_> {
            SERVICE.iter().filter(|setting| setting.is_about(text)).map(|setting| setting.member).collect()
        };
        assert_eq!(found("pkceS256Required"), ["pkceS256Required"]);
        assert!(found("require_pushed_authorization_requests").contains(&"parRequired"));
        assert!(found("RFC 9449 nonce").contains(&"dpopNonceRequired"));
        assert!(found("no such thing").is_empty());
    }

    #[test]
    fn defaults_are_json_of_their_kind() {
        for setting in SERVICE.iter().chain(CLIENT).filter(|setting| !setting.default.is_empty()) {
            let default: serde_json::Value = serde_json::from_str(setting.default).unwrap();
            let fits = match setting.kind {
                Kind::Flag => default.is_boolean(),
                Kind::Number => default.is_i64(),
                Kind::Text | Kind::JsonText => default.is_string(),
                Kind::Choice(choices) => default.as_str().is_some_and(|text| choices.contains(&text)),
                Kind::Choices(choices) => default.as_array().is_some_and(|all| {
                    all.iter().all(|one| one.as_str().is_some_and(|one| choices.contains(&one)))
                }),
                Kind::Texts | Kind::Certificates | Kind::Structure => default.is_array(),
            };
            assert!(fits, "{}", setting.member);
        }
    }
}
