//! Settings that have no effect in this release. Most are stored, and whoever sets one is told so; a few are refused. A
//! setting is honoured, or named: `cargo xtask tidy` fails for one that is neither read nor stands here, and for
//! one that is read and still stands here.

use serde_json::{Map, Value};

/// Of services: they are about pages that the hosted product serves itself. Here an authorization server does that,
/// always, so that they are refused, and nobody believes that a page is there.
pub const REFUSED: &[&str] = &[
    "developerAuthenticationCallbackEndpoint",
    "developerAuthenticationCallbackApiKey",
    "developerAuthenticationCallbackApiSecret",
    "supportedSnses",
    "snsCredentials",
    "supportedDeveloperSnses",
    "developerSnsCredentials",
];

/// The first setting of the hosted product's own pages that the document sets to something.
pub fn refused(document: &Map<String, Value>) -> Option<&'static str> {
    REFUSED.iter().copied().find(|name| document.get(*name).is_some_and(is_set))
}

/// Of services, by the feature that they are for. Those of clients all have theirs.
pub const SERVICE: &[&str] = &[
    // Verifiable credentials.
    "preAuthorizedGrantAnonymousAccessSupported",
    "userPinLength",
];

/// A warning for each of these settings that the document of a service sets to something.
/// `beyond`: values of other settings that have none.
pub fn warnings(document: &Map<String, Value>, beyond: &[(&str, &str)]) -> Option<Vec<String>> {
    let set = SERVICE.iter().filter(|name| document.get(**name).is_some_and(is_set));
    let settings =
        set.map(|name| format!("The setting '{name}' is stored, and has no effect in this release."));
    let values = beyond.iter().map(|(name, value)| {
        format!("The value '{value}' of the setting '{name}' is stored, and has no effect in this release.")
    });
    let warnings: Vec<_> = settings.chain(values).collect();
    (!warnings.is_empty()).then_some(warnings)
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
