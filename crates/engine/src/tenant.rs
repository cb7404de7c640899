//! A service and its clients as the engine sees them: compiled from their documents when those are
//! loaded, immutable, grouped by topic. Settings are read here and in `policy/`, nowhere else.

mod client;
pub mod credential_configuration;
pub mod credential_issuer;
pub mod credential_keys;
mod credential_metadata;
mod credential_settings;
mod demands;
mod direct;
mod document;
mod federated;
mod federation;
mod federation_settings;
mod former;
mod hardware;
mod keys;
mod nobody;
mod scopes;
mod service;
mod settings;
mod sign_in_settings;
mod verified_claims;

pub use client::{CertificateName, Client, ClientKeys, Protection, Secrecy, SignedKeys};
pub use direct::Direct;
pub use document::{ClientDocument, ServiceDocument};
pub use federated::{Federated, Stated};
pub use federation::{Anchor, Federation};
pub use former::FormerServer;
pub use hardware::HardwareKey;
pub use keys::{Decrypter, Keys, Signer};
pub use scopes::{ScopeDefinition, ScopeTable};
pub use service::Tenant;
pub use settings::{Authorization, Chain, Discovering, Tokens, UserCodes};
pub use verified_claims::SupportedVerifiedClaims;
