//! OpenID Federation 1.0 §6.2 – what a superior lets chains below it be

use placet_api::Reason;
use serde_json::{Map, Value};

use super::entity_id::EntityId;
use super::unfit;
use crate::fault::Fault;

/// Constraints that are not known are ignored.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Constraints {
    max_path_length: Option<u64>,
    permitted: Option<Vec<String>>,
    excluded: Vec<String>,
    allowed_entity_types: Option<Vec<String>>,
}

/// A chain that keeps to constraints.
#[derive(Debug, PartialEq, Eq)]
pub struct Kept(());

impl Constraints {
    pub fn parse(value: &Value) -> Result<Self, Fault> {
        Self::read(value).ok_or_else(|| unfit("constraints"))
    }

    fn read(value: &Value) -> Option<Self> {
        let members = value.as_object()?;
        let none = Value::Object(Map::new());
        let naming = members.get("naming_constraints").unwrap_or(&none).as_object()?;
        let excluded = naming.get("excluded").map(texts);
        let types = members.get("allowed_entity_types").map(texts);
        let types = types.map_or(Some(None), |types| types.map(Some))?;
        // §6.2.3: `federation_entity` is always allowed, and is not said.
        let said = |types: &Vec<String>| types.iter().any(|one| one == FEDERATION_ENTITY);
        if types.as_ref().is_some_and(said) {
            return None;
        }
        Some(Self {
            max_path_length: match members.get("max_path_length") {
                None => None,
                Some(length) => Some(length.as_u64()?),
            },
            permitted: match naming.get("permitted") {
                None => None,
                Some(list) => Some(texts(list)?),
            },
            excluded: excluded.unwrap_or(Some(Vec::new()))?,
            allowed_entity_types: types,
        })
    }

    /// `intermediates`: those between whoever sets the constraints and the subject of the chain. `below`: the entities that
    /// are subordinate to it.
    pub fn kept<'a>(
        &self,
        intermediates: usize,
        mut below: impl Iterator<Item = &'a EntityId>,
    ) -> Result<Kept, Fault> {
        let broken = |constraint: &str| {
            Err(Reason::TrustChainConstrained { constraint: constraint.to_owned() }.into())
        };
        let length = u64::try_from(intermediates).unwrap_or(u64::MAX);
        if self.max_path_length.is_some_and(|most| length > most) {
            return broken("max_path_length");
        }
        match below.all(|entity| self.lets_be_called(&entity.host())) {
            true => Ok(Kept(())),
            false => broken("naming_constraints"),
        }
    }

    /// §6.2.2: what is excluded is, whatever is permitted.
    fn lets_be_called(&self, host: &str) -> bool {
        let among = |list: &Vec<String>| list.iter().any(|name| covers(name, host));
        self.permitted.as_ref().is_none_or(among) && !among(&self.excluded)
    }

    /// §6.2.3
    pub fn allows(&self, entity_type: &str) -> bool {
        let listed = |types: &Vec<String>| types.iter().any(|one| one == entity_type);
        entity_type == FEDERATION_ENTITY || self.allowed_entity_types.as_ref().is_none_or(listed)
    }
}

const FEDERATION_ENTITY: &str = "federation_entity";

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|one| one.as_str().map(str::to_owned)).collect()
}

/// RFC 5280 §4.2.1.10, of the hosts of URIs: with a period in front it is what lies below a domain, else one host.
fn covers(name: &str, host: &str) -> bool {
    let name = name.to_ascii_lowercase();
    match name.strip_prefix('.') {
        Some(_) => host.len() > name.len() && host.ends_with(&name),
        None => host == name,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entity(host: &str) -> EntityId {
        EntityId::parse(&format!("https://{host}")).unwrap()
    }

    /// The example of §6.2.
    fn example() -> Constraints {
        let example = json!({
            "max_path_length": 2,
            "naming_constraints": { "permitted": [".example.com"], "excluded": ["east.example.com"] },
            "allowed_entity_types": ["openid_provider", "openid_relying_party"],
        });
        Constraints::parse(&example).unwrap()
    }

    #[test]
    fn paths_are_as_long_as_they_may_be() {
        for (intermediates, kept) in [(0, true), (2, true), (3, false)] {
            assert_eq!(example().kept(intermediates, std::iter::empty()).is_ok(), kept, "{intermediates}");
        }
    }

    #[test]
    fn names_lie_below_what_is_permitted() {
        for (host, kept) in [
            ("host.example.com", true),
            ("my.host.example.com", true),
            ("host.example.com:8443", true),
            ("example.com", false),
            ("east.example.com", false),
            ("a.east.example.com", true),
            ("notexample.com", false),
            ("host.example.com.evil.example", false),
        ] {
            assert_eq!(example().kept(0, [&entity(host)].into_iter()).is_ok(), kept, "{host}");
        }
        let host =
            Constraints::parse(&json!({ "naming_constraints": { "permitted": ["a.example"] } })).unwrap();
        assert!(host.kept(0, [&entity("a.example")].into_iter()).is_ok());
        assert!(host.kept(0, [&entity("b.a.example")].into_iter()).is_err());
    }

    #[test]
    fn types_are_those_that_are_listed() {
        assert!(example().allows("openid_provider") && example().allows("federation_entity"));
        assert!(!example().allows("oauth_client"));
        assert!(Constraints::default().allows("oauth_client"));
        let none = Constraints::parse(&json!({ "allowed_entity_types": [] })).unwrap();
        assert!(none.allows("federation_entity") && !none.allows("openid_provider"));
    }

    #[test]
    fn what_is_no_constraint_is_refused() {
        for value in [
            json!([]),
            json!({ "max_path_length": -1 }),
            json!({ "max_path_length": "2" }),
            json!({ "naming_constraints": [] }),
            json!({ "naming_constraints": { "permitted": "a" } }),
            json!({ "naming_constraints": { "excluded": [1] } }),
            json!({ "allowed_entity_types": "openid_provider" }),
            json!({ "allowed_entity_types": ["federation_entity"] }),
        ] {
            assert!(Constraints::parse(&value).is_err(), "{value}");
        }
        assert!(Constraints::parse(&json!({ "of_tomorrow": 1 })).is_ok());
    }
}
