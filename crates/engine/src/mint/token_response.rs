//! RFC 6749 §5.1, OpenID Connect Core §3.1.3.3 – the token response.

use std::borrow::Cow;

use placet_base::Scopes;
use serde_json::Map;

use crate::records::property::Properties;
use crate::rules::rar::AuthorizationDetails;

/// What a token response carries.
pub struct TokenResponseContent<'a> {
    pub access_token: &'a str,
    pub token_type: &'a str,
    /// Seconds.
    pub expires_in: i64,
    pub refresh_token: Option<&'a str>,
    pub id_token: Option<&'a str>,
    pub scopes: &'a Scopes,
    pub details: Cow<'a, AuthorizationDetails>,
    pub grant_id: Option<&'a str>,
    pub properties: &'a Properties,
    /// What a key proof carries (OpenID4VCI draft 13 §6.2), and how long it is good, in seconds.
    pub nonce: Option<(String, i64)>,
}

impl TokenResponseContent<'_> {
    pub fn json(&self) -> String {
        let mut members = Map::new();
        members.insert("access_token".into(), self.access_token.into());
        if let Some(refresh_token) = self.refresh_token {
            members.insert("refresh_token".into(), refresh_token.into());
        }
        if !self.scopes.is_empty() {
            members.insert("scope".into(), self.scopes.to_string().into());
        }
        if let Some(id_token) = self.id_token {
            members.insert("id_token".into(), id_token.into());
        }
        members.insert("token_type".into(), self.token_type.into());
        members.insert("expires_in".into(), self.expires_in.into());
        if !self.details.is_empty() {
            members.insert("authorization_details".into(), self.details.json());
        }
        if let Some(grant_id) = self.grant_id {
            members.insert("grant_id".into(), grant_id.into());
        }
        if let Some((nonce, secs)) = &self.nonce {
            members.insert("c_nonce".into(), nonce.as_str().into());
            members.insert("c_nonce_expires_in".into(), (*secs).into());
        }
        for property in self.properties.visible() {
            members.entry(property.key.clone()).or_insert_with(|| property.value.clone().into());
        }
        super::json(&members)
    }
}
