//! What every grant of the token endpoint is asked, and what it answers.

use std::sync::Arc;

use placet_api::Reason;
use placet_base::Scopes;
use placet_base::registry::TokenType;
use serde_json::{Map, Value};

use crate::flow::issuing::{ChosenValues, Issued};
use crate::records::property::Properties;
use crate::records::token::{Token, TokenValue};
use crate::rules::client_auth::Authenticated;
use crate::rules::params::Params;
use crate::rules::sender::Evidence;
use crate::tenant::Client;

/// What a token request comes to.
pub enum Outcome {
    Issued(Box<Issued>, Reason),
    /// The authorization server must judge a password.
    Password(Box<Question>),
    /// Tokens of a shared session, for the authorization server to judge session and device.
    NativeSso(Box<SharedTokens>),
    /// The authorization server must judge an exchange of tokens.
    Exchange(Box<ExchangeQuestion>),
    /// The authorization server must judge an assertion.
    JwtGrant(Box<JwtGrantQuestion>),
}

/// A token request of a proven client, and what the caller adds to it.
pub struct Asked<'a> {
    pub params: &'a Params,
    pub client: &'a Authenticated,
    pub alias_used: bool,
    pub evidence: Evidence,
    pub properties: Properties,
    pub jwt_claims: Map<String, Value>,
    pub wanted: ChosenValues,
}

impl Asked<'_> {
    pub fn asker(&self) -> Asker {
        Some((self.client.shared(), self.alias_used))
    }
}

/// What the authorization server is asked.
pub struct Question {
    pub ticket: String,
    pub username: String,
    pub password: String,
    pub scopes: Scopes,
    pub client: Arc<Client>,
    pub alias_used: bool,
}

/// Tokens of a session that applications of one device share, and what is known of the device.
pub struct SharedTokens {
    pub issued: Issued,
    pub reason: Reason,
    pub device_secret: Option<String>,
    /// What the secret is held against.
    pub device_secret_hash: Option<String>,
}

/// Who asks; `None` where that need not be said.
pub type Asker = Option<(Arc<Client>, bool)>;

/// An exchange of tokens that the authorization server is asked about (RFC 8693).
pub struct ExchangeQuestion {
    pub asker: Asker,
    pub scopes: Scopes,
    pub resources: Vec<String>,
    pub audiences: Vec<String>,
    pub requested: Option<TokenType>,
    pub subject: BroughtToken,
    /// Whom an ID token of ours speaks of, as the authorization server knows them (for an ID-JAG).
    pub user: Option<String>,
    pub actor: Option<BroughtToken>,
}

/// A token that was brought, and what is known of it.
pub struct BroughtToken {
    pub kind: TokenType,
    pub value: String,
    /// Of tokens that this service has issued.
    pub known: Option<KnownToken>,
}

/// A token of this service.
pub struct KnownToken {
    pub which: TokenValue,
    pub token: Token,
    pub client: Arc<Client>,
}

/// A JWT as grant that the authorization server is asked about (RFC 7523 §2.1).
pub struct JwtGrantQuestion {
    pub asker: Asker,
    pub scopes: Scopes,
    pub resources: Vec<String>,
    pub assertion: String,
}
