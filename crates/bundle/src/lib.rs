//! A service as a text: exported, compared, applied, and made of what another server has.
//!
//! A [`Bundle`] is one service: its settings, scopes and clients, in an order that does not change, with its secrets
//! left out or sealed. [`api::read`] makes one of a service, [`merge::merge`] holds one against what was applied last and
//! what is there now, a [`Plan`] says what would be done, and [`api::run`] does it. [`from`] makes bundles of what other
//! servers say of themselves. Everything goes through the SDK, as any customer's program would.

#![warn(missing_docs)]

pub mod api;
mod bundle;
mod check;
pub mod consents;
mod documents;
pub mod from;
pub mod merge;
mod overlay;
mod path;
mod plan;
mod problem;
mod seal;
mod secrets;
mod text;

pub use bundle::{Bundle, FORMAT, Members, NotCarried, Tree};
pub use overlay::Overlay;
pub use path::Path;
pub use plan::{Change, Plan, Step, plan};
pub use problem::{Kind, Problem};
pub use seal::{Opener, Sealer, new_identity};
pub use secrets::Secrets;
