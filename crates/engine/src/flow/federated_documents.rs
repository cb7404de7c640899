//! What trust chains make of the documents of clients (OpenID Federation 1.0 §6.1, §12).

use placet_api::types::Client as Document;
use placet_base::registry::{ClientRegistrationType, ClientSource, ClientType};
use placet_base::{Scopes, Timestamp};
use serde_json::{Map, Value};

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::{client_documents, registering, trust_chains};
use crate::mint::registration::{Registered, information};
use crate::rules::federation::{At, CLIENTS, Chain, RELYING_PARTY, client};
use crate::rules::registration::Metadata;

/// A client that is to be known.
#[derive(Clone, Copy)]
pub struct Registering<'a> {
    pub chain: &'a Chain,
    pub kind: ClientRegistrationType,
    /// Seconds since the epoch.
    pub until: i64,
}

/// What the chain says of the client.
pub async fn said(cx: &Cx<'_>, registering: Registering<'_>) -> Result<(&'static str, Document), Fault> {
    let (entity_type, metadata) = registering.chain.resolved(&CLIENTS)?;
    let metadata = client::suited(metadata, registering.kind)?;
    let scopes = scopes(cx, entity_type, &metadata)?;
    let document = registering::document(cx, metadata).await?;
    let extension = scopes.map(|scopes| registering::limited(document.extension.clone(), Some(scopes)));
    Ok((entity_type, Document { extension: extension.or(document.extension), ..document }))
}

/// The scopes that a client of this type may ask for; `None` for all that there are. Superiors lay down what its `scope` may be,
/// and what the metadata of a relying party may be: who is none does not ask for what one is given (OpenID Connect Core §3.1.2.1).
fn scopes(cx: &Cx<'_>, entity_type: &str, metadata: &Metadata) -> Result<Option<Vec<String>>, Fault> {
    let named = metadata.get("scope").map(|scope| registering::requestable(cx, scope)).transpose()?;
    if entity_type == RELYING_PARTY {
        return Ok(named);
    }
    let all = || cx.tenant.scopes.names().into_iter().map(str::to_owned).collect();
    let mut scopes: Vec<String> = named.unwrap_or_else(all);
    scopes.retain(|scope| scope != Scopes::OPENID);
    Ok(Some(scopes))
}

/// The former document without the scopes that its chain has laid down: a new one says anew what they are. Others are the
/// operator's, and stay.
pub fn unlimited(cx: &Cx<'_>, former: Document) -> Document {
    let at = At { now: Timestamp(former.trust_chain_updated_at.unwrap_or_default()), ..trust_chains::at(cx) };
    let laid_down = Chain::kept(former.trust_chain.as_deref().unwrap_or_default(), at);
    let laid_down = laid_down.and_then(|chain| chain.resolved(&CLIENTS));
    let laid_down = laid_down.and_then(|(entity_type, metadata)| scopes(cx, entity_type, &metadata));
    match (&former.extension, laid_down) {
        (Some(extension), Ok(scopes)) if scopes.is_some() && extension.requestable_scopes == scopes => {
            Document { extension: Some(registering::limited(former.extension, None)), ..former }
        }
        _ => former,
    }
}

/// What the chain makes of the client: how it came, and until when it is known.
pub fn entitled(
    cx: &Cx<'_>,
    Registering { chain, kind, until }: Registering<'_>,
    document: Document,
) -> Document {
    let automatic = kind == ClientRegistrationType::Automatic;
    Document {
        automatically_registered: Some(automatic),
        explicitly_registered: Some(!automatic),
        client_source: Some(match kind {
            ClientRegistrationType::Automatic => ClientSource::AutomaticRegistration,
            ClientRegistrationType::Explicit => ClientSource::ExplicitRegistration,
        }),
        entity_id: Some(chain.subject().sub.as_str().to_owned()),
        trust_anchor_id: Some(chain.anchor_id().as_str().to_owned()),
        trust_chain: Some(chain.texts()),
        trust_chain_expires_at: Some(until.saturating_mul(1000)),
        trust_chain_updated_at: Some(cx.now.millis()),
        ..document
    }
}

/// §12.2.3: the metadata of a client as it is registered, with what it was given.
pub fn told(document: &Document) -> Result<Map<String, Value>, Fault> {
    let properties = client_documents::members(document).map_err(registering::unstorable)?;
    let client_id = document.client_id.unwrap_or_default().to_string();
    let confidential = document.client_type == Some(ClientType::Confidential);
    let secret = document.client_secret.as_deref();
    let secret = secret.filter(|_| confidential && client::has_secret(document.token_auth_method));
    let registered = Registered {
        client_id: &client_id,
        client_secret: secret,
        issued_at: document.created_at.unwrap_or_default() / 1000,
        management: None,
    };
    Ok(information(&properties, &registered))
}
