//! The server as an entity of federations: what it says of itself, and entities that register explicitly (OpenID Federation
//! 1.0 §9, §12.2).

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use placet_sdk::types::{
    FederationConfigurationRequest, FederationJwksRequest, FederationRegistrationRequest,
};
use placet_sdk::{
    Content, FederationConfigurationDecision as Configuration, FederationJwksDecision as Keys,
    FederationRegistrationDecision as Registration, Transport,
};

use super::Server;
use crate::forward::Forwarded;
use crate::respond::{json, too_many, typed, unavailable, unsupported};

/// An entity's statement about itself, both ways.
const STATEMENT: &str = "application/entity-statement+jwt";

/// Those of an entity and of its superiors, up to an anchor.
const CHAIN: &str = "application/trust-chain+json";

/// Keys that an entity has signed (§5.2.1).
const KEYS: &str = "application/jwk-set+jwt";

/// What the service is shown as, as far as it is that.
const TYPES: [&str; 2] = ["OPENID_PROVIDER", "OPENID_CREDENTIAL_ISSUER"];

/// What a provider says of a registration.
const REGISTERED: &str = "application/explicit-registration-response+jwt";

/// §9.2: whoever is in no federation has no such document.
pub(crate) async fn configuration<T: Transport + 'static>(State(server): Server<T>) -> Response {
    let request = FederationConfigurationRequest { entity_types: Some(TYPES.map(str::to_owned).to_vec()) };
    match server.api.federation_configuration(request).await {
        Ok(Configuration::Ok(content)) => kept(typed(StatusCode::OK, STATEMENT, content.text)),
        Ok(Configuration::NotFound(content)) => json(StatusCode::NOT_FOUND, content),
        Ok(Configuration::InternalServerError(content)) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Ok(Configuration::Unknown(_)) => {
            unsupported("server_error", "The service answered in an unknown way.")
        }
        Err(e) => unavailable(&e),
    }
}

/// §5.2.1: where `signedJwksUri` leads.
pub(crate) async fn keys<T: Transport + 'static>(State(server): Server<T>) -> Response {
    match server.api.federation_jwks(FederationJwksRequest::default()).await {
        Ok(Keys::Ok(content)) => kept(typed(StatusCode::OK, KEYS, content.text)),
        Ok(Keys::NotFound(content)) => json(StatusCode::NOT_FOUND, content),
        Ok(Keys::InternalServerError(content)) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Ok(Keys::Unknown(_)) => unsupported("server_error", "The service answered in an unknown way."),
        Err(e) => unavailable(&e),
    }
}

/// Anybody may read it, and keep it for a while.
fn kept(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("max-age=300"));
    response
}

/// §12.2.1. Registrations are counted with those of other clients: each makes the API fetch and keep something for whoever asks.
pub(crate) async fn register<T: Transport + 'static>(
    State(server): Server<T>,
    request: Forwarded,
) -> Response {
    let address = request.address(server.settings.proxy.as_ref());
    if let Err(seconds) = server.registrations.take(address, server.settings.ambient.clock.seconds()) {
        return too_many(seconds);
    }
    let Some(call) = call(&request) else {
        return json(StatusCode::BAD_REQUEST, foreign());
    };
    match server.api.federation_registration(call).await {
        Ok(Registration::Ok(issued)) => typed(StatusCode::OK, REGISTERED, issued.content.text),
        Ok(Registration::BadRequest(content)) => json(StatusCode::BAD_REQUEST, content),
        Ok(Registration::NotFound(content)) => json(StatusCode::NOT_FOUND, content),
        Ok(Registration::InternalServerError(content)) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Ok(Registration::Unknown(_)) => {
            unsupported("server_error", "The service answered in an unknown way.")
        }
        Err(e) => unavailable(&e),
    }
}

/// An entity configuration or a whole chain, as its media type says; `None` for anything else.
fn call(request: &Forwarded) -> Option<FederationRegistrationRequest> {
    let body = String::from_utf8_lossy(&request.body).into_owned();
    let said = request.text(&CONTENT_TYPE)?.split(';').next()?.trim().to_ascii_lowercase();
    match said.as_str() {
        STATEMENT => Some(FederationRegistrationRequest {
            entity_configuration: Some(body),
            ..FederationRegistrationRequest::default()
        }),
        CHAIN => Some(FederationRegistrationRequest {
            trust_chain: Some(body),
            ..FederationRegistrationRequest::default()
        }),
        _ => None,
    }
}

fn foreign() -> Content {
    let text = serde_json::json!({
        "error": "invalid_request",
        "error_description": format!("Expected {STATEMENT} or {CHAIN}."),
    });
    Content { text: text.to_string(), ..Content::default() }
}
