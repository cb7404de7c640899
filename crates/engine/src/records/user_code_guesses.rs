//! How many wrong user codes were tried within a while (RFC 8628 §5.1).

use placet_base::{RecordNumber, Timestamp};
use placet_store::{IndexEntry, Kind, Record};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
pub struct UserCodeGuesses {
    /// Which while: their number, counted from the epoch.
    pub period: i64,
    pub wrong: u32,
    pub expires_at: Timestamp,
}

impl UserCodeGuesses {
    pub const PERIOD: &'static str = "period";

    /// The first wrong code.
    pub fn first(period: i64, expires_at: Timestamp) -> Self {
        Self { period, wrong: 1, expires_at }
    }

    /// After another wrong code.
    pub fn more(self) -> Self {
        Self { wrong: self.wrong.saturating_add(1), ..self }
    }
}

impl Record for UserCodeGuesses {
    type Id = RecordNumber;
    const KIND: Kind = Kind::log("user_code_guesses");

    fn indexes(&self) -> Vec<IndexEntry> {
        vec![IndexEntry { name: Self::PERIOD, value: self.period.to_string(), unique: true }]
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}
