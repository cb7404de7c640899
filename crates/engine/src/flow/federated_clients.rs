//! Clients that are what trust chains say of them (OpenID Federation 1.0 §12).

use std::sync::Arc;

use placet_api::Reason;
use placet_api::documents::ApiDocument;
use placet_api::types::Client as Document;
use placet_base::ClientId;
use placet_base::registry::ClientRegistrationType;
use placet_store::Loaded;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::client_documents::{self, Assigned};
use crate::flow::discovered_clients::{self, Room};
use crate::flow::federated_documents::{Registering, entitled, said, unlimited};
use crate::flow::federated_places::{Place, place};
use crate::flow::{registering, trust_chains, trust_marks};
use crate::records::client::ClientRecord;
use crate::rules::federation::statement::ForAll;
use crate::rules::federation::{Chain, EntityId, request_object};
use crate::rules::params::Params;
use crate::tenant::{Client, Federation, Stated};

/// The client that an entity is without ever having been registered (§12.1); `None` where the service lets nobody in so, or
/// the identifier is none of an entity. Its chain is looked for anew when the former one has expired. `objects`: the call takes
/// request objects, so that a client without a method proves itself later; elsewhere nobody new is met who proves nothing.
pub async fn unregistered(
    cx: &mut Cx<'_>,
    identifier: &str,
    (params, objects): (&Params, bool),
) -> Result<Option<Arc<Client>>, Fault> {
    let kind = ClientRegistrationType::Automatic;
    let tenant = cx.tenant.clone();
    let federation = tenant.federation.as_ref().filter(|federation| federation.types.contains(&kind));
    let Some((federation, entity)) = federation.zip(EntityId::parse(identifier)) else { return Ok(None) };
    let kept = cx.read.find_one::<ClientRecord>(ClientRecord::ENTITY, entity.as_str()).await?;
    let (chain, former) = match kept {
        Some(kept) => {
            let client = cx.client(*kept.id()).await?.ok_or_else(|| Fault::server("a client is gone"))?;
            match known_anew(cx, federation, (&entity, &client), params).await? {
                None => return Ok(Some(client)),
                Some(chain) => (chain, Former::Known(kept)),
            }
        }
        // An alias that is switched off is that of its client still.
        None if cx.client_by_alias(identifier).await?.is_some() => return Ok(None),
        None => {
            let room = discovered_clients::room(cx).await?;
            let brought = brought(cx, federation, &entity, params).transpose()?;
            (found(cx, federation, &entity, brought).await?, Former::New(room))
        }
    };
    let (new, revoked_below) = match &former {
        Former::Known(kept) => (false, kept.revoked_below()),
        Former::New(_) => (true, 0),
    };
    let until = trust_marks::good_until(cx, &federation.anchors, &chain).await?;
    let (_, document) = stored(cx, Registering { chain: &chain, kind, until }, former).await?;
    let id = ClientId(document.client_id.unwrap_or_default());
    let document = document.members().map_err(Fault::server)?;
    let client = Client::compile(&tenant, id, document, revoked_below)?;
    match new && client.is_public() && !objects {
        true => Err(Reason::FederationObjectMissing {}.into()),
        false => Ok(Some(Arc::new(client))),
    }
}

/// The chain of a client that is known, where it is to be known by another: its own is over, or the request brings a newer one
/// that holds. One that does not changes nothing of what is known.
async fn known_anew(
    cx: &Cx<'_>,
    federation: &Federation,
    (entity, client): (&EntityId, &Client),
    params: &Params,
) -> Result<Option<Chain>, Fault> {
    if client.locked {
        return Ok(None);
    }
    let Some(federated) = &client.federated else { return Ok(None) };
    let good = !federated.until.is_past(cx.now) && federated.stands(Some(federation));
    let follows = |texts: &[String]| {
        let stated = Stated::by(texts);
        stated.follows(federated.stated) && !(good && stated == federated.stated)
    };
    let newer = request_object::chain(params).is_some_and(|texts| follows(&texts));
    let brought = brought(cx, federation, entity, params).filter(|_| newer);
    match good {
        true => {
            Ok(brought.and_then(Result::ok).filter(|chain| chain.anchor_id().as_str() == federated.anchor))
        }
        false => found(cx, federation, entity, brought.transpose()?).await.map(Some),
    }
}

