//! What a stranger's connection may take, for every listener that we ship: a place, time for each part of a
//! request and its answer, and memory. Whoever reads no answers is read no further requests.
//!
//! A listener is [`bind`] and [`Listener::next`], which hands out connections with their [`Slot`]; a connection
//! is [`serve`], on a plain stream or behind TLS.

mod body_error;
mod connection;
mod limits;
mod listener;
mod slots;
mod timed_body;
mod timed_stream;

pub use body_error::BodyError;
pub use connection::serve;
pub use limits::Limits;
pub use listener::{Accepted, BACKLOG, Listener, REFUSED, bind};
pub use slots::{NoSlot, Slot, Slots};
pub use timed_body::{BodyLate, TimedBody, TooManyBodies};
