//! What the programs about faults have in common: nodes as processes, a service and a client on them, and connections
//! that tell what is known of a request that was not answered.

pub(crate) mod database;
pub(crate) mod dice;
pub(crate) mod disk;
pub(crate) mod holder;
pub(crate) mod node;
pub(crate) mod relay;
pub(crate) mod service;
pub(crate) mod wire;
