//! What a login came by, and what clients are told of it.

use serde::{Deserialize, Serialize};

use crate::settings::Strength;

/// How somebody has proven who they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Means {
    Password,
    PasswordAndCode,
    /// With user verification: what the person has, and what they know or are. By the name that the store has for it.
    Passkey(String),
    /// A social network has said who it is.
    Network,
    /// The same, and a code of ours.
    NetworkAndCode,
}

impl Means {
    /// A passkey is two factors in one: the key, and what unlocks it (NIST SP 800-63B-4 §3.1.7). Nobody here knows what a
    /// network goes by.
    pub(crate) fn strength(&self) -> Strength {
        match self {
            Self::Network => Strength::Elsewhere,
            Self::Password => Strength::Password,
            Self::PasswordAndCode | Self::NetworkAndCode | Self::Passkey(_) => Strength::SecondFactor,
        }
    }

    /// Confirmed with a code.
    pub(crate) fn and_code(&self) -> Self {
        match self {
            Self::Network | Self::NetworkAndCode => Self::NetworkAndCode,
            Self::Password | Self::PasswordAndCode | Self::Passkey(_) => Self::PasswordAndCode,
        }
    }

    /// Whether it was this passkey.
    pub(crate) fn is_by(&self, passkey: &str) -> bool {
        matches!(self, Self::Passkey(id) if id == passkey)
    }

    /// RFC 8176 §2. Whether the key of a passkey is in hardware (`hwk`) or not (`swk`) only an attestation would tell, and
    /// nobody is asked for one; that it was proven (`pop`), with the person present (`user`) and by two factors (`mfa`),
    /// the assertion says itself. `fed`, for whom somebody else has vouched, is in use and not registered.
    pub(crate) fn amr(&self) -> &'static [&'static str] {
        match self {
            Self::Password => &["pwd"],
            Self::PasswordAndCode => &["pwd", "otp", "mfa"],
            Self::Passkey(_) => &["pop", "user", "mfa"],
            Self::Network => &["fed"],
            Self::NetworkAndCode => &["fed", "otp", "mfa"],
        }
    }

    /// The same as claims of an ID token.
    pub(crate) fn claims(&self) -> String {
        serde_json::json!({ "amr": self.amr() }).to_string()
    }
}
