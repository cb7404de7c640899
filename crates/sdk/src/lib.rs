//! Typed access to every operation of the endpoint table, over any [`Transport`].
//!
//! The methods of [`Client`] are made from the table, one per row: what the server does not do, the SDK
//! does not offer.

mod error;
mod transport;

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request};
use placet_api::call::{Respond, Target};
use placet_api::endpoints::{Carrier, Endpoint, Row};
use placet_api::{Access, PathValues, call, endpoints, for_each_endpoint};
use placet_base::{Secret, ServiceId, form};
use serde_json::Value;

pub use error::Error;
pub use transport::{Transport, TransportError};

/// Calls the API with one token, and about one service where the path names one.
pub struct Client<T> {
    transport: T,
    token: Secret,
    service: Option<ServiceId>,
}

impl<T: Transport> Client<T> {
    /// `token`: a service or organization token. `service`: what the calls about a service are for.
    pub fn new(transport: T, token: Secret, service: Option<ServiceId>) -> Self {
        Self { transport, token, service }
    }

    /// Calls any row of the table.
    ///
    /// # Errors
    /// [`Error::NoService`] when the row is about a service and the client has none;
    /// [`Error::Refused`] with the result code when the API refuses the call; otherwise the transport
    /// failed or the answer was not one of this API.
    pub async fn call<E: Endpoint>(
        &self,
        target: E::Target,
        request: E::Request,
    ) -> Result<<E::Response as Respond>::Body, Error> {
        let request = self.request(E::ID.row(), target.values(), &request)?;
        let response = self.transport.send(request).await?;
        let (status, body) = (response.status().as_u16(), response.into_body());
        if status >= 400 {
            return Err(Error::refused(status, &body));
        }
        E::Response::from_reply(status, &body).ok_or(Error::UnexpectedAnswer { status })
    }

    fn request(
        &self,
        row: &Row,
        values: PathValues<'_>,
        request: &impl serde::Serialize,
    ) -> Result<Request<bytes::Bytes>, Error> {
        let unencodable = |e: &dyn std::fmt::Display| Error::Unencodable(e.to_string());
        let mut uri = self.path(row, values)?;
        let mut body = Vec::new();
        match row.carrier {
            Carrier::Query => {
                uri.push_str(&query(&serde_json::to_value(request).map_err(|e| unencodable(&e))?))
            }
            Carrier::Json | Carrier::JsonOrForm => {
                body = serde_json::to_vec(request).map_err(|e| unencodable(&e))?;
            }
        }
        let method = Method::from_bytes(row.method.as_bytes()).map_err(|e| unencodable(&e))?;
        let mut builder = Request::builder().method(method).uri(uri);
        if row.access != Access::Open {
            let bearer = HeaderValue::try_from(format!("Bearer {}", self.token.expose()));
            let mut bearer = bearer.map_err(|e| unencodable(&e))?;
            bearer.set_sensitive(true);
            builder = builder.header(AUTHORIZATION, bearer);
        }
        if row.carrier != Carrier::Query {
            builder = builder.header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        builder.body(body.into()).map_err(|e| unencodable(&e))
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

macro_rules! methods {
    ($(
        #[doc = $doc:literal]
        $id:ident: $method:ident $path:literal, $access:expr, $family:literal, $carrier:ident, $target:ty, $request:ty => $response:ty;
    )*) => {
        impl<T: Transport> Client<T> {
            $(
                #[doc = $doc]
                ///
                /// # Errors
                /// As [`Client::call`].
                pub async fn $id(
                    &self,
                    target: <endpoints::endpoint::$id as Endpoint>::Target,
                    request: <endpoints::endpoint::$id as Endpoint>::Request,
                ) -> Result<<<endpoints::endpoint::$id as Endpoint>::Response as Respond>::Body, Error> {
                    self.call::<endpoints::endpoint::$id>(target, request).await
                }
            )*
        }
    };
}

for_each_endpoint!(methods);

pub use call::{ClientPath, ClientSubjectPath, SubjectPath, TokenPath};
pub use placet_api::types;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_members_leave_no_query() {
        assert_eq!(query(&serde_json::json!({})), "");
        assert_eq!(query(&serde_json::json!({ "a": true, "b": "x y", "c": null })), "?a=true&b=x+y");
    }
}
