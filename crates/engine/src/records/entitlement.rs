//! The waist of the hourglass: what a grant has come to. Every grant ends in an [`Entitlement`], every
//! token is made from one.
//!
//! [`Terms`] are what was granted, before whoever asks for the tokens has proven anything; a code keeps
//! them. With the proofs of its grant they become an entitlement, and in no other way.

use placet_base::registry::GrantType;
use placet_base::{ClientId, Scopes, Subject};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::records::decision::Redeemed;
use crate::records::password_ticket::Judged;
use crate::records::property::Properties;
use crate::records::token::Refreshable;
use crate::rules::admission::{Admitted, Regranted};
use crate::rules::claims::ClaimsRequest;
use crate::rules::client_auth::Confidential;
use crate::rules::credential::granted::GrantedAccess;
use crate::rules::credential::offer::TransactionCodeShown;
use crate::rules::native_sso::SharedSession;
use crate::rules::rar::{self, AuthorizationDetails};
use crate::rules::redirect_uri::Matched;
use crate::rules::sender::{Binding, Bound};
use crate::rules::{pkce, resource, scope};

/// Terms, and everything proven that stands between them and tokens.
///
/// ```compile_fail,E0423
/// fn forged(terms: placet_engine::records::entitlement::Terms) {
///     placet_engine::records::entitlement::Entitlement(terms);
/// }
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Entitlement(Terms);

/// What the specification of each grant has its holder prove. A further grant is a further variant.
pub enum Proof {
    /// RFC 6749 §4.1.3, RFC 7636 §4.6: whoever redeems the code is who asked for it, and where.
    Code(pkce::Proven, Matched),
    /// RFC 6749 §4.2: what the authorization endpoint gives goes to a verified destination.
    FrontChannel(Matched),
    /// RFC 6749 §6: the refresh token is in force.
    Refresh(Refreshable),
    /// RFC 6749 §4.4: the client has proven itself.
    ClientCredentials(Confidential),
    /// RFC 6749 §4.3: the authorization server has judged the password.
    Password(Judged),
    /// CIBA Core §11, RFC 8628 §3.5: the user has agreed on another device.
    Decision(Redeemed),
    /// OpenID for Verifiable Credential Issuance 1.0 §6.1: the user has typed what goes with the offer.
    PreAuthorized(TransactionCodeShown),
    /// OpenID Connect Native SSO §4.3: the user of a shared session, whom an ID token names.
    NativeSso(SharedSession),
    /// The operator, who calls `auth/token/create`, vouches.
    Operator,
}

/// What whoever asks for the tokens has proven, all of it.
pub struct Proven {
    pub by: Proof,
    /// The client may use this grant for these scopes.
    pub admitted: Admitted,
    /// The keys that the tokens are bound to.
    pub bound: Bound,
    pub narrowed: Narrowed,
}

/// What the access token is for, of what was granted.
#[derive(Clone)]
pub struct Narrowed {
    pub scopes: scope::Narrowed,
    pub resources: resource::Narrowed,
    pub details: rar::Narrowed,
}

impl Narrowed {
    /// All that was granted, where nobody can ask for less.
    pub fn whole() -> Self {
        Self {
            scopes: scope::Narrowed::whole(),
            resources: resource::Narrowed::whole(),
            details: rar::Narrowed::whole(),
        }
    }
}

impl Entitlement {
    pub fn new(terms: Terms, proven: Proven) -> Self {
        let Proven { by: _, admitted: _, bound, narrowed } = proven;
        let granted = narrowed.scopes.into_scopes().map(|scopes| (terms.granted().clone(), scopes));
        let (granted, scopes) = match granted {
            Some((granted, scopes)) => (Some(granted), scopes),
            None => (terms.granted, terms.scopes),
        };
        Self(Terms {
            scopes,
            granted,
            binding: bound.into_binding(),
            audience: narrowed.resources.into_audience(),
            details: narrowed.details.into_details().unwrap_or(terms.details),
            ..terms
        })
    }

