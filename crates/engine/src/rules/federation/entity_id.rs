//! OpenID Federation 1.0 §1.2, §9 – entity identifiers, and where entities publish what they say of themselves

use placet_base::url::HttpsUrl;

use crate::budgets::ENTITY_IDENTIFIER;

/// An https URL with a host, without query and fragment. Two are the same when their texts are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntityId(String);

impl EntityId {
    pub fn parse(text: &str) -> Option<Self> {
        let url = HttpsUrl::parse(text).ok()?;
        let plain = !url.has_query() && !url.has_fragment() && text.len() <= ENTITY_IDENTIFIER;
        plain.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In lower case.
    pub fn host(&self) -> String {
        let host = HttpsUrl::parse(&self.0).ok().and_then(|url| url.host().map(str::to_owned));
        host.unwrap_or_default()
    }

    /// §9: where the entity configuration is published.
    pub fn configuration_url(&self) -> String {
        format!("{}/.well-known/openid-federation", self.0.trim_end_matches('/'))
    }
}
