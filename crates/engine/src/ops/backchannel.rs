//! Client-initiated backchannel authentication (CIBA Core).

pub mod complete;
pub mod fail;
pub mod issue;
pub mod reply;
pub mod request;
