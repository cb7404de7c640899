//! OpenID Connect Advanced Syntax for Claims §2 – claims that are made of others by functions

mod moment;

use std::cmp::Ordering;

use placet_api::Reason;
use placet_base::Timestamp;
use serde_json::{Map, Value};

use crate::budgets::{
    CLAIM_FUNCTION_DEPTH, CLAIM_FUNCTIONS, CLAIM_PATTERNS, SERVICE_PATTERNS, TRANSFORMED_CLAIMS,
};
use crate::pattern::{MatchBudget, Pattern};
use moment::{Moment, years_ago};

/// A claim that is made of another.
#[derive(Clone, Debug, PartialEq)]
pub struct Transformed {
    /// The claim that it is made of.
    pub claim: String,
    functions: Vec<Function>,
}

/// Transformed claims by their names, every one of which can be made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Definitions(Map<String, Value>);

/// Why a text defines no transformed claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefinitionError {
    /// Not an object of claims and known functions.
    Malformed,
    /// More than the budgets allow.
    Excessive,
}

impl From<DefinitionError> for Reason {
    fn from(error: DefinitionError) -> Self {
        match error {
            DefinitionError::Malformed => Reason::TransformedClaimsInvalid {},
            DefinitionError::Excessive => Reason::TransformedClaimsExcessive {},
        }
    }
}

/// The names of all functions, as the discovery document tells them.
pub const FUNCTIONS: [&str; 15] = [
    "years_ago",
    "eq",
    "gt",
    "gte",
    "lt",
    "lte",
    "contains",
    "starts_with",
    "ends_with",
    "any",
    "all",
    "none",
    "get",
    "hash",
    "match",
];

#[derive(Clone, Debug, PartialEq)]
enum Function {
    /// Until today, or until a date.
    YearsAgo(Option<String>),
    Eq(Value),
    Compared(Comparison, Comparand),
    Has(Part, String),
    /// Of the elements of a list, through a function where there is one.
    Over(Quantifier, Option<Box<Function>>),
    Get(String),
    Hash,
    Match(Pattern),
}

/// What a value is held against.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Comparand {
    Number(f64),
    Moment(Moment),
}

