//! The device flow (RFC 8628): the endpoint where a device gets its codes, and the pages where its user connects it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::context;
use placet_sdk::types::{
    AuthorizationFailReason, AuthorizationResponse, ClientLimitedAuthorization, DeviceAuthorizationRequest,
    DeviceCompleteRequest, DeviceCompleteResult, DeviceVerificationRequest, DeviceVerificationResponse,
};
use placet_sdk::{
    Content, DeviceAuthorizationDecision as Authorized, DeviceCompleteDecision as Completed,
    DeviceVerificationDecision as Verified, Error, Transport, form as encoding,
};

use super::answer::{Chosen, Made};
use super::genuine::genuine;
use super::sign_in::wait;
use super::{Server, authorization, evidence};
use crate::forward::Forwarded;
use crate::interaction::{Interaction, Purpose, reached};
use crate::respond::{
    broken_credentials, json, see_other, too_many, unauthenticated, unavailable, unsupported,
};
use crate::session::{Login, Reply};
use crate::visit::Visit;
use crate::{AuthServer, Look, Problem, form};

/// Characters of a code between two hyphens.
const GROUP: usize = 4;

/// §3.1
pub(crate) async fn authorize<T: Transport + 'static>(
    State(server): Server<T>,
    request: Forwarded,
) -> Response {
    let Ok(basic) = request.basic() else { return broken_credentials() };
    let certificates = match evidence::certificates(&server, &request, &basic).await {
        Ok(certificates) => certificates,
        Err(e) => return unavailable(&e),
    };
    if !request.is_credentialed(&basic) {
        let address = request.address(server.settings.proxy.as_ref());
        if let Err(seconds) = server.requests.take(address, server.settings.ambient.clock.seconds()) {
            return too_many(seconds);
        }
    }
    let call = DeviceAuthorizationRequest {
        parameters: Some(request.parameters()),
        client_id: basic.id,
        client_secret: basic.secret,
        client_certificate: certificates.own,
        client_certificate_path: certificates.path,
        oauth_client_attestation: request.attestation(),
        oauth_client_attestation_pop: request.attestation_pop(),
        ..DeviceAuthorizationRequest::default()
    };
    match server.api.device_authorization(call).await {
        Ok(Authorized::Ok(issued)) => json(StatusCode::OK, issued.content),
        Ok(Authorized::BadRequest(content)) => json(StatusCode::BAD_REQUEST, content),
        Ok(Authorized::Unauthorized(content)) => unauthenticated(content),
        Ok(Authorized::InternalServerError(content)) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Ok(Authorized::Unknown(_)) => unsupported("server_error", "The service answered in an unknown way."),
        Err(e) => unavailable(&e),
    }
}

/// §3.3: where a person types in the code, or comes with it (§3.3.1). Whoever does is signed in first, so that nobody
/// tries codes without a name.
pub(crate) async fn page<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let visit = server.visit(&request);
    let code = form::value(request.query(), "user_code").map(|code| readable(&code)).unwrap_or_default();
    if visit.signed_in().is_none() {
        let here = match code.is_empty() {
            true => "/device".to_owned(),
            false => format!("/device?{}", encoding::encode([("user_code", &*code)])),
        };
        let interaction = Interaction::new(Purpose::Account(here), visit.now);
        return authorization::show(&server, &visit, interaction).await;
    }
    asking(&server, &visit, StatusCode::OK, (&code, None))
}

/// The form for the code. `problem`: why the last one did not do.
fn asking<T: Transport + 'static>(
    server: &AuthServer<T>,
    visit: &Visit,
    status: StatusCode,
    (code, problem): (&str, Option<&str>),
) -> Response {
    let here = server.path("/device");
    let look = Look { here: Some(&here), ..Look::new(status) };
    let (csrf, user) = visit
        .signed_in()
        .map(|(session, login)| (session.with(|session| session.csrf.clone()), login.user.name))
        .unzip();
    server.page(visit, "device.html", look, context! { code, problem, csrf, user })
}

