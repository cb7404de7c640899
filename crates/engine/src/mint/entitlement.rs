//! The waist of the hourglass: what a grant has come to. Every grant ends in an [`Entitlement`], every
//! token is made from one.

use placet_base::registry::GrantType;
use placet_base::{ClientId, Scopes, Subject};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::records::property::Properties;
use crate::rules::claims::ClaimsWish;
use crate::rules::rar::Details;
use crate::rules::sender::Binding;

#[derive(Clone, Serialize, Deserialize)]
pub struct Entitlement {
    pub client: ClientId,
    /// The client was named by its alias, which is then its identifier in tokens.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alias_used: bool,
    pub grant: GrantType,
    /// `None` when the client acts for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// What the access token covers; a refresh may have narrowed it.
    pub scopes: Scopes,
    /// What was granted, and the refresh token stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted: Option<Scopes>,
    #[serde(default, skip_serializing_if = "Properties::is_empty")]
    pub properties: Properties,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// When the user was authenticated, in seconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// What the claims parameter asked for.
    #[serde(default, skip_serializing_if = "ClaimsWish::is_empty")]
    pub claims: ClaimsWish,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consented_claims: Vec<String>,
    /// The keys that the tokens are bound to.
    #[serde(default, skip_serializing_if = "Binding::is_none")]
    pub binding: Binding,
    /// Resources of the grant (RFC 8707).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Resources of the access token, where they are fewer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Details::is_empty")]
    pub details: Details,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_id: Option<String>,
    /// The user's session at the authorization server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Further claims of JWT access tokens.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub jwt_claims: Map<String, Value>,
    /// For the attachments of verified claims.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub for_attachment: bool,
}

impl Entitlement {
    /// Of a client for itself; a grant adds what it knows besides.
    pub fn new(client: ClientId, alias_used: bool, grant: GrantType) -> Self {
        Self {
            client,
            alias_used,
            grant,
            subject: None,
            scopes: Scopes::default(),
            granted: None,
            properties: Properties::default(),
            acr: None,
            auth_time: None,
            claims: ClaimsWish::default(),
            consented_claims: Vec::new(),
            binding: Binding::default(),
            resources: Vec::new(),
            audience: None,
            details: Details::default(),
            grant_id: None,
            session: None,
            jwt_claims: Map::new(),
            for_attachment: false,
        }
    }

    /// What a refresh token stands for.
    pub fn granted(&self) -> &Scopes {
        self.granted.as_ref().unwrap_or(&self.scopes)
    }

    /// What the access token is for.
    pub fn audience(&self) -> &[String] {
        self.audience.as_deref().unwrap_or(&self.resources)
    }
}
