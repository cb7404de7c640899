//! Words shared by every crate of placet: identifiers, secrets, time, scopes, claims, and the closed
//! enumerations of the protocol registries. Nothing here decides anything.

pub mod accept;
pub mod budgets;
pub mod claims;
pub mod form;
pub mod ids;
pub mod registry;
pub mod scope;
pub mod secret;
pub mod set;
pub mod spiffe;
pub mod time;
pub mod url;

pub use ids::{ClientId, OrganizationId, RecordNumber, ServiceId, Subject};
pub use scope::Scopes;
pub use secret::{Secret, TokenHash};
pub use time::{Timestamp, Ttl};
