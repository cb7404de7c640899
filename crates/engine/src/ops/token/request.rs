//! POST /api/{serviceId}/auth/token

use placet_api::Reason;
use placet_api::types::TokenRequest;
use placet_base::Ttl;
use placet_base::registry::GrantType;

use super::grant::{
    ciba, client_credentials, code, device, jwt_bearer, password, pre_authorized_code, refresh,
    token_exchange,
};
use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::clients::Proving as _;
use crate::flow::evidence::{self, PresentedProof};
use crate::flow::issuing::ChosenValues;
use crate::flow::token::{Asked, Outcome};
use crate::flow::{clients, reply, subject_info};
use crate::rules::client_auth::{Authenticated, Credentials};
use crate::rules::params::{Params, Request};
use crate::tenant::Tenant;

pub async fn request(cx: &mut Cx<'_>, call: &TokenRequest) -> Result<Outcome, Fault> {
    let text = call.parameters.as_deref().ok_or(Reason::TokenParametersMissing {})?;
    let params = Params::parse(Request::Token, text)?;
    let params = params.each_once()?;
    let grant = grant_type(params)?;
    let credentials = call.credentials(params)?;
    let tenant = cx.tenant.clone();
    if let Some(grant) = of_nobody(grant, &credentials, &tenant)? {
        return match grant {
            OpenGrant::TokenExchange => Box::pin(token_exchange::exchange(cx, params, None)).await,
            OpenGrant::JwtBearer => Box::pin(jwt_bearer::judge(cx, params, None)).await,
        };
    }
    let (client, alias_used) =
        clients::authenticated(cx, (&credentials, call.discovery()), &tenant.token_auth_methods).await?;
    let grant = allowed(grant, &tenant, &client)?;
    let shown = PresentedProof {
        dpop: call.dpop.as_deref(),
        htm: call.htm.as_deref(),
        htu: call.htu.as_deref(),
        addresses: &tenant.sender.token_endpoint,
        nonce_required: call.dpop_nonce_required,
    };
    let evidence = evidence::of_request(cx, &client, credentials.certificate, shown).await?;
    let properties = reply::property_list(call.properties.clone())?;
    let asked = Asked {
        params,
        client: &client,
        alias_used,
        evidence,
        properties: reply::parse_properties(properties).ok_or(Reason::TokenPropertiesTooLarge {})?,
        jwt_claims: subject_info::object(call.jwt_at_claims.as_deref(), &Reason::JwtClaimsMalformed {})?,
        wanted: ChosenValues {
            access: Ttl::specified(call.access_token_duration),
            refresh: Ttl::specified(call.refresh_token_duration),
            access_token: call.access_token.clone().filter(|value| !value.is_empty()),
            ..ChosenValues::default()
        },
    };
    // Boxed, so that no grant carries the room of the largest.
    match grant {
        Grant::Code => Box::pin(code::redeem(cx, asked)).await,
        Grant::Refresh => Box::pin(refresh::refresh(cx, asked)).await,
        Grant::ClientCredentials => Box::pin(client_credentials::grant(cx, asked)).await,
        Grant::Password => password::open(cx, asked),
        Grant::Ciba => Box::pin(ciba::redeem(cx, asked)).await,
        Grant::Device => Box::pin(device::redeem(cx, asked)).await,
        Grant::PreAuthorizedCode => Box::pin(pre_authorized_code::redeem(cx, asked)).await,
        Grant::Open(OpenGrant::TokenExchange) => {
            Box::pin(token_exchange::exchange(cx, params, Some(asked))).await
        }
        Grant::Open(OpenGrant::JwtBearer) => Box::pin(jwt_bearer::judge(cx, params, Some(asked))).await,
    }
}

/// The grants that this release answers; a further one is a variant here.
enum Grant {
    Code,
    Refresh,
    ClientCredentials,
    Password,
    Ciba,
    Device,
    PreAuthorizedCode,
    Open(OpenGrant),
}

/// Those that may come from somebody who does not say who it is, where the service allows that.
enum OpenGrant {
    TokenExchange,
    JwtBearer,
}

impl OpenGrant {
    fn of(grant: GrantType) -> Option<Self> {
        match grant {
            GrantType::TokenExchange => Some(Self::TokenExchange),
            GrantType::JwtBearer => Some(Self::JwtBearer),
            _ => None,
        }
    }
}

/// The grant of a request that neither names a client nor proves anything.
fn of_nobody(
    grant: GrantType,
    credentials: &Credentials<'_>,
    tenant: &Tenant,
) -> Result<Option<OpenGrant>, Fault> {
    if !credentials.of_nobody()? || !tenant.grant_types.contains(&grant) {
        return Ok(None);
    }
    Ok(OpenGrant::of(grant))
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
        GrantType::Ciba => Some(Grant::Ciba),
        GrantType::DeviceCode => Some(Grant::Device),
        GrantType::TokenExchange | GrantType::JwtBearer => OpenGrant::of(grant).map(Grant::Open),
        GrantType::PreAuthorizedCode => Some(Grant::PreAuthorizedCode),
        GrantType::Implicit => None,
    };
    let able = able.filter(|_| tenant.grant_types.contains(&grant));
    let able = able.ok_or_else(|| Reason::GrantTypeUnsupported { value: value() })?;
    if !client.grant_types.contains(&grant) {
        return Err(Reason::GrantTypeNotRegistered { value: value() }.into());
    }
    if !client.general().client.grant_types.contains(grant) {
        return Err(Reason::GrantTypeRefused { value: value() }.into());
    }
    Ok(able)
}
