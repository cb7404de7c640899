//! The wire types: flat and permissive, because they mirror the wire. Absent and `null` are the same on
//! input, absent members are left out on output. None of them can be printed: some carry secrets.

pub mod access_token;
pub mod authorization;
pub mod client;
pub mod input;
pub mod introspection;
pub mod query;
pub mod revocation;
pub mod service;
pub mod shared;
pub mod token;
pub mod userinfo;

pub use access_token::*;
pub use authorization::*;
pub use client::*;
pub use input::*;
pub use introspection::*;
pub use query::*;
pub use revocation::*;
pub use service::*;
pub use shared::*;
pub use token::*;
pub use userinfo::*;
