//! POST /api/{serviceId}/attestation/challenge – draft-ietf-oauth-attestation-based-client-auth-07 §8

use placet_api::Reason;
use placet_api::types::*;
use serde_json::json;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::reply::result;
use crate::mint::error;
use crate::tenant::Tenant;

/// What proofs of client attestations must carry now, and the content that says so.
pub struct Challenge {
    value: String,
    content: String,
}

pub async fn challenge(cx: &mut Cx<'_>, call: &AttestationChallengeRequest) -> Result<Challenge, Fault> {
    let challenges = cx.tenant.attestation.challenges.as_ref();
    let value = challenges.ok_or(Reason::ChallengeEndpointMissing {})?.current(cx.now);
    let content = json!({ "attestation_challenge": &value });
    let content = match call.pretty {
        Some(true) => serde_json::to_string_pretty(&content).map_err(Fault::server)?,
        _ => content.to_string(),
    };
    Ok(Challenge { value, content })
}

pub fn reply(tenant: &Tenant, outcome: Result<Challenge, Fault>) -> AttestationChallengeResponse {
    let (reason, action, content, attestation_challenge) = match outcome {
        Ok(Challenge { value, content }) => {
            (Reason::ChallengeIssued {}, AttestationChallengeResponseAction::Ok, content, Some(value))
        }
        Err(fault) => {
            let content = error::json(tenant, &fault);
            (fault.reason, AttestationChallengeResponseAction::InternalServerError, content, None)
        }
    };
    let (result_code, result_message) = result(&reason);
    AttestationChallengeResponse {
        result_code,
        result_message,
        action: Some(action),
        response_content: Some(content),
        attestation_challenge,
    }
}
