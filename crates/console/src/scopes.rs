//! The scopes of a service, as a form has them: one at a time, put in its place among the others.

use minijinja::{Value, context};
use placet_sdk::form;
use serde_json::{Map, Value as Json, json};

use crate::posted::Posted;
use crate::problem::Problem;

/// The member of the service.
pub(crate) const MEMBER: &str = "supportedScopes";

/// The scopes, in their order.
pub(crate) fn all(document: &Json) -> Vec<Json> {
    document[MEMBER].as_array().cloned().unwrap_or_default()
}

fn text(scope: &Json, name: &str) -> String {
    scope[name].as_str().unwrap_or_default().to_owned()
}

/// Pairs as lines of a field: `ja: 注文`, `access_token.duration: 60`.
fn lines(scope: &Json, member: &str, [key, value]: [&str; 2]) -> String {
    let line = |pair: &Json| Some(format!("{}: {}\n", pair[key].as_str()?, pair[value].as_str()?));
    scope[member].as_array().into_iter().flatten().filter_map(line).collect()
}

/// Names of the two halves of a description in a language, and of an attribute.
const TAGGED: [&str; 2] = ["tag", "value"];
const PAIR: [&str; 2] = ["key", "value"];

/// A scope as a page shows it.
pub(crate) fn shown(scope: &Json) -> Value {
    let (name, attributes) = (text(scope, "name"), lines(scope, "attributes", PAIR));
    let query = form::encode([("scope", name.as_str())]);
    let pairs: Vec<_> = attributes.lines().map(str::to_owned).collect();
    context! {
        name, query, pairs, attributes, description => text(scope, "description"), default => scope["defaultEntry"] == true,
        descriptions => lines(scope, "descriptions", TAGGED),
    }
}

/// What the form says of a scope. Members that it does not have stay as they were.
pub(crate) fn read(former: Option<&Json>, posted: &Posted) -> Result<Json, Problem> {
    let name = posted.text("name").ok_or(Problem::Wrong("wrong.name"))?;
    let mut scope = former.and_then(Json::as_object).cloned().unwrap_or_default();
    let mut set = |member: &str, value: Json| match value.is_null() {
        true => drop(scope.shift_remove(member)),
        false => drop(scope.insert(member.to_owned(), value)),
    };
    set("name", name.into());
    set("description", posted.text("description").map_or(Json::Null, Json::from));
    set("defaultEntry", posted.get("default").is_some().into());
    set("descriptions", pairs(posted.get("descriptions"), TAGGED)?);
    set("attributes", pairs(posted.get("attributes"), PAIR)?);
    Ok(Json::Object(scope))
}

/// The pairs of such lines; nothing where there is none.
fn pairs(lines: Option<&str>, [key, value]: [&str; 2]) -> Result<Json, Problem> {
    let lines = lines.unwrap_or_default().lines().map(str::trim).filter(|line| !line.is_empty());
    let pair = |line: &str| {
        let (before, behind) = line.split_once(':').ok_or(Problem::Wrong("wrong.pairs"))?;
        let (before, behind) = (before.trim(), behind.trim());
        match before.is_empty() {
            true => Err(Problem::Wrong("wrong.pairs")),
            false => Ok(json!({ key: before, value: behind })),
        }
    };
    let pairs = lines.map(pair).collect::<Result<Vec<_>, _>>()?;
    Ok(if pairs.is_empty() { Json::Null } else { Json::Array(pairs) })
}

/// The members that change where a scope is put in the place of one of its name, or behind the others.
pub(crate) fn with(mut all: Vec<Json>, scope: Json) -> Map<String, Json> {
    match all.iter_mut().find(|known| known["name"] == scope["name"]) {
        Some(known) => *known = scope,
        None => all.push(scope),
    }
    Map::from_iter([(MEMBER.to_owned(), Json::Array(all))])
}

/// Those that change where the scope of this name is taken away; `None` where there is none.
pub(crate) fn without(mut all: Vec<Json>, name: &str) -> Option<Map<String, Json>> {
    let before = all.len();
    all.retain(|scope| scope["name"] != name);
    (all.len() < before).then(|| Map::from_iter([(MEMBER.to_owned(), Json::Array(all))]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(text: &str) -> Posted {
        Posted::parse(text).unwrap()
    }

    #[test]
    fn a_scope_that_is_saved_as_it_was_shown_is_the_same() {
        let scope = json!({
            "name": "orders", "defaultEntry": true, "description": "Orders: read", "newer": 1,
            "descriptions": [{ "tag": "ja", "value": "注文: 読み取り" }], "attributes": [{ "key": "a", "value": "1" }, { "key": "b", "value": "" }],
        });
        let form = form::encode([
            ("name", "orders"),
            ("default", "1"),
            ("description", "Orders: read"),
            ("descriptions", &lines(&scope, "descriptions", TAGGED)),
            ("attributes", &lines(&scope, "attributes", PAIR)),
        ]);
        assert_eq!(read(Some(&scope), &posted(&form)).unwrap(), scope);
        // What is emptied is gone.
        let emptied = read(Some(&scope), &posted("name=orders&description=&attributes=")).unwrap();
        assert_eq!(emptied, json!({ "name": "orders", "defaultEntry": false, "newer": 1 }));
        for wrong in ["name=", "name=a&attributes=no+pair", "name=a&descriptions=%3A+x"] {
            assert!(read(None, &posted(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn one_is_changed_and_the_others_stay() {
        let all = || vec![json!({ "name": "a" }), json!({ "name": "b" })];
        let names = |changes: Map<String, Json>| {
            changes[MEMBER].as_array().unwrap().iter().map(|scope| text(scope, "name")).collect::<Vec<_>>()
        };
        assert_eq!(names(with(all(), json!({ "name": "a", "description": "x" }))), ["a", "b"]);
        assert_eq!(names(with(all(), json!({ "name": "c" }))), ["a", "b", "c"]);
        assert_eq!(names(without(all(), "a").unwrap()), ["b"]);
        assert!(without(all(), "c").is_none());
    }
}
