//! Finding the client of a protocol message.

use std::sync::Arc;

use placet_api::Reason;
use placet_api::types::{
    BackchannelAuthenticationRequest, DeviceAuthorizationRequest, PushedAuthorizationRequest,
    RevocationRequest, StandardIntrospectionRequest, TokenRequest,
};
use placet_base::ClientId;
use placet_base::registry::{ClientAuthMethod, GrantType};

use crate::cx::{Cx, Held, KeySet};
use crate::fault::Fault;
use crate::flow::discovered_clients::{Discovery, discovered};
use crate::flow::federated_clients;
use crate::flow::standing::{self, Counts};
use crate::records::code::Code;
use crate::records::token::TokenValue;
use crate::rules::client_auth::{self, Authenticated, AuthenticationContext, Credentials};
use crate::rules::params::Params;
use crate::rules::standing::NotCounting;
use crate::tenant::Client;

/// A call that brings what a client proves itself with.
pub trait Proving {
    /// How clients are found that are named by a URL.
    fn discovery(&self) -> Discovery;
    fn credentials<'a>(&'a self, params: &'a Params) -> Result<Credentials<'a>, Fault>;
}

macro_rules! proving {
    ($($call:ty: $discovery:expr;)*) => {$(
        impl Proving for $call {
            fn discovery(&self) -> Discovery {
                let discovery: fn(&Self) -> Discovery = $discovery;
                discovery(self)
            }

            fn credentials<'a>(&'a self, params: &'a Params) -> Result<Credentials<'a>, Fault> {
                let own = self.client_certificate.as_deref();
                let attestation = self.oauth_client_attestation.as_deref();
                let proof = self.oauth_client_attestation_pop.as_deref();
                Ok(Credentials::new(self.client_id.as_deref(), self.client_secret.as_deref(), params)
                    .with_certificate(own, self.client_certificate_path.as_ref())?
                    .with_attestation(attestation, proof))
            }
        }
    )*};
}

proving! {
    BackchannelAuthenticationRequest: |call| Discovery::by(call.cimd_options.as_ref());
    DeviceAuthorizationRequest: |call| Discovery::by(call.cimd_options.as_ref());
    PushedAuthorizationRequest: |_| Discovery::default().with_objects();
    RevocationRequest: |_| Discovery::default().continuing();
    StandardIntrospectionRequest: |_| Discovery::default().continuing();
    TokenRequest: |call| Discovery::by(call.cimd_options.as_ref()).continuing();
}

/// A client and the way in which it was named.
pub struct IdentifiedClient {
    pub client: Arc<Client>,
    pub alias_used: bool,
}

/// The client that an operator names: a number goes before an alias.
pub async fn named(cx: &Cx<'_>, identifier: &str) -> Result<Option<IdentifiedClient>, Fault> {
    // Nobody is named by saying so.
    if let Some(id) = ClientId::parse(identifier).filter(|id| *id != Client::NOBODY)
        && let Some(client) = cx.client(id).await?
    {
        return Ok(Some(IdentifiedClient { alias_used: client.has_url_alone(), client }));
    }
    let known = match cx.client_by_alias(identifier).await? {
        Some(known) => Some(known),
        None => match cx.client_by_location(identifier).await? {
            Some(known) => Some(known),
            None => cx.client_by_entity(identifier).await?,
        },
    };
    // An alias that is switched off finds its client, but does not name it.
    let known = known.filter(|client| client.alias.as_deref() == Some(identifier));
    Ok(known.map(|client| IdentifiedClient { client, alias_used: true }))
}

/// The client that a request from outside names. One that says at a URL what it is has that name alone: only so is it
/// known that it still says it.
pub async fn of_request(
    cx: &mut Cx<'_>,
    identifier: &str,
    (discovery, params): (Discovery, &Params),
) -> Result<Option<IdentifiedClient>, Fault> {
    let named = named(cx, identifier).await?.filter(|named| !named.client.has_url_alone());
    if let Some(named) = named {
        return Ok(Some(IdentifiedClient { client: current(cx, named.client)?, ..named }));
    }
    let client = match vouched_for(cx, identifier, (params, discovery.takes_objects())).await? {
        Some(client) => Some(client),
        None => discovered(cx, identifier, discovery).await?,
    };
    Ok(client.map(|client| IdentifiedClient { client, alias_used: true }))
}

/// The client that a federation vouches for. Where a URL may also be that of a metadata document, a client that is known by its
/// document stays that: a superior vouches for any URL, and whoever has the URL has asked for nothing. One that is known by
/// nothing, and where no entity is found, may be such a one.
async fn vouched_for(
    cx: &mut Cx<'_>,
    identifier: &str,
    request: (&Params, bool),
) -> Result<Option<Arc<Client>>, Fault> {
    let by_document = cx.tenant.discovering.is_some();
    if by_document && cx.client_by_location(identifier).await?.is_some() {
        return Ok(None);
    }
    match Box::pin(federated_clients::unregistered(cx, identifier, request)).await {
        Err(Fault { reason: Reason::TrustChainUnresolved { entity }, .. })
            if by_document && entity == identifier && cx.client_by_entity(identifier).await?.is_none() =>
        {
            Ok(None)
        }
        found => found,
    }
}

