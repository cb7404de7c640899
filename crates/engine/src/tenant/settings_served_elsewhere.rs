//! Settings that are refused. All others have their effect: `cargo xtask tidy` fails for one that is neither read nor stands
//! here, and for one that is read and still stands here.

use serde_json::{Map, Value};

/// Of services: they are about pages that the hosted product serves itself. Here an authorization server does that,
/// always, so that they are refused, and nobody believes that a page is there.
pub const REFUSED: &[&str] = &[
    "developerAuthenticationCallbackEndpoint",
    "developerAuthenticationCallbackApiKey",
    "developerAuthenticationCallbackApiSecret",
    "supportedDeveloperSnses",
    "developerSnsCredentials",
];

/// The first setting of the hosted product's own pages that the document sets to something.
pub fn refused(document: &Map<String, Value>) -> Option<&'static str> {
    REFUSED.iter().copied().find(|name| document.get(*name).is_some_and(is_set))
}

/// Whether a value asks for something: `false`, 0 and what is empty do not.
fn is_set(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Bool(true) => true,
        Value::Number(number) => number.as_i64() != Some(0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => members.values().any(is_set),
    }
}
