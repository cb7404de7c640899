//! What is wrong with a bundle, and where.

use std::fmt;

use placet_sdk::Error;

/// Why something was not done. Where several things are wrong, there is one for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A line of a file, a path in a bundle, or both.
    pub place: String,
    /// What is wrong there.
    pub what: String,
    /// What kind of problem it is, for whoever decides what to do next.
    pub kind: Kind,
}

/// Whose problem it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something here: a file, an argument, an answer that makes no sense.
    Here,
    /// The API refuses the call.
    Refused,
    /// What was named is not there.
    NotFound,
    /// Somebody else has changed it meanwhile.
    Changed,
    /// The server was not reached, or cannot answer now.
    Unreachable,
}

impl Problem {
    /// That `what` is wrong at `place`.
    pub fn at(place: impl ToString, what: impl ToString) -> Self {
        Self { place: place.to_string(), what: what.to_string(), kind: Kind::Here }
    }

    /// What a call of the API has brought in place of an answer.
    pub(crate) fn of_call(place: impl ToString, error: &Error) -> Self {
        let kind = match error {
            Error::Refused { status: 404, .. } => Kind::NotFound,
            Error::Refused { status: 412, .. } => return Self::changed(place),
            error if error.is_temporary() => Kind::Unreachable,
            Error::Refused { .. } => Kind::Refused,
            Error::NoService
            | Error::Unencodable(_)
            | Error::Transport(_)
            | Error::UnexpectedAnswer { .. } => Kind::Here,
        };
        Self { kind, ..Self::at(place, error) }
    }

    /// That the plan was made of what is no longer there.
    pub(crate) fn changed(place: impl ToString) -> Self {
        let what = "somebody has changed this meanwhile; run it again";
        Self { kind: Kind::Changed, ..Self::at(place, what) }
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
