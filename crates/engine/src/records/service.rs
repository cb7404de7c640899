//! A service, as its operator wrote it. Secret members are sealed apart from the document.

use placet_base::{OrganizationId, Secret, ServiceId};
use placet_store::{IndexEntry, Kind, Record, Seal, SealError, Sealed};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::sealed::HoldsSealed;
use super::{join_secrets, split_secrets};
use crate::fault::Fault;

/// Members that hold secrets or private keys.
const SECRETS: &[&str] = &[
    "apiSecret",
    "jwks",
    "credentialJwks",
    "credentialIssuerMetadata.credentialRequestEncryptionJwks",
    "federationJwks",
    "authenticationCallbackApiSecret",
    "developerAuthenticationCallbackApiSecret",
    "snsCredentials",
    "developerSnsCredentials",
    "formerIntrospectionClientSecret",
];

#[derive(Clone, Serialize, Deserialize)]
pub struct ServiceRecord {
    pub organization: OrganizationId,
    document: Value,
    secrets: Sealed,
}

impl ServiceRecord {
    pub const ORGANIZATION: &'static str = "organization";

    /// `seal` seals a text for a place.
    pub fn close(
        id: ServiceId,
        organization: OrganizationId,
        mut document: Value,
        seal: impl FnOnce(&str, &str) -> Result<Sealed, Fault>,
    ) -> Result<Self, Fault> {
        let secrets = Value::Object(split_secrets(&mut document, SECRETS)).to_string();
        Ok(Self { organization, document, secrets: seal(&secrets, &place(id))? })
    }

    /// What of the document is sealed, as text.
    ///
    /// # Errors
    /// When another key has sealed it.
    pub fn secrets(&self, id: ServiceId, seal: &Seal) -> Result<Secret, SealError> {
        seal.open(&self.secrets, &place(id))
    }

    /// The whole document.
    pub fn open(&self, id: ServiceId, seal: &Seal) -> Result<Value, Fault> {
        let broken = || Fault::server(format!("the secrets of service {id} do not open"));
        let secrets = self.secrets(id, seal).map_err(|_| broken())?;
        let mut document = self.document.clone();
        // It follows from the organization, and is not what an earlier release has stored.
        document["serviceOwnerNumber"] = self.organization.number().into();
        join_secrets(&mut document, serde_json::from_str(secrets.expose()).map_err(|_| broken())?);
        Ok(document)
    }
}

fn place(id: ServiceId) -> String {
    format!("service/{id}")
}

impl HoldsSealed for ServiceRecord {
    fn sealed(&mut self, _: ServiceId, id: &ServiceId) -> Option<(String, &mut Sealed)> {
        Some((place(*id), &mut self.secrets))
    }
}

impl Record for ServiceRecord {
    type Id = ServiceId;
    const KIND: Kind = Kind::catalogue("service");

    fn audited(&self) -> Option<Value> {
        Some(self.document.clone())
    }

    fn indexes(&self) -> Vec<IndexEntry> {
        vec![IndexEntry { name: Self::ORGANIZATION, value: self.organization.to_string(), unique: false }]
    }
}
