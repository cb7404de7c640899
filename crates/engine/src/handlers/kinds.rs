//! The kinds of calls: load the tenant, run the operation, render the outcome.

use std::sync::Arc;

use placet_api::types::{
    BackchannelAuthenticationRequest, BackchannelAuthenticationResponse, ClientAuthorizationGetListRequest,
    DeviceAuthorizationRequest, DeviceAuthorizationResponse, GrantManagementRequest, GrantManagementResponse,
    IntrospectionRequest, IntrospectionResponse, MemberRequest, NoRequest, OrganizationTokenRequest,
    PushedAuthorizationRequest, PushedAuthorizationResponse, RevocationRequest, RevocationResponse,
    ServiceTokenRequest, StandardIntrospectionRequest, StandardIntrospectionResponse, SubjectRequest,
    TokenRequest, TokenResponse, UserinfoRequest, UserinfoResponse,
};
use placet_api::{
    Call, CallError, ClientPath, ClientSubjectPath, Json, KeyPath, NoContent, Reach, Reason, SubjectPath,
    TokenBatchPath, TokenPath,
};

use crate::Engine;
use crate::audit::Origin;
use crate::fault::Fault;
use crate::flow::client_documents::ClientRequest;
use crate::flow::refusal::Refusal;
use crate::flow::{credential_request, evidence};
use crate::ops::organization::member::OfMember;
use crate::ops::organization::token::{ApiTokenView, TokenRequest as ApiTokenRequest};
use crate::ops::{grant_management, userinfo};
use crate::run::{self, Broken};
use crate::tenant::Tenant;

/// An outcome that may carry something for the operator's log.
pub(super) trait Reported {
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

impl Reported for credential_request::Refused {
    fn fault(&self) -> &Fault {
        &self.fault
    }
}

impl Reported for grant_management::Refused {
    fn fault(&self) -> &Fault {
        &self.fault
    }
}

impl Reported for userinfo::Refused {
    fn fault(&self) -> &Fault {
        &self.fault
    }
}

type Op<R, T, E> = run::Op<Arc<Tenant>, R, T, E>;

impl Engine {
    pub(super) async fn tenant_of(&self, call: &Call) -> Result<Arc<Tenant>, CallError> {
        self.tenant(call.service.ok_or_else(|| CallError::internal("a call without a service"))?).await
    }

    pub(super) async fn decide<R: Sync, T: Send, E: From<Broken> + Reported + Send, W>(
        &self,
        call: &Call,
        request: R,
        op: Op<R, T, E>,
        reply: fn(&Tenant, Result<T, E>) -> W,
    ) -> Result<Json<W>, CallError> {
        let tenant = self.tenant_of(call).await?;
        let outcome = self.decided((call, &tenant), &request, op).await?;
        Ok(Json(reply(&tenant, outcome)))
    }

    pub(super) async fn judge<R: Sync, T: Send, E: From<Broken> + Reported + Send, W>(
        &self,
        call: &Call,
        request: R,
        op: Op<R, T, E>,
        reply: fn(&Tenant, Result<T, E>) -> Result<W, CallError>,
    ) -> Result<Json<W>, CallError> {
        let tenant = self.tenant_of(call).await?;
        let outcome = self.decided((call, &tenant), &request, op).await?;
        reply(&tenant, outcome).map(Json)
    }

    pub(super) async fn decided<R: Sync, T: Send, E: From<Broken> + Reported + Send>(
        &self,
        (call, tenant): (&Call, &Arc<Tenant>),
        request: &R,
        op: Op<R, T, E>,
    ) -> Result<Result<T, E>, CallError> {
        let outcome = self.run((&Origin::of(call), tenant), request, op).await;
        if let Err(refusal) = &outcome {
            self.outside.report(call.request, refusal.fault());
            // Nothing is wrong with the message: the caller makes the call again, and the client hears nothing of it.
            if refusal.fault().is_passing() {
                return Err(refusal.fault().clone().into());
            }
        }
        Ok(outcome)
    }

    /// RFC 9449 §8, draft-ietf-oauth-attestation-based-client-auth-07 §8.1: the answer brings what goes into the headers
    /// `DPoP-Nonce` and `OAuth-Client-Attestation-Challenge`, where proofs must carry it.
    pub(super) async fn prove<R: Asks + Sync, T: Send, E: From<Broken> + Reported + Send, W: Tells>(
        &self,
        call: &Call,
        request: R,
        op: Op<R, T, E>,
        reply: fn(&Tenant, Result<T, E>) -> W,
    ) -> Result<Json<W>, CallError> {
        let tenant = self.tenant_of(call).await?;
        self.proved((call, &tenant), request, op, reply).await
    }

