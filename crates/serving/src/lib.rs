//! What a stranger's connection may take, for every listener that we ship: a place, time for each part of a
//! request and its answer, and memory. Whoever reads no answers is read no further requests.
//!
//! A listener is [`bind`] and [`Listener::next`], which hands out connections with their [`Place`]; a connection
//! is [`serve`], on a plain stream or behind TLS.

mod arriving;
mod connection;
mod limits;
mod listener;
mod places;
mod pressed;
mod unread;

pub use arriving::{Arriving, Crowded, Late};
pub use connection::serve;
pub use limits::Limits;
pub use listener::{Accepted, Listener, bind};
pub use places::{Full, Place, Places};
pub use unread::Unread;
