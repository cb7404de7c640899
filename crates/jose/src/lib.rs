//! JOSE and client certificates for placet, on aws-lc-rs: signed and encrypted JWTs, key sets, X.509. No
//! I/O, no clock; every primitive is the library's. The algorithm of a signature is fixed by the key, never by the message (RFC 8725 §3.1).

mod alg;
pub mod budgets;
mod certificate;
pub mod claims;
mod content;
mod der;
pub mod dpop;
mod generate;
mod jwe;
mod jwk;
mod jws;
pub mod jwt;
mod key;
mod management;
mod name;
mod pkcs8;
mod spki;
#[cfg(test)]
mod wycheproof;

pub use alg::half_hash;
pub use certificate::{Certificate, SubjectName};
pub use generate::{KeyKind, generate, generate_for_encryption, generate_named};
pub use jwe::{Encrypted, JweError, encrypt, encrypt_compressed, is_encrypted};
pub use jwk::{Jwk, JwkError, JwkSet, KeyUse};
pub use jws::{Header, JwsError, Parsed, Unsigned};
pub use key::{SigningKey, VerifyingKey};
pub use management::{Asked, DecryptionKey, EncryptionKey, JWE_ALGS, is_symmetric};
pub use name::DistinguishedName;
pub use pkcs8::private_key_from_pem;
