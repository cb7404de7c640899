//! The tokens of a session that applications of one device share (OpenID Connect Native SSO).

use placet_base::{RecordNumber, Timestamp};
use placet_store::{IndexEntry, Kind, Record};
use serde::{Deserialize, Serialize};

use crate::budgets::SESSION_TOKENS;
use crate::records::used_jti::UsedJti;

#[derive(Clone, Serialize, Deserialize)]
pub struct SharedSession {
    pub mark: String,
    /// The oldest first.
    pub tokens: Vec<RecordNumber>,
    /// When the last of them ends.
    pub expires_at: Timestamp,
}

impl SharedSession {
    pub const MARK: &'static str = "mark";

    /// The name under which the session is found; it does not tell the session itself.
    pub fn mark(session: &str) -> String {
        UsedJti::mark("session", "", session)
    }

    /// The session with a token, which may be one that lives longer from now on, and the oldest, which must end, where there are as many as there may be.
    pub fn joined(mut self, token: RecordNumber, until: Timestamp) -> (Self, Option<RecordNumber>) {
        self.expires_at = self.expires_at.max(until);
        if self.tokens.contains(&token) {
            return (self, None);
        }
        let oldest = (self.tokens.len() >= SESSION_TOKENS).then(|| self.tokens.remove(0));
        self.tokens.push(token);
        (self, oldest)
    }
}

impl Record for SharedSession {
    type Id = RecordNumber;
    const KIND: Kind = Kind::log("shared_session");

    fn indexes(&self) -> Vec<IndexEntry> {
        vec![IndexEntry { name: Self::MARK, value: self.mark.clone(), unique: true }]
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_token_makes_room_for_a_new_one() {
        let first =
            SharedSession { mark: String::new(), tokens: vec![RecordNumber(0)], expires_at: Timestamp(9) };
        let numbers = 1..i64::try_from(SESSION_TOKENS).unwrap();
        let full =
            numbers.fold(first, |session, number| session.joined(RecordNumber(number), Timestamp(5)).0);
        assert_eq!((full.tokens.len(), full.expires_at), (SESSION_TOKENS, Timestamp(9)));
        // One that is there already lives longer, and pushes nobody out.
        let (same, oldest) = full.clone().joined(RecordNumber(3), Timestamp(20));
        assert_eq!((same.tokens.len(), same.expires_at, oldest), (SESSION_TOKENS, Timestamp(20), None));
        let (next, oldest) = full.joined(RecordNumber(1000), Timestamp(5));
        assert_eq!((next.tokens.len(), oldest), (SESSION_TOKENS, Some(RecordNumber(0))));
    }
}
