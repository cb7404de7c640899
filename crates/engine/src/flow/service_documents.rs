//! A service as a document, and as a record.

use placet_api::documents::ApiDocument;
use placet_api::types::Service;
use placet_base::{OrganizationId, ServiceId};

use crate::cx::{Cx, Scope};
use crate::fault::Fault;
use crate::records::service::ServiceRecord;

/// The whole document, with its secrets.
pub fn opened(cx: &Cx<'_>, record: &ServiceRecord) -> Result<Service, Fault> {
    Service::from_members(cx.opened_service(record)?).map_err(Fault::server)
}

/// The document as a record, its secrets sealed.
pub fn closed<S: Scope>(
    cx: &mut Cx<'_, S>,
    id: ServiceId,
    owner: OrganizationId,
    document: &Service,
) -> Result<ServiceRecord, Fault> {
    let document = document.members().map_err(Fault::server)?;
    ServiceRecord::close(id, owner, document, |text, place| cx.seal(text, place))
}
