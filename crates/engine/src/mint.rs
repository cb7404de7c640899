//! What goes out, made of what was decided: values and unsigned tokens. Nothing here decides, stores or
//! signs.

pub mod access_token;
pub mod authorization_response;
pub mod entity_configuration;
pub mod error;
pub mod explicit_registration;
pub mod grant;
pub mod id_jag;
pub mod id_token;
pub mod introspection;
pub mod logout_token;
pub mod metadata;
pub mod registration;
pub mod signed_keys;
pub mod token_response;
pub mod txn_token;
pub mod userinfo;

use serde_json::{Map, Value};

/// A JSON object as text. `Display` of a value goes through a formatter, which takes longer; a map of values has nothing
/// that could fail.
pub(crate) fn json(members: &Map<String, Value>) -> String {
    serde_json::to_string(members).unwrap_or_default()
}
