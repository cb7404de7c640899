//! What a hardware security module owes the engine: keys that are made in it, never leave it, and do their work there.
//!
//! A module is asked by the id of a key and answers, or says in time why it cannot. It may be away, slow or full: that is
//! part of what it is, and whoever asks it hears so ([`HsmError::is_passing`]).

pub mod contract;
mod double;
mod hsms;

pub use double::Double;
pub use hsms::{Hsms, Named, Proven};

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use placet_base::registry::{JweAlg, JwsAlg};
use placet_jose::{Asked, Jwk, KeyKind};

pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The id of a key in every module: 256 random bits, chosen by whoever has it made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 32]);

impl KeyId {
    /// Reads the handle of a key: 43 characters.
    pub fn parse(handle: &str) -> Option<Self> {
        BASE64URL_NOPAD.decode(handle.as_bytes()).ok()?.try_into().ok().map(Self)
    }

    /// The handle of the key.
    pub fn handle(self) -> String {
        BASE64URL_NOPAD.encode(&self.0)
    }
}

/// How much of the server each module may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Calls of it at a time.
    pub threads: usize,
    /// Requests that wait for their turn.
    pub queue: usize,
    /// How long a request waits, from when it comes.
    pub timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { threads: 4, queue: 256, timeout: Duration::from_secs(3) }
    }
}

/// What a key does. It does nothing else (RFC 7517 §4.4, §4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAlg {
    Signs(JwsAlg),
    Decrypts(JweAlg),
}

impl KeyAlg {
    /// The kind of key that it takes. `None` where modules are not asked to do it: for what secrets do, for Ed25519 and
    /// secp256k1, and for RSA1_5, whose padding tells by the time that it takes (RFC 8725 §3.2, RFC 7516 §11.5), and how
    /// long a module takes is nothing that we can even out.
    pub fn kind(self) -> Option<KeyKind> {
        match self {
            Self::Signs(JwsAlg::EdDsa) | Self::Decrypts(JweAlg::Rsa15 | JweAlg::EcdhEsA192Kw) => None,
            Self::Signs(alg) => KeyKind::signing(alg),
            Self::Decrypts(alg) => KeyKind::decrypting(alg),
        }
    }

    /// The name by which RFC 7518 knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Signs(alg) => alg.protocol_name(),
            Self::Decrypts(alg) => alg.protocol_name(),
        }
    }
}

/// A key that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    pub id: KeyId,
    pub alg: KeyAlg,
    /// For people who look into the module.
    pub label: String,
}

/// That there is no such key any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Destroyed;

/// Why a module did not do what it was asked for. Texts are for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HsmError {
    /// There is none of that name.
    Unknown,
    /// It cannot be reached, or lets nobody in.
    Away(String),
    /// It has not answered in time.
    Late,
    /// It has as much to do as it takes on.
    Busy,
    /// It has no room for another key.
    Full,
    /// It has no such key.
    NoKey,
    /// It does not do this.
    Unsupported(String),
    /// It does this, and did not do it.
    Refused(String),
}

impl HsmError {
    /// Whether the same may be possible a little later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Away(_) | Self::Late | Self::Busy | Self::Full => true,
            Self::Unknown | Self::NoKey | Self::Unsupported(_) | Self::Refused(_) => false,
        }
    }
}

impl std::fmt::Display for HsmError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown => f.write_str("there is no such module"),
            Self::Away(why) => write!(f, "away: {why}"),
            Self::Late => f.write_str("no answer in time"),
            Self::Busy => f.write_str("the queue is full"),
            Self::Full => f.write_str("no room for another key"),
            Self::NoKey => f.write_str("the key is not there"),
            Self::Unsupported(why) => write!(f, "not supported: {why}"),
            Self::Refused(why) => write!(f, "refused: {why}"),
        }
    }
}

/// A hardware security module. Whatever it does takes a bounded time.
pub trait Hsm: Send + Sync {
    /// Makes a key, and gives its public half.
    fn generate(&self, key: NewKey) -> BoxFuture<'_, Result<Jwk, HsmError>>;

    /// A signature in the form of RFC 7518 §3.
    fn sign(&self, id: KeyId, alg: JwsAlg, message: Vec<u8>) -> BoxFuture<'_, Result<Vec<u8>, HsmError>>;

    /// What was asked of the key; `None` when it cannot be done with this message, whyever (RFC 7516 §11.5).
    fn answer(
        &self,
        id: KeyId,
        alg: JweAlg,
        asked: Asked,
    ) -> BoxFuture<'_, Result<Option<Vec<u8>>, HsmError>>;

    /// Destroys a key; one that is not there is as good as destroyed, so that this can be done again.
    fn destroy(&self, id: KeyId) -> BoxFuture<'_, Result<Destroyed, HsmError>>;
}
