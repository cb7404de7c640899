//! One API call: who makes it, what it carries, and what goes back.

mod target;

use std::borrow::Cow;
use std::net::IpAddr;

use placet_base::{ClientId, OrganizationId, ServiceId, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::access::{Holder, Reach, Rights};
use crate::endpoints::EndpointId;
use crate::form;
use crate::lenient::{self, Keep};
use crate::objects;
use crate::reasons::{Kind, Reason};

pub use target::{
    ClientPath, ClientSubjectPath, KeyPath, PathValues, SubjectPath, Target, TokenBatchPath, TokenPath,
};

/// Who calls the API, as its token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    pub organization: OrganizationId,
    /// The token, by the name that it is managed by.
    pub token: TokenName,
    pub rights: Rights,
    /// The one service that the rights are limited to; `None` for all of the organization.
    pub service: Option<ServiceId>,
    /// The one client that the rights are limited to.
    pub client: Option<ClientId>,
    /// The end of the token; `None` when it has none.
    pub expires_at: Option<Timestamp>,
}

impl Caller {
    pub fn holder(&self) -> Holder {
        match (self.client, self.service) {
            (Some(_), _) => Holder::Client,
            (None, Some(_)) => Holder::Service,
            (None, None) => Holder::Organization,
        }
    }
}

/// The name of a token of the API, as much of it as fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenName([u8; TokenName::LENGTH]);

impl TokenName {
    const LENGTH: usize = 24;

    pub fn new(name: &str) -> Self {
        let mut bytes = [0; Self::LENGTH];
        bytes.iter_mut().zip(name.bytes().filter(u8::is_ascii_graphic)).for_each(|(to, from)| *to = from);
        Self(bytes)
    }
}

impl std::fmt::Display for TokenName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().take_while(|byte| **byte != 0).try_for_each(|byte| write!(f, "{}", char::from(*byte)))
    }
}

/// The circumstances of a call.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub endpoint: EndpointId,
    /// The service of the path.
    pub service: Option<ServiceId>,
    /// Who calls; `None` where the table says that anybody may.
    pub caller: Option<Caller>,
    /// What the caller may do, where the path says what the call is about. Where its body does, that is
    /// judged when the body is read.
    pub reach: Option<Reach>,
    /// The version that the caller wants to change.
    pub expected: Expected,
    /// The id of the call, for logs.
    pub request: u64,
    /// The address that it came from.
    pub from: Option<IpAddr>,
}

/// Which version of something a call is meant for (RFC 9110 §13.1.1, `If-Match`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expected {
    /// Whichever there is.
    #[default]
    Any,
    /// One of these; one that never was is none of ours, whatever the caller has seen.
    OneOf(Versions),
}

/// A few versions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Versions([Option<i64>; Versions::MOST]);

impl Versions {
    /// Entity tags of one header. Of more, those that come later match nothing.
    const MOST: usize = 8;

    pub fn contains(&self, version: i64) -> bool {
        self.0.contains(&Some(version))
    }
}

impl Expected {
    /// Reads `If-Match`: `*`, or entity tags as [`Versioned`] writes them. Weak ones match nothing (RFC 9110 §8.8.3.2).
    pub fn parse(header: &str) -> Self {
        if header.trim() == "*" {
            return Self::Any;
        }
        let mut versions = Versions::default();
        for (place, tag) in versions.0.iter_mut().zip(header.split(',')) {
            let tag = tag.trim().strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
            *place =
                tag.filter(|tag| tag.bytes().all(|b| b.is_ascii_digit())).and_then(|tag| tag.parse().ok());
        }
        Self::OneOf(versions)
    }
}

/// The API call itself is wrong, or cannot be answered: HTTP 4xx or 5xx with a result body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallError {
    pub reason: Reason,
    /// For the operator's log; never on the wire.
    pub source: Option<String>,
}

impl From<Reason> for CallError {
    fn from(reason: Reason) -> Self {
        Self { reason, source: None }
    }
}

impl CallError {
    /// The server cannot answer, and `source` says why.
    pub fn internal(source: impl ToString) -> Self {
        Self { reason: Reason::Internal {}, source: Some(source.to_string()) }
    }

    pub fn status(&self) -> u16 {
        match self.reason.kind() {
            Kind::Http(status) => status,
            Kind::Oauth(_) | Kind::Success => 500,
        }
    }

    pub fn reply(&self) -> Reply {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Body<'a> {
            result_code: &'a str,
            result_message: String,
        }
        let body = Body { result_code: self.reason.code(), result_message: self.reason.result_message() };
        Reply { status: self.status(), ..Json(body).into_reply() }
    }
}

/// What a call carries besides its path.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    Json(&'a [u8]),
    Form(&'a [u8]),
    Query(&'a str),
    /// A JSON array, and flags in the query.
    Items {
        items: &'a [u8],
        flags: &'a str,
    },
}

impl Input<'_> {
    /// Reads a request. Unknown members are ignored: clients are older and newer than this server.
    pub fn decode<T: DeserializeOwned>(self) -> Result<T, CallError> {
        match self {
            Self::Json(body) => objects::from_str(text(body)?)
                .map_err(|e| Reason::BodyMalformed { detail: e.to_string() }.into()),
            Self::Form(body) => form::from_str(text(body)?)
                .map_err(|e| Reason::BodyMalformed { detail: e.to_string() }.into()),
            Self::Query(query) => {
                form::from_str(query).map_err(|e| Reason::QueryMalformed { detail: e.to_string() }.into())
            }
            Self::Items { items, flags } => {
                let malformed =
                    |e: serde_json::Error| CallError::from(Reason::BodyMalformed { detail: e.to_string() });
                let items: Vec<Value> = serde_json::from_str(text(items)?).map_err(malformed)?;
                let mut members: Map<String, Value> =
                    form::from_str(flags).map_err(|e| Reason::QueryMalformed { detail: e.to_string() })?;
                members.values_mut().for_each(as_flag);
                members.insert("items".to_owned(), items.into());
                objects::from_str(&Value::Object(members).to_string()).map_err(malformed)
            }
        }
    }
}

