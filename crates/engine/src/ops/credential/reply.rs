//! What the family vci answers.

use placet_api::types::*;
use placet_api::{OAuthError, Reason};

use super::metadata::Metadata;
use super::nonce::Nonce;
use super::{Outcome, Published};
use crate::fault::Fault;
use crate::flow::credential_answer::Answer;
use crate::flow::credential_offer::{Offer, offer_info};
use crate::flow::credential_request::{Parsed, Refused};
use crate::flow::reply::result;
use crate::mint::error;
use crate::rules::credential::granted::NamedBy;
use crate::tenant::Tenant;
use crate::tenant::credential_issuer::Oid4vciVersion;

/// A document to be published: what is not there is 404.
macro_rules! published {
    ($($name:ident: $response:ident by $action:ident, $read:expr;)*) => {$(
        pub fn $name(tenant: &Tenant, outcome: Outcome) -> $response {
            let (reason, action, content) = match outcome {
                Ok(Published(text)) => ($read, $action::Ok, text),
                Err(fault) => {
                    let content = error::json(tenant, &fault);
                    let action = match fault.error() {
                        OAuthError::ServerError => $action::InternalServerError,
                        _ => $action::NotFound,
                    };
                    (fault.reason, action, content)
                }
            };
            let (result_code, result_message) = result(&reason);
            $response { result_code, result_message, action: Some(action), response_content: Some(content) }
        }
    )*};
}

published! {
    jwt_issuer: VciJwtissuerResponse by VciJwtissuerResponseAction, Reason::JwtIssuerRead {};
    jwks: VciJwksResponse by VciJwksResponseAction, Reason::CredentialKeysRead {};
    status_list: VciStatusListResponse by VciStatusListResponseAction, Reason::StatusListRead {};
}

pub fn metadata(tenant: &Tenant, outcome: Result<Metadata, Fault>) -> VciMetadataResponse {
    use VciMetadataResponseAction as Action;
    let (reason, action, content) = match outcome {
        Ok(Metadata { content: Published(text), signed: true }) => {
            (Reason::SignedMetadataMade {}, Action::OkJwt, text)
        }
        Ok(Metadata { content: Published(text), .. }) => {
            (Reason::CredentialMetadataRead {}, Action::Ok, text)
        }
        Err(fault) => {
            let content = error::json(tenant, &fault);
            let action = match fault.error() {
                OAuthError::ServerError => Action::InternalServerError,
                _ => Action::NotFound,
            };
            (fault.reason, action, content)
        }
    };
    let (result_code, result_message) = result(&reason);
    VciMetadataResponse { result_code, result_message, action: Some(action), response_content: Some(content) }
}

pub fn nonce(tenant: &Tenant, outcome: Result<Nonce, Fault>) -> VciNonceResponse {
    use VciNonceResponseAction as Action;
    let (reason, action, content, cnonce) = match outcome {
        Ok(Nonce { value, content: Published(text) }) => {
            (Reason::NonceMade {}, Action::Ok, text, Some(value))
        }
        Err(fault) => {
            let content = error::json(tenant, &fault);
            let action = match fault.error() {
                OAuthError::ServerError => Action::InternalServerError,
                _ => Action::NotFound,
            };
            (fault.reason, action, content, None)
        }
    };
    let (result_code, result_message) = result(&reason);
    VciNonceResponse {
        result_code,
        result_message,
        action: Some(action),
        response_content: Some(content),
        cnonce,
    }
}

pub fn create_offer(_: &Tenant, outcome: Result<Offer, Fault>) -> VciOfferCreateResponse {
    use VciOfferCreateResponseAction as Action;
    let (reason, action, info) = match outcome {
        Ok(offer) => (Reason::OfferCreated {}, Action::Created, Some(offer_info(offer))),
        Err(fault) => {
            let action = match fault.error() {
                _ if fault.reason == (Reason::OfferIssuerMissing {}) => Action::CallerError,
                OAuthError::ServerError => Action::AuthleteError,
                OAuthError::AccessDenied => Action::Forbidden,
                _ => Action::CallerError,
            };
            (fault.reason, action, None)
        }
    };
    let (result_code, result_message) = result(&reason);
    VciOfferCreateResponse { result_code, result_message, action: Some(action), info }
}

