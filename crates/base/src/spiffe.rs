//! SPIFFE IDs: names of workloads, and patterns of them.

/// The longest that an ID may be, in bytes (SPIFFE-ID §2.3).
const LONGEST: usize = 2048;

/// A pattern of SPIFFE IDs: one, or all that differ in the last segment of the path.
///
/// ```
/// use placet_base::spiffe::SpiffePattern;
///
/// let pattern = SpiffePattern::parse("spiffe://example.org/shop/*").unwrap();
/// assert!(pattern.is_met_by("spiffe://example.org/shop/till"));
/// assert!(!pattern.is_met_by("spiffe://example.org/shop/till/2"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpiffePattern {
    /// The ID, or what stands before the last segment.
    start: String,
    any_last: bool,
}

impl SpiffePattern {
    /// `None` unless it is an ID, whose last segment may be `*`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_suffix('*').filter(|start| start.ends_with('/')) {
            Some(start) => {
                is_id(start.strip_suffix('/')?).then(|| Self { start: start.to_owned(), any_last: true })
            }
            None => is_id(text).then(|| Self { start: text.to_owned(), any_last: false }),
        }
    }

    /// Whether `id` is a SPIFFE ID of the pattern. IDs are compared as they are (SPIFFE-ID §2).
    pub fn is_met_by(&self, id: &str) -> bool {
        if !self.any_last {
            return id == self.start;
        }
        is_id(id) && id.strip_prefix(&self.start).is_some_and(|last| !last.contains('/'))
    }
}

/// SPIFFE-ID §2.1, §2.2: scheme, trust domain and path, each of few characters.
fn is_id(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("spiffe://").filter(|_| text.len() <= LONGEST) else { return false };
    let mut segments = rest.split('/');
    let of_domain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._".contains(&b);
    let of_path = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
    let is_domain = |domain: &str| !domain.is_empty() && domain.len() <= 255 && domain.bytes().all(of_domain);
    let is_segment =
        |segment: &str| !segment.is_empty() && segment.bytes().all(of_path) && !matches!(segment, "." | "..");
    segments.next().is_some_and(is_domain) && segments.all(is_segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_a_trust_domain_and_a_clean_path() {
        for id in ["spiffe://example.org", "spiffe://example.org/a/B-1._", "spiffe://a_b"] {
            assert!(SpiffePattern::parse(id).is_some_and(|pattern| pattern.is_met_by(id)), "{id}");
        }
        let long = format!("spiffe://a/{}", "b".repeat(LONGEST));
        for id in [
            "",
            "spiffe://",
            "spiffe:///a",
            "https://example.org/a",
            "SPIFFE://a",
            "spiffe://Example.org",
            "spiffe://a:1/b",
            "spiffe://u@a/b",
            "spiffe://a/",
            "spiffe://a//b",
            "spiffe://a/./b",
            "spiffe://a/../b",
            "spiffe://a/b?c",
            "spiffe://a/b#c",
            "spiffe://a/%62",
            "spiffe://a/b*",
            "spiffe://*",
            "spiffe://a/*/b",
            "spiffe://a/**",
            &long,
        ] {
            assert!(SpiffePattern::parse(id).is_none(), "{id}");
        }
    }

    #[test]
    fn an_asterisk_is_one_segment() {
        let pattern = SpiffePattern::parse("spiffe://a/b/*").unwrap();
        assert!(pattern.is_met_by("spiffe://a/b/c"));
        for id in [
            "spiffe://a/b",
            "spiffe://a/b/",
            "spiffe://a/b/c/d",
            "spiffe://a/b/..",
            "spiffe://a/bc",
            "spiffe://a.b/b/c",
        ] {
            assert!(!pattern.is_met_by(id), "{id}");
        }
        assert!(!SpiffePattern::parse("spiffe://a/b").unwrap().is_met_by("spiffe://a/b/c"));
    }
}
