//! What a service was asked of late, and what was decided: a ring of rows, each with some calls, the latest in the place of
//! the oldest.

use placet_base::{RecordNumber, Timestamp, TokenHash, Ttl};
use placet_store::{IndexEntry, Kind, Record};
use serde::{Deserialize, Serialize};

use crate::budgets::{INSPECTED_ROW, INSPECTED_ROWS};

/// A call, as far as it may be shown: whoever makes one has taken the secrets out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspected {
    /// The id that its answer carries.
    pub request: u64,
    /// Milliseconds since the epoch.
    pub at: i64,
    pub micros: u64,
    pub endpoint: String,
    pub status: u16,
    pub action: Option<String>,
    pub code: Option<String>,
    pub message: Option<String>,
    pub client: Option<String>,
    pub subject: Option<String>,
    /// The token of the API.
    pub token: Option<String>,
    /// How many calls before this one were not kept.
    pub left_out: u64,
    pub asked: Vec<(String, String)>,
    pub answered: Vec<(String, String)>,
    /// The marks of what leads from call to call.
    pub marks: Vec<String>,
}

impl Inspected {
    /// The mark of a value that leads from one call to another: a code, a token, a ticket.
    pub fn mark(value: &str) -> String {
        let mut mark = TokenHash::of(value).encoded();
        mark.truncate(MARK);
        mark
    }

    /// About how many bytes it takes.
    fn size(&self) -> usize {
        let texts = [&self.action, &self.code, &self.message, &self.client, &self.subject, &self.token];
        let pairs = self.asked.iter().chain(&self.answered).map(|(name, value)| name.len() + value.len() + 4);
        let texts = texts.into_iter().flatten().map(String::len).sum::<usize>();
        texts + pairs.sum::<usize>() + self.marks.len() * (MARK + 2) + FIXED
    }
}

/// Characters of a mark: 96 bits.
const MARK: usize = 16;
/// What the numbers of a call and the names of its members take, in bytes.
const FIXED: usize = 160;

/// Some calls, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InspectedCalls {
    /// How many rows were begun before it: the place in the ring is the rest of this.
    pub sequence: u64,
    pub calls: Vec<Inspected>,
    /// How long a call is shown, in seconds.
    pub age: i64,
    /// When the last of them is shown no more.
    pub expires_at: Timestamp,
}

impl InspectedCalls {
    pub const PLACE: &'static str = "place";
    /// What all of a service are found by.
    pub const OF: (&'static str, &'static str) = ("of", "late");

    /// The place of a row in the ring.
    pub fn place(sequence: u64) -> String {
        (sequence % INSPECTED_ROWS as u64).to_string()
    }

    /// The row with as many of the calls as it has room for, at least one if it is empty; and the others.
    pub fn filled(
        sequence: u64,
        mut calls: Vec<Inspected>,
        more: &[Inspected],
        (now, age): (Timestamp, Ttl),
    ) -> (Self, &[Inspected]) {
        let mut size: usize = calls.iter().map(Inspected::size).sum();
        let fits = |call: &&Inspected| {
            let first = size == 0;
            size += call.size();
            first || size <= INSPECTED_ROW
        };
        let taken = more.iter().take_while(fits).count();
        calls.extend_from_slice(&more[..taken]);
        (Self { sequence, calls, age: age.as_secs(), expires_at: now + age }, &more[taken..])
    }

    /// The calls that are shown, and where each stands in the order of all.
    pub fn shown(self, now: Timestamp) -> impl Iterator<Item = (Place, Inspected)> {
        let (sequence, oldest) = (self.sequence, now.millis() - self.age * 1000);
        let placed = self.calls.into_iter().enumerate();
        placed.filter(move |(_, call)| call.at >= oldest).map(move |(index, call)| ((sequence, index), call))
    }
}

/// Where a call stands in the order in which calls were kept.
pub type Place = (u64, usize);

impl Record for InspectedCalls {
    type Id = RecordNumber;
    const KIND: Kind = Kind::log("inspected");

    fn indexes(&self) -> Vec<IndexEntry> {
        let (name, value) = Self::OF;
        vec![
            IndexEntry { name, value: value.to_owned(), unique: false },
            IndexEntry { name: Self::PLACE, value: Self::place(self.sequence), unique: true },
        ]
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}

/// Where the ring is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InspectedHead {
    /// Of the row that was written last.
    pub sequence: u64,
    /// With the last row: a ring that begins anew has no rows left.
    pub expires_at: Timestamp,
}

impl InspectedHead {
    pub const OF: (&'static str, &'static str) = ("head", "of");
}

impl Record for InspectedHead {
    type Id = RecordNumber;
    const KIND: Kind = Kind::log("inspected_head");

    fn indexes(&self) -> Vec<IndexEntry> {
        let (name, value) = Self::OF;
        vec![IndexEntry { name, value: value.to_owned(), unique: true }]
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(request: u64, bytes: usize) -> Inspected {
        Inspected { request, at: 5_000, message: Some("x".repeat(bytes)), ..Inspected::default() }
    }

    #[test]
    fn a_row_takes_what_it_has_room_for_and_at_least_one() {
        let when = (Timestamp(1_000), Ttl::secs(60));
        let calls: Vec<_> = (0..9).map(|n| call(n, INSPECTED_ROW / 4)).collect();
        let (row, rest) = InspectedCalls::filled(3, Vec::new(), &calls, when);
        assert_eq!((row.calls.len(), rest.len(), row.expires_at), (3, 6, Timestamp(61_000)));
        let (full, same) = InspectedCalls::filled(3, row.calls, rest, when);
        assert_eq!((full.calls.len(), same.len()), (3, 6));
        let large = [call(1, INSPECTED_ROW * 2), call(2, 1)];
        let (row, rest) = InspectedCalls::filled(4, Vec::new(), &large, when);
        assert_eq!((row.calls.len(), rest.len()), (1, 1));
    }

    #[test]
    fn places_go_round() {
        assert_eq!(InspectedCalls::place(1), InspectedCalls::place(1 + INSPECTED_ROWS as u64));
        assert_ne!(InspectedCalls::place(1), InspectedCalls::place(2));
    }

    #[test]
    fn what_is_too_old_is_not_shown() {
        let when = (Timestamp(5_000), Ttl::secs(60));
        let (row, _) = InspectedCalls::filled(0, Vec::new(), &[call(1, 1)], when);
        assert_eq!(row.clone().shown(Timestamp(65_000)).count(), 1);
        assert_eq!(row.shown(Timestamp(65_001)).count(), 0);
    }
}
