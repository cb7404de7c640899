//! The family vci: what a wallet and the endpoints of a credential issuer ask for.

pub mod batch;
pub mod deferred;
pub mod metadata;
pub mod nonce;
pub mod notification;
pub mod offer;
pub mod reply;
pub mod single;
pub mod status;

use crate::fault::Fault;
use serde_json::Value;

/// A document to be published.
pub struct Published(String);

impl Published {
    fn new(document: &Value, pretty: Option<bool>) -> Self {
        Self(if pretty == Some(true) { format!("{document:#}") } else { document.to_string() })
    }
}

type Outcome = Result<Published, Fault>;
