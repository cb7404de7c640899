//! Introspection (RFC 7662 §2). The API leaves it to its caller who may ask: here, clients that prove themselves;
//! about every token those that the operator has named as resource servers, about their own tokens all of them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::ACCEPT;
use axum::response::Response;
use data_encoding::BASE64URL_NOPAD;
use placet_sdk::registry::{ClientType, SubjectType};
use placet_sdk::types::StandardIntrospectionRequest;
use placet_sdk::{
    Content, Error, IntrospectionStandardDecision as Decision, RevocationDecision, Transport, form,
};
use serde_json::{Value, json};

use super::{Server, revocation};
use crate::AuthServer;
use crate::forward::Forwarded;
use crate::respond::{
    broken_credentials, json as respond_json, typed, unauthenticated, unavailable, unsupported,
};

pub(crate) async fn post<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let caller = match caller(&server, &request).await {
        Ok(Ok(caller)) => caller,
        Ok(Err(refusal)) => return *refusal,
        Err(e) => return unavailable(&e),
    };
    let resource_server = server.settings.resource_servers.contains(&caller.id);
    let call = StandardIntrospectionRequest {
        parameters: Some(request.parameters()),
        http_accept_header: request.text(&ACCEPT).filter(|_| resource_server).map(str::to_owned),
        rs_uri: Some(caller.id.clone()),
        ..StandardIntrospectionRequest::default()
    };
    match server.api.introspection_standard(call).await {
        Ok(Decision::Ok(content)) => {
            respond_json(StatusCode::OK, if resource_server { content } else { own(content, &caller) })
        }
        Ok(Decision::Jwt(content)) => {
            typed(StatusCode::OK, "application/token-introspection+jwt", content.text)
        }
        Ok(Decision::BadRequest(content)) => respond_json(StatusCode::BAD_REQUEST, content),
        Ok(Decision::InternalServerError(content)) => {
            respond_json(StatusCode::INTERNAL_SERVER_ERROR, content)
        }
        Ok(Decision::Unknown(_)) => unsupported("server_error", "The service answered in an unknown way."),
        Err(e) => unavailable(&e),
    }
}

/// A client that has proven itself.
struct Caller {
    id: String,
    /// It knows users by names that no other client shares.
    pairwise: bool,
}

/// RFC 7662 §4: nobody learns of other clients' tokens by asking; and a client that knows its users by pairwise names
/// (OpenID Connect Core §8.1) does not learn who they are.
fn own(content: Content, caller: &Caller) -> Content {
    let mut token: Value = serde_json::from_str(&content.text).unwrap_or_default();
    match token.get("client_id").and_then(Value::as_str) {
        Some(client) if client == caller.id && caller.pairwise => {
            if let Some(members) = token.as_object_mut() {
                ["sub", "username"].iter().for_each(|name| drop(members.shift_remove(*name)));
            }
            Content { text: token.to_string(), ..content }
        }
        Some(client) if client == caller.id => content,
        _ => Content { text: json!({ "active": false }).to_string(), ..content },
    }
}

/// The client that calls. It proves itself in any way that it has registered: the API judges that when a token is
/// revoked, and a token that nobody has makes the revocation one without effect (RFC 7009 §2.2).
async fn caller<T: Transport + 'static>(
    server: &AuthServer<T>,
    request: &Forwarded,
) -> Result<Result<Caller, Box<Response>>, Error> {
    let form = request.parameters();
    let kept = ["client_id", "client_secret", "client_assertion", "client_assertion_type"];
    let pairs: Vec<_> = crate::form::pairs(&form).filter(|(name, _)| kept.contains(&name.as_str())).collect();
    let proven = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let parameters = form::encode(proven.chain([("token", "none")]));
    let Ok(basic) = request.basic() else { return Ok(Err(Box::new(broken_credentials()))) };
    let named = basic.id.clone();
    match revocation::revoke(server, request, basic, parameters).await? {
        RevocationDecision::Ok(_) => {}
        other => return Ok(Err(Box::new(revocation::refusal(other)))),
    }
    let Some(id) = claimed(named, request) else { return Ok(Err(anonymous())) };
    // A public client has said its name, and proven nothing (RFC 6749 §2.2).
    let client = match server.api.client_get(&id).await {
        Ok(client) => client,
        Err(Error::Refused { status: 404, .. }) => return Ok(Err(anonymous())),
        Err(e) => return Err(e),
    };
    match client.client_type {
        Some(ClientType::Confidential) => {
            Ok(Ok(Caller { id, pairwise: client.subject_type == Some(SubjectType::Pairwise) }))
        }
        _ => Ok(Err(anonymous())),
    }
}

fn anonymous() -> Box<Response> {
    let text = json!({ "error": "invalid_client", "error_description": "Introspection is for clients that prove themselves." });
    Box::new(unauthenticated(Content { text: text.to_string(), ..Content::default() }))
}

/// Whom the credentials name. They have been verified; a name that differs from theirs has been refused.
fn claimed(named: Option<String>, request: &Forwarded) -> Option<String> {
    let of_assertion = || {
        let assertion = request.parameter("client_assertion")?;
        let payload = BASE64URL_NOPAD.decode(assertion.split('.').nth(1)?.as_bytes()).ok()?;
        let claims: Value = serde_json::from_slice(&payload).ok()?;
        Some(claims.get("sub")?.as_str()?.to_owned())
    };
    named.or_else(|| request.parameter("client_id")).or_else(of_assertion)
}