pub(crate) async fn enter<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let visit = server.visit(&request);
    let here = server.path("/device");
    let Some((session, _)) = visit.signed_in() else { return see_other(&here) };
    if let Err(page) = genuine(&server, &visit, session, &here) {
        return *page;
    }
    // §5.1: the API bounds wrong codes for the whole service; one address is not to use them up for all.
    if let Err(seconds) = server.codes.take(visit.address, visit.now) {
        return wait(server.error(&visit, Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many")), seconds);
    }
    let code = visit.field("user_code").unwrap_or_default();
    let again = |problem| asking(&server, &visit, StatusCode::BAD_REQUEST, (&readable(&code), Some(problem)));
    if code.trim().is_empty() {
        return again("unknown");
    }
    let call = DeviceVerificationRequest { user_code: Some(code.clone()) };
    match server.api.device_verification(call).await {
        Ok(Verified::Valid(asked)) => {
            let purpose = Purpose::Device(Arc::new(as_request(asked.body)), code);
            match authorization::described(&server, &visit, purpose).await {
                Ok(interaction) => authorization::show(&server, &visit, interaction).await,
                Err(e) => server.away(&visit, &e, &here),
            }
        }
        Ok(Verified::Expired(_)) => again("expired"),
        Ok(Verified::NotExist(_)) => again("unknown"),
        Ok(Verified::InternalServerError(content)) => {
            server.refused(&visit, StatusCode::INTERNAL_SERVER_ERROR, &content)
        }
        Ok(Verified::Unknown(answer)) => server.unknown(&visit, answer.unknown_action()),
        Err(e) => server.away(&visit, &e, &here),
    }
}

/// What the device asks for, as an authorization request would say it.
fn as_request(asked: DeviceVerificationResponse) -> AuthorizationResponse {
    AuthorizationResponse {
        client: Some(ClientLimitedAuthorization {
            client_id: asked.client_id,
            client_id_alias: asked.client_id_alias,
            client_name: asked.client_name,
            metadata_document_location: asked.metadata_document_location,
            ..ClientLimitedAuthorization::default()
        }),
        client_id_alias_used: asked.client_id_alias_used,
        scopes: asked.scopes,
        dynamic_scopes: asked.dynamic_scopes,
        claims_at_user_info: asked.claim_names,
        acrs: asked.acrs,
        resources: asked.resources,
        authorization_details: asked.authorization_details,
        ..AuthorizationResponse::default()
    }
}

/// A code as people read it best: in groups (§6.1).
pub(super) fn readable(code: &str) -> String {
    let plain: Vec<_> = code.chars().filter(|c| c.is_ascii_alphanumeric()).take(64).collect();
    let groups: Vec<String> = plain.chunks(GROUP).map(|group| group.iter().collect()).collect();
    groups.join("-").to_ascii_uppercase()
}

/// The person has agreed; the device is told when it asks.
pub(super) async fn grant<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    (asked, code): (&AuthorizationResponse, &str),
    login: &Login,
    chosen: Option<Chosen>,
) -> Result<Made, Error> {
    let (scopes, consented) = chosen.map(|chosen| (chosen.scopes, chosen.claims)).unzip();
    let acr = reached(asked, login, &server.settings);
    let call = DeviceCompleteRequest {
        user_code: Some(code.to_owned()),
        result: Some(DeviceCompleteResult::Authorized),
        subject: Some(login.user.subject.clone()),
        auth_time: Some(login.auth_time),
        acr: acr.map(str::to_owned),
        claims: Some(login.means.claims()),
        scopes,
        consented_claims: consented.flatten(),
        ..DeviceCompleteRequest::default()
    };
    complete(server, call, "/device/connected").await
}

/// The person has not agreed, or cannot be who is asked for.
pub(super) async fn refuse<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    code: &str,
    reason: AuthorizationFailReason,
) -> Result<Made, Error> {
    let by_user = reason == AuthorizationFailReason::Denied;
    let result =
        if by_user { DeviceCompleteResult::AccessDenied } else { DeviceCompleteResult::TransactionFailed };
    let call = DeviceCompleteRequest {
        user_code: Some(code.to_owned()),
        result: Some(result),
        ..DeviceCompleteRequest::default()
    };
    complete(server, call, "/device/refused").await
}

async fn complete<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    call: DeviceCompleteRequest,
    then: &str,
) -> Result<Made, Error> {
    let refused = |content: Content| Made::Refused(StatusCode::BAD_REQUEST, content);
    Ok(match server.api.device_complete(call).await? {
        Completed::Success(_) => Made::Reply(Reply::Location(server.path(then))),
        Completed::InvalidRequest(content)
        | Completed::UserCodeExpired(content)
        | Completed::UserCodeNotExist(content) => refused(content),
        Completed::ServerError(content) => Made::Refused(StatusCode::INTERNAL_SERVER_ERROR, content),
        Completed::Unknown(answer) => Made::Unknown(answer.unknown_action().map(str::to_owned)),
    })
}

pub(crate) async fn connected<T: Transport + 'static>(
    State(server): Server<T>,
    request: Forwarded,
) -> Response {
    done(&server, &request, true)
}

pub(crate) async fn refused<T: Transport + 'static>(
    State(server): Server<T>,
    request: Forwarded,
) -> Response {
    done(&server, &request, false)
}

fn done<T: Transport + 'static>(server: &AuthServer<T>, request: &Forwarded, connected: bool) -> Response {
    let visit = server.visit(request);
    server.page(&visit, "device_done.html", Look::new(StatusCode::OK), context! { connected })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_shown_in_groups() {
        assert_eq!(readable("wdjbmjht"), "WDJB-MJHT");
        assert_eq!(readable(" wdjb-mjht\n"), "WDJB-MJHT");
        assert_eq!(readable("1234567890"), "1234-5678-90");
        assert_eq!(readable("\"><script>"), "SCRI-PT");
        assert_eq!(readable(&"A".repeat(1000)).len(), 64 + 15);
    }
}
