//! The public keys of the service (RFC 7517 §5).

use hyper::StatusCode;
use hyper::header::{CACHE_CONTROL, HeaderValue, PRAGMA};
use placet_sdk::respond;
use placet_sdk::types::JwksQuery;

use super::{Answer, Asked, failed};

/// Whatever the query says: private keys are asked for nowhere but at the API.
pub(super) async fn answer(asked: &Asked<'_>) -> Answer {
    let keys = match asked.client().service_jwks_get(JwksQuery::default()).await {
        Ok(Some(keys)) => keys,
        // The service has none of its own.
        Ok(None) => return respond::typed(StatusCode::NO_CONTENT, "text/plain", String::new()),
        Err(e) => return failed(&e),
    };
    let mut response: Answer = respond::typed(StatusCode::OK, "application/jwk-set+json", keys);
    // Anybody may read them, and keep them for a while.
    response.headers_mut().remove(PRAGMA);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("max-age=300"));
    response
}
