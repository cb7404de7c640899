//! Patterns that strangers have written: bounded in number, size and work (`budgets`).

use std::cell::Cell;

use regex_lite::{Regex, RegexBuilder};

use crate::budgets::{MATCHED_TEXT, PATTERN_DEPTH, PATTERN_MEMORY, PATTERN_TEXT};

/// A compiled pattern. Its matching takes time in proportion to its size and the length of the text, both
/// of which have a limit.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

/// Why a text is no usable pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// Longer, deeper or, once compiled, larger than a pattern may be; or no regular expression at all.
    Unusable,
}

/// More text was to be matched than one request may have matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted;

/// How much text may still be held against patterns: what all patterns of a request share.
pub struct MatchBudget(Cell<Option<usize>>);

impl MatchBudget {
    /// The work that one request may make.
    pub fn of_request() -> Self {
        Self(Cell::new(Some(MATCHED_TEXT)))
    }

    /// Takes what holding a text against a pattern costs; once it is too much, nothing more is to be had.
    fn spend(&self, text: &str) -> Result<(), Exhausted> {
        self.0.set(self.0.get().and_then(|left| left.checked_sub(text.len().max(1))));
        self.unexhausted()
    }

    /// Whether no text has gone unmatched.
    pub fn unexhausted(&self) -> Result<(), Exhausted> {
        self.0.get().map(|_| ()).ok_or(Exhausted)
    }
}

impl Pattern {
    pub fn compile(text: &str) -> Result<Self, PatternError> {
        Self::built(text, text)
    }

    /// A pattern that must fit the whole of a text.
    pub fn whole(text: &str) -> Result<Self, PatternError> {
        Self::built(text, &format!("^(?:{text})$"))
    }

    fn built(text: &str, pattern: &str) -> Result<Self, PatternError> {
        if text.len() > PATTERN_TEXT {
            return Err(PatternError::Unusable);
        }
        let depth = u32::try_from(PATTERN_DEPTH).unwrap_or(u32::MAX);
        let built = RegexBuilder::new(pattern).size_limit(PATTERN_MEMORY).nest_limit(depth).build();
        built.map(Self).map_err(|_| PatternError::Unusable)
    }

    /// Whether the pattern is found in the text.
    pub fn found_in(&self, text: &str, work: &MatchBudget) -> Result<bool, Exhausted> {
        work.spend(text)?;
        Ok(self.0.is_match(text))
    }

    /// Whether the pattern is the whole of the text.
    pub fn is(&self, text: &str, work: &MatchBudget) -> Result<bool, Exhausted> {
        work.spend(text)?;
        let found = self.0.find(text);
        Ok(found.is_some_and(|found| found.start() == 0 && found.end() == text.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_explodes_is_no_pattern() {
        let nested = format!("{}a{}", "(".repeat(PATTERN_DEPTH + 2), ")".repeat(PATTERN_DEPTH + 2));
        let long = "a".repeat(PATTERN_TEXT + 1);
        for text in ["((a?){99}){999}", "(((a{30}){30}){30}){30}", "a{0,99999}", "(", &nested, &long] {
            assert_eq!(Pattern::compile(text), Err(PatternError::Unusable), "{text:.40}");
            assert_eq!(Pattern::whole(text), Err(PatternError::Unusable), "{text:.40}");
        }
        for text in ["^[A-Z]{2}$", "consent:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", &"a".repeat(100)] {
            assert!(Pattern::compile(text).is_ok() && Pattern::whole(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_pattern_is_the_whole_only_where_it_says_so() {
        let work = MatchBudget::of_request();
        let pattern = Pattern::whole("a|ab").unwrap();
        assert_eq!([pattern.is("ab", &work), pattern.is("abc", &work)], [Ok(true), Ok(false)]);
        assert_eq!(Pattern::compile("b").unwrap().found_in("abc", &work), Ok(true));
    }

    #[test]
    fn the_work_of_a_request_ends() {
        let (work, pattern) = (MatchBudget::of_request(), Pattern::compile("a").unwrap());
        let text = "b".repeat(MATCHED_TEXT / 2);
        assert_eq!(pattern.found_in(&text, &work), Ok(false));
        assert_eq!(pattern.found_in(&text, &work), Ok(false));
        assert_eq!(pattern.found_in("", &work), Err(Exhausted));
    }
}
