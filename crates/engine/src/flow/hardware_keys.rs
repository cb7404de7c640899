//! The keys of a service in hardware. They are members of its document: what makes a service new makes its keys new.

use placet_api::Reason;
use placet_api::types::{Hsk, Service};
use placet_hsm::{Destroyed, KeyId};
use placet_store::Loaded;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::service_documents;
use crate::records::service::ServiceRecord;

/// The service as it is stored now, and its document.
pub async fn of_service(cx: &Cx<'_>) -> Result<(Loaded<ServiceRecord>, Service), Fault> {
    let id = cx.tenant.id;
    let record = cx.installation().get::<ServiceRecord>(&id).await?;
    let record = record.ok_or_else(|| Reason::ServiceUnknown { service: id.to_string() })?;
    let document = service_documents::opened(cx, &record)?;
    Ok((record, document))
}

/// Stages the service with these keys.
pub fn put(
    cx: &mut Cx<'_>,
    record: Loaded<ServiceRecord>,
    document: Service,
    keys: Vec<Hsk>,
) -> Result<Staged, Fault> {
    let hsks = Some(keys).filter(|keys| !keys.is_empty());
    let document = Service { hsks, modified_at: Some(cx.now.millis()), ..document };
    let next = service_documents::closed(cx, cx.tenant.id, record.organization, &document)?;
    cx.write.replace(record, &next);
    Ok(Staged)
}

/// That a change will be committed with the rest.
pub struct Staged;

/// Destroys a key in its module.
pub async fn destroy(cx: &Cx<'_>, hsk: &Hsk) -> Result<Destroyed, Fault> {
    match (hsk.hsm_name.as_deref(), hsk.handle.as_deref().and_then(KeyId::parse)) {
        (Some(hsm), Some(id)) => cx.destroy_key(hsm, id).await,
        // What has no place was never made.
        _ => Ok(Destroyed),
    }
}

/// Destroys every key of a service that goes away.
pub async fn destroy_all(cx: &Cx<'_>, document: &Service) -> Result<Destroyed, Fault> {
    for hsk in document.hsks.iter().flatten() {
        destroy(cx, hsk).await?;
    }
    Ok(Destroyed)
}
