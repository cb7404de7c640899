//! `placet explain`: what a result code means. It is known here: no server is asked.

use clap::Args;
use placet_api::explained::explained;
use placet_api::reasons::{Kind, ROWS, ReasonRow, row_named};
use serde_json::{Value, json};

use crate::exit::{Done, Exit, Failure};
use crate::output::{Output, clean};

/// Say what a result code means.
#[derive(Args)]
pub struct Explain {
    /// The code, such as A050305, the name of the reason, or words of its message.
    code: String,
    #[command(flatten)]
    output: Output,
}

/// More rows than this explain nothing.
const MOST: usize = 20;

pub(crate) fn run(explain: &Explain) -> Done {
    // A code is pasted as it stands in a message, in brackets.
    let sought = explain.code.trim_matches(['[', ']', ' ']).to_lowercase();
    let found = rows(&sought);
    if sought.is_empty() || found.is_empty() {
        let message = format!("there is no result code, reason or message with {}", clean(&explain.code));
        return Err(Failure::new(Exit::NotFound, message));
    }
    let shown: Vec<_> = found.iter().take(MOST).map(|row| described(row)).collect();
    explain.output.show(&shown, |_| {
        let more = found.len().saturating_sub(MOST);
        let rest = if more > 0 { format!("… and {more} more\n") } else { String::new() };
        shown.iter().map(human).collect::<Vec<_>>().join("\n") + &rest
    })
}

/// The row of a code or a reason; otherwise all that have the words.
fn rows(sought: &str) -> Vec<&'static ReasonRow> {
    match row_named(sought) {
        Some(row) => vec![row],
        None => ROWS.iter().filter(|row| row.template.to_lowercase().contains(sought)).collect(),
    }
}

fn described(row: &ReasonRow) -> Value {
    let kind = match row.kind {
        Kind::Success => "success".to_owned(),
        Kind::Oauth(error) => format!("the OAuth error {}", error.wire()),
        Kind::Http(status) => format!("the call is refused with HTTP {status}"),
    };
    let mut described =
        json!({ "code": row.code, "reason": row.name, "outcome": kind, "message": row.template });
    if let Some(explained) = explained(row.code) {
        described["rules"] = explained.rules.into();
        described["clauses"] = explained.clauses.into();
        described["settings"] = explained.settings.into();
    }
    described
}

fn human(row: &Value) -> String {
    let text = |name: &str| row[name].as_str().unwrap_or_default();
    let mut said =
        format!("{}  {}\n  {}\n  {}\n", text("code"), text("reason"), text("outcome"), text("message"));
    for (name, label) in [("clauses", "clauses"), ("settings", "depends on"), ("rules", "decided in")] {
        let values = row[name].as_array().map_or(&[][..], Vec::as_slice);
        if !values.is_empty() {
            let values: Vec<_> = values.iter().filter_map(Value::as_str).collect();
            said += &format!("  {label}: {}\n", values.join(", "));
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_and_reason_is_found() {
        for row in ROWS {
            assert_eq!(rows(&row.code.to_lowercase())[0].code, row.code);
            assert_eq!(rows(&row.name.to_lowercase())[0].name, row.name);
        }
        assert!(rows("a999999").is_empty());
        assert!(rows("if-match").len() < MOST);
    }
}
