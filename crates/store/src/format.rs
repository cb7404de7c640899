//! The formats of a store's tables, and which release may serve which.
//!
//! A format is a number; each is what its step adds to the one before. A store says which format it has, and since which
//! format releases can serve it as it is: so the release before a change goes on beside the one that has made it, and one
//! that is too old for it is refused.

/// What a format adds to the one before it.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Statements, each of which ends with a semicolon.
    pub statements: &'static str,
    /// The first format whose releases can still read and write what this step leaves. Less than the format itself only
    /// where [`expands`] finds nothing against it.
    pub readable_since: i64,
}

/// The step after which rows of log kinds may be compact: no table changes, but former releases cannot read them.
pub const COMPACT_ROWS: &str = "";

/// The step after which the keys that seal are in a keyring. No table changes either; a node of a former release would go on
/// sealing with a key that has been replaced meanwhile.
pub const KEYRING: &str = "";

/// What a store says of itself; nought where it is new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    pub format: i64,
    pub readable_since: i64,
}

/// What a release has to do with a store that it can serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub found: Mark,
    /// The format that this release writes.
    pub writes: i64,
    /// What is missing.
    pub steps: Vec<&'static str>,
    /// What the store says of itself afterwards.
    pub then: Mark,
}

/// A store that this release must not serve as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It was changed by a later release, and cannot be read by this one.
    Newer { found: Mark, writes: i64 },
    /// What is missing would take it from the nodes of former releases while they serve.
    Apart { found: Mark, writes: i64 },
    /// The same, and so many connections of nodes are there.
    Served { found: Mark, writes: i64, connections: i64 },
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::Newer { found, writes } => write!(
                f,
                "the store has format {}, which releases that write format {} or later can read; this release writes \
                 format {writes}: use a later one",
                found.format, found.readable_since,
            ),
            Self::Apart { found, writes } => write!(
                f,
                "the store has format {}, and this release writes format {writes}, which releases of format {} cannot \
                 read: stop all nodes and run `placet migrate`",
                found.format, found.format,
            ),
            Self::Served { found, writes, connections } => write!(
                f,
                "format {writes} cannot be read by releases of format {}, and nodes are connected to the database \
                 ({connections} connections): stop them first",
                found.format,
            ),
        }
    }
}

impl std::error::Error for Refused {}

impl Plan {
    /// # Errors
    /// When a later release has changed the store so that this one cannot read it.
    pub fn new(steps: &[Step], found: Mark) -> Result<Self, Refused> {
        let writes = i64::try_from(steps.len()).unwrap_or(i64::MAX);
        let Some(missing) = usize::try_from(found.format).ok().and_then(|format| steps.get(format..)) else {
            return match found.readable_since <= writes {
                true => Ok(Self { found, writes, steps: Vec::new(), then: found }),
                false => Err(Refused::Newer { found, writes }),
            };
        };
        let readable_since =
            missing.iter().map(|step| step.readable_since).fold(found.readable_since, i64::max);
        let steps = missing.iter().map(|step| step.statements).collect();
        Ok(Self { found, writes, steps, then: Mark { format: writes, readable_since } })
    }

