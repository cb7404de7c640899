//! Clients that are named by the URL of what they say of themselves: found, fetched, and kept
//! (draft-ietf-oauth-client-id-metadata-document-02 §5).

use std::sync::Arc;

use placet_api::Reason;
use placet_api::documents::ApiDocument;
use placet_api::types::{CimdOptions, Client as Document};
use placet_base::registry::ClientSource;
use placet_base::{ClientId, Ttl};
use placet_store::{Loaded, Page};

use crate::budgets::{DISCOVERED_CLIENTS, HOST_PARTS, OUTLIVED_CLIENTS};
use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::client_documents::{self, Assigned};
use crate::flow::registering;
use crate::records::client::{ClientRecord, client_host};
use crate::rules::client_id_metadata_document::{ClientIdUrl, Permitted, published};
use crate::tenant::{Client, Discovering};

/// A document is used at least so long, whatever its headers say: one visit of a user takes several calls.
const LEAST: Ttl = Ttl::secs(60);
/// And at most so long.
const MOST: Ttl = Ttl::secs(24 * 60 * 60);
/// How long after that a client is still known, where nobody new is let in, when its document cannot be had.
const OUTLASTING: Ttl = Ttl::secs(60 * 60);

/// How a call has such clients found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Discovery {
    always: bool,
    http: bool,
    query: bool,
    /// The call goes on with what was begun when the document could be had.
    continuing: bool,
    /// The call takes request objects.
    objects: bool,
}

impl Discovery {
    /// By what the call says beyond the settings of the service.
    pub fn by(options: Option<&CimdOptions>) -> Self {
        let on = |read: fn(&CimdOptions) -> Option<bool>| options.is_some_and(|o| read(o) == Some(true));
        Self {
            always: on(|o| o.always_retrieved),
            http: on(|o| o.http_permitted),
            query: on(|o| o.query_permitted),
            continuing: false,
            objects: false,
        }
    }

    /// For a call that uses what was granted before.
    pub fn continuing(self) -> Self {
        Self { continuing: true, ..self }
    }

    /// For a call whose sender may be proven by a request object.
    pub fn with_objects(self) -> Self {
        Self { objects: true, ..self }
    }

    pub fn takes_objects(self) -> bool {
        self.objects
    }
}

/// The client that a URL names; `None` when the identifier is no URL, or the service knows no such clients.
pub async fn discovered(
    cx: &mut Cx<'_>,
    identifier: &str,
    discovery: Discovery,
) -> Result<Option<Arc<Client>>, Fault> {
    let tenant = cx.tenant.clone();
    let Some(settings) = &tenant.discovering else { return Ok(None) };
    let permitted = Permitted {
        http: settings.http || discovery.http,
        query: settings.query || discovery.query,
        allowlist: settings.allowlist.as_deref(),
    };
    let Some(url) = ClientIdUrl::parse(identifier, &permitted)? else { return Ok(None) };
    let kept = cx.read.find_one::<ClientRecord>(ClientRecord::LOCATION, url.as_str()).await?;
    let Some(kept) = kept else {
        return Box::pin(met(cx, &url, settings)).await.map(Some);
    };
    let client = cx.client(*kept.id()).await?.ok_or_else(|| Fault::server("a client is gone"))?;
    let always = settings.always || discovery.always;
    if client.locked || !always && client.document_until.is_some_and(|until| !until.is_past(cx.now)) {
        return Ok(Some(client));
    }
    match cx.document(url.as_str()).await {
        Ok(fetched) => {
            let text = (fetched.text.as_str(), cx.now + life(fetched.fresh));
            Box::pin(met_again(cx, &url, kept, (settings, text))).await.map(Some)
        }
        Err(fault) => {
            let outlasts = client.document_until.is_some_and(|until| !(until + OUTLASTING).is_past(cx.now));
            if discovery.continuing && !always && outlasts { Ok(Some(client)) } else { Err(fault) }
        }
    }
}

fn life(fresh: Option<Ttl>) -> Ttl {
    fresh.map_or(LEAST, |fresh| fresh.clamp(LEAST, MOST))
}

/// A document, and until when it is used.
type Fresh<'a> = (&'a str, placet_base::Timestamp);

/// A client that is new here.
async fn met(cx: &mut Cx<'_>, url: &ClientIdUrl, settings: &Discovering) -> Result<Arc<Client>, Fault> {
    let Room { .. } = room_of_host(cx, url).await?;
    let fetched = cx.document(url.as_str()).await?;
    let text = (fetched.text.as_str(), cx.now + life(fetched.fresh));
    let values = Assigned::fresh(cx);
    let id = values.id;
    let document = said(cx, url, settings, text.0).await?;
    let document = located(cx, client_documents::with_assigned(cx, document, values), url, text);
    let record = sealed(cx, id, &document)?;
    // Whatever becomes of the request: the next one need not fetch it again.
    cx.write.insert_regardless(cx.tenant.id, &id, &record);
    compiled(cx, id, &record)
}

/// One more client that was never registered may be known.
pub struct Room {
    /// Who has made room.
    left: Option<ClientId>,
}

