//! What the programs about faults have in common: nodes as processes, a service and a client on them, and connections
//! that tell what is known of a request that was not answered.

pub(crate) mod database;
pub(crate) mod dice;
pub(crate) mod node;
pub(crate) mod service;
pub(crate) mod wire;
