//! What stands behind each result code: where it is decided, by which clause, and on which settings that depends.

// As it is generated.
#[rustfmt::skip]
mod table;

/// A result code, explained.
#[derive(Clone, Copy, Debug)]
pub struct Explained {
    /// The outcome, as the table of reasons calls it.
    pub reason: &'static str,
    /// Files of the engine that decide it, below its sources: what they are called says what they are about.
    pub rules: &'static [&'static str],
    /// Clauses of specifications that those cite for it.
    pub clauses: &'static [&'static str],
    /// Members of the service or the client that it depends on.
    pub settings: &'static [&'static str],
}

/// What stands behind a result code; nothing for a code that placet does not have.
pub fn explained(code: &str) -> Option<&'static Explained> {
    let index = table::TABLE.binary_search_by(|(known, _)| known.cmp(&code)).ok()?;
    table::TABLE.get(index).map(|(_, explained)| explained)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reasons::ROWS;

    #[test]
    fn every_result_code_is_explained() {
        for row in ROWS {
            let found = explained(row.code).unwrap_or_else(|| panic!("{}", row.code));
            assert_eq!(found.reason, row.name, "{}", row.code);
        }
        assert!(explained("A999999").is_none() && explained("").is_none());
    }

    #[test]
    fn a_code_says_what_decides_it() {
        let pushed = explained("A008306").unwrap();
        assert!(pushed.settings.contains(&"parRequired"), "{pushed:?}");
        assert!(pushed.clauses.iter().any(|clause| clause.starts_with("RFC 9126")), "{pushed:?}");
        assert!(!pushed.rules.is_empty(), "{pushed:?}");
    }
}
