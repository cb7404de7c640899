//! Services: listed, made, copied, deleted.

use axum::extract::Path;
use http::StatusCode;
use minijinja::context;
use placet_api::endpoints::{EndpointId, endpoint};
use placet_base::registry::{ClientAuthMethod, GrantType, JwsAlg, ResponseType};
use placet_sdk::types::{NoRequest, Service};
use placet_sdk::{Answer, ServiceId};
use serde_json::Value;

use super::{Shown, name, place, see};
use crate::api;
use crate::keys;
use crate::posted::Posted;
use crate::problem::Problem;
use crate::told::{self, Call, Told};
use crate::visit::Visit;

pub(super) async fn get(visit: Visit) -> Shown {
    list(&visit, None).await
}

async fn list(visit: &Visit, typed: Option<(&Posted, &'static str)>) -> Shown {
    let (services, total) = api::services(&visit.api()).await?;
    let rows: Vec<_> = services
        .iter()
        .map(|service| {
            let modes: Vec<_> = service.fapi_modes.iter().flatten().map(|mode| mode.api_name()).collect();
            let id = service.api_key.unwrap_or_default().to_string();
            let clients = counted(service);
            context! { id, name => name(service), issuer => &service.issuer, modes, clients }
        })
        .collect();
    let wrong = typed.map(|(_, why)| why);
    let field = |name: &str| typed.and_then(|(posted, _)| posted.get(name)).unwrap_or_default().to_owned();
    let (typed_name, issuer) = (field("name"), field("issuer"));
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(visit.show_as(status, "services.html", context! { rows, total, wrong, typed_name, issuer }))
}

/// How many clients the server says that there are.
fn counted(service: &Service) -> Option<String> {
    let counted = service.metadata.iter().flatten().find(|pair| pair.key.as_deref() == Some("clientCount"));
    counted.and_then(|pair| pair.value.clone())
}

/// What a new service has: what OAuth 2.1 asks for, and keys.
fn fresh(name: String, issuer: Option<String>) -> Result<Service, Problem> {
    let methods = vec![
        ClientAuthMethod::None,
        ClientAuthMethod::ClientSecretBasic,
        ClientAuthMethod::ClientSecretPost,
        ClientAuthMethod::PrivateKeyJwt,
    ];
    Ok(Service {
        service_name: Some(name),
        issuer,
        supported_grant_types: Some(vec![GrantType::AuthorizationCode, GrantType::RefreshToken]),
        supported_response_types: Some(vec![ResponseType::Code]),
        supported_token_auth_methods: Some(methods),
        pkce_required: Some(true),
        pkce_s256_required: Some(true),
        jwks: Some(fresh_keys()?),
        ..Service::default()
    })
}

fn fresh_keys() -> Result<String, Problem> {
    let all: Option<Vec<Value>> =
        [JwsAlg::Es256, JwsAlg::Rs256].into_iter().map(placet_jose::generate).collect();
    Ok(keys::text(&all.ok_or(Problem::Wrong("wrong.key"))?))
}

pub(super) async fn post(visit: Visit, posted: Posted) -> Shown {
    let Some(name) = posted.text("name") else { return list(&visit, Some((&posted, "wrong.name"))).await };
    made(&visit, fresh(name, posted.text("issuer"))?).await
}

/// Makes the service, and goes to its page.
async fn made(visit: &Visit, service: Service) -> Shown {
    let body = api::document(&Answer::from(service.clone()));
    let made = visit.api().service_create(service).await?;
    let members = body.as_object().cloned().unwrap_or_default();
    let command = format!("placet service create {}", told::assignments(&members));
    let call = Call::new(visit.api_url(), EndpointId::service_create).body(body);
    let ways = call.ways(command, told::terraform("service", &members));
    visit.session.tell(Told::done("told.service_made").about(name(&made)).by(ways));
    Ok(see(&format!("/services/{}", made.api_key.unwrap_or_default())))
}

/// The settings of another service, with keys of its own: private keys of two services are two.
pub(super) async fn clone(visit: Visit, Path(service): Path<i64>, posted: Posted) -> Shown {
    let new_name = posted.text("name").ok_or(Problem::Wrong("wrong.name"))?;
    let former = visit.about(service).service_get().await?.body;
    let keys = former.jwks.is_some().then(fresh_keys).transpose()?;
    let copy = Service {
        service_name: Some(new_name),
        issuer: posted.text("issuer"),
        jwks: keys,
        number: None,
        api_key: None,
        api_secret: None,
        service_owner_number: None,
        metadata: None,
        created_at: None,
        modified_at: None,
        hsks: None,
        federation_jwks: None,
        credential_jwks: None,
        former_introspection_client_secret: None,
        former_introspection_endpoint: None,
        former_introspection_client_id: None,
        former_tokens_until: None,
        id_token_signature_key_id: None,
        access_token_signature_key_id: None,
        user_info_signature_key_id: None,
        authorization_signature_key_id: None,
        introspection_signature_key_id: None,
        resource_signature_key_id: None,
        ..former
    };
    made(&visit, copy).await
}

pub(super) async fn ask_delete(visit: Visit, Path(service): Path<i64>) -> Shown {
    let answer = visit.about(service).service_get().await?;
    let (version, clients) = (answer.version.clone(), counted(&answer));
    let page = context! { service => place(&answer), version, clients, name => name(&answer) };
    Ok(visit.show("delete_service.html", page))
}

pub(super) async fn delete(visit: Visit, Path(service): Path<i64>, posted: Posted) -> Shown {
    let api = visit.about(service);
    let known = api.service_get().await?;
    if posted.text("name").as_deref() != Some(name(&known).trim()) {
        return Err(Problem::Wrong("wrong.typed_name"));
    }
    let request = Answer { body: NoRequest {}, unknown: Default::default(), version: posted.version() };
    api.call::<endpoint::service_delete>((), request).await?;
    let id = ServiceId(service).to_string();
    let call = Call::new(visit.api_url(), EndpointId::service_delete).of(service);
    let ways = call.ways(format!("placet service --service {id} delete"), "terraform destroy".to_owned());
    visit.session.tell(Told::done("told.service_deleted").about(name(&known)).by(ways));
    Ok(see("/services"))
}
