//! The token endpoint.

pub mod fail;
pub mod grant;
pub mod issue;
pub mod issuing;
pub mod reply;
pub mod request;
