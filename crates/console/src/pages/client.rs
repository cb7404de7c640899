//! A client: what it is, whether a redirect URI would be taken, its secret, its lock, and its end.

use axum::extract::Path;
use minijinja::context;
use placet_api::endpoints::{EndpointId, endpoint};
use placet_base::registry::{ClientAuthMethod, ClientType, GrantType};
use placet_sdk::types::{Client, ClientFlagUpdateRequest, NoRequest, Service};
use placet_sdk::{Answer, ClientPath};
use serde_json::{Value, json};

use super::clients::title;
use super::{Shown, place, see};
use crate::fields::moment;
use crate::posted::Posted;
use crate::problem::Problem;
use crate::redirects;
use crate::told::{Call, Told};
use crate::visit::Visit;

pub(super) async fn get(visit: Visit, Path((service, client)): Path<(i64, i64)>) -> Shown {
    let api = visit.about(service);
    let of = api.service_get().await?;
    let answer = api.client_get(client).await?;
    let tested = visit.asked("uri").map(|uri| tested(&uri, &answer, &of));
    let names = |kinds: &Option<Vec<GrantType>>| -> Vec<_> {
        kinds.iter().flatten().map(|kind| kind.protocol_name()).collect()
    };
    let page = context! {
        service => place(&of), client => context! { id => client.to_string(), name => title(&answer) }, name => title(&answer),
        description => &answer.description, alias => &answer.client_id_alias,
        kind => answer.client_type.map(ClientType::protocol_name), grants => names(&answer.grant_types),
        method => answer.token_auth_method.map(ClientAuthMethod::protocol_name), uris => &answer.redirect_uris, tested,
        locked => answer.locked == Some(true), secret => answer.client_secret.is_some(),
        made => answer.created_at.map(moment), changed => answer.modified_at.map(moment), version => answer.version.clone(),
    };
    Ok(visit.show("client.html", page))
}

fn tested(uri: &str, client: &Client, service: &Service) -> minijinja::Value {
    let registered = client.redirect_uris.clone().unwrap_or_default();
    let verdict =
        redirects::verdict(uri.trim(), &registered, service.loopback_redirection_uri_variable == Some(true));
    context! { uri, taken => verdict.is_taken, text => verdict.text, registered => verdict.registered }
}

fn at(service: i64, client: i64) -> String {
    format!("/services/{service}/clients/{client}")
}

fn call(visit: &Visit, id: EndpointId, (service, client): (i64, i64), body: Value) -> Call<'_> {
    Call::new(visit.api_url(), id).of(service).on(client).body(body)
}

/// A new secret, which is shown once.
pub(super) async fn rotate(visit: Visit, Path((service, client)): Path<(i64, i64)>) -> Shown {
    let answer = visit.about(service).client_secret_refresh(client).await?;
    let secret = answer.new_client_secret.clone().unwrap_or_default();
    let call = call(&visit, EndpointId::client_secret_refresh, (service, client), Value::Null);
    let ways = call.ways(format!("placet client --service {service} secret rotate {client}"), String::new());
    visit.session.tell(Told::done("told.secret_rotated").by(ways).with_secret("client.secret", secret));
    Ok(see(&at(service, client)))
}

pub(super) async fn lock(visit: Visit, Path((service, client)): Path<(i64, i64)>, posted: Posted) -> Shown {
    let locked = posted.get("locked") == Some("true");
    let request = ClientFlagUpdateRequest { client_locked: Some(locked) };
    visit.about(service).client_lock_flag_update(client, request).await?;
    let body = json!({ "clientLocked": locked });
    let call = call(&visit, EndpointId::client_lock_flag_update, (service, client), body);
    let word = if locked { "lock" } else { "unlock" };
    let ways = call.ways(format!("placet client --service {service} {word} {client}"), String::new());
    visit.session.tell(Told::done(if locked { "told.locked" } else { "told.unlocked" }).by(ways));
    Ok(see(&at(service, client)))
}

pub(super) async fn delete(visit: Visit, Path((service, client)): Path<(i64, i64)>, posted: Posted) -> Shown {
    let api = visit.about(service);
    let known = api.client_get(client).await?;
    if posted.text("name").as_deref() != Some(title(&known).trim()) {
        return Err(Problem::Wrong("wrong.typed_name"));
    }
    let request = Answer { version: posted.version(), ..Answer::from(NoRequest {}) };
    api.call::<endpoint::client_delete>(ClientPath::from(client), request).await?;
    let call = call(&visit, EndpointId::client_delete, (service, client), Value::Null);
    let ways = call
        .ways(format!("placet client --service {service} delete {client}"), "terraform destroy".to_owned());
    visit.session.tell(Told::done("told.client_deleted").about(title(&known)).by(ways));
    Ok(see(&format!("/services/{service}/clients")))
}
