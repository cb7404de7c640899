//! OpenID for Verifiable Credential Issuance 1.0 §6.1 – who brings a pre-authorized code and is no client.

use std::sync::Arc;

use placet_api::documents::ApiDocument;
use placet_api::types::Client as Document;
use placet_base::ClientId;
use placet_base::registry::{ClientAuthMethod, ClientType, GrantType};

use super::{Client, Tenant};
use crate::fault::Fault;

impl Tenant {
    /// Who brings a code and names no client, where that is allowed. It is compiled once for a compiled service.
    pub fn nobody(&self) -> Result<Option<Arc<Client>>, Fault> {
        if !self.credentials.as_ref().is_some_and(|issuer| issuer.anonymous) {
            return Ok(None);
        }
        if let Some(known) = self.nobody.get() {
            return Ok(Some(known.clone()));
        }
        let compiled = Arc::new(Client::nobody(self)?);
        Ok(Some(self.nobody.get_or_init(|| compiled).clone()))
    }
}

impl Client {
    /// Nothing is registered under this id.
    pub const NOBODY: ClientId = ClientId(0);

    /// A public client that can do nothing else.
    fn nobody(tenant: &Tenant) -> Result<Self, Fault> {
        let document = Document {
            client_type: Some(ClientType::Public),
            token_auth_method: Some(ClientAuthMethod::None),
            grant_types: Some(vec![GrantType::PreAuthorizedCode]),
            response_types: Some(Vec::new()),
            authorization_details_types: Some(vec!["openid_credential".to_owned()]),
            ..Document::default()
        };
        Self::compile(tenant, Self::NOBODY, document.members().map_err(Fault::server)?, 0)
    }

    pub fn is_nobody(&self) -> bool {
        self.id == Self::NOBODY
    }
}
