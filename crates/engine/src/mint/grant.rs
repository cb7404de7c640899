//! OAuth 2.0 Grant Management §6.3 – a grant, as its client reads it.

use placet_base::Scopes;
use serde_json::{Map, Value, json};

use crate::records::grant::Grant;

pub fn json(grant: &Grant) -> String {
    let mut members = Map::new();
    let scope = |(scopes, resources): &(Scopes, Vec<String>)| {
        let mut entry = json!({ "scope": scopes.to_string() });
        if !resources.is_empty() {
            entry["resource"] = resources.clone().into();
        }
        entry
    };
    let scopes: Vec<_> = grant.scopes.iter().filter(|(scopes, _)| !scopes.is_empty()).map(scope).collect();
    members.insert("scopes".into(), scopes.into());
    if !grant.claims.is_empty() {
        members.insert("claims".into(), grant.claims.clone().into());
    }
    if !grant.details.is_empty() {
        members.insert("authorization_details".into(), grant.details.json());
    }
    Value::Object(members).to_string()
}
