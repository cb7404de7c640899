//! Browsers that an account's owner has signed in with before. The browser keeps the proof, a cookie that only this
//! server can make and that is for one account; nothing is kept here.

use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;
use placet_ambient::Entropy;

use crate::state::{NEVER, Next, Place, Shelf, State, StateUnavailable};

/// Accounts that one browser can be known for.
const MOST: usize = 8;
/// What names a device, and what proves the name; in bytes.
const NAME: usize = 16;

/// Makes and reads the cookies. Its key is kept where sessions are: where they live in memory, all browsers are new after a
/// restart.
pub(crate) struct Devices {
    state: State,
    entropy: Entropy,
}

impl Devices {
    pub(crate) fn new(entropy: Entropy, state: &State) -> Self {
        Self { state: state.clone(), entropy }
    }

    /// The key that all processes have: the one that was made first.
    async fn key(&self) -> Result<hmac::Key, StateUnavailable> {
        let place = Place::new(Shelf::Keys, "browsers");
        let new = BASE64URL_NOPAD.encode(&self.entropy.bytes::<32>());
        let made = |known: Option<String>| match known {
            Some(known) => (Next::Same, known),
            None => (Next::Is(new.clone(), NEVER), new.clone()),
        };
        let key = self.state.update(&place, 0, made).await?;
        let key = BASE64URL_NOPAD.decode(key.as_bytes()).map_err(|e| StateUnavailable(e.to_string()))?;
        Ok(hmac::Key::new(hmac::HMAC_SHA256, &key))
    }

    /// What the device is called, if the cookie shows that this account's owner has signed in with it.
    pub(crate) async fn known(
        &self,
        cookie: &str,
        account: &str,
    ) -> Result<Option<String>, StateUnavailable> {
        if cookie.is_empty() {
            return Ok(None);
        }
        Ok(known(&self.key().await?, cookie, account))
    }

    /// The cookie of a browser that this account's owner has signed in with just now; the oldest proof goes. `None` for
    /// one that says so already.
    pub(crate) async fn with(&self, cookie: &str, account: &str) -> Result<Option<String>, StateUnavailable> {
        let key = self.key().await?;
        if known(&key, cookie, account).is_some() {
            return Ok(None);
        }
        let name = self.entropy.bytes::<NAME>();
        let tag = hmac::sign(&key, &subject(&name, account));
        let proof = BASE64URL_NOPAD.encode(&[name.as_slice(), tag.as_ref()].concat());
        let length = proof.len();
        let others = cookie.split('.').filter(|one| one.len() == length).take(MOST - 1);
        Ok(Some([proof.as_str()].into_iter().chain(others).collect::<Vec<_>>().join(".")))
    }
}

fn known(key: &hmac::Key, cookie: &str, account: &str) -> Option<String> {
    let proofs = cookie.split('.').take(MOST).filter_map(|one| BASE64URL_NOPAD.decode(one.as_bytes()).ok());
    let is_of = |proof: &Vec<u8>| {
        let Some((name, tag)) = proof.split_at_checked(NAME) else { return false };
        hmac::verify(key, &subject(name, account), tag).is_ok()
    };
    proofs.into_iter().find(is_of).map(|proof| BASE64URL_NOPAD.encode(&proof[..NAME]))
}

fn subject(name: &[u8], account: &str) -> Vec<u8> {
    [name, account.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::budgets::Budgets;
    use crate::state::InMemory;

    fn state() -> State {
        State::new(Arc::new(InMemory::new(&Budgets::default(), placet_ambient::Clock::stopped())))
    }

    #[tokio::test]
    async fn a_browser_is_known_for_its_accounts_alone() {
        let shared = state();
        let devices = Devices::new(Entropy::seeded(1), &shared);
        let known =
            async |cookie: &str, account: &str| devices.known(cookie, account).await.unwrap().is_some();
        let with = async |cookie: &str, account: &str| devices.with(cookie, account).await.unwrap();
        let mut cookie = String::new();
        for account in ["john", "jane", "max", "paul", "peter", "mary", "emma", "mia"] {
            cookie = with(&cookie, account).await.unwrap();
        }
        assert!(with(&cookie, "john").await.is_none());
        assert!(known(&cookie, "john").await && known(&cookie, "mia").await);
        assert!(!known(&cookie, "hanako").await);
        // Another process knows it, and one that shares nothing with this one does not.
        for (state, is_known) in [(shared, true), (state(), false)] {
            let other = Devices::new(Entropy::seeded(2), &state);
            assert_eq!(other.known(&cookie, "john").await.unwrap().is_some(), is_known);
        }
        let more = with(&cookie, "hanako").await.unwrap();
        assert!(!known(&more, "john").await && known(&more, "mia").await);
        assert_eq!(more.len(), cookie.len());
        for broken in ["", ".", "AAAA", "!", &cookie[1..]] {
            assert!(!known(broken, "mia").await, "{broken}");
        }
    }
}
