//! What a service was asked of late: keeping it, and telling it.

pub mod keep;
pub mod read;