/// What a query says in words.
fn as_flag(value: &mut Value) {
    match value.as_str() {
        Some("true") => *value = true.into(),
        Some("false") => *value = false.into(),
        _ => {}
    }
}

/// Looked at once as a whole, so that no string in it is looked at again.
fn text(body: &[u8]) -> Result<&str, Reason> {
    std::str::from_utf8(body).map_err(|e| Reason::BodyMalformed { detail: e.to_string() })
}

/// An answer, ready for any HTTP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    pub location: Option<String>,
    /// The version of what the body shows.
    pub version: Option<i64>,
}

/// What the operations of the table return.
pub trait Respond {
    /// The type that a client of the API gets back.
    type Body;
    fn into_reply(self) -> Reply;
    /// The other direction, for clients of the API; `keep` takes what a newer server says and this version has no place for.
    fn from_reply(status: u16, body: &[u8], keep: Keep<'_>) -> Option<Self::Body>;
}

const JSON: &str = "application/json";

/// 200 and a JSON body.
pub struct Json<T>(pub T);

impl<T: Serialize> Json<T> {
    fn into_reply(self) -> Reply {
        // Most answers fit; growing would copy them again and again.
        let mut body = Vec::with_capacity(1024);
        match serde_json::to_writer(&mut body, &self.0) {
            Ok(()) => Reply { status: 200, content_type: JSON, body, location: None, version: None },
            Err(e) => CallError::internal(e).reply(),
        }
    }
}

impl<T: Serialize + DeserializeOwned> Respond for Json<T> {
    type Body = T;

    fn into_reply(self) -> Reply {
        Json::into_reply(self)
    }

    fn from_reply(status: u16, body: &[u8], keep: Keep<'_>) -> Option<T> {
        if status == 200 { lenient::read(body, keep) } else { None }
    }
}

impl<T> From<T> for Json<T> {
    fn from(body: T) -> Self {
        Self(body)
    }
}

/// 200 and a JSON body, with the version of what it shows as its entity tag: whoever sends that back as `If-Match` changes
/// nothing that it has not seen.
pub struct Versioned<T> {
    pub body: T,
    pub version: i64,
}

impl<T: Serialize + DeserializeOwned> Respond for Versioned<T> {
    type Body = T;

    fn into_reply(self) -> Reply {
        Reply { version: Some(self.version), ..Json::into_reply(Json(self.body)) }
    }

    fn from_reply(status: u16, body: &[u8], keep: Keep<'_>) -> Option<T> {
        Json::from_reply(status, body, keep)
    }
}

/// 204 and no body.
pub struct NoContent;

impl Respond for NoContent {
    type Body = ();

    fn into_reply(self) -> Reply {
        Reply { status: 204, content_type: JSON, body: Vec::new(), location: None, version: None }
    }

    fn from_reply(status: u16, _: &[u8], _: Keep<'_>) -> Option<()> {
        (status == 204).then_some(())
    }
}

/// 200 and a text.
pub struct Text(pub Cow<'static, str>);

impl Respond for Text {
    type Body = String;

    fn into_reply(self) -> Reply {
        let body = self.0.into_owned().into_bytes();
        Reply { status: 200, content_type: "text/plain;charset=utf-8", body, location: None, version: None }
    }

    fn from_reply(status: u16, body: &[u8], _: Keep<'_>) -> Option<String> {
        if status == 200 { String::from_utf8(body.to_vec()).ok() } else { None }
    }
}

/// A JSON document that is relayed as it is.
pub enum Document {
    Text(String),
    /// The document is published elsewhere.
    Elsewhere(String),
    Absent,
}

impl Respond for Document {
    /// The text; `None` when there is no document.
    type Body = Option<String>;

    fn into_reply(self) -> Reply {
        match self {
            Self::Text(text) => Reply {
                status: 200,
                content_type: JSON,
                body: text.into_bytes(),
                location: None,
                version: None,
            },
            Self::Elsewhere(uri) => Reply { status: 302, location: Some(uri), ..NoContent.into_reply() },
            Self::Absent => NoContent.into_reply(),
        }
    }

    fn from_reply(status: u16, body: &[u8], _: Keep<'_>) -> Option<Option<String>> {
        match status {
            200 => String::from_utf8(body.to_vec()).ok().map(Some),
            204 | 302 => Some(None),
            _ => None,
        }
    }
}

/// A JWK Set (RFC 7517 §5), relayed as it is.
pub struct KeySet(pub Document);

impl Respond for KeySet {
    type Body = Option<String>;

    fn into_reply(self) -> Reply {
        self.0.into_reply()
    }

    fn from_reply(status: u16, body: &[u8], keep: Keep<'_>) -> Option<Option<String>> {
        Document::from_reply(status, body, keep)
    }
}
