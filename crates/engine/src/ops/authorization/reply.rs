//! What the authorization family answers.

use placet_api::types::*;
use placet_api::{OAuthError, Reason};
use placet_base::Scopes;
use placet_base::registry::{Prompt, ResponseType};

use super::fail::Failed;
use super::issue::Answer;
use super::request::Interaction;
use crate::fault::Fault;
use crate::flow::credential_offer::offer_info;
use crate::flow::refusal::Refusal;
use crate::flow::reply::{details, dynamic_scopes, int32, result};
use crate::flow::{reply, transformed, verified_claims};
use crate::mint::authorization_response::Delivery;
use crate::mint::error;
use crate::rules::credential::granted::{self, GrantedAccess};
use crate::tenant::Tenant;

/// What a refusal becomes, whichever of the three endpoints it came from.
enum Refused {
    InternalServerError(String),
    BadRequest(String),
    Location(String),
    Form(String),
}

impl From<Delivery> for Refused {
    fn from(delivery: Delivery) -> Self {
        match delivery {
            Delivery::Location(location) => Self::Location(location),
            Delivery::Form(form) => Self::Form(form),
        }
    }
}

fn refused(tenant: &Tenant, refusal: Refusal) -> Refused {
    match refusal {
        Refusal::Sent(delivery, _) => delivery.into(),
        // Every operation puts its refusals on their way; one that is not is a defect, and is shown.
        Refusal::Show(fault) if fault.error() == OAuthError::ServerError => {
            Refused::InternalServerError(error::json(tenant, &fault))
        }
        refusal => Refused::BadRequest(error::json(tenant, refusal.fault())),
    }
}

pub fn request(tenant: &Tenant, outcome: Result<Interaction, Refusal>) -> AuthorizationResponse {
    use AuthorizationResponseAction as Action;
    let refusal = match outcome {
        Ok(interaction) => return interaction_response(tenant, interaction),
        Err(refusal) => refusal,
    };
    let (result_code, result_message) = result(&refusal.fault().reason);
    let (action, content) = match refused(tenant, refusal) {
        Refused::InternalServerError(content) => (Action::InternalServerError, content),
        Refused::BadRequest(content) => (Action::BadRequest, content),
        Refused::Location(content) => (Action::Location, content),
        Refused::Form(content) => (Action::Form, content),
    };
    AuthorizationResponse {
        result_code,
        result_message,
        action: Some(action),
        response_content: Some(content),
        ..Default::default()
    }
}

fn interaction_response(tenant: &Tenant, interaction: Interaction) -> AuthorizationResponse {
    let silent = interaction.is_silent();
    let Interaction { ticket, request, client, alias_used, payload, grant, offer } = interaction;
    let named = reply::named_as(&client, alias_used);
    let openid = request.scopes.contains(Scopes::OPENID);
    let response_type = request.response_type.protocol_name().to_owned();
    let (result_code, result_message) =
        result(&Reason::InteractionNeeded { response_type, openid: openid.to_string() });
    let (wish, supported) = (&request.claims, tenant.authorization.claims.as_ref());
    // OpenID Connect Core §5.4: with an access token, claims behind scopes belong to the userinfo
    // endpoint; the service decides whether they may stand in the ID token as well.
    let shortcut =
        !tenant.authorization.claim_shortcut_restrictive || request.response_type == ResponseType::IdToken;
    let claims = if openid { wish.id_token_names(&request.scopes, shortcut, supported) } else { Vec::new() };
    let json =
        |map: &Option<serde_json::Map<_, _>>| map.clone().map(|m| serde_json::Value::Object(m).to_string());
    let credentials = tenant.credentials.as_ref().and_then(|issuer| {
        let access = GrantedAccess { offered: &[], scopes: &request.scopes, details: &request.details };
        granted::document(&granted::granted(&access, issuer), issuer)
    });
    let login = request.login;
    AuthorizationResponse {
        result_code,
        result_message,
        action: Some(match silent {
            true => AuthorizationResponseAction::NoInteraction,
            false => AuthorizationResponseAction::Interaction,
        }),
        ticket: Some(ticket),
        client: Some(client.limited.clone()),
        service: Some(Box::new(tenant.limited.clone())),
        display: Some(login.display),
        max_age: Some(int32(login.max_age.unwrap_or(0))),
        scopes: Some(tenant.scopes.documents(&request.scopes)),
        dynamic_scopes: dynamic_scopes(&request.parameterised),
        ui_locales: listed(login.ui_locales),
        claims_locales: listed(login.claims_locales),
        claims: listed(claims),
        claims_at_user_info: listed(wish.userinfo_names(&request.scopes, supported)),
        id_token_claims: json(&wish.id_token),
        user_info_claims: json(&wish.userinfo),
        requested_claims_for_tx: transformed::sources(wish.id_token.as_ref(), wish, tenant),
        requested_verified_claims_for_tx: verified_claims::sources(wish.id_token.as_ref(), wish, tenant),
        transformed_claims: json(&wish.transformed),
        request_object_payload: payload,
        native_sso_requested: request.native_sso.then_some(true),
        purpose: request.purpose,
        resources: listed(request.resources),
        authorization_details: details(&request.details),
        issuable_credentials: credentials,
        credential_offer_info: offer.map(offer_info),
        gm_action: request.grant.as_ref().map(|wish| wish.action),
        grant_id: request.grant.and_then(|wish| wish.grant_id),
        grant_subject: grant.as_ref().map(|grant| grant.subject.as_str().to_owned()),
        grant: grant.as_ref().map(reply::grant),
        acr_essential: Some(login.acr_essential),
        acrs: listed(login.acrs),
        client_id_alias_used: named.alias_used,
        metadata_document_used: named.document_used,
        client_entity_id_used: named.entity_used,
        subject: login.subject,
        login_hint: login.login_hint,
        lowest_prompt: Some(lowest(&login.prompts)),
        prompts: listed(prompts(login.prompts, login.max_age)),
        ..Default::default()
    }
}

