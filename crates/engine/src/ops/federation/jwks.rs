//! POST /api/{serviceId}/federation/jwks – OpenID Federation 1.0 §5.2.1. An endpoint of our own: the published API has the
//! setting `signedJwksUri`, and nothing that makes what belongs there.

use placet_api::types::{
    FederationJwksRequest, FederationJwksResponse, FederationJwksResponseAction as Action,
};
use placet_api::{OAuthError, Reason};

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::entity;
use crate::flow::reply::result;
use crate::mint::{error, signed_keys};
use crate::tenant::Tenant;

/// The signed key set. Whoever knows the Federation Entity Keys of the service verifies it by them.
pub async fn jwks(cx: &mut Cx<'_>, _: &FederationJwksRequest) -> Result<String, Fault> {
    let tenant = cx.tenant.clone();
    let own = entity::of_service(&tenant)?;
    let keys = tenant.keys.set().ok_or(Reason::SignedKeySetEmpty {})?;
    let unsigned = signed_keys::unsigned(&tenant.issuer, keys, cx.now, own.federation.configuration);
    cx.signed(unsigned, &own.key).await
}

pub fn reply(tenant: &Tenant, outcome: Result<String, Fault>) -> FederationJwksResponse {
    let (reason, action, content) = match outcome {
        Ok(signed) => (Reason::SignedKeySetMade {}, Action::Ok, signed),
        Err(fault) => {
            let action = match fault.error() {
                OAuthError::NotFound => Action::NotFound,
                _ => Action::InternalServerError,
            };
            let content = error::json(tenant, &fault);
            (fault.reason, action, content)
        }
    };
    let (result_code, result_message) = result(&reason);
    FederationJwksResponse {
        result_code,
        result_message,
        action: Some(action),
        response_content: Some(content),
    }
}
