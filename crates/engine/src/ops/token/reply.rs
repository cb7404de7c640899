//! What the token family answers.

use placet_api::types::*;
use placet_api::{OAuthError, Reason};
use placet_base::Scopes;
use placet_base::registry::{self, GrantType};

use super::fail::Failed;
use crate::fault::Fault;
use crate::flow::credential_nonce::{self, CredentialNonce};
use crate::flow::issuing::Issued;
use crate::flow::reply::{attributes, details, listed, named_as, properties, result};
use crate::flow::token::{
    Asker, ExchangeQuestion, JwtGrantQuestion, KnownToken, Outcome, Question, SharedTokens,
};
use crate::mint::error;
use crate::mint::token_response::TokenResponseContent;
use crate::records::token::{TokenValue, Value};
use crate::rules::credential::granted;
use crate::tenant::Tenant;

pub fn request(tenant: &Tenant, outcome: Result<Outcome, Fault>) -> TokenResponse {
    match outcome {
        Ok(Outcome::Issued(issued, reason)) => issued_response(tenant, &issued, &reason),
        Ok(Outcome::Password(question)) => password_response(tenant, *question),
        Ok(Outcome::NativeSso(tokens)) => shared_response(tenant, *tokens),
        Ok(Outcome::Exchange(question)) => exchange_response(tenant, *question),
        Ok(Outcome::JwtGrant(question)) => jwt_grant_response(tenant, *question),
        Err(fault) => {
            let (result_code, result_message) = result(&fault.reason);
            TokenResponse {
                result_code,
                result_message,
                action: Some(match fault.error() {
                    OAuthError::InvalidClient => TokenResponseAction::InvalidClient,
                    OAuthError::ServerError => TokenResponseAction::InternalServerError,
                    _ => TokenResponseAction::BadRequest,
                }),
                response_content: Some(error::json(tenant, &fault)),
                ..Default::default()
            }
        }
    }
}

impl<'a> TokenResponseContent<'a> {
    /// The response that carries these tokens.
    pub fn of(tenant: &'a Tenant, issued: &'a Issued) -> Self {
        let entitlement = &issued.record.entitlement;
        Self {
            access_token: issued.presented(),
            token_type: entitlement.binding.token_type(&tenant.tokens.token_type),
            expires_in: issued.access_secs,
            refresh_token: issued.refresh_token.as_ref().map(|(value, _)| value.as_str()),
            id_token: issued.id_token.as_deref(),
            scopes: &entitlement.scopes,
            details: granted::identified(&entitlement.details, tenant.credentials.as_ref()),
            grant_id: entitlement.grant_id.as_deref(),
            properties: &entitlement.properties,
            nonce: nonce(tenant, issued).map(|nonce| (nonce.value, nonce.secs)),
        }
    }
}

fn nonce(tenant: &Tenant, issued: &Issued) -> Option<CredentialNonce> {
    credential_nonce::nonce(tenant, &issued.record.entitlement, issued.record.issued_at)
}

/// A refresh that may bring a new ID token, which the authorization server is asked to make.
fn reissuable(tenant: &Tenant, issued: &Issued, reason: &Reason) -> bool {
    let entitlement = &issued.record.entitlement;
    matches!(reason, Reason::Refreshed {})
        && tenant.tokens.id_token_reissuable
        && entitlement.subject.is_some()
        && entitlement.scopes.contains(Scopes::OPENID)
}

fn issued_response(tenant: &Tenant, issued: &Issued, reason: &Reason) -> TokenResponse {
    let entitlement = &issued.record.entitlement;
    let (result_code, result_message) = result(reason);
    let (service_attributes, client_attributes) = attributes(tenant, Some(&issued.client));
    let named = named_as(&issued.client, entitlement.alias_used);
    let nonce = nonce(tenant, issued);
    TokenResponse {
        cnonce_expires_at: nonce.as_ref().map(|nonce| nonce.expires_at.millis()),
        cnonce_duration: nonce.as_ref().map(|nonce| nonce.secs),
        cnonce: nonce.map(|nonce| nonce.value),
        result_code,
        result_message,
        action: Some(match reissuable(tenant, issued, reason) {
            true => TokenResponseAction::IdTokenReissuable,
            false => TokenResponseAction::Ok,
        }),
        response_content: Some(TokenResponseContent::of(tenant, issued).json()),
        jwt_access_token: issued.jwt.clone(),
        resources: listed(&entitlement.resources),
        access_token_resources: listed(entitlement.audience()),
        authorization_details: details(&entitlement.details),
        grant_id: entitlement.grant_id.clone(),
        session_id: entitlement.session.clone(),
        previous_refresh_token_used: issued.repeated.then_some(true),
        access_token: Some(issued.access_token.clone()),
        access_token_expires_at: Some(issued.record.access.expires_at.millis()),
        access_token_duration: Some(issued.access_secs),
        refresh_token: issued.refresh_token.as_ref().map(|(value, _)| value.clone()),
        refresh_token_expires_at: issued.record.refresh.map(expires_at),
        refresh_token_duration: issued.refresh_token.as_ref().map(|(_, secs)| *secs),
        id_token: issued.id_token.clone(),
        grant_type: Some(grant_type(issued, reason).api_name().to_owned()),
        client_id: Some(issued.client.id.0),
        client_id_alias: named.alias,
        client_id_alias_used: named.alias_used,
        metadata_document_location: named.document,
        metadata_document_used: named.document_used,
        client_entity_id: named.entity,
        client_entity_id_used: named.entity_used,
        subject: entitlement.subject.as_ref().map(|subject| subject.as_str().to_owned()),
        scopes: scopes(&entitlement.scopes),
        refresh_token_scopes: issued.record.refresh.and_then(|_| scopes(entitlement.granted())),
        properties: properties(&entitlement.properties),
        service_attributes,
        client_attributes,
        client_auth_method: Some(issued.client.authentication.method),
        ..Default::default()
    }
}

