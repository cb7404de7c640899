//! Clients as documents: /api/{serviceId}/client/…

use placet_api::documents::ApiDocument;
use placet_api::types::{Client, ClientGetListResponse, ListQuery, MergePatch, NoRequest};
use placet_api::{CallError, Holder, NoContent, Reason, Versioned};
use placet_base::ClientId;
use placet_store::{FIRST_VERSION, Loaded, Page};
use serde_json::{Map, Value};

use crate::cx::Cx;
use crate::fault::unanswered;
use crate::flow::client_documents::{
    Assigned, ClientRequest, found, members, opened, sealed, with_assigned, without_assigned,
};
use crate::flow::reply::int32;
use crate::flow::{lists, versions};
use crate::records::client::ClientRecord;
use crate::rules::client_id_metadata_document::is_url;
use crate::rules::registration::ownership;
use crate::tenant::ClientDocument;

/// The alias of the document, if it is another client's name, in whichever way it has it.
async fn alias_taken(cx: &Cx<'_>, document: &Client, own: ClientId) -> Result<Option<String>, CallError> {
    let Some(alias) = document.client_id_alias.as_deref().filter(|alias| !alias.is_empty()) else {
        return Ok(None);
    };
    // Where URLs name clients in another way, none may look like one of those.
    if cx.tenant.registration.http_alias_prohibited && is_url(alias) {
        return Err(Reason::PropertyInvalid { property: "clientIdAlias".to_owned() }.into());
    }
    if names_another(cx, alias, own).await? {
        return Err(Reason::AliasIsNumber { alias: alias.to_owned() }.into());
    }
    for name in [ClientRecord::ALIAS, ClientRecord::ENTITY, ClientRecord::LOCATION] {
        let holder = cx.read.find_one::<ClientRecord>(name, alias).await.map_err(unanswered)?;
        if holder.is_some_and(|holder| *holder.id() != own) {
            return Ok(Some(alias.to_owned()));
        }
    }
    Ok(None)
}

/// Whether the alias is the number of another client. A number goes before an alias, so that it would find that one; and whoever
/// compares names would take this one for it. That of nobody is an alias: clients come from elsewhere with numbers that they
/// had there.
async fn names_another(cx: &Cx<'_>, alias: &str, own: ClientId) -> Result<bool, CallError> {
    let Some(number) = ClientId::parse(alias).filter(|number| *number != own) else { return Ok(false) };
    Ok(cx.read.get::<ClientRecord>(&number).await.map_err(unanswered)?.is_some())
}

pub async fn create(cx: &mut Cx<'_>, request: &Client) -> Result<Versioned<Client>, CallError> {
    let document =
        ClientDocument::parse(request.clone(), &cx.tenant.verified_claims)?.with_defaults().into_inner();
    let values = Assigned::fresh(cx);
    let id = values.id;
    if let Some(alias) = alias_taken(cx, &document, id).await? {
        return Err(Reason::AliasTakenAtCreation { alias }.into());
    }
    let room = room(cx, document.developer.as_deref()).await?;
    let document = with_assigned(cx, document, values);
    let record = sealed(cx, id, &document)?;
    add(cx, id, &record, room);
    Ok(Versioned { body: document, version: FIRST_VERSION })
}

/// The developer may have one client more, or it is nobody's.
struct Room;

fn add(cx: &mut Cx<'_>, id: ClientId, record: &ClientRecord, _: Room) {
    cx.write.insert(cx.tenant.id, &id, record);
}

/// `clientsPerDeveloper`; 0 is no limit.
async fn room(cx: &Cx<'_>, developer: Option<&str>) -> Result<Room, CallError> {
    let limit = cx.tenant.document.clients_per_developer.and_then(|limit| usize::try_from(limit).ok());
    let Some(developer) = developer.filter(|name| !name.is_empty()) else { return Ok(Room) };
    let Some(limit) = limit.filter(|limit| *limit > 0) else { return Ok(Room) };
    let entry = Some((ClientRecord::DEVELOPER, developer.to_owned()));
    let (_, total) = cx.read.find::<ClientRecord>(entry, Page::count(limit)).await.map_err(unanswered)?;
    match total < limit {
        true => Ok(Room),
        false => Err(Reason::ClientsOfDeveloper { limit: limit.to_string() }.into()),
    }
}

pub async fn get(cx: &mut Cx<'_>, about: &ClientRequest<NoRequest>) -> Result<Versioned<Client>, CallError> {
    let (id, record) = found(cx, about).await?;
    Ok(Versioned { version: record.version(), body: opened(cx, id, &record)? })
}

