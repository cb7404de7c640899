//! Keys, rows and changes, as a backend sees them.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use placet_base::Timestamp;

/// How rows of a kind live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    /// Many rows, each found by a time-ordered number: tokens, codes, tickets. Such a row has at most two
    /// names that it shares with others and two of its own, given when it is inserted and never changed.
    Log,
    /// Few rows, listed and found by name as well: services, clients. A backend keeps them at hand.
    Catalogue,
}

/// What a row is about. The store knows no kinds of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kind {
    pub name: &'static str,
    pub layout: Layout,
}

impl Kind {
    pub const fn log(name: &'static str) -> Self {
        Self { name, layout: Layout::Log }
    }

    pub const fn catalogue(name: &'static str) -> Self {
        Self { name, layout: Layout::Catalogue }
    }
}

/// The kinds that came out of a store, each once: whoever has a row knows the name of its kind for as long as the process
/// lasts. There are as many as releases have had.
static NAMED: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

impl Kind {
    /// The kind that a row says it is of.
    pub fn named(name: &str, layout: Layout) -> Self {
        let mut known = NAMED.lock().unwrap_or_else(PoisonError::into_inner);
        let name = match known.get(name) {
            Some(name) => *name,
            None => {
                let name: &'static str = Box::leak(name.to_owned().into_boxed_str());
                known.insert(name);
                name
            }
        };
        Self { name, layout }
    }
}

/// What tells rows of one kind and service apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Id {
    /// Positive. The only form for [`Layout::Log`].
    Number(i64),
    Name(String),
}

/// The service is part of every key, so that no tenant can reach another's row. Service 0 is the
/// installation itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    pub kind: Kind,
    pub service: i64,
    pub id: Id,
}

/// The version of a row that has just been inserted; each replacement makes it one more.
pub const FIRST_VERSION: i64 = 1;

/// A stored row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// 1 when inserted, one more with each replacement.
    pub version: i64,
    /// Shared by caches, and taken over where nobody shares it.
    pub body: Bytes,
}

/// A name under which a row is found besides its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexEntry {
    pub name: &'static str,
    pub value: String,
    /// No other row of the kind and service may carry the same entry.
    pub unique: bool,
}

/// A name as a column of the log holds it.
pub fn log_name(name: &str, value: &str) -> String {
    format!("{name}={value}")
}

/// The columns of a log row's names: two that many rows may share, two of its own. `None` when there are
/// more than the log has room for.
pub fn log_names(indexes: &[IndexEntry]) -> Option<[Option<String>; 4]> {
    let (mut names, mut shared, mut own) = ([const { None }; 4], 0..2, 2..4);
    for entry in indexes {
        let column = if entry.unique { own.next() } else { shared.next() }?;
        names[column] = Some(log_name(entry.name, &entry.value));
    }
    Some(names)
}

/// Which rows to find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexKey {
    pub kind: Kind,
    pub service: i64,
    /// Name and value of an entry; `None` finds every row of the kind and service. Of a log kind these are the
    /// rows that share a name with others: the rest is never listed.
    pub entry: Option<(&'static str, String)>,
    /// Rows with smaller numbers are left out.
    pub from: i64,
}

/// A window on a list, and how far the list is counted: counting is the one part of a page that grows with the list, so
/// whoever wants it says how much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Inclusive.
    pub start: usize,
    /// Exclusive.
    pub end: usize,
    /// Not at all if it is 0.
    pub counted: usize,
}

impl Page {
    /// A window on a list that nobody counts.
    pub const fn rows(start: usize, end: usize) -> Self {
        Self { start, end, counted: 0 }
    }

    /// How long the list is, up to `counted`, and none of its rows.
    pub const fn count(counted: usize) -> Self {
        Self { start: 0, end: 0, counted }
    }

    /// The same window, and how long the list is, up to `counted`.
    #[must_use]
    pub const fn counted(self, counted: usize) -> Self {
        Self { counted, ..self }
    }

    /// How many rows the window can show.
    pub const fn limit(self) -> usize {
        self.end.saturating_sub(self.start)
    }
}

/// A window of rows, and the size of the whole list as far as it was to be counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    pub rows: Vec<(Id, Row)>,
    pub total: usize,
}

/// A row that was come by, and not asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scanned {
    pub key: Key,
    pub row: Row,
    /// Of a log kind: a replacement has to say it again.
    pub expires_at: Option<Timestamp>,
}

/// What a step of sweeping has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swept {
    pub deleted: usize,
    /// There is more to be looked at now.
    pub more: bool,
}

/// One change of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Conflicts when the key, or a unique index entry, is taken.
    Insert { key: Key, body: Vec<u8>, indexes: Vec<IndexEntry>, expires_at: Option<Timestamp> },
    /// Conflicts unless the row is there in this version.
    Replace { key: Key, version: i64, body: Vec<u8>, indexes: Vec<IndexEntry>, expires_at: Option<Timestamp> },
    /// Conflicts unless the row is there in this version.
    Delete { key: Key, version: i64 },
}

impl Change {
    pub fn key(&self) -> &Key {
        match self {
            Change::Insert { key, .. } | Change::Replace { key, .. } | Change::Delete { key, .. } => key,
        }
    }
}

/// The backend could not answer. The texts are for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// It cannot be reached, or can neither read nor write. That passes, when somebody has seen to it.
    Away(String),
    /// More waits for it than it takes on.
    Busy(String),
    /// What it holds, or was to hold, is not what it should be: asking again changes nothing.
    Defect(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitError {
    /// A version or a unique name was not as expected; nothing was applied.
    Conflict,
    Unavailable(Unavailable),
}

impl From<Unavailable> for CommitError {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}

impl std::fmt::Display for Unavailable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Away(why) => write!(f, "the store is unavailable: {why}"),
            Self::Busy(why) => write!(f, "the store is busy: {why}"),
            Self::Defect(what) => f.write_str(what),
        }
    }
}