/// The grant type of the request: a refresh keeps that of the first grant in its record.
fn grant_type(issued: &Issued, reason: &Reason) -> GrantType {
    match reason {
        Reason::Refreshed {} | Reason::RefreshedShared {} => GrantType::RefreshToken,
        _ => issued.record.entitlement.grant,
    }
}

fn expires_at(value: Value) -> i64 {
    value.expires_at.millis()
}

fn scopes(scopes: &Scopes) -> Option<Vec<String>> {
    Some(scopes.to_vec()).filter(|scopes| !scopes.is_empty())
}

fn password_response(tenant: &Tenant, question: Question) -> TokenResponse {
    let (result_code, result_message) = result(&Reason::PasswordGrantOpened {});
    let (service_attributes, client_attributes) = attributes(tenant, Some(&question.client));
    let named = named_as(&question.client, question.alias_used);
    TokenResponse {
        result_code,
        result_message,
        action: Some(TokenResponseAction::Password),
        ticket: Some(question.ticket),
        username: Some(question.username),
        password: Some(question.password),
        grant_type: Some(GrantType::Password.api_name().to_owned()),
        client_id: Some(question.client.id.0),
        client_id_alias: named.alias,
        client_id_alias_used: named.alias_used,
        metadata_document_location: named.document,
        metadata_document_used: named.document_used,
        client_entity_id: named.entity,
        client_entity_id_used: named.entity_used,
        scopes: scopes(&question.scopes),
        service_attributes,
        client_attributes,
        client_auth_method: Some(question.client.authentication.method),
        ..Default::default()
    }
}

/// Tokens that nobody has yet: the response is made once session and device are judged.
fn shared_response(tenant: &Tenant, tokens: SharedTokens) -> TokenResponse {
    TokenResponse {
        action: Some(TokenResponseAction::NativeSso),
        response_content: None,
        device_secret: tokens.device_secret,
        device_secret_hash: tokens.device_secret_hash,
        ..issued_response(tenant, &tokens.issued, &tokens.reason)
    }
}

/// What every question tells: who asks.
fn asked(tenant: &Tenant, asker: &Asker, reason: &Reason) -> TokenResponse {
    let (result_code, result_message) = result(reason);
    let client = asker.as_ref().map(|(client, _)| &**client);
    let (service_attributes, client_attributes) = attributes(tenant, client);
    let named = asker.as_ref().map(|(client, used)| named_as(client, *used)).unwrap_or_default();
    TokenResponse {
        result_code,
        result_message,
        client_id: client.map(|client| client.id.0),
        client_id_alias: named.alias,
        client_id_alias_used: named.alias_used,
        metadata_document_location: named.document,
        metadata_document_used: named.document_used,
        client_entity_id: named.entity,
        client_entity_id_used: named.entity_used,
        client_auth_method: client.map(|client| client.authentication.method),
        service_attributes,
        client_attributes,
        ..Default::default()
    }
}

fn exchange_response(tenant: &Tenant, question: ExchangeQuestion) -> TokenResponse {
    let ExchangeQuestion {
        asker,
        scopes: asked_scopes,
        resources,
        audiences,
        requested,
        subject,
        user,
        actor,
    } = question;
    TokenResponse {
        action: Some(TokenResponseAction::TokenExchange),
        grant_type: Some(GrantType::TokenExchange.api_name().to_owned()),
        scopes: scopes(&asked_scopes),
        resources: listed(&resources),
        audiences: listed(&audiences),
        requested_token_type: requested.map(token_type),
        subject: user,
        subject_token_type: Some(token_type(subject.kind)),
        subject_token_info: subject.known.as_ref().map(|known| token_info(tenant, known)),
        subject_token: Some(subject.value),
        actor_token_type: actor.as_ref().map(|actor| token_type(actor.kind)),
        actor_token_info: actor.as_ref().and_then(|actor| Some(token_info(tenant, actor.known.as_ref()?))),
        actor_token: actor.map(|actor| actor.value),
        ..asked(tenant, &asker, &Reason::ExchangeOpened {})
    }
}

