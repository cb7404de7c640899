//! OpenID for Verifiable Credential Issuance 1.0 – what an issuer of credentials offers, and what a wallet asks for

pub mod batch;
pub mod deferred;
pub mod frame;
pub mod granted;
pub mod notification;
pub mod offer;
pub mod payload;
pub mod profile;
pub mod proof;
pub mod request;
pub mod status;
