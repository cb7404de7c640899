//! What organizations do: services and tokens, on the paths of the hosted product's identity provider.

pub mod member;
pub mod token;
