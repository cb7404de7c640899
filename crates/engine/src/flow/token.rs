//! What every grant of the token endpoint is asked, and what it answers.

use std::sync::Arc;

use placet_api::Reason;
use placet_base::Scopes;
use serde_json::{Map, Value};

use crate::flow::issuing::{ChosenValues, Issued};
use crate::records::property::Properties;
use crate::rules::client_auth::Authenticated;
use crate::rules::params::Params;
use crate::rules::sender::Evidence;
use crate::tenant::Client;

/// What a token request comes to.
pub enum Outcome {
    Issued(Box<Issued>, Reason),
    /// The authorization server must judge a password.
    Password(Box<Question>),
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

/// What the authorization server is asked.
pub struct Question {
    pub ticket: String,
    pub username: String,
    pub password: String,
    pub scopes: Scopes,
    pub client: Arc<Client>,
    pub alias_used: bool,
}
