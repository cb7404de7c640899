//! What a login came by, and what clients are told of it.

use crate::settings::Strength;

/// How somebody has proven who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    Password,
    PasswordAndCode,
}

impl Means {
    pub(crate) fn strength(self) -> Strength {
        match self {
            Self::Password => Strength::Password,
            Self::PasswordAndCode => Strength::SecondFactor,
        }
    }

    /// RFC 8176 §2.
    pub(crate) fn amr(self) -> &'static [&'static str] {
        match self {
            Self::Password => &["pwd"],
            Self::PasswordAndCode => &["pwd", "otp", "mfa"],
        }
    }

    /// The same as claims of an ID token.
    pub(crate) fn claims(self) -> String {
        serde_json::json!({ "amr": self.amr() }).to_string()
    }
}
