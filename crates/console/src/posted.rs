//! A form that has come.

use std::sync::Arc;

use placet_sdk::form;

use crate::budgets::FIELDS;

/// The fields of a form, in their order.
#[derive(Clone, Default)]
pub(crate) struct Posted(Arc<Vec<(String, String)>>);

/// The field that shows that a form is the session's own.
pub(crate) const CSRF: &str = "csrf";
/// The field that says which version a form was made of.
pub(crate) const VERSION: &str = "version";

impl Posted {
    /// `None` when there are too many.
    pub(crate) fn parse(body: &str) -> Option<Self> {
        let fields: Vec<_> = form::pairs(body).take(FIELDS + 1).collect();
        (fields.len() <= FIELDS).then(|| Self(Arc::new(fields)))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The field as somebody has meant it; nothing for an empty one.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn version(&self) -> Option<String> {
        self.text(VERSION)
    }

    /// What is worth keeping when the form is refused: no secrets, and nothing that was of that form alone.
    pub(crate) fn kept(&self) -> Vec<(String, String)> {
        let is_kept = |name: &str| name != CSRF && name != VERSION && !name.starts_with("secret");
        self.0.iter().filter(|(name, _)| is_kept(name)).cloned().collect()
    }

    /// Whether it had secrets, which are not kept.
    pub(crate) fn had_secrets(&self) -> bool {
        self.0.iter().any(|(name, value)| name.starts_with("secret") && !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_neither_secret_nor_of_the_form_alone() {
        let posted = Posted::parse("csrf=a&version=3&name=N+1&secret.jwks=k&x=1&x=2").unwrap();
        let kept: Vec<_> = posted.kept().into_iter().map(|(name, _)| name).collect();
        assert_eq!((kept, posted.had_secrets()), (vec!["name".into(), "x".into(), "x".into()], true));
        assert_eq!(posted.text("name").as_deref(), Some("N 1"));
        assert_eq!(posted.all("x").collect::<Vec<_>>(), ["1", "2"]);
        assert!(Posted::parse(&"a=1&".repeat(FIELDS + 1)).is_none());
    }
}
