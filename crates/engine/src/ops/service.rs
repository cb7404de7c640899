//! Services as documents: /api/service/… and /api/{serviceId}/service/…

use placet_api::types::{Hsk, ListQuery, MergePatch, NoRequest, Service, ServiceGetListResponse};
use placet_api::{CallError, Expected, Reach, Reason, Right, Versioned, View};
use placet_base::{OrganizationId, ServiceId};
use placet_store::{FIRST_VERSION, Loaded, Page};

use crate::Engine;
use crate::budgets::BULK;
use crate::cx::Cx;
use crate::fault::unanswered;
use crate::flow::assigned::{identifier, secret, sequence_number};
use crate::flow::hardware_keys::Apart;
use crate::flow::reply::int32;
use crate::flow::{api_tokens, hardware_keys, lists, service_documents, versions};
use crate::records::api_token::ApiToken;
use crate::records::client::ClientRecord;
use crate::records::organization::Organization;
use crate::records::service::ServiceRecord;
use crate::rules::transformed_claims::Definitions;
use crate::tenant::{ServiceDocument, Tenant};

/// What the server assigns and a request cannot change.
struct Assigned {
    owner: OrganizationId,
    number: i32,
    api_key: i64,
    api_secret: String,
    created_at: i64,
    hsks: Apart,
}

/// The document with the assigned members in place of whatever the request says there.
fn assigned(document: Service, assigned: Assigned, now: i64) -> Service {
    Service {
        number: Some(assigned.number),
        api_key: Some(assigned.api_key),
        api_secret: Some(assigned.api_secret),
        service_owner_number: Some(assigned.owner.number()),
        created_at: Some(assigned.created_at),
        modified_at: Some(now),
        hsks: assigned.hsks.into_inner(),
        ..document
    }
}

/// A new service for `organization`.
pub async fn create(
    cx: &mut Cx<'_, ()>,
    request: &(OrganizationId, Service),
) -> Result<Versioned<Service>, CallError> {
    let (organization, document) = request;
    let unknown = || Reason::RightMissing { right: Right::CreateService.name().to_owned() };
    cx.read.get::<Organization>(organization).await.map_err(unanswered)?.ok_or_else(unknown)?;
    let document = usable(document, None)?.with_defaults().into_inner();
    let api_key = identifier(cx);
    let values = Assigned {
        number: sequence_number(cx),
        api_key,
        api_secret: secret(cx, 32),
        owner: *organization,
        created_at: cx.now.millis(),
        hsks: Apart::default(),
    };
    let document = assigned(document, values, cx.now.millis());
    let record = service_documents::closed(cx, ServiceId(api_key), *organization, &document)?;
    cx.write.insert(Engine::INSTALLATION, &ServiceId(api_key), &record);
    Ok(Versioned { body: document, version: FIRST_VERSION })
}

/// A document whose properties can be used, also those that rules read. The keys in hardware are those that there are,
/// whatever the request says.
fn usable(document: &Service, hsks: Option<Vec<Hsk>>) -> Result<ServiceDocument, Reason> {
    if let Some(definitions) =
        document.predefined_transformed_claims.as_deref().filter(|text| !text.is_empty())
    {
        let property = "predefinedTransformedClaims".to_owned();
        Definitions::of_service(definitions).map_err(|_| Reason::PropertyInvalid { property })?;
    }
    ServiceDocument::parse(Service { hsks, ..document.clone() })
}

/// The whole document, or what little of it a caller with a narrowed view sees. Its `apiSecret`, which is a credential,
/// is shown to whoever may do as much without it.
pub fn get(tenant: &Tenant, reach: &Reach) -> Service {
    let rights = reach.caller().rights;
    let as_much = ApiToken::OF_API_SECRET.into_iter().all(|right| rights.holds(right));
    match reach.view() {
        View::Whole if as_much => tenant.document.clone(),
        View::Whole => Service { api_secret: None, ..tenant.document.clone() },
        View::Narrowed => tenant.limited.clone(),
    }
}

