//! Keys in a hardware security module that speaks PKCS #11 (OASIS, v2.40 and v3).
//!
//! The module is the vendor's library, loaded when the server starts. It is called on threads of its own and nowhere
//! else: whatever it does, and however long it takes, nobody waits for it longer than the time-out says, and no more
//! requests wait for it than its queue holds.

mod attributes;
mod connection;
mod device;
mod errors;
mod operations;
mod queue;

use std::path::PathBuf;
use std::sync::Arc;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use placet_base::registry::{JweAlg, JwsAlg};
use placet_hsm::{BoxFuture, Destroyed, Hsm, HsmError, KeyId, Limits, Named, NewKey};
use placet_jose::{Asked, Jwk};

use connection::Live;
use device::Device;
use queue::Queue;

/// What is known of a module before it is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The name that requests know it by.
    pub name: String,
    /// The library of its vendor.
    pub module: PathBuf,
    /// The label of the token that holds the keys.
    pub token: String,
    /// A file with the PIN of its user.
    pub pin_file: PathBuf,
}

/// Loads the modules, each with its name. Whether their tokens are there is seen when they are needed: a module that is away keeps nobody
/// from starting, and is asked again.
///
/// # Errors
/// When a library cannot be loaded or threads cannot be had.
pub fn load(all: &[Settings], limits: Limits) -> Result<Vec<Named>, String> {
    let mut libraries: Vec<(PathBuf, Pkcs11)> = Vec::new();
    let mut named: Vec<Named> = Vec::new();
    for settings in all {
        let known =
            libraries.iter().find(|(path, _)| *path == settings.module).map(|(_, known)| known.clone());
        let library = match known {
            Some(library) => library,
            None => {
                let library = library(settings)?;
                libraries.push((settings.module.clone(), library.clone()));
                library
            }
        };
        let device = Device::new(library, settings);
        // A thread calls a session of its own.
        let queue = Queue::start(device, limits).map_err(|e| format!("hsm {}: {e}", settings.name))?;
        named.push((settings.name.clone(), Arc::new(Module(queue))));
    }
    Ok(named)
}

fn library(settings: &Settings) -> Result<Pkcs11, String> {
    let named = |e: Error| format!("hsm {}: {}: {e}", settings.name, settings.module.display());
    let library = Pkcs11::new(&settings.module).map_err(named)?;
    match library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(library),
        Err(e) => Err(named(e)),
    }
}

struct Module(Queue);

impl Hsm for Module {
    fn generate(&self, key: NewKey) -> BoxFuture<'_, Result<Jwk, HsmError>> {
        let id = key.id;
        let undo = move |live: &mut Live| operations::undo(live, id);
        Box::pin(self.0.ask_or_undo(move |live| operations::generate(live, &key), undo))
    }

    fn sign(&self, id: KeyId, alg: JwsAlg, message: Vec<u8>) -> BoxFuture<'_, Result<Vec<u8>, HsmError>> {
        Box::pin(self.0.ask(move |live| operations::sign(live, id, alg, &message)))
    }

    fn answer(
        &self,
        id: KeyId,
        alg: JweAlg,
        asked: Asked,
    ) -> BoxFuture<'_, Result<Option<Vec<u8>>, HsmError>> {
        Box::pin(self.0.ask(move |live| operations::answer(live, id, alg, &asked)))
    }

    fn destroy(&self, id: KeyId) -> BoxFuture<'_, Result<Destroyed, HsmError>> {
        Box::pin(async move {
            match self.0.ask(move |live| operations::destroy(live, id)).await {
                Err(HsmError::NoKey) => Ok(Destroyed),
                outcome => outcome,
            }
        })
    }
}