pub fn read_offer(_: &Tenant, outcome: Result<Offer, Fault>) -> VciOfferInfoResponse {
    use VciOfferInfoResponseAction as Action;
    let (reason, action, info) = match outcome {
        Ok(offer) => (Reason::OfferRead {}, Action::Ok, Some(offer_info(offer))),
        Err(fault) => {
            let action = match fault.error() {
                _ if fault.reason == (Reason::OfferIssuerMissing {}) => Action::CallerError,
                OAuthError::ServerError => Action::AuthleteError,
                OAuthError::AccessDenied => Action::Forbidden,
                OAuthError::InvalidGrant | OAuthError::ExpiredToken => Action::NotFound,
                _ => Action::CallerError,
            };
            (fault.reason, action, None)
        }
    };
    let (result_code, result_message) = result(&reason);
    VciOfferInfoResponse { result_code, result_message, action: Some(action), info }
}

/// What becomes of a request, or of several.
macro_rules! parsed {
    ($($name:ident: $read:ty => $response:ident by $action:ident, $reason:expr, $info:expr;)*) => {$(
        pub fn $name(tenant: &Tenant, outcome: Result<$read, Refused>) -> $response {
            let (reason, action, content, info) = match outcome {
                Ok(parsed) => ($reason, $action::Ok, None, Some($info(tenant, parsed))),
                Err(refused) => {
                    let fault = &refused.fault;
                    let (action, content) = match fault.error() {
                        OAuthError::InvalidToken => ($action::Unauthorized, challenge(tenant, &refused)),
                        OAuthError::InsufficientScope => ($action::Forbidden, challenge(tenant, &refused)),
                        OAuthError::AccessDenied => ($action::Forbidden, error::json(tenant, fault)),
                        OAuthError::ServerError => ($action::InternalServerError, error::json(tenant, fault)),
                        _ => ($action::BadRequest, refusal(tenant, &refused)),
                    };
                    (refused.fault.reason, action, Some(content), None)
                }
            };
            let (result_code, result_message) = result(&reason);
            let action = Some(action);
            $response { result_code, result_message, action, response_content: content, info }
        }
    )*};
}

parsed! {
    parsed: Parsed => VciSingleParseResponse by VciSingleParseResponseAction, Reason::CredentialRequestParsed {}, request_info;
    parsed_later: Parsed => VciDeferredParseResponse by VciDeferredParseResponseAction, Reason::CredentialRequestParsed {}, request_info;
    parsed_all: Vec<Parsed> => VciBatchParseResponse by VciBatchParseResponseAction, Reason::CredentialBatchParsed {}, request_infos;
}

fn request_infos(tenant: &Tenant, all: Vec<Parsed>) -> Vec<CredentialRequestInfo> {
    all.into_iter().map(|parsed| request_info(tenant, parsed)).collect()
}

fn request_info(tenant: &Tenant, parsed: Parsed) -> CredentialRequestInfo {
    let keys: Vec<_> = parsed.keys.iter().map(ToString::to_string).collect();
    let of_draft = tenant.credentials.as_ref().is_some_and(|issuer| issuer.version != Oid4vciVersion::Final);
    CredentialRequestInfo {
        identifier: Some(parsed.identifier),
        format: Some(parsed.format.to_owned()),
        binding_key: keys.first().cloned(),
        binding_keys: Some(keys).filter(|keys| !keys.is_empty()),
        details: Some(parsed.details.to_string()),
        credential_identifier: (parsed.by == NamedBy::Identifier).then(|| parsed.name.clone()),
        // COMPAT: published authorization servers take a request for one of the draft where this is not there.
        credential_configuration_id: (!of_draft).then_some(parsed.name),
    }
}

