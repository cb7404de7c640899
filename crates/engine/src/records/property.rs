//! Extra properties: key-value pairs that an authorization server attaches to a token.

use crate::budgets::PROPERTIES;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Property {
    pub key: String,
    pub value: String,
    /// Kept from the OAuth client; resource servers see it.
    pub hidden: bool,
}

/// Keys that the token response uses itself; a property cannot take their place.
const RESERVED: [&str; 9] = [
    "access_token",
    "token_type",
    "expires_in",
    "refresh_token",
    "scope",
    "error",
    "error_description",
    "error_uri",
    "id_token",
];

/// A set that may be stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Properties(Vec<Property>);

impl Properties {
    /// `None` when the set is too large. Reserved keys are dropped.
    pub fn parse(properties: impl IntoIterator<Item = Property>) -> Option<Self> {
        let kept =
            properties.into_iter().filter(|p| !p.key.is_empty() && !RESERVED.contains(&p.key.as_str()));
        let kept = Self(kept.collect());
        let size = serde_json::to_vec(&kept).map_or(usize::MAX, |bytes| bytes.len());
        (size <= PROPERTIES).then_some(kept)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Property> {
        self.0.iter()
    }

    pub fn visible(&self) -> impl Iterator<Item = &Property> {
        self.0.iter().filter(|p| !p.hidden)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The set with `more` added; a later property of the same key takes the place of the earlier one.
    pub fn joined(mut self, more: &Properties) -> Option<Self> {
        for property in more.iter() {
            self.0.retain(|p| p.key != property.key);
            self.0.push(property.clone());
        }
        Self::parse(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn property(key: &str, value: &str) -> Property {
        Property { key: key.into(), value: value.into(), hidden: false }
    }

    #[test]
    fn reserved_keys_are_dropped_and_size_is_bounded() {
        let kept = Properties::parse([property("scope", "x"), property("a", "1")]).unwrap();
        assert_eq!(kept.iter().map(|p| p.key.as_str()).collect::<Vec<_>>(), ["a"]);
        assert!(Properties::parse([property("a", &"x".repeat(PROPERTIES))]).is_none());
    }

    #[test]
    fn a_later_property_wins() {
        let first = Properties::parse([property("a", "1"), property("b", "1")]).unwrap();
        let more = Properties::parse([property("a", "2")]).unwrap();
        let joined = first.joined(&more).unwrap();
        assert_eq!(
            joined.iter().filter(|p| p.key == "a").map(|p| p.value.as_str()).collect::<Vec<_>>(),
            ["2"]
        );
    }
}
