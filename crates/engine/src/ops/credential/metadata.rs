//! POST /api/{serviceId}/vci/metadata, /vci/jwtissuer, /vci/jwks

use placet_api::Reason;
use placet_api::types::{VciJwksRequest, VciJwtissuerRequest, VciMetadataRequest};
use serde_json::json;

use super::{Outcome, Published};
use crate::cx::Cx;

/// OpenID for Verifiable Credential Issuance 1.0 §12.2
pub async fn metadata(cx: &mut Cx<'_>, call: &VciMetadataRequest) -> Outcome {
    let issuer = cx.tenant.credentials.as_ref().ok_or(Reason::CredentialMetadataNotFound {})?;
    let document = issuer.metadata.as_ref().ok_or(Reason::CredentialMetadataIncomplete {})?;
    Ok(Published::new(document, call.pretty))
}

/// draft-ietf-oauth-sd-jwt-vc §5, which calls it JWT VC issuer metadata: where the keys are, or else the keys.
pub async fn jwt_issuer(cx: &mut Cx<'_>, call: &VciJwtissuerRequest) -> Outcome {
    let issuer = cx.tenant.credentials.as_ref().ok_or(Reason::JwtIssuerNotFound {})?;
    let identifier = issuer.identifier.as_deref().ok_or(Reason::JwtIssuerUnnamed {})?;
    let uri = cx.tenant.document.credential_jwks_uri.as_deref().filter(|uri| !uri.is_empty());
    let document = match (uri, issuer.keys.published()) {
        (Some(uri), _) => json!({ "issuer": identifier, "jwks_uri": uri }),
        (None, Some(keys)) => json!({ "issuer": identifier, "jwks": keys }),
        (None, None) => return Err(Reason::JwtIssuerKeysMissing {}.into()),
    };
    Ok(Published::new(&document, call.pretty))
}

/// What credentials are verified with.
pub async fn jwks(cx: &mut Cx<'_>, call: &VciJwksRequest) -> Outcome {
    let issuer = cx.tenant.credentials.as_ref().ok_or(Reason::CredentialKeysNotFound {})?;
    let keys = issuer.keys.published().ok_or(Reason::CredentialKeysMissing {})?;
    Ok(Published::new(&keys, call.pretty))
}
