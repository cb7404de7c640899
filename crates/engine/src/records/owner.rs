//! What is remembered of a user: what was granted to which client, and which tokens are revoked together.
//!
//! Revoking all tokens of a user, or of a user at one client, moves a mark: what has a smaller number
//! than the mark means nothing. So it takes effect at once, however many tokens there are.

use std::collections::BTreeMap;

use placet_base::{ClientId, RecordNumber, Scopes, Subject, Timestamp};
use placet_store::{Kind, Record};
use serde::{Deserialize, Serialize};

#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Owner {
    /// Of all clients.
    #[serde(default)]
    pub revoked_below: i64,
    #[serde(default)]
    pub clients: BTreeMap<i64, UserAtClient>,
}

/// What is remembered of a user at one client.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct UserAtClient {
    #[serde(default)]
    pub revoked_below: i64,
    /// The only token, where there may be one: those with a smaller number mean nothing. Codes and requests do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_token: Option<RecordNumber>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted: Option<GrantedScopes>,
    /// The client was given grants that it manages by their identifiers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub manages: bool,
}

/// The scopes that a user has granted to a client.
#[derive(Clone, Serialize, Deserialize)]
pub struct GrantedScopes {
    pub latest: Scopes,
    /// Of all grants.
    pub merged: Scopes,
    pub modified_at: Timestamp,
}

impl Owner {
    pub fn revoked_below(&self, client: ClientId) -> i64 {
        self.clients.get(&client.0).map_or(0, |at| at.revoked_below).max(self.revoked_below)
    }

    pub fn granted(&self, client: ClientId) -> Option<&GrantedScopes> {
        self.clients.get(&client.0)?.granted.as_ref()
    }

    pub fn only_token(&self, client: ClientId) -> Option<RecordNumber> {
        self.clients.get(&client.0)?.only_token
    }

    /// The first number that a token may have.
    pub fn tokens_from(&self, client: ClientId) -> i64 {
        self.revoked_below(client).max(self.only_token(client).map_or(0, |token| token.0))
    }

    /// The first number that a token of a client may have, or of any of those that are known.
    pub fn newest_mark(&self, client: Option<ClientId>) -> i64 {
        match client {
            Some(client) => self.tokens_from(client),
            None => self
                .clients
                .keys()
                .map(|id| self.tokens_from(ClientId(*id)))
                .fold(self.revoked_below, i64::max),
        }
    }

    /// The record after a token that ends the others of its client.
    pub fn with_only_token(mut self, client: ClientId, token: RecordNumber) -> Self {
        self.clients.entry(client.0).or_default().only_token = Some(token);
        self
    }

    /// The record after a grant of `scopes`.
    pub fn with_grant(mut self, client: ClientId, scopes: &Scopes, now: Timestamp) -> Self {
        let at = self.clients.entry(client.0).or_default();
        let former = at.granted.take().map(|granted| granted.merged).unwrap_or_default();
        let merged = former.iter().chain(scopes.iter()).collect();
        at.granted = Some(GrantedScopes { latest: scopes.clone(), merged, modified_at: now });
        self
    }

    /// The clients that the user has let in and not shut out again, whether or not they hold tokens.
    pub fn let_in(&self) -> impl Iterator<Item = ClientId> {
        let let_in = self.clients.iter().filter(|(_, at)| at.granted.is_some() || at.manages);
        let_in.map(|(id, _)| ClientId(*id))
    }

    /// Whether the client was given grants to manage.
    pub fn manages(&self, client: ClientId) -> bool {
        self.clients.get(&client.0).is_some_and(|at| at.manages)
    }

    /// The record after the client was given a grant to manage, or has none any more.
    pub fn with_managed(mut self, client: ClientId, manages: bool) -> Self {
        self.clients.entry(client.0).or_default().manages = manages;
        self
    }

    /// The record without what was granted to the client.
    pub fn without_grant(mut self, client: ClientId) -> Self {
        if let Some(at) = self.clients.get_mut(&client.0) {
            at.granted = None;
        }
        self
    }

    /// The record after revoking what has a smaller number, of one client or of all.
    pub fn revoked(mut self, client: Option<ClientId>, below: i64) -> Self {
        let mark = match client {
            Some(client) => &mut self.clients.entry(client.0).or_default().revoked_below,
            None => &mut self.revoked_below,
        };
        *mark = (*mark).max(below);
        self
    }
}

impl Record for Owner {
    type Id = Subject;
    const KIND: Kind = Kind::catalogue("owner");
}
