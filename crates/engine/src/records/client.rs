//! A client, as it was registered. Its secret is sealed apart from the document.

use placet_base::url::AbsoluteUri;
use placet_base::{ClientId, ServiceId};
use placet_jose::Parsed;
use placet_store::{IndexEntry, Kind, Record, Seal, Sealed};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::sealed::HoldsSealed;
use super::{join_secrets, split_secrets};
use crate::fault::Fault;

const SECRETS: &[&str] = &["clientSecret"];

#[derive(Clone, Serialize, Deserialize)]
pub struct ClientRecord {
    document: Value,
    secrets: Sealed,
    /// What has a smaller number and belongs to the client means nothing any more.
    #[serde(default)]
    revoked_below: i64,
}

impl ClientRecord {
    pub const ALIAS: &'static str = "alias";
    pub const SOFTWARE: &'static str = "software";
    /// Where a client says what it is, if that is how it is known; and the mark of all whom nobody here has registered: strangers make them.
    pub const LOCATION: &'static str = "location";
    pub const DISCOVERED: &'static str = "discovered";
    /// The host of that.
    pub const HOST: &'static str = "host";
    /// An entity of a federation, by its identifier.
    pub const ENTITY: &'static str = "entity";
    /// Where its trust chain ends; and the same with the entity directly below, where there is one between.
    pub const ANCHOR: &'static str = "anchor";
    pub const SUPERIOR: &'static str = "superior";
    pub const DEVELOPER: &'static str = "developer";

    /// `seal` seals a text for a place.
    pub fn close(
        service: ServiceId,
        id: ClientId,
        mut document: Value,
        seal: impl FnOnce(&str, &str) -> Result<Sealed, Fault>,
    ) -> Result<Self, Fault> {
        let secrets = Value::Object(split_secrets(&mut document, SECRETS)).to_string();
        Ok(Self { document, secrets: seal(&secrets, &place(service, id))?, revoked_below: 0 })
    }

    /// The value of [`ClientRecord::SUPERIOR`]. No identifier has a space in it.
    pub fn by_superior(anchor: &str, superior: &str) -> String {
        format!("{anchor} {superior}")
    }

    /// Where the document is that says what the client is.
    fn host(&self) -> Option<String> {
        client_host(self.document.get("metadataDocumentLocation")?.as_str()?)
    }

    /// Who stands directly below the anchor in the chain, which was judged when it was kept, unless that is the client itself.
    fn superior(&self) -> Option<String> {
        let member = |name: &str| self.document.get(name)?.as_str();
        let (anchor, entity) = (member("trustAnchorId")?, member("entityId")?);
        let chain = self.document.get("trustChain")?.as_array()?.iter().filter_map(Value::as_str);
        let about = |text: &str| {
            let statement = Parsed::parse(text).ok()?;
            let claim = |name: &str| statement.unproven_claims().get(name).and_then(Value::as_str);
            claim("sub").filter(|sub| claim("iss") == Some(anchor) && *sub != anchor).map(str::to_owned)
        };
        let below = chain.rev().find_map(about).filter(|below| below != entity)?;
        Some(Self::by_superior(anchor, &below))
    }

    pub fn revoked_below(&self) -> i64 {
        self.revoked_below
    }

    /// The record after revoking what has a smaller number.
    pub fn revoked(self, below: i64) -> Self {
        Self { revoked_below: self.revoked_below.max(below), ..self }
    }

    /// The whole document.
    pub fn open(&self, service: ServiceId, id: ClientId, seal: &Seal) -> Result<Value, Fault> {
        let broken = || Fault::server(format!("the secrets of client {id} do not open"));
        let secrets = seal.open(&self.secrets, &place(service, id)).map_err(|_| broken())?;
        let mut document = self.document.clone();
        join_secrets(&mut document, serde_json::from_str(secrets.expose()).map_err(|_| broken())?);
        Ok(document)
    }
}

fn place(service: ServiceId, id: ClientId) -> String {
    format!("service/{service}/client/{id}")
}

impl HoldsSealed for ClientRecord {
    fn sealed(&mut self, service: ServiceId, id: &ClientId) -> Option<(String, &mut Sealed)> {
        Some((place(service, *id), &mut self.secrets))
    }
}

/// The host of a URL that names a client.
pub fn client_host(location: &str) -> Option<String> {
    AbsoluteUri::parse(location).ok()?.host().map(str::to_ascii_lowercase)
}

impl Record for ClientRecord {
    type Id = ClientId;
    const KIND: Kind = Kind::catalogue("client");

    fn audited(&self) -> Option<Value> {
        Some(self.document.clone())
    }

    fn indexes(&self) -> Vec<IndexEntry> {
        let entry = |name, member: &str, unique| {
            let value = self.document.get(member)?.as_str().filter(|v| !v.is_empty())?.to_owned();
            Some(IndexEntry { name, value, unique })
        };
        let says = |member: &str| self.document.get(member) == Some(&Value::Bool(true));
        let discovered = says("discoveredByMetadataDocument");
        let federated = says("automaticallyRegistered") || says("explicitlyRegistered");
        let met = discovered || federated;
        let below = federated.then(|| self.superior()).flatten();
        let mark = IndexEntry { name: Self::DISCOVERED, value: Self::DISCOVERED.to_owned(), unique: false };
        let entries = [
            entry(Self::LOCATION, "metadataDocumentLocation", true).filter(|_| discovered),
            self.host().filter(|_| discovered).map(|value| IndexEntry {
                name: Self::HOST,
                value,
                unique: false,
            }),
            Some(mark).filter(|_| met),
            entry(Self::ENTITY, "entityId", true).filter(|_| federated),
            entry(Self::ANCHOR, "trustAnchorId", false).filter(|_| federated),
            below.map(|value| IndexEntry { name: Self::SUPERIOR, value, unique: false }),
            entry(Self::ALIAS, "clientIdAlias", true),
            entry(Self::DEVELOPER, "developer", false),
            entry(Self::SOFTWARE, "softwareId", false),
        ];
        entries.into_iter().flatten().collect()
    }
}
