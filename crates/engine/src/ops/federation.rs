//! The endpoints of the service as an entity of federations (OpenID Federation 1.0).

pub mod configuration;
pub mod jwks;
pub mod registration;
