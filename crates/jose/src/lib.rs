//! JOSE for placet: signed JWTs and key sets on aws-lc-rs. No I/O, no clock; every primitive is the
//! library's. The algorithm of a signature is fixed by the key, never by the message (RFC 8725 §3.1).

mod alg;
mod der;
mod generate;
mod jwk;
mod jws;
mod key;

pub use alg::half_hash;
pub use generate::{KeyKind, generate};
pub use jwk::{Jwk, JwkError, JwkSet, KeyUse};
pub use jws::{Header, JwsError, Parsed, Unsigned};
pub use key::{SigningKey, VerifyingKey};
