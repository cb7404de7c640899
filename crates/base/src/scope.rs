//! RFC 6749 §3.3 – scope values and sets of them.

use serde::{Deserialize, Serialize};

/// A set of scope values in the order in which they were first named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scopes(Vec<String>);

impl Scopes {
    pub const OPENID: &'static str = "openid";
    pub const OFFLINE_ACCESS: &'static str = "offline_access";

    /// Splits a `scope` parameter at spaces; repeated values are named once.
    pub fn split(text: &str) -> Self {
        text.split(' ').filter(|s| !s.is_empty()).collect()
    }

    pub fn contains(&self, scope: &str) -> bool {
        self.0.iter().any(|s| s == scope)
    }

    /// Whether every scope of `other` is also in this set.
    pub fn covers(&self, other: &Scopes) -> bool {
        other.iter().all(|s| self.contains(s))
    }

    pub fn insert(&mut self, scope: &str) {
        if !self.contains(scope) {
            self.0.push(scope.to_owned());
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a text can be a scope: one or more of %x21 / %x23-5B / %x5D-7E (RFC 6749 §3.3).
    pub fn is_token(text: &str) -> bool {
        !text.is_empty() && text.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
    }

    /// The set without the scopes that `keep` refuses.
    pub fn retained(mut self, keep: impl Fn(&str) -> bool) -> Self {
        self.0.retain(|s| keep(s));
        self
    }

    pub fn to_vec(&self) -> Vec<String> {
        self.0.clone()
    }
}

impl<S: AsRef<str>> FromIterator<S> for Scopes {
    fn from_iter<I: IntoIterator<Item = S>>(iter: I) -> Self {
        let mut scopes = Self::default();
        for scope in iter {
            scopes.insert(scope.as_ref());
        }
        scopes
    }
}

impl std::fmt::Display for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitting_drops_repetition_and_keeps_order() {
        let scopes = Scopes::split("b  a b");
        assert_eq!(scopes.to_string(), "b a");
        assert!(scopes.covers(&Scopes::split("a")));
        assert!(!scopes.covers(&Scopes::split("a c")));
    }
}