fn jwt_grant_response(tenant: &Tenant, question: JwtGrantQuestion) -> TokenResponse {
    TokenResponse {
        action: Some(TokenResponseAction::JwtBearer),
        grant_type: Some(GrantType::JwtBearer.api_name().to_owned()),
        scopes: scopes(&question.scopes),
        resources: listed(&question.resources),
        assertion: Some(question.assertion),
        ..asked(tenant, &question.asker, &Reason::JwtGrantOpened {})
    }
}

fn token_type(kind: registry::TokenType) -> TokenType {
    match kind {
        registry::TokenType::Jwt => TokenType::Jwt,
        registry::TokenType::AccessToken => TokenType::AccessToken,
        registry::TokenType::RefreshToken => TokenType::RefreshToken,
        registry::TokenType::IdToken => TokenType::IdToken,
        registry::TokenType::Saml1 => TokenType::Saml1,
        registry::TokenType::Saml2 => TokenType::Saml2,
        registry::TokenType::DeviceSecret => TokenType::DeviceSecret,
        registry::TokenType::IdJag => TokenType::IdJag,
        registry::TokenType::TxnToken => TokenType::TxnToken,
    }
}

fn token_info(tenant: &Tenant, known: &KnownToken) -> TokenInfo {
    let entitlement = &known.token.entitlement;
    let named = named_as(&known.client, entitlement.alias_used);
    let (scopes, resources, end) = match known.which {
        TokenValue::Access => (&entitlement.scopes, entitlement.audience(), Some(known.token.access)),
        TokenValue::Refresh => (entitlement.granted(), entitlement.resources.as_slice(), known.token.refresh),
    };
    TokenInfo {
        client_id: Some(known.client.id.0),
        client_id_alias: named.alias,
        client_id_alias_used: named.alias_used,
        metadata_document_location: named.document,
        metadata_document_used: named.document_used,
        client_entity_id: named.entity,
        client_entity_id_used: named.entity_used,
        subject: entitlement.subject.as_ref().map(|subject| subject.as_str().to_owned()),
        scopes: Some(tenant.scopes.documents(scopes)).filter(|scopes| !scopes.is_empty()),
        expires_at: end.map(|end| end.expires_at.as_secs()),
        properties: properties(&entitlement.properties),
        resources: listed(resources),
        authorization_details: details(&entitlement.details),
    }
}

pub fn issue(tenant: &Tenant, outcome: Result<Issued, Fault>) -> TokenIssueResponse {
    let issued = match outcome {
        Ok(issued) => issued,
        Err(fault) => {
            let (result_code, result_message) = result(&fault.reason);
            return TokenIssueResponse {
                result_code,
                result_message,
                action: Some(TokenIssueResponseAction::InternalServerError),
                response_content: Some(error::json(tenant, &fault)),
                ..Default::default()
            };
        }
    };
    let entitlement = &issued.record.entitlement;
    let (result_code, result_message) = result(&Reason::PasswordGranted {});
    let (service_attributes, client_attributes) = attributes(tenant, Some(&issued.client));
    let named = named_as(&issued.client, entitlement.alias_used);
    TokenIssueResponse {
        result_code,
        result_message,
        action: Some(TokenIssueResponseAction::Ok),
        response_content: Some(TokenResponseContent::of(tenant, &issued).json()),
        jwt_access_token: issued.jwt.clone(),
        access_token_resources: listed(entitlement.audience()),
        authorization_details: details(&entitlement.details),
        access_token: Some(issued.access_token.clone()),
        access_token_expires_at: Some(issued.record.access.expires_at.millis()),
        access_token_duration: Some(issued.access_secs),
        refresh_token: issued.refresh_token.as_ref().map(|(value, _)| value.clone()),
        refresh_token_expires_at: issued.record.refresh.map(expires_at),
        refresh_token_duration: issued.refresh_token.as_ref().map(|(_, secs)| *secs),
        client_id: Some(issued.client.id.0),
        client_id_alias: named.alias,
        client_id_alias_used: named.alias_used,
        metadata_document_location: named.document,
        metadata_document_used: named.document_used,
        client_entity_id: named.entity,
        client_entity_id_used: named.entity_used,
        subject: entitlement.subject.as_ref().map(|subject| subject.as_str().to_owned()),
        scopes: scopes(&entitlement.scopes),
        refresh_token_scopes: issued.record.refresh.and_then(|_| scopes(entitlement.granted())),
        properties: properties(&entitlement.properties),
        service_attributes,
        client_attributes,
    }
}

pub fn fail(tenant: &Tenant, outcome: Result<Failed, Fault>) -> TokenFailResponse {
    let fault = outcome.map_or_else(|fault| fault, |failed| failed.0);
    let (result_code, result_message) = result(&fault.reason);
    TokenFailResponse {
        result_code,
        result_message,
        action: Some(match fault.error() {
            OAuthError::ServerError => TokenFailResponseAction::InternalServerError,
            _ => TokenFailResponseAction::BadRequest,
        }),
        response_content: Some(error::json(tenant, &fault)),
    }
}
