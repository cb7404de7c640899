//! One file per concept of a specification. A rule takes values and returns what is now known, or a
//! fault; it sees no store, no clock and no wire type.

pub mod acr;
pub mod authorization;
pub mod claims;
pub mod client_auth;
pub mod id_token_hint;
pub mod params;
pub mod pkce;
pub mod prompt;
pub mod redirect_uri;
pub mod response_mode;
pub mod response_type;
pub mod scope;
pub mod text;
