//! Passkeys (WebAuthn Level 3): this server as their relying party. What clients and authenticators send is judged by
//! `webauthn-rs`; what is kept, and for how long, is said here and in `users/keyrings.rs`.

mod ceremonies;

use placet_ambient::Entropy;
use serde::de::DeserializeOwned;
use serde_json::Value;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Url,
    WebauthnBuilder, WebauthnError,
};
use webauthn_rs::{DEFAULT_AUTHENTICATOR_TIMEOUT, Webauthn};

use crate::budgets::{CREDENTIAL, CREDENTIAL_ID, KEPT, LABEL};
use crate::settings::Settings;
use crate::users::{Keyring, Passkey, User, UserHandle};

pub(crate) use ceremonies::{Ceremonies, Ceremony, Registration};

/// Why nothing comes of what a browser has sent; for the log.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) String);

impl From<WebauthnError> for Refused {
    fn from(e: WebauthnError) -> Self {
        Self(e.to_string())
    }
}

/// What makes and judges ceremonies.
pub(crate) struct RelyingParty {
    webauthn: Webauthn,
    entropy: Entropy,
}

impl RelyingParty {
    /// RP ID and origin are the issuer's, and no other origin's assertions count (§13.4.9).
    pub(crate) fn new(settings: &Settings) -> Result<Self, String> {
        let issuer = &settings.issuer;
        let unfit =
            || format!("passkeys need an issuer of https with a name, or localhost: {}", issuer.url());
        let id = issuer.relying_party_id().ok_or_else(unfit)?;
        let origin = Url::parse(issuer.origin()).map_err(|e| e.to_string())?;
        let builder = WebauthnBuilder::new(&id, &origin).map_err(|e| e.to_string())?;
        let builder = builder.rp_name(&settings.name).timeout(DEFAULT_AUTHENTICATOR_TIMEOUT);
        let webauthn = builder.build().map_err(|e| e.to_string())?;
        Ok(Self { webauthn, entropy: settings.ambient.entropy.clone() })
    }

    /// A keyring for somebody who never had one.
    pub(crate) fn keyring(&self, subject: &str) -> Keyring {
        Keyring::new(subject.to_owned(), UserHandle::from_bytes(self.entropy.bytes()))
    }

    /// What `navigator.credentials.create()` is given, as JSON, and what its answer is held against (§7.1).
    pub(crate) fn begin_registration(
        &self,
        user: &User,
        keyring: &Keyring,
    ) -> Result<(String, Registration), Refused> {
        let known = keyring.passkeys.iter().map(|passkey| passkey.credential.cred_id().clone()).collect();
        let (login, name) = names(user);
        let begun = self.webauthn.start_passkey_registration(keyring.handle, login, name, Some(known));
        let (options, state) = begun?;
        let mut options = serde_json::to_value(options.public_key).map_err(|e| Refused(e.to_string()))?;
        // §5.4.4: nobody says a user name before using it, so that the authenticator has to find it by itself. The library
        // would leave that to the authenticator.
        if let Some(Value::Object(selection)) = options.get_mut("authenticatorSelection") {
            selection.insert("residentKey".to_owned(), "required".into());
            selection.insert("requireResidentKey".to_owned(), true.into());
        }
        let (subject, handle) = (keyring.subject.clone(), keyring.handle);
        Ok((options.to_string(), Registration { subject, handle, state }))
    }

    /// The passkey that was made (§7.1). That it is nobody else's, the store says.
    pub(crate) fn registered(
        &self,
        state: &PasskeyRegistration,
        sent: &str,
        (label, now): (&str, i64),
    ) -> Result<Passkey, Refused> {
        let sent: RegisterPublicKeyCredential = read(sent)?;
        let _here = unframed(&sent.response.client_data_json)?;
        let credential = self.webauthn.finish_passkey_registration(&sent, state)?;
        if credential.cred_id().len() > CREDENTIAL_ID {
            return Err(Refused("a credential id that is too long".to_owned()));
        }
        // An attestation that nobody has asked for would be kept with it.
        if serde_json::to_vec(&credential).map_err(|e| Refused(e.to_string()))?.len() > KEPT {
            return Err(Refused("a credential that is too large to be kept".to_owned()));
        }
        let id = self.entropy.identifier();
        Ok(Passkey { id, label: readable(label), created_at: now, used_at: None, credential })
    }

    /// What `navigator.credentials.get()` is given, as JSON, and what its answer is held against (§7.2): of whoever it may
    /// be, with user verification.
    pub(crate) fn begin_authentication(&self) -> Result<(String, DiscoverableAuthentication), Refused> {
        let (options, state) = self.webauthn.start_discoverable_authentication()?;
        let options = serde_json::to_string(&options.public_key).map_err(|e| Refused(e.to_string()))?;
        Ok((options, state))
    }

    /// Whose passkey somebody says to have: the handle, and the assertion that is yet to be judged.
    pub(crate) fn claimed(&self, sent: &str) -> Result<(UserHandle, PublicKeyCredential), Refused> {
        let sent: PublicKeyCredential = read(sent)?;
        let _here = unframed(&sent.response.client_data_json)?;
        let (handle, _) = self.webauthn.identify_discoverable_authentication(&sent)?;
        Ok((handle, sent))
    }

