//! POST /api/{serviceId}/auth/token/create

use std::sync::Arc;

use placet_api::types::*;
use placet_api::{OAuthError, Reason};
use placet_base::ids::SubjectError;
use placet_base::registry::GrantType;
use placet_base::{Scopes, Subject, Ttl};

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::issuing::{self, ChosenValues, Entitled, Issued};
use crate::flow::reply::{self, details, properties, result};
use crate::flow::{clients, subject_info};
use crate::handle::HandleKind;
use crate::pattern::MatchBudget;
use crate::records::entitlement::{Narrowed, Proof, Proven, Terms};
use crate::rules::admission::admitted;
use crate::rules::sender::Binding;
use crate::tenant::{Client, Tenant};

pub async fn create(cx: &mut Cx<'_>, call: &TokenCreateRequest) -> Result<Issued, Fault> {
    let Decided { client, entitled, wanted } = decide(cx, call).await?;
    issuing::issue(cx, client, entitled, wanted).await
}

/// A token that may be made.
pub struct Decided {
    pub client: Arc<Client>,
    pub entitled: Entitled,
    pub wanted: ChosenValues,
}

pub async fn decide(cx: &Cx<'_>, call: &TokenCreateRequest) -> Result<Decided, Fault> {
    let grant = grant(call, &cx.tenant)?;
    let (client, alias_used) = client(cx, call).await?;
    let subject = subject(call, grant)?;
    let binding = Binding {
        jkt: named(&call.dpop_key_thumbprint),
        x5t: named(&call.certificate_thumbprint),
        instance: None,
    };
    let terms = Terms {
        subject,
        scopes: scopes(call, &cx.tenant)?,
        properties: reply::parse_properties(call.properties.clone())
            .ok_or(Reason::CreatePropertiesTooLarge {})?,
        acr: named(&call.acr),
        auth_time: call.auth_time.filter(|time| *time > 0),
        resources: call.resources.clone().unwrap_or_default(),
        details: call
            .authorization_details
            .as_ref()
            .map(reply::parse_details)
            .transpose()?
            .unwrap_or_default(),
        session: named(&call.session_id),
        jwt_claims: subject_info::object(call.jwt_at_claims.as_deref(), &Reason::JwtClaimsMalformed {})?,
        for_attachment: call.for_external_attachment == Some(true),
        ..Terms::new(client.id, alias_used, grant)
    };
    let policy = cx.tenant.policy(&client, &terms.scopes);
    let proven = Proven {
        by: Proof::Operator,
        admitted: admitted(&client, grant, policy)?,
        // The operator vouches for the keys; what the client must prove, it proves where it uses them.
        bound: binding.sufficient(&policy.token, client.certificate_bound)?,
        narrowed: Narrowed::whole(),
    };
    let refreshless = matches!(grant, GrantType::Implicit | GrantType::ClientCredentials);
    if named(&call.refresh_token).is_some() && refreshless {
        return Err(Reason::CreateRefreshTokenUnfit {}.into());
    }
    let wanted = ChosenValues {
        access: Ttl::specified(call.access_token_duration),
        refresh: Ttl::specified(call.refresh_token_duration),
        refreshless: false,
        persistent: call.access_token_persistent == Some(true),
        access_token: named(&call.access_token),
        refresh_token: named(&call.refresh_token),
    };
    Ok(Decided { client, entitled: Entitled::new(terms, proven), wanted })
}

fn named(text: &Option<String>) -> Option<String> {
    text.clone().filter(|text| !text.is_empty())
}

fn grant(call: &TokenCreateRequest, tenant: &Tenant) -> Result<GrantType, Fault> {
    let grant = call.grant_type.ok_or(Reason::CreateGrantMissing {})?;
    if grant == GrantType::RefreshToken {
        return Err(Reason::CreateGrantRefresh {}.into());
    }
    // Token exchange and JWT grants end here without being grants that this service opens itself.
    let elsewhere = matches!(grant, GrantType::TokenExchange | GrantType::JwtBearer);
    if !elsewhere && !tenant.grant_types.contains(&grant) {
        return Err(Reason::CreateGrantUnsupported {}.into());
    }
    Ok(grant)
}

