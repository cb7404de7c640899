//! Clients that are what trust chains say of them (OpenID Federation 1.0 §12).

use std::sync::Arc;

use placet_api::Reason;
use placet_api::types::Client as Document;
use placet_base::ClientId;
use placet_base::registry::{ClientRegistrationType, ClientSource, ClientType};
use placet_store::Loaded;
use serde_json::{Map, Value};

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::client_documents::{self, Assigned};
use crate::flow::{discovered_clients, registering, trust_chains};
use crate::mint::registration::{Registered, information};
use crate::records::client::ClientRecord;
use crate::rules::federation::{CLIENTS, Chain, EntityId, client, request_object};
use crate::rules::params::Params;
use crate::tenant::{Client, Federation};

/// A client that is to be known.
#[derive(Clone, Copy)]
pub struct Registering<'a> {
    pub chain: &'a Chain,
    pub kind: ClientRegistrationType,
}

/// The client that an entity is without ever having been registered (§12.1); `None` where the service lets nobody in so, or
/// the identifier is none of an entity. Its chain is looked for anew when the former one has expired.
pub async fn unregistered(
    cx: &mut Cx<'_>,
    identifier: &str,
    params: &Params,
) -> Result<Option<Arc<Client>>, Fault> {
    let kind = ClientRegistrationType::Automatic;
    let tenant = cx.tenant.clone();
    let federation = tenant.federation.as_ref().filter(|federation| federation.types.contains(&kind));
    let Some((federation, entity)) = federation.zip(EntityId::parse(identifier)) else { return Ok(None) };
    let kept = cx.read.find_one::<ClientRecord>(ClientRecord::ENTITY, entity.as_str()).await?;
    if let Some(kept) = &kept {
        let client = cx.client(*kept.id()).await?.ok_or_else(|| Fault::server("a client is gone"))?;
        let good = client
            .federated
            .as_ref()
            .is_some_and(|federated| !federated.until.is_past(cx.now) && federated.stands(Some(federation)));
        if client.locked || good {
            return Ok(Some(client));
        }
    } else {
        discovered_clients::room(cx).await?;
    }
    let chain = chain(cx, federation, &entity, params).await?;
    let revoked_below = kept.as_ref().map(|kept| kept.revoked_below()).unwrap_or_default();
    let (_, document) = stored(cx, Registering { chain: &chain, kind }, kept).await?;
    let id = ClientId(document.client_id.unwrap_or_default());
    let document = serde_json::to_value(&document).map_err(Fault::server)?;
    Client::compile(&tenant, id, document, revoked_below).map(Arc::new).map(Some)
}

/// §12.1.1.1: the chain that the request brings, or one that is looked for: the entity may know of an anchor that this
/// service does not.
async fn chain(
    cx: &Cx<'_>,
    federation: &Federation,
    entity: &EntityId,
    params: &Params,
) -> Result<Chain, Fault> {
    let brought = request_object::chain(params);
    let brought = brought.map(|texts| Chain::verified(&texts, &federation.anchors, trust_chains::at(cx)));
    match brought {
        Some(Ok(chain)) if chain.subject().sub == *entity => Ok(chain),
        Some(Ok(_)) => Err(Reason::TrustChainBroken {}.into()),
        Some(Err(fault)) if !matches!(fault.reason, Reason::TrustAnchorUnknown {}) => Err(fault),
        Some(Err(_)) | None => trust_chains::resolved(cx, federation, entity, None).await,
    }
}

/// The record of an entity whose registration has expired; none where it is new here.
///
/// # Errors
/// For an entity that has a registration.
/// COMPAT: OpenID Federation 1.0 §12.2.2-5 would end it; the hosted product refuses.
pub async fn expired(cx: &Cx<'_>, entity: &EntityId) -> Result<Option<Loaded<ClientRecord>>, Fault> {
    let known = cx.read.find_one::<ClientRecord>(ClientRecord::ENTITY, entity.as_str()).await?;
    let Some(known) = known else { return Ok(None) };
    let client = cx.client(*known.id()).await?.ok_or_else(|| Fault::server("a client is gone"))?;
    let expired = client.federated.as_ref().is_some_and(|federated| federated.until.is_past(cx.now));
    if expired { Ok(Some(known)) } else { Err(Reason::EntityIdTaken {}.into()) }
}

/// Makes the client of a chain, or makes one anew that was known before: what its operator says of it stays. Its entity
/// type comes with it.
pub async fn stored(
    cx: &mut Cx<'_>,
    registering: Registering<'_>,
    former: Option<Loaded<ClientRecord>>,
) -> Result<(&'static str, Document), Fault> {
    let (entity_type, said) = Box::pin(said(cx, registering)).await?;
    let document = match former {
        None => new(cx, registering, said)?,
        Some(former) => renewed(cx, registering, said, former)?,
    };
    Ok((entity_type, document))
}

/// What the chain says of the client.
async fn said(cx: &Cx<'_>, registering: Registering<'_>) -> Result<(&'static str, Document), Fault> {
    let (entity_type, metadata) = registering.chain.resolved(&CLIENTS)?;
    let metadata = client::suited(metadata, registering.kind)?;
    Ok((entity_type, registering::document(cx, metadata).await?))
}

fn new(cx: &mut Cx<'_>, registering: Registering<'_>, said: Document) -> Result<Document, Fault> {
    let values = Assigned::fresh(cx);
    let id = values.id;
    let document = entitled(cx, registering, client_documents::with_assigned(cx, said, values));
    let record = client_documents::sealed(cx, id, &document).map_err(registering::unstorable)?;
    cx.write.insert(cx.tenant.id, &id, &record);
    Ok(document)
}

fn renewed(
    cx: &mut Cx<'_>,
    registering: Registering<'_>,
    said: Document,
    record: Loaded<ClientRecord>,
) -> Result<Document, Fault> {
    let id = *record.id();
    let former: Document = serde_json::from_value(cx.opened_client(id, &record)?).map_err(Fault::server)?;
    let former = of_same_anchor(cx, registering.chain, former)?;
    let document = entitled(cx, registering, registering::again(cx, id, former, &said)?);
    let next = client_documents::sealed(cx, id, &document).map_err(registering::unstorable)?;
    let next = next.revoked(record.revoked_below());
    cx.write.replace(record, &next);
    Ok(document)
}

/// The former document, where the anchor is that of its chain, or that is one no longer. What users have consented to, and what
/// the operator has said, goes with the client: whoever speaks for another anchor does not take it over while the first is
/// trusted.
fn of_same_anchor(cx: &Cx<'_>, chain: &Chain, former: Document) -> Result<Document, Fault> {
    let anchor = former.trust_anchor_id.as_deref().unwrap_or_default();
    let trusted = cx.tenant.federation.as_ref().and_then(|federation| federation.anchor(anchor));
    match trusted.is_some() && anchor != chain.anchor_id().as_str() {
        true => Err(Reason::FederationAnchorOther {}.into()),
        false => Ok(former),
    }
}

/// What the chain makes of the client: how it came, and until when it is known.
fn entitled(cx: &Cx<'_>, Registering { chain, kind }: Registering<'_>, document: Document) -> Document {
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
        trust_chain_expires_at: Some(chain.expires_at().saturating_mul(1000)),
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
