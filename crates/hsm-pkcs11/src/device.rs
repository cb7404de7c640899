//! The token that holds the keys, and who may use them.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use cryptoki::context::Pkcs11;
use cryptoki::error::{Error, RvError};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use placet_hsm::HsmError;
use zeroize::Zeroizing;

use crate::Settings;

pub(crate) struct Device {
    library: Pkcs11,
    token: String,
    pin_file: PathBuf,
    /// The digest of a PIN that was wrong. A token locks itself after a few of those, so none is tried twice.
    wrong_pin: Mutex<Option<Vec<u8>>>,
}

fn away(why: impl std::fmt::Display) -> HsmError {
    HsmError::Away(why.to_string())
}

impl Device {
    pub(crate) fn new(library: Pkcs11, settings: &Settings) -> Self {
        let (token, pin_file) = (settings.token.clone(), settings.pin_file.clone());
        Self { library, token, pin_file, wrong_pin: Mutex::new(None) }
    }

    /// A session whose user is logged in (PKCS #11 §5.6).
    pub(crate) fn session(&self) -> Result<Session, HsmError> {
        let session = self.library.open_rw_session(self.slot()?).map_err(|e| match e {
            Error::Pkcs11(RvError::SessionCount, _) => HsmError::Busy,
            e => away(e),
        })?;
        self.login(session)
    }

    /// The slot whose token has the label, if exactly one has.
    fn slot(&self) -> Result<Slot, HsmError> {
        let slots = self.library.get_slots_with_token().map_err(away)?;
        let is_meant = |slot: &Slot| {
            self.library.get_token_info(*slot).is_ok_and(|token| token.label().trim_end() == self.token)
        };
        let mut found = slots.into_iter().filter(is_meant);
        match (found.next(), found.next()) {
            (Some(slot), None) => Ok(slot),
            (None, _) => Err(away(format!("there is no token labelled '{}'", self.token))),
            (Some(_), Some(_)) => Err(away(format!("several tokens are labelled '{}'", self.token))),
        }
    }

    /// All sessions of a process are logged in as one (§5.6.8), so that another thread may have been faster.
    fn login(&self, session: Session) -> Result<Session, HsmError> {
        let pin = self.pin()?;
        let mark = digest(&SHA256, pin.as_bytes()).as_ref().to_vec();
        let mut wrong = self.wrong_pin.lock().unwrap_or_else(PoisonError::into_inner);
        if wrong.as_ref() == Some(&mark) {
            return Err(away("the PIN was wrong, and is not tried again until its file says another"));
        }
        match session.login(UserType::User, Some(&AuthPin::from(pin.as_str()))) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
            Err(e) => {
                if matches!(e, Error::Pkcs11(RvError::PinIncorrect | RvError::PinLenRange, _)) {
                    *wrong = Some(mark);
                }
                Err(away(e))
            }
        }
    }

    fn pin(&self) -> Result<Zeroizing<String>, HsmError> {
        let text = std::fs::read_to_string(&self.pin_file).map(Zeroizing::new);
        let text = text.map_err(|e| away(format!("{}: {e}", self.pin_file.display())))?;
        Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
    }
}