    pub fn is_done(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether releases of the format that was found can serve the store afterwards. Nobody serves one that is new.
    pub fn is_shared(&self) -> bool {
        self.found.format == 0 || self.then.readable_since <= self.found.format
    }

    /// The same plan where nobody has to be stopped for it.
    ///
    /// # Errors
    /// When somebody has.
    pub fn shared(self) -> Result<Self, Refused> {
        match self.is_shared() {
            true => Ok(self),
            false => Err(Refused::Apart { found: self.found, writes: self.writes }),
        }
    }

    /// What is done, statement by statement.
    pub fn statements(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.steps.iter().flat_map(|step| parted(step))
    }
}

fn parted(statements: &str) -> impl Iterator<Item = &str> {
    statements.split(';').map(str::trim).filter(|statement| !statement.is_empty())
}

/// What of some statements keeps a former release from serving beside them; a test of each backend asks. Those that only
/// add are: a new table with its indexes, a column that may be null and has no default. Anything else (another type, a
/// constraint, something dropped or renamed, an index that is built while nobody can write) takes from the former release
/// what it counts on.
pub fn expands(statements: &'static str) -> Vec<&'static str> {
    let mut made = Vec::new();
    parted(statements)
        .filter(|statement| {
            let upper = statement.to_ascii_uppercase();
            let words: Vec<&str> = upper.split(|c: char| c.is_whitespace() || c == '(').collect();
            let only_adds = match words.as_slice() {
                ["CREATE", "TABLE", name, ..] => {
                    made.push((*name).to_owned());
                    true
                }
                ["CREATE", "INDEX", _, "ON", table, ..]
                | ["CREATE", "UNIQUE", "INDEX", _, "ON", table, ..] => made.iter().any(|name| name == table),
                ["ALTER", "TABLE", _, "ADD", "COLUMN", _, _] => true,
                _ => false,
            };
            !only_adds
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: &[Step] = &[
        Step { statements: "CREATE TABLE a (b INT8);", readable_since: 1 },
        Step { statements: "ALTER TABLE a ADD COLUMN c TEXT;", readable_since: 1 },
        Step { statements: "ALTER TABLE a DROP COLUMN b;", readable_since: 2 },
    ];

    fn found(format: i64, readable_since: i64) -> Mark {
        Mark { format, readable_since }
    }

    fn plan(writes: usize, mark: Mark) -> Result<Plan, Refused> {
        Plan::new(STEPS.get(..writes).unwrap_or_default(), mark)
    }

    #[test]
    fn a_release_serves_what_it_can_read() {
        assert!(plan(1, found(1, 1)).is_ok_and(|plan| plan.is_done()));
        // One format later, and made so that this release goes on.
        assert!(plan(1, found(2, 1)).is_ok_and(|plan| plan.is_done() && plan.then == found(2, 1)));
        assert_eq!(plan(1, found(3, 2)), Err(Refused::Newer { found: found(3, 2), writes: 1 }));
        assert!(plan(2, found(3, 2)).is_ok_and(|plan| plan.is_done()));
        assert!(plan(1, found(-1, -1)).is_ok_and(|plan| plan.is_done()));
    }

    #[test]
    fn what_would_stop_others_is_not_done_in_passing() {
        assert!(
            plan(2, found(1, 1)).is_ok_and(|plan| plan.shared().is_ok_and(|plan| plan.then == found(2, 1)))
        );
        assert!(
            plan(3, found(2, 1)).is_ok_and(|plan| plan.shared().is_ok_and(|plan| plan.then == found(3, 2)))
        );
        // Two formats at once, of which the second cannot be read by who is there.
        let apart = Refused::Apart { found: found(1, 1), writes: 3 };
        assert_eq!(plan(3, found(1, 1)).and_then(Plan::shared), Err(apart));
        assert!(plan(3, Mark::default()).is_ok_and(|plan| plan.steps.len() == 3 && plan.is_shared()));
    }

    #[test]
    fn what_only_adds_is_known() {
        for adds in [
            "CREATE TABLE a (b INT8 NOT NULL); CREATE UNIQUE INDEX c ON a (b);",
            "ALTER TABLE log ADD COLUMN d TEXT;",
            "",
        ] {
            assert!(expands(adds).is_empty(), "{adds}");
        }
        for takes in [
            "ALTER TABLE log ADD COLUMN d TEXT NOT NULL;",
            "ALTER TABLE log ADD COLUMN d TEXT DEFAULT 'x';",
            "ALTER TABLE log ALTER COLUMN d SET NOT NULL;",
            "ALTER TABLE log DROP COLUMN d;",
            "ALTER TABLE log RENAME COLUMN d TO e;",
            "CREATE INDEX c ON log (d);",
            "CREATE TABLE a (b INT8); CREATE INDEX c ON log (d);",
            "DROP TABLE log;",
            "UPDATE log SET body = '';",
        ] {
            assert_eq!(expands(takes).len(), 1, "{takes}");
        }
    }
}
