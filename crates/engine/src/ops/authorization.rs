//! The authorization endpoint.

pub mod fail;
pub mod issue;
pub mod reply;
pub mod request;
pub mod ticket;
