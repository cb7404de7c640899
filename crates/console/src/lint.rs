//! What is doubtful about a service: what the SDK finds, with where to change it.

use minijinja::{Value, context};
use placet_sdk::lint::{Finding, Severity};

use crate::BASE;
use crate::visit::Visit;

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Notice => "notice",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// A finding as a page shows it.
pub(crate) fn shown(finding: &Finding, service: i64, visit: &Visit) -> Value {
    let member = finding.member;
    let at = match (finding.client_id, member) {
        (Some(client), _) => format!("{BASE}/services/{service}/clients/{client}/settings?q={member}"),
        (None, "jwks") => format!("{BASE}/services/{service}/keys"),
        (None, _) => format!("{BASE}/services/{service}/settings?q={member}"),
    };
    let abroad = visit.console.view.abroad.finding(&visit.language, finding);
    context! {
        abroad, rule => finding.rule, severity => severity(finding.severity), message => &finding.message, clause => finding.clause,
        client => finding.client_id.map(|id| id.to_string()), at,
    }
}
