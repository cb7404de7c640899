//! The token endpoint, and what operators do with tokens outside of flows.

pub mod admin;
pub mod exchange;
pub mod fail;
pub mod grant;
pub mod issue;
pub mod reissue;
pub mod reply;
pub mod request;
