//! A service and its clients as the engine sees them: compiled from their documents when those are
//! loaded, immutable, grouped by topic. Settings are read here and in `policy/`, nowhere else.

mod client;
mod demands;
mod document;
mod hardware;
mod keys;
mod scopes;
mod service;
mod settings;
pub mod settings_without_effect;
pub mod supported;

pub use client::{CertificateName, Client, ClientKeys, Protection, Secrecy};
pub use document::{ClientDocument, ServiceDocument};
pub use hardware::HardwareKey;
pub use keys::{Decrypter, Keys, Signer};
pub use scopes::{ScopeDefinition, ScopeTable};
pub use service::Tenant;
pub use settings::{Authorization, Chain, Discovering, Tokens, UserCodes};
