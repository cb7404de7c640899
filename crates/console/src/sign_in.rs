//! How a session begins: with a token of the API that is typed in, or by a link that the process has made.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use placet_ambient::Ambient;
use placet_base::TokenHash;
use placet_sdk::{Error, Secret};

use crate::api::{self, Carrier};
use crate::budgets::{CODE_SECONDS, CODES, TOKEN};
use crate::rights::Known;
use crate::sessions::{Credential, Session};

/// What a one-time link signs in with.
pub struct OneTimeLink {
    /// The token of the API.
    pub token: Secret,
    /// Who that is, as pages say it.
    pub who: String,
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

/// Asks the API what the token is. A token that may nothing at all but is known is let in: it sees what it may.
///
/// # Errors
/// When the API does not know the token, or cannot be asked.
pub(crate) async fn known(carrier: &Carrier, token: &Secret) -> Result<Known, Error> {
    Ok(Known::of(api::api(carrier, token).apitoken_get().await?.body))
}

/// Ends the token of a session that is over, if it was made for that.
pub(crate) async fn ended(carrier: &Carrier, session: &Session) {
    if !session.credential.is_of_session {
        return;
    }
    match api::api(carrier, &session.credential.token).apitoken_revoke().await {
        // It may have ended before.
        Ok(()) | Err(Error::Refused { status: 401, .. }) => {}
        Err(e) => {
            tracing::warn!(source = %e, "the token of a session that is over cannot be ended, and ends by itself")
        }
    }
}

pub(crate) fn credential(link: OneTimeLink) -> Credential {
    Credential { token: link.token, who: link.who, until: None, is_of_session: false }
}

#[cfg(test)]
mod tests {
    use placet_ambient::Clock;
    use placet_base::Ttl;

    use super::*;

    fn link() -> OneTimeLink {
        OneTimeLink { token: Secret::new("t".to_owned()), who: "w".to_owned() }
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
