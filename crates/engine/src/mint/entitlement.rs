//! The waist of the hourglass: what a grant has come to. Every grant ends in an [`Entitlement`], every
//! token is made from one.

use placet_base::registry::GrantType;
use placet_base::{ClientId, Scopes, Subject};
use serde::{Deserialize, Serialize};

use crate::records::property::Properties;
use crate::rules::claims::ClaimsWish;

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
}

impl Entitlement {
    /// What a refresh token stands for.
    pub fn granted(&self) -> &Scopes {
        self.granted.as_ref().unwrap_or(&self.scopes)
    }
}
