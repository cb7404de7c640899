//! OpenID Federation 1.0 §1.2, §9 – entity identifiers, and where entities publish what they say of themselves

use placet_base::url::HttpsUrl;

use crate::budgets::ENTITY_IDENTIFIER;

/// An https URL with a host, without query and fragment. Two are the same when their texts are, so that each is written in the
/// one way that URLs have (RFC 3986 §6.2.2, §6.2.3): whoever is shut out, or named in a constraint, is so however it is spelled.
/// The slash behind a host alone is part of the name, or is not: federations have both.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntityId(String);

impl EntityId {
    pub fn parse(text: &str) -> Option<Self> {
        let url = HttpsUrl::parse(text).ok()?;
        let plain = !url.has_query() && !url.has_fragment() && text.len() <= ENTITY_IDENTIFIER;
        let rooted = !url.host()?.ends_with('.');
        let normal = url.normal()?;
        let written = text == normal || normal.strip_suffix('/') == Some(text) && url.path() == "/";
        (plain && rooted && written).then(|| Self(text.to_owned()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_in_one_way() {
        for name in [
            "https://rp.example",
            "https://rp.example/",
            "https://rp.example:8443/a/b",
            "https://rp.example/a%2Fb/",
        ] {
            assert!(EntityId::parse(name).is_some(), "{name}");
        }
        for name in [
            "http://rp.example",
            "https://RP.example",
            "HTTPS://rp.example",
            "https://rp.example:443",
            "https://rp.example.",
            "https://rp.example./a",
            "https://rp.example/a/../b",
            "https://rp.example/./",
            "https://rp.example/%61",
            "https://rp.example/a%2fb",
            "https://u@rp.example",
            "https://rp.example?x",
            "https://rp.example#x",
            "https://127.1",
        ] {
            assert!(EntityId::parse(name).is_none(), "{name}");
        }
    }
}
