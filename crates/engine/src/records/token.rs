//! An access token and its refresh token: one record from issuance through every refresh.
//!
//! ```text
//! live{generation} ──refresh──► live{generation + 1}
//!        └──revoke, replay────► (deleted)
//! ```
//!
//! Both values lie in one record, so that revoking one ends the other, and a refresh ends the access
//! token before it. A refresh token of an earlier generation is a replay (RFC 9700 §4.14.2), unless the
//! service answers a quick repetition as it answered the first time.

use placet_base::{RecordNumber, ServiceId, Timestamp, TokenHash};
use placet_store::{IndexEntry, Kind, Record, Sealed};
use serde::{Deserialize, Serialize};

use crate::handle::{Bearer, HandleKind};
use crate::records::entitlement::{Amendment, Entitlement};
use crate::records::id_token_plan::IdTokenPlan;
use crate::records::sealed::HoldsSealed;

#[derive(Clone, Serialize, Deserialize)]
pub struct Token {
    pub entitlement: Entitlement,
    pub access: Value,
    pub refresh: Option<Value>,
    /// The hash of the access token's JWT form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwt: Option<TokenHash>,
    pub generation: u32,
    pub issued_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refreshed_at: Option<Timestamp>,
    /// How the last refresh was answered, where it may be repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<IdempotentResponse>,
    /// What the ID token will say that is still to be made (OpenID Connect Native SSO).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token: Option<Box<IdTokenPlan>>,
    /// Values that the caller has chosen.
    #[serde(default, skip_serializing_if = "ChosenByCaller::is_none")]
    pub chosen: ChosenByCaller,
}

/// One of the two values.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Value {
    pub hash: TokenHash,
    pub expires_at: Timestamp,
}

/// The answer to a refresh, kept for a short while.
#[derive(Clone, Serialize, Deserialize)]
pub struct IdempotentResponse {
    /// The refresh token that was presented.
    pub presented: TokenHash,
    /// What else the request was made of: only the same request gets the same answer.
    pub request: String,
    pub until: Timestamp,
    /// The values that were given, sealed for [`Token::place`].
    pub answer: Sealed,
}

/// Which values are the caller's own, and lead to their record by their hash alone.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub struct ChosenByCaller {
    pub access: bool,
    pub refresh: bool,
}

impl ChosenByCaller {
    fn is_none(&self) -> bool {
        !self.access && !self.refresh
    }
}

/// Which of the two values is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenValue {
    Access,
    Refresh,
}

/// The end of an access token that never expires: 9999-12-31.
pub const NEVER: Timestamp = Timestamp(253_402_214_400_000);

impl Token {
    pub const CLIENT: &'static str = "client";
    pub const SUBJECT: &'static str = "subject";

    /// The name under which a value of the caller's choice is found by its hash.
    pub fn chosen(which: TokenValue) -> &'static str {
        match which {
            TokenValue::Access => "access",
            TokenValue::Refresh => "refresh",
        }
    }

    /// Where the answer of a refresh belongs.
    pub fn place(presented: &TokenHash) -> String {
        format!("repeat/{}", presented.encoded())
    }

    /// The refresh token, while it can be used.
    pub fn refreshable(&self, now: Timestamp) -> Option<Refreshable> {
        self.is_refreshable(now).then_some(Refreshable(()))
    }

    /// The token once its ID token is made.
    pub fn identified(self) -> Self {
        Self { id_token: None, ..self }
    }

    /// The token with what the operator changes about it.
    pub fn amended(self, by: Amendment) -> Self {
        Self { entitlement: self.entitlement.amended(by), ..self }
    }

    /// The token with a new value for its opaque form, in place of the former and its JWT.
    pub fn revalued(self, hash: TokenHash) -> Self {
        Self { access: Value { hash, ..self.access }, jwt: None, ..self }
    }

    /// The token with other ends.
    pub fn ending(self, access: Timestamp, refresh: Option<Timestamp>) -> Self {
        let refresh =
            self.refresh.map(|value| Value { expires_at: refresh.unwrap_or(value.expires_at), ..value });
        Self { access: Value { expires_at: access, ..self.access }, refresh, ..self }
    }

    /// The token after a refresh.
    pub fn refreshed(self, to: Refreshed) -> Self {
        Self {
            entitlement: to.entitlement,
            access: to.access,
            refresh: Some(to.refresh),
            jwt: to.jwt,
            generation: to.generation,
            issued_at: to.at,
            refreshed_at: Some(to.at),
            id_token: None,
            repeat: to.repeat,
            chosen: self.chosen,
        }
    }

    /// Whether the refresh token can still be used.
    pub fn is_refreshable(&self, now: Timestamp) -> bool {
        self.refresh.is_some_and(|refresh| !refresh.expires_at.is_past(now))
    }
}

/// The refresh token of a record is in force.
pub struct Refreshable(());

/// What a refresh makes of a token.
pub struct Refreshed {
    pub entitlement: Entitlement,
    pub access: Value,
    pub refresh: Value,
    pub jwt: Option<TokenHash>,
    pub generation: u32,
    pub at: Timestamp,
    pub repeat: Option<IdempotentResponse>,
}

impl Bearer for Token {
    type Kind = TokenValue;

    fn tag(which: TokenValue) -> HandleKind {
        match which {
            TokenValue::Access => HandleKind::AccessToken,
            TokenValue::Refresh => HandleKind::RefreshToken,
        }
    }

    fn hash(&self, which: TokenValue) -> Option<TokenHash> {
        match which {
            TokenValue::Access => Some(self.access.hash),
            TokenValue::Refresh => self.refresh.map(|refresh| refresh.hash),
        }
    }

    fn generation(&self) -> u32 {
        self.generation
    }
}

impl HoldsSealed for Token {
    fn sealed(&mut self, _: ServiceId, _: &RecordNumber) -> Option<(String, &mut Sealed)> {
        let repeat = self.repeat.as_mut()?;
        Some((Self::place(&repeat.presented), &mut repeat.answer))
    }
}

impl Record for Token {
    type Id = RecordNumber;
    const KIND: Kind = Kind::log("token");

    fn indexes(&self) -> Vec<IndexEntry> {
        let entry = |name, value, unique| IndexEntry { name, value, unique };
        let mut entries = vec![entry(Self::CLIENT, self.entitlement.client.to_string(), false)];
        if let Some(subject) = &self.entitlement.subject {
            entries.push(entry(Self::SUBJECT, subject.as_str().to_owned(), false));
        }
        if self.chosen.access {
            entries.push(entry(Self::chosen(TokenValue::Access), self.access.hash.encoded(), true));
        }
        if let Some(refresh) = self.refresh.filter(|_| self.chosen.refresh) {
            entries.push(entry(Self::chosen(TokenValue::Refresh), refresh.hash.encoded(), true));
        }
        entries
    }

    fn expires_at(&self) -> Option<Timestamp> {
        let refresh = self.refresh.map(|refresh| refresh.expires_at);
        Some(refresh.unwrap_or(self.access.expires_at).max(self.access.expires_at))
    }
}
