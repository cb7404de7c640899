//! GET and POST /api/{serviceId}/service/configuration, GET /api/{serviceId}/service/jwks/get

use placet_api::types::{JwksQuery, ServiceConfigurationRequest};
use placet_api::{CallError, Document};
use placet_jose::Jwk;
use serde_json::Value;

use crate::mint::metadata;
use crate::rules::patch::Patch;
use crate::tenant::Tenant;

pub fn configuration(tenant: &Tenant, call: &ServiceConfigurationRequest) -> Result<Document, CallError> {
    let mut document = Value::Object(metadata::document(tenant));
    if let Some(patch) = call.patch.as_deref().filter(|patch| !patch.is_empty()) {
        document = Patch::parse(patch)?.applied(document)?;
    }
    Ok(text(&document, call.pretty))
}

/// The published key set; with `includePrivateKeys`, the set as the operator wrote it. Keys in hardware are public here
/// and there.
pub fn jwks(tenant: &Tenant, call: &JwksQuery) -> Document {
    let Some(set) = tenant.keys.set() else {
        return match &tenant.document.jwks_uri {
            Some(uri) if !uri.is_empty() => Document::Elsewhere(uri.clone()),
            _ => Document::Absent,
        };
    };
    if call.include_private_keys == Some(true)
        && let Some(Ok(mut whole)) = tenant.document.jwks.as_deref().map(serde_json::from_str::<Value>)
    {
        if let Some(keys) = whole.get_mut("keys").and_then(Value::as_array_mut) {
            keys.extend(tenant.keys.in_hardware().map(Jwk::public));
        }
        return text(&whole, call.pretty);
    }
    text(&set.published(), call.pretty)
}

fn text(document: &Value, pretty: Option<bool>) -> Document {
    Document::Text(if pretty == Some(true) { format!("{document:#}") } else { document.to_string() })
}
