//! The table of budgets: everything that somebody can fill, or have worked on. `docs/console.md` shows them.

/// The largest body of a form, in bytes: a service may have many scopes and certificates.
pub(crate) const BODY: usize = 1024 * 1024;
/// Fields of one form.
pub(crate) const FIELDS: usize = 4096;
/// Sessions that are remembered. The one that was used least lately goes.
pub(crate) const SESSIONS: usize = 1000;
/// How long a session lives that nobody uses, in seconds.
pub(crate) const IDLE: i64 = 30 * 60;
/// How long a session lives, in seconds.
pub(crate) const LONGEST: i64 = 12 * 60 * 60;
/// How long it is taken for true what a token may, in seconds.
pub(crate) const KNOWN: i64 = 60;
/// One-time links that are good at a time. The oldest goes.
pub(crate) const CODES: usize = 100;
/// How long a one-time link is good, in seconds.
pub(crate) const CODE_SECONDS: i64 = 10 * 60;
/// Things that a session still has to tell. The oldest goes.
pub(crate) const TOLD: usize = 8;
/// The longest token that is taken at the sign-in, in bytes.
pub(crate) const TOKEN: usize = 4096;
/// Services that are listed.
pub(crate) const SERVICES: usize = 500;
/// Clients that a search looks through.
pub(crate) const CLIENTS: usize = 2000;
/// Rows of one page of a list.
pub(crate) const PAGE: usize = 50;
/// Entries of the audit log that its page has.
pub(crate) const ENTRIES: usize = 100;
/// Calls that are made to find them, of a thousand entries each.
pub(crate) const AUDIT_PAGES: usize = 20;
/// Calls that the list of transactions has, and those that it has when more are asked for.
pub(crate) const SOME_CALLS: usize = 100;
pub(crate) const CALLS: usize = 1000;
/// Result codes that their catalogue shows at a time.
pub(crate) const CODES_SHOWN: usize = 200;
/// Sign-ins at an OpenID provider that are under way.
pub(crate) const SIGN_INS: usize = 1000;
/// How long what it says of itself is taken for true, in seconds.
pub(crate) const METADATA_SECONDS: i64 = 300;
/// How large its answers may be, in bytes, and how long they may take.
pub(crate) const PROVIDER_BODY: usize = 262_144;
pub(crate) const PROVIDER_SECONDS: u64 = 10;
/// Findings about a service and its clients that its page has.
pub(crate) const FINDINGS: usize = 100;
/// The longest token that is looked at, in bytes.
pub(crate) const ISSUED: usize = 65_536;
/// Clients of a user that are shown with what was granted to them.
pub(crate) const APPS: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_says_the_same() {
        let page = include_str!("../../../docs/console.md");
        let thousands = |number: usize| {
            let digits = number.to_string();
            let first = digits.len() % 3;
            let parts = (first..digits.len()).step_by(3).map(|at| &digits[at..at + 3]);
            let parts: Vec<_> =
                [&digits[..first]].into_iter().filter(|part| !part.is_empty()).chain(parts).collect();
            parts.join(",")
        };
        for row in [
            format!("| body of a form | {} bytes, {} fields |", thousands(BODY), thousands(FIELDS)),
            format!("| sessions | {} |", thousands(SESSIONS)),
            format!("| one-time links | {CODES} |"),
            format!("| a token at the sign-in | {} bytes |", thousands(TOKEN)),
            format!("| things that a session still has to tell | {TOLD} |"),
            format!("| services that are listed | {SERVICES} |"),
            format!("| clients that a search looks through | {} |", thousands(CLIENTS)),
            format!("| rows of a list of clients | {PAGE} |"),
            format!(
                "| calls of the list of transactions | {SOME_CALLS}, {} when asked for |",
                thousands(CALLS)
            ),
            format!("| result codes that are listed at a time | {CODES_SHOWN} |"),
            format!("| sign-ins that are under way at an OpenID provider | {} |", thousands(SIGN_INS)),
            format!(
                "| an answer of the provider | {} bytes, {PROVIDER_SECONDS} seconds |",
                thousands(PROVIDER_BODY)
            ),
            format!("| findings about a service and its clients | {FINDINGS} |"),
            format!("| a token that is looked at | {} bytes |", thousands(ISSUED)),
            format!("| clients of a user with grants | {APPS} |"),
            format!("its page | {ENTRIES}, of {} that are looked through", thousands(1000 * AUDIT_PAGES)),
        ] {
            assert!(page.contains(&row), "{row}");
        }
        assert_eq!((IDLE, LONGEST, CODE_SECONDS), (1800, 43_200, 600));
    }
}
