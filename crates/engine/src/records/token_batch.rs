//! Many tokens that are made while the caller goes on.
//!
//! ```text
//! checking ──every item can be made──► creating ──every item is made──► ended{succeeded}
//!     └──an item cannot, or it was a dry run──► ended            └──an item cannot──► ended{failed}
//! ```
//!
//! A step and what it made are one commit: whoever goes on after a crash goes on where that was.

use placet_base::{RecordNumber, ServiceId, Timestamp, Ttl};
use placet_store::{IndexEntry, Kind, Record};
use serde::{Deserialize, Serialize};

/// How long a batch can be asked for, and sent again without being made again.
const KEPT: Ttl = Ttl::secs(30 * 24 * 60 * 60);

#[derive(Clone, Serialize, Deserialize)]
pub struct TokenBatch {
    pub dry_run: bool,
    pub total: usize,
    /// The rows that hold its items, in their order.
    pub parts: Vec<RecordNumber>,
    pub state: State,
    /// What it is made of, so that the same batch sent again is the same batch.
    content: String,
    pub created_at: Timestamp,
    pub modified_at: Timestamp,
}

#[derive(Clone, Serialize, Deserialize)]
pub enum State {
    /// So many items have been looked at.
    Checking {
        done: usize,
    },
    /// So many tokens have been made.
    Creating {
        done: usize,
    },
    Ended {
        outcome: Outcome,
        notification: Notification,
    },
}

#[derive(Clone, Serialize, Deserialize)]
pub enum Outcome {
    Succeeded { tokens: usize },
    Failed { tokens: usize, code: String, description: String },
}

/// Whether the operator has heard of the end.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub enum Notification {
    Owed { attempts: usize, not_before: Timestamp },
    Over,
}

impl TokenBatch {
    /// The name under which a batch is found by what it is made of.
    pub const CONTENT: &'static str = "content";

    pub fn new(
        (dry_run, content): (bool, String),
        total: usize,
        parts: Vec<RecordNumber>,
        now: Timestamp,
    ) -> Self {
        let state = State::Checking { done: 0 };
        Self { dry_run, total, parts, state, content, created_at: now, modified_at: now }
    }

    /// The batch after `more` items have been dealt with.
    pub fn advanced(self, more: usize, now: Timestamp) -> Self {
        let succeeded = |tokens| ended(Outcome::Succeeded { tokens }, now);
        let state = match self.state {
            State::Checking { done } if done + more < self.total => State::Checking { done: done + more },
            State::Checking { .. } if self.dry_run => succeeded(self.total),
            State::Checking { .. } => State::Creating { done: 0 },
            State::Creating { done } if done + more < self.total => State::Creating { done: done + more },
            State::Creating { .. } => succeeded(self.total),
            ended @ State::Ended { .. } => ended,
        };
        Self { state, modified_at: now, ..self }
    }

    /// The batch after an item that cannot be made, and `more` before it that were.
    pub fn failed(self, more: usize, (code, description): (String, String), now: Timestamp) -> Self {
        let tokens = match self.state {
            State::Creating { done } => done + more,
            State::Checking { .. } | State::Ended { .. } => 0,
        };
        let state = ended(Outcome::Failed { tokens, code, description }, now);
        Self { state, modified_at: now, ..self }
    }

    /// A batch that has failed, begun once more.
    pub fn again(self, now: Timestamp) -> Self {
        Self { state: State::Checking { done: 0 }, modified_at: now, ..self }
    }

    /// The batch after somebody was told of its end, or could not be.
    pub fn notified(self, to: Notification) -> Self {
        match self.state {
            State::Ended { outcome, .. } => {
                Self { state: State::Ended { outcome, notification: to }, ..self }
            }
            State::Checking { .. } | State::Creating { .. } => self,
        }
    }
}

fn ended(outcome: Outcome, now: Timestamp) -> State {
    State::Ended { outcome, notification: Notification::Owed { attempts: 0, not_before: now } }
}

impl Record for TokenBatch {
    type Id = RecordNumber;
    const KIND: Kind = Kind::log("token_batch");

    fn indexes(&self) -> Vec<IndexEntry> {
        vec![IndexEntry { name: Self::CONTENT, value: self.content.clone(), unique: true }]
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.created_at + KEPT)
    }
}

/// Some of the items of a batch.
#[derive(Clone, Serialize, Deserialize)]
pub struct TokenBatchPart {
    /// The requests, as the JSON text of an array.
    pub items: String,
    pub created_at: Timestamp,
}

impl Record for TokenBatchPart {
    type Id = RecordNumber;
    const KIND: Kind = Kind::log("token_batch_part");

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.created_at + KEPT)
    }
}

/// That a batch of a service is not over. It belongs to the installation, where whoever works looks for work.
#[derive(Clone, Serialize, Deserialize)]
pub struct WaitingBatch {
    pub service: ServiceId,
    pub batch: RecordNumber,
    /// Which of the places of its service it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<usize>,
}

impl WaitingBatch {
    pub const SERVICE: &'static str = "service";
    pub const PLACE: &'static str = "place";

    /// The id of the one that says it of this batch.
    pub fn id_of(service: ServiceId, batch: RecordNumber) -> String {
        format!("{service}/{}", batch.0)
    }

    pub fn id(&self) -> String {
        Self::id_of(self.service, self.batch)
    }
}

impl Record for WaitingBatch {
    type Id = String;
    const KIND: Kind = Kind::catalogue("waiting_batch");

    fn indexes(&self) -> Vec<IndexEntry> {
        let of_service = IndexEntry { name: Self::SERVICE, value: self.service.to_string(), unique: false };
        let place = self.place.map(|place| format!("{}/{place}", self.service));
        let place = place.map(|value| IndexEntry { name: Self::PLACE, value, unique: true });
        [of_service].into_iter().chain(place).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store has a unique name once: of two batches that come at once to one place, one has to go on looking.
    #[test]
    fn a_place_is_of_one_batch() {
        let name = |service: i64, batch: i64, place: usize| {
            let (service, batch) = (ServiceId(service), RecordNumber(batch));
            let names = WaitingBatch { service, batch, place: Some(place) }.indexes();
            names.into_iter().find(|name| name.unique).map(|name| (name.name, name.value))
        };
        assert!(name(1, 1, 0).is_some());
        assert_eq!(name(1, 1, 0), name(1, 2, 0));
        assert_ne!(name(1, 1, 0), name(1, 2, 1));
        assert_ne!(name(1, 1, 0), name(2, 1, 0));
    }
}
