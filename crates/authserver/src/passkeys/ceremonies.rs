//! Ceremonies that a browser has begun: each is good once, in that browser, and for a while (WebAuthn Level 3 §13.4.3).

use serde::{Deserialize, Serialize};
use webauthn_rs::prelude::{DiscoverableAuthentication, PasskeyRegistration};

use crate::budgets::{CEREMONIES, CEREMONY_SECONDS};
use crate::users::UserHandle;

/// What an answer of the browser is held against. It stays on this side, where nobody can play it back.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Ceremony {
    Registration(Registration),
    Authentication(DiscoverableAuthentication),
}

/// A passkey that is being made.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Registration {
    /// For whom.
    pub(crate) subject: String,
    /// What the authenticator was told to know the user by.
    pub(crate) handle: UserHandle,
    pub(crate) state: PasskeyRegistration,
}

/// Those of one browser, by their names.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Ceremonies(Vec<Begun>);

#[derive(Clone, Serialize, Deserialize)]
struct Begun {
    id: String,
    /// Seconds since the epoch.
    at: i64,
    ceremony: Ceremony,
}

impl Ceremonies {
    /// Keeps one; the oldest goes when there are too many.
    pub(crate) fn begin(&mut self, id: String, ceremony: Ceremony, now: i64) {
        self.0.retain(|begun| now - begun.at <= CEREMONY_SECONDS);
        if self.0.len() >= CEREMONIES {
            self.0.remove(0);
        }
        self.0.push(Begun { id, at: now, ceremony });
    }

    /// Takes one out, whatever comes of it, so that no answer is looked at twice.
    pub(crate) fn end(&mut self, id: &str, now: i64) -> Option<Ceremony> {
        let at = self.0.iter().position(|begun| begun.id == id)?;
        let begun = self.0.remove(at);
        (now - begun.at <= CEREMONY_SECONDS).then_some(begun.ceremony)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passkeys::RelyingParty;
    use crate::settings::{Issuer, Settings};

    fn ceremony() -> Ceremony {
        let settings = Settings::new(Issuer::parse("https://as.example").unwrap());
        let party = RelyingParty::new(&settings).unwrap();
        Ceremony::Authentication(party.begin_authentication().unwrap().1)
    }

    #[test]
    fn a_ceremony_is_good_once_and_for_a_while() {
        let mut ceremonies = Ceremonies::default();
        for id in ["a", "b"] {
            ceremonies.begin(id.to_owned(), ceremony(), 100);
        }
        assert!(ceremonies.end("a", 100 + CEREMONY_SECONDS).is_some());
        assert!(ceremonies.end("a", 100).is_none());
        assert!(ceremonies.end("b", 101 + CEREMONY_SECONDS).is_none());
        assert!(ceremonies.end("b", 100).is_none() && ceremonies.end("", 100).is_none());
    }

    #[test]
    fn there_is_an_end_to_the_ceremonies_of_a_browser() {
        let mut ceremonies = Ceremonies::default();
        (0..=CEREMONIES).for_each(|n| ceremonies.begin(n.to_string(), ceremony(), 0));
        assert_eq!(ceremonies.0.len(), CEREMONIES);
        assert!(ceremonies.end("0", 0).is_none() && ceremonies.end("1", 0).is_some());
    }
}
