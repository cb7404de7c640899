//! What there is, and what is still to be done about it.

use minijinja::context;
use placet_sdk::Error;
use placet_sdk::types::{ListQuery, Service};

use super::{Shown, name};
use crate::api;
use crate::lint;
use crate::visit::Visit;

/// Services whose checklists are shown; those behind have theirs on their own pages.
const CHECKED: usize = 5;

pub(super) async fn get(visit: Visit) -> Shown {
    let api = visit.api();
    let (services, total) = match api::services(&api).await {
        // Whoever audits sees no services, and has a home too.
        Err(Error::Refused { status: 403, .. }) => (Vec::new(), 0),
        listed => listed?,
    };
    let version = api.info().await.map(|info| info.body.version).unwrap_or_default();
    let mut rows = Vec::new();
    for service in services.iter().take(CHECKED) {
        rows.push(row(&visit, service).await);
    }
    Ok(visit.show("home.html", context! { rows, total, version, more => total > CHECKED }))
}

async fn row(visit: &Visit, service: &Service) -> minijinja::Value {
    let id = service.api_key.unwrap_or_default();
    let some = ListQuery { start: Some("0".to_owned()), end: Some("1".to_owned()), developer: None };
    let clients = visit.about(id).client_get_list(some).await;
    let clients = clients.ok().and_then(|list| list.total_count);
    // What is to be said of its clients stands on its own page.
    let points: Vec<_> =
        placet_sdk::lint::lint(service, &[]).iter().map(|one| lint::shown(one, id, visit)).collect();
    context! { id => id.to_string(), name => name(service), issuer => &service.issuer, clients, points }
}
