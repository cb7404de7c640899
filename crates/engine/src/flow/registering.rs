//! The client that metadata make, whether they were sent for registration or published.

use placet_api::documents::ApiDocument;
use placet_api::types::{Client, ClientExtension};
use placet_api::{CallError, Reason};
use placet_base::ClientId;
use placet_base::registry::{ClientAuthMethod, ClientType, GrantType, ResponseType};
use placet_jose::JwkSet;
use serde_json::Value;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::client_documents::{self, Assigned};
use crate::rules::registration::{self, Checked, Metadata, ownership};
use crate::tenant::ClientDocument;

/// The document that the metadata are.
pub async fn document(cx: &Cx<'_>, metadata: Metadata) -> Result<Client, Fault> {
    let anchors = cx.tenant.document.trust_anchors.clone().unwrap_or_default();
    let keys = |issuer: &str| {
        let anchor = anchors.iter().find(|anchor| anchor.entity_id.as_deref() == Some(issuer))?;
        JwkSet::parse(anchor.jwks.as_deref()?).ok()
    };
    let metadata = registration::with_statement(metadata, &cx.tenant, cx.now, keys)?;
    let settings = &cx.tenant.registration;
    let properties = registration::properties(&metadata, &settings.custom)?;
    Checked::of(&properties, |url| cx.engine.outside.permits(url))?;
    let document: Client = Client::from_members(Value::Object(properties)).map_err(Fault::server)?;
    if let Some(uri) = document.sector_identifier_uri.as_deref().filter(|uri| !uri.is_empty()) {
        let text = cx.fetch(uri, Reason::MetadataSectorUnavailable {}).await?;
        let uris = document.redirect_uris.as_deref().unwrap_or_default();
        registration::sector_covers(&text, uris)?;
    }
    let document = ClientDocument::parse(typed(cx, document, &metadata)?, &cx.tenant.verified_claims);
    let document =
        document.map_err(|reason| Fault::caused_by(Reason::MetadataUnusable {}, reason.result_message()))?;
    Ok(document.with_defaults().into_inner())
}

/// What follows from the metadata.
fn typed(cx: &Cx<'_>, document: Client, metadata: &Metadata) -> Result<Client, Fault> {
    let method = document.token_auth_method.unwrap_or(ClientAuthMethod::ClientSecretBasic);
    let client_type = match method {
        ClientAuthMethod::None => ClientType::Public,
        ClientAuthMethod::ClientSecretBasic
        | ClientAuthMethod::ClientSecretPost
        | ClientAuthMethod::ClientSecretJwt
        | ClientAuthMethod::PrivateKeyJwt
        | ClientAuthMethod::TlsClientAuth
        | ClientAuthMethod::SelfSignedTlsClientAuth
        | ClientAuthMethod::AttestJwtClientAuth
        | ClientAuthMethod::SpiffeJwt => ClientType::Confidential,
    };
    let scope = metadata.get("scope").filter(|_| cx.tenant.registration.scope_is_requestable);
    let extension = match scope {
        None => None,
        Some(scope) => Some(limited(None, Some(requestable(cx, scope)?))),
    };
    // RFC 7591 §2: what a client leaves out has these values, and §3.2.1 tells it so.
    let grants = document.grant_types.clone().unwrap_or_else(|| vec![GrantType::AuthorizationCode]);
    let codes = grants.contains(&GrantType::AuthorizationCode);
    let responses = document.response_types.clone().or(codes.then(|| vec![ResponseType::Code]));
    Ok(Client {
        token_auth_method: Some(method),
        client_type: Some(client_type),
        grant_types: Some(grants),
        response_types: responses,
        extension,
        ..document
    })
}

/// The scopes of the service that a client's metadata name.
pub fn requestable(cx: &Cx<'_>, scope: &Value) -> Result<Vec<String>, Fault> {
    let expected = "a text".to_owned();
    let invalid = Reason::MetadataInvalid { name: "scope".to_owned(), expected };
    let names = scope.as_str().ok_or(invalid)?.split(' ').filter(|name| !name.is_empty());
    Ok(names.filter(|name| cx.tenant.scopes.get(name).is_some()).map(str::to_owned).collect())
}

/// An extension with these as the only scopes that may be asked for; with `None`, with any.
pub fn limited(extension: Option<ClientExtension>, scopes: Option<Vec<String>>) -> ClientExtension {
    ClientExtension {
        requestable_scopes_enabled: scopes.as_ref().map(|_| true),
        requestable_scopes: scopes,
        ..extension.unwrap_or_default()
    }
}

/// What becomes of a client's extension when it registers its scopes anew: it may ask for fewer than its
/// operator lets it, not for others. The rest is the operator's.
fn narrowed(former: Option<ClientExtension>, wanted: Option<ClientExtension>) -> Option<ClientExtension> {
    let (Some(former), Some(wanted)) = (&former, &wanted) else { return former.or(wanted) };
    let limit =
        former.requestable_scopes.as_ref().filter(|_| former.requestable_scopes_enabled == Some(true));
    let within = |name: &String| limit.is_none_or(|limit| limit.contains(name));
    let scopes = wanted.requestable_scopes.iter().flatten().filter(|name| within(name)).cloned();
    Some(ClientExtension {
        requestable_scopes_enabled: Some(true),
        requestable_scopes: Some(scopes.collect()),
        ..former.clone()
    })
}

/// A client that says anew what it is: what its operator says of it stays, and so does what it was given.
pub fn again(cx: &Cx<'_>, id: ClientId, former: Client, said: &Client) -> Result<Client, Fault> {
    let members = |document: &Client| client_documents::members(document).map_err(unstorable);
    let members = ownership::changed_by_client(&members(&former)?, &members(said)?);
    let document: Client = Client::from_members(Value::Object(members)).map_err(Fault::server)?;
    let values = Assigned::kept(id, &former);
    let extension = narrowed(former.extension, said.extension.clone());
    let document = client_documents::with_assigned(cx, Client { extension, ..document }, values);
    Ok(Client { locked: former.locked, ..document })
}

/// A document that could not be stored.
pub fn unstorable(error: CallError) -> Fault {
    Fault { source: error.source, ..error.reason.into() }
}
