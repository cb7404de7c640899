//! The endpoints that clients call, and the pages that people see.

mod account;
mod answer;
mod assertion;
mod authorization;
mod backchannel;
mod challenge;
mod consent;
mod created;
mod credentials;
mod developers;
mod device;
mod evidence;
mod exchange;
mod federation;
mod genuine;
mod grants;
mod id_jag;
mod inbox;
mod interaction;
mod introspection;
mod logout;
mod metadata;
mod native_sso;
mod offer;
mod par;
mod passkeys;
mod registration;
mod revocation;
mod session_state;
mod sign_in;
mod sign_up;
mod social;
mod token;
mod txn_token;
mod userinfo;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use placet_sdk::{Transport, trace};
use tower_http::cors::{Any, CorsLayer};

pub(crate) use logout::Leaving;

use crate::budgets::BODY;
use crate::forward::Forwarded;
use crate::{AuthServer, Problem};

type Server<T> = State<Arc<AuthServer<T>>>;

pub(crate) fn router<T: Transport + 'static>(server: Arc<AuthServer<T>>) -> Router {
    let base = server.settings.issuer.path().to_owned();
    let pages = match server.settings.developers {
        true => pages(&base).merge(developers::pages(&base)),
        false => pages(&base),
    };
    let router = endpoints(&base)
        .layer(from_anywhere())
        .merge(pages.layer(from_fn(noting)))
        .fallback(not_found)
        .layer(DefaultBodyLimit::max(BODY))
        .with_state(server.clone());
    match server.settings.traced {
        true => router.layer(from_fn(in_trace)),
        false => router,
    }
}

/// Calls of the API that a request leads to belong to the trace that it names.
async fn in_trace(request: Request, next: Next) -> Response {
    match trace::named(request.headers()).cloned() {
        Some(parent) => trace::within(parent, next.run(request)).await,
        None => next.run(request).await,
    }
}

/// An error page names the call of the API that it comes of.
async fn noting(request: Request, next: Next) -> Response {
    trace::noting(next.run(request)).await
}

/// What clients call. Those in a browser call from their own origin; nothing here goes by a cookie.
fn endpoints<T: Transport + 'static>(base: &str) -> Router<Arc<AuthServer<T>>> {
    let at = |path: &str| format!("{base}{path}");
    Router::new()
        .route(&at("/token"), post(token::post))
        .route(&at("/par"), post(par::post))
        .route(&at("/device_authorization"), post(device::authorize))
        .route(&at("/challenge"), post(challenge::post))
        .route(&at("/backchannel_authentication"), post(backchannel::authenticate))
        .route(&at("/backchannel_authentication/decide"), get(backchannel::decide))
        .route(&at("/introspect"), post(introspection::post))
        .route(&at("/revoke"), post(revocation::post))
        .route(&at("/userinfo"), get(userinfo::answer).post(userinfo::answer))
        .route(&at("/register"), post(registration::create))
        .route(
            &at("/register/{client}"),
            get(registration::read).put(registration::update).delete(registration::delete),
        )
        .route(&at("/federation_registration"), post(federation::register))
        .route(&at("/signed_jwks"), get(federation::keys))
        .route(&at("/.well-known/openid-federation"), get(federation::configuration))
        .route(&at("/grants/{id}"), get(grants::manage).delete(grants::manage))
        .route(&at("/jwks"), get(metadata::jwks))
        .route(&at("/.well-known/openid-configuration"), get(metadata::configuration))
        .route(&format!("/.well-known/oauth-authorization-server{base}"), get(metadata::configuration))
        .merge(credentials(base))
}