fn listed<T>(list: Vec<T>) -> Option<Vec<T>> {
    Some(list).filter(|list| !list.is_empty())
}

/// OpenID Connect Core §3.1.2.1: a `max_age` of 0 is a wish for a new login. `maxAge` cannot say so: there, 0
/// stands for no wish at all.
fn prompts(mut prompts: Vec<Prompt>, max_age: Option<i64>) -> Vec<Prompt> {
    if max_age == Some(0) && !prompts.contains(&Prompt::Login) {
        prompts.push(Prompt::Login);
    }
    prompts
}

/// COMPAT: one value for clients that know no list; consent where the request names none.
fn lowest(prompts: &[Prompt]) -> Prompt {
    prompts.iter().min().copied().unwrap_or(Prompt::Consent)
}

pub fn issue(tenant: &Tenant, outcome: Result<Answer, Refusal>) -> AuthorizationIssueResponse {
    use AuthorizationIssueResponseAction as Action;
    let reason = match &outcome {
        Ok(_) => Reason::AuthorizationIssued {},
        Err(refusal) => refusal.fault().reason.clone(),
    };
    let mut response = AuthorizationIssueResponse::default();
    let delivered = match outcome {
        Ok(Answer { delivery, code, issued, id_token, context }) => {
            response.authorization_code = code;
            response.id_token = id_token;
            response.ticket_info = context.map(|context| AuthorizationTicketInfo { context: Some(context) });
            if let Some(issued) = issued {
                response.access_token_expires_at = Some(issued.record.access.expires_at.millis());
                response.access_token_duration = Some(issued.access_secs);
                response.jwt_access_token = issued.jwt;
                response.access_token = Some(issued.access_token);
            }
            delivery.into()
        }
        Err(refusal) => refused(tenant, refusal),
    };
    let (action, content) = match delivered {
        Refused::InternalServerError(content) => (Action::InternalServerError, content),
        Refused::BadRequest(content) => (Action::BadRequest, content),
        Refused::Location(content) => (Action::Location, content),
        Refused::Form(content) => (Action::Form, content),
    };
    let (result_code, result_message) = result(&reason);
    AuthorizationIssueResponse {
        result_code,
        result_message,
        action: Some(action),
        response_content: Some(content),
        ..response
    }
}

pub fn fail(tenant: &Tenant, outcome: Result<Failed, Refusal>) -> AuthorizationFailResponse {
    use AuthorizationFailResponseAction as Action;
    let refusal = match outcome {
        Ok(failed) => Refusal::Sent(failed.delivery, failed.fault),
        Err(refusal) => refusal,
    };
    let (result_code, result_message) = result(&refusal.fault().reason);
    let (action, content) = match refused(tenant, refusal) {
        Refused::InternalServerError(content) => (Action::InternalServerError, content),
        Refused::BadRequest(content) => (Action::BadRequest, content),
        Refused::Location(content) => (Action::Location, content),
        Refused::Form(content) => (Action::Form, content),
    };
    AuthorizationFailResponse {
        result_code,
        result_message,
        action: Some(action),
        response_content: Some(content),
    }
}

pub fn ticket_info(_: &Tenant, outcome: Result<Option<String>, Fault>) -> AuthorizationTicketInfoResponse {
    use AuthorizationTicketInfoResponseAction as Action;
    let (reason, context) = match outcome {
        Ok(context) => (Reason::TicketRead {}, context),
        Err(fault) => (fault.reason, None),
    };
    let (result_code, result_message) = result(&reason);
    AuthorizationTicketInfoResponse {
        result_code,
        result_message,
        action: Some(match reason {
            Reason::TicketRead {} => Action::Ok,
            Reason::TicketUnknown {} => Action::NotFound,
            Reason::TicketMissing {} => Action::CallerError,
            _ => Action::AuthleteError,
        }),
        info: context.map(|context| AuthorizationTicketInfo { context: Some(context) }),
    }
}

pub fn ticket_update(
    _: &Tenant,
    outcome: Result<super::ticket::TicketUpdated, Fault>,
) -> AuthorizationTicketUpdateResponse {
    use AuthorizationTicketUpdateResponseAction as Action;
    let reason =
        outcome.map_or_else(|fault| fault.reason, |super::ticket::TicketUpdated| Reason::TicketUpdated {});
    let (result_code, result_message) = result(&reason);
    AuthorizationTicketUpdateResponse {
        result_code,
        result_message,
        action: Some(match reason {
            Reason::TicketUpdated {} => Action::Ok,
            Reason::TicketUnknown {} => Action::NotFound,
            Reason::TicketMissing {} | Reason::TicketInfoMissing {} => Action::CallerError,
            _ => Action::AuthleteError,
        }),
        // COMPAT: published clients disagree whether this is a text or an object, and refuse the other;
        // all of them take an answer without it, and the caller has just sent it.
        info: None,
    }
}
