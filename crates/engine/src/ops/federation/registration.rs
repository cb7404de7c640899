//! POST /api/{serviceId}/federation/registration – OpenID Federation 1.0 §12.2

use placet_api::types::{
    Client, FederationRegistrationRequest, FederationRegistrationResponse,
    FederationRegistrationResponseAction as Action,
};
use placet_api::{OAuthError, Reason};
use placet_base::registry::ClientRegistrationType;
use placet_base::{Timestamp, Ttl};

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::federated_documents::{self, Registering};
use crate::flow::reply::result;
use crate::flow::{entity, federated_clients, trust_chains, trust_marks};
use crate::mint::{error, explicit_registration};
use crate::rules::federation::{Chain, Statement, request};
use crate::tenant::{Federation, Tenant};

/// How long a client is registered, however long its chain is good: federations change, and until then nobody asks them.
const LONGEST: Ttl = Ttl::secs(30 * 24 * 60 * 60);

/// The statement about the registration, and the client.
pub struct ExplicitRegistration {
    statement: String,
    client: Box<Client>,
}

pub async fn register(
    cx: &mut Cx<'_>,
    call: &FederationRegistrationRequest,
) -> Result<ExplicitRegistration, Fault> {
    let tenant = cx.tenant.clone();
    let own = entity::of_service(&tenant)?;
    if !own.federation.types.contains(&ClientRegistrationType::Explicit) {
        return Err(Reason::ExplicitRegistrationOff {}.into());
    }
    let chain = chain(cx, own.federation, call).await?;
    // §12.2.2-2
    let asked = request::for_provider(chain.subject(), &tenant.issuer)?;
    let former = federated_clients::expired(cx, asked.entity()).await?;
    let until = trust_marks::good_until(cx, &own.federation.anchors, &chain).await?;
    let until = until.min((cx.now + LONGEST).as_secs());
    let registering = Registering { chain: &chain, kind: ClientRegistrationType::Explicit, until };
    let (entity_type, document) = federated_clients::stored(cx, registering, former).await?;
    let metadata = federated_documents::told(&document)?;
    let statement =
        explicit_registration::unsigned(&tenant.issuer, (&chain, until), (entity_type, metadata), cx.now);
    let statement = cx.signed(statement, &own.key).await?;
    let Fresh = fresh(cx, chain.subject()).await?;
    Ok(ExplicitRegistration { statement, client: Box::new(document) })
}

/// A configuration that was not used before.
struct Fresh;

/// What was made to register once is good for that: whoever has seen it would be told anew what the client was given.
async fn fresh(cx: &mut Cx<'_>, configuration: &Statement) -> Result<Fresh, Fault> {
    let until = Timestamp::from_secs(configuration.exp.saturating_add(cx.tenant.tolerance.late));
    match cx.first_use("registration", configuration.sub.as_str(), &configuration.text, until).await? {
        true => Ok(Fresh),
        false => Err(Reason::EntityConfigurationReplayed {}.into()),
    }
}

/// §12.2.1: a configuration, whose chain is looked for, or the whole chain.
async fn chain(
    cx: &Cx<'_>,
    federation: &Federation,
    call: &FederationRegistrationRequest,
) -> Result<Chain, Fault> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let at = trust_chains::at(cx);
    match (given(&call.entity_configuration), given(&call.trust_chain)) {
        (Some(text), None) => {
            let configuration = request::configuration(text.trim(), at)?;
            let entity = configuration.sub.clone();
            trust_chains::resolved(cx, &federation.anchors, &entity, Some(configuration)).await
        }
        (None, Some(text)) => Chain::verified(&request::texts(&text)?, &federation.anchors, at),
        (Some(_), Some(_)) | (None, None) => Err(Reason::FederationRequestUnclear {}.into()),
    }
}

pub fn reply(
    tenant: &Tenant,
    outcome: Result<ExplicitRegistration, Fault>,
) -> FederationRegistrationResponse {
    let (reason, action, content, client) = match outcome {
        Ok(done) => (Reason::ExplicitlyRegistered {}, Action::Ok, done.statement, Some(*done.client)),
        Err(fault) => {
            let action = match fault.error() {
                OAuthError::NotFound => Action::NotFound,
                OAuthError::ServerError => Action::InternalServerError,
                _ => Action::BadRequest,
            };
            let content = error::json(tenant, &fault);
            (fault.reason, action, content, None)
        }
    };
    let (result_code, result_message) = result(&reason);
    FederationRegistrationResponse {
        result_code,
        result_message,
        action: Some(action),
        response_content: Some(content),
        client,
    }
}
