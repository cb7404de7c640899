//! The session of one thread, made anew when it is lost.

use std::collections::HashMap;
use std::sync::Arc;

use cryptoki::object::{Attribute, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, SessionState};
use placet_hsm::{HsmError, KeyId};

use crate::device::Device;
use crate::errors::Failure;

/// Keys whose places in the token are remembered.
const REMEMBERED: usize = 1024;

pub(crate) struct Connection {
    device: Arc<Device>,
    live: Option<Live>,
}

/// A session that was there when it was last used.
pub(crate) struct Live {
    pub(crate) session: Session,
    /// Where private keys are. Handles of objects of a token hold for every session (PKCS #11 §4.1).
    places: HashMap<KeyId, ObjectHandle>,
}

/// That the session sees private keys.
struct LoggedIn;

impl Connection {
    pub(crate) fn new(device: Arc<Device>) -> Self {
        Self { device, live: None }
    }

    /// Does `work`. When the session turns out to be lost, or logged out, it is done once more with a new one; and so it is
    /// when a key is not there, because some modules have no other word for a token that is away.
    pub(crate) fn run<T>(
        &mut self,
        mut work: impl FnMut(&mut Live) -> Result<T, Failure>,
    ) -> Result<T, HsmError> {
        let mut fresh = self.live.is_none();
        loop {
            match work(self.live()?) {
                Ok(done) => return Ok(done),
                Err(Failure::Lost(_) | Failure::NoKey) if !fresh => {
                    self.live = None;
                    fresh = true;
                }
                Err(failure) => {
                    // The next request begins with a session of its own.
                    if matches!(failure, Failure::Lost(_)) {
                        self.live = None;
                    }
                    return Err(failure.into());
                }
            }
        }
    }

    fn live(&mut self) -> Result<&mut Live, HsmError> {
        let live = match self.live.take() {
            Some(live) => live,
            None => Live { session: self.device.session()?, places: HashMap::new() },
        };
        Ok(self.live.insert(live))
    }
}

impl Live {
    /// Where the private key is.
    pub(crate) fn private_key(&mut self, id: KeyId) -> Result<ObjectHandle, Failure> {
        if let Some(place) = self.places.get(&id) {
            return Ok(*place);
        }
        let wanted = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Id(id.0.to_vec())];
        let Some(place) = self.session.find_objects(&wanted)?.first().copied() else {
            let LoggedIn = self.logged_in()?;
            return Err(Failure::NoKey);
        };
        if self.places.len() >= REMEMBERED {
            self.places.clear();
        }
        self.places.insert(id, place);
        Ok(place)
    }

    /// Who is not logged in sees no private keys (PKCS #11 §4.4), and must not take them for gone.
    fn logged_in(&self) -> Result<LoggedIn, Failure> {
        match self.session.get_session_info()?.session_state() {
            SessionState::RoUser | SessionState::RwUser => Ok(LoggedIn),
            SessionState::RoPublic | SessionState::RwPublic | SessionState::RwSecurityOfficer => {
                Err(Failure::Lost("nobody is logged in".to_owned()))
            }
        }
    }

    /// Does `work` with the private key; a key that is not where it was is looked for again.
    pub(crate) fn with_key<T>(
        &mut self,
        id: KeyId,
        work: impl Fn(&Session, ObjectHandle) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let remembered = self.places.contains_key(&id);
        let place = self.private_key(id)?;
        match work(&self.session, place) {
            Err(Failure::NoKey) if remembered => {
                self.places.remove(&id);
                let place = self.private_key(id)?;
                work(&self.session, place)
            }
            outcome => outcome,
        }
    }

    /// Every object of a key.
    pub(crate) fn objects(&self, id: KeyId) -> Result<Vec<ObjectHandle>, Failure> {
        let LoggedIn = self.logged_in()?;
        Ok(self.session.find_objects(&[Attribute::Id(id.0.to_vec())])?)
    }

    pub(crate) fn forget(&mut self, id: KeyId) {
        self.places.remove(&id);
    }
}