/// Where in a text another one is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    Anywhere,
    Start,
    End,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Comparison {
    Gt,
    Gte,
    Lt,
    Lte,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Quantifier {
    Any,
    All,
    None,
}

impl Definitions {
    /// Definitions of which at most `patterns` are regular expressions.
    fn parse(
        definitions: &Map<String, Value>,
        most: usize,
        patterns: usize,
    ) -> Result<Self, DefinitionError> {
        if definitions.len() > most {
            return Err(DefinitionError::Excessive);
        }
        let mut found = 0;
        for definition in definitions.values() {
            found += Transformed::parse(definition)?.patterns();
            if found > patterns {
                return Err(DefinitionError::Excessive);
            }
        }
        Ok(Self(definitions.clone()))
    }

    /// What a request defines.
    pub fn of_request(definitions: &Map<String, Value>) -> Result<Self, DefinitionError> {
        Self::parse(definitions, TRANSFORMED_CLAIMS, CLAIM_PATTERNS)
    }

    /// What a service defines, as its document has it: JSON.
    pub fn of_service(text: &str) -> Result<Self, DefinitionError> {
        let definitions = serde_json::from_str(text).map_err(|_| DefinitionError::Malformed)?;
        Self::parse(&definitions, SERVICE_PATTERNS, SERVICE_PATTERNS)
    }

    pub fn into_members(self) -> Map<String, Value> {
        self.0
    }
}

impl Transformed {
    /// Reads `{"claim":…,"fn":[…]}`.
    pub fn parse(value: &Value) -> Result<Self, DefinitionError> {
        let malformed = DefinitionError::Malformed;
        let claim = value.get("claim").and_then(Value::as_str).ok_or(malformed)?.to_owned();
        let functions = value.get("fn").and_then(Value::as_array).ok_or(malformed)?;
        if functions.len() > CLAIM_FUNCTIONS {
            return Err(DefinitionError::Excessive);
        }
        let functions = functions.iter().map(|function| Function::parse(function, CLAIM_FUNCTION_DEPTH));
        Ok(Self { claim, functions: functions.collect::<Result<_, _>>()? })
    }

    /// The value that comes of the source claim; `None` when a function does not fit it, or more text would
    /// be matched than one request may have matched.
    pub fn of(&self, source: &Value, now: Timestamp, work: &MatchBudget) -> Option<Value> {
        let mut functions = self.functions.iter();
        let made = functions.try_fold(source.clone(), |value, function| function.apply(&value, now, work));
        // `none` of what could not be matched is not `true`.
        made.filter(|_| work.unexhausted().is_ok())
    }

    fn patterns(&self) -> usize {
        self.functions.iter().filter(|function| function.matches()).count()
    }
}

impl Function {
    /// A name alone, or an array of a name and arguments; a nested array is a function for the elements
    /// of what follows it.
    fn parse(value: &Value, depth: usize) -> Result<Self, DefinitionError> {
        let malformed = DefinitionError::Malformed;
        match value {
            Value::String(name) => Self::named(name, None, depth),
            Value::Array(list) => match list.as_slice() {
                [Value::String(name), arguments @ ..] => Self::named(name, arguments.first(), depth),
                // `[["eq","USA"],"any"]`: the inner function for each element, then `any` of the results.
                [inner @ Value::Array(_), Value::String(name), ..] => Self::named(name, Some(inner), depth),
                _ => Err(malformed),
            },
            _ => Err(malformed),
        }
    }

    fn named(name: &str, argument: Option<&Value>, depth: usize) -> Result<Self, DefinitionError> {
        let malformed = DefinitionError::Malformed;
        let text = || argument.and_then(Value::as_str).ok_or(malformed);
        let compared = |comparison| {
            Ok(Self::Compared(comparison, argument.and_then(Comparand::parse).ok_or(malformed)?))
        };
        let over = |quantifier| {
            let depth = depth.checked_sub(1).ok_or(DefinitionError::Excessive)?;
            let inner = argument.map(|inner| Self::parse(inner, depth)).transpose()?;
            Ok(Self::Over(quantifier, inner.map(Box::new)))
        };
        match name {
            "years_ago" => Ok(Self::YearsAgo(argument.map(|_| text().map(str::to_owned)).transpose()?)),
            "eq" => Ok(Self::Eq(argument.ok_or(malformed)?.clone())),
            "gt" => compared(Comparison::Gt),
            "gte" => compared(Comparison::Gte),
            "lt" => compared(Comparison::Lt),
            "lte" => compared(Comparison::Lte),
            "contains" => Ok(Self::Has(Part::Anywhere, text()?.to_owned())),
            "starts_with" => Ok(Self::Has(Part::Start, text()?.to_owned())),
            "ends_with" => Ok(Self::Has(Part::End, text()?.to_owned())),
            "any" => over(Quantifier::Any),
            "all" => over(Quantifier::All),
            "none" => over(Quantifier::None),
            "get" => Ok(Self::Get(text()?.to_owned())),
            "hash" => Ok(Self::Hash),
            "match" => Pattern::compile(text()?).map(Self::Match).map_err(|_| DefinitionError::Excessive),
            _ => Err(malformed),
        }
    }

    /// Whether a pattern is in it.
    fn matches(&self) -> bool {
        match self {
            Self::Match(_) => true,
            Self::Over(_, inner) => inner.as_ref().is_some_and(|inner| inner.matches()),
            Self::YearsAgo(_)
            | Self::Eq(_)
            | Self::Compared(..)
            | Self::Has(..)
            | Self::Get(_)
            | Self::Hash => false,
        }
    }

    fn apply(&self, value: &Value, now: Timestamp, work: &MatchBudget) -> Option<Value> {
        match self {
            Self::YearsAgo(until) => years_ago(value.as_str()?, until.as_deref(), now),
            Self::Eq(expected) => Some(Value::Bool(value == expected || same_moment(value, expected))),
            Self::Compared(comparison, with) => Some(Value::Bool(comparison.holds(with.compared(value)?))),
            Self::Has(part, text) => Some(Value::Bool(part.is_of(value.as_str()?, text))),
            Self::Over(quantifier, inner) => {
                let each = value.as_array()?.iter().map(|element| match inner {
                    Some(function) => function.apply(element, now, work),
                    None => Some(element.clone()),
                });
                let mut each = each.map(|result| result == Some(Value::Bool(true)));
                Some(Value::Bool(match quantifier {
                    Quantifier::Any => each.any(|holds| holds),
                    Quantifier::All => each.all(|holds| holds),
                    Quantifier::None => !each.any(|holds| holds),
                }))
            }
            Self::Get(member) => value.get(member).cloned(),
            Self::Hash => Some(hash(value.as_str()?).into()),
            Self::Match(pattern) => pattern.found_in(value.as_str()?, work).ok().map(Value::Bool),
        }
    }
}

impl Comparand {
    fn parse(argument: &Value) -> Option<Self> {
        match argument.as_f64() {
            Some(number) => Some(Self::Number(number)),
            None => argument.as_str().and_then(Moment::parse).map(Self::Moment),
        }
    }

    /// How a value of the same type stands to it.
    fn compared(self, value: &Value) -> Option<Ordering> {
        match self {
            Self::Number(number) => value.as_f64()?.partial_cmp(&number),
            Self::Moment(moment) => Some(Moment::parse(value.as_str()?)?.compared(moment)),
        }
    }
}

/// Of a date and a time, the date alone counts.
fn same_moment(value: &Value, expected: &Value) -> bool {
    let moments = value.as_str().and_then(Moment::parse).zip(expected.as_str().and_then(Moment::parse));
    moments.is_some_and(|(one, other)| one.compared(other).is_eq())
}

impl Part {
    fn is_of(self, whole: &str, part: &str) -> bool {
        match self {
            Self::Anywhere => whole.contains(part),
            Self::Start => whole.starts_with(part),
            Self::End => whole.ends_with(part),
        }
    }
}

impl Comparison {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Gt => ordering.is_gt(),
            Self::Gte => ordering.is_ge(),
            Self::Lt => ordering.is_lt(),
            Self::Lte => ordering.is_le(),
        }
    }
}

