//! OpenID Federation 1.0 §6.1 – metadata policies: those of superiors together, and what they make of metadata

use std::collections::BTreeMap;

use placet_api::Reason;
use serde_json::{Map, Value};

use super::unfit;
use crate::fault::Fault;
use crate::metadata_policy::{Foreign, NoPolicy, Operators, Texts};
use crate::rules::registration::Metadata;

/// §6.1.2: operators by entity type and parameter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy(BTreeMap<String, BTreeMap<String, Operators>>);

/// The one parameter whose text is a list of words (§6.1.3.1.8).
const SCOPE: &str = "scope";

impl Policy {
    pub fn parse(value: &Value) -> Result<Self, Fault> {
        let mut policy = Self::default();
        for (entity_type, parameters) in object(value)? {
            let mut own = BTreeMap::new();
            for (name, operators) in object(parameters)? {
                own.insert(name.clone(), parsed(name, object(operators)?)?);
            }
            policy.0.insert(entity_type.clone(), own);
        }
        Ok(policy)
    }

    /// §6.1.4.1: this one, and that of a subordinate, level by level.
    pub fn merged(mut self, below: Self) -> Result<Self, Fault> {
        for (entity_type, parameters) in below.0 {
            let own = self.0.entry(entity_type).or_default();
            for (name, operators) in parameters {
                let merged = match own.remove(&name) {
                    Some(above) => above.merged(operators).map_err(|NoPolicy| conflict(&name))?,
                    None => operators,
                };
                own.insert(name, merged);
            }
        }
        Ok(self)
    }

    /// §6.1.4.2: the metadata of an entity of this type as the policy makes them.
    pub fn applied(&self, entity_type: &str, mut metadata: Metadata) -> Result<Metadata, Fault> {
        let policies = self.0.get(entity_type);
        // What a name is in some language (OpenID Connect Core §5.2) is no way around what it may be.
        let about = |name: &str| policies.is_some_and(|policies| policies.contains_key(name));
        metadata
            .retain(|name, _| about(name) || !name.split_once('#').is_some_and(|(plain, _)| about(plain)));
        for (name, operators) in policies.into_iter().flatten() {
            let unmet = || Fault::from(Reason::FederationPolicyUnmet { name: name.clone() });
            let value = metadata.shift_remove(name);
            if let Some(value) = operators.applied(value).ok_or_else(unmet)? {
                metadata.insert(name.clone(), written(name, value));
            }
        }
        Ok(metadata)
    }
}

fn object(value: &Value) -> Result<&Map<String, Value>, Fault> {
    value.as_object().ok_or_else(|| unfit("metadata_policy"))
}

fn conflict(name: &str) -> Fault {
    Reason::MetadataPolicyConflict { name: name.to_owned() }.into()
}

fn parsed(name: &str, operators: &Map<String, Value>) -> Result<Operators, Fault> {
    let texts = if name == SCOPE { Texts::Words } else { Texts::Whole };
    let operators = Operators::parse(operators.clone(), texts, Foreign::Ignored);
    operators.and_then(Operators::consistent).map_err(|NoPolicy| conflict(name))
}

