//! POST /api/{serviceId}/federation/configuration – OpenID Federation 1.0 §9

use placet_api::types::{
    FederationConfigurationRequest, FederationConfigurationResponse,
    FederationConfigurationResponseAction as Action,
};
use placet_api::{OAuthError, Reason};

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::entity;
use crate::flow::reply::result;
use crate::mint::{entity_configuration, error};
use crate::tenant::Tenant;

/// The signed entity configuration.
pub async fn configuration(cx: &mut Cx<'_>, call: &FederationConfigurationRequest) -> Result<String, Fault> {
    let tenant = cx.tenant.clone();
    let own = entity::of_service(&tenant)?;
    // §3.1.2: an entity that is no trust anchor names its superiors.
    if own.federation.hints.is_empty() {
        return Err(Reason::FederationHintsMissing {}.into());
    }
    let types = call.entity_types.as_deref().unwrap_or_default();
    let unsigned = entity_configuration::unsigned(&tenant, own.federation, own.keys, cx.now, types);
    cx.signed(unsigned, &own.key).await
}

pub fn reply(tenant: &Tenant, outcome: Result<String, Fault>) -> FederationConfigurationResponse {
    let (reason, action, content) = match outcome {
        Ok(statement) => (Reason::EntityConfigurationMade {}, Action::Ok, statement),
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
    FederationConfigurationResponse {
        result_code,
        result_message,
        action: Some(action),
        response_content: Some(content),
    }
}