    /// Which passkey the owner of a keyring has proven to have, and what is to be kept of it (§7.2): counter and backup state are
    /// as the authenticator says. A counter that has not gone up is refused: there may be a second copy of the key
    /// (§6.1.1).
    pub(crate) fn asserted(
        &self,
        state: DiscoverableAuthentication,
        sent: &PublicKeyCredential,
        mut keyring: Keyring,
        now: i64,
    ) -> Result<(String, After), Refused> {
        let mut passkeys = keyring.passkeys.iter_mut();
        let used =
            passkeys.find(|passkey| passkey.credential.cred_id().as_slice() == sent.get_credential_id());
        let used = used.ok_or_else(|| Refused("a passkey that is not on the keyring".to_owned()))?;
        let result = self.webauthn.finish_discoverable_authentication_v2(sent, state, &used.credential)?;
        let changed = used.credential.update_credential(&result) == Some(true);
        let today = used.used_at.is_some_and(|at| at / DAY == now / DAY);
        used.used_at = Some(now);
        let id = used.id.clone();
        let after = match (changed, today) {
            (true, _) => After::Changed(keyring),
            (false, false) => After::Used(keyring),
            (false, true) => After::Same,
        };
        Ok((id, after))
    }
}

/// A day, in seconds: pages tell the day of the last use.
const DAY: i64 = 86_400;

/// What becomes of a keyring by the use of a passkey.
pub(crate) enum After {
    /// It has to be kept before anybody is let in, so that an older counter does not come back.
    Changed(Keyring),
    /// When it was used is worth keeping, and keeps nobody out.
    Used(Keyring),
    Same,
}

/// What authenticators show of the user when there are several (§5.4.3): neither may be empty.
fn names(user: &User) -> (&str, &str) {
    let name = if user.name.is_empty() { &user.subject } else { &user.name };
    let login = user.claims.get("preferred_username").and_then(Value::as_str);
    (login.filter(|login| !login.is_empty()).unwrap_or(name), name)
}

fn read<T: DeserializeOwned>(sent: &str) -> Result<T, Refused> {
    if sent.len() > CREDENTIAL {
        return Err(Refused("a credential that is too large".to_owned()));
    }
    serde_json::from_str(sent).map_err(|e| Refused(format!("no credential: {e}")))
}

/// The ceremony took place in a page of ours.
struct Unframed;

/// §13.4.2: nobody frames our pages, so that no ceremony was begun in a frame of somebody else's.
fn unframed(client_data: &[u8]) -> Result<Unframed, Refused> {
    let data: Value = serde_json::from_slice(client_data).map_err(|e| Refused(e.to_string()))?;
    let framed = data["crossOrigin"] == true || !data["topOrigin"].is_null();
    if framed { Err(Refused("a ceremony in a frame".to_owned())) } else { Ok(Unframed) }
}

/// A name for a passkey, of what somebody has typed in.
fn readable(label: &str) -> String {
    let plain: String = label.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.trim().chars().take(LABEL).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Issuer;

    fn party(issuer: &str) -> Result<RelyingParty, String> {
        RelyingParty::new(&Settings::new(Issuer::parse(issuer).unwrap()))
    }

    #[test]
    fn passkeys_are_for_names() {
        for issuer in ["https://as.example/path", "https://as.example:8443", "http://localhost:7400/as"] {
            assert!(party(issuer).is_ok(), "{issuer}");
        }
        for issuer in
            ["http://as.example", "https://192.0.2.1", "https://[::1]:8443", "http://127.0.0.1:7400/as"]
        {
            assert!(party(issuer).is_err_and(|e| e.contains(issuer)), "{issuer}");
        }
    }

    #[test]
    fn a_passkey_is_found_without_a_name_and_verifies_its_user() {
        let party = party("https://as.example").unwrap();
        let user = User { subject: "7".to_owned(), ..User::default() };
        let keyring = party.keyring("7");
        let (options, registration) = party.begin_registration(&user, &keyring).unwrap();
        let options: Value = serde_json::from_str(&options).unwrap();
        let selection = &options["authenticatorSelection"];
        assert_eq!(
            (&selection["residentKey"], &selection["userVerification"]),
            (&"required".into(), &"required".into())
        );
        assert_eq!((&options["rp"]["id"], &options["attestation"]), (&"as.example".into(), &"none".into()));
        assert_eq!((registration.subject, registration.handle), ("7".to_owned(), keyring.handle));
        assert_ne!(party.keyring("7").handle, keyring.handle);
        let (options, _) = party.begin_authentication().unwrap();
        let options: Value = serde_json::from_str(&options).unwrap();
        assert_eq!(
            (&options["userVerification"], &options["allowCredentials"]),
            (&"required".into(), &Value::Array(Vec::new()))
        );
    }

    #[test]
    fn what_is_no_credential_is_refused() {
        let party = party("https://as.example").unwrap();
        let large = format!("\"{}\"", "a".repeat(CREDENTIAL));
        for sent in ["", "{}", "[]", "null", &large, "{\"id\":1}"] {
            assert!(party.claimed(sent).is_err(), "{sent:.20}");
        }
        assert!(unframed(br#"{"crossOrigin":false}"#).is_ok() && unframed(b"{}").is_ok());
        for framed in [&br#"{"crossOrigin":true}"#[..], br#"{"topOrigin":"https://evil.example"}"#, b"{"] {
            assert!(unframed(framed).is_err());
        }
        assert_eq!(readable(&format!(" my\nkey{}", "é".repeat(100))).chars().count(), LABEL);
    }
}
