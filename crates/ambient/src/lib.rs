//! The clock and the randomness of the operating system. Nothing else reads them: whoever needs the time or something
//! unpredictable is given a [`Clock`] or an [`Entropy`], and a test gives it one that does as it is told.

#![warn(missing_docs)]

mod clock;
mod entropy;

pub use clock::{Clock, Stopwatch};
pub use entropy::Entropy;

/// What a process finds around itself.
#[derive(Clone, Debug, Default)]
pub struct Ambient {
    /// The time of day.
    pub clock: Clock,
    /// What nobody can guess.
    pub entropy: Entropy,
}
