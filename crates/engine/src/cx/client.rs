//! Clients, their keys, and what is made for them.

use std::sync::Arc;

use placet_api::Reason;
use placet_base::registry::{JweAlg, JweEnc};
use placet_base::url::Issuer;
use placet_base::{ClientId, Timestamp};
use placet_jose::{EncryptionKey, JwkSet, Parsed, Unsigned};
use serde_json::{Map, Value};

use super::Cx;
use crate::fault::Fault;
use crate::outside::{Caller, FetchError, Fetched};
use crate::records::client::ClientRecord;
use crate::rules::federation::{self, At};
use crate::tenant::{Client, ClientKeys, Protection, SignedKeys, Signer};

/// The key set of a client, wherever it came from.
pub enum KeySet {
    None,
    ByValue(Arc<Client>),
    Fetched(Arc<JwkSet>),
}

impl KeySet {
    pub fn get(&self) -> Option<&JwkSet> {
        match self {
            Self::None => None,
            Self::ByValue(client) => match &client.keys {
                ClientKeys::Set(set) => Some(set),
                _ => None,
            },
            Self::Fetched(set) => Some(set),
        }
    }
}

/// Whether a set has a key that the token may have been signed with; of what cannot be read, any will do.
fn holds_key_of(token: &str) -> impl Fn(&JwkSet) -> bool {
    let parsed = Parsed::parse(token).ok();
    move |set| match &parsed {
        Some(parsed) => set.verifying(parsed.alg(), parsed.kid()).next().is_some(),
        None => true,
    }
}

