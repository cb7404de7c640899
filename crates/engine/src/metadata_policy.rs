//! OpenID Federation 1.0 §6.1 – what an operator lets metadata say: values that are set, added, or held against lists.

mod operators;

pub use operators::{Foreign, Operators, Texts};

use placet_api::Reason;
use serde_json::{Map, Value};

use crate::budgets::METADATA_POLICY;
use crate::fault::Fault;

/// Entity types of clients, under which parameters may stand (§5.1).
const ENTITY_TYPES: [&str; 2] = ["openid_relying_party", "oauth_client"];

/// What is asked of each parameter.
#[derive(Debug, PartialEq, Eq)]
pub struct MetadataPolicy(Vec<(String, Operators)>);

/// Why something is no policy, or policies are none together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPolicy;

impl MetadataPolicy {
    /// Reads a policy: parameters with their operators, or entity types of clients with such parameters. An operator that
    /// is not known here would silently allow what it forbids, so it makes the policy unusable.
    ///
    /// # Errors
    /// [`NoPolicy`].
    pub fn parse(text: &str) -> Result<Self, NoPolicy> {
        if text.len() > METADATA_POLICY {
            return Err(NoPolicy);
        }
        let members: Map<String, Value> = serde_json::from_str(text).map_err(|_| NoPolicy)?;
        let mut parameters = Vec::new();
        for (name, value) in members {
            let value = object(value)?;
            if ENTITY_TYPES.contains(&name.as_str()) {
                for (name, operators) in value {
                    parameters.push((name, Operators::of_operator(object(operators)?)?));
                }
            } else {
                parameters.push((name, Operators::of_operator(value)?));
            }
        }
        Ok(Self(parameters))
    }

    /// The metadata as the policy makes them.
    ///
    /// # Errors
    /// [`Reason::MetadataPolicyViolated`], naming the parameter.
    pub fn applied(&self, mut metadata: Map<String, Value>) -> Result<Map<String, Value>, Fault> {
        for (name, operators) in &self.0 {
            let violated = || Fault::from(Reason::MetadataPolicyViolated { name: name.clone() });
            let value = metadata.shift_remove(name).filter(|value| !value.is_null());
            if let Some(value) = operators.applied(value).ok_or_else(violated)? {
                metadata.insert(name.clone(), value);
            }
        }
        Ok(metadata)
    }
}

fn object(value: Value) -> Result<Map<String, Value>, NoPolicy> {
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(NoPolicy),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::budgets::METADATA_POLICY_VALUES;

    fn applied(policy: &Value, metadata: &Value) -> Option<Value> {
        let policy = MetadataPolicy::parse(&policy.to_string()).unwrap();
        let metadata = metadata.as_object().unwrap().clone();
        policy.applied(metadata).ok().map(Value::Object)
    }

    #[test]
    fn each_operator_does_what_it_says() {
        let many = json!({ "a": ["x", "y"] });
        for (operators, metadata, expected) in [
            (json!({ "value": 7 }), json!({ "a": 1 }), Some(json!({ "a": 7 }))),
            (json!({ "value": null }), json!({ "a": 1 }), Some(json!({}))),
            (json!({ "add": ["y", "z"] }), many.clone(), Some(json!({ "a": ["x", "y", "z"] }))),
            (json!({ "add": ["z"] }), json!({}), Some(json!({ "a": ["z"] }))),
            (json!({ "add": ["z"] }), json!({ "a": "x y" }), Some(json!({ "a": "x y z" }))),
            (json!({ "add": ["z"] }), json!({ "a": 1 }), None),
            (json!({ "default": "d" }), json!({}), Some(json!({ "a": "d" }))),
            (json!({ "default": "d" }), json!({ "a": "x" }), Some(json!({ "a": "x" }))),
            (json!({ "one_of": ["x", "y"] }), json!({ "a": "x" }), Some(json!({ "a": "x" }))),
            (json!({ "one_of": ["x", "y"] }), json!({ "a": "z" }), None),
            (json!({ "one_of": ["x"] }), json!({}), Some(json!({}))),
            (json!({ "subset_of": ["y", "z"] }), many.clone(), Some(json!({ "a": ["y"] }))),
            (json!({ "subset_of": ["z"] }), many.clone(), Some(json!({ "a": [] }))),
            (json!({ "subset_of": ["y"] }), json!({ "a": "x y" }), Some(json!({ "a": "y" }))),
            (json!({ "superset_of": ["x"] }), many.clone(), Some(many.clone())),
            (json!({ "superset_of": ["z"] }), many, None),
            (json!({ "essential": true }), json!({}), None),
            (json!({ "essential": true, "default": 1 }), json!({}), Some(json!({ "a": 1 }))),
            (json!({ "essential": true }), json!({ "a": null }), None),
        ] {
            assert_eq!(applied(&json!({ "a": operators }), &metadata), expected, "{operators} {metadata}");
        }
    }

    #[test]
    fn parameters_may_stand_under_an_entity_type_of_clients() {
        let policy = json!({ "openid_relying_party": { "a": { "value": 1 } } });
        assert_eq!(applied(&policy, &json!({ "b": 2 })), Some(json!({ "b": 2, "a": 1 })));
    }

    #[test]
    fn what_is_no_policy_is_none() {
        for text in [
            "",
            "[]",
            "{\"a\":1}",
            "{\"a\":{\"regexp\":\"x\"}}",
            "{\"a\":{\"one_of\":\"x\"}}",
            "{\"a\":{\"essential\":1}}",
            "{\"oauth_client\":{\"a\":1}}",
        ] {
            assert_eq!(MetadataPolicy::parse(text), Err(NoPolicy), "{text}");
        }
        let many = format!("{{\"a\":{{\"add\":[{}0]}}}}", "0,".repeat(METADATA_POLICY_VALUES));
        assert_eq!(MetadataPolicy::parse(&many), Err(NoPolicy));
        assert_eq!(MetadataPolicy::parse(&format!("{{{}}}", " ".repeat(METADATA_POLICY))), Err(NoPolicy));
    }
}
