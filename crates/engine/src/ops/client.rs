//! Clients as documents: /api/{serviceId}/client/…

use placet_api::types::{Client, ClientGetListResponse, ListQuery};
use placet_api::{Call, CallError, Reason, Right};
use placet_base::ClientId;
use placet_base::registry::ClientSource;
use placet_store::{Id, Loaded};

use crate::cx::Cx;
use crate::flow::lists;
use crate::ops::service;
use crate::records::client::ClientRecord;
use crate::rules::redirect_uri;
use crate::tenant::ClientDocument;

/// A request about the client that a path names.
pub struct About<T> {
    pub identifier: String,
    /// The one client that the caller's token is limited to.
    pub only: Option<ClientId>,
    /// The right that the request takes.
    pub right: Right,
    pub body: T,
}

impl<T> About<T> {
    pub fn new(call: &Call, identifier: String, right: Right, body: T) -> Self {
        Self { identifier, only: call.caller.and_then(|caller| caller.client), right, body }
    }
}

pub fn opened(cx: &Cx<'_>, id: ClientId, record: &ClientRecord) -> Result<Client, CallError> {
    serde_json::from_value(cx.opened_client(id, record)?).map_err(CallError::internal)
}

/// The record of a document.
pub fn sealed(cx: &mut Cx<'_>, id: ClientId, document: &Client) -> Result<ClientRecord, CallError> {
    let document = serde_json::to_value(document).map_err(CallError::internal)?;
    Ok(ClientRecord::close(cx.tenant.id, id, document, |text, place| cx.seal(text, place))?)
}

/// The client of a path: a number goes before an alias. A token for one client reaches no other.
pub async fn found<T>(cx: &Cx<'_>, about: &About<T>) -> Result<(ClientId, Loaded<ClientRecord>), CallError> {
    let unknown = || Reason::ClientNotFound { client: about.identifier.clone() };
    let by_number = match ClientId::parse(&about.identifier) {
        Some(id) => cx.read.get::<ClientRecord>(Id::Number(id.0)).await.map_err(CallError::internal)?,
        None => None,
    };
    let record = match by_number {
        Some(record) => record,
        None => {
            let by_alias = cx.read.find_one::<ClientRecord>(ClientRecord::ALIAS, &about.identifier).await;
            by_alias.map_err(CallError::internal)?.ok_or_else(unknown)?
        }
    };
    let Id::Number(number) = *record.id() else {
        return Err(CallError::internal("a client without a number"));
    };
    if about.only.is_some_and(|only| only.0 != number) {
        return Err(Reason::RightMissing { right: about.right.name().to_owned() }.into());
    }
    Ok((ClientId(number), record))
}

/// Whether another client has the alias.
async fn alias_taken(cx: &Cx<'_>, document: &Client, own: ClientId) -> Result<Option<String>, CallError> {
    let Some(alias) = document.client_id_alias.as_deref().filter(|alias| !alias.is_empty()) else {
        return Ok(None);
    };
    let holder =
        cx.read.find_one::<ClientRecord>(ClientRecord::ALIAS, alias).await.map_err(CallError::internal)?;
    let taken = holder.is_some_and(|holder| *holder.id() != Id::Number(own.0));
    Ok(taken.then(|| alias.to_owned()))
}

/// What the server assigns and a request cannot change.
pub struct Assigned {
    pub number: i64,
    pub id: ClientId,
    pub secret: String,
    pub created_at: i64,
}

pub fn assigned(cx: &Cx<'_>, document: Client, values: Assigned) -> Client {
    Client {
        number: Some(values.number),
        client_id: Some(values.id.0),
        client_secret: Some(values.secret),
        service_number: cx.tenant.document.number,
        created_at: Some(values.created_at),
        modified_at: Some(cx.now.millis()),
        derived_sector_identifier: redirect_uri::sector(
            document.sector_identifier_uri.as_deref(),
            document.redirect_uris.as_deref().unwrap_or_default(),
        ),
        locked: None,
        dynamically_registered: None,
        client_source: Some(ClientSource::StaticRegistration),
        ..document
    }
}

pub async fn create(cx: &mut Cx<'_>, request: &Client) -> Result<Client, CallError> {
    let document = ClientDocument::parse(request.clone())?.with_defaults().into_inner();
    let id = service::client_id(cx);
    if let Some(alias) = alias_taken(cx, &document, id).await? {
        return Err(Reason::AliasTakenAtCreation { alias }.into());
    }
    let values = Assigned {
        number: service::sequence_number(cx),
        id,
        // 512 random bits, 86 characters; public clients have one too, and may not use it.
        secret: service::secret(cx, 64),
        created_at: cx.now.millis(),
    };
    let document = assigned(cx, document, values);
    let record = sealed(cx, id, &document)?;
    cx.write.insert(cx.tenant.id, Id::Number(id.0), &record);
    Ok(document)
}

pub async fn get(cx: &mut Cx<'_>, about: &About<()>) -> Result<Client, CallError> {
    let (id, record) = found(cx, about).await?;
    opened(cx, id, &record)
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
            let record =
                cx.read.get::<ClientRecord>(Id::Number(only.0)).await.map_err(CallError::internal)?;
            let records: Vec<_> = record.into_iter().collect();
            let total = records.len();
            (records.into_iter().skip(window.start).collect(), total)
        }
        None => cx.read.find::<ClientRecord>(entry, window).await.map_err(CallError::internal)?,
    };
    let mut clients = Vec::with_capacity(records.len());
    for record in &records {
        if let Id::Number(number) = record.id() {
            clients.push(opened(cx, ClientId(*number), record)?);
        }
    }
    Ok(ClientGetListResponse {
        start: i64::try_from(window.start).ok(),
        end: i64::try_from(window.start + clients.len()).ok(),
        total_count: i64::try_from(total).ok(),
        clients: Some(clients),
    })
}

/// Replaces the whole configuration: what the request leaves out is as in a new client. Identifier,
/// secret and time of creation stay.
pub async fn update(cx: &mut Cx<'_>, about: &About<Client>) -> Result<Client, CallError> {
    let (id, record) = found(cx, about).await?;
    let document = ClientDocument::parse(about.body.clone())?.with_defaults().into_inner();
    if let Some(alias) = alias_taken(cx, &document, id).await? {
        return Err(Reason::AliasTakenAtUpdate { alias }.into());
    }
    let former = opened(cx, id, &record)?;
    let values = Assigned {
        number: former.number.unwrap_or_default(),
        id,
        secret: former.client_secret.clone().unwrap_or_default(),
        created_at: former.created_at.unwrap_or_default(),
    };
    // Who registered the client, and whether it is locked, is not for an update to say.
    let document = Client {
        locked: former.locked,
        dynamically_registered: former.dynamically_registered,
        client_source: former.client_source,
        registration_access_token_hash: former.registration_access_token_hash,
        ..assigned(cx, document, values)
    };
    let next = sealed(cx, id, &document)?.revoked(record.revoked_below());
    cx.write.replace(record, &next);
    Ok(document)
}

/// Deletes the client. Its tokens and codes mean nothing from then on.
pub async fn delete(cx: &mut Cx<'_>, about: &About<()>) -> Result<(), CallError> {
    let (_, record) = found(cx, about).await?;
    cx.write.delete(record);
    Ok(())
}
