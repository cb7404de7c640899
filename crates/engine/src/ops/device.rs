//! The device authorization grant (RFC 8628).

pub mod authorization;
pub mod complete;
pub mod reply;
pub mod user_code;
pub mod verification;
