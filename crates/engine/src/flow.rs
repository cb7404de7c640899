//! Steps that several endpoints take: finding the client, gathering what was proven, making tokens, sending
//! answers. An endpoint's file in `ops/` says in which order; a step knows no endpoint.

pub mod access_token;
pub mod assemble;
pub mod clients;
pub mod deliver;
pub mod evidence;
pub mod grants;
pub mod issuing;
pub mod known_as;
pub mod lists;
pub mod refusal;
pub mod repeat;
pub mod reply;
pub mod said;
pub mod token;
pub mod transformed;
pub mod waiting;