/// OpenID Federation 1.0 §12.3: nobody is registered for longer than their trust chain is good.
fn current(cx: &Cx<'_>, client: Arc<Client>) -> Result<Arc<Client>, Fault> {
    let Some(federated) = &client.federated else { return Ok(client) };
    if federated.until.is_past(cx.now) {
        return Err(Reason::FederationRegistrationExpired {}.into());
    }
    match federated.stands(cx.tenant.federation.as_ref()) {
        true => Ok(client),
        false => Err(Reason::FederationRegistrationEnded {}.into()),
    }
}

/// The client of a request that demands authentication, proven. Its assertion is used up.
pub async fn authenticated(
    cx: &mut Cx<'_>,
    (credentials, discovery): (&Credentials<'_>, Discovery),
    supported: &[ClientAuthMethod],
) -> Result<(Authenticated, bool), Fault> {
    let named = match client_auth::identifier(credentials)? {
        Some(identifier) => {
            let named = of_request(cx, &identifier, (discovery, credentials.params)).await?;
            named.ok_or(Reason::ClientUnknown {})?
        }
        None => Box::pin(unnamed(cx, credentials)).await?.ok_or(Reason::ClientNotNamed {})?,
    };
    if named.client.locked {
        return Err(Reason::ClientLocked {}.into());
    }
    let policy = &named.client.general().client.clone();
    let keys = keys(cx, &named.client, credentials).await?;
    let tenant = cx.tenant.clone();
    let circumstances =
        AuthenticationContext { tenant: &tenant, policy, keys: keys.get(), now: cx.now, supported };
    let mut client = client_auth::authenticated(named.client, credentials, &circumstances)?;
    if let Some(standing) = client.take_standing() {
        let Counts =
            standing::counts(cx, &standing, &tenant.attestation.roots).await.map_err(not_counting)?;
    }
    if let Some(assertion) = client.take_assertion() {
        let owner = client.id.to_string();
        if !cx.first_use("assertion", &owner, &assertion.jti, assertion.until).await? {
            return Err(match client.instance() {
                Some(_) => Reason::AttestationProofReplayed {}.into(),
                None => Reason::AssertionReplayed {}.into(),
            });
        }
    }
    Ok((client, named.alias_used))
}

fn not_counting(why: NotCounting) -> Fault {
    match why {
        NotCounting::Over => Reason::AttestationOver {}.into(),
        NotCounting::Unknown(why) => Fault::caused_by(Reason::AttestationStatusUnknown {}, why),
    }
}

/// The keys that the client's method needs.
async fn keys(cx: &Cx<'_>, client: &Arc<Client>, credentials: &Credentials<'_>) -> Result<KeySet, Fault> {
    match client.authentication.method {
        ClientAuthMethod::PrivateKeyJwt => match credentials.params.one("client_assertion")? {
            Some(assertion) => cx.keys_for(client, assertion).await,
            None => Ok(KeySet::None),
        },
        ClientAuthMethod::SpiffeJwt => {
            let bundle = client.authentication.spiffe.as_ref().map(|spiffe| &spiffe.bundle_endpoint);
            match (bundle, credentials.params.one("client_assertion")?) {
                (Some(bundle), Some(svid)) => cx.bundle_for(bundle, svid).await,
                _ => Ok(KeySet::None),
            }
        }
        ClientAuthMethod::SelfSignedTlsClientAuth => {
            let shown = credentials.certificate.as_ref();
            let known = |jwk: &placet_jose::Jwk| {
                shown.is_some_and(|shown| jwk.certificate().is_some_and(|own| own.is(shown)))
            };
            cx.keys(client, |set| set.keys().iter().any(known)).await
        }
        ClientAuthMethod::None
        | ClientAuthMethod::ClientSecretBasic
        | ClientAuthMethod::ClientSecretPost
        | ClientAuthMethod::ClientSecretJwt
        | ClientAuthMethod::TlsClientAuth
        | ClientAuthMethod::AttestJwtClientAuth => Ok(KeySet::None),
    }
}

/// A public client that may leave out its identifier, found by what it presents.
async fn unnamed(cx: &Cx<'_>, credentials: &Credentials<'_>) -> Result<Option<IdentifiedClient>, Fault> {
    let grant = credentials.params.one("grant_type")?;
    if grant == Some(GrantType::PreAuthorizedCode.protocol_name()) {
        // OpenID for Verifiable Credential Issuance 1.0 §6.3
        let nobody = cx.client(Client::NOBODY).await?.ok_or(Reason::AnonymousAccessRefused {})?;
        return Ok(Some(IdentifiedClient { client: nobody, alias_used: false }));
    }
    if !cx.tenant.tokens.client_id_omissible {
        return Ok(None);
    }
    let params = credentials.params;
    let presented = match (params.one("code")?, params.one("refresh_token")?) {
        (Some(code), _) => cx.bearer::<Code>((), code).await?.and_then(Held::present).map(|code| code.client),
        (None, Some(token)) => {
            cx.token(TokenValue::Refresh, token).await?.map(|live| live.token.entitlement.client)
        }
        (None, None) => None,
    };
    let Some(id) = presented else { return Ok(None) };
    let client = cx.client(id).await?.filter(|client| client.is_public());
    let client = client.map(|client| current(cx, client)).transpose()?;
    Ok(client.map(|client| IdentifiedClient { alias_used: client.has_url_alone(), client }))
}
