//! What others have said, kept for a while.

use quick_cache::sync::Cache;

use super::budgets::{FRESH, KEPT};

/// By where it was said, each with the end of its use in seconds since the epoch.
pub(crate) struct Kept(Cache<String, (i64, String)>);

impl Kept {
    pub(crate) fn new() -> Self {
        Self(Cache::new(KEPT))
    }

    pub(crate) fn get(&self, place: &str, now: i64) -> Option<String> {
        self.0.get(place).filter(|(until, _)| now < *until).map(|(_, text)| text)
    }

    /// Keeps it for as long as it is good, and no longer than anything is kept.
    pub(crate) fn keep(&self, place: &str, text: &str, (exp, now): (i64, i64)) {
        let fresh = i64::try_from(FRESH).unwrap_or(i64::MAX);
        let until = now.saturating_add(fresh).min(exp);
        self.0.insert(place.to_owned(), (until, text.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_used_for_so_long() {
        let kept = Kept::new();
        kept.keep("a", "long", (1_000, 100));
        kept.keep("b", "short", (110, 100));
        assert_eq!((kept.get("a", 159).as_deref(), kept.get("a", 160)), (Some("long"), None));
        assert_eq!((kept.get("b", 109).as_deref(), kept.get("b", 110)), (Some("short"), None));
        assert_eq!(kept.get("c", 100), None);
    }

    #[test]
    fn no_more_is_kept_than_so_much() {
        let kept = Kept::new();
        for number in 0..KEPT * 4 {
            kept.keep(&format!("https://{number}.example"), "said", (1_000, 100));
        }
        assert!(kept.0.len() <= KEPT, "{}", kept.0.len());
        // Nor so little that nobody would find anything.
        assert!(kept.0.len() > KEPT / 2, "{}", kept.0.len());
    }
}
