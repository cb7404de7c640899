//! The placet server: the engine's operations over HTTP, with clock, entropy, store and logs around
//! them.

pub mod api;
pub mod budgets;
pub mod config;
mod decisions;
mod direct;
mod figures;
mod hardware;
mod health;
pub mod http;
pub mod in_process;
mod inspector;
mod jobs;
pub mod keys;
mod lane;
pub mod listen;
pub mod master_key;
mod mount;
pub mod observe;
mod outside;
pub mod rates;
pub mod rekey;
pub mod reload;
pub mod serve;
mod telemetry;
mod turns;

pub use inspector::Settings as InspectorSettings;
pub use lane::LaneLimits;
pub use outside::{FetchLimits, Local, Origin};
pub use telemetry::Settings as TelemetrySettings;
