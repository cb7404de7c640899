//! Tokens: finding the one that a value stands for, and judging whether it still means something.

use std::sync::Arc;

use placet_base::{ClientId, RecordNumber, Subject, Timestamp, TokenHash};
use placet_jose::Parsed;
use placet_store::{Loaded, Record};

use super::{Cx, Held};
use crate::budgets::TOKEN_TEXT;
use crate::fault::Fault;
use crate::handle::Bearer;
use crate::records::entitlement::Terms;
use crate::records::grant::Grant;
use crate::records::owner::Owner;
use crate::records::token::{Token, TokenValue};
use crate::tenant::Client;

/// How far the clocks of nodes may be apart, in milliseconds. What is revoked together is what was made until so long after: what
/// is made in that time has numbers above the mark.
const CLOCKS_APART: i64 = 1000;

/// How far, for a mark of a client: its tokens may have numbers that marks of its users have put ahead, which nobody can look
/// through.
const MARKS_APART: i64 = 3 * CLOCKS_APART;

/// A token that has not been revoked, and its client.
pub struct LiveToken {
    pub token: Loaded<Token>,
    pub client: Arc<Client>,
}

impl Cx<'_> {
    /// The token that a value stands for, in whichever form it was issued: opaque, JWT, or a value of the
    /// caller's choice. `None` when it is unknown, revoked, or its client gone or locked. Its expiry is
    /// for the caller to judge.
    pub async fn token(&self, which: TokenValue, value: &str) -> Result<Option<LiveToken>, Fault> {
        if value.len() > TOKEN_TEXT {
            return Ok(None);
        }
        match self.found(which, value).await? {
            Some(token) => self.live(token).await,
            None => Ok(None),
        }
    }

    async fn found(&self, which: TokenValue, value: &str) -> Result<Option<Loaded<Token>>, Fault> {
        if let Some(token) = self.bearer::<Token>(which, value).await?.and_then(Held::present) {
            return Ok(Some(token));
        }
        let hash = TokenHash::of(value);
        if which == TokenValue::Access && value.contains('.') {
            // The record's hash of the whole JWT is what proves it; its claims only lead to the record.
            let parsed = Parsed::parse(value).ok();
            let jti = parsed.as_ref().and_then(|jwt| jwt.unproven_claims().get("jti"));
            let jti = jti.and_then(serde_json::Value::as_str);
            let place = jti.and_then(|jti| self.tenant.handles.read(Token::tag(which), jti));
            if let Some(place) = place {
                let token = self.read.get::<Token>(&place.number).await?;
                return Ok(token.filter(|token| token.jwt == Some(hash)));
            }
        }
        Ok(self.read.find_one::<Token>(Token::chosen(which), &hash.encoded()).await?)
    }

    /// The token itself and its client, unless either has been revoked.
    pub async fn live(&self, token: Loaded<Token>) -> Result<Option<LiveToken>, Fault> {
        let entitlement = &token.entitlement;
        let Some(client) = self.client(entitlement.client).await?.filter(|client| !client.locked) else {
            return Ok(None);
        };
        let from = self.tokens_from(&client, entitlement.subject.as_ref()).await?;
        let stands = token.id().0 >= from && self.grant_stands(entitlement).await?;
        Ok(stands.then_some(LiveToken { token, client }))
    }

    /// Whether the managed grant that something came of is there, and has not been replaced since.
    async fn grant_stands(&self, terms: &Terms) -> Result<bool, Fault> {
        let Some((id, generation)) = terms.grant() else { return Ok(true) };
        let grant = self.read.get::<Grant>(id).await?;
        Ok(grant.is_some_and(|grant| grant.generation == generation))
    }

    /// The first number that a token of the client, of the user, may have: those before it were revoked together.
    pub(super) async fn tokens_from(&self, client: &Client, subject: Option<&Subject>) -> Result<i64, Fault> {
        let of_owner = match subject {
            Some(subject) => self.seen_owner(subject).await?.map_or(0, |owner| owner.tokens_from(client.id)),
            None => 0,
        };
        Ok(client.revoked_below.max(of_owner))
    }

    /// Whether what has this number was revoked together with all that its client, its user, or both
    /// had then, or with the grant that it came of.
    pub async fn is_revoked(
        &self,
        number: RecordNumber,
        client: &Client,
        terms: &Terms,
    ) -> Result<bool, Fault> {
        if number.0 < client.revoked_below || !self.grant_stands(terms).await? {
            return Ok(true);
        }
        let Some(subject) = &terms.subject else { return Ok(false) };
        let owner = self.seen_owner(subject).await?;
        Ok(owner.is_some_and(|owner| number.0 < owner.revoked_below(client.id)))
    }

    /// The same of something that is kept nowhere, by when it was made. What was made in the second of a revocation, or in
    /// the one after it (of a client: the three after it), is taken for older.
    pub async fn is_revoked_of(
        &self,
        made: Timestamp,
        client: &Client,
        subject: &Subject,
    ) -> Result<bool, Fault> {
        let of_user = self.seen_owner(subject).await?.map_or(0, |owner| owner.revoked_below(client.id));
        Ok(made.millis() << 20 < client.revoked_below.max(of_user))
    }

    /// The same of what somebody else has made, for a user or for the client itself.
    pub async fn is_revoked_before(
        &self,
        made: Timestamp,
        client: &Client,
        subject: Option<&Subject>,
    ) -> Result<bool, Fault> {
        match subject {
            Some(subject) => self.is_revoked_of(made, client, subject).await,
            None => Ok(made.millis() << 20 < client.revoked_below),
        }
    }

    /// What is remembered of a user.
    pub async fn owner(&self, subject: &Subject) -> Result<Option<Loaded<Owner>>, Fault> {
        Ok(self.read.get::<Owner>(subject).await?)
    }

    /// The same to be looked at: every token of a user is held against it, and it is decoded once for as long as it stays as it is.
    /// Such a row is never removed, so that a version stands for one content.
    pub(super) async fn seen_owner(&self, subject: &Subject) -> Result<Option<Arc<Owner>>, Fault> {
        let Some(row) = self.read.row::<Owner>(subject).await? else { return Ok(None) };
        let known = (self.tenant.id, subject.clone());
        let owner = self.engine.owners.get_or_make(&known, row.version, || {
            Loaded::<Owner>::from_row(Owner::key(self.tenant.id, subject), &row).map(Loaded::into_value)
        })?;
        Ok(Some(owner))
    }

    /// Stages what becomes of what is remembered of a user, also when nothing was, and after another change.
    pub fn put_owner(
        &mut self,
        subject: &Subject,
        loaded: Option<Loaded<Owner>>,
        change: impl FnOnce(Owner) -> Owner,
    ) {
        let Err(change) = self.write.restage(self.tenant.id, subject, change) else { return };
        match loaded {
            Some(loaded) => {
                let next = change(loaded.value().clone());
                self.write.replace(loaded, &next);
            }
            None => self.write.insert(self.tenant.id, subject, &change(Owner::default())),
        }
    }

    /// A number for a record that must outlive every revocation until now.
    pub async fn number_above(
        &mut self,
        client: &Client,
        subject: Option<&Subject>,
    ) -> Result<RecordNumber, Fault> {
        let from = self.tokens_from(client, subject).await?;
        Ok(self.number_after(from))
    }

    /// A number that is above those of all tokens of the client, of the user, that were made until now.
    pub async fn number_above_all(
        &mut self,
        client: &Client,
        subject: Option<&Subject>,
    ) -> Result<RecordNumber, Fault> {
        let from = self.tokens_from(client, subject).await?;
        Ok(self.number_after(self.mark_after_all(from, CLOCKS_APART) - 1))
    }

    /// Where the clock is behind the mark, the time after the mark stands in for it; random bits follow either.
    fn number_after(&mut self, mark: i64) -> RecordNumber {
        let number = self.number();
        let next = ((mark >> 20) + 1) << 20;
        if number.0 <= mark { RecordNumber(next | number.0 & 0xf_ffff) } else { number }
    }

    /// A mark above the numbers of all tokens, codes and requests of a client that were made until now, at whichever node.
    pub fn mark_of_client(&self, former: i64) -> i64 {
        self.mark_after_all(former, MARKS_APART)
    }

    /// The same of a user, at one client or at all of them.
    pub async fn mark_of_user(
        &self,
        owner: Option<&Loaded<Owner>>,
        client: Option<ClientId>,
    ) -> Result<i64, Fault> {
        let of_client = match client {
            Some(client) => self.client(client).await?.map_or(0, |client| client.revoked_below),
            None => 0,
        };
        let of_user = owner.map_or(0, |owner| owner.newest_mark(client));
        Ok(self.mark_after_all(of_client.max(of_user), CLOCKS_APART))
    }

    /// Also above those that the `former` mark has put ahead of the clock, which are of the millisecond after it.
    fn mark_after_all(&self, former: i64, apart: i64) -> i64 {
        let of_clocks = (self.now.millis() + apart + 1) << 20;
        of_clocks.max(((former >> 20) + 2) << 20)
    }
}