/// A window on the clients, and the one client that the caller's token is limited to.
pub async fn list(
    cx: &mut Cx<'_>,
    request: &(ListQuery, Option<ClientId>),
) -> Result<ClientGetListResponse, CallError> {
    let (query, only) = request;
    let window = lists::window(query)?;
    let entry = query.developer.clone().map(|developer| (ClientRecord::DEVELOPER, developer));
    let (records, total) = match only {
        Some(only) => {
            let record = cx.read.get::<ClientRecord>(only).await.map_err(unanswered)?;
            let records: Vec<_> = record.into_iter().collect();
            let total = records.len();
            (records.into_iter().skip(window.start).collect(), total)
        }
        None => cx.read.find::<ClientRecord>(entry, window).await.map_err(unanswered)?,
    };
    let mut clients = Vec::with_capacity(records.len());
    for record in &records {
        clients.push(opened(cx, *record.id(), record)?);
    }
    Ok(ClientGetListResponse {
        start: Some(int32(window.start)),
        end: Some(int32(window.start + clients.len())),
        total_count: Some(int32(total)),
        clients: Some(clients),
    })
}

/// Replaces the whole configuration: what the request leaves out is as in a new client. Identifier,
/// secret and time of creation stay; so does what a client cannot say of itself, where it asks.
pub async fn update(cx: &mut Cx<'_>, about: &ClientRequest<Client>) -> Result<Versioned<Client>, CallError> {
    let (id, record) = found(cx, about).await?;
    let former = opened(cx, id, &record)?;
    replaced(cx, about, (id, record), former, about.body.clone()).await
}

/// Changes the members that the patch names; the rest stays.
pub async fn patch(
    cx: &mut Cx<'_>,
    about: &ClientRequest<MergePatch>,
) -> Result<Versioned<Client>, CallError> {
    let (id, record) = found(cx, about).await?;
    let former = opened(cx, id, &record)?;
    let wanted = versions::patched(&former, &about.body)?;
    replaced(cx, about, (id, record), former, wanted).await
}

async fn replaced<T>(
    cx: &mut Cx<'_>,
    about: &ClientRequest<T>,
    (id, record): (ClientId, Loaded<ClientRecord>),
    former: Client,
    wanted: Client,
) -> Result<Versioned<Client>, CallError> {
    let wanted = match about.holder {
        Holder::Client => of_client(&former, &wanted)?,
        Holder::Service | Holder::Organization => wanted,
    };
    let document = ClientDocument::parse(wanted, &cx.tenant.verified_claims)?.with_defaults().into_inner();
    if let Some(alias) = alias_taken(cx, &document, id).await? {
        return Err(Reason::AliasTakenAtUpdate { alias }.into());
    }
    let values = Assigned::kept(id, &former);
    // Who registered the client, and whether it is locked, is not for an update to say.
    let document = Client {
        locked: former.locked,
        dynamically_registered: former.dynamically_registered,
        client_source: former.client_source,
        registration_access_token_hash: former.registration_access_token_hash,
        discovered_by_metadata_document: former.discovered_by_metadata_document,
        metadata_document_location: former.metadata_document_location,
        metadata_document_expires_at: former.metadata_document_expires_at,
        metadata_document_updated_at: former.metadata_document_updated_at,
        automatically_registered: former.automatically_registered,
        explicitly_registered: former.explicitly_registered,
        entity_id: former.entity_id,
        trust_anchor_id: former.trust_anchor_id,
        trust_chain: former.trust_chain,
        trust_chain_expires_at: former.trust_chain_expires_at,
        trust_chain_updated_at: former.trust_chain_updated_at,
        ..with_assigned(cx, document, values)
    };
    let next = sealed(cx, id, &document)?.revoked(record.revoked_below());
    let version = record.version() + 1;
    cx.write.replace(record, &next);
    Ok(Versioned { body: document, version })
}

/// What becomes of a client whose own token asks for `wanted`.
fn of_client(former: &Client, wanted: &Client) -> Result<Client, CallError> {
    let members = ownership::changed_with_token_of_client(&members(former)?, &settable(wanted)?)
        .map_err(|fault| CallError { reason: fault.reason, source: fault.source })?;
    Client::from_members(Value::Object(members)).map_err(CallError::internal)
}

/// The members of a document that a request can set at all: what the server assigns is ignored.
fn settable(wanted: &Client) -> Result<Map<String, Value>, CallError> {
    members(&without_assigned(wanted.clone()))
}

/// Deletes the client. Its tokens and codes mean nothing from then on.
pub async fn delete(cx: &mut Cx<'_>, about: &ClientRequest<NoRequest>) -> Result<NoContent, CallError> {
    let (_, record) = found(cx, about).await?;
    cx.write.delete(record);
    Ok(NoContent)
}
