//! The pages: one file each, with a template of its name.

mod audit;
mod client;
mod clients;
mod codes;
mod grants;
mod home;
mod issued;
mod keys;
mod members;
mod openid;
mod palette;
mod profile;
mod scopes;
mod service;
mod services;
mod settings;
mod sign_in;
mod tokens;
mod transactions;
mod usage;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use placet_sdk::types::Service;

use crate::problem::Problem;
use crate::visit::Seen;
use crate::{BASE, Inner, assets, gate};

/// What a page is answered with.
pub(crate) type Shown = Result<Response, Problem>;

pub(crate) fn router(console: Arc<Inner>) -> Router {
    let at = |path: &str| format!("{BASE}{path}");
    let pages = Router::new()
        .route(BASE, get(home::get))
        .route(&at("/"), get(async || Redirect::to(BASE)))
        .route(&at("/sign-in"), get(sign_in::get).post(sign_in::post))
        .route(&at("/sign-in/openid"), get(openid::begin))
        .route(&at("/sign-in/callback"), get(openid::finish))
        .route(&at("/sign-out"), post(sign_in::sign_out))
        .route(&at("/palette"), get(palette::get))
        .route(&at("/services"), get(services::get).post(services::post))
        .route(&at("/tokens"), get(tokens::of_organization).post(tokens::change_of_organization))
        .route(&at("/members"), get(members::get).post(members::post))
        .route(&at("/audit"), get(audit::get))
        .route(&at("/instance"), get(usage::instance))
        .route(&at("/codes"), get(codes::list))
        .route(&at("/codes/{code}"), get(codes::one))
        .merge(of_service());
    pages
        .route(&at("/{*rest}"), get(not_found))
        .layer(from_fn_with_state(console.clone(), gate::gate))
        // The gate reads bodies, within a limit of its own.
        .layer(DefaultBodyLimit::disable())
        .merge(assets::router())
        .with_state(console)
}

/// The pages of one service.
fn of_service() -> Router<Arc<Inner>> {
    let at = |path: &str| format!("{BASE}/services/{{service}}{path}");
    Router::new()
        .route(&at(""), get(service::get))
        .route(&at("/clone"), post(services::clone))
        .route(&at("/delete"), get(services::ask_delete).post(services::delete))
        .route(&at("/settings"), get(settings::service).post(settings::change_service))
        .route(&at("/profile"), get(profile::list))
        .route(&at("/profile/{profile}"), get(profile::preview).post(profile::apply))
        .route(&at("/scopes"), get(scopes::get).post(scopes::post))
        .route(&at("/keys"), get(keys::get).post(keys::post))
        .route(&at("/tokens"), get(tokens::of_service).post(tokens::change_of_service))
        .route(&at("/transactions"), get(transactions::list).post(transactions::search))
        .route(&at("/transactions/{request}"), get(transactions::one))
        .route(&at("/transactions/{request}/json"), get(transactions::download))
        .route(&at("/usage"), get(usage::get))
        .route(&at("/issued"), get(issued::list).post(issued::change))
        .route(&at("/issued/look"), get(issued::looked).post(issued::look))
        .route(&at("/grants"), get(grants::get).post(grants::post))
        .route(&at("/clients"), get(clients::get).post(clients::create))
        .route(&at("/clients/new"), get(clients::new))
        .route(&at("/clients/{client}"), get(client::get))
        .route(&at("/clients/{client}/settings"), get(settings::client).post(settings::change_client))
        .route(&at("/clients/{client}/secret"), post(client::rotate))
        .route(&at("/clients/{client}/lock"), post(client::lock))
        .route(&at("/clients/{client}/delete"), post(client::delete))
}

async fn not_found(seen: Seen) -> Response {
    if seen.session.is_some() { Problem::NotFound } else { Problem::SignedOut }.into_response()
}

/// Another page, after a form.
pub(crate) fn see(path: &str) -> Response {
    Redirect::to(&format!("{BASE}{path}")).into_response()
}

/// What a service is called where it is listed.
pub(crate) fn name(service: &Service) -> String {
    let given = service.service_name.clone().filter(|name| !name.trim().is_empty());
    given.unwrap_or_else(|| service.api_key.unwrap_or_default().to_string())
}

/// A service as the navigation knows it.
pub(crate) fn place(service: &Service) -> minijinja::Value {
    minijinja::context! { id => service.api_key.unwrap_or_default().to_string(), name => name(service) }
}
