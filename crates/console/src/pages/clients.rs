//! Clients: listed, searched, and made from templates.

use axum::extract::Path;
use http::StatusCode;
use minijinja::context;
use placet_api::endpoints::EndpointId;
use placet_base::registry::{
    ApplicationType, ClientAuthMethod, ClientType, FapiMode, GrantType, JwsAlg, ResponseType,
};
use placet_sdk::Answer;
use placet_sdk::types::Client;

use super::{Shown, name, place, see};
use crate::api;
use crate::budgets::PAGE;
use crate::posted::Posted;
use crate::problem::Problem;
use crate::told::{self, Call, Told};
use crate::visit::Visit;

pub(super) async fn get(visit: Visit, Path(service): Path<i64>) -> Shown {
    let api = visit.about(service);
    let answer = api.service_get().await?;
    let search = visit.asked("q").unwrap_or_default();
    let page: usize = visit.asked("page").and_then(|page| page.parse().ok()).unwrap_or(1).clamp(1, 1_000_000);
    let start = (page - 1) * PAGE;
    let (rows, total, looked_at) = match search.is_empty() {
        true => {
            let (rows, total) = api::clients(&api, start, start + PAGE).await?;
            (rows, total, total)
        }
        false => {
            let (all, of) = api::all_clients(&api).await?;
            let looked_at = all.len().min(of);
            let found: Vec<_> = all.into_iter().filter(|client| is_about(client, &search)).collect();
            let total = found.len();
            (found.into_iter().skip(start).take(PAGE).collect(), total, looked_at)
        }
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    let page = context! {
        service => place(&answer), name => name(&answer), rows, total, looked_at, page,
        asked => placet_sdk::form::encode([("q", search.as_str())]), q => search,
        pages => total.div_ceil(PAGE).max(1), templates => TEMPLATES.map(|(id, _)| id),
    };
    Ok(visit.show("clients.html", page))
}

fn row(client: &Client) -> minijinja::Value {
    let id = client.client_id.unwrap_or_default().to_string();
    context! {
        name => title(client), id, alias => &client.client_id_alias, kind => client.client_type.map(ClientType::protocol_name),
        method => client.token_auth_method.map(ClientAuthMethod::protocol_name), locked => client.locked == Some(true),
    }
}

pub(super) fn title(client: &Client) -> String {
    let given = client.client_name.clone().filter(|name| !name.trim().is_empty());
    given.unwrap_or_else(|| client.client_id.unwrap_or_default().to_string())
}

/// By name, number, alias, developer or redirect URI.
fn is_about(client: &Client, search: &str) -> bool {
    let wanted = search.to_lowercase();
    let texts = [&client.client_name, &client.client_id_alias, &client.developer, &client.description];
    let number = client.client_id.unwrap_or_default().to_string();
    number == wanted
        || texts.into_iter().flatten().any(|text| text.to_lowercase().contains(&wanted))
        || client.redirect_uris.iter().flatten().any(|uri| uri.to_lowercase().contains(&wanted))
}

type Template = fn() -> Client;

/// What clients begin with, by what they are.
const TEMPLATES: [(&str, Template); 6] = [
    ("spa", || Client { application_type: Some(ApplicationType::Web), ..public() }),
    ("web", || Client {
        client_type: Some(ClientType::Confidential),
        application_type: Some(ApplicationType::Web),
        token_auth_method: Some(ClientAuthMethod::ClientSecretBasic),
        ..public()
    }),
    ("native", || Client { application_type: Some(ApplicationType::Native), ..public() }),
    ("machine", || Client {
        client_type: Some(ClientType::Confidential),
        token_auth_method: Some(ClientAuthMethod::ClientSecretBasic),
        grant_types: Some(vec![GrantType::ClientCredentials]),
        response_types: Some(Vec::new()),
        ..Client::default()
    }),
    ("device", || Client {
        application_type: Some(ApplicationType::Native),
        grant_types: Some(vec![GrantType::DeviceCode, GrantType::RefreshToken]),
        response_types: Some(Vec::new()),
        ..public()
    }),
    ("fapi2", || Client {
        client_type: Some(ClientType::Confidential),
        application_type: Some(ApplicationType::Web),
        token_auth_method: Some(ClientAuthMethod::PrivateKeyJwt),
        token_auth_sign_alg: Some(JwsAlg::Es256),
        id_token_sign_alg: Some(JwsAlg::Es256),
        fapi_modes: Some(vec![FapiMode::Fapi2Security]),
        par_required: Some(true),
        dpop_required: Some(true),
        ..public()
    }),
];

/// RFC 9700 §2.1: the code flow, with PKCE.
fn public() -> Client {
    Client {
        client_type: Some(ClientType::Public),
        token_auth_method: Some(ClientAuthMethod::None),
        grant_types: Some(vec![GrantType::AuthorizationCode, GrantType::RefreshToken]),
        response_types: Some(vec![ResponseType::Code]),
        pkce_required: Some(true),
        pkce_s256_required: Some(true),
        ..Client::default()
    }
}

fn template(id: &str) -> Option<Client> {
    TEMPLATES.iter().find(|(known, _)| *known == id).map(|(_, template)| template())
}

pub(super) async fn new(visit: Visit, Path(service): Path<i64>) -> Shown {
    let chosen =
        visit.asked("template").filter(|id| template(id).is_some()).unwrap_or_else(|| "web".to_owned());
    form(&visit, service, &chosen, None).await
}

/// The form, with what was typed, and why it was not taken.
async fn form(
    visit: &Visit,
    service: i64,
    chosen: &str,
    typed: Option<(&Posted, StatusCode, String)>,
) -> Shown {
    let answer = visit.about(service).service_get().await?;
    let begins = api::document(&Answer::from(template(chosen).unwrap_or_default()));
    let field =
        |name: &str| typed.as_ref().and_then(|(posted, ..)| posted.get(name)).unwrap_or_default().to_owned();
    let (status, message) =
        typed.as_ref().map_or((StatusCode::OK, String::new()), |(_, s, m)| (*s, m.clone()));
    let page = context! {
        service => place(&answer), name => name(&answer), templates => TEMPLATES.map(|(id, _)| id), chosen,
        begins => serde_json::to_string_pretty(&begins).unwrap_or_default(), typed_name => field("name"), uris => field("uris"),
        jwks_uri => field("jwks_uri"), message, wrong => status == StatusCode::UNPROCESSABLE_ENTITY,
        redirects => template(chosen).is_some_and(|client| client.response_types.is_some_and(|kinds| !kinds.is_empty())),
    };
    Ok(visit.show_as(status, "client_new.html", page))
}

pub(super) async fn create(visit: Visit, Path(service): Path<i64>, posted: Posted) -> Shown {
    let chosen = posted.text("template").unwrap_or_default();
    let begins = template(&chosen).ok_or(Problem::Wrong("wrong.choice"))?;
    let Some(client_name) = posted.text("name") else {
        return form(
            &visit,
            service,
            &chosen,
            Some((&posted, StatusCode::UNPROCESSABLE_ENTITY, String::new())),
        )
        .await;
    };
    let uris = posted.get("uris").unwrap_or_default().lines().map(str::trim).filter(|line| !line.is_empty());
    let uris: Vec<_> = uris.map(str::to_owned).collect();
    let redirect_uris = Some(uris).filter(|uris| !uris.is_empty());
    let client =
        Client { client_name: Some(client_name), redirect_uris, jwks_uri: posted.text("jwks_uri"), ..begins };
    let body = api::document(&Answer::from(client.clone()));
    let made = match visit.about(service).client_create(client).await.map_err(Problem::from) {
        Ok(made) => made,
        Err(Problem::Refused { status: 400, message, .. }) => {
            return form(&visit, service, &chosen, Some((&posted, StatusCode::BAD_REQUEST, message))).await;
        }
        Err(problem) => return Err(problem),
    };
    let members = body.as_object().cloned().unwrap_or_default();
    let command = format!(
        "placet client --service {service} create --template {chosen} {}",
        told::assignments(&members)
    );
    let call = Call::new(visit.api_url(), EndpointId::client_create).of(service).body(body);
    let told = Told::done("told.client_made")
        .about(title(&made))
        .by(call.ways(command, told::terraform("client", &members)));
    // Only a client that proves itself by a secret has a use for one.
    let is_secret = matches!(
        made.token_auth_method,
        Some(
            ClientAuthMethod::ClientSecretBasic
                | ClientAuthMethod::ClientSecretPost
                | ClientAuthMethod::ClientSecretJwt
        )
    );
    let secret = made
        .client_secret
        .clone()
        .filter(|_| is_secret && made.client_type == Some(ClientType::Confidential));
    visit.session.tell(match secret {
        Some(secret) => told.with_secret("client.secret", secret),
        None => told,
    });
    Ok(see(&format!("/services/{service}/clients/{}", made.client_id.unwrap_or_default())))
}