/// A list of scopes is written as a text again.
fn written(name: &str, value: Value) -> Value {
    match value {
        Value::Array(list) if name == SCOPE => {
            list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ").into()
        }
        value => value,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const RP: &str = "openid_relying_party";

    fn policy(of_rp: &Value) -> Policy {
        Policy::parse(&json!({ RP: of_rp })).unwrap()
    }

    fn applied(policy: &Policy, metadata: &Value) -> Option<Value> {
        let metadata = metadata.as_object().unwrap().clone();
        policy.applied(RP, metadata).ok().map(Value::Object)
    }

    fn anchor() -> Value {
        json!({
            "grant_types": {
                "default": ["authorization_code"],
                "subset_of": ["authorization_code", "refresh_token"],
                "superset_of": ["authorization_code"],
            },
            "token_endpoint_auth_method": {
                "one_of": ["private_key_jwt", "self_signed_tls_client_auth"],
                "essential": true,
            },
            "token_endpoint_auth_signing_alg": { "one_of": ["PS256", "ES256"] },
            "subject_type": { "value": "pairwise" },
            "contacts": { "add": ["helpdesk@federation.example.org"] },
        })
    }

    fn intermediate() -> Value {
        json!({
            "grant_types": { "subset_of": ["authorization_code"] },
            "token_endpoint_auth_method": { "one_of": ["self_signed_tls_client_auth"] },
            "contacts": { "add": ["helpdesk@org.example.org"] },
        })
    }

    /// Figures 12 to 16 of §6.1.5.
    #[test]
    fn the_example_of_the_specification() {
        let merged = policy(&anchor()).merged(policy(&intermediate())).unwrap();
        let figure_14 = json!({
            "grant_types": {
                "default": ["authorization_code"],
                "superset_of": ["authorization_code"],
                "subset_of": ["authorization_code"],
            },
            "token_endpoint_auth_method": { "one_of": ["self_signed_tls_client_auth"], "essential": true },
            "token_endpoint_auth_signing_alg": { "one_of": ["PS256", "ES256"] },
            "subject_type": { "value": "pairwise" },
            "contacts": { "add": ["helpdesk@federation.example.org", "helpdesk@org.example.org"] },
        });
        assert_eq!(merged, policy(&figure_14));
        let metadata = json!({
            "redirect_uris": ["https://rp.example.org/callback"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "self_signed_tls_client_auth",
            "contacts": ["rp_admins@rp.example.org"],
            "sector_identifier_uri": "https://org.example.org/sector-ids.json",
            "policy_uri": "https://org.example.org/policy.html",
        });
        let figure_16 = json!({
            "redirect_uris": ["https://rp.example.org/callback"],
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "self_signed_tls_client_auth",
            "subject_type": "pairwise",
            "sector_identifier_uri": "https://org.example.org/sector-ids.json",
            "policy_uri": "https://org.example.org/policy.html",
            "contacts": [
                "rp_admins@rp.example.org", "helpdesk@federation.example.org", "helpdesk@org.example.org",
            ],
        });
        assert_eq!(applied(&merged, &metadata), Some(figure_16));
    }

    /// Table 1 of §6.1.3.1.8.
    #[test]
    fn the_table_of_the_specification() {
        for (essential, input, output) in [
            (true, json!({ "p": ["a", "e"] }), Some(json!({ "p": ["a"] }))),
            (false, json!({ "p": ["a", "e"] }), Some(json!({ "p": ["a"] }))),
            (true, json!({ "p": ["d", "e"] }), Some(json!({ "p": [] }))),
            (false, json!({ "p": ["d", "e"] }), Some(json!({ "p": [] }))),
            (true, json!({}), None),
            (false, json!({}), Some(json!({}))),
        ] {
            let operators = json!({ "essential": essential, "subset_of": ["a", "b", "c"] });
            assert_eq!(applied(&policy(&json!({ "p": operators })), &input), output, "{essential} {input}");
        }
    }

    #[test]
    fn operators_of_several_become_one() {
        for (above, below, merged) in [
            (json!({ "value": 1 }), json!({ "value": 1 }), Some(json!({ "value": 1 }))),
            (json!({ "value": 1 }), json!({ "value": 2 }), None),
            (json!({ "value": null }), json!({ "value": 2 }), None),
            (json!({ "default": 1 }), json!({ "default": 1 }), Some(json!({ "default": 1 }))),
            (json!({ "default": 1 }), json!({ "default": 2 }), None),
            (json!({ "add": ["a"] }), json!({ "add": ["b", "a"] }), Some(json!({ "add": ["a", "b"] }))),
            (json!({ "one_of": ["a", "b"] }), json!({ "one_of": ["b"] }), Some(json!({ "one_of": ["b"] }))),
            (json!({ "one_of": ["a"] }), json!({ "one_of": ["b"] }), None),
            (json!({ "subset_of": ["a"] }), json!({ "subset_of": ["b"] }), Some(json!({ "subset_of": [] }))),
            (
                json!({ "superset_of": ["a"] }),
                json!({ "superset_of": ["b"] }),
                Some(json!({ "superset_of": ["a", "b"] })),
            ),
            (json!({ "essential": true }), json!({ "essential": false }), Some(json!({ "essential": true }))),
            // Together they are what neither is alone.
            (json!({ "value": "a" }), json!({ "one_of": ["b"] }), None),
            (json!({ "value": null }), json!({ "essential": true }), None),
            (json!({ "add": ["a"] }), json!({ "subset_of": ["b"] }), None),
            (json!({ "subset_of": ["a"] }), json!({ "superset_of": ["b"] }), None),
            (json!({ "one_of": ["a"] }), json!({ "subset_of": ["a"] }), None),
            (
                json!({ "value": ["a"] }),
                json!({ "subset_of": ["a", "b"] }),
                Some(json!({ "value": ["a"], "subset_of": ["a", "b"] })),
            ),
        ] {
            let of = |operators: &Value| policy(&json!({ "p": operators }));
            let both = of(&above).merged(of(&below)).ok();
            assert_eq!(both, merged.as_ref().map(of), "{above} {below}");
        }
    }

    #[test]
    fn only_some_operators_stand_together() {
        for (operators, together) in [
            (json!({ "value": ["a", "b"], "add": ["b"] }), true),
            (json!({ "value": ["a"], "add": ["b"] }), false),
            (json!({ "value": null, "add": ["b"] }), false),
            (json!({ "value": "a", "default": "b" }), true),
            (json!({ "value": null, "default": "b" }), false),
            (json!({ "value": "a", "one_of": ["a", "b"] }), true),
            (json!({ "value": "c", "one_of": ["a", "b"] }), false),
            (json!({ "value": ["a", "c"], "subset_of": ["a", "b"] }), false),
            (json!({ "value": ["a", "b"], "superset_of": ["a"] }), true),
            (json!({ "value": ["b"], "superset_of": ["a"] }), false),
            (json!({ "value": null, "essential": true }), false),
            (json!({ "value": null, "essential": false }), true),
            (json!({ "value": "a", "subset_of": ["a"] }), false),
            (json!({ "add": ["a"], "default": ["b"], "superset_of": ["c"], "essential": true }), true),
            (json!({ "add": ["a"], "one_of": ["a"] }), false),
            (json!({ "one_of": ["a"], "superset_of": ["a"] }), false),
            (json!({ "default": null }), false),
            (json!({ "of_tomorrow": 1 }), true),
            (json!({ "one_of": "a" }), false),
        ] {
            let read = Policy::parse(&json!({ RP: { "p": operators } }));
            assert_eq!(read.is_ok(), together, "{operators}");
        }
    }

    #[test]
    fn scopes_are_words_and_other_texts_are_not() {
        let scopes = |operators: Value| policy(&json!({ "scope": operators }));
        for (operators, metadata, expected) in [
            (json!({ "subset_of": ["a", "b"] }), json!({ "scope": "a c" }), Some(json!({ "scope": "a" }))),
            (json!({ "default": ["a", "b"] }), json!({}), Some(json!({ "scope": "a b" }))),
            (json!({ "add": ["b"] }), json!({ "scope": "a" }), Some(json!({ "scope": "a b" }))),
            (json!({ "superset_of": ["b"] }), json!({ "scope": "a" }), None),
        ] {
            assert_eq!(applied(&scopes(operators.clone()), &metadata), expected, "{operators}");
        }
        assert!(
            Policy::parse(&json!({ RP: { "scope": { "value": "a b", "subset_of": ["a", "b"] } } })).is_ok()
        );
        let other = policy(&json!({ "client_name": { "subset_of": ["a"] } }));
        assert_eq!(applied(&other, &json!({ "client_name": "a" })), None);
    }
}