impl Cx<'_> {
    /// The compiled client of this service.
    pub async fn client(&self, id: ClientId) -> Result<Option<Arc<Client>>, Fault> {
        if id == Client::NOBODY {
            return self.tenant.nobody();
        }
        let Some(row) = self.read.row::<ClientRecord>(&id).await? else { return Ok(None) };
        self.engine.compiled_client(&self.tenant, id, &row).map(Some)
    }

    /// The client that has the alias.
    pub async fn client_by_alias(&self, alias: &str) -> Result<Option<Arc<Client>>, Fault> {
        let found = self.read.find_one::<ClientRecord>(ClientRecord::ALIAS, alias).await?;
        match found {
            Some(record) => self.client(*record.id()).await,
            None => Ok(None),
        }
    }

    /// The client that says at `url` what it is, as it was last known.
    pub async fn client_by_location(&self, url: &str) -> Result<Option<Arc<Client>>, Fault> {
        let found = self.read.find_one::<ClientRecord>(ClientRecord::LOCATION, url).await?;
        match found {
            Some(record) => self.client(*record.id()).await,
            None => Ok(None),
        }
    }

    /// The client's keys, to verify `token` with: the set that holds its key, if any does.
    pub async fn keys_for(&self, client: &Arc<Client>, token: &str) -> Result<KeySet, Fault> {
        self.keys(client, holds_key_of(token)).await
    }

    /// The client's keys; fetched again when what was kept does not hold what is looked for.
    pub async fn keys(&self, client: &Arc<Client>, holds: impl Fn(&JwkSet) -> bool) -> Result<KeySet, Fault> {
        match &client.keys {
            ClientKeys::None => Ok(KeySet::None),
            ClientKeys::Set(_) => Ok(KeySet::ByValue(client.clone())),
            ClientKeys::Signed(signed) => self.signed_keys(signed, holds).await,
            ClientKeys::At(url) => {
                let place = (self.tenant.id, url.as_str());
                let found =
                    self.engine.documents.key_set(&*self.engine.outside, place, self.now, holds).await;
                found
                    .map(KeySet::Fetched)
                    .map_err(|error| Fault::caused_by(Reason::ClientKeysUnavailable {}, error.to_string()))
            }
        }
    }

    /// OpenID Federation 1.0 §5.2.1.1: the keys that an entity has signed.
    async fn signed_keys(
        &self,
        signed: &SignedKeys,
        holds: impl Fn(&JwkSet) -> bool,
    ) -> Result<KeySet, Fault> {
        let at = At { now: self.now, tolerance: self.tenant.tolerance };
        let read = |text: String| {
            let set = federation::signed_keys::of_entity(&text, &signed.entity, &signed.keys, at);
            set.ok_or_else(|| FetchError::Failed("no key set that its entity has signed".to_owned()))
        };
        let reading = format!("signed {}", signed.entity);
        let place = (self.tenant.id, signed.url.as_str(), reading.as_str());
        let (documents, outside) = (&self.engine.documents, &*self.engine.outside);
        let found = documents.key_set_read(outside, place, self.now, (read, holds)).await;
        found.map(KeySet::Fetched).map_err(|error| Fault::caused_by(Reason::ClientKeysUnavailable {}, error))
    }

    /// The bundle of a SPIFFE trust domain, to verify `svid` with: the one that holds its key, if any does.
    pub async fn bundle_for(&self, url: &str, svid: &str) -> Result<KeySet, Fault> {
        let parsed = Parsed::parse(svid).ok();
        let kid = parsed.as_ref().and_then(Parsed::kid);
        let holds = |set: &JwkSet| kid.is_none_or(|kid| set.keys().iter().any(|jwk| jwk.kid() == Some(kid)));
        let place = (self.tenant.id, url);
        let found = self.engine.documents.key_set(&*self.engine.outside, place, self.now, holds).await;
        let unavailable =
            |error: FetchError| Fault::caused_by(Reason::SpiffeBundleUnavailable {}, error.to_string());
        found.map(KeySet::Fetched).map_err(unavailable)
    }

    /// The keys of another issuer, where its discovery document says (OpenID Connect Discovery §4); those that hold the
    /// key of `token`, if any does.
    pub async fn keys_of_issuer(
        &self,
        issuer: &Issuer,
        token: &str,
        otherwise: Reason,
    ) -> Result<Arc<JwkSet>, Fault> {
        let (documents, place) = (&self.engine.documents, (self.tenant.id, issuer.as_str()));
        let keys = documents.issuer_keys(&*self.engine.outside, place, self.now, holds_key_of(token)).await;
        keys.map_err(|error| Fault::caused_by(otherwise, error))
    }

    /// The document at `url`.
    pub async fn fetch(&self, url: &str, otherwise: Reason) -> Result<String, Fault> {
        let place = (self.tenant.id, url);
        let fetched = self.engine.documents.text(&*self.engine.outside, place, self.now).await;
        fetched.map_err(|error| Fault::caused_by(otherwise, error))
    }

    /// The client that is this entity of a federation, as it was last known.
    pub async fn client_by_entity(&self, id: &str) -> Result<Option<Arc<Client>>, Fault> {
        let found = self.read.find_one::<ClientRecord>(ClientRecord::ENTITY, id).await?;
        match found {
            Some(record) => self.client(*record.id()).await,
            None => Ok(None),
        }
    }

    /// The entity statement at `url`, of this issuer.
    pub async fn statement(&self, url: &str, issuer: &str) -> Result<String, Fault> {
        let (place, asking) = ((self.tenant.id, url), (&*self.engine.outside, self.caller(issuer)));
        let text = self.engine.documents.statement(asking, place, self.now).await;
        let unavailable = || Reason::TrustChainUnresolved { entity: issuer.to_owned() };
        text.map(|text| text.trim().to_owned()).map_err(|error| Fault::caused_by(unavailable(), error))
    }

    /// The status list at `url`, of somebody whom the operator trusts. [`Cx::keep_statement`] may have kept it.
    pub async fn status_list(&self, url: &str) -> Result<String, FetchError> {
        let (place, asking) = ((self.tenant.id, url), (&*self.engine.outside, Caller::Known));
        self.engine.documents.statement(asking, place, self.now).await
    }

    /// What this entity answers to the form at `url`.
    pub async fn answer(&self, url: &str, form: &str, entity: &str) -> Result<String, Fault> {
        let (place, asking) = ((self.tenant.id, url, form), (&*self.engine.outside, self.caller(entity)));
        let text = self.engine.documents.answer(asking, place, self.now).await;
        let unavailable = || Reason::TrustChainUnresolved { entity: entity.to_owned() };
        text.map_err(|error| Fault::caused_by(unavailable(), error))
    }

    /// For whom is asked what leads to an entity: anchors are the operator's.
    fn caller(&self, entity: &str) -> Caller {
        let anchor = self.tenant.federation.as_ref().and_then(|federation| federation.anchor(entity));
        if anchor.is_some() { Caller::Known } else { Caller::Stranger }
    }

    /// Keeps it for others who ask for it.
    pub fn keep_statement(&self, url: &str, text: &str, exp: Timestamp) {
        self.engine.documents.keep_statement((self.tenant.id, url), text, exp, self.now);
    }

    /// What a client says of itself at `url`. Failures are not kept (draft-ietf-oauth-client-id-metadata-document-02 §5.2).
    pub async fn document(&self, url: &str) -> Result<Fetched, Fault> {
        let fetched = self.engine.outside.fetch_for(url, Caller::Stranger).await;
        fetched.map_err(|error| Fault::caused_by(Reason::ClientDocumentUnavailable {}, error))
    }

    /// A token as the client wants it: signed by `key`, then encrypted where it has asked for that.
    pub async fn protected(
        &self,
        client: &Arc<Client>,
        unsigned: Unsigned,
        key: Option<&Signer>,
        protection: Protection,
    ) -> Result<String, Fault> {
        let mut header = Map::new();
        let content = match key {
            Some(key) => {
                header.insert("cty".into(), "JWT".into());
                self.signed(unsigned, key).await?
            }
            None => Value::Object(unsigned.claims).to_string(),
        };
        let Some((alg, enc)) = protection.encryption else { return Ok(content) };
        let key = self.encryption_key(client, alg, enc).await?;
        let encrypted = placet_jose::encrypt(content.as_bytes(), header, &key, enc);
        encrypted.ok_or_else(|| Fault::server("an encryption could not be made"))
    }

    async fn encryption_key(
        &self,
        client: &Arc<Client>,
        alg: JweAlg,
        enc: JweEnc,
    ) -> Result<EncryptionKey, Fault> {
        if alg == JweAlg::Rsa15 && client.general().client.no_rsa15 {
            return Err(Reason::EncryptionAlgTooWeak { alg: alg.protocol_name().to_owned() }.into());
        }
        let missing = || Reason::EncryptionKeyMissing { alg: alg.protocol_name().to_owned() };
        if placet_jose::is_symmetric(alg) {
            let secret = client.secret().ok_or_else(missing)?;
            return Ok(EncryptionKey::from_secret(secret.expose(), alg, enc).ok_or_else(missing)?);
        }
        let fits = |set: &JwkSet| set.keys().iter().any(|jwk| jwk.encryption_key(alg).is_some());
        let keys = self.keys(client, fits).await?;
        let set = keys.get().ok_or_else(missing)?;
        // A key that says it is for encryption goes before one that says nothing.
        let mut candidates: Vec<_> = set.keys().iter().collect();
        candidates.sort_by_key(|jwk| jwk.key_use().is_none());
        let key = candidates.into_iter().find_map(|jwk| jwk.encryption_key(alg));
        Ok(key.ok_or_else(missing)?)
    }
}
