//! What the authorization server says about a user it has met, in usable form. Three endpoints hear it:
//! authorization/issue, backchannel/authentication/complete and device/complete.

use placet_api::Reason;
use placet_api::types::{AuthzDetails, Property};
use placet_base::ids::SubjectError;
use placet_base::{Scopes, Subject, Ttl};
use serde_json::{Map, Value};

use crate::fault::Fault;
use crate::flow::issuing::ChosenValues;
use crate::flow::reply;
use crate::records::entitlement::Terms;
use crate::records::id_token_plan::IdTokenPlan;
use crate::records::property::Properties;
use crate::rules::claims::ClaimsRequest;
use crate::rules::pairwise;
use crate::rules::rar::AuthorizationDetails;
use crate::rules::scope;
use crate::rules::verified_claims::VERIFIED_CLAIMS;
use crate::tenant::{Client, Tenant};

/// The members that the calls share.
#[derive(Default)]
pub struct Call<'a> {
    pub subject: Option<&'a str>,
    pub sub: Option<&'a str>,
    pub scopes: Option<&'a Vec<String>>,
    pub properties: Option<&'a Vec<Property>>,
    pub acr: Option<&'a str>,
    pub auth_time: Option<i64>,
    pub claims: Option<&'a str>,
    pub header: Option<&'a str>,
    pub consented_claims: Option<&'a Vec<String>>,
    pub audience_type: Option<&'a str>,
    pub jwt_claims: Option<&'a str>,
    pub session: Option<&'a str>,
    pub details: Option<&'a AuthzDetails>,
    pub access_token: Option<&'a str>,
    pub access_secs: Option<i64>,
    pub refresh_secs: Option<i64>,
}

/// The reasons of one endpoint for the same conditions.
pub struct Reasons {
    pub subject_missing: Reason,
    pub subject_too_long: Reason,
    pub subject_not_ascii: Reason,
    pub claims_malformed: Reason,
    pub header_malformed: Reason,
    pub properties_too_large: Reason,
}

pub struct SubjectInfo {
    pub subject: Subject,
    pub sub: Option<String>,
    pub scopes: Option<Scopes>,
    pub properties: Properties,
    pub acr: Option<String>,
    pub auth_time: Option<i64>,
    pub claims: Map<String, Value>,
    pub header: Map<String, Value>,
    pub consented_claims: Option<Vec<String>>,
    pub audience_as_string: bool,
    pub jwt_claims: Map<String, Value>,
    pub session: Option<String>,
    pub details: Option<AuthorizationDetails>,
    pub wanted: ChosenValues,
}

impl SubjectInfo {
    /// A fault here is the caller's.
    pub fn parse(call: &Call<'_>, tenant: &Tenant, reasons: &Reasons) -> Result<Self, Fault> {
        let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let properties = reply::parse_properties(call.properties.cloned());
        Ok(Self {
            subject: subject(call.subject, reasons)?,
            sub: text(call.sub),
            scopes: call.scopes.map(|scopes| scopes.iter().collect()),
            properties: properties.ok_or_else(|| reasons.properties_too_large.clone())?,
            acr: text(call.acr),
            auth_time: call.auth_time.filter(|time| *time > 0),
            claims: object(call.claims, &reasons.claims_malformed)?,
            header: object(call.header, &reasons.header_malformed)?,
            consented_claims: call.consented_claims.cloned().filter(|claims| !claims.is_empty()),
            audience_as_string: match call.audience_type {
                Some(form) => form == "string",
                None => tenant.tokens.audience_as_string,
            },
            jwt_claims: object(call.jwt_claims, &Reason::JwtClaimsMalformed {})?,
            session: text(call.session),
            details: call.details.map(reply::parse_details).transpose()?,
            wanted: ChosenValues {
                access: Ttl::specified(call.access_secs),
                refresh: Ttl::specified(call.refresh_secs),
                access_token: text(call.access_token),
                ..ChosenValues::default()
            },
        })
    }

    /// Without a list, the user has consented to what was asked for.
    pub fn with_consent(mut self, wish: &ClaimsRequest, scopes: &Scopes, tenant: &Tenant) -> Self {
        let supported = tenant.authorization.claims.as_ref();
        self.consented_claims.get_or_insert_with(|| {
            let mut names = wish.userinfo_names(scopes, supported);
            for name in wish.id_token_names(&Scopes::default(), false, supported) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            if wish.asks_for_verified_claims() {
                names.push(VERIFIED_CLAIMS.to_owned());
            }
            names
        });
        self
    }

    /// The scopes that were granted: those that were asked for, or those that the authorization server names instead.
    /// `openid` cannot be added, because the request decides what kind of request it is.
    pub fn granted(&self, asked: Scopes, tenant: &Tenant, client: &Client) -> Scopes {
        match &self.scopes {
            None => asked,
            Some(scopes) => scopes.clone().retained(|name| {
                asked.contains(name) || name != Scopes::OPENID && scope::allowed(name, tenant, client)
            }),
        }
    }

    /// With further claims for the ID token.
    pub fn with_claims(mut self, more: Map<String, Value>) -> Self {
        self.claims.extend(more);
        self
    }

    pub fn without_verified_claims(mut self) -> Self {
        self.claims.remove(VERIFIED_CLAIMS);
        self
    }

    /// What the client will know the user by.
    pub fn sub(&self, tenant: &Tenant, client: &Client) -> String {
        self.sub.clone().unwrap_or_else(|| pairwise::sub(&self.subject, tenant, client))
    }

    pub fn id_token(&self, nonce: Option<String>, tenant: &Tenant, client: &Client) -> IdTokenPlan {
        IdTokenPlan {
            sub: self.sub(tenant, client),
            nonce,
            acr: self.acr.clone(),
            auth_time: self.auth_time,
            claims: self.claims.clone(),
            header: self.header.clone(),
            audience_as_string: self.audience_as_string,
            session: self.session.clone(),
        }
    }

    /// The terms with what was said in them.
    pub fn into_terms(self, base: Terms) -> Terms {
        Terms {
            subject: Some(self.subject),
            properties: self.properties,
            acr: self.acr,
            auth_time: self.auth_time,
            consented_claims: self.consented_claims.unwrap_or_default(),
            session: self.session,
            jwt_claims: self.jwt_claims,
            details: self.details.unwrap_or_else(|| base.details.clone()),
            ..base
        }
    }
}

fn subject(text: Option<&str>, reasons: &Reasons) -> Result<Subject, Fault> {
    let reason = match Subject::parse(text.unwrap_or_default()) {
        Ok(subject) => return Ok(subject),
        Err(SubjectError::Empty) => &reasons.subject_missing,
        Err(SubjectError::TooLong) => &reasons.subject_too_long,
        Err(SubjectError::NotAscii) => &reasons.subject_not_ascii,
    };
    Err(reason.clone().into())
}

/// A member that carries a JSON object as text.
pub fn object(text: Option<&str>, otherwise: &Reason) -> Result<Map<String, Value>, Fault> {
    match text.filter(|text| !text.is_empty()) {
        None => Ok(Map::new()),
        Some(text) => serde_json::from_str(text).map_err(|_| otherwise.clone().into()),
    }
}
