//! Putting a service under a security profile: what would change, what clients have to be then, and the proof that it tightens.

use axum::extract::Path;
use minijinja::{Value, context};
use placet_api::endpoints::EndpointId;
use placet_sdk::Answer;
use placet_sdk::profiles::{self, Direction, Profile};
use placet_sdk::types::{Client, MergePatch, Service};
use serde_json::Map;

use super::{Shown, name, place, see};
use crate::api;
use crate::posted::Posted;
use crate::problem::Problem;
use crate::told::{self, Call, Told, Ways};
use crate::visit::Visit;

/// Clients that are named which could not go on.
const NAMED: usize = 20;

pub(super) async fn list(visit: Visit, Path(service): Path<i64>) -> Shown {
    let answer = visit.about(service).service_get().await?;
    let shown = |profile: &Profile| {
        context! { id => profile.id, name => profile.name, force => profile.is_in_force(&answer), demands => demands(profile) }
    };
    let all: Vec<_> = profiles::ALL.iter().map(shown).collect();
    Ok(visit
        .show("profile.html", context! { service => place(&answer), name => name(&answer), profiles => all }))
}

fn demands(profile: &Profile) -> Value {
    let demands = &profile.demands;
    let methods: Vec<_> = demands.methods.iter().map(|method| method.protocol_name()).collect();
    let refused: Vec<_> = demands.refused_grants.iter().map(|grant| grant.protocol_name()).collect();
    let responses: Vec<_> = demands.response_types.iter().map(|kind| kind.protocol_name()).collect();
    context! {
        texts => demands.texts.to_vec(), confidential => demands.confidential, methods => methods.join(", "),
        refused => refused.join(", "), responses => responses.join(", "),
    }
}

fn known(profile: &str) -> Result<&'static Profile, Problem> {
    profiles::named(profile).ok_or(Problem::NotFound)
}

pub(super) async fn preview(visit: Visit, Path((service, profile)): Path<(i64, String)>) -> Shown {
    let (api, profile) = (visit.about(service), known(&profile)?);
    let answer = api.service_get().await?;
    let document = api::document(&answer);
    let changes = profile.change(&answer);
    let shown = |(member, after): (&String, &serde_json::Value)| {
        let before = &document[member];
        let tightens = profiles::direction(member, before, after) == Direction::Tightens;
        let text =
            |value: &serde_json::Value| if value.is_null() { "–".to_owned() } else { value.to_string() };
        context! { member, before => text(before), after => text(after), tightens }
    };
    let lines: Vec<_> = changes.iter().map(shown).collect();
    // Who may look at the service only sees what it is about, without the clients.
    let (clients, total) = api::all_clients(&api).await.unwrap_or_default();
    let mut stopped: Vec<_> = clients.iter().filter_map(|client| stopped(profile, client)).collect();
    let stopped_count = stopped.len();
    stopped.truncate(NAMED);
    let page = context! {
        service => place(&answer), name => name(&answer), profile => profile.name, id => profile.id, demands => demands(profile),
        lines, stopped, stopped_count, looked_at => clients.len(),
        total, version => answer.version.clone(), ways => ways(&visit, service, profile, &changes).shown(),
    };
    Ok(visit.show("profile_preview.html", page))
}

/// A client that could not go on as it is.
fn stopped(profile: &Profile, client: &Client) -> Option<Value> {
    let why = profile.stops(client);
    let id = client.client_id.unwrap_or_default().to_string();
    (!why.is_empty())
        .then(|| context! { name => client.client_name.clone().unwrap_or_else(|| id.clone()), id, why })
}

fn ways(visit: &Visit, service: i64, profile: &Profile, changes: &Map<String, serde_json::Value>) -> Ways {
    let body = serde_json::Value::Object(changes.clone());
    let call = Call::new(visit.api_url(), EndpointId::service_patch).of(service).body(body);
    let command = format!("placet service --service {service} set {}", told::assignments(changes));
    let terraform = told::terraform("service", changes);
    call.ways(format!("# {}\n{command}", profile.name), terraform)
}

pub(super) async fn apply(
    visit: Visit,
    Path((service, profile)): Path<(i64, String)>,
    posted: Posted,
) -> Shown {
    let (api, profile) = (visit.about(service), known(&profile)?);
    let answer = api.service_get().await?;
    if posted.version() != answer.version {
        return Err(Problem::Changed(answer.version.clone()));
    }
    let changes = proven(profile, &answer)?;
    if !changes.is_empty() {
        let ways = ways(&visit, service, profile, &changes);
        api.service_patch(Answer { version: answer.version.clone(), ..Answer::from(MergePatch(changes)) })
            .await?;
        visit.session.tell(Told::done("told.profile").about(profile.name).by(ways));
    }
    Ok(see(&format!("/services/{service}/profile")))
}

/// The change, if it is proven to tighten: the switch does nothing else.
fn proven(profile: &Profile, service: &Answer<Service>) -> Result<Map<String, serde_json::Value>, Problem> {
    let changes = profile.change(service);
    let document = api::document(service);
    let is_proven = document.as_object().is_some_and(|before| profiles::tightens(before, &changes));
    if is_proven { Ok(changes) } else { Err(Problem::Wrong("wrong.unproven")) }
}
