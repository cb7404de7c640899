//! A run as a sequence diagram: who has asked whom, and what was answered, as far as it has gone.

use minijinja::{Value, context};
use placet_api::reasons::is_refusal;

use super::record::{Call, Hop};

/// Those who take part, and where their lines are.
const LANES: [(&str, i32); 5] =
    [("lane.browser", 90), ("lane.client", 290), ("lane.as", 500), ("lane.placet", 730), ("lane.rs", 920)];

/// Below the names, and between two arrows.
const TOP: i32 = 62;
const STEP: i32 = 38;

fn lane(name: &str) -> i32 {
    LANES.iter().find(|(known, _)| *known == name).map_or(0, |(_, x)| *x)
}

pub(super) fn drawn(hops: &[Hop]) -> Value {
    let mut rows = Vec::new();
    for (number, hop) in (1..).zip(hops) {
        let (from, to) = match hop.between {
            "between.client_as" => (lane("lane.client"), lane("lane.as")),
            "between.client_rs" => (lane("lane.client"), lane("lane.rs")),
            _ => (lane("lane.browser"), lane("lane.as")),
        };
        let status = hop.response.lines().next().unwrap_or_default().to_owned();
        let refused = status.starts_with('4') || status.starts_with('5');
        rows.push(Row {
            number: format!("{number}. "),
            title: hop.title,
            answer: status,
            refused,
            ..Row::at(from, to)
        });
        rows.extend(hop.calls.iter().map(|call| of_call(call, to)));
    }
    let count = i32::try_from(rows.len()).unwrap_or(0);
    let rows: Vec<_> = (0..).zip(rows).map(|(index, row)| row.shown(TOP + index * STEP)).collect();
    let lanes: Vec<_> = LANES.iter().map(|(name, x)| context! { name => *name, x => *x }).collect();
    context! { lanes, rows, height => TOP + count * STEP }
}

/// A call of the API, by whoever was asked.
fn of_call(call: &Call, by: i32) -> Row {
    let text = |name: &str| call.response.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
    let (action, code) = (text("action"), text("resultCode"));
    let path = call.path.splitn(4, '/').nth(3).unwrap_or(&call.path).to_owned();
    let refused = is_refusal(code);
    Row {
        said: path,
        answer: format!("{action} {code}").trim().to_owned(),
        refused,
        ..Row::at(by, lane("lane.placet"))
    }
}

/// An arrow.
#[derive(Default)]
struct Row {
    number: String,
    /// The name of a text, or what is said as it is.
    title: &'static str,
    said: String,
    answer: String,
    refused: bool,
    from: i32,
    to: i32,
}

impl Row {
    fn at(from: i32, to: i32) -> Self {
        Self { from, to, ..Self::default() }
    }

    fn shown(self, y: i32) -> Value {
        let Self { number, title, said, answer, refused, from, to } = self;
        let back = if to > from { -8 } else { 8 };
        context! { number, title, said, answer, refused, from, to, y, back, middle => (from + to) / 2 }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_hop_and_every_call_has_an_arrow() {
        let refused = json!({ "action": "BAD_REQUEST", "resultCode": "A050305" });
        let call = Call { path: "/api/1/auth/token".to_owned(), request: json!({}), response: refused };
        let hop = Hop {
            title: "hop.token",
            between: "between.client_as",
            response: "400 Bad Request\ncontent-type: …".to_owned(),
            calls: vec![call],
            ..Hop::default()
        };
        let drawn = drawn(&[hop]);
        let row = |index: usize, name: &str| {
            drawn.get_attr("rows").unwrap().get_item_by_index(index).unwrap().get_attr(name).unwrap()
        };
        assert_eq!(
            (row(0, "answer").as_str(), row(1, "said").as_str()),
            (Some("400 Bad Request"), Some("auth/token"))
        );
        assert_eq!(row(1, "answer").as_str(), Some("BAD_REQUEST A050305"));
        assert!(row(0, "refused").is_true() && row(1, "refused").is_true());
        assert_eq!(drawn.get_attr("height").unwrap(), Value::from(TOP + 2 * STEP));
    }
}