/// The services of the caller's organization that its token reaches.
pub async fn list(
    engine: &Engine,
    reach: &Reach,
    query: &ListQuery,
) -> Result<ServiceGetListResponse, CallError> {
    let caller = reach.caller();
    let window = lists::window(query)?;
    let (ids, total) = match caller.service {
        Some(only) => {
            (vec![only].into_iter().skip(window.start).take(window.end - window.start).collect(), 1)
        }
        None => owned(engine, caller.organization, window).await?,
    };
    let mut services = Vec::with_capacity(ids.len());
    for id in ids {
        services.push(get(&*engine.tenant(id).await?, reach));
    }
    Ok(ServiceGetListResponse {
        start: Some(int32(window.start)),
        end: Some(int32(window.start + services.len())),
        total_count: Some(int32(total)),
        services: Some(services),
    })
}

async fn owned(
    engine: &Engine,
    owner: OrganizationId,
    page: Page,
) -> Result<(Vec<ServiceId>, usize), CallError> {
    let entry = Some((ServiceRecord::ORGANIZATION, owner.to_string()));
    let found = engine.installation().find::<ServiceRecord>(entry, page).await;
    let (records, total) = found.map_err(unanswered)?;
    Ok((records.iter().map(|record| *record.id()).collect(), total))
}

/// The record of the service, in the version that the caller means.
async fn record(cx: &Cx<'_>, expected: Expected) -> Result<Loaded<ServiceRecord>, CallError> {
    let id = cx.tenant.id;
    let record = cx.installation().get::<ServiceRecord>(&id).await.map_err(unanswered)?;
    versions::meant(record.ok_or_else(|| Reason::ServiceUnknown { service: id.to_string() })?, expected)
}

/// A request about the service of the path.
pub struct ServiceRequest<T> {
    pub body: T,
    /// The version that the caller means.
    pub expected: Expected,
}

/// Replaces the whole configuration: what the request leaves out is as in a new service.
pub async fn update(
    cx: &mut Cx<'_>,
    request: &ServiceRequest<Service>,
) -> Result<Versioned<Service>, CallError> {
    let record = record(cx, request.expected).await?;
    let former = service_documents::opened(cx, &record)?;
    replaced(cx, record, former, &request.body)
}

/// Changes the members that the patch names; the rest stays.
pub async fn patch(
    cx: &mut Cx<'_>,
    request: &ServiceRequest<MergePatch>,
) -> Result<Versioned<Service>, CallError> {
    let record = record(cx, request.expected).await?;
    let former = service_documents::opened(cx, &record)?;
    let wanted = versions::patched(&former, &request.body)?;
    replaced(cx, record, former, &wanted)
}

fn replaced(
    cx: &mut Cx<'_>,
    record: Loaded<ServiceRecord>,
    former: Service,
    wanted: &Service,
) -> Result<Versioned<Service>, CallError> {
    let document = usable(wanted, former.hsks.clone())?.with_defaults().into_inner();
    let values = Assigned {
        number: former.number.unwrap_or_default(),
        api_key: cx.tenant.id.0,
        api_secret: former.api_secret.unwrap_or_default(),
        owner: record.organization,
        created_at: former.created_at.unwrap_or_default(),
        hsks: Apart::of(former.hsks.unwrap_or_default(), &document)?,
    };
    let document = assigned(document, values, cx.now.millis());
    let next = service_documents::closed(cx, cx.tenant.id, record.organization, &document)?;
    let version = record.version() + 1;
    cx.write.replace(record, &next);
    Ok(Versioned { body: document, version })
}

/// How far the end of a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// As many clients as one commit deletes are gone.
    Begun,
    Done,
}

/// Deletes the service, its clients, its keys in hardware and the API tokens for it, many clients in several commits.
/// Its tokens and codes cannot be reached any more, and are swept when they expire.
pub async fn delete(cx: &mut Cx<'_>, request: &ServiceRequest<NoRequest>) -> Result<Deletion, CallError> {
    let record = record(cx, request.expected).await?;
    let some = Page::rows(0, BULK).counted(BULK + 1);
    let (clients, total) = cx.read.find::<ClientRecord>(None, some).await.map_err(unanswered)?;
    clients.into_iter().for_each(|client| cx.write.delete(client));
    if total > BULK {
        return Ok(Deletion::Begun);
    }
    hardware_keys::destroy_all(cx, &service_documents::opened(cx, &record)?).await?;
    api_tokens::delete_all(cx, record.organization, Some(cx.tenant.id)).await?;
    cx.write.delete(record);
    Ok(Deletion::Done)
}
