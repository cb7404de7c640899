//! RFC 9728 – what clients can read about a protected resource.

use serde_json::json;

use crate::challenge::ALGS;
use crate::protection::Protection;

impl Protection {
    /// Where the metadata are to be served (§3.1): the well-known path stands before that of the resource.
    pub fn metadata_path(&self) -> String {
        format!("/.well-known/oauth-protected-resource{}", self.path())
    }

    /// Their URL, as challenges name it (§5.1).
    pub(crate) fn metadata_url(&self) -> String {
        format!("{}{}", self.origin(), self.metadata_path())
    }

    /// The metadata (§2), JSON. `scopes`: what this resource knows.
    pub fn metadata(&self, scopes: &[&str]) -> String {
        json!({
            "resource": self.resource(),
            "authorization_servers": self.authorization_servers(),
            "scopes_supported": scopes,
            "bearer_methods_supported": ["header"],
            "dpop_signing_alg_values_supported": ALGS.split(' ').collect::<Vec<_>>(),
            "tls_client_certificate_bound_access_tokens": true,
        })
        .to_string()
    }
}
