//! One file per endpoint: the order of events, readable from top to bottom. Operations and `tenant/` are
//! the only places that know the wire types.

pub mod access_token;
pub mod assemble;
pub mod authorization;
pub mod backchannel;
pub mod client;
pub mod client_management;
pub mod clients;
pub mod deliver;
pub mod discovery;
pub mod evidence;
pub mod grants;
pub mod introspection;
pub mod introspection_standard;
pub mod issuing;
pub mod jose;
pub mod lists;
pub mod logout;
pub mod organization;
pub mod pushed;
pub mod registration;
pub mod repeat;
pub mod reply;
pub mod revocation;
pub mod said;
pub mod service;
pub mod token;
pub mod transformed;
pub mod userinfo;
