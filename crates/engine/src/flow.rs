//! Steps that several endpoints take: finding the client, gathering what was proven, making tokens, sending
//! answers. An endpoint's file in `ops/` says in which order; a step knows no endpoint.

pub mod access_token;
pub mod api_tokens;
pub mod assemble;
pub mod assigned;
pub mod attachment_tokens;
pub mod bulk_revocation;
pub mod client_documents;
pub mod clients;
pub mod credential;
pub mod credential_offer;
pub mod decision;
pub mod deliver;
pub mod discovered_clients;
pub mod entity;
pub mod evidence;
pub mod federated_clients;
pub mod grants;
pub mod hardware_keys;
pub mod idempotent_refresh;
pub mod issuing;
pub mod lists;
pub mod opening;
pub mod pending_request;
pub mod refusal;
pub mod registering;
pub mod reply;
pub mod service_documents;
pub mod shared_sessions;
pub mod sub_mapping;
pub mod subject_info;
pub mod token;
pub mod transformed;
pub mod trust_chains;
pub mod verified_claims;
pub mod versions;
