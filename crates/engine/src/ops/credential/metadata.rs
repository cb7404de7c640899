//! POST /api/{serviceId}/vci/metadata, /vci/jwtissuer, /vci/jwks

use placet_api::Reason;
use placet_api::types::{VciJwksRequest, VciJwtissuerRequest, VciMetadataRequest};
use placet_base::Ttl;
use placet_jose::Unsigned;
use placet_jose::jwt::asymmetric;
use serde_json::{Map, Value, json};

use super::{Outcome, Published};
use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::credential;
use crate::tenant::credential_issuer::{CredentialIssuer, Oid4vciVersion};

/// How long metadata count that somebody shows who is not the issuer.
const SIGNED: Ttl = Ttl::secs(24 * 60 * 60);

/// The metadata: as JSON, or signed.
pub struct Metadata {
    pub content: Published,
    /// It is a JWT.
    pub signed: bool,
}

/// OpenID for Verifiable Credential Issuance 1.0 §12.2
pub async fn metadata(cx: &mut Cx<'_>, call: &VciMetadataRequest) -> Result<Metadata, Fault> {
    let tenant = cx.tenant.clone();
    let issuer = tenant.credentials.as_ref().ok_or(Reason::CredentialMetadataNotFound {})?;
    let document = issuer.metadata.as_ref().ok_or(Reason::CredentialMetadataIncomplete {})?;
    if call.signed != Some(true) {
        return Ok(Metadata { content: Published::new(document, call.pretty), signed: false });
    }
    let jwt = signed(cx, issuer, document).await?;
    match issuer.version {
        Oid4vciVersion::Final => Ok(Metadata { content: Published(jwt), signed: true }),
        // Draft 13 §11.2.3: it is one of the members, which those who do not know it pass over.
        Oid4vciVersion::ImplementersDraft1 => {
            let mut document = document.clone();
            document["signed_metadata"] = jwt.into();
            Ok(Metadata { content: Published::new(&document, call.pretty), signed: false })
        }
    }
}

/// §12.2.3: the members are claims, and who says so is the issuer itself.
async fn signed(cx: &Cx<'_>, issuer: &CredentialIssuer, document: &Value) -> Result<String, Fault> {
    let key = issuer.keys.signing(asymmetric(), None).ok_or(Reason::CredentialKeyMissing {})?;
    let identifier = document.get("credential_issuer").cloned().unwrap_or_default();
    let mut claims = document.as_object().cloned().unwrap_or_default();
    for (name, value) in [
        ("iss", identifier.clone()),
        ("sub", identifier),
        ("iat", cx.now.as_secs().into()),
        ("exp", (cx.now + SIGNED).as_secs().into()),
    ] {
        claims.insert(name.to_owned(), value);
    }
    let header = Map::from_iter([("typ".to_owned(), "openidvci-issuer-metadata+jwt".into())]);
    cx.signed(credential::with_chain(Unsigned { header, claims }, key), &key.key).await
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
