//! What the palette offers: pages and services, as links. Without a script it is a page like any other.

use minijinja::context;
use placet_sdk::Error;

use super::{Shown, name};
use crate::api;
use crate::visit::Visit;

pub(super) async fn get(visit: Visit) -> Shown {
    // Whoever audits sees no services, and goes elsewhere.
    let (services, _) = match api::services(&visit.api()).await {
        Err(Error::Refused { status: 403, .. }) => Default::default(),
        listed => listed?,
    };
    let services: Vec<_> = services
        .iter()
        .map(|service| context! { id => service.api_key.unwrap_or_default().to_string(), name => name(service) })
        .collect();
    Ok(visit.show("palette.html", context! { services }))
}