pub fn issued(tenant: &Tenant, outcome: Result<Answer, Refused>) -> VciSingleIssueResponse {
    use VciSingleIssueResponseAction as Action;
    let (reason, action, response_content, transaction_id) = match outcome {
        Ok(answer) => {
            let (reason, action) = match (&answer.transaction, answer.encrypted) {
                (None, false) => (Reason::CredentialIssued {}, Action::Ok),
                (None, true) => (Reason::CredentialIssued {}, Action::OkJwt),
                (Some(_), false) => (Reason::CredentialDeferred {}, Action::Accepted),
                (Some(_), true) => (Reason::CredentialDeferred {}, Action::AcceptedJwt),
            };
            (reason, action, answer.content, answer.transaction)
        }
        Err(refused) => {
            let fault = &refused.fault;
            let (action, content) = match fault.error() {
                OAuthError::InvalidToken => (Action::Unauthorized, challenge(tenant, &refused)),
                OAuthError::AccessDenied => (Action::Forbidden, error::json(tenant, fault)),
                OAuthError::CredentialRequestDenied => (Action::BadRequest, error::json(tenant, fault)),
                OAuthError::ServerError => (Action::InternalServerError, error::json(tenant, fault)),
                // The call itself is wrong, and the wallet is told no more than that.
                _ => (Action::CallerError, server_error()),
            };
            (refused.fault.reason, action, content, None)
        }
    };
    let (result_code, result_message) = result(&reason);
    VciSingleIssueResponse {
        result_code,
        result_message,
        action: Some(action),
        response_content: Some(response_content),
        transaction_id,
    }
}

pub fn issued_later(tenant: &Tenant, outcome: Result<Answer, Fault>) -> VciDeferredIssueResponse {
    use VciDeferredIssueResponseAction as Action;
    let (reason, action, response_content) = match outcome {
        Ok(answer) => {
            let (reason, action) = match (&answer.transaction, answer.encrypted) {
                (None, false) => (Reason::CredentialIssued {}, Action::Ok),
                (None, true) => (Reason::CredentialIssued {}, Action::OkJwt),
                (Some(_), false) => (Reason::CredentialDeferred {}, Action::Accepted),
                (Some(_), true) => (Reason::CredentialDeferred {}, Action::AcceptedJwt),
            };
            (reason, action, answer.content)
        }
        Err(fault) => {
            let (action, content) = match fault.error() {
                OAuthError::AccessDenied => (Action::Forbidden, error::json(tenant, &fault)),
                OAuthError::CredentialRequestDenied | OAuthError::IssuancePending => {
                    (Action::BadRequest, error::json(tenant, &fault))
                }
                OAuthError::ServerError => (Action::InternalServerError, error::json(tenant, &fault)),
                _ => (Action::CallerError, server_error()),
            };
            (fault.reason, action, content)
        }
    };
    let (result_code, result_message) = result(&reason);
    let response_content = Some(response_content);
    VciDeferredIssueResponse { result_code, result_message, action: Some(action), response_content }
}

pub fn issued_all(tenant: &Tenant, outcome: Result<Answer, Refused>) -> VciBatchIssueResponse {
    use VciBatchIssueResponseAction as Action;
    let (reason, action, response_content) = match outcome {
        Ok(answer) if answer.encrypted => (Reason::CredentialsIssued {}, Action::OkJwt, answer.content),
        Ok(answer) => (Reason::CredentialsIssued {}, Action::Ok, answer.content),
        Err(refused) => {
            let fault = &refused.fault;
            let (action, content) = match fault.error() {
                OAuthError::InvalidToken => (Action::Unauthorized, challenge(tenant, &refused)),
                OAuthError::AccessDenied => (Action::Forbidden, error::json(tenant, fault)),
                OAuthError::ServerError => (Action::InternalServerError, error::json(tenant, fault)),
                _ => (Action::CallerError, server_error()),
            };
            (refused.fault.reason, action, content)
        }
    };
    let (result_code, result_message) = result(&reason);
    let response_content = Some(response_content);
    VciBatchIssueResponse { result_code, result_message, action: Some(action), response_content }
}

pub(super) fn challenge(tenant: &Tenant, refused: &Refused) -> String {
    error::challenge(tenant, &refused.fault, refused.scheme, &[])
}

/// Draft 13 §7.3.2: there is no endpoint for nonces, and the error of a nonce is that of its proof.
fn refusal(tenant: &Tenant, refused: &Refused) -> String {
    let content = error::json(tenant, &refused.fault);
    let Some((nonce, secs)) = &refused.nonce else { return content };
    let mut members: serde_json::Map<_, _> = serde_json::from_str(&content).unwrap_or_default();
    members.insert("error".to_owned(), OAuthError::InvalidProof.wire().into());
    members.insert("c_nonce".to_owned(), nonce.as_str().into());
    members.insert("c_nonce_expires_in".to_owned(), (*secs).into());
    serde_json::Value::Object(members).to_string()
}

fn server_error() -> String {
    serde_json::json!({ "error": OAuthError::ServerError.wire() }).to_string()
}
