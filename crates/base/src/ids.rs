//! One type per noun, so that a client is never taken for a service.

use serde::{Deserialize, Serialize};

macro_rules! numeric_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl $name {
            /// Reads the decimal form that paths and OAuth parameters carry: digits only, no sign.
            pub fn parse(text: &str) -> Option<Self> {
                if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
                    return None;
                }
                text.parse().ok().map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

numeric_ids! {
    /// A service: one authorization server of a customer. The number in `/api/{serviceId}/…`.
    ServiceId;
    /// A client of a service; unique over the whole installation.
    ClientId;
    /// An organization: the owner of services.
    OrganizationId;
    /// The place of a record in its kind; time-ordered, and encrypted inside the tokens that carry it.
    RecordNumber;
}

impl OrganizationId {
    /// The number of the organization where a number has 31 bits (COMPAT: `serviceOwnerNumber`, which
    /// published clients of the API read as such). It identifies nothing.
    pub fn number(self) -> i32 {
        i32::try_from(self.0 & i64::from(i32::MAX)).unwrap_or(0).max(1)
    }
}

/// The largest integer that a JavaScript client reads without loss; generated ids stay below it.
pub const LARGEST_SAFE_INTEGER: i64 = (1 << 53) - 1;

/// A resource owner as the authorization server names it: ASCII, 1 to 100 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Subject(String);

/// Why a text is no [`Subject`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectError {
    Empty,
    TooLong,
    NotAscii,
}

impl Subject {
    /// The longest subject, in characters.
    pub const LONGEST: usize = 100;

    pub fn parse(text: &str) -> Result<Self, SubjectError> {
        if text.is_empty() {
            return Err(SubjectError::Empty);
        }
        if text.len() > Self::LONGEST {
            return Err(SubjectError::TooLong);
        }
        if !text.is_ascii() {
            return Err(SubjectError::NotAscii);
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_digits_only() {
        assert_eq!(ServiceId::parse("042"), Some(ServiceId(42)));
        for text in ["", "+1", "-1", " 1", "1e3", "99999999999999999999"] {
            assert_eq!(ServiceId::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_subject_is_short_ascii() {
        assert!(Subject::parse(&"a".repeat(100)).is_ok());
        assert_eq!(Subject::parse(&"a".repeat(101)), Err(SubjectError::TooLong));
        assert_eq!(Subject::parse(""), Err(SubjectError::Empty));
        assert_eq!(Subject::parse("é"), Err(SubjectError::NotAscii));
    }
}
