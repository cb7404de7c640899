//! The demo resource server, at `/rs`: orders for whoever has a token for them.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::extract::{Extension, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use data_encoding::HEXLOWER;
use placet_ambient::Entropy;
use placet_authserver::Peer;
use placet_resource::{AccessToken, ClientCertificate, Protection, RequireToken};
use placet_sdk::{Client, Transport};
use serde_json::json;

use super::Addresses;

static INTERACTION_ID: HeaderName = HeaderName::from_static("x-fapi-interaction-id");

/// What the resources know.
const SCOPES: [&str; 2] = ["orders:read", "orders:write"];

pub(crate) fn router<T: Transport + 'static>(api: Client<T>, places: &Addresses, entropy: Entropy) -> Router {
    let mut protection = Protection::introspecting(&format!("{}/rs", places.front), api)
        .authorization_server(&places.issuer())
        // Most of what is tried asks for no resource.
        .allow_unrestricted_tokens()
        // Whoever takes a token back wants to see that it is gone.
        .cache(1, Duration::ZERO);
    if let Some(mutual) = &places.mutual {
        protection = protection.mtls_alias(mutual);
    }
    let protection = Arc::new(protection);
    let metadata = protection.metadata(&SCOPES);
    let token = RequireToken::new(protection.clone());
    let of_strong_user =
        token.clone().scopes(["orders:write"]).acrs(["urn:placet:acr:second-factor"]).max_age(300);
    Router::new()
        .route("/rs/orders", get(orders).layer(token.scopes(["orders:read"])))
        .route("/rs/payments", get(payments).layer(of_strong_user))
        .route(&protection.metadata_path(), get(|| async { json(metadata) }))
        .layer(from_fn(certificate))
        .layer(from_fn_with_state(entropy, interaction_id))
}

/// FAPI 1.0 Part 1 §6.2.1-11: the identifier of the client's, or one of ours.
async fn interaction_id(State(entropy): State<Entropy>, request: Request, next: Next) -> Response {
    let is_plain = |value: &&HeaderValue| {
        value.len() <= 64 && value.as_bytes().iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
    };
    let sent = request.headers().get(&INTERACTION_ID).filter(is_plain).cloned();
    let mut response = next.run(request).await;
    if let Some(id) = sent.or_else(|| HeaderValue::try_from(uuid(&entropy)).ok()) {
        response.headers_mut().insert(INTERACTION_ID.clone(), id);
    }
    response
}

/// RFC 9562 §5.4: version 4.
fn uuid(entropy: &Entropy) -> String {
    let mut bytes = entropy.bytes::<16>();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = HEXLOWER.encode(&bytes);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// The TLS connection's certificate, for tokens that are bound to it.
async fn certificate(mut request: Request, next: Next) -> Response {
    let presented = request.extensions().get::<Peer>().and_then(|peer| peer.presented.first().cloned());
    if let Some(der) = presented {
        request.extensions_mut().insert(ClientCertificate(der.into()));
    }
    next.run(request).await
}

async fn orders(Extension(token): Extension<AccessToken>) -> Response {
    let orders = [("1001", "Green tea", 2), ("1002", "Rice cooker", 1)];
    let orders = orders.map(|(id, what, count)| json!({ "id": id, "article": what, "count": count }));
    json(json!({ "of": token.subject, "for": token.client_id, "orders": orders }).to_string())
}

async fn payments(Extension(token): Extension<AccessToken>) -> Response {
    let payments = json!([{ "order": "1001", "amount": "12.80 EUR" }]);
    json(json!({ "of": token.subject, "acr": token.acr, "payments": payments }).to_string())
}

fn json(text: String) -> Response {
    ([(CONTENT_TYPE, "application/json")], text).into_response()
}