    pub fn terms(&self) -> &Terms {
        &self.0
    }

    /// What the operator changes about a token that exists (`auth/token/update`,
    /// `client/authorization/update`).
    pub fn amended(self, by: Amendment) -> Self {
        let (scopes, granted) = match by.scopes {
            Some(regranted) => (regranted.into_scopes(), None),
            None => (self.0.scopes, self.0.granted),
        };
        let Binding { jkt, x5t, instance } = self.0.binding;
        Self(Terms {
            scopes,
            granted,
            properties: by.properties.unwrap_or(self.0.properties),
            binding: Binding { jkt: by.jkt.or(jkt), x5t: by.x5t.or(x5t), instance },
            details: by.details.unwrap_or(self.0.details),
            for_attachment: by.for_attachment.unwrap_or(self.0.for_attachment),
            ..self.0
        })
    }
}

/// What an operator changes about a token; `None` for what stays.
#[derive(Default)]
pub struct Amendment {
    pub scopes: Option<Regranted>,
    pub properties: Option<Properties>,
    pub jkt: Option<String>,
    pub x5t: Option<String>,
    pub details: Option<AuthorizationDetails>,
    pub for_attachment: Option<bool>,
}

impl std::ops::Deref for Entitlement {
    type Target = Terms;
    fn deref(&self) -> &Terms {
        &self.0
    }
}

/// A managed grant, by its identifier and how often it was replaced.
pub struct GrantRef {
    pub id: String,
    pub generation: u32,
}

/// What was granted: to whom, for what, and what goes with it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Terms {
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
    #[serde(default, skip_serializing_if = "ClaimsRequest::is_empty")]
    pub claims: ClaimsRequest,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consented_claims: Vec<String>,
    /// The keys that the tokens are bound to.
    #[serde(default, skip_serializing_if = "Binding::is_empty")]
    pub binding: Binding,
    /// Resources of the grant (RFC 8707).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Resources of the access token, where they are fewer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "AuthorizationDetails::is_empty")]
    pub details: AuthorizationDetails,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_id: Option<String>,
    /// Which of the grants that had the identifier one after another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_generation: Option<u32>,
    /// The user's session at the authorization server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Further claims of JWT access tokens.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub jwt_claims: Map<String, Value>,
    /// For the attachments of verified claims.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub for_attachment: bool,
    /// The credentials that may be had with the access token, by their configurations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credentials: Vec<String>,
}

impl Terms {
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
            claims: ClaimsRequest::default(),
            consented_claims: Vec::new(),
            binding: Binding::default(),
            resources: Vec::new(),
            audience: None,
            details: AuthorizationDetails::default(),
            grant_id: None,
            grant_generation: None,
            session: None,
            jwt_claims: Map::new(),
            for_attachment: false,
            credentials: Vec::new(),
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

    /// What of them is about credentials.
    pub fn of_credentials(&self) -> GrantedAccess<'_> {
        GrantedAccess { offered: &self.credentials, scopes: &self.scopes, details: &self.details }
    }

    /// The terms as those of a managed grant.
    pub fn of_grant(self, grant: Option<GrantRef>) -> Self {
        let Some(GrantRef { id, generation }) = grant else { return self };
        Self { grant_id: Some(id), grant_generation: Some(generation).filter(|turn| *turn > 0), ..self }
    }

    /// The managed grant that the terms are of.
    pub fn grant(&self) -> Option<(&String, u32)> {
        Some((self.grant_id.as_ref()?, self.grant_generation.unwrap_or(0)))
    }

    /// The terms with what the caller of the token endpoint adds to them; `None` when the properties grow
    /// too large.
    pub fn with(mut self, properties: &Properties, jwt_claims: Map<String, Value>) -> Option<Self> {
        self.properties = self.properties.joined(properties)?;
        self.jwt_claims.extend(jwt_claims);
        Some(self)
    }
}
