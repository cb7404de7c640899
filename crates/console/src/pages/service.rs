//! A service: what clients find of it, where its endpoints are, and what is to be said about its settings.

use axum::extract::Path;
use minijinja::context;
use placet_api::settings::{SERVICE, Setting};
use placet_sdk::profiles;
use placet_sdk::types::ServiceConfigurationRequest;
use serde_json::Value;

use super::{Shown, name, place};
use crate::api;
use crate::budgets::FINDINGS;
use crate::lint;
use crate::visit::Visit;

pub(super) async fn get(visit: Visit, Path(service): Path<i64>) -> Shown {
    let api = visit.about(service);
    let answer = api.service_get().await?;
    let document = api::document(&answer);
    let request = ServiceConfigurationRequest { pretty: Some(true), patch: None };
    // A token that may look, and no more, gets no metadata.
    let metadata = api.service_configuration(request).await;
    let metadata = metadata.ok().and_then(|metadata| serde_json::to_string_pretty(&metadata).ok());
    let (clients, _) = api::all_clients(&api).await.unwrap_or_default();
    let found = placet_sdk::lint::lint(&answer, &clients);
    let points: Vec<_> = found.iter().take(FINDINGS).map(|one| lint::shown(one, service, &visit)).collect();
    let badges: Vec<_> = profiles::in_force(&answer).iter().map(|profile| profile.name).collect();
    let page = context! {
        service => place(&answer), name => name(&answer), issuer => &answer.issuer, endpoints => endpoints(&document),
        metadata, points, found => found.len(), badges, description => &answer.description,
    };
    Ok(visit.show("service.html", page))
}

/// The endpoints that have an address.
fn endpoints(document: &Value) -> Vec<minijinja::Value> {
    let is_endpoint = |setting: &&Setting| setting.name.ends_with("_endpoint") || setting.name == "jwks_uri";
    let shown = |setting: &Setting| {
        let url = document[setting.member].as_str().filter(|url| !url.is_empty())?;
        Some(context! { member => setting.member, name => setting.name, clause => setting.clause, url })
    };
    SERVICE.iter().filter(is_endpoint).filter_map(shown).collect()
}