    /// The same, where the service is at hand.
    pub(super) async fn proved<R: Asks + Sync, T: Send, E: From<Broken> + Reported + Send, W: Tells>(
        &self,
        (call, tenant): (&Call, &Arc<Tenant>),
        request: R,
        op: Op<R, T, E>,
        reply: fn(&Tenant, Result<T, E>) -> W,
    ) -> Result<Json<W>, CallError> {
        let required = request.nonce_required();
        let outcome = self.decided((call, tenant), &request, op).await?;
        let mut answer = reply(tenant, outcome);
        let now = self.outside.now();
        if let Some(nonce) = answer.nonce() {
            *nonce = evidence::nonce(tenant, now, required);
        }
        if let Some(challenge) = answer.challenge() {
            *challenge = tenant.attestation.challenges.as_ref().map(|challenges| challenges.current(now));
        }
        Ok(Json(answer))
    }

    pub(super) async fn manage<R: Sync, T: Send>(
        &self,
        call: &Call,
        request: R,
        op: Op<R, T, CallError>,
    ) -> Result<T, CallError> {
        let tenant = self.tenant_of(call).await?;
        self.run((&Origin::of(call), &tenant), &request, op).await
    }

    /// A call about what belongs to the installation, and to no service.
    pub(super) async fn install<R: Sync, T: Send>(
        &self,
        call: &Call,
        request: R,
        op: run::Op<(), R, T, CallError>,
    ) -> Result<T, CallError> {
        self.run((&Origin::of(call), &()), &request, op).await
    }
}

/// A request that may say whether DPoP proofs must carry a nonce.
pub(super) trait Asks {
    fn nonce_required(&self) -> Option<bool>;
}

/// An answer that brings what the next proofs must be made with.
pub(super) trait Tells {
    /// For DPoP proofs.
    fn nonce(&mut self) -> Option<&mut Option<String>>;
    /// For proofs of client attestations.
    fn challenge(&mut self) -> Option<&mut Option<String>>;
}

macro_rules! proven {
    ($($request:ty => $answer:ty: $asked:expr, $nonce:expr, $challenge:expr;)*) => {$(
        impl Asks for $request {
            fn nonce_required(&self) -> Option<bool> {
                let asked: fn(&Self) -> Option<bool> = $asked;
                asked(self)
            }
        }

        impl Tells for $answer {
            fn nonce(&mut self) -> Option<&mut Option<String>> {
                let nonce: fn(&mut Self) -> Option<&mut Option<String>> = $nonce;
                nonce(self)
            }

            fn challenge(&mut self) -> Option<&mut Option<String>> {
                let challenge: fn(&mut Self) -> Option<&mut Option<String>> = $challenge;
                challenge(self)
            }
        }
    )*};
    // Endpoints that take DPoP proofs.
    (dpop: $($request:ty => $answer:ty,)*) => {
        proven! { $($request => $answer: |r| r.dpop_nonce_required, |a| Some(&mut a.dpop_nonce), |_| None;)* }
    };
    // Endpoints at which clients prove themselves.
    (clients: $($request:ty => $answer:ty,)*) => {
        proven! { $($request => $answer: |_| None, |_| None, |a| Some(&mut a.attestation_challenge);)* }
    };
    (both: $($request:ty => $answer:ty,)*) => {
        proven! { $(
            $request => $answer:
                |r| r.dpop_nonce_required, |a| Some(&mut a.dpop_nonce), |a| Some(&mut a.attestation_challenge);
        )* }
    };
}

proven! {
    both:
    TokenRequest => TokenResponse,
    PushedAuthorizationRequest => PushedAuthorizationResponse,
}

proven! {
    dpop:
    IntrospectionRequest => IntrospectionResponse,
    UserinfoRequest => UserinfoResponse,
    GrantManagementRequest => GrantManagementResponse,
}

proven! {
    clients:
    RevocationRequest => RevocationResponse,
    StandardIntrospectionRequest => StandardIntrospectionResponse,
    BackchannelAuthenticationRequest => BackchannelAuthenticationResponse,
    DeviceAuthorizationRequest => DeviceAuthorizationResponse,
}

/// What the caller was found to reach by the path of the call.
pub(super) fn reach(call: &Call) -> Result<Reach, CallError> {
    call.reach.ok_or_else(|| CallError::internal("a call that was not judged"))
}

/// What a path names, together with the request.
pub(super) trait Named<R> {
    type Request;
    fn about(self, call: &Call, request: R) -> Result<Self::Request, CallError>;
}

impl<R> Named<R> for ClientPath {
    type Request = ClientRequest<R>;
    fn about(self, call: &Call, body: R) -> Result<Self::Request, CallError> {
        let holder = reach(call)?.caller().holder();
        Ok(ClientRequest { identifier: self.0, body, expected: call.expected, holder })
    }
}

impl Named<NoRequest> for ClientSubjectPath {
    type Request = ClientRequest<SubjectRequest>;
    fn about(self, call: &Call, _: NoRequest) -> Result<Self::Request, CallError> {
        ClientPath(self.client).about(call, SubjectRequest { subject: Some(self.subject) })
    }
}

impl Named<ClientAuthorizationGetListRequest> for SubjectPath {
    type Request = ClientAuthorizationGetListRequest;
    fn about(self, _: &Call, request: ClientAuthorizationGetListRequest) -> Result<Self::Request, CallError> {
        Ok(ClientAuthorizationGetListRequest { subject: Some(self.0), ..request })
    }
}

impl Named<NoRequest> for TokenPath {
    type Request = String;
    fn about(self, _: &Call, _: NoRequest) -> Result<String, CallError> {
        Ok(self.0)
    }
}

impl Named<NoRequest> for KeyPath {
    type Request = String;
    fn about(self, _: &Call, _: NoRequest) -> Result<String, CallError> {
        Ok(self.0)
    }
}

impl Named<NoRequest> for TokenBatchPath {
    type Request = String;
    fn about(self, _: &Call, _: NoRequest) -> Result<String, CallError> {
        Ok(self.0)
    }
}

/// A request about tokens of the API, once the caller was found to have a say over their owner.
pub(super) trait OfTokens {
    async fn judged(self, engine: &Engine, call: &Call) -> Result<ApiTokenRequest, CallError>;
}

impl OfTokens for ServiceTokenRequest {
    async fn judged(self, engine: &Engine, call: &Call) -> Result<ApiTokenRequest, CallError> {
        let service = self.service_id.ok_or_else(|| missing("serviceId"))?;
        let reach = engine.reach(call, self.organization_id, Some(service)).await?;
        Ok(ApiTokenRequest::of_service(self, reach))
    }
}

impl OfTokens for OrganizationTokenRequest {
    async fn judged(self, engine: &Engine, call: &Call) -> Result<ApiTokenRequest, CallError> {
        let organization = self.organization_id.ok_or_else(|| missing("organizationId"))?;
        let reach = engine.reach(call, Some(organization), None).await?;
        Ok(ApiTokenRequest::of_organization(self, reach))
    }
}

/// A request about members, once the caller was found to have a say over their organization.
pub(super) async fn of_member(
    engine: &Engine,
    call: &Call,
    request: MemberRequest,
) -> Result<OfMember, CallError> {
    let organization = request.organization_id.ok_or_else(|| missing("organizationId"))?;
    let reach = engine.reach(call, Some(organization), None).await?;
    Ok(OfMember { reach, request })
}

pub(super) fn missing(property: &str) -> CallError {
    Reason::PropertyMissing { property: property.to_owned() }.into()
}

/// What comes of a request about tokens, as the row answers it.
pub(super) trait Shows<R> {
    fn shown(self) -> Result<R, CallError>;
}

impl<R: From<ApiTokenView>> Shows<Json<R>> for ApiTokenView {
    fn shown(self) -> Result<Json<R>, CallError> {
        Ok(Json(self.into()))
    }
}

impl<R: From<ApiTokenView>> Shows<Json<Vec<R>>> for Vec<ApiTokenView> {
    fn shown(self) -> Result<Json<Vec<R>>, CallError> {
        Ok(Json(self.into_iter().map(Into::into).collect()))
    }
}

impl Shows<Self> for NoContent {
    fn shown(self) -> Result<Self, CallError> {
        Ok(self)
    }
}