async fn client(cx: &Cx<'_>, call: &TokenCreateRequest) -> Result<(Arc<Client>, bool), Fault> {
    let identifier = call.client_identifier.clone().filter(|text| !text.is_empty());
    let identifier = identifier.or_else(|| call.client_id.map(|id| id.to_string()));
    let named = clients::named(cx, &identifier.unwrap_or_default()).await?;
    let client = named.ok_or(Reason::CreateClientUnknown {})?.client;
    if client.locked {
        return Err(Reason::CreateClientLocked {}.into());
    }
    let alias_used = call.client_id_alias_used == Some(true) && client.alias.is_some();
    let alias_used = alias_used || client.has_url_alone();
    Ok((client, alias_used))
}

fn subject(call: &TokenCreateRequest, grant: GrantType) -> Result<Option<Subject>, Fault> {
    let text = call.subject.as_deref().unwrap_or_default();
    if grant == GrantType::ClientCredentials || grant == GrantType::JwtBearer && text.is_empty() {
        return Ok(None);
    }
    match Subject::parse(text) {
        Ok(subject) => Ok(Some(subject)),
        Err(SubjectError::Empty) => Err(Reason::CreateSubjectMissing {}.into()),
        Err(SubjectError::TooLong) => Err(Reason::CreateSubjectTooLong {}.into()),
        Err(SubjectError::NotAscii) => Err(Reason::CreateSubjectNotAscii {}.into()),
    }
}

fn scopes(call: &TokenCreateRequest, tenant: &Tenant) -> Result<Scopes, Fault> {
    let scopes: Scopes = call.scopes.iter().flatten().filter(|scope| !scope.is_empty()).collect();
    let work = MatchBudget::of_request();
    if let Some(unknown) = scopes.iter().find(|scope| !tenant.scopes.knows(scope, &work)) {
        return Err(Reason::CreateScopeUnsupported { scope: unknown.to_owned() }.into());
    }
    Ok(scopes)
}

pub fn reply(tenant: &Tenant, outcome: Result<Issued, Fault>) -> TokenCreateResponse {
    use TokenCreateResponseAction as Action;
    let issued = match outcome {
        Ok(issued) => issued,
        Err(fault) => {
            let action = match (&fault.reason, fault.error()) {
                (Reason::CreateClientUnknown {} | Reason::CreateClientLocked {}, _) => Action::Forbidden,
                (_, OAuthError::ServerError) => Action::InternalServerError,
                _ => Action::BadRequest,
            };
            let (result_code, result_message) = result(&fault.reason);
            return TokenCreateResponse {
                result_code,
                result_message,
                action: Some(action),
                ..Default::default()
            };
        }
    };
    let entitlement = &issued.record.entitlement;
    let (result_code, result_message) = result(&Reason::TokenCreated {});
    TokenCreateResponse {
        result_code,
        result_message,
        action: Some(Action::Ok),
        access_token: Some(issued.access_token.clone()),
        jwt_access_token: issued.jwt.clone(),
        refresh_token: issued.refresh_token.as_ref().map(|(value, _)| value.clone()),
        client_id: Some(issued.client.id.0),
        client_identifier: Some(issued.client.identifier(entitlement.alias_used)),
        subject: entitlement.subject.as_ref().map(|subject| subject.as_str().to_owned()),
        scopes: reply::listed(&entitlement.scopes.to_vec()),
        refresh_token_scopes: issued
            .record
            .refresh
            .and_then(|_| reply::listed(&entitlement.granted().to_vec())),
        grant_type: Some(entitlement.grant.api_name().to_owned()),
        token_type: Some(entitlement.binding.token_type(&tenant.tokens.token_type).to_owned()),
        expires_in: Some(issued.access_secs),
        expires_at: Some(issued.record.access.expires_at.millis()),
        properties: properties(&entitlement.properties),
        authorization_details: details(&entitlement.details),
        for_external_attachment: entitlement.for_attachment.then_some(true),
        token_id: Some(tenant.handles.name(HandleKind::TokenName, issued.number)),
        session_id: entitlement.session.clone(),
    }
}