/// §12.1.1.1: the chain that the request brings, if it leads to an anchor of the service: the entity may know of one that this
/// service does not. Where a URL may also be that of a metadata document, none is taken that the request brings: whoever has the
/// URL has to say there that it is an entity.
fn brought(
    cx: &Cx<'_>,
    federation: &Federation,
    entity: &EntityId,
    params: &Params,
) -> Option<Result<Chain, Fault>> {
    let texts = request_object::chain(params).filter(|_| cx.tenant.discovering.is_none())?;
    match Chain::verified(&texts, &federation.anchors, trust_chains::at(cx)) {
        Ok(chain) if chain.subject().sub != *entity => Some(Err(Reason::TrustChainBroken {}.into())),
        Ok(chain) => Some(chain.subject().for_all().map(|ForAll| chain)),
        Err(Fault { reason: Reason::TrustAnchorUnknown {}, .. }) => None,
        Err(fault) => Some(Err(fault)),
    }
}

async fn found(
    cx: &Cx<'_>,
    federation: &Federation,
    entity: &EntityId,
    brought: Option<Chain>,
) -> Result<Chain, Fault> {
    match brought {
        Some(chain) => Ok(chain),
        None => trust_chains::resolved(cx, &federation.anchors, entity, None).await,
    }
}

/// Whether a client was known before.
pub enum Former {
    Known(Loaded<ClientRecord>),
    New(Room),
}

/// The record of an entity whose registration has expired; room where it is new here.
///
/// # Errors
/// For an entity that has a registration.
/// COMPAT: OpenID Federation 1.0 §12.2.2-5 would end it; the hosted product refuses.
pub async fn expired(cx: &mut Cx<'_>, entity: &EntityId) -> Result<Former, Fault> {
    let known = cx.read.find_one::<ClientRecord>(ClientRecord::ENTITY, entity.as_str()).await?;
    let Some(known) = known else {
        let room = discovered_clients::room(cx).await?;
        return unnamed(cx, entity).await.map(|Unnamed| Former::New(room));
    };
    let client = cx.client(*known.id()).await?.ok_or_else(|| Fault::server("a client is gone"))?;
    let expired = client.federated.as_ref().is_some_and(|federated| federated.until.is_past(cx.now));
    if expired { Ok(Former::Known(known)) } else { Err(Reason::EntityIdTaken {}.into()) }
}

/// No client has the name of the entity: as its alias, or as where its metadata document is.
struct Unnamed;

async fn unnamed(cx: &Cx<'_>, entity: &EntityId) -> Result<Unnamed, Fault> {
    let named = match cx.client_by_alias(entity.as_str()).await? {
        None => cx.client_by_location(entity.as_str()).await?,
        named => named,
    };
    if named.is_some() { Err(Reason::EntityIdTaken {}.into()) } else { Ok(Unnamed) }
}

/// Makes the client of a chain, or makes one anew that was known before: what its operator says of it stays. Its entity
/// type comes with it.
pub async fn stored(
    cx: &mut Cx<'_>,
    registering: Registering<'_>,
    former: Former,
) -> Result<(&'static str, Document), Fault> {
    let (entity_type, said) = Box::pin(said(cx, registering)).await?;
    let document = match former {
        Former::New(room) => {
            let place = Box::pin(place(cx, registering.chain, room)).await?;
            new(cx, registering, said, &place)?
        }
        Former::Known(former) => renewed(cx, registering, said, former)?,
    };
    Ok((entity_type, document))
}

fn new(cx: &mut Cx<'_>, registering: Registering<'_>, said: Document, _: &Place) -> Result<Document, Fault> {
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
    let former: Document = Document::from_members(cx.opened_client(id, &record)?).map_err(Fault::server)?;
    let former = unlimited(cx, of_same_anchor(cx, registering.chain, former)?);
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
