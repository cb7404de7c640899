//! A tower layer that protects the resources of an axum or hyper service with access tokens.
//!
//! ```
//! # use placet_resource::{Protection, RequireToken};
//! # fn f<T: placet_sdk::Transport + 'static>(api: placet_sdk::Client<T>) {
//! use std::sync::Arc;
//!
//! // What all resources of this server share; its metadata is to be served (RFC 9728).
//! let protection = Arc::new(Protection::introspecting("https://rs.example", api).authorization_server("https://as.example"));
//! let metadata = (protection.metadata_path(), protection.metadata(&["orders:read"]));
//!
//! // What one resource demands. The service behind the layer finds an `AccessToken` in the request's extensions.
//! let layer = RequireToken::new(protection).scopes(["orders:read"]).max_age(3600);
//! # let _ = (metadata, layer);
//! # }
//! ```
//!
//! The token comes in the `Authorization` header (RFC 6750 §2.1, RFC 9449 §7.1). Tokens that are bound to a key or a
//! certificate are good with a proof for this very request, or over a connection with that certificate, which the TLS
//! layer tells in the extension [`ClientCertificate`]. They are meant for this resource (RFC 8707 §2), and come under the
//! scheme of their kind: a token that is bound to a key as `DPoP`, any other as `Bearer`. A request that brings a token in
//! a second place, in its query or its form, is refused; a form is read for that, and handed on as [`Content`].

#![warn(missing_docs)]

mod audience;
mod cache;
mod challenge;
mod content;
mod introspection;
mod jwt;
mod layer;
mod metadata;
mod presented;
mod protection;

pub use content::Content;
pub use jwt::JwtValidation;
pub use layer::{RequireToken, RequireTokenService};
pub use presented::ClientCertificate;
pub use protection::{AccessToken, Admitted, Protection, Refusal, Requirements};
