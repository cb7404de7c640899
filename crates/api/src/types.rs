//! The wire types: flat and permissive, because they mirror the wire. Absent and `null` are the same on
//! input, absent members are left out on output. None of them can be printed: some carry secrets.

pub mod access_token;
pub mod authorization;
pub mod backchannel;
pub mod client;
pub mod client_management;
pub mod device;
pub mod grant_management;
pub mod input;
pub mod introspection;
pub mod jose;
pub mod logout;
pub mod native_sso;
pub mod pushed;
pub mod query;
pub mod registration;
pub mod revocation;
pub mod server;
pub mod service;
pub mod shared;
pub mod token;
pub mod token_management;
pub mod userinfo;

pub use access_token::*;
pub use authorization::*;
pub use backchannel::*;
pub use client::*;
pub use client_management::*;
pub use device::*;
pub use grant_management::*;
pub use input::*;
pub use introspection::*;
pub use jose::*;
pub use logout::*;
pub use native_sso::*;
pub use pushed::*;
pub use query::*;
pub use registration::*;
pub use revocation::*;
pub use server::*;
pub use service::*;
pub use shared::*;
pub use token::*;
pub use token_management::*;
pub use userinfo::*;
