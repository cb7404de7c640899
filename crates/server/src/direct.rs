//! The endpoints of services that have no authorization server in front of them. Each is switched on by a setting, and
//! answers clients as the endpoint of OAuth that it is. They stand beside the API, not in its table: the API has no such
//! operations, and decides all the same what becomes of every request.

mod authorization;
mod introspection;
mod jwks;
mod revocation;
mod token;
mod userinfo;

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ALLOW, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};
use placet_api::CallError;
use placet_base::ServiceId;
use placet_base::url::AbsoluteUri;
use placet_engine::budgets::PARAMETERS_TEXT;
use placet_engine::tenant::Direct as Settings;
use placet_sdk::presented::{is_form, only};
use placet_sdk::{Client, Credentials, Error, Retry, respond};
use placet_serving::TimedBody;

use crate::api::Api;
use crate::http::{collect, traceparent};
use crate::in_process::OnBehalf;
use crate::telemetry::{self, Said};

type Answer = Response<Full<Bytes>>;

/// What a request is for.
enum Endpoint {
    /// Browsers are sent on to this page.
    Authorization(AbsoluteUri),
    Token,
    Revocation,
    Introspection,
    UserInfo,
    Jwks,
}

/// The endpoint, if the service has it.
type Switched = fn(Settings) -> Option<Endpoint>;

const AUTHORIZATION: &str = "/api/auth/authorization/direct/";

/// What stands before the number of the service.
const PATHS: [(&str, Switched); 6] = [
    (AUTHORIZATION, |on| on.authorization.filter(leads_to_a_page).map(Endpoint::Authorization)),
    ("/api/auth/token/direct/", |on| on.token.then_some(Endpoint::Token)),
    ("/api/auth/revocation/direct/", |on| on.revocation.then_some(Endpoint::Revocation)),
    ("/api/auth/introspection/direct/", |on| on.introspection.then_some(Endpoint::Introspection)),
    ("/api/auth/userinfo/direct/", |on| on.userinfo.then_some(Endpoint::UserInfo)),
    ("/api/service/jwks/get/direct/", |on| on.jwks.then_some(Endpoint::Jwks)),
];

/// A service may publish the endpoint here as the one that it has: nobody is sent around in circles.
fn leads_to_a_page(uri: &AbsoluteUri) -> bool {
    !uri.path().contains(AUTHORIZATION)
}

/// An endpoint that a service has.
pub(crate) struct Direct {
    endpoint: Endpoint,
    service: ServiceId,
    /// What stands before the number of the service.
    start: &'static str,
}

/// The endpoint of this path. A service that does not exist, one that has it switched off, and a path that is none all
/// look the same: they are unknown to the API.
pub(crate) async fn find(api: &Api, path: &str) -> Result<Option<Direct>, Box<Answer>> {
    let Some((service, (start, switched))) = named(path) else { return Ok(None) };
    let settings = api.engine().direct(service).await.map_err(|e| Box::new(broken(api, &e)))?;
    Ok(settings.and_then(switched).map(|endpoint| Direct { endpoint, service, start }))
}

fn named(path: &str) -> Option<(ServiceId, (&'static str, Switched))> {
    let mut found = PATHS.iter().filter_map(|row| Some((path.strip_prefix(row.0)?, *row)));
    let (service, row) = found.next()?;
    Some((ServiceId::parse(service)?, row))
}

impl Endpoint {
    fn methods(&self) -> &'static [&'static str] {
        match self {
            // RFC 6749 §3.1; OpenID Connect Core §3.1.2.1, §5.3.1.
            Self::Authorization(_) | Self::UserInfo => &["GET", "POST"],
            // RFC 6749 §3.2, RFC 7009 §2.1, RFC 7662 §2.1.
            Self::Token | Self::Revocation | Self::Introspection => &["POST"],
            Self::Jwks => &["GET"],
        }
    }
}

impl Direct {
    pub(crate) async fn answer(
        self,
        api: &Arc<Api>,
        request: Request<TimedBody>,
        from: Option<IpAddr>,
    ) -> Answer {
        let Some(telemetry) = &api.telemetry else { return self.answered(api, request, from).await };
        let (method, start, service) = (request.method().clone(), self.start, self.service);
        let trace = telemetry.begin(traceparent(request.headers()), telemetry::From::Stranger);
        let answer = trace.within(self.answered(api, request, from)).await;
        let route = format!("{start}{{serviceId}}");
        let (method, route, status) = (method.as_str(), Some(route.as_str()), answer.status().as_u16());
        telemetry.end(&trace, &Said { service: Some(service.0), ..Said::of(method, route, status) });
        answer
    }

