//! What a user has granted: the clients that were let in, with their scopes, and the end of it.

use axum::extract::Path;
use minijinja::{Value, context};
use placet_api::endpoints::EndpointId;
use placet_sdk::form;
use placet_sdk::types::{
    ClientAuthorizationGetListRequest, ClientGrantsDeleteRequest, ClientLimited, ManagedGrant, SubjectRequest,
};
use serde_json::json;

use super::{Shown, place, see};
use crate::api::Api;
use crate::budgets::APPS;
use crate::posted::Posted;
use crate::problem::Problem;
use crate::told::{Call, Told, quoted};
use crate::visit::Visit;

pub(super) async fn get(visit: Visit, Path(service): Path<i64>) -> Shown {
    let (api, subject) = (visit.about(service), visit.asked("subject"));
    let answer = api.service_get().await?;
    let mut rows = Vec::new();
    let mut total = 0;
    if let Some(subject) = &subject {
        let clients = clients(&api, subject).await?;
        total = clients.len();
        for client in clients.into_iter().take(APPS) {
            rows.push(row(&api, &client, subject).await?);
        }
    }
    let page = context! { service => place(&answer), subject, rows, total };
    Ok(visit.show("grants.html", page))
}

/// The clients that a user has let in, whether they hold tokens now or manage grants.
async fn clients(api: &Api, subject: &str) -> Result<Vec<ClientLimited>, Problem> {
    let window = || ClientAuthorizationGetListRequest {
        subject: Some(subject.to_owned()),
        developer: None,
        start: Some(0),
        // One more than is shown, so that it is known whether there are more.
        end: i32::try_from(APPS + 1).ok(),
    };
    let mut found = api.client_authorization_get_list_post(window()).await?.body.clients.unwrap_or_default();
    for client in api.client_grants_get_list(window()).await?.body.clients.unwrap_or_default() {
        if !found.iter().any(|known| known.client_id == client.client_id) {
            found.push(client);
        }
    }
    Ok(found)
}

async fn row(api: &Api, client: &ClientLimited, subject: &str) -> Result<Value, Problem> {
    let id = client.client_id.unwrap_or_default();
    let of = || SubjectRequest { subject: Some(subject.to_owned()) };
    let granted = api.client_granted_scopes_get_post(id, of()).await?.body;
    let managed = api.client_grants_get(id, of()).await?.body.grants.unwrap_or_default();
    let managed: Vec<_> = managed.iter().map(managed_shown).collect();
    let name = client.client_name.clone().unwrap_or_else(|| id.to_string());
    Ok(context! { id => id.to_string(), name, scopes => granted.merged_granted_scopes, managed })
}

fn managed_shown(managed: &ManagedGrant) -> Value {
    let grant = managed.grant.as_ref();
    let scopes = grant.and_then(|grant| grant.scopes.as_ref()).into_iter().flatten();
    let scopes: Vec<_> = scopes.filter_map(|scope| scope.scope.clone()).collect();
    let claims = grant.and_then(|grant| grant.claims.clone()).unwrap_or_default();
    let details = grant.and_then(|grant| grant.authorization_details.as_ref()).map(|details| {
        let document = serde_json::to_value(details).unwrap_or_default();
        serde_json::to_string_pretty(&document).unwrap_or_default()
    });
    context! { id => &managed.grant_id, scopes, claims, details }
}

pub(super) async fn post(visit: Visit, Path(service): Path<i64>, posted: Posted) -> Shown {
    let subject = posted.text("subject").ok_or(Problem::Wrong("wrong.choice"))?;
    let client: i64 =
        posted.text("client").and_then(|id| id.parse().ok()).ok_or(Problem::Wrong("wrong.choice"))?;
    let (api, grant) = (visit.about(service), posted.text("grant"));
    let mut command =
        format!("placet grant --service {service} revoke --subject {} --client {client}", quoted(&subject));
    let (id, body) = match &grant {
        Some(grant) => {
            let request =
                ClientGrantsDeleteRequest { subject: Some(subject.clone()), grant_id: Some(grant.clone()) };
            api.client_grants_delete(client, request).await?;
            command.push_str(&format!(" --grant-id {}", quoted(grant)));
            (EndpointId::client_grants_delete, json!({ "subject": subject, "grantId": grant }))
        }
        None => {
            let of = || SubjectRequest { subject: Some(subject.clone()) };
            api.client_authorization_delete_post(client, of()).await?;
            // What was granted is remembered apart from the tokens, and would not be asked for again.
            api.client_granted_scopes_delete_post(client, of()).await?;
            (EndpointId::client_authorization_delete_post, json!({ "subject": subject }))
        }
    };
    let call = |id| Call::new(visit.api_url(), id).of(service).on(client).body(body.clone());
    let mut ways = call(id).ways(command, String::new());
    if grant.is_none() {
        let forgotten =
            call(EndpointId::client_granted_scopes_delete_post).ways(String::new(), String::new());
        ways.curl = format!("{}\n{}", ways.curl, forgotten.curl);
    }
    visit.session.tell(Told::done("told.grant_ended").by(ways));
    Ok(see(&format!("/services/{service}/grants?{}", form::encode([("subject", subject.as_str())]))))
}
