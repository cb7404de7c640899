//! Randomness of the system.

use aws_lc_rs::rand;
use data_encoding::BASE64URL_NOPAD;

/// 256 bits as text: session ids, CSRF tokens. Without randomness there is no going on.
pub(crate) fn identifier() -> String {
    let mut bytes = [0; 32];
    match rand::fill(&mut bytes) {
        Ok(()) => BASE64URL_NOPAD.encode(&bytes),
        Err(_) => panic!("the system gives no random bytes"),
    }
}

/// Twelve letters and digits that can be read out on the telephone.
pub(crate) fn transaction() -> String {
    identifier().to_uppercase().chars().filter(|c| !"-_IO01".contains(*c)).take(12).collect()
}
