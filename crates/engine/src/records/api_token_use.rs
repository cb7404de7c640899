//! When a token of the API was last used, as far as that was written down. It lies beside the token, so that its use makes
//! no new version of it.

use placet_base::Timestamp;
use placet_store::{Kind, Record};
use serde::{Deserialize, Serialize};

/// The record's id is the name of the token.
#[derive(Clone, Serialize, Deserialize)]
pub struct ApiTokenUse {
    pub at: Timestamp,
}

impl Record for ApiTokenUse {
    type Id = String;
    const KIND: Kind = Kind::catalogue("api_token_use");
}
