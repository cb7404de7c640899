//! One method per row of the endpoint table: load the tenant, run the operation, render the outcome.

use std::borrow::Cow;
use std::sync::Arc;

use placet_api::types::*;
use placet_api::{
    Call, CallError, Caller, ClientPath, ClientSubjectPath, Document, Handlers, Json, KeySet, NoContent,
    Reason, Right, SubjectPath, Text, TokenPath,
};
use placet_base::OrganizationId;

use crate::Engine;
use crate::fault::Fault;
use crate::flow::evidence;
use crate::flow::refusal::Refusal;
use crate::ops::authorization;
use crate::ops::client::About;
use crate::ops::client_management::authorization::OfSubject;
use crate::ops::client_management::{self as clients, extension, granted_scopes};
use crate::ops::organization::token::{Shown, TokenRequest as ApiTokenRequest};
use crate::ops::token::admin;
use crate::ops::{
    backchannel, client, discovery, introspection, introspection_standard, jose, logout, organization,
    pushed, registration, revocation, service, token, userinfo,
};
use crate::run::{self, Broken};
use crate::tenant::Tenant;

/// An outcome that may carry something for the operator's log.
trait Reported {
    fn fault(&self) -> &Fault;
}

impl Reported for Fault {
    fn fault(&self) -> &Fault {
        self
    }
}

impl Reported for Refusal {
    fn fault(&self) -> &Fault {
        Refusal::fault(self)
    }
}

impl Reported for userinfo::Refused {
    fn fault(&self) -> &Fault {
        &self.fault
    }
}

type Op<R, T, E> = run::Op<Arc<Tenant>, R, T, E>;
type InstallationOp<R, T> = run::Op<(), R, T, CallError>;

impl Engine {
    async fn tenant_of(&self, call: &Call) -> Result<Arc<Tenant>, CallError> {
        self.tenant(call.service.ok_or_else(|| CallError::internal("a call without a service"))?).await
    }

    /// A protocol call: whatever the operation decides is an answer.
    async fn decide<R: Sync, T: Send, E: From<Broken> + Reported + Send, W>(
        &self,
        call: &Call,
        request: R,
        op: Op<R, T, E>,
        reply: fn(&Tenant, Result<T, E>) -> W,
    ) -> Result<Json<W>, CallError> {
        let tenant = self.tenant_of(call).await?;
        let outcome = self.run(&tenant, &request, op).await;
        if let Err(refusal) = &outcome {
            self.outside.report(call.request, refusal.fault());
        }
        Ok(Json(reply(&tenant, outcome)))
    }

    /// The nonce for the `DPoP-Nonce` header of an answer, where proofs must carry one.
    async fn nonce(&self, call: &Call, required: Option<bool>) -> Result<Option<String>, CallError> {
        Ok(evidence::nonce(&*self.tenant_of(call).await?, self.outside.now(), required))
    }

    /// A call about a client and a user.
    fn of_subject(call: &Call, client: String, right: Right, subject: Option<String>) -> About<OfSubject> {
        About::new(call, client, right, OfSubject { subject })
    }

    /// A management call: a refusal is an HTTP error.
    async fn manage<R: Sync, T: Send>(
        &self,
        call: &Call,
        request: R,
        op: Op<R, T, CallError>,
    ) -> Result<T, CallError> {
        let tenant = self.tenant_of(call).await?;
        self.run(&tenant, &request, op).await
    }

    async fn of_service_token(
        &self,
        call: &Call,
        request: ServiceTokenRequest,
    ) -> Result<ApiTokenRequest, CallError> {
        let service = request.service_id.ok_or_else(|| missing("serviceId"))?;
        let (caller, service) =
            organization::authority(self, call, request.organization_id, Some(service), Right::ModifyService)
                .await?;
        Ok(ApiTokenRequest::of_service(request, &caller, service))
    }

