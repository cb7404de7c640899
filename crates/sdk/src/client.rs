//! The client: one method for each row of the table.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG, HeaderMap, IF_MATCH};
use http::{HeaderValue, Method, Request, Response};
use placet_ambient::Ambient;
use placet_api::access::Needed;
use placet_api::call::{
    ClientPath, ClientSubjectPath, KeyPath, Respond, SubjectPath, Target, TokenBatchPath, TokenPath,
};
use placet_api::endpoints::{Carrier, Endpoint, Row};
use placet_api::{PathValues, endpoints, for_each_endpoint, types};
use placet_base::{ServiceId, form};
use serde_json::Value;

use crate::answer::{Answer, Unknown};
use crate::credentials::Credentials;
use crate::decision::Outcome;
use crate::error::Error;
use crate::retry::{Retry, is_safe};
use crate::trace;
use crate::transport::{Transport, TransportError};

type Body<E> = <<E as Endpoint>::Response as Respond>::Body;
type OutcomeOf<E> = <Body<E> as Outcome>::Outcome;

/// Calls the API with one token, and about one service where the path names one.
pub struct Client<T> {
    transport: T,
    credentials: Credentials,
    service: Option<ServiceId>,
    /// How long one attempt may take.
    timeout: Duration,
    retry: Retry,
    ambient: Ambient,
}

impl<T: Transport> Client<T> {
    /// A client that waits ten seconds for an answer and repeats as [`Retry::default`] says.
    /// `credentials`: a service or organization token.
    pub fn new(transport: T, credentials: impl Into<Credentials>) -> Self {
        let (credentials, retry) = (credentials.into(), Retry::default());
        Self {
            transport,
            credentials,
            service: None,
            timeout: Duration::from_secs(10),
            retry,
            ambient: Ambient::default(),
        }
    }

    /// The service that calls are about.
    #[must_use]
    pub fn for_service(self, service: ServiceId) -> Self {
        Self { service: Some(service), ..self }
    }

    /// How long one attempt may take, from the connection to the last byte.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// How calls are repeated; [`Retry::NEVER`] for not at all.
    #[must_use]
    pub fn retry(self, retry: Retry) -> Self {
        Self { retry, ..self }
    }

    /// With another clock and other randomness than the system's: for tests.
    #[must_use]
    pub fn ambient(self, ambient: Ambient) -> Self {
        Self { ambient, ..self }
    }

    /// Calls any row of the table. The methods named after the rows do the same, and decide.
    ///
    /// # Errors
    /// [`Error::NoService`] when the row is about a service and the client has none;
    /// [`Error::Refused`] with the result code when the API refuses the call; otherwise the transport
    /// failed or the answer was not one of this API.
    pub async fn call<E: Endpoint>(
        &self,
        target: E::Target,
        request: impl Into<Answer<E::Request>>,
    ) -> Result<Answer<Body<E>>, Error> {
        let row = E::ID.row();
        let request = request.into();
        let (uri, body) = self.written::<E>(row, target.values(), &request)?;
        let meant = request.version.as_deref().filter(|_| row.id.is_conditional());
        let response = self.sent(row, (&uri, meant), &body).await?;
        trace::note(response.headers());
        let status = response.status().as_u16();
        let version = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        let body = response.into_body();
        if status >= 400 {
            return Err(Error::refused(status, &body));
        }
        let mut unknown = Unknown::default();
        let body = E::answer(status, &body, &mut |pointer, value| unknown.keep(pointer, value));
        Ok(Answer { body: body.ok_or(Error::UnexpectedAnswer { status })?, unknown, version })
    }

