//! How a session begins: with a token of the API that is typed in, or by a link that the process has made.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use placet_ambient::Ambient;
use placet_base::TokenHash;
use placet_sdk::types::{AuditGetListResponse, AuditListQuery, ListQuery, MemberRequest};
use placet_sdk::{Error, Secret};

use crate::api::{self, Carrier};
use crate::budgets::{CODE_SECONDS, CODES, TOKEN};
use crate::sessions::{Credential, Known};

/// What a one-time link signs in with.
pub struct OneTimeLink {
    /// The token of the API.
    pub token: Secret,
    /// Who that is, as pages say it.
    pub who: String,
    /// The organization that the token is of.
    pub organization: Option<i64>,
}

struct Code {
    hash: TokenHash,
    until: i64,
    link: OneTimeLink,
}

/// The codes of links that nobody has followed yet.
pub(crate) struct Codes {
    ambient: Ambient,
    codes: Mutex<VecDeque<Code>>,
}

impl Codes {
    pub(crate) fn new(ambient: &Ambient) -> Self {
        Self { ambient: ambient.clone(), codes: Mutex::default() }
    }

    pub(crate) fn issue(&self, link: OneTimeLink) -> String {
        let code = self.ambient.entropy.identifier();
        let until = self.ambient.clock.seconds() + CODE_SECONDS;
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        if codes.len() >= CODES {
            codes.pop_front();
        }
        codes.push_back(Code { hash: TokenHash::of(&code), until, link });
        code
    }

    /// What the code is for, if it is good; it is not any more then.
    pub(crate) fn redeem(&self, code: &str) -> Option<OneTimeLink> {
        let (hash, now) = (TokenHash::of(code), self.ambient.clock.seconds());
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        codes.retain(|code| code.until > now);
        let at = codes.iter().position(|code| code.hash == hash)?;
        codes.remove(at).map(|code| code.link)
    }
}

/// A token as somebody has typed it in; `None` for what can be none.
pub(crate) fn token(text: &str) -> Option<Secret> {
    let text = text.trim();
    let is_token =
        !text.is_empty() && text.len() <= TOKEN && text.bytes().all(|byte| byte.is_ascii_graphic());
    is_token.then(|| Secret::new(text.to_owned()))
}

/// Asks the API whether the token is one, and what it may. A token that may nothing at all but is known is let in: it sees
/// what it may. Beside it, the organization, where something says which.
///
/// # Errors
/// When the API does not know the token, or cannot be asked.
pub(crate) async fn known(carrier: &Carrier, token: &Secret) -> Result<(Known, Option<i64>), Error> {
    let api = api::api(carrier, token);
    let seen = api.service_get_list(ListQuery::default()).await.map(drop);
    let members = api.member_all(MemberRequest::default()).await.map(drop);
    let audit = api.audit_get_list(AuditListQuery { cursor: None, limit: Some(1) }).await;
    let organization = audit.as_ref().ok().and_then(|page| organization(page));
    may(seen)?;
    let known = Known { admin: Some(may(members)?), audit: Some(may(audit.map(drop))?) };
    Ok((known, organization))
}

/// The organization that an entry of the audit log is of.
fn organization(page: &AuditGetListResponse) -> Option<i64> {
    let entry = page.entries.as_ref()?.first()?.entry.as_ref()?;
    serde_json::from_str::<serde_json::Value>(entry).ok()?["organizationId"].as_i64()
}

/// Whether a call was let through; who is refused for want of a right is known still, and whoever has not named the organization
/// would have been let through.
fn may(outcome: Result<(), Error>) -> Result<bool, Error> {
    match outcome {
        Ok(()) | Err(Error::Refused { status: 400, .. }) => Ok(true),
        Err(Error::Refused { status: 403, .. }) => Ok(false),
        Err(e) => Err(e),
    }
}

pub(crate) fn credential(link: OneTimeLink) -> Credential {
    Credential { token: link.token, who: link.who, organization: link.organization, until: None }
}

#[cfg(test)]
mod tests {
    use placet_ambient::Clock;
    use placet_base::Ttl;

    use super::*;

    fn link() -> OneTimeLink {
        OneTimeLink { token: Secret::new("t".to_owned()), who: "w".to_owned(), organization: None }
    }

    #[test]
    fn a_code_is_good_once_and_for_a_while() {
        let clock = Clock::stopped();
        let codes = Codes::new(&Ambient { clock: clock.clone(), ..Ambient::default() });
        let code = codes.issue(link());
        assert!(codes.redeem("other").is_none());
        assert!(codes.redeem(&code).is_some() && codes.redeem(&code).is_none());
        let code = codes.issue(link());
        clock.advance(Ttl::secs(CODE_SECONDS));
        assert!(codes.redeem(&code).is_none());
        let first = codes.issue(link());
        (0..CODES).for_each(|_| _ = codes.issue(link()));
        assert!(codes.redeem(&first).is_none());
    }

    #[test]
    fn what_can_be_no_token_is_none() {
        assert_eq!(token(" abc ").map(|token| token.expose().clone()).as_deref(), Some("abc"));
        for wrong in ["", "  ", "a b", "a\nb", "é", &"x".repeat(TOKEN + 1)] {
            assert!(token(wrong).is_none(), "{wrong}");
        }
    }
}
