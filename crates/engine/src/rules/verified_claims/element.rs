//! OpenID Connect for Identity Assurance 1.0 §5.4, §5.5, §5.7 – what is asked of an element, and what is given of it

use std::collections::BTreeMap;

use placet_base::Timestamp;
use serde_json::{Map, Value};

use super::moment;
use super::request::RequestError;

/// The length of a `purpose`, in characters (§5.3).
const PURPOSE: std::ops::RangeInclusive<usize> = 3..=300;

/// Members of a request that say something about the element; all others name elements inside it.
const SPECIAL: [&str; 5] = ["essential", "purpose", "value", "values", "max_age"];

/// Members without which their parents are no valid ones (OpenID Identity Assurance Schema Definition 1.0 §5).
const REQUIRED: [(&str, &str); 5] = [
    ("document_details", "type"),
    ("record", "type"),
    ("attestation", "type"),
    ("check_details", "check_method"),
    ("evidence_ref", "check_id"),
];

/// What a value must be to be given. Whether it is essential changes nothing about that (§5.7).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Constraint {
    value: Option<Value>,
    values: Option<Vec<Value>>,
    max_age: Option<i64>,
}

/// What is asked of an element of `verification`.
#[derive(Clone, Debug, PartialEq)]
pub enum Element {
    /// The element: the whole of it, or what is named of it.
    One { constraint: Constraint, members: BTreeMap<String, Element> },
    /// Those entries of a list that one of these fits.
    Each(Vec<Element>),
}

/// What is there of an element.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    Given(Value),
    /// Nothing, and nothing was required of it.
    Absent,
    /// Nothing that meets what was required.
    Unmet,
}

impl Constraint {
    /// Reads the special members of a request for a claim or an element.
    pub fn parse(request: &Map<String, Value>) -> Result<Self, RequestError> {
        let unfit = |name: &str| RequestError::Constraint(name.to_owned());
        if request.get("essential").is_some_and(|essential| !essential.is_boolean()) {
            return Err(unfit("essential"));
        }
        if let Some(purpose) = request.get("purpose") {
            let length = purpose.as_str().map(|text| text.chars().count());
            length.filter(|length| PURPOSE.contains(length)).ok_or(RequestError::Purpose)?;
        }
        let values = match request.get("values") {
            None => None,
            Some(Value::Array(values)) if !values.is_empty() => Some(values.clone()),
            Some(_) => return Err(unfit("values")),
        };
        let max_age = match request.get("max_age") {
            None => None,
            Some(age) => Some(age.as_i64().filter(|age| *age >= 0).ok_or_else(|| unfit("max_age"))?),
        };
        Ok(Self { value: request.get("value").cloned(), values, max_age })
    }

    fn is_none(&self) -> bool {
        *self == Self::default()
    }

    pub fn holds(&self, value: &Value, now: Timestamp) -> bool {
        self.value.as_ref().is_none_or(|wanted| wanted == value)
            && self.values.as_ref().is_none_or(|wanted| wanted.contains(value))
            && self.max_age.is_none_or(|age| is_young(value, age, now))
    }
}

/// §5.5.2: no more seconds have passed since.
fn is_young(value: &Value, max_age: i64, now: Timestamp) -> bool {
    let end = value.as_str().and_then(moment::end);
    end.is_some_and(|end| now.as_secs().saturating_sub(end) <= max_age)
}

impl Element {
    /// Reads what a request says of an element of this name.
    pub fn parse(name: &str, request: &Value) -> Result<Self, RequestError> {
        match request {
            // §5.4: they come whole or not at all, and select nothing.
            _ if name == "assurance_details" => Ok(Self::whole()),
            Value::Null => Ok(Self::whole()),
            Value::Object(request) => {
                Ok(Self::One { constraint: Constraint::parse(request)?, members: Self::members(request)? })
            }
            Value::Array(filters) if !filters.is_empty() => {
                let filters = filters.iter().map(|filter| Self::parse(name, filter));
                Ok(Self::Each(filters.collect::<Result<_, _>>()?))
            }
            _ => Err(RequestError::Malformed),
        }
    }

    pub fn members(request: &Map<String, Value>) -> Result<BTreeMap<String, Self>, RequestError> {
        let named = request.iter().filter(|(name, _)| !SPECIAL.contains(&name.as_str()));
        named.map(|(name, request)| Ok((name.clone(), Self::parse(name, request)?))).collect()
    }

    fn whole() -> Self {
        Self::One { constraint: Constraint::default(), members: BTreeMap::new() }
    }

    /// Whether it matters that the element is not there.
    fn is_constrained(&self) -> bool {
        match self {
            Self::One { constraint, members } => {
                !constraint.is_none() || members.values().any(Self::is_constrained)
            }
            Self::Each(filters) => filters.iter().all(Self::is_constrained),
        }
    }

    fn missing(&self) -> Found {
        if self.is_constrained() { Found::Unmet } else { Found::Absent }
    }

    /// What is given of an element that the authorization server has.
    pub fn of(&self, name: &str, data: Option<&Value>, now: Timestamp) -> Found {
        let Some(data) = data else { return self.missing() };
        match (self, data) {
            (Self::Each(filters), Value::Array(entries)) => self.kept(filters, (name, entries), now),
            (Self::One { constraint, members }, data) if members.is_empty() => {
                if constraint.holds(data, now) { Found::Given(data.clone()) } else { Found::Unmet }
            }
            (Self::One { .. }, Value::Array(entries)) => {
                self.kept(std::slice::from_ref(self), (name, entries), now)
            }
            (Self::One { constraint, members }, Value::Object(data)) => {
                match constraint.is_none() || constraint.holds(&Value::Object(data.clone()), now) {
                    true => named(members, (name, data), now),
                    false => Found::Unmet,
                }
            }
            _ => self.missing(),
        }
    }

    /// §5.4: several filters are alternatives; each entry is given as the first that fits it asks.
    fn kept(&self, filters: &[Self], (name, entries): (&str, &[Value]), now: Timestamp) -> Found {
        let fitting = |entry| {
            filters.iter().find_map(|filter| match filter.of(name, Some(entry), now) {
                Found::Given(given) => Some(given),
                Found::Absent | Found::Unmet => None,
            })
        };
        let kept: Vec<_> = entries.iter().filter_map(fitting).collect();
        if kept.is_empty() { self.missing() } else { Found::Given(kept.into()) }
    }
}

/// Those members that are asked for. One that is not met is not met as a whole; without one that the schema requires
/// there is nothing to be given (§5.7.4).
pub fn named(
    asked: &BTreeMap<String, Element>,
    (name, data): (&str, &Map<String, Value>),
    now: Timestamp,
) -> Found {
    let mut given = Map::new();
    for (member, element) in asked {
        match element.of(member, data.get(member), now) {
            Found::Given(value) => drop(given.insert(member.clone(), value)),
            Found::Absent => {}
            Found::Unmet => return Found::Unmet,
        }
    }
    let lacks = |(parent, member): &(&str, &str)| *parent == name && !given.contains_key(*member);
    if given.is_empty() || REQUIRED.iter().any(lacks) { Found::Absent } else { Found::Given(given.into()) }
}
