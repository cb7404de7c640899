//! Typed access to a placet or Authlete 3.0 API.
//!
//! An authorization server forwards what it receives, matches the decision, and does what it says:
//!
//! ```
//! # async fn f(query: String) -> Result<(), Box<dyn std::error::Error>> {
//! use placet_sdk::types::AuthorizationRequest;
//! use placet_sdk::{AuthorizationDecision, Client, HttpTransport, Secret, ServiceId};
//!
//! let api = Client::new(HttpTransport::new("http://127.0.0.1:7400")?, Secret::new("the token".to_owned()))
//!     .for_service(ServiceId(715948317));
//!
//! let request = AuthorizationRequest { parameters: Some(query), ..Default::default() };
//! match api.authorization(request).await? {
//!     AuthorizationDecision::Interaction(answer) => { /* ask the user; keep answer.ticket */ }
//!     AuthorizationDecision::NoInteraction(answer) => { /* decide by the session */ }
//!     AuthorizationDecision::Location(content) => { /* 302, Location: content.text */ }
//!     AuthorizationDecision::Form(content) => { /* 200, HTML */ }
//!     AuthorizationDecision::BadRequest(content) => { /* 400, an error page */ }
//!     AuthorizationDecision::InternalServerError(content) => { /* 500, an error page */ }
//!     AuthorizationDecision::Unknown(answer) => { /* 500: a newer API; answer.unknown_action() */ }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The methods of [`Client`] are made from the endpoint table, one per row: what placet does not do, the SDK
//! does not offer. `docs/sdk.md` goes through the flows.
//!
//! Durations are in seconds and points in time in milliseconds since the epoch, except where a member's
//! documentation says otherwise; both are numbers as the API sends them.

#![warn(missing_docs)]

mod answer;
mod client;
mod credentials;
mod decision;
mod error;
mod http_transport;
pub mod lint;
pub mod presented;
pub mod profiles;
pub mod respond;
mod retry;
pub mod trace;
mod transport;

pub use answer::{Answer, Unknown};
pub use client::Client;
pub use credentials::{Credentials, DpopKey};
pub use decision::*;
pub use error::Error;
pub use http_transport::HttpTransport;
pub use placet_ambient::{Ambient, Clock, Entropy};
pub use placet_api::MemberRole;
pub use placet_api::call::{ClientPath, ClientSubjectPath, KeyPath, SubjectPath, TokenBatchPath, TokenPath};
pub use placet_api::types;
pub use placet_base::{Secret, ServiceId, accept, claims, form, registry};
pub use retry::Retry;
pub use transport::{Transport, TransportError};
