//! An authorization code (RFC 6749 §4.1.2).
//!
//! ```text
//! issued{failures} ──redeem──► redeemed{token}
//!        │  └─wrong verifier─► issued{failures + 1}
//!        └─too many──────────► (deleted)
//! ```
//!
//! A redeemed code is kept until it would have expired, so that its second use is noticed and ends the
//! tokens of the first (RFC 6749 §4.1.2, RFC 9700 §2.1.1).

use placet_base::{ClientId, RecordNumber, Timestamp, TokenHash};
use placet_store::{Kind, Record};
use serde::{Deserialize, Serialize};

use crate::budgets::WRONG_VERIFIERS;
use crate::handle::{Bearer, HandleKind};
use crate::records::entitlement::Terms;
use crate::records::id_token_plan::IdTokenPlan;
use crate::rules::pkce::Challenge;

#[derive(Clone, Serialize, Deserialize)]
pub struct Code {
    pub hash: TokenHash,
    pub client: ClientId,
    /// The `redirect_uri` of the authorization request, if it named one.
    pub redirect_uri: Option<String>,
    pub challenge: Option<Challenge>,
    /// The DPoP key that the code is bound to (RFC 9449 §10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jkt: Option<String>,
    /// The attested instance of the client that has pushed its request, and redeems it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    #[serde(rename = "entitlement")]
    pub terms: Terms,
    pub id_token: Option<IdTokenPlan>,
    pub state: State,
    pub expires_at: Timestamp,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Issued { failures: u8 },
    Redeemed { token: RecordNumber },
}

impl Code {
    /// The code after its redemption.
    pub fn redeemed(self, token: RecordNumber) -> Self {
        Self { state: State::Redeemed { token }, ..self }
    }

    /// The code after a wrong verifier; `None` when it was one too many, or the code was redeemed before.
    pub fn failed(self) -> Option<Self> {
        match self.state {
            State::Issued { failures } if usize::from(failures) < WRONG_VERIFIERS => {
                Some(Self { state: State::Issued { failures: failures + 1 }, ..self })
            }
            State::Issued { .. } | State::Redeemed { .. } => None,
        }
    }
}

impl Bearer for Code {
    type Kind = ();

    fn tag((): ()) -> HandleKind {
        HandleKind::Code
    }

    fn hash(&self, (): ()) -> Option<TokenHash> {
        Some(self.hash)
    }
}

impl Record for Code {
    type Id = RecordNumber;
    const KIND: Kind = Kind::log("code");

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}
