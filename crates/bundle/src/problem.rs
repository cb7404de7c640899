//! What is wrong with a bundle, and where.

use std::fmt;

/// Why something was not done. Where several things are wrong, there is one for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A line of a file, a path in a bundle, or both.
    pub place: String,
    /// What is wrong there.
    pub what: String,
}

impl Problem {
    /// That `what` is wrong at `place`.
    pub fn at(place: impl ToString, what: impl ToString) -> Self {
        Self { place: place.to_string(), what: what.to_string() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place.is_empty() {
            true => f.write_str(&self.what),
            false => write!(f, "{}: {}", self.place, self.what),
        }
    }
}

impl std::error::Error for Problem {}
