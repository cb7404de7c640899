//! Clients of the usual kinds, as current advice has them (RFC 9700, RFC 8252, OAuth 2.0 for Browser-Based Applications).

use clap::ValueEnum;
use serde_json::{Map, Value, json};

/// What kind of client it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Template {
    /// A page that runs in a browser, without a server of its own.
    Spa,
    /// A site with a server, which keeps a secret.
    Web,
    /// An application on a phone or a desktop.
    Native,
    /// A program without a user.
    Machine,
    /// A television, a console: input on another device (RFC 8628).
    Device,
    /// A client under the FAPI 2.0 Security Profile.
    Fapi2,
    /// A client of the Model Context Protocol: public, with PKCE, for resources that it names.
    Mcp,
    /// A program that asks people on their own devices (CIBA).
    Ciba,
    /// A resource server that introspects tokens.
    Resource,
}

impl Template {
    /// The members that make a client one of this kind.
    pub(crate) fn document(self) -> Map<String, Value> {
        let document = match self {
            Self::Spa => public(&json!({ "applicationType": "WEB" })),
            Self::Native => public(&json!({ "applicationType": "NATIVE" })),
            Self::Mcp => public(&json!({ "applicationType": "NATIVE" })),
            Self::Web => confidential(&json!({
                "applicationType": "WEB", "grantTypes": ["AUTHORIZATION_CODE", "REFRESH_TOKEN"],
                "responseTypes": ["CODE"], "pkceRequired": true, "pkceS256Required": true,
            })),
            Self::Machine => confidential(&json!({ "grantTypes": ["CLIENT_CREDENTIALS"] })),
            Self::Device => json!({
                "clientType": "PUBLIC", "tokenAuthMethod": "NONE", "applicationType": "NATIVE",
                "grantTypes": ["DEVICE_CODE", "REFRESH_TOKEN"],
            }),
            Self::Fapi2 => json!({
                "clientType": "CONFIDENTIAL", "tokenAuthMethod": "PRIVATE_KEY_JWT", "tokenAuthSignAlg": "ES256",
                "applicationType": "WEB", "grantTypes": ["AUTHORIZATION_CODE", "REFRESH_TOKEN"],
                "responseTypes": ["CODE"], "idTokenSignAlg": "ES256", "parRequired": true, "dpopRequired": true,
                "pkceRequired": true, "pkceS256Required": true, "fapiModes": ["FAPI2_SECURITY"],
            }),
            Self::Ciba => confidential(&json!({
                "grantTypes": ["CIBA", "REFRESH_TOKEN"], "bcDeliveryMode": "POLL", "idTokenSignAlg": "ES256",
            })),
            Self::Resource => confidential(&json!({ "grantTypes": ["CLIENT_CREDENTIALS"] })),
        };
        document.as_object().cloned().unwrap_or_default()
    }
}

/// RFC 9700 §2.1.1: public clients use PKCE.
fn public(more: &Value) -> Value {
    with(
        json!({
            "clientType": "PUBLIC", "tokenAuthMethod": "NONE",
            "grantTypes": ["AUTHORIZATION_CODE", "REFRESH_TOKEN"], "responseTypes": ["CODE"],
            "pkceRequired": true, "pkceS256Required": true,
        }),
        more,
    )
}

fn confidential(more: &Value) -> Value {
    with(json!({ "clientType": "CONFIDENTIAL", "tokenAuthMethod": "CLIENT_SECRET_BASIC" }), more)
}

fn with(mut base: Value, more: &Value) -> Value {
    if let (Some(base), Some(more)) = (base.as_object_mut(), more.as_object()) {
        base.extend(more.clone());
    }
    base
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::members::read;

    #[test]
    fn templates_are_clients() {
        for template in Template::value_variants() {
            let document = Value::Object(template.document());
            read::<placet_sdk::types::Client>(&document).unwrap();
        }
    }
}
