//! One file per endpoint: the order of events, readable from top to bottom. Operations and `tenant/` are
//! the only places that know the wire types.

pub mod access_token;
pub mod authorization;
pub mod client;
pub mod clients;
pub mod discovery;
pub mod introspection;
pub mod introspection_standard;
pub mod lists;
pub mod organization;
pub mod reply;
pub mod revocation;
pub mod service;
pub mod token;
pub mod userinfo;