/// Those among whom there has to be room: the name of an index entry, and its value.
pub type Among = (&'static str, String);

pub async fn room(cx: &mut Cx<'_>) -> Result<Room, Fault> {
    let all = (ClientRecord::DISCOVERED, ClientRecord::DISCOVERED.to_owned());
    let excessive = Reason::DiscoveredClientsExcessive { limit: DISCOVERED_CLIENTS.to_string() };
    room_among(cx, all, (DISCOVERED_CLIENTS, excessive), Room { left: None }).await
}

/// The same for a client whose document is at a host, which has a part of the places: whoever owns one can name as many clients as
/// anybody wants.
async fn room_of_host(cx: &mut Cx<'_>, url: &ClientIdUrl) -> Result<Room, Fault> {
    let part = DISCOVERED_CLIENTS / HOST_PARTS;
    let excessive = Reason::DiscoveredClientsExcessive { limit: part.to_string() };
    let room = room(cx).await?;
    let Some(host) = client_host(url.as_str()) else { return Ok(room) };
    room_among(cx, (ClientRecord::HOST, host), (part, excessive), room).await
}

/// The same among some of all: there are fewer than so many, or one makes room.
pub async fn room_among(
    cx: &mut Cx<'_>,
    among: Among,
    (limit, excessive): (usize, Reason),
    Room { left }: Room,
) -> Result<Room, Fault> {
    let (_, known) = cx.read.find::<ClientRecord>(Some(among.clone()), Page::count(limit)).await?;
    if known < limit {
        return Ok(Room { left });
    }
    let record = outlived(cx, among, known).await?.ok_or(excessive)?;
    let id = *record.id();
    if left != Some(id) {
        // Whatever becomes of the request: so is whoever takes the room.
        cx.write.delete_regardless(record);
    }
    Ok(Room { left: Some(id) })
}

/// A client whom no federation has vouched for any more for long, so that nothing of it is good, or one whose document is over and
/// that has no tokens: it is found again when it comes back. Another part of all is looked through each time.
async fn outlived(cx: &Cx<'_>, among: Among, known: usize) -> Result<Option<Loaded<ClientRecord>>, Fault> {
    let second = usize::try_from(cx.now.as_secs()).unwrap_or_default();
    let start = second.wrapping_mul(OUTLIVED_CLIENTS) % known.max(1);
    let page = Page::rows(start, start + OUTLIVED_CLIENTS);
    let (records, _) = cx.read.find::<ClientRecord>(Some(among), page).await?;
    for record in records {
        let Some(client) = cx.client(*record.id()).await?.filter(|client| !client.locked) else { continue };
        let over = match (&client.federated, client.document_until) {
            (Some(federated), _) => (federated.until + OUTLIVED).is_past(cx.now),
            (None, Some(until)) => {
                (until + OUTLASTING).is_past(cx.now) && cx.has_no_tokens(client.id).await?
            }
            (None, None) => false,
        };
        if over {
            return Ok(Some(record));
        }
    }
    Ok(None)
}

/// How long a client is kept whose trust chain is over: its users find it as it was when it comes back.
const OUTLIVED: Ttl = Ttl::secs(30 * 24 * 60 * 60);

/// A client whose document may have changed. What its operator says of it stays.
async fn met_again(
    cx: &mut Cx<'_>,
    url: &ClientIdUrl,
    kept: Loaded<ClientRecord>,
    (settings, text): (&Discovering, Fresh<'_>),
) -> Result<Arc<Client>, Fault> {
    let id = *kept.id();
    let former: Document = Document::from_members(cx.opened_client(id, &kept)?).map_err(Fault::server)?;
    let document = said(cx, url, settings, text.0).await?;
    let document = located(cx, registering::again(cx, id, former, &document)?, url, text);
    let next = sealed(cx, id, &document)?.revoked(kept.revoked_below());
    cx.write.transition_regardless(kept, |_| Some(next.clone()));
    compiled(cx, id, &next)
}

async fn said(cx: &Cx<'_>, url: &ClientIdUrl, settings: &Discovering, text: &str) -> Result<Document, Fault> {
    let metadata = published(text, url, settings.policy.as_ref())?;
    registering::document(cx, metadata).await
}

fn located(cx: &Cx<'_>, document: Document, url: &ClientIdUrl, (_, until): Fresh<'_>) -> Document {
    Document {
        client_source: Some(ClientSource::MetadataDocument),
        discovered_by_metadata_document: Some(true),
        metadata_document_location: Some(url.as_str().to_owned()),
        metadata_document_expires_at: Some(until.millis()),
        metadata_document_updated_at: Some(cx.now.millis()),
        ..document
    }
}

fn sealed(cx: &mut Cx<'_>, id: ClientId, document: &Document) -> Result<ClientRecord, Fault> {
    client_documents::sealed(cx, id, document).map_err(registering::unstorable)
}

/// Of the record as it will be: nobody has stored it yet.
fn compiled(cx: &Cx<'_>, id: ClientId, record: &ClientRecord) -> Result<Arc<Client>, Fault> {
    let document = cx.opened_client(id, record)?;
    Client::compile(&cx.tenant, id, document, record.revoked_below()).map(Arc::new)
}
