//! What nobody can guess.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use data_encoding::BASE64URL_NOPAD;

/// Gives random bytes. The default is the system's.
#[derive(Clone, Debug, Default)]
pub struct Entropy(Source);

#[derive(Clone, Debug, Default)]
enum Source {
    #[default]
    System,
    Seeded(Arc<AtomicU64>, u64),
}

impl Entropy {
    /// The system's.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// The same bytes for the same seed, so that a test knows what comes. Anybody can compute them.
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(Arc::default(), seed))
    }

    /// Fills `bytes`. A process that cannot have random bytes ends with a panic: nothing that it made from here on
    /// would be a secret.
    pub fn fill(&self, bytes: &mut [u8]) {
        match &self.0 {
            Source::System => system(bytes),
            Source::Seeded(drawn, seed) => {
                for part in bytes.chunks_mut(32) {
                    let turn = drawn.fetch_add(1, Ordering::Relaxed);
                    let block = digest(&SHA256, &[seed.to_be_bytes(), turn.to_be_bytes()].concat());
                    part.copy_from_slice(&block.as_ref()[..part.len()]);
                }
            }
        }
    }

    /// So many bytes, as [`Entropy::fill`] gives them.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// 256 bits as text, in the alphabet of base64url.
    pub fn identifier(&self) -> String {
        BASE64URL_NOPAD.encode(&self.bytes::<32>())
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the randomness")]
fn system(bytes: &mut [u8]) {
    assert!(rand::fill(bytes).is_ok(), "the system gives no random bytes");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_says_what_comes() {
        let (one, other) = (Entropy::seeded(1), Entropy::seeded(1));
        let first = one.bytes::<40>();
        assert_eq!(first, other.bytes::<40>());
        assert_ne!(first, one.clone().bytes::<40>());
        assert_ne!(first, Entropy::seeded(2).bytes::<40>());
        assert_ne!(first[..8], first[32..]);
    }

    #[test]
    fn the_system_repeats_nothing() {
        let entropy = Entropy::system();
        assert_ne!(entropy.bytes::<32>(), entropy.bytes::<32>());
        assert_eq!(entropy.identifier().len(), 43);
    }
}
