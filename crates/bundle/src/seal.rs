//! Secrets, encrypted as an age file (age-encryption.org/v1): to a passphrase, or to keys of people and machines.

use age::secrecy::{ExposeSecret, SecretString};
use age::{scrypt, x25519};
use placet_sdk::Secret;
use serde_json::{Map, Value};

use crate::bundle::Bundle;
use crate::path::Path;
use crate::problem::Problem;
use crate::secrets::Secrets;

/// The logarithm of what scrypt costs whoever guesses passphrases: age's own for about a second.
const WORK: u8 = 18;

/// The most that a file may ask of whoever opens it.
const MOST_WORK: u8 = 20;

/// Whom secrets are encrypted to.
pub enum Sealer {
    /// Whoever knows it.
    Passphrase(Secret<String>),
    /// Whoever has the private half: `age1…`.
    Recipient(String),
}

/// Who opens them.
pub enum Opener {
    /// Somebody who knows it.
    Passphrase(Secret<String>),
    /// The text of an identity file: a line `AGE-SECRET-KEY-1…`, and comments.
    Identity(Secret<String>),
}

impl Bundle {
    /// Encrypts the secrets that are at hand into the bundle.
    ///
    /// # Errors
    /// The recipient is none, or encrypting fails.
    pub fn seal(&mut self, sealer: &Sealer) -> Result<(), Problem> {
        let one =
            |(path, text): (&Path, &Secret<String>)| (path.to_string(), Value::from(text.expose().as_str()));
        let members: Map<String, Value> = self.secrets.iter().map(one).collect();
        let plain = Secret::new(Value::Object(members).to_string());
        let sealed = match sealer {
            Sealer::Passphrase(text) => {
                let mut recipient = scrypt::Recipient::new(SecretString::from(text.expose().clone()));
                recipient.set_work_factor(WORK);
                age::encrypt_and_armor(&recipient, plain.expose().as_bytes())
            }
            Sealer::Recipient(text) => {
                let recipient: x25519::Recipient =
                    text.parse().map_err(|e: &str| Problem::at("the recipient", e))?;
                age::encrypt_and_armor(&recipient, plain.expose().as_bytes())
            }
        };
        self.sealed = Some(sealed.map_err(|e| Problem::at("sealed", e))?);
        Ok(())
    }

    /// Decrypts the secrets of the bundle.
    ///
    /// # Errors
    /// There are none, they are for somebody else, or what was encrypted are no secrets.
    pub fn open(&mut self, opener: &Opener) -> Result<(), Problem> {
        let problem = |what: String| Problem::at("sealed.age", what);
        let sealed =
            self.sealed.as_deref().ok_or_else(|| problem("the bundle has no sealed secrets".to_owned()))?;
        let plain = match opener {
            Opener::Passphrase(text) => {
                let mut identity = scrypt::Identity::new(SecretString::from(text.expose().clone()));
                identity.set_max_work_factor(MOST_WORK);
                decrypted(&identity, sealed)
            }
            Opener::Identity(text) => decrypted(&identity(text).map_err(problem)?, sealed),
        };
        let opened = read(&plain.map_err(problem)?);
        self.secrets.extend(
            opened.ok_or_else(|| problem("what was encrypted are no secrets of a bundle".to_owned()))?,
        );
        Ok(())
    }
}

fn identity(text: &Secret<String>) -> Result<x25519::Identity, String> {
    let line = text.expose().lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    line.unwrap_or_default().parse().map_err(|e: &str| format!("this is no identity of age: {e}"))
}

fn decrypted(identity: &impl age::Identity, sealed: &str) -> Result<Secret<Vec<u8>>, String> {
    age::decrypt(identity, sealed.as_bytes()).map(Secret::new).map_err(|e| e.to_string())
}

fn read(plain: &Secret<Vec<u8>>) -> Option<Secrets> {
    let members: Map<String, Value> = serde_json::from_slice(plain.expose()).ok()?;
    let one =
        |(path, text): (&String, &Value)| Some((path.parse().ok()?, Secret::new(text.as_str()?.to_owned())));
    members.iter().map(one).collect()
}

/// A new identity, and whom to encrypt to for it.
///
/// For tests, and for whoever has no age at hand.
pub fn new_identity() -> (Secret<String>, String) {
    let identity = x25519::Identity::generate();
    (Secret::new(identity.to_string().expose_secret().to_owned()), identity.to_public().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_secret() -> Bundle {
        let text = "format = 1\n[clients.web]\nclientSecret = \"abc\"\n";
        Bundle::parse("b", text).unwrap()
    }

    fn opened(bundle: &Bundle, opener: &Opener) -> Result<String, Problem> {
        let mut again = Bundle::parse("b", &bundle.written()).unwrap();
        again.open(opener)?;
        Ok(again.secrets[&Path::client("web", "clientSecret")].expose().clone())
    }

    #[test]
    fn secrets_are_opened_by_whom_they_were_sealed_for() {
        let (identity, recipient) = new_identity();
        let mut bundle = with_secret();
        bundle.seal(&Sealer::Recipient(recipient)).unwrap();
        assert!(!bundle.written().contains("abc"));
        assert_eq!(opened(&bundle, &Opener::Identity(identity)).unwrap(), "\"abc\"");
        let another = Opener::Identity(new_identity().0);
        assert_eq!(opened(&bundle, &another).unwrap_err().place, "sealed.age");

        bundle.seal(&Sealer::Passphrase(Secret::new("long enough".to_owned()))).unwrap();
        let right = Opener::Passphrase(Secret::new("long enough".to_owned()));
        assert_eq!(opened(&bundle, &right).unwrap(), "\"abc\"");
        let wrong = Opener::Passphrase(Secret::new("another".to_owned()));
        assert!(opened(&bundle, &wrong).is_err());
        assert!(bundle.seal(&Sealer::Recipient("age1nobody".to_owned())).is_err());
        assert!(with_secret().open(&right).is_err());
    }
}
