//! One file per concept of a specification. A rule takes values and returns what is now known, or a
//! fault; it sees no store, no clock and no wire type.

pub mod acr;
pub mod admission;
pub mod authorization;
pub mod ciba;
pub mod claims;
pub mod client_auth;
pub mod client_id_metadata_document;
pub mod grant_management;
pub mod hsk;
pub mod id_jag;
pub mod id_token_hint;
pub mod jar;
pub mod jwt_grant;
pub mod message_signature;
pub mod native_sso;
pub mod pairwise;
pub mod params;
pub mod patch;
pub mod pkce;
pub mod prompt;
pub mod rar;
pub mod redirect_uri;
pub mod registration;
pub mod requested_access;
pub mod resource;
pub mod response_mode;
pub mod response_type;
pub mod scope;
pub mod sender;
pub mod text;
pub mod token_exchange;
pub mod transformed_claims;
pub mod txn_token;
pub mod user_code;