/// What wallets call. The metadata stand before the path of the issuer (OpenID for Verifiable Credential Issuance 1.0
/// §12.2.2, SD-JWT-based Verifiable Credentials §5), and behind it, where those of the draft stood (draft 13 §11.2.1).
fn credentials<T: Transport + 'static>(base: &str) -> Router<Arc<AuthServer<T>>> {
    let at = |path: &str| format!("{base}{path}");
    let router = Router::new()
        .route(&at("/credential"), post(credentials::credential))
        .route(&at("/deferred_credential"), post(credentials::deferred))
        .route(&at("/batch_credential"), post(credentials::batch))
        .route(&at("/nonce"), post(credentials::nonce))
        .route(&at("/notification"), post(credentials::notification))
        .route(&at("/statuses"), get(credentials::status_lists))
        .route(&at("/statuses/{list}"), get(credentials::status_list))
        .route(&at("/credential_jwks"), get(credentials::jwks))
        .route(&at("/offers/{id}"), get(credentials::offer))
        .route(&format!("/.well-known/openid-credential-issuer{base}"), get(credentials::metadata))
        .route(&format!("/.well-known/jwt-vc-issuer{base}"), get(credentials::jwt_issuer));
    match base {
        "" => router,
        base => {
            router.route(&format!("{base}/.well-known/openid-credential-issuer"), get(credentials::metadata))
        }
    }
}

fn from_anywhere() -> CorsLayer {
    let (dpop, nonce) = (HeaderName::from_static("dpop"), HeaderName::from_static("dpop-nonce"));
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE, dpop])
        .expose_headers([WWW_AUTHENTICATE, nonce])
        .max_age(Duration::from_secs(3600))
}

/// What people see.
fn pages<T: Transport + 'static>(base: &str) -> Router<Arc<AuthServer<T>>> {
    let at = |path: &str| format!("{base}{path}");
    Router::new()
        .route(&at("/authorize"), get(authorization::get).post(authorization::post))
        .route(&at("/interaction/{id}"), get(interaction::show))
        .route(&at("/interaction/{id}/sign-in"), post(sign_in::password).get(interaction::back))
        .route(&at("/interaction/{id}/sign-up"), post(sign_up::post).get(interaction::back))
        .route(&at("/interaction/{id}/second-factor"), post(sign_in::second_factor).get(interaction::back))
        .route(&at("/interaction/{id}/passkey"), post(passkeys::sign_in).get(interaction::back))
        .route(&at("/interaction/{id}/account"), post(interaction::account).get(interaction::back))
        .route(&at("/interaction/{id}/consent"), post(consent::post).get(interaction::back))
        .route(&at("/interaction/{id}/cancel"), post(interaction::cancel).get(interaction::back))
        .route(&at("/interaction/{id}/sns/{network}"), get(social::begin))
        .route(&at("/sns/{network}"), get(social::back))
        .route(&at("/device"), get(device::page).post(device::enter))
        .route(&at("/device/connected"), get(device::connected))
        .route(&at("/device/refused"), get(device::refused))
        .route(&at("/inbox"), get(inbox::page).post(inbox::open))
        .route(&at("/logout"), get(logout::get).post(logout::post))
        .route(&at("/logout/confirm"), post(logout::confirm).get(logout::get))
        .route(&at("/apps"), get(account::apps))
        .route(&at("/apps/revoke"), post(account::revoke).get(account::apps))
        .route(&at("/offer"), get(offer::page).post(offer::make))
        .route(&at("/passkeys"), get(passkeys::page))
        .route(&at("/passkeys/new"), get(passkeys::new).post(passkeys::create))
        .route(&at("/passkeys/remove"), post(passkeys::remove).get(passkeys::page))
        .route(&at("/session/check"), get(session_state::page))
        .route(&at("/assets/style.css"), get(style))
        .route(&at("/assets/passkey.js"), get(script))
}

async fn style<T: Transport + 'static>(State(server): Server<T>) -> Response {
    let headers = [(CONTENT_TYPE, "text/css;charset=utf-8"), (CACHE_CONTROL, "max-age=300")];
    (headers, server.pages.style.clone()).into_response()
}

/// What pages run that talk to authenticators (WebAuthn is for scripts alone).
async fn script() -> Response {
    let headers = [
        (CONTENT_TYPE, "text/javascript;charset=utf-8"),
        (CACHE_CONTROL, "max-age=300"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, include_str!("../assets/passkey.js")).into_response()
}

async fn not_found<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let visit = server.visit(&request);
    server.error(&visit, Problem::new(StatusCode::NOT_FOUND, "not_found"))
}
