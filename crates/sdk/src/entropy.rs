//! Randomness of the system.

use aws_lc_rs::rand;
use data_encoding::BASE64URL_NOPAD;

fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Where the system has none, a repeated identifier is refused by the other side.
    let _ = rand::fill(&mut bytes);
    bytes
}

/// 128 bits as text.
pub(crate) fn identifier() -> String {
    BASE64URL_NOPAD.encode(&bytes::<16>())
}

/// For spreading what must not happen at once.
pub(crate) fn byte() -> u8 {
    bytes::<1>()[0]
}
