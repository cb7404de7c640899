//! Result codes: what there are, and what stands behind each.

use axum::extract::Path;
use minijinja::{Value, context};
use placet_api::explained::explained;
use placet_api::reasons::{Kind, ROWS, ReasonRow, row_named};

use super::{Shown, name};
use crate::api;
use crate::budgets::CODES_SHOWN;
use crate::clauses;
use crate::inspected;
use crate::problem::Problem;
use crate::visit::Visit;

/// Whose mistake a code is, by its class: the fourth digit.
const CLASSES: [(u8, &str); 5] =
    [(b'0', "success"), (b'1', "server"), (b'2', "caller"), (b'3', "client"), (b'6', "state")];

fn class(code: &str) -> &'static str {
    let digit = code.as_bytes().get(4);
    CLASSES.iter().find(|(known, _)| Some(known) == digit).map_or("server", |(_, name)| name)
}

fn outcome(kind: Kind) -> String {
    match kind {
        Kind::Success => String::new(),
        Kind::Oauth(error) => error.wire().to_owned(),
        Kind::Http(status) => format!("HTTP {status}"),
    }
}

fn shown(row: &ReasonRow) -> Value {
    context! { code => row.code, reason => row.name, message => row.template, class => class(row.code), outcome => outcome(row.kind) }
}

/// Whether all words are somewhere in what is known of the code.
fn fits(row: &ReasonRow, words: &[String]) -> bool {
    let behind = explained(row.code);
    let lists = behind.map_or([&[][..]; 3], |row| [row.rules, row.clauses, row.settings]);
    let outcome = outcome(row.kind);
    let texts = [row.code, row.name, row.template, &outcome];
    let mut all = texts.into_iter().chain(lists.into_iter().flatten().copied()).map(str::to_lowercase);
    let all = all.by_ref().collect::<Vec<_>>();
    words.iter().all(|word| all.iter().any(|text| text.contains(word)))
}

pub(super) async fn list(visit: Visit) -> Shown {
    // A code is pasted as it stands in a message, in brackets.
    let search = visit.asked("q").unwrap_or_default();
    let words: Vec<_> =
        search.split_whitespace().map(|word| word.trim_matches(['[', ']']).to_lowercase()).collect();
    let wanted = visit.asked("class").filter(|class| CLASSES.iter().any(|(_, name)| name == class));
    let is_wanted = |row: &&ReasonRow| wanted.as_deref().is_none_or(|wanted| class(row.code) == wanted);
    let found: Vec<_> = ROWS.iter().filter(is_wanted).filter(|row| fits(row, &words)).collect();
    let rows: Vec<_> = found.iter().take(CODES_SHOWN).map(|row| shown(row)).collect();
    let classes = CLASSES.map(|(_, name)| name);
    let page = context! { rows, total => found.len(), q => search, class => wanted, classes };
    Ok(visit.show("codes.html", page))
}

pub(super) async fn one(visit: Visit, Path(code): Path<String>) -> Shown {
    let row = row_named(&code).ok_or(Problem::NotFound)?;
    // Whoever sees no services reads what the code means all the same.
    let services = api::services(&visit.api()).await.map(|(services, _)| services).unwrap_or_default();
    let services: Vec<_> = services
        .iter()
        .map(|service| context! { id => service.api_key.unwrap_or_default().to_string(), name => name(service) })
        .collect();
    let behind = explained(row.code);
    let clauses: Vec<_> =
        behind.map_or(&[][..], |row| row.clauses).iter().map(|c| clauses::shown(c)).collect();
    let settings: Vec<_> =
        behind.map_or(&[][..], |row| row.settings).iter().map(|m| inspected::setting(m, None)).collect();
    let page = context! { rules => behind.map_or(&[][..], |row| row.rules).to_vec(), clauses, settings, services, ..shown(row) };
    Ok(visit.show("code.html", page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_by_what_is_known_of_them() {
        let found = |text: &str| {
            let words: Vec<_> = text.split(' ').map(str::to_lowercase).collect();
            ROWS.iter().filter(|row| fits(row, &words)).map(|row| row.name).collect::<Vec<_>>()
        };
        assert!(found("CodeReplayed").contains(&"CodeReplayed"));
        assert!(found("a008306 parRequired").len() == 1 && found("RFC 9126 parRequired").len() > 1);
        assert!(found("nothing-has-this").is_empty());
        assert!(ROWS.iter().all(|row| CLASSES.iter().any(|(digit, _)| *digit == row.code.as_bytes()[4])));
    }
}
