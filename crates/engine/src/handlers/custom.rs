//! Calls that are like no other.

use std::borrow::Cow;

use placet_api::types::{
    ApiTokenGetResponse, AuditGetListResponse, AuditListQuery, ClientGetListResponse, CreateServiceRequest,
    DeleteServiceRequest, Echo, HealthQuery, HskCreateRequest, HskCreateResponse, InfoResponse, JwksQuery,
    ListQuery, MergePatch, NoRequest, Service, ServiceConfigurationRequest, ServiceGetListResponse,
};
use placet_api::{Call, CallError, Caller, Document, Json, KeySet, NoContent, Text, Versioned};

use super::kinds::{missing, reach};
use crate::Engine;
use crate::ops::organization::token as api_token;
use crate::ops::service::{Deletion, ServiceRequest};
use crate::ops::{audit, client, discovery, hsk, service};

pub(super) async fn configuration(
    engine: &Engine,
    call: &Call,
    request: ServiceConfigurationRequest,
) -> Result<Document, CallError> {
    discovery::configuration(&*engine.tenant_of(call).await?, &request)
}

pub(super) async fn jwks(engine: &Engine, call: &Call, request: JwksQuery) -> Result<KeySet, CallError> {
    Ok(KeySet(discovery::jwks(&*engine.tenant_of(call).await?, &request)))
}

pub(super) async fn create_service(
    engine: &Engine,
    call: &Call,
    document: Service,
) -> Result<Versioned<Service>, CallError> {
    let owner = engine.reach(call, None, None).await?.caller().organization;
    engine.install(call, (owner, document), |cx, r| Box::pin(service::create(cx, r))).await
}

pub(super) async fn update_service(
    engine: &Engine,
    call: &Call,
    body: Service,
) -> Result<Versioned<Service>, CallError> {
    let request = ServiceRequest { body, expected: call.expected };
    engine.manage(call, request, |cx, r| Box::pin(service::update(cx, r))).await
}

pub(super) async fn patch_service(
    engine: &Engine,
    call: &Call,
    body: MergePatch,
) -> Result<Versioned<Service>, CallError> {
    let request = ServiceRequest { body, expected: call.expected };
    engine.manage(call, request, |cx, r| Box::pin(service::patch(cx, r))).await
}

pub(super) async fn create_service_of(
    engine: &Engine,
    call: &Call,
    request: CreateServiceRequest,
) -> Result<Json<Service>, CallError> {
    let organization = request.organization_id.ok_or_else(|| missing("organizationId"))?;
    let owner = engine.reach(call, Some(organization), None).await?.caller().organization;
    let document = *request.service.unwrap_or_default();
    let made = engine.install(call, (owner, document), |cx, r| Box::pin(service::create(cx, r))).await?;
    Ok(Json(made.body))
}

pub(super) async fn remove_service(
    engine: &Engine,
    call: &Call,
    request: DeleteServiceRequest,
) -> Result<NoContent, CallError> {
    let id = request.service_id.ok_or_else(|| missing("serviceId"))?;
    let reach = engine.reach(call, request.organization_id, Some(id)).await?;
    let call = Call { service: reach.service(), ..*call };
    delete_service(engine, &call, NoRequest {}).await
}

/// In as many commits as it takes.
pub(super) async fn delete_service(
    engine: &Engine,
    call: &Call,
    _: NoRequest,
) -> Result<NoContent, CallError> {
    loop {
        let request = ServiceRequest { body: NoRequest {}, expected: call.expected };
        let deletion = engine.manage(call, request, |cx, r| Box::pin(service::delete(cx, r))).await?;
        match deletion {
            Deletion::Begun => {}
            Deletion::Done => return Ok(NoContent),
        }
    }
}

pub(super) async fn list_services(
    engine: &Engine,
    call: &Call,
    request: ListQuery,
) -> Result<Json<ServiceGetListResponse>, CallError> {
    let reach = engine.reach(call, None, None).await?;
    service::list(engine, &reach, &request).await.map(Json)
}

pub(super) async fn list_audit(
    engine: &Engine,
    call: &Call,
    request: AuditListQuery,
) -> Result<Json<AuditGetListResponse>, CallError> {
    let reach = engine.reach(call, None, None).await?;
    audit::list(engine, &reach, &request).await.map(Json)
}

/// Who calls, where that is what the call is about.
fn caller(call: &Call) -> Result<Caller, CallError> {
    call.caller.ok_or_else(|| CallError::internal("a call without a caller"))
}

pub(super) async fn own_token(
    engine: &Engine,
    call: &Call,
    _: NoRequest,
) -> Result<Json<ApiTokenGetResponse>, CallError> {
    engine.install(call, caller(call)?, |cx, r| Box::pin(api_token::own(cx, r))).await.map(Json)
}

pub(super) async fn end_own_token(
    engine: &Engine,
    call: &Call,
    _: NoRequest,
) -> Result<NoContent, CallError> {
    engine.install(call, caller(call)?, |cx, r| Box::pin(api_token::end_own(cx, r))).await
}

pub(super) async fn get_service(
    engine: &Engine,
    call: &Call,
    _: NoRequest,
) -> Result<Versioned<Service>, CallError> {
    let tenant = engine.tenant_of(call).await?;
    Ok(Versioned { body: service::get(&tenant, &reach(call)?), version: tenant.version })
}

pub(super) async fn list_clients(
    engine: &Engine,
    call: &Call,
    request: ListQuery,
) -> Result<Json<ClientGetListResponse>, CallError> {
    let request = (request, reach(call)?.caller().client);
    engine.manage(call, request, |cx, r| Box::pin(client::list(cx, r))).await.map(Json)
}

/// The key is made once, before what may run again; one that the service does not get is destroyed.
pub(super) async fn create_hsk(
    engine: &Engine,
    call: &Call,
    request: HskCreateRequest,
) -> Result<Json<HskCreateResponse>, CallError> {
    let tenant = engine.tenant_of(call).await?;
    let made = match hsk::make(engine, &tenant, &request).await {
        Ok(made) => made,
        Err(fault) => {
            engine.outside.report(call.request, &fault);
            return if fault.is_passing() {
                Err(fault.into())
            } else {
                Ok(Json(hsk::create_reply(Err(fault))))
            };
        }
    };
    let kept = engine.decided((call, &tenant), &made, |cx, made| Box::pin(hsk::keep(cx, made))).await;
    if !matches!(kept, Ok(Ok(_))) {
        // Whether the module can do that does not matter to the caller; the log of the module's own will say.
        let _ = engine.outside.hsms().destroy(&made.hsm, made.id).await;
    }
    Ok(Json(hsk::create_reply(kept?)))
}

/// Features by the names that published clients look for.
const FEATURES: [&str; 10] =
    ["ciba", "dcr", "deviceflow", "fapi", "gm", "hsm", "oidc_federation", "openbanking", "tc", "vci"];

pub(super) async fn info(_: &Engine, _: &Call, _: NoRequest) -> Result<Json<InfoResponse>, CallError> {
    Ok(Json(InfoResponse {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        features: FEATURES.map(str::to_owned).to_vec(),
        ..InfoResponse::default()
    }))
}

pub(super) async fn echo(_: &Engine, _: &Call, request: Echo) -> Result<Json<Echo>, CallError> {
    Ok(Json(request))
}

pub(super) async fn healthcheck(engine: &Engine, _: &Call, request: HealthQuery) -> Result<Text, CallError> {
    if request.extended == Some(true) {
        engine.health().await?;
    }
    Ok(Text(Cow::Borrowed("OK")))
}
