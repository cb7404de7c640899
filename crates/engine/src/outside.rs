//! What the engine cannot know or do by itself. Everything else it decides from its arguments.

use std::sync::Arc;

use placet_base::{Timestamp, Ttl};
use placet_hsm::Hsms;
use placet_jose::SigningKey;
use placet_store::BoxFuture;

use crate::fault::Fault;

pub trait Outside: Send + Sync {
    /// The time, read once per attempt of an operation.
    fn now(&self) -> Timestamp;

    /// 32 unpredictable bytes; all randomness of one attempt of an operation comes from them.
    fn seed(&self) -> [u8; 32];

    /// A signature over `message`; `None` when it cannot be made. A slow key may be used elsewhere than
    /// on the calling thread.
    fn sign(&self, key: Arc<SigningKey>, message: Vec<u8>) -> BoxFuture<'_, Option<Vec<u8>>>;

    /// The modules that hold keys for services. They answer in a bounded time.
    fn hsms(&self) -> &Hsms;

    /// The document at a URL that a client or an operator has chosen: its body as text. Limits of
    /// size, time and address are those of whoever implements this; redirects are not followed.
    fn fetch<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Fetched, FetchError>>;

    /// The same for whoever it is asked for. Strangers together leave places for others, where there are no more than some.
    fn fetch_for<'a>(&'a self, url: &'a str, _: Caller) -> BoxFuture<'a, Result<Fetched, FetchError>> {
        self.fetch(url)
    }

    /// What is answered, as a text with HTTP 200, to a form that is posted to the URL. The limits are those of
    /// [`Outside::fetch_for`].
    fn ask<'a>(
        &'a self,
        url: &'a str,
        form: String,
        caller: Caller,
    ) -> BoxFuture<'a, Result<String, FetchError>>;

    /// Sends JSON to a URL that an operator has registered; whether it was taken (HTTP 2xx). The limits are those of
    /// [`Outside::fetch`].
    fn post<'a>(&'a self, url: &'a str, json: String) -> BoxFuture<'a, bool>;

    /// Whether a document at the URL may be fetched at all, as far as the URL itself tells. A client that
    /// registers another is refused.
    fn permits(&self, url: &str) -> bool;

    /// Whether `mark` comes for the first time; it is remembered until `until`. For proofs at resources,
    /// where nothing is written that could remember them.
    fn first_use(&self, mark: [u8; 32], now: Timestamp, until: Timestamp) -> bool;

    /// Takes note of a refusal that an operator should see. `request` is the id of the API call.
    fn report(&self, request: u64, fault: &Fault);
}

/// For whom a document is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The operator, or a client of the service.
    Known,
    /// Whoever has sent a request: that they are what they say is what the document is to show.
    Stranger,
}

/// A document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    pub text: String,
    /// How long it may be used without being fetched again, by its headers (RFC 9111 §4.2).
    pub fresh: Option<Ttl>,
}

/// Why there is no document. The text is for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchError {
    /// The URL is none that may be asked: its scheme, or the address that it leads to.
    Forbidden(String),
    /// Nobody answered in time, or not with a document of acceptable size.
    Failed(String),
    /// Nobody was asked: too much is asked for at the time.
    Busy(String),
}

impl std::fmt::Display for FetchError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Forbidden(why) | Self::Failed(why) | Self::Busy(why) => f.write_str(why),
        }
    }
}