    /// Sends until there is an answer that is no reason to send again.
    async fn sent(
        &self,
        row: &Row,
        (uri, meant): (&str, Option<&str>),
        body: &Bytes,
    ) -> Result<Response<Bytes>, Error> {
        let safe = is_safe(row, body);
        let (mut attempt, mut renewed) = (0, false);
        loop {
            let mut request = self.request(row, uri, body.clone())?;
            if let Some(meant) = meant.and_then(|meant| HeaderValue::try_from(meant).ok()) {
                request.headers_mut().insert(IF_MATCH, meant);
            }
            let sending = tokio::time::timeout(self.timeout, self.transport.send(request));
            let result = sending.await.unwrap_or(Err(TransportError::TimedOut));
            if let Ok(response) = &result {
                let wanted = self.credentials.renew(response.status().as_u16(), response.headers());
                if wanted && !renewed {
                    renewed = true;
                    continue;
                }
            }
            let Some(pause) = self.retry.pause(attempt, safe, &result, self.ambient.entropy.bytes::<1>()[0])
            else {
                return result.map_err(Error::from);
            };
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    fn request(&self, row: &Row, uri: &str, body: Bytes) -> Result<Request<Bytes>, Error> {
        let headers = match row.authority.needed {
            Needed::Nothing => HeaderMap::new(),
            Needed::Token | Needed::Right(_) => {
                let url = format!("{}{uri}", self.transport.base());
                self.credentials.headers(row.method, &url, &self.ambient)?
            }
        };
        let unencodable = |e: &dyn std::fmt::Display| Error::Unencodable(e.to_string());
        let method = Method::from_bytes(row.method.as_bytes()).map_err(|e| unencodable(&e))?;
        let request = Request::builder().method(method).uri(uri).body(body);
        let mut request = request.map_err(|e| unencodable(&e))?;
        *request.headers_mut() = headers;
        if let Some(parent) = trace::parent() {
            request.headers_mut().insert(trace::TRACEPARENT.clone(), parent);
        }
        if row.carrier != Carrier::Query {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        Ok(request)
    }

    /// The path with its query, and the body.
    fn written<E: Endpoint>(
        &self,
        row: &Row,
        values: PathValues<'_>,
        request: &Answer<E::Request>,
    ) -> Result<(String, Bytes), Error> {
        let unencodable = |e: serde_json::Error| Error::Unencodable(e.to_string());
        let value = || E::value(&request.body).map(|document| request.unknown.put_into(document));
        let path = self.path(row, values)?;
        Ok(match row.carrier {
            Carrier::Query => (path + &query(&value().map_err(unencodable)?), Bytes::new()),
            Carrier::Json | Carrier::JsonOrForm if request.unknown.is_empty() => {
                (path, E::json(&request.body).map_err(unencodable)?.into())
            }
            Carrier::Json | Carrier::JsonOrForm => (path, value().map_err(unencodable)?.to_string().into()),
            Carrier::Items => {
                let mut flags = value().map_err(unencodable)?;
                let items = flags.as_object_mut().and_then(|flags| flags.shift_remove("items"));
                (path + &query(&flags), serde_json::to_vec(&items).map_err(unencodable)?.into())
            }
        })
    }

    fn path(&self, row: &Row, values: PathValues<'_>) -> Result<String, Error> {
        let mut path = row.path.to_owned();
        if path.contains("{serviceId}") {
            path = path.replace("{serviceId}", &self.service.ok_or(Error::NoService)?.to_string());
        }
        for (name, value) in values.named() {
            let mut segment = String::new();
            form::encode_into(value, &mut segment);
            // In a path, a space is not a plus sign.
            path = path.replace(&format!("{{{name}}}"), &segment.replace('+', "%20"));
        }
        Ok(path)
    }
}

/// A request without a body as a query; absent members are left out.
fn query(request: &Value) -> String {
    let texts: Vec<(&str, String)> = request
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| match value {
            Value::Null => None,
            Value::String(text) => Some((name.as_str(), text.clone())),
            other => Some((name.as_str(), other.to_string())),
        })
        .collect();
    match form::encode(texts.iter().map(|(name, text)| (*name, text.as_str()))) {
        empty if empty.is_empty() => empty,
        query => format!("?{query}"),
    }
}

/// A method takes what its row needs: nothing for a path without values, nothing for a request without
/// members.
macro_rules! method {
    ($doc:literal, $id:ident, (), NoRequest) => {
        #[doc = $doc]
        ///
        /// # Errors
        /// As [`Client::call`].
        pub async fn $id(&self) -> Result<OutcomeOf<endpoints::endpoint::$id>, Error> {
            self.call::<endpoints::endpoint::$id>((), types::NoRequest {}).await.map(Outcome::outcome)
        }
    };
    ($doc:literal, $id:ident, (), $request:ident) => {
        #[doc = $doc]
        ///
        /// # Errors
        /// As [`Client::call`].
        pub async fn $id(
            &self,
            request: impl Into<Answer<types::$request>>,
        ) -> Result<OutcomeOf<endpoints::endpoint::$id>, Error> {
            self.call::<endpoints::endpoint::$id>((), request).await.map(Outcome::outcome)
        }
    };
    ($doc:literal, $id:ident, $target:ident, NoRequest) => {
        #[doc = $doc]
        ///
        /// # Errors
        /// As [`Client::call`].
        pub async fn $id(
            &self,
            target: impl Into<$target>,
        ) -> Result<OutcomeOf<endpoints::endpoint::$id>, Error> {
            self.call::<endpoints::endpoint::$id>(target.into(), types::NoRequest {})
                .await
                .map(Outcome::outcome)
        }
    };
    ($doc:literal, $id:ident, $target:ident, $request:ident) => {
        #[doc = $doc]
        ///
        /// # Errors
        /// As [`Client::call`].
        pub async fn $id(
            &self,
            target: impl Into<$target>,
            request: impl Into<Answer<types::$request>>,
        ) -> Result<OutcomeOf<endpoints::endpoint::$id>, Error> {
            self.call::<endpoints::endpoint::$id>(target.into(), request).await.map(Outcome::outcome)
        }
    };
}

macro_rules! methods {
    ($(
        #[doc = $doc:literal]
        $id:ident: $method:ident $path:literal, $access:expr, $family:literal, $carrier:ident, $target:tt, $request:tt => $response:ty;
    )*) => {
        impl<T: Transport> Client<T> {
            $(method!($doc, $id, $target, $request);)*
        }
    };
}

for_each_endpoint!(methods);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_members_leave_no_query() {
        assert_eq!(query(&serde_json::json!({})), "");
        assert_eq!(query(&serde_json::json!({ "a": true, "b": "x y", "c": null })), "?a=true&b=x+y");
    }
}
