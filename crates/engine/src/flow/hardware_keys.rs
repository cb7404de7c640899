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
use crate::tenant::HardwareKey;

/// The service as it is stored now, and its document.
pub async fn of_service(cx: &Cx<'_>) -> Result<(Loaded<ServiceRecord>, Service), Fault> {
    let id = cx.tenant.id;
    let record = cx.installation().get::<ServiceRecord>(&id).await?;
    let record = record.ok_or_else(|| Reason::ServiceUnknown { service: id.to_string() })?;
    let document = service_documents::opened(cx, &record)?;
    Ok((record, document))
}

/// Keys in hardware that are told apart from all other keys of their service (RFC 7517 §4.5). Their own public halves in
/// `credentialJwks`, where their certificates stand, are no other keys.
#[derive(Default)]
pub struct Apart(Vec<Hsk>);

impl Apart {
    /// `document` says what other keys there are.
    pub fn of(hsks: Vec<Hsk>, document: &Service) -> Result<Self, Reason> {
        let [own, of_credentials] = [&document.jwks, &document.credential_jwks].map(set);
        let known: Vec<_> = hsks.iter().filter_map(HardwareKey::of).collect();
        let is_other =
            |jwk: &&Jwk| !known.iter().any(|key| jwk.kid() == Some(&key.kid) && key.is_shown_by(jwk));
        let others = own.keys().iter().chain(of_credentials.keys().iter().filter(is_other));
        let mut taken: HashSet<_> = others.filter_map(Jwk::kid).collect();
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

fn set(text: &Option<String>) -> JwkSet {
    text.as_deref().and_then(|text| JwkSet::parse(text).ok()).unwrap_or_default()
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
