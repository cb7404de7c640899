//! The keys of a service in hardware. They are members of its document: what makes a service new makes its keys new.

use std::collections::HashSet;

use placet_api::Reason;
use placet_api::types::{Hsk, Service};
use placet_hsm::{Destroyed, KeyId};
use placet_jose::{Jwk, JwkSet};
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

/// Keys in hardware that are told apart from all other keys of their service (RFC 7517 §4.5).
#[derive(Default)]
pub struct Apart(Vec<Hsk>);

impl Apart {
    /// `document` says what other keys there are.
    pub fn of(hsks: Vec<Hsk>, document: &Service) -> Result<Self, Reason> {
        let sets = [&document.jwks, &document.credential_jwks];
        let sets: Vec<_> = sets.into_iter().flatten().filter_map(|text| JwkSet::parse(text).ok()).collect();
        let mut taken: HashSet<_> = sets.iter().flat_map(JwkSet::keys).filter_map(Jwk::kid).collect();
        match hsks.iter().filter_map(|hsk| hsk.kid.as_deref()).find(|kid| !taken.insert(kid)) {
            Some(kid) => Err(Reason::HskKidTaken { kid: kid.to_owned() }),
            None => Ok(Self(hsks)),
        }
    }

    /// The others of the service: fewer than those that were told apart.
    pub fn without(hsk: &Hsk, document: &Service) -> Self {
        let others = document.hsks.iter().flatten().filter(|other| other.handle != hsk.handle);
        Self(others.cloned().collect())
    }

    pub fn into_inner(self) -> Option<Vec<Hsk>> {
        Some(self.0).filter(|hsks| !hsks.is_empty())
    }
}

/// Stages the service with these keys.
pub fn put(
    cx: &mut Cx<'_>,
    record: Loaded<ServiceRecord>,
    document: Service,
    keys: Apart,
) -> Result<Staged, Fault> {
    let document = Service { hsks: keys.into_inner(), modified_at: Some(cx.now.millis()), ..document };
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
