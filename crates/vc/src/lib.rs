//! Verifiable credentials for placet, as pure functions: SD-JWT VC, ISO mdoc and JWT VC before they are signed, status
//! lists, and the proofs that wallets give of their keys. No I/O, no clock, no randomness; a signing key may be
//! anywhere, so that everything is made as what is to be signed, and finished with the signature.

#![warn(missing_docs)]

pub mod budgets;
pub mod cbor;
mod hash;
pub mod jwt_vc;
pub mod key_proof;
pub mod mdoc;
mod rfc3339;
pub mod sd_jwt;
mod size;
pub mod status;

/// Fills bytes with what nobody can guess. The caller gives it: salts and the order of things follow from it.
pub type Fill<'a> = dyn FnMut(&mut [u8]) + 'a;

/// What nobody can guess, drawn for several at a time: each time costs more than the bytes do.
pub(crate) struct Drawn<'a, 'f> {
    fill: &'a mut Fill<'f>,
    block: [u8; 256],
    left: usize,
}

impl<'a, 'f> Drawn<'a, 'f> {
    pub(crate) fn new(fill: &'a mut Fill<'f>) -> Self {
        Self { fill, block: [0; 256], left: 0 }
    }

    /// No byte is handed out twice.
    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            if self.left == 0 {
                (self.fill)(&mut self.block);
                self.left = self.block.len();
            }
            self.left -= 1;
            *byte = self.block[self.left];
        }
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}

/// A place among `places`. That 64 bits are no multiple of them shows in nothing that can be counted.
fn drawn_below(places: usize, fill: &mut Fill<'_>) -> usize {
    let places = u64::try_from(places.max(1)).unwrap_or(u64::MAX);
    let mut bytes = [0; 8];
    fill(&mut bytes);
    usize::try_from(u64::from_be_bytes(bytes) % places).unwrap_or_default()
}

/// Fisher and Yates: every order is as likely as every other.
fn shuffled<T>(mut things: Vec<T>, fill: &mut Fill<'_>) -> Vec<T> {
    for last in (1..things.len()).rev() {
        things.swap(last, drawn_below(last + 1, fill));
    }
    things
}

#[cfg(test)]
mod testing;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::counting;

    #[test]
    fn shuffling_keeps_everything_and_depends_on_what_is_drawn() {
        let mut fill = counting(1);
        let one = shuffled((0..100).collect::<Vec<_>>(), &mut fill);
        let other = shuffled((0..100).collect::<Vec<_>>(), &mut fill);
        assert_ne!(one, other);
        let mut sorted = one.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<_>>());
    }
}
