//! Clients as documents: the one that a call is about, as it is read and stored, and what the server assigns.

use placet_api::documents::ApiDocument;
use placet_api::types::Client;
use placet_api::{CallError, Expected, Holder, Reason};
use placet_base::ClientId;
use placet_base::registry::ClientSource;
use placet_store::{Loaded, Reader};
use serde_json::{Map, Value};

use crate::cx::Cx;
use crate::fault::unanswered;
use crate::flow::{assigned, versions};
use crate::records::client::ClientRecord;
use crate::rules::redirect_uri;

/// A request about the client that a path names, which the caller may act on.
pub struct ClientRequest<T> {
    pub identifier: String,
    pub body: T,
    /// The version that the caller means.
    pub expected: Expected,
    /// What the caller's token is bound to: one that is for this client alone says less of it than its operator.
    pub holder: Holder,
}

/// That a change is one that the caller may make.
pub struct Sayable(());

impl<T> ClientRequest<T> {
    /// What is the client's own to say, whoever says it.
    pub fn own(&self) -> Sayable {
        Sayable(())
    }

    /// A token for the client alone may take away from what its operator has said in `member`, and add nothing.
    pub fn sayable(&self, member: &str, takes_away: bool) -> Result<Sayable, CallError> {
        match self.holder {
            Holder::Client if !takes_away => {
                Err(Reason::MemberOfOperator { member: member.to_owned() }.into())
            }
            Holder::Client | Holder::Service | Holder::Organization => Ok(Sayable(())),
        }
    }
}

pub fn opened(cx: &Cx<'_>, id: ClientId, record: &ClientRecord) -> Result<Client, CallError> {
    Client::from_members(cx.opened_client(id, record)?).map_err(CallError::internal)
}

/// The record of a document.
pub fn sealed(cx: &mut Cx<'_>, id: ClientId, document: &Client) -> Result<ClientRecord, CallError> {
    let document = document.members().map_err(CallError::internal)?;
    Ok(ClientRecord::close(cx.tenant.id, id, document, |text, place| cx.seal(text, place))?)
}

/// The client that a path names: a number goes before an alias.
pub async fn identified(
    read: &Reader<'_>,
    identifier: &str,
) -> Result<Option<(ClientId, Loaded<ClientRecord>)>, CallError> {
    let by_number = match ClientId::parse(identifier) {
        Some(id) => read.get::<ClientRecord>(&id).await.map_err(unanswered)?,
        None => None,
    };
    let record = match by_number {
        Some(record) => Some(record),
        None => read.find_one::<ClientRecord>(ClientRecord::ALIAS, identifier).await.map_err(unanswered)?,
    };
    Ok(record.map(|record| (*record.id(), record)))
}

pub async fn found<T>(
    cx: &Cx<'_>,
    about: &ClientRequest<T>,
) -> Result<(ClientId, Loaded<ClientRecord>), CallError> {
    let unknown = || Reason::ClientNotFound { client: about.identifier.clone() };
    let (id, record) = identified(&cx.read, &about.identifier).await?.ok_or_else(unknown)?;
    Ok((id, versions::meant(record, about.expected)?))
}

/// What the server assigns and a request cannot change.
pub struct Assigned {
    pub number: i32,
    pub id: ClientId,
    pub secret: String,
    pub created_at: i64,
}

impl Assigned {
    /// Of a client that is new.
    pub fn fresh(cx: &mut Cx<'_>) -> Self {
        Self {
            id: assigned::client_id(cx),
            number: assigned::sequence_number(cx),
            // 512 random bits, 86 characters; public clients have one too, and may not use it.
            secret: assigned::secret(cx, 64),
            created_at: cx.now.millis(),
        }
    }

    /// What a client has already.
    pub fn kept(id: ClientId, former: &Client) -> Self {
        Self {
            id,
            number: former.number.unwrap_or_default(),
            secret: former.client_secret.clone().unwrap_or_default(),
            created_at: former.created_at.unwrap_or_default(),
        }
    }
}

/// The document with what the server assigns. How the client came, and whether it is locked, is for the caller to add.
pub fn with_assigned(cx: &Cx<'_>, document: Client, values: Assigned) -> Client {
    let custom = &cx.tenant.registration.custom;
    Client {
        custom_metadata: document.custom_metadata.as_deref().and_then(|text| listed(text, custom)),
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
        client_source: Some(ClientSource::StaticRegistration),
        registration_access_token_hash: document.registration_access_token_hash.clone(),
        ..without_assigned(document)
    }
}

/// The document without anything that the server assigns.
pub fn without_assigned(document: Client) -> Client {
    Client {
        number: None,
        client_id: None,
        client_secret: None,
        service_number: None,
        created_at: None,
        modified_at: None,
        derived_sector_identifier: None,
        registration_access_token_hash: None,
        client_source: None,
        locked: None,
        dynamically_registered: None,
        discovered_by_metadata_document: None,
        metadata_document_location: None,
        metadata_document_expires_at: None,
        metadata_document_updated_at: None,
        automatically_registered: None,
        explicitly_registered: None,
        entity_id: None,
        trust_anchor_id: None,
        trust_chain: None,
        trust_chain_expires_at: None,
        trust_chain_updated_at: None,
        ..document
    }
}

/// COMPAT: of `customMetadata`, the members that the service lists in `supportedCustomClientMetadata`; the
/// hosted product drops the others, and its published clients expect that.
fn listed(text: &str, custom: &[String]) -> Option<String> {
    let Ok(members) = serde_json::from_str::<Map<String, Value>>(text) else { return None };
    let kept: Map<_, _> = members.into_iter().filter(|(name, _)| custom.contains(name)).collect();
    (!kept.is_empty()).then(|| Value::Object(kept).to_string())
}

pub fn members(document: &Client) -> Result<Map<String, Value>, CallError> {
    match document.members().map_err(CallError::internal)? {
        Value::Object(members) => Ok(members),
        _ => Ok(Map::new()),
    }
}
