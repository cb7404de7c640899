//! Clauses of specifications, as rules cite them, with where they can be read.

use minijinja::{Value, context};

/// Specifications of the OpenID Foundation, by how their clauses begin. Of two that fit, the longer stands first.
const OPENID: [(&str, &str); 11] = [
    ("OpenID Connect Core", "openid-connect-core-1_0"),
    ("OpenID Connect Discovery", "openid-connect-discovery-1_0"),
    ("OpenID Connect Dynamic Client Registration", "openid-connect-registration-1_0"),
    (
        "OpenID Connect Client-Initiated Backchannel Authentication Flow",
        "openid-client-initiated-backchannel-authentication-core-1_0",
    ),
    ("CIBA Core", "openid-client-initiated-backchannel-authentication-core-1_0"),
    ("OpenID Connect Native SSO", "openid-connect-native-sso-1_0"),
    ("OpenID Connect for Identity Assurance", "openid-connect-4-identity-assurance-1_0"),
    ("OpenID Federation 1.0", "openid-federation-1_0"),
    ("OpenID for Verifiable Credential Issuance", "openid-4-verifiable-credential-issuance-1_0"),
    ("OAuth 2.0 Multiple Response Type Encoding Practices", "oauth-v2-multiple-response-types-1_0"),
    ("OAuth 2.0 Grant Management", "oauth-v2-grant-management"),
];

/// A clause as a page shows it.
pub(crate) fn shown(clause: &str) -> Value {
    context! { text => clause, url => url(clause) }
}

/// Where a clause is read; nothing where it is not known.
fn url(clause: &str) -> Option<String> {
    if let Some(rest) = clause.strip_prefix("RFC ") {
        let number = digits(rest);
        let section = clause.split_once('§').map(|(_, rest)| section(rest)).unwrap_or_default();
        let anchor = if section.is_empty() { String::new() } else { format!("#section-{section}") };
        let known = (3..=5).contains(&number.len());
        return known.then(|| format!("https://www.rfc-editor.org/rfc/rfc{number}.html{anchor}"));
    }
    let name = clause.split([' ', ')']).find(|word| word.trim_start_matches('(').starts_with("draft-ietf-"));
    if let Some(name) = name {
        return Some(format!("https://datatracker.ietf.org/doc/html/{}", name.trim_start_matches('(')));
    }
    let known = OPENID.iter().find(|(start, _)| clause.starts_with(start));
    known.map(|(_, file)| format!("https://openid.net/specs/{file}.html"))
}

fn digits(text: &str) -> &str {
    text.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default()
}

/// The number of a section, which a text may follow.
fn section(text: &str) -> &str {
    text.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default().trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use placet_api::explained::explained;
    use placet_api::reasons::ROWS;

    use super::*;

    #[test]
    fn clauses_lead_to_where_they_are_read() {
        for (clause, expected) in [
            ("RFC 9126 §2.1", Some("https://www.rfc-editor.org/rfc/rfc9126.html#section-2.1")),
            ("RFC 9449", Some("https://www.rfc-editor.org/rfc/rfc9449.html")),
            ("RFC 6749 §3.1 and §3.2", Some("https://www.rfc-editor.org/rfc/rfc6749.html#section-3.1")),
            ("OpenID Connect Core §3.1.2.2", Some("https://openid.net/specs/openid-connect-core-1_0.html")),
            (
                "draft-ietf-oauth-status-list-21 §6",
                Some("https://datatracker.ietf.org/doc/html/draft-ietf-oauth-status-list-21"),
            ),
            ("Draft 13 §7.2.1", None),
            ("RFC javascript:", None),
        ] {
            assert_eq!(url(clause).as_deref(), expected, "{clause}");
        }
    }

    #[test]
    fn nearly_all_clauses_of_rules_are_known() {
        let clauses: Vec<_> =
            ROWS.iter().filter_map(|row| explained(row.code)).flat_map(|row| row.clauses).collect();
        let known = clauses.iter().filter(|clause| url(clause).is_some()).count();
        assert!(known * 100 >= clauses.len() * 98, "{known} of {}", clauses.len());
    }
}
