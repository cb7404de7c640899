//! A world for tests: the engine on the memory store, with a clock that stands still and randomness that
//! follows from a counter. Text cases and simulations run in it; nothing outside tests depends on this crate.

mod case;
mod crafted;
mod furniture;
mod keys;
mod script;
pub mod simulation;
mod switched;
mod world;

pub use case::{Case, Covered, Failure, run};
pub use world::{Answer, World, block_on};
