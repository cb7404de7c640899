//! The HTTP API of placet as data: one table of endpoints, one table of reasons, the wire types, and
//! the rights that calls need. No behaviour; server, SDK, OpenAPI document and tests come from here.

pub mod access;
pub mod call;
mod cost;
pub mod documents;
pub mod endpoints;
pub mod explained;
mod form;
pub mod lenient;
mod objects;
pub mod reasons;
pub mod settings;
pub mod types;

pub use access::{Authority, Holder, May, MemberRole, Named, Reach, Right, Rights, View};
pub use call::{
    Call, CallError, Caller, ClientPath, ClientSubjectPath, Document, Expected, Input, Json, KeyPath, KeySet,
    NoContent, PathValues, Reply, SubjectPath, Text, TokenBatchPath, TokenName, TokenPath, Versioned,
};
pub use cost::{Cost, cost};
pub use endpoints::{ALL, Endpoint, EndpointId, Handlers, Row, dispatch};
pub use reasons::{Kind, OAuthError, Reason};