    async fn of_organization_token(
        &self,
        call: &Call,
        request: OrganizationTokenRequest,
    ) -> Result<ApiTokenRequest, CallError> {
        let organization = request.organization_id.ok_or_else(|| missing("organizationId"))?;
        let (caller, _) = organization::authority(self, call, Some(organization), None, Right::Admin).await?;
        Ok(ApiTokenRequest::of_organization(request, &caller))
    }

    async fn manage_tokens<T: Send>(
        &self,
        request: ApiTokenRequest,
        op: InstallationOp<ApiTokenRequest, T>,
    ) -> Result<T, CallError> {
        self.run(&(), &request, op).await
    }

    async fn create_service(
        &self,
        owner: OrganizationId,
        document: Service,
    ) -> Result<Json<Service>, CallError> {
        self.run(&(), &(owner, document), |cx, r| Box::pin(service::create(cx, r))).await.map(Json)
    }
}

fn missing(property: &str) -> CallError {
    Reason::PropertyMissing { property: property.to_owned() }.into()
}

fn caller(call: &Call) -> Result<Caller, CallError> {
    call.caller.ok_or_else(|| CallError::internal("a call without a caller"))
}

impl Handlers for Engine {
    async fn authorization(
        &self,
        call: &Call,
        (): (),
        request: AuthorizationRequest,
    ) -> Result<Json<AuthorizationResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(authorization::request::request(cx, r));
        self.decide(call, request, op, authorization::reply::request).await
    }

    async fn authorization_issue(
        &self,
        call: &Call,
        (): (),
        request: AuthorizationIssueRequest,
    ) -> Result<Json<AuthorizationIssueResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(authorization::issue::issue(cx, r));
        self.decide(call, request, op, authorization::reply::issue).await
    }

    async fn authorization_fail(
        &self,
        call: &Call,
        (): (),
        request: AuthorizationFailRequest,
    ) -> Result<Json<AuthorizationFailResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(authorization::fail::fail(cx, r));
        self.decide(call, request, op, authorization::reply::fail).await
    }

    async fn authorization_ticket_info(
        &self,
        call: &Call,
        (): (),
        request: AuthorizationTicketInfoRequest,
    ) -> Result<Json<AuthorizationTicketInfoResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(authorization::ticket::info(cx, r));
        self.decide(call, request, op, authorization::reply::ticket_info).await
    }

    async fn authorization_ticket_update(
        &self,
        call: &Call,
        (): (),
        request: AuthorizationTicketUpdateRequest,
    ) -> Result<Json<AuthorizationTicketUpdateResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(authorization::ticket::update(cx, r));
        self.decide(call, request, op, authorization::reply::ticket_update).await
    }

    async fn token(
        &self,
        call: &Call,
        (): (),
        request: TokenRequest,
    ) -> Result<Json<TokenResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(token::request::request(cx, r));
        let required = request.dpop_nonce_required;
        let mut answer = self.decide(call, request, op, token::reply::request).await?;
        answer.0.dpop_nonce = self.nonce(call, required).await?;
        Ok(answer)
    }

    async fn token_issue(
        &self,
        call: &Call,
        (): (),
        request: TokenIssueRequest,
    ) -> Result<Json<TokenIssueResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(token::issue::issue(cx, r));
        self.decide(call, request, op, token::reply::issue).await
    }

    async fn token_fail(
        &self,
        call: &Call,
        (): (),
        request: TokenFailRequest,
    ) -> Result<Json<TokenFailResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(token::fail::fail(cx, r));
        self.decide(call, request, op, token::reply::fail).await
    }

    async fn introspection(
        &self,
        call: &Call,
        (): (),
        request: IntrospectionRequest,
    ) -> Result<Json<IntrospectionResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(introspection::introspect(cx, r));
        let required = request.dpop_nonce_required;
        let mut answer = self.decide(call, request, op, introspection::reply).await?;
        answer.0.dpop_nonce = self.nonce(call, required).await?;
        Ok(answer)
    }

    async fn introspection_standard(
        &self,
        call: &Call,
        (): (),
        request: StandardIntrospectionRequest,
    ) -> Result<Json<StandardIntrospectionResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(introspection_standard::introspect(cx, r));
        self.decide(call, request, op, introspection_standard::reply).await
    }

    async fn revocation(
        &self,
        call: &Call,
        (): (),
        request: RevocationRequest,
    ) -> Result<Json<RevocationResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(revocation::revoke(cx, r));
        self.decide(call, request, op, revocation::reply).await
    }

    async fn userinfo(
        &self,
        call: &Call,
        (): (),
        request: UserinfoRequest,
    ) -> Result<Json<UserinfoResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(userinfo::request::request(cx, r));
        let required = request.dpop_nonce_required;
        let mut answer = self.decide(call, request, op, userinfo::request::reply).await?;
        answer.0.dpop_nonce = self.nonce(call, required).await?;
        Ok(answer)
    }

    async fn userinfo_issue(
        &self,
        call: &Call,
        (): (),
        request: UserinfoIssueRequest,
    ) -> Result<Json<UserinfoIssueResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(userinfo::issue::issue(cx, r));
        self.decide(call, request, op, userinfo::issue::reply).await
    }

    async fn service_configuration(
        &self,
        call: &Call,
        (): (),
        request: ServiceConfigurationRequest,
    ) -> Result<Document, CallError> {
        discovery::configuration(&*self.tenant_of(call).await?, &request)
    }

    async fn service_configuration_post(
        &self,
        call: &Call,
        (): (),
        request: ServiceConfigurationRequest,
    ) -> Result<Document, CallError> {
        discovery::configuration(&*self.tenant_of(call).await?, &request)
    }

    async fn service_jwks_get(&self, call: &Call, (): (), request: JwksQuery) -> Result<KeySet, CallError> {
        Ok(KeySet(discovery::jwks(&*self.tenant_of(call).await?, &request)))
    }

    async fn service_create(
        &self,
        call: &Call,
        (): (),
        request: Service,
    ) -> Result<Json<Service>, CallError> {
        let (caller, _) = organization::authority(self, call, None, None, Right::CreateService).await?;
        self.create_service(caller.organization, request).await
    }

    async fn service_get_list(
        &self,
        call: &Call,
        (): (),
        request: ListQuery,
    ) -> Result<Json<ServiceGetListResponse>, CallError> {
        service::list(self, call, &request).await.map(Json)
    }

    async fn service_get(&self, call: &Call, (): (), _: Nothing) -> Result<Json<Service>, CallError> {
        Ok(Json(service::get(&*self.tenant_of(call).await?, &caller(call)?)))
    }

    async fn service_update(
        &self,
        call: &Call,
        (): (),
        request: Service,
    ) -> Result<Json<Service>, CallError> {
        self.manage(call, request, |cx, r| Box::pin(service::update(cx, r))).await.map(Json)
    }

    async fn service_delete(&self, call: &Call, (): (), _: Nothing) -> Result<NoContent, CallError> {
        self.manage(call, (), |cx, r| Box::pin(service::delete(cx, r))).await.map(|()| NoContent)
    }

    async fn client_create(&self, call: &Call, (): (), request: Client) -> Result<Json<Client>, CallError> {
        self.manage(call, request, |cx, r| Box::pin(client::create(cx, r))).await.map(Json)
    }

    async fn client_get_list(
        &self,
        call: &Call,
        (): (),
        request: ListQuery,
    ) -> Result<Json<ClientGetListResponse>, CallError> {
        let request = (request, caller(call)?.client);
        self.manage(call, request, |cx, r| Box::pin(client::list(cx, r))).await.map(Json)
    }

    async fn client_get(
        &self,
        call: &Call,
        target: ClientPath,
        _: Nothing,
    ) -> Result<Json<Client>, CallError> {
        let about = About::new(call, target.0, Right::ViewClient, ());
        self.manage(call, about, |cx, r| Box::pin(client::get(cx, r))).await.map(Json)
    }

    async fn client_update(
        &self,
        call: &Call,
        target: ClientPath,
        request: Client,
    ) -> Result<Json<Client>, CallError> {
        let about = About::new(call, target.0, Right::ModifyClient, request);
        self.manage(call, about, |cx, r| Box::pin(client::update(cx, r))).await.map(Json)
    }

    async fn client_delete(
        &self,
        call: &Call,
        target: ClientPath,
        _: Nothing,
    ) -> Result<NoContent, CallError> {
        let about = About::new(call, target.0, Right::ModifyClient, ());
        self.manage(call, about, |cx, r| Box::pin(client::delete(cx, r))).await.map(|()| NoContent)
    }

    async fn organization_service_create(
        &self,
        call: &Call,
        (): (),
        request: CreateServiceRequest,
    ) -> Result<Json<Service>, CallError> {
        let organization = request.organization_id.ok_or_else(|| missing("organizationId"))?;
        let (caller, _) =
            organization::authority(self, call, Some(organization), None, Right::CreateService).await?;
        self.create_service(caller.organization, *request.service.unwrap_or_default()).await
    }

    async fn organization_service_remove(
        &self,
        call: &Call,
        (): (),
        request: DeleteServiceRequest,
    ) -> Result<NoContent, CallError> {
        let id = request.service_id.ok_or_else(|| missing("serviceId"))?;
        let (_, service) =
            organization::authority(self, call, request.organization_id, Some(id), Right::DeleteService)
                .await?;
        let call = Call { service, ..*call };
        self.manage(&call, (), |cx, r| Box::pin(service::delete(cx, r))).await.map(|()| NoContent)
    }

    async fn servicetoken_create(
        &self,
        call: &Call,
        (): (),
        request: ServiceTokenRequest,
    ) -> Result<Json<ServiceTokenResponse>, CallError> {
        let request = self.of_service_token(call, request).await?;
        let op: InstallationOp<_, Shown> = |cx, r| Box::pin(organization::token::create(cx, r));
        Ok(Json(self.manage_tokens(request, op).await?.into()))
    }

    async fn servicetoken_all(
        &self,
        call: &Call,
        (): (),
        request: ServiceTokenRequest,
    ) -> Result<Json<Vec<ServiceTokenResponse>>, CallError> {
        let request = self.of_service_token(call, request).await?;
        let op: InstallationOp<_, Vec<Shown>> = |cx, r| Box::pin(organization::token::all(cx, r));
        Ok(Json(self.manage_tokens(request, op).await?.into_iter().map(Into::into).collect()))
    }

    async fn servicetoken_update(
        &self,
        call: &Call,
        (): (),
        request: ServiceTokenRequest,
    ) -> Result<Json<ServiceTokenResponse>, CallError> {
        let request = self.of_service_token(call, request).await?;
        let op: InstallationOp<_, Shown> = |cx, r| Box::pin(organization::token::update(cx, r));
        Ok(Json(self.manage_tokens(request, op).await?.into()))
    }

    async fn servicetoken_rotate(
        &self,
        call: &Call,
        (): (),
        request: ServiceTokenRequest,
    ) -> Result<Json<ServiceTokenResponse>, CallError> {
        let request = self.of_service_token(call, request).await?;
        let op: InstallationOp<_, Shown> = |cx, r| Box::pin(organization::token::rotate(cx, r));
        Ok(Json(self.manage_tokens(request, op).await?.into()))
    }

    async fn servicetoken_revoke(
        &self,
        call: &Call,
        (): (),
        request: ServiceTokenRequest,
    ) -> Result<NoContent, CallError> {
        let request = self.of_service_token(call, request).await?;
        let op: InstallationOp<_, ()> = |cx, r| Box::pin(organization::token::revoke(cx, r));
        self.manage_tokens(request, op).await.map(|()| NoContent)
    }

    async fn organizationtoken_create(
        &self,
        call: &Call,
        (): (),
        request: OrganizationTokenRequest,
    ) -> Result<Json<OrganizationTokenResponse>, CallError> {
        let request = self.of_organization_token(call, request).await?;
        let op: InstallationOp<_, Shown> = |cx, r| Box::pin(organization::token::create(cx, r));
        Ok(Json(self.manage_tokens(request, op).await?.into()))
    }

    async fn organizationtoken_all(
        &self,
        call: &Call,
        (): (),
        request: OrganizationTokenRequest,
    ) -> Result<Json<Vec<OrganizationTokenResponse>>, CallError> {
        let request = self.of_organization_token(call, request).await?;
        let op: InstallationOp<_, Vec<Shown>> = |cx, r| Box::pin(organization::token::all(cx, r));
        Ok(Json(self.manage_tokens(request, op).await?.into_iter().map(Into::into).collect()))
    }

    async fn organizationtoken_update(
        &self,
        call: &Call,
        (): (),
        request: OrganizationTokenRequest,
    ) -> Result<Json<OrganizationTokenResponse>, CallError> {
        let request = self.of_organization_token(call, request).await?;
        let op: InstallationOp<_, Shown> = |cx, r| Box::pin(organization::token::update(cx, r));
        Ok(Json(self.manage_tokens(request, op).await?.into()))
    }

    async fn organizationtoken_rotate(
        &self,
        call: &Call,
        (): (),
        request: OrganizationTokenRequest,
    ) -> Result<Json<OrganizationTokenResponse>, CallError> {
        let request = self.of_organization_token(call, request).await?;
        let op: InstallationOp<_, Shown> = |cx, r| Box::pin(organization::token::rotate(cx, r));
        Ok(Json(self.manage_tokens(request, op).await?.into()))
    }

    async fn organizationtoken_revoke(
        &self,
        call: &Call,
        (): (),
        request: OrganizationTokenRequest,
    ) -> Result<NoContent, CallError> {
        let request = self.of_organization_token(call, request).await?;
        let op: InstallationOp<_, ()> = |cx, r| Box::pin(organization::token::revoke(cx, r));
        self.manage_tokens(request, op).await.map(|()| NoContent)
    }

    async fn pushed_auth_req(
        &self,
        call: &Call,
        (): (),
        request: PushedAuthorizationRequest,
    ) -> Result<Json<PushedAuthorizationResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(pushed::push(cx, r));
        let required = request.dpop_nonce_required;
        let mut answer = self.decide(call, request, op, pushed::reply).await?;
        answer.0.dpop_nonce = self.nonce(call, required).await?;
        Ok(answer)
    }

    async fn idtoken_reissue(
        &self,
        call: &Call,
        (): (),
        request: IdtokenReissueRequest,
    ) -> Result<Json<IdtokenReissueResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(token::reissue::reissue(cx, r));
        self.decide(call, request, op, token::reissue::reply).await
    }

    async fn backchannel_authentication(
        &self,
        call: &Call,
        (): (),
        request: BackchannelAuthenticationRequest,
    ) -> Result<Json<BackchannelAuthenticationResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(backchannel::request::request(cx, r));
        self.decide(call, request, op, backchannel::reply::request).await
    }

    async fn backchannel_authentication_issue(
        &self,
        call: &Call,
        (): (),
        request: BackchannelAuthenticationIssueRequest,
    ) -> Result<Json<BackchannelAuthenticationIssueResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(backchannel::issue::issue(cx, r));
        self.decide(call, request, op, backchannel::reply::issue).await
    }

    async fn backchannel_authentication_fail(
        &self,
        call: &Call,
        (): (),
        request: BackchannelAuthenticationFailRequest,
    ) -> Result<Json<BackchannelAuthenticationFailResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(backchannel::fail::fail(cx, r));
        self.decide(call, request, op, backchannel::reply::fail).await
    }

    async fn backchannel_authentication_complete(
        &self,
        call: &Call,
        (): (),
        request: BackchannelAuthenticationCompleteRequest,
    ) -> Result<Json<BackchannelAuthenticationCompleteResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(backchannel::complete::complete(cx, r));
        self.decide(call, request, op, backchannel::reply::complete).await
    }

    async fn token_create(
        &self,
        call: &Call,
        (): (),
        request: TokenCreateRequest,
    ) -> Result<Json<TokenCreateResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(admin::create::create(cx, r));
        self.decide(call, request, op, admin::create::reply).await
    }

    async fn token_update(
        &self,
        call: &Call,
        (): (),
        request: TokenUpdateRequest,
    ) -> Result<Json<TokenUpdateResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(admin::update::update(cx, r));
        self.decide(call, request, op, admin::update::reply).await
    }

    async fn token_delete(&self, call: &Call, target: TokenPath, _: Nothing) -> Result<NoContent, CallError> {
        let about = target.0;
        self.manage(call, about, |cx, r| Box::pin(admin::delete::delete(cx, r))).await.map(|()| NoContent)
    }

    async fn token_revoke(
        &self,
        call: &Call,
        (): (),
        request: TokenRevokeRequest,
    ) -> Result<Json<TokenRevokeResponse>, CallError> {
        let about = request;
        self.manage(call, about, |cx, r| Box::pin(admin::revoke::revoke(cx, r))).await.map(Json)
    }

    async fn token_get_list(
        &self,
        call: &Call,
        (): (),
        request: TokenListQuery,
    ) -> Result<Json<TokenGetListResponse>, CallError> {
        let about = request;
        self.manage(call, about, |cx, r| Box::pin(admin::list::list(cx, r))).await.map(Json)
    }

    async fn client_lock_flag_update(
        &self,
        call: &Call,
        target: ClientPath,
        request: ClientFlagUpdateRequest,
    ) -> Result<Json<ClientFlagUpdateResponse>, CallError> {
        let about = About::new(call, target.0, Right::ModifyClient, request);
        self.manage(call, about, |cx, r| Box::pin(clients::lock(cx, r))).await.map(Json)
    }

    async fn client_secret_refresh(
        &self,
        call: &Call,
        target: ClientPath,
        _: Nothing,
    ) -> Result<Json<ClientSecretRefreshResponse>, CallError> {
        let about = About::new(call, target.0, Right::ModifyClient, ());
        self.manage(call, about, |cx, r| Box::pin(clients::refresh_secret(cx, r))).await.map(Json)
    }

    async fn client_secret_update(
        &self,
        call: &Call,
        target: ClientPath,
        request: ClientSecretUpdateRequest,
    ) -> Result<Json<ClientSecretUpdateResponse>, CallError> {
        let about = About::new(call, target.0, Right::ModifyClient, request);
        self.manage(call, about, |cx, r| Box::pin(clients::update_secret(cx, r))).await.map(Json)
    }

    async fn client_authorization_get_list(
        &self,
        call: &Call,
        (): (),
        request: ClientAuthorizationGetListRequest,
    ) -> Result<Json<ClientAuthorizationGetListResponse>, CallError> {
        let about = request;
        self.manage(call, about, |cx, r| Box::pin(clients::authorization::list(cx, r))).await.map(Json)
    }

    async fn client_authorization_get_list_post(
        &self,
        call: &Call,
        (): (),
        request: ClientAuthorizationGetListRequest,
    ) -> Result<Json<ClientAuthorizationGetListResponse>, CallError> {
        let about = request;
        self.manage(call, about, |cx, r| Box::pin(clients::authorization::list(cx, r))).await.map(Json)
    }

    async fn client_authorization_get_list_by_subject(
        &self,
        call: &Call,
        target: SubjectPath,
        request: ClientAuthorizationGetListRequest,
    ) -> Result<Json<ClientAuthorizationGetListResponse>, CallError> {
        let about = ClientAuthorizationGetListRequest { subject: Some(target.0), ..request };
        self.manage(call, about, |cx, r| Box::pin(clients::authorization::list(cx, r))).await.map(Json)
    }

    async fn client_authorization_update(
        &self,
        call: &Call,
        target: ClientPath,
        request: ClientAuthorizationUpdateRequest,
    ) -> Result<Json<ClientAuthorizationUpdateResponse>, CallError> {
        let about = About::new(call, target.0, Right::ModifyClient, request);
        self.manage(call, about, |cx, r| Box::pin(clients::authorization::update(cx, r))).await.map(Json)
    }

    async fn client_authorization_delete(
        &self,
        call: &Call,
        target: ClientPath,
        request: SubjectRequest,
    ) -> Result<Json<ClientAuthorizationDeleteResponse>, CallError> {
        let about = Self::of_subject(call, target.0, Right::ModifyClient, request.subject);
        self.manage(call, about, |cx, r| Box::pin(clients::authorization::delete(cx, r))).await.map(Json)
    }

    async fn client_authorization_delete_post(
        &self,
        call: &Call,
        target: ClientPath,
        request: SubjectRequest,
    ) -> Result<Json<ClientAuthorizationDeleteResponse>, CallError> {
        let about = Self::of_subject(call, target.0, Right::ModifyClient, request.subject);
        self.manage(call, about, |cx, r| Box::pin(clients::authorization::delete(cx, r))).await.map(Json)
    }

    async fn client_authorization_delete_by_subject(
        &self,
        call: &Call,
        target: ClientSubjectPath,
        _: Nothing,
    ) -> Result<Json<ClientAuthorizationDeleteResponse>, CallError> {
        let about = Self::of_subject(call, target.client, Right::ModifyClient, Some(target.subject));
        self.manage(call, about, |cx, r| Box::pin(clients::authorization::delete(cx, r))).await.map(Json)
    }

    async fn client_granted_scopes_get(
        &self,
        call: &Call,
        target: ClientPath,
        request: SubjectRequest,
    ) -> Result<Json<ClientAuthorizationDeleteResponse>, CallError> {
        let about = Self::of_subject(call, target.0, Right::ViewClient, request.subject);
        self.manage(call, about, |cx, r| Box::pin(granted_scopes::get(cx, r))).await.map(Json)
    }

    async fn client_granted_scopes_get_post(
        &self,
        call: &Call,
        target: ClientPath,
        request: SubjectRequest,
    ) -> Result<Json<ClientAuthorizationDeleteResponse>, CallError> {
        let about = Self::of_subject(call, target.0, Right::ViewClient, request.subject);
        self.manage(call, about, |cx, r| Box::pin(granted_scopes::get(cx, r))).await.map(Json)
    }

    async fn client_granted_scopes_get_by_subject(
        &self,
        call: &Call,
        target: ClientSubjectPath,
        _: Nothing,
    ) -> Result<Json<ClientAuthorizationDeleteResponse>, CallError> {
        let about = Self::of_subject(call, target.client, Right::ViewClient, Some(target.subject));
        self.manage(call, about, |cx, r| Box::pin(granted_scopes::get(cx, r))).await.map(Json)
    }

    async fn client_granted_scopes_delete(
        &self,
        call: &Call,
        target: ClientPath,
        request: SubjectRequest,
    ) -> Result<Json<ClientGrantedScopesDeleteResponse>, CallError> {
        let about = Self::of_subject(call, target.0, Right::ModifyClient, request.subject);
        self.manage(call, about, |cx, r| Box::pin(granted_scopes::delete(cx, r))).await.map(Json)
    }

    async fn client_granted_scopes_delete_post(
        &self,
        call: &Call,
        target: ClientPath,
        request: SubjectRequest,
    ) -> Result<Json<ClientGrantedScopesDeleteResponse>, CallError> {
        let about = Self::of_subject(call, target.0, Right::ModifyClient, request.subject);
        self.manage(call, about, |cx, r| Box::pin(granted_scopes::delete(cx, r))).await.map(Json)
    }

    async fn client_granted_scopes_delete_by_subject(
        &self,
        call: &Call,
        target: ClientSubjectPath,
        _: Nothing,
    ) -> Result<Json<ClientGrantedScopesDeleteResponse>, CallError> {
        let about = Self::of_subject(call, target.client, Right::ModifyClient, Some(target.subject));
        self.manage(call, about, |cx, r| Box::pin(granted_scopes::delete(cx, r))).await.map(Json)
    }

    async fn client_requestable_scopes_get(
        &self,
        call: &Call,
        target: ClientPath,
        _: Nothing,
    ) -> Result<Json<ClientExtensionRequestableScopesGetResponse>, CallError> {
        let about = About::new(call, target.0, Right::ViewClient, ());
        self.manage(call, about, |cx, r| Box::pin(extension::get(cx, r))).await.map(Json)
    }

    async fn client_requestable_scopes_update(
        &self,
        call: &Call,
        target: ClientPath,
        request: ClientExtensionRequestableScopesUpdateRequest,
    ) -> Result<Json<ClientExtensionRequestableScopesUpdateResponse>, CallError> {
        let about = About::new(call, target.0, Right::ModifyClient, request);
        self.manage(call, about, |cx, r| Box::pin(extension::update(cx, r))).await.map(Json)
    }

    async fn client_requestable_scopes_update_put(
        &self,
        call: &Call,
        target: ClientPath,
        request: ClientExtensionRequestableScopesUpdateRequest,
    ) -> Result<Json<ClientExtensionRequestableScopesUpdateResponse>, CallError> {
        let about = About::new(call, target.0, Right::ModifyClient, request);
        self.manage(call, about, |cx, r| Box::pin(extension::update(cx, r))).await.map(Json)
    }

    async fn client_requestable_scopes_delete(
        &self,
        call: &Call,
        target: ClientPath,
        _: Nothing,
    ) -> Result<NoContent, CallError> {
        let about = About::new(call, target.0, Right::ModifyClient, ());
        self.manage(call, about, |cx, r| Box::pin(extension::delete(cx, r))).await.map(|()| NoContent)
    }

    async fn client_registration(
        &self,
        call: &Call,
        (): (),
        request: ClientRegistrationRequest,
    ) -> Result<Json<ClientRegistrationResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(registration::create(cx, r));
        self.decide(call, request, op, registration::reply).await
    }

    async fn client_registration_get(
        &self,
        call: &Call,
        (): (),
        request: ClientRegistrationRequest,
    ) -> Result<Json<ClientRegistrationResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(registration::get(cx, r));
        self.decide(call, request, op, registration::reply).await
    }

    async fn client_registration_update(
        &self,
        call: &Call,
        (): (),
        request: ClientRegistrationRequest,
    ) -> Result<Json<ClientRegistrationResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(registration::update(cx, r));
        self.decide(call, request, op, registration::reply).await
    }

    async fn client_registration_delete(
        &self,
        call: &Call,
        (): (),
        request: ClientRegistrationRequest,
    ) -> Result<Json<ClientRegistrationResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(registration::delete(cx, r));
        self.decide(call, request, op, registration::reply).await
    }

    async fn backchannel_logout_token(
        &self,
        call: &Call,
        (): (),
        request: BackchannelLogoutTokenRequest,
    ) -> Result<Json<BackchannelLogoutTokenResponse>, CallError> {
        let op: Op<_, _, _> = |cx, r| Box::pin(logout::token(cx, r));
        self.decide(call, request, op, logout::reply).await
    }

    async fn jose_verify(
        &self,
        call: &Call,
        (): (),
        request: JoseVerifyRequest,
    ) -> Result<Json<JoseVerifyResponse>, CallError> {
        let about = request;
        self.manage(call, about, |cx, r| Box::pin(jose::verify(cx, r))).await.map(Json)
    }

    async fn lifecycle_healthcheck(&self, _: &Call, (): (), request: HealthQuery) -> Result<Text, CallError> {
        if request.extended == Some(true) {
            self.health().await?;
        }
        Ok(Text(Cow::Borrowed("OK")))
    }
}
