//! OpenID Federation 1.0 – entity statements, the chains that they make, and what follows from those for an entity

pub mod chain;
pub mod client;
mod constraints;
mod entity_id;
pub mod fetching;
pub mod mark_status;
mod policy;
pub mod request;
pub mod request_object;
pub mod signed_keys;
pub mod statement;
pub mod trust_mark;

pub use chain::Chain;
pub use entity_id::EntityId;
pub use statement::{At, Statement};

use placet_api::Reason;

use crate::fault::Fault;

/// What entities of clients are (§5.1.2, §5.1.6), the one that is meant first where an entity is both.
pub const CLIENTS: [&str; 2] = [RELYING_PARTY, "oauth_client"];

/// What superiors and issuers of trust marks are (§5.1.1).
pub const FEDERATION_ENTITY: &str = "federation_entity";

pub const RELYING_PARTY: &str = "openid_relying_party";

/// A claim of a statement that is missing, or cannot stand.
fn unfit(claim: &str) -> Fault {
    Reason::EntityStatementClaimUnfit { claim: claim.to_owned() }.into()
}
