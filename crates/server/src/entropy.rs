//! The only place that draws on the system's randomness.

use aws_lc_rs::rand;

/// Random bytes; without them nothing can be issued, so there is no going on.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    match rand::fill(&mut bytes) {
        Ok(()) => bytes,
        Err(_) => panic!("the system gives no random bytes"),
    }
}
