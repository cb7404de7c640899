//! One file per endpoint: the order of events, readable from top to bottom. Operations and `tenant/` are
//! the only places that know the wire types.

pub mod attestation;
pub mod audit;
pub mod authorization;
pub mod backchannel;
pub mod client;
pub mod client_management;
pub mod credential;
pub mod device;
pub mod discovery;
pub mod federation;
pub mod grant_management;
pub mod hsk;
pub mod inspector;
pub mod introspection;
pub mod introspection_standard;
pub mod jose;
pub mod logout;
pub mod native_sso;
pub mod organization;
pub mod pushed;
pub mod registration;
pub mod revocation;
pub mod service;
pub mod token;
pub mod userinfo;
