//! The demo resource server, at `/rs`: orders for whoever has a token for them.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, Request};
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use placet_authserver::Peer;
use placet_resource::{AccessToken, ClientCertificate, Protection, RequireToken};
use placet_sdk::{Client, Transport};
use serde_json::json;

use super::Places;

/// What the resources know.
const SCOPES: [&str; 2] = ["orders:read", "orders:write"];

pub(crate) fn router<T: Transport + 'static>(api: Client<T>, places: &Places) -> Router {
    let protection = Protection::introspecting(&format!("{}/rs", places.front), api);
    let protection = Arc::new(protection.authorization_server(&places.issuer()));
    let metadata = protection.metadata(&SCOPES);
    let token = RequireToken::new(protection.clone());
    let of_strong_user =
        token.clone().scopes(["orders:write"]).acrs(["urn:placet:acr:second-factor"]).max_age(300);
    Router::new()
        .route("/rs/orders", get(orders).layer(token.scopes(["orders:read"])))
        .route("/rs/payments", get(payments).layer(of_strong_user))
        .route(&protection.metadata_path(), get(|| async { json(metadata) }))
        .layer(from_fn(certificate))
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
