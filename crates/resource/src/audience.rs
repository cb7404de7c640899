//! RFC 8707 §2 – which resource a token is meant for

use crate::challenge::Error;
use crate::protection::Admitted;

/// What tokens have to be meant for.
pub(crate) struct Audience {
    name: String,
    none_will_do: bool,
}

impl Audience {
    pub(crate) fn of(resource: &str) -> Self {
        Self { name: resource.to_owned(), none_will_do: false }
    }

    pub(crate) fn named(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// A token that is restricted to no resource will do.
    pub(crate) fn or_none(self) -> Self {
        Self { none_will_do: true, ..self }
    }

    /// What was let through so far, if it is meant for this resource.
    pub(crate) fn meant(&self, good: Admitted) -> Result<Admitted, Error> {
        let named = &good.token.audience;
        match named.iter().any(|one| is_same(one, &self.name)) || self.none_will_do && named.is_empty() {
            true => Ok(good),
            false => Err(Error::InvalidToken("The access token is for another resource.")),
        }
    }
}

/// Code point for code point, but for the path that is empty or a slash (RFC 3986 §6.2.3).
pub(crate) fn is_same(named: &str, expected: &str) -> bool {
    let rest = |uri: &str| uri.split_once("://").map(|(_, rest)| rest.trim_end_matches('/').to_owned());
    let host_only = rest(expected).is_some_and(|rest| !rest.contains(['/', '?', '#']));
    named == expected
        || host_only
            && (named.strip_suffix('/') == Some(expected) || expected.strip_suffix('/') == Some(named))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_itself_alone() {
        for (named, expected, same) in [
            ("https://rs.example/a", "https://rs.example/a", true),
            ("https://rs.example/", "https://rs.example", true),
            ("https://rs.example", "https://rs.example/", true),
            ("https://rs.example/a/", "https://rs.example/a", false),
            ("https://rs.example/a", "https://rs.example/a/b", false),
            ("https://rs.example", "https://rs.example/a", false),
            ("https://rs.example.attacker.example", "https://rs.example", false),
            ("http://rs.example", "https://rs.example", false),
            ("orders/", "orders", false),
        ] {
            assert_eq!(is_same(named, expected), same, "{named} {expected}");
        }
    }
}