fn hash(text: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    data_encoding::BASE64URL_NOPAD.encode(digest.as_ref())
}

/// The transformed claims that a request or service defines, by their names.
pub fn defined(definitions: &Map<String, Value>, name: &str) -> Option<Transformed> {
    definitions.get(name).and_then(|definition| Transformed::parse(definition).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn value(definition: Value, source: Value) -> Option<Value> {
        let now = Timestamp(1_767_225_600_000);
        Transformed::parse(&definition).ok()?.of(&source, now, &MatchBudget::of_request())
    }

    #[test]
    fn age_is_counted_in_whole_years() {
        let adult = json!({ "claim": "birthdate", "fn": ["years_ago", ["gte", 18]] });
        assert_eq!(value(adult.clone(), json!("2008-01-01")), Some(json!(true)));
        assert_eq!(value(adult.clone(), json!("2008-01-02")), Some(json!(false)));
        for nothing in ["someday", "2008-02-30", "2007-02-29", "2008-13-01", "2008-01", "2008-01-01-01"] {
            assert_eq!(value(adult.clone(), json!(nothing)), None, "{nothing}");
        }
    }

    #[test]
    fn every_function_that_is_told_is_known_and_no_other() {
        let of = |name: &str| {
            [json!([name]), json!([[name, 1]]), json!([[name, "a"]])]
                .into_iter()
                .any(|functions| Transformed::parse(&json!({ "claim": "x", "fn": functions })).is_ok())
        };
        assert!(FUNCTIONS.into_iter().all(of));
        assert!(!of("exec"));
    }

    #[test]
    fn dates_and_parts_of_texts_are_compared() {
        let of =
            |function: Value, source: &str| value(json!({ "claim": "x", "fn": [function] }), json!(source));
        for (function, source, made) in [
            (json!(["lt", "2008-01-01"]), "2007-12-31", Some(json!(true))),
            (json!(["lt", "2008-01-01"]), "2008-01-01", Some(json!(false))),
            (json!(["lte", "2008-01-01"]), "2008-01-01T10:00Z", Some(json!(true))),
            (json!(["gt", "2008-01-01T09:00Z"]), "2008-01-01T10:00Z", Some(json!(true))),
            (json!(["gte", "2008-01-01"]), "someday", None),
            (json!(["gte", 18]), "2008-01-01", None),
            (json!(["eq", "2008-01-01"]), "2008-01-01T10:00Z", Some(json!(true))),
            (json!(["eq", "2008-01-01"]), "2008-01-02", Some(json!(false))),
            (json!(["contains", "b"]), "abc", Some(json!(true))),
            (json!(["starts_with", "b"]), "abc", Some(json!(false))),
            (json!(["ends_with", "bc"]), "abc", Some(json!(true))),
        ] {
            assert_eq!(of(function.clone(), source), made, "{function} {source}");
        }
        assert_eq!(value(json!({ "claim": "x", "fn": [["lt", "2008-01-01"]] }), json!(5)), None);
        for malformed in [json!(["lt", "someday"]), json!(["lt", true]), json!(["contains", 1])] {
            let definition = json!({ "claim": "x", "fn": [malformed] });
            assert_eq!(Transformed::parse(&definition), Err(DefinitionError::Malformed), "{definition}");
        }
    }

    #[test]
    fn functions_reach_into_lists_and_objects() {
        let usa = json!({ "claim": "nationalities", "fn": [[["eq", "USA"], "any"]] });
        assert_eq!(value(usa.clone(), json!(["FRA", "USA"])), Some(json!(true)));
        assert_eq!(value(usa, json!(["FRA"])), Some(json!(false)));
        let country = json!({ "claim": "address", "fn": [["get", "country"], ["match", "^F"]] });
        assert_eq!(value(country, json!({ "country": "FRA" })), Some(json!(true)));
        for malformed in
            [json!(["exec"]), json!([["match"]]), json!([["gte", "18"]]), json!([[1]]), json!("eq")]
        {
            let definition = json!({ "claim": "x", "fn": malformed });
            assert_eq!(Transformed::parse(&definition), Err(DefinitionError::Malformed), "{definition}");
        }
    }

    #[test]
    fn definitions_are_bounded_in_every_direction() {
        let nested = (0..CLAIM_FUNCTION_DEPTH).fold(json!(["any"]), |inner, _| json!([inner, "any"]));
        for excessive in [
            json!([["match", "((a?){99}){999}"]]),
            json!([[["match", "(a{99}){99}"], "any"]]),
            json!(vec!["hash"; CLAIM_FUNCTIONS + 1]),
            json!([nested]),
        ] {
            let definition = json!({ "claim": "x", "fn": excessive });
            assert_eq!(Transformed::parse(&definition), Err(DefinitionError::Excessive), "{definition}");
        }
        let many = |count: usize, functions: Value| {
            let one = json!({ "claim": "x", "fn": functions });
            Definitions::of_request(&(0..count).map(|index| (format!("x{index}"), one.clone())).collect())
        };
        let excessive = Err(DefinitionError::Excessive);
        assert!(many(TRANSFORMED_CLAIMS, json!(["hash"])).is_ok());
        assert_eq!(many(TRANSFORMED_CLAIMS + 1, json!(["hash"])), excessive);
        let pattern = json!([[["match", "a"], "any"]]);
        assert!(many(CLAIM_PATTERNS, pattern.clone()).is_ok());
        assert_eq!(many(CLAIM_PATTERNS + 1, pattern), excessive);
    }

    #[test]
    fn a_claim_that_would_cost_too_much_is_not_made() {
        let starts = json!({ "claim": "x", "fn": [[["match", "^a"], "any"]] });
        let long = vec!["b".repeat(1024); crate::budgets::MATCHED_TEXT / 1024 + 1];
        assert_eq!(value(starts.clone(), json!(long[1..])), Some(json!(false)));
        let all = json!({ "claim": "x", "fn": [["match", "b"]] });
        assert_eq!(value(all, json!(long.concat())), None);
        let none = json!({ "claim": "x", "fn": [[["match", "^a"], "none"]] });
        assert_eq!(value(none.clone(), json!(long[1..])), Some(json!(true)));
        assert_eq!(value(none, json!(long)), None);
    }
}
