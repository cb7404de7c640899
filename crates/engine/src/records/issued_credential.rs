//! A credential with an entry in a status list (Token Status List §6.2): who has which, so that no entry is given twice, and
//! what was issued is found again. The status itself stands in the list.

use placet_base::{RecordNumber, Subject, Timestamp, TokenHash};
use placet_store::{IndexEntry, Kind, Record};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
pub struct IssuedCredential {
    /// Of what the issuer has signed.
    pub hash: TokenHash,
    /// Its list.
    pub list: i64,
    /// Its entry there.
    pub idx: usize,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// When the entry is of no use any more: the credential has expired for every verifier, and the list is not open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl IssuedCredential {
    pub const ENTRY: &'static str = "entry";
    pub const CREDENTIAL: &'static str = "credential";
    pub const SUBJECT: &'static str = "subject";

    /// Whether its status is of use: it has not ended.
    pub fn counts(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|at| !at.is_past(now))
    }

    /// The name of an entry.
    pub fn entry(list: i64, idx: usize) -> String {
        format!("{list}/{idx}")
    }

    /// What tells a credential from others: what of it the issuer has signed. Disclosures may be there or not (RFC 9901 §4).
    pub fn hash_of(credential: &str) -> TokenHash {
        TokenHash::of(credential.split('~').next().unwrap_or_default().trim())
    }
}

impl Record for IssuedCredential {
    type Id = RecordNumber;
    const KIND: Kind = Kind::log("issued_credential");

    fn indexes(&self) -> Vec<IndexEntry> {
        let entry = |name, value, unique| IndexEntry { name, value, unique };
        let subject = self.subject.as_ref().map(|subject| subject.as_str().to_owned());
        let named = [
            entry(Self::ENTRY, Self::entry(self.list, self.idx), true),
            entry(Self::CREDENTIAL, self.hash.encoded(), true),
        ];
        named.into_iter().chain(subject.map(|subject| entry(Self::SUBJECT, subject, false))).collect()
    }

    fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }
}
