//! The documents that programs read, change and write as JSON. What reads and writes them is compiled here, once: each
//! crate that did so with serde's own functions would have all of it again.

use serde_json::{Error, Value};

use crate::lenient;
use crate::types::{Client, Scope, Service};

/// Where a document cannot be read, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Names and numbers with dots between them; empty for the document as a whole.
    pub path: String,
    pub why: String,
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for Wrong {}

/// A service, a client or a scope, as JSON.
pub trait ApiDocument: Sized {
    /// Members that are unknown are passed over.
    ///
    /// # Errors
    /// When a member has a value that it cannot have.
    fn from_members(members: Value) -> Result<Self, Error>;

    /// The same, and which members are unknown, as paths.
    ///
    /// # Errors
    /// As [`ApiDocument::from_members`].
    fn checked(members: &Value, unknown: &mut Vec<String>) -> Result<Self, Wrong>;

    /// # Errors
    /// None but those of memory: every document is JSON.
    fn members(&self) -> Result<Value, Error>;
}

macro_rules! compiled {
    ($($document:ty)*) => {$(
        impl ApiDocument for $document {
            fn from_members(members: Value) -> Result<Self, Error> {
                lenient::checked(&members, &mut |_| ()).map_err(|(_, e)| e)
            }

            fn checked(members: &Value, unknown: &mut Vec<String>) -> Result<Self, Wrong> {
                lenient::checked(members, &mut |path| unknown.push(path.to_string()))
                    .map_err(|(path, e)| Wrong { path: path.to_string(), why: e.to_string() })
            }

            fn members(&self) -> Result<Value, Error> {
                serde_json::to_value(self)
            }
        }
    )*};
}

compiled! { Client Scope Service }
