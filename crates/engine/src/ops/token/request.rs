//! POST /api/{serviceId}/auth/token

use placet_api::Reason;
use placet_api::types::TokenRequest;
use placet_base::Ttl;
use placet_base::registry::GrantType;

use super::grant::{client_credentials, code, password, refresh};
use super::issuing::Issued;
use crate::cx::Cx;
use crate::fault::Fault;
use crate::ops::{clients, reply};
use crate::records::property::Properties;
use crate::rules::client_auth::{Authenticated, Credentials};
use crate::rules::params::{Params, Request};
use crate::tenant::Tenant;

/// What a token request comes to.
pub enum Outcome {
    Issued(Box<Issued>, Reason),
    /// The authorization server must judge a password.
    Password(Box<password::Question>),
}

/// A token request of a proven client, and what the caller adds to it.
pub struct Asked<'a> {
    pub params: &'a Params,
    pub client: &'a Authenticated,
    pub alias_used: bool,
    pub properties: Properties,
    pub lifetimes: Wanted,
}

/// Exact lifetimes that the caller wants, in place of those of the settings.
#[derive(Clone, Copy, Default)]
pub struct Wanted {
    pub access: Option<Ttl>,
    pub refresh: Option<Ttl>,
}

pub async fn request(cx: &mut Cx<'_>, call: &TokenRequest) -> Result<Outcome, Fault> {
    let text = call.parameters.as_deref().ok_or(Reason::TokenParametersMissing {})?;
    let params = Params::parse(Request::Token, text)?;
    let params = params.each_once()?;
    let grant = grant_type(params)?;
    let credentials = Credentials::new(call.client_id.as_deref(), call.client_secret.as_deref(), params);
    let (client, alias_used) =
        clients::authenticated(cx, &credentials, &cx.tenant.token_auth_methods).await?;
    let grant = allowed(grant, &cx.tenant, &client)?;
    if call.access_token.as_ref().is_some_and(|value| !value.is_empty()) {
        return Err(Reason::AccessTokenTaken {}.into());
    }
    let properties = reply::property_list(call.properties.clone())?;
    let asked = Asked {
        params,
        client: &client,
        alias_used,
        properties: reply::parse_properties(properties).ok_or(Reason::TokenPropertiesTooLarge {})?,
        lifetimes: Wanted {
            access: Ttl::specified(call.access_token_duration),
            refresh: Ttl::specified(call.refresh_token_duration),
        },
    };
    match grant {
        Grant::Code => code::redeem(cx, asked).await,
        Grant::Refresh => refresh::refresh(cx, asked).await,
        Grant::ClientCredentials => client_credentials::grant(cx, asked).await,
        Grant::Password => password::open(cx, asked),
    }
}

/// The grants that this release answers; a further one is a variant here.
enum Grant {
    Code,
    Refresh,
    ClientCredentials,
    Password,
}

fn grant_type(params: &Params) -> Result<GrantType, Fault> {
    let value = params.one("grant_type")?.ok_or(Reason::GrantTypeMissing {})?;
    let grant = GrantType::from_protocol(value).ok_or(Reason::GrantTypeInvalid {})?;
    if grant == GrantType::Implicit {
        return Err(Reason::GrantTypeImplicit {}.into());
    }
    Ok(grant)
}

fn allowed(grant: GrantType, tenant: &Tenant, client: &Authenticated) -> Result<Grant, Fault> {
    let value = || grant.protocol_name().to_owned();
    let able = match grant {
        GrantType::AuthorizationCode => Some(Grant::Code),
        GrantType::RefreshToken => Some(Grant::Refresh),
        GrantType::ClientCredentials => Some(Grant::ClientCredentials),
        GrantType::Password => Some(Grant::Password),
        _ => None,
    };
    let able = able.filter(|_| tenant.grant_types.contains(&grant));
    let able = able.ok_or_else(|| Reason::GrantTypeUnsupported { value: value() })?;
    if !client.grant_types.contains(&grant) {
        return Err(Reason::GrantTypeNotRegistered { value: value() }.into());
    }
    Ok(able)
}
