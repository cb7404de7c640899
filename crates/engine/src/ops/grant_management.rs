//! POST /api/{serviceId}/gm – the grant management endpoint (OAuth 2.0 Grant Management §6)

use placet_api::types::{GrantManagementRequest, GrantManagementResponse, GrantManagementResponseAction};
use placet_api::{OAuthError, Reason};
use placet_base::registry::GrantManagementAction;
use placet_store::Loaded;

use crate::cx::{Cx, LiveToken};
use crate::fault::Fault;
use crate::flow::access_token::{self, Presented, Refusals};
use crate::flow::evidence::PresentedProof;
use crate::flow::grants;
use crate::flow::reply::result;
use crate::mint::{error, grant};
use crate::records::grant::Grant;
use crate::rules::grant_management::{self, Operation};
use crate::tenant::Tenant;

/// What became of the grant.
pub enum Outcome {
    /// What it holds, as JSON.
    Shown(String),
    Revoked,
}

/// A refusal, the scheme that the token is used with, and the scope that would do.
pub struct Refused {
    pub fault: Fault,
    scheme: &'static str,
    wanted: Option<Operation>,
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self { fault, scheme: "Bearer", wanted: None }
    }
}

impl From<Reason> for Refused {
    fn from(reason: Reason) -> Self {
        Fault::from(reason).into()
    }
}

impl From<crate::run::Broken> for Refused {
    fn from(broken: crate::run::Broken) -> Self {
        Fault::from(broken).into()
    }
}

fn refusals() -> Refusals {
    Refusals {
        missing: Reason::GrantTokenMissing {},
        unknown: Reason::GrantTokenUnknown {},
        expired: Reason::GrantTokenExpired {},
        expired_refreshable: Reason::GrantTokenExpired {},
        both_expired: Reason::GrantTokenExpired {},
    }
}

pub async fn manage(cx: &mut Cx<'_>, call: &GrantManagementRequest) -> Result<Outcome, Refused> {
    let operation = match call.gm_action.ok_or(Reason::GrantOperationMissing {})? {
        GrantManagementAction::Query => Operation::Query,
        GrantManagementAction::Revoke => Operation::Revoke,
        GrantManagementAction::Create | GrantManagementAction::Replace | GrantManagementAction::Merge => {
            return Err(Reason::GrantOperationInvalid {}.into());
        }
    };
    let id = call.grant_id.as_ref().filter(|id| !id.is_empty()).ok_or(Reason::GrantIdUnsaid {})?;
    let known = access_token::known(cx, call.access_token.as_deref(), &refusals()).await?;
    let scheme = known.scheme();
    let refused = |fault| Refused { fault, scheme, wanted: Some(operation) };
    known.expiry(cx, refusals()).map_err(refused)?;
    held(cx, &known, call, (operation, id)).await.map_err(refused)?;
    let scopes = &known.token.entitlement.scopes;
    let may = grant_management::may(operation, scopes, &known.client).map_err(refused)?;
    let grant = cx.read.get::<Grant>(id).await.map_err(Fault::from)?;
    let grant = grant.ok_or_else(|| refused(Reason::GrantNotFound {}.into()))?;
    // §6: a grant is managed by the client that it was made for.
    if grant.client != known.client.id {
        return Err(refused(Reason::GrantOfOtherClient {}.into()));
    }
    done(cx, grant, may).await.map_err(refused)
}

async fn done(cx: &mut Cx<'_>, grant: Loaded<Grant>, may: grant_management::May) -> Result<Outcome, Fault> {
    match may.operation() {
        Operation::Query => Ok(Outcome::Shown(grant::json(&grant))),
        Operation::Revoke => grants::end_one(cx, grant).await.map(|_| Outcome::Revoked),
    }
}

/// RFC 9449 §7, RFC 8705 §3: whoever brings the token holds its keys. The address is that of the grant.
async fn held(
    cx: &Cx<'_>,
    known: &LiveToken,
    call: &GrantManagementRequest,
    (operation, id): (Operation, &str),
) -> Result<crate::rules::sender::HeldKey, Fault> {
    let address: Vec<_> =
        cx.tenant.sender.grants_endpoint.iter().map(|endpoint| format!("{endpoint}/{id}")).collect();
    let presented = Presented {
        certificate: call.client_certificate.as_deref(),
        shown: PresentedProof {
            dpop: call.dpop.as_deref(),
            htm: call.htm.as_deref().filter(|htm| !htm.is_empty()).or(Some(operation.method())),
            htu: call.htu.as_deref(),
            addresses: &address,
            nonce_required: call.dpop_nonce_required,
        },
        ..Presented::default()
    };
    let policy = known.policy(cx);
    known.held(cx, call.access_token.as_deref().unwrap_or_default(), presented, &policy).await
}

pub fn reply(tenant: &Tenant, outcome: Result<Outcome, Refused>) -> GrantManagementResponse {
    use GrantManagementResponseAction as Action;
    let (reason, action, content) = match outcome {
        Ok(Outcome::Shown(content)) => (Reason::GrantShown {}, Action::Ok, Some(content)),
        Ok(Outcome::Revoked) => (Reason::GrantRevoked {}, Action::NoContent, None),
        Err(Refused { fault, scheme, wanted }) => {
            let wanted = wanted.filter(|_| fault.error() == OAuthError::InsufficientScope);
            let wanted: Vec<_> =
                wanted.map(|wanted| ("scope", wanted.scope().to_owned())).into_iter().collect();
            let challenge = error::challenge(tenant, &fault, scheme, &wanted);
            let action = match (&fault.reason, fault.error()) {
                (
                    Reason::GrantOperationMissing {}
                    | Reason::GrantOperationInvalid {}
                    | Reason::GrantIdUnsaid {},
                    _,
                ) => Action::CallerError,
                (Reason::GrantNotFound {}, _) => Action::NotFound,
                (Reason::GrantOfOtherClient {} | Reason::GrantsOfPublicClient {}, _)
                | (_, OAuthError::InsufficientScope) => Action::Forbidden,
                (_, OAuthError::ServerError) => Action::AuthleteError,
                _ => Action::Unauthorized,
            };
            (fault.reason, action, Some(challenge))
        }
    };
    let (result_code, result_message) = result(&reason);
    GrantManagementResponse {
        result_code,
        result_message,
        action: Some(action),
        response_content: content,
        dpop_nonce: None,
    }
}
