//! Browsers that an account's owner has signed in with before. The browser keeps the proof, a cookie that only this
//! server can make and that is for one account; nothing is kept here.

use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;
use placet_ambient::Entropy;

/// Accounts that one browser can be known for.
const MOST: usize = 8;
/// What names a device, and what proves the name; in bytes.
const NAME: usize = 16;

/// Makes and reads the cookies. Its key lives as long as the process: after a restart all browsers are new.
pub(crate) struct Devices {
    key: hmac::Key,
    entropy: Entropy,
}

impl Devices {
    pub(crate) fn new(entropy: Entropy) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, &entropy.bytes::<32>()), entropy }
    }

    /// What the device is called, if the cookie shows that this account's owner has signed in with it.
    pub(crate) fn known(&self, cookie: &str, account: &str) -> Option<String> {
        let proofs =
            cookie.split('.').take(MOST).filter_map(|one| BASE64URL_NOPAD.decode(one.as_bytes()).ok());
        let is_of = |proof: &Vec<u8>| {
            let Some((name, tag)) = proof.split_at_checked(NAME) else { return false };
            hmac::verify(&self.key, &subject(name, account), tag).is_ok()
        };
        proofs.into_iter().find(is_of).map(|proof| BASE64URL_NOPAD.encode(&proof[..NAME]))
    }

    /// The cookie of a browser that this account's owner has signed in with just now; the oldest proof goes. `None` for
    /// one that says so already.
    pub(crate) fn with(&self, cookie: &str, account: &str) -> Option<String> {
        if self.known(cookie, account).is_some() {
            return None;
        }
        let name = self.entropy.bytes::<NAME>();
        let tag = hmac::sign(&self.key, &subject(&name, account));
        let proof = BASE64URL_NOPAD.encode(&[name.as_slice(), tag.as_ref()].concat());
        let length = proof.len();
        let others = cookie.split('.').filter(|one| one.len() == length).take(MOST - 1);
        Some([proof.as_str()].into_iter().chain(others).collect::<Vec<_>>().join("."))
    }
}

fn subject(name: &[u8], account: &str) -> Vec<u8> {
    [name, account.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_known_for_its_accounts_alone() {
        let (devices, others) = (Devices::new(Entropy::seeded(1)), Devices::new(Entropy::seeded(2)));
        let mut cookie = String::new();
        for account in ["john", "jane", "max", "paul", "peter", "mary", "emma", "mia"] {
            cookie = devices.with(&cookie, account).unwrap();
        }
        assert!(devices.with(&cookie, "john").is_none());
        assert!(devices.known(&cookie, "john").is_some() && devices.known(&cookie, "mia").is_some());
        assert!(devices.known(&cookie, "hanako").is_none());
        assert!(others.known(&cookie, "john").is_none());
        let more = devices.with(&cookie, "hanako").unwrap();
        assert!(devices.known(&more, "john").is_none() && devices.known(&more, "mia").is_some());
        assert_eq!(more.len(), cookie.len());
        for broken in ["", ".", "AAAA", "!", &cookie[1..]] {
            assert!(devices.known(broken, "mia").is_none(), "{broken}");
        }
    }
}
