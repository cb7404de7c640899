//! OpenID Connect Advanced Syntax for Claims §2 – claims that are made of others by functions

use serde_json::{Map, Value};

use placet_base::Timestamp;

/// A claim that is made of another.
#[derive(Clone, Debug, PartialEq)]
pub struct Transformed {
    /// The claim that it is made of.
    pub claim: String,
    functions: Vec<Function>,
}

#[derive(Clone, Debug, PartialEq)]
struct Function {
    name: String,
    arguments: Vec<Value>,
}

impl Transformed {
    /// Reads `{"claim":…,"fn":[…]}`. `None` for another shape, and for a function that is not known.
    pub fn parse(value: &Value) -> Option<Self> {
        let claim = value.get("claim")?.as_str()?.to_owned();
        let functions = value.get("fn")?.as_array()?.iter().map(Function::parse).collect::<Option<_>>()?;
        Some(Self { claim, functions })
    }

    /// The value that comes of the source claim; `None` when a function does not fit it.
    pub fn of(&self, source: &Value, now: Timestamp) -> Option<Value> {
        self.functions.iter().try_fold(source.clone(), |value, function| function.apply(&value, now))
    }
}

const KNOWN: [&str; 12] =
    ["years_ago", "eq", "gt", "gte", "lt", "lte", "any", "all", "none", "get", "hash", "match"];

impl Function {
    /// A name alone, or an array of a name and arguments; a nested array is a function for the elements
    /// of what follows it.
    fn parse(value: &Value) -> Option<Self> {
        let (name, arguments) = match value {
            Value::String(name) => (name.clone(), Vec::new()),
            Value::Array(list) => match list.split_first()? {
                (Value::String(name), arguments) => (name.clone(), arguments.to_vec()),
                // `[["eq","USA"],"any"]`: the inner function for each element, then `any` of the results.
                (inner @ Value::Array(_), rest) => (rest.first()?.as_str()?.to_owned(), vec![inner.clone()]),
                _ => return None,
            },
            _ => return None,
        };
        KNOWN.contains(&name.as_str()).then_some(Self { name, arguments })
    }

    fn apply(&self, value: &Value, now: Timestamp) -> Option<Value> {
        let argument = self.arguments.first();
        let compared = |holds: fn(std::cmp::Ordering) -> bool| {
            let ordering = value.as_f64()?.partial_cmp(&argument?.as_f64()?)?;
            Some(Value::Bool(holds(ordering)))
        };
        match self.name.as_str() {
            "years_ago" => years_ago(value.as_str()?, argument.and_then(Value::as_str), now),
            "eq" => Some(Value::Bool(value == argument?)),
            "gt" => compared(std::cmp::Ordering::is_gt),
            "gte" => compared(std::cmp::Ordering::is_ge),
            "lt" => compared(std::cmp::Ordering::is_lt),
            "lte" => compared(std::cmp::Ordering::is_le),
            "any" => self.over(value, now).map(|mut each| Value::Bool(each.any(|b| b))),
            "all" => self.over(value, now).map(|mut each| Value::Bool(each.all(|b| b))),
            "none" => self.over(value, now).map(|mut each| Value::Bool(!each.any(|b| b))),
            "get" => value.get(argument?.as_str()?).cloned(),
            "hash" => Some(hash(value.as_str()?).into()),
            "match" => {
                let pattern = regex_lite::Regex::new(argument?.as_str()?).ok()?;
                Some(Value::Bool(pattern.is_match(value.as_str()?)))
            }
            _ => None,
        }
    }

    /// Each element of a list, through the inner function where there is one.
    fn over<'a>(&'a self, value: &'a Value, now: Timestamp) -> Option<impl Iterator<Item = bool> + 'a> {
        let inner = self.arguments.first().map(Function::parse);
        if inner == Some(None) {
            return None;
        }
        let inner = inner.flatten();
        Some(value.as_array()?.iter().map(move |element| match &inner {
            Some(function) => function.apply(element, now) == Some(Value::Bool(true)),
            None => element == &Value::Bool(true),
        }))
    }
}

fn hash(text: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    data_encoding::BASE64URL_NOPAD.encode(digest.as_ref())
}

/// Whole years from a date (ISO 8601, `YYYY-MM-DD`) until today, or until the date of the argument.
fn years_ago(date: &str, until: Option<&str>, now: Timestamp) -> Option<Value> {
    let (year, month, day) = parts(date)?;
    let (until_year, until_month, until_day) = match until {
        Some(date) => parts(date)?,
        None => today(now),
    };
    let before_birthday = (until_month, until_day) < (month, day);
    Some((until_year - year - i64::from(before_birthday)).into())
}

fn parts(date: &str) -> Option<(i64, i64, i64)> {
    let mut parts = date.split('-').map(|part| part.parse::<i64>().ok());
    let found = (parts.next()??, parts.next()??, parts.next()??);
    (parts.next().is_none() && (1..=12).contains(&found.1) && (1..=31).contains(&found.2)).then_some(found)
}

/// The civil date of a point in time, in UTC.
fn today(now: Timestamp) -> (i64, i64, i64) {
    // Days since 0000-03-01, in eras of 400 years: the calendar repeats itself exactly.
    let days = now.as_secs().div_euclid(86_400) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

/// The transformed claims that a request or service defines, by their names.
pub fn defined(definitions: &Map<String, Value>, name: &str) -> Option<Transformed> {
    definitions.get(name).and_then(Transformed::parse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn value(definition: Value, source: Value) -> Option<Value> {
        let now = Timestamp(1_767_225_600_000);
        Transformed::parse(&definition)?.of(&source, now)
    }

    #[test]
    fn age_is_counted_in_whole_years() {
        let adult = json!({ "claim": "birthdate", "fn": ["years_ago", ["gte", 18]] });
        assert_eq!(value(adult.clone(), json!("2008-01-01")), Some(json!(true)));
        assert_eq!(value(adult.clone(), json!("2008-01-02")), Some(json!(false)));
        assert_eq!(value(adult, json!("someday")), None);
        assert_eq!(today(Timestamp(1_767_225_600_000)), (2026, 1, 1));
        assert_eq!(today(Timestamp(1_709_164_800_000)), (2024, 2, 29));
    }

    #[test]
    fn functions_reach_into_lists_and_objects() {
        let usa = json!({ "claim": "nationalities", "fn": [[["eq", "USA"], "any"]] });
        assert_eq!(value(usa.clone(), json!(["FRA", "USA"])), Some(json!(true)));
        assert_eq!(value(usa, json!(["FRA"])), Some(json!(false)));
        let country = json!({ "claim": "address", "fn": [["get", "country"], ["match", "^F"]] });
        assert_eq!(value(country, json!({ "country": "FRA" })), Some(json!(true)));
        assert_eq!(Transformed::parse(&json!({ "claim": "x", "fn": ["exec"] })), None);
    }
}
