//! OpenID Federation 1.0 §6.1.3 – the operators of one metadata parameter: what they may say, how those of several entities
//! become one, and what they make of a value.

use serde_json::{Map, Value};

use super::NoPolicy;
use crate::budgets::METADATA_POLICY_VALUES;

/// What a text is to operators that are about several values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Texts {
    /// One value, which they are not for.
    #[default]
    Whole,
    /// Words, as those of `scope` are.
    Words,
}

/// What becomes of operators that are not known here (§6.1.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    Refused,
    Ignored,
}

/// §6.1.3.1: the standard operators of one parameter, in the order in which they apply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operators {
    texts: Texts,
    /// `null` takes the parameter away.
    value: Option<Value>,
    add: Option<Vec<Value>>,
    default: Option<Value>,
    one_of: Option<Vec<Value>>,
    subset_of: Option<Vec<Value>>,
    superset_of: Option<Vec<Value>>,
    essential: bool,
}

impl Operators {
    /// Those of a policy that an operator has written for this service: an operator that is not known would silently allow
    /// what it forbids.
    pub fn of_operator(members: Map<String, Value>) -> Result<Self, NoPolicy> {
        Self::parse(members, Texts::Words, Foreign::Refused)
    }

    pub fn parse(members: Map<String, Value>, texts: Texts, foreign: Foreign) -> Result<Self, NoPolicy> {
        let mut operators = Self { texts, ..Self::default() };
        for (name, value) in members {
            match name.as_str() {
                "value" => operators.value = Some(value),
                "add" => operators.add = Some(listed(value)?),
                "default" => operators.default = Some(value),
                "one_of" => operators.one_of = Some(listed(value)?),
                "subset_of" => operators.subset_of = Some(listed(value)?),
                "superset_of" => operators.superset_of = Some(listed(value)?),
                "essential" => operators.essential = value.as_bool().ok_or(NoPolicy)?,
                _ if foreign == Foreign::Refused => return Err(NoPolicy),
                _ => {}
            }
        }
        Ok(operators)
    }

    /// The value that comes of one, or of none; `None` when the policy is violated.
    pub fn applied(&self, value: Option<Value>) -> Option<Option<Value>> {
        let mut value = match &self.value {
            Some(Value::Null) => None,
            Some(set) => Some(set.clone()),
            None => value,
        };
        if let Some(more) = &self.add {
            value = Some(self.added(value, more)?);
        }
        value = value.or_else(|| self.default.clone().filter(|default| !default.is_null()));
        if let (Some(value), Some(list)) = (&value, &self.one_of)
            && !list.contains(value)
        {
            return None;
        }
        if let (Some(values), Some(list)) = (&value, &self.subset_of) {
            let kept = self.values(values)?.filtered(|one| list.contains(one));
            value = Some(kept);
        }
        if let (Some(values), Some(list)) = (&value, &self.superset_of) {
            let Values { list: values, .. } = self.values(values)?;
            if !list.iter().all(|one| values.contains(one)) {
                return None;
            }
        }
        if self.essential && value.is_none() { None } else { Some(value) }
    }

    fn values(&self, value: &Value) -> Option<Values> {
        Values::of(value).filter(|values| !values.as_text || self.texts == Texts::Words)
    }

    fn added(&self, value: Option<Value>, more: &[Value]) -> Option<Value> {
        let Some(value) = value else { return Some(more.to_vec().into()) };
        let mut values = self.values(&value)?;
        values.list = union(values.list, more.to_vec());
        Some(values.written())
    }

    /// §6.1.4.1: these and those of a subordinate together.
    pub fn merged(self, below: Self) -> Result<Self, NoPolicy> {
        let one_of = both(self.one_of, below.one_of, intersection);
        if one_of.as_ref().is_some_and(Vec::is_empty) {
            return Err(NoPolicy);
        }
        let merged = Self {
            texts: self.texts,
            value: same(self.value, below.value)?,
            add: both(self.add, below.add, union),
            default: same(self.default, below.default)?,
            one_of,
            subset_of: both(self.subset_of, below.subset_of, intersection),
            superset_of: both(self.superset_of, below.superset_of, union),
            essential: self.essential || below.essential,
        };
        merged.consistent()
    }

    /// §6.1.3.1: only operators stand together that may, with values that may.
    pub fn consistent(self) -> Result<Self, NoPolicy> {
        let within = |part: &[Value], whole: &[Value]| part.iter().all(|one| whole.contains(one));
        let fits = |part: &Option<Vec<Value>>, whole: &Option<Vec<Value>>| match (part, whole) {
            (Some(part), Some(whole)) => within(part, whole),
            _ => true,
        };
        let alone = self.add.is_none() && self.subset_of.is_none() && self.superset_of.is_none();
        let holds = self.default != Some(Value::Null)
            && (self.one_of.is_none() || alone)
            && fits(&self.add, &self.subset_of)
            && fits(&self.superset_of, &self.subset_of)
            && self.value_fits(within);
        if holds { Ok(self) } else { Err(NoPolicy) }
    }

    /// What `value` sets is what the others let pass, and is there where it has to be.
    fn value_fits(&self, within: impl Fn(&[Value], &[Value]) -> bool) -> bool {
        let Some(value) = &self.value else { return true };
        let values = self.values(value).map(|values| values.list);
        let judged = |list: &Option<Vec<Value>>, judge: &dyn Fn(&[Value], &[Value]) -> bool| match list {
            Some(list) => values.as_deref().is_some_and(|values| judge(values, list)),
            None => true,
        };
        !(value.is_null() && (self.essential || self.default.is_some()))
            && self.one_of.as_ref().is_none_or(|list| list.contains(value))
            && judged(&self.subset_of, &within)
            && judged(&self.superset_of, &|values, list| within(list, values))
            && judged(&self.add, &|values, list| within(list, values))
    }
}

/// Values of which both policies have the same, or one has none.
fn same(above: Option<Value>, below: Option<Value>) -> Result<Option<Value>, NoPolicy> {
    match (above, below) {
        (Some(above), Some(below)) if above != below => Err(NoPolicy),
        (above, below) => Ok(above.or(below)),
    }
}

type List = Vec<Value>;

fn both(above: Option<List>, below: Option<List>, join: fn(List, List) -> List) -> Option<List> {
    match (above, below) {
        (Some(above), Some(below)) => Some(join(above, below)),
        (above, below) => above.or(below),
    }
}

fn union(mut list: List, more: List) -> List {
    for one in more {
        if !list.contains(&one) {
            list.push(one);
        }
    }
    list
}

fn intersection(list: List, other: List) -> List {
    list.into_iter().filter(|one| other.contains(one)).collect()
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
