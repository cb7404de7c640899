//! OpenID Federation 1.0 §6.1 – what an operator lets metadata say: values that are set, added, or held against lists.

use placet_api::Reason;
use serde_json::{Map, Value};

use crate::budgets::{METADATA_POLICY, METADATA_POLICY_VALUES};
use crate::fault::Fault;

/// Entity types of clients, under which parameters may stand (§5.1).
const ENTITY_TYPES: [&str; 2] = ["openid_relying_party", "oauth_client"];

/// What is asked of each parameter.
#[derive(Debug, PartialEq, Eq)]
pub struct MetadataPolicy(Vec<(String, Operators)>);

/// §6.1.3.1: the standard operators of one parameter, in the order in which they apply.
#[derive(Debug, Default, PartialEq, Eq)]
struct Operators {
    /// `null` takes the parameter away.
    value: Option<Value>,
    add: Option<Vec<Value>>,
    default: Option<Value>,
    one_of: Option<Vec<Value>>,
    subset_of: Option<Vec<Value>>,
    superset_of: Option<Vec<Value>>,
    essential: bool,
}

/// Why a text is no policy.
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
                    parameters.push((name, Operators::parse(object(operators)?)?));
                }
            } else {
                parameters.push((name, Operators::parse(value)?));
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

impl Operators {
    fn parse(members: Map<String, Value>) -> Result<Self, NoPolicy> {
        let mut operators = Self::default();
        for (name, value) in members {
            match name.as_str() {
                "value" => operators.value = Some(value),
                "add" => operators.add = Some(listed(value)?),
                "default" => operators.default = Some(value),
                "one_of" => operators.one_of = Some(listed(value)?),
                "subset_of" => operators.subset_of = Some(listed(value)?),
                "superset_of" => operators.superset_of = Some(listed(value)?),
                "essential" => operators.essential = value.as_bool().ok_or(NoPolicy)?,
                _ => return Err(NoPolicy),
            }
        }
        Ok(operators)
    }

    /// The value that comes of one, or of none; `None` when the policy is violated.
    fn applied(&self, value: Option<Value>) -> Option<Option<Value>> {
        let mut value = match &self.value {
            Some(Value::Null) => None,
            Some(set) => Some(set.clone()),
            None => value,
        };
        if let Some(more) = &self.add {
            value = Some(added(value, more)?);
        }
        value = value.or_else(|| self.default.clone().filter(|default| !default.is_null()));
        if let (Some(value), Some(list)) = (&value, &self.one_of)
            && !list.contains(value)
        {
            return None;
        }
        if let (Some(values), Some(list)) = (&value, &self.subset_of) {
            let kept = Values::of(values)?.filtered(|one| list.contains(one));
            value = Some(kept);
        }
        if let (Some(values), Some(list)) = (&value, &self.superset_of) {
            let Values { list: values, .. } = Values::of(values)?;
            if !list.iter().all(|one| values.contains(one)) {
                return None;
            }
        }
        if self.essential && value.is_none() { None } else { Some(value) }
    }
}

fn listed(value: Value) -> Result<Vec<Value>, NoPolicy> {
    match value {
        Value::Array(list) if list.len() <= METADATA_POLICY_VALUES => Ok(list),
        _ => Err(NoPolicy),
    }
}

/// Several values: a list, or a text of words as `scope` is one (§6.1.3.1).
struct Values {
    list: Vec<Value>,
    as_text: bool,
}

impl Values {
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Array(list) => Some(Self { list: list.clone(), as_text: false }),
            Value::String(text) => {
                let list = text.split(' ').filter(|word| !word.is_empty()).map(Value::from).collect();
                Some(Self { list, as_text: true })
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
        }
    }

    fn filtered(self, keep: impl Fn(&Value) -> bool) -> Value {
        let as_text = self.as_text;
        Self { list: self.list.into_iter().filter(keep).collect(), as_text }.written()
    }

    fn written(self) -> Value {
        match self.as_text {
            true => self.list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ").into(),
            false => self.list.into(),
        }
    }
}

fn added(value: Option<Value>, more: &[Value]) -> Option<Value> {
    let Some(value) = value else { return Some(more.to_vec().into()) };
    let mut values = Values::of(&value)?;
    for one in more {
        if !values.list.contains(one) {
            values.list.push(one.clone());
        }
    }
    Some(values.written())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
