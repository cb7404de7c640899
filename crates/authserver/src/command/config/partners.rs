//! Who else is believed: issuers of assertions, other authorization servers, and workloads.

use std::collections::BTreeMap;

use crate::{AssertionGrant, AssertionIssuer, ResourceAuthorizationServer, Workload};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AssertionIssuerConfig {
    issuer: String,
    jwks_uri: String,
    /// What it is believed in: plain assertions, unless this says otherwise.
    #[serde(default = "plain")]
    grants: Vec<AssertionGrant>,
    /// `sub` or `aud_sub`: the claim with the subject of the user here.
    #[serde(default)]
    subject: SubjectClaim,
}

#[derive(Clone, Copy, Default, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum SubjectClaim {
    #[default]
    Sub,
    AudSub,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ResourceAuthorizationServerConfig {
    issuer: String,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    email: bool,
    clients: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkloadConfig {
    client: String,
    scopes: BTreeMap<String, Vec<String>>,
}

fn plain() -> Vec<AssertionGrant> {
    vec![AssertionGrant::JwtBearer]
}

impl AssertionIssuerConfig {
    pub(super) fn read(&self) -> Result<AssertionIssuer, String> {
        let by_aud_sub = self.subject == SubjectClaim::AudSub;
        if self.grants.is_empty() {
            return Err("assertion_issuer.grants: expected `jwt-bearer`, `id-jag`, or both".to_owned());
        }
        // RFC 7523 §3: what a plain assertion is about says `sub`.
        if by_aud_sub && self.grants.contains(&AssertionGrant::JwtBearer) {
            return Err(
                "assertion_issuer.subject: `aud_sub` goes with `grants = [\"id-jag\"]` alone".to_owned()
            );
        }
        let (issuer, jwks_uri, grants) = (self.issuer.clone(), self.jwks_uri.clone(), self.grants.clone());
        Ok(AssertionIssuer { issuer, jwks_uri, grants, by_aud_sub })
    }
}

impl From<&ResourceAuthorizationServerConfig> for ResourceAuthorizationServer {
    fn from(one: &ResourceAuthorizationServerConfig) -> Self {
        Self {
            issuer: one.issuer.clone(),
            scopes: one.scopes.clone(),
            email: one.email,
            clients: one.clients.clone(),
        }
    }
}

impl From<&WorkloadConfig> for Workload {
    fn from(one: &WorkloadConfig) -> Self {
        Self { client: one.client.clone(), scopes: one.scopes.clone() }
    }
}