    async fn answered(self, api: &Arc<Api>, request: Request<TimedBody>, from: Option<IpAddr>) -> Answer {
        let (head, body) = request.into_parts();
        let methods = self.endpoint.methods();
        if !methods.contains(&head.method.as_str()) {
            return not_allowed(methods);
        }
        let asked = Asked { api, service: self.service, from, head };
        match self.endpoint {
            Endpoint::Authorization(page) => authorization::answer(&asked, &page, body).await,
            Endpoint::Token => token::answer(&asked, body).await,
            Endpoint::Revocation => revocation::answer(&asked, body).await,
            Endpoint::Introspection => introspection::answer(&asked, body).await,
            Endpoint::UserInfo => userinfo::answer(&asked, body).await,
            Endpoint::Jwks => jwks::answer(&asked).await,
        }
    }
}

/// A request, but for its body.
struct Asked<'a> {
    api: &'a Arc<Api>,
    service: ServiceId,
    from: Option<IpAddr>,
    head: Parts,
}

impl Asked<'_> {
    /// The API, called on behalf of the service. A client that waits is asked to come again sooner than it is kept waiting.
    fn client(&self) -> Client<OnBehalf> {
        let transport = OnBehalf { api: self.api.clone(), service: self.service, from: self.from };
        Client::new(transport, Credentials::OfTransport).for_service(self.service).retry(Retry::NEVER)
    }

    fn header(&self, name: &HeaderName) -> Option<String> {
        only(&self.head.headers, name)
    }

    /// The form of the body; there is nothing else to be read.
    async fn form(&self, body: TimedBody) -> Result<String, Box<Answer>> {
        if !is_form(&self.head.headers) {
            let text = "The body is no form (application/x-www-form-urlencoded).";
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Box::new(respond::refusal(status, "invalid_request", text)));
        }
        let body = self.body(body).await?;
        Ok(String::from_utf8_lossy(&body).into_owned())
    }

    /// Strangers send it: it takes no more room than what the engine reads of a request.
    async fn body(&self, body: TimedBody) -> Result<Bytes, Box<Answer>> {
        let limit = self.api.body_limit.min(PARAMETERS_TEXT);
        collect(body, limit).await.map_err(|e| Box::new(unread(&e)))
    }
}

/// RFC 9110 §15.5.6
fn not_allowed(methods: &[&str]) -> Answer {
    let text = "The endpoint does not have this method.";
    let mut response = respond::refusal(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", text);
    if let Ok(methods) = HeaderValue::try_from(methods.join(", ")) {
        response.headers_mut().insert(ALLOW, methods);
    }
    response
}

/// 413, 408 or 400, with the error that OAuth has for it (RFC 6749 §5.2); 503 when there is no room for it.
fn unread(error: &CallError) -> Answer {
    match StatusCode::from_u16(error.status()) {
        Ok(status) if status.is_client_error() => {
            respond::refusal(status, "invalid_request", &error.reason.result_message())
        }
        _ => respond::later(),
    }
}

/// The settings of the service cannot be read.
fn broken(api: &Api, error: &CallError) -> Answer {
    api.health.told(error);
    let (status, result_message) = (error.status(), error.source.clone());
    failed(&Error::Refused { status, result_code: Some(error.reason.code().to_owned()), result_message })
}

/// The API has not decided. That somebody has called too often, or all have to wait, is nothing to be told to the operator
/// each time.
fn failed(error: &Error) -> Answer {
    match error {
        Error::Refused { status: 429 | 503, .. } => respond::later(),
        error => respond::unavailable(error),
    }
}

/// The API has decided something that this version does not know.
fn undecided() -> Answer {
    respond::unsupported("server_error", "The service answered in an unknown way.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_six_paths_are_endpoints() {
        let number = |path: &str| named(path).map(|(service, _)| service.0);
        for (start, _) in PATHS {
            assert_eq!(number(&format!("{start}42")), Some(42));
            for end in ["", "/", "42/", "42/x", "x", "-1", "+1", "%34", "99999999999999999999"] {
                assert_eq!(number(&format!("{start}{end}")), None, "{start}{end}");
            }
        }
        for path in ["/api/auth/token/direct", "/api/42/auth/token", "/x/api/auth/token/direct/42", ""] {
            assert_eq!(number(path), None, "{path}");
        }
    }

    #[test]
    fn nobody_is_sent_around_in_circles() {
        let leads = |uri: &str| leads_to_a_page(&AbsoluteUri::parse(uri).unwrap());
        assert!(leads("https://as.example/authorize"));
        assert!(!leads("https://api.example/api/auth/authorization/direct/42"));
        assert!(!leads("https://api.example/below/api/auth/authorization/direct/43?x=y"));
        assert!(!leads("https://api.example/api/auth/x/../authorization/direct/43/"));
    }
}
