//! What a request presents: a token in one way, a proof, a certificate.

use std::sync::Arc;

use data_encoding::{BASE64, BASE64URL_NOPAD};
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderName, Uri};
use placet_base::TokenHash;

static DPOP: HeaderName = HeaderName::from_static("dpop");

/// The certificate that the client has shown in the TLS handshake, DER; an extension of the request. Only what ends
/// TLS may set it.
#[derive(Clone, Debug)]
pub struct ClientCertificate(pub Arc<[u8]>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Bearer,
    Dpop,
}

pub(crate) struct Presented {
    pub(crate) scheme: Scheme,
    pub(crate) token: String,
    pub(crate) proof: Option<String>,
    pub(crate) certificate: Option<ClientCertificate>,
    pub(crate) method: String,
    /// Path and query.
    pub(crate) path: String,
}

/// Why there is nothing to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nothing {
    /// RFC 6750 §3.1: no credentials, no error.
    Absent,
    Malformed(&'static str),
}

impl Presented {
    pub(crate) fn read(parts: &Parts) -> Result<Self, Nothing> {
        let mut credentials = parts.headers.get_all(AUTHORIZATION).iter();
        let first = credentials.next().ok_or(Nothing::Absent)?;
        if credentials.next().is_some() {
            return Err(Nothing::Malformed("The request has more than one Authorization header."));
        }
        // RFC 6750 §2: a token in a query is read by everything on the way.
        if names_token(&parts.uri) {
            return Err(Nothing::Malformed("The access token comes in two ways."));
        }
        let text = first.to_str().map_err(|_| Nothing::Malformed("The Authorization header is no text."))?;
        let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
        let scheme = match scheme {
            scheme if scheme.eq_ignore_ascii_case("bearer") => Scheme::Bearer,
            scheme if scheme.eq_ignore_ascii_case("dpop") => Scheme::Dpop,
            _ => return Err(Nothing::Absent),
        };
        let token = token.trim();
        let is_token68 = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
        if token.is_empty() || !token.bytes().all(is_token68) {
            return Err(Nothing::Malformed("The access token is not of the form of one."));
        }
        Ok(Self {
            scheme,
            token: token.to_owned(),
            proof: proof(parts)?,
            certificate: parts.extensions.get::<ClientCertificate>().cloned(),
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        })
    }

    /// RFC 8705 §3.1: the thumbprint of the certificate.
    pub(crate) fn thumbprint(&self) -> Option<String> {
        let certificate = self.certificate.as_ref()?;
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &certificate.0);
        Some(BASE64URL_NOPAD.encode(digest.as_ref()))
    }

    /// The certificate as the API takes it.
    pub(crate) fn pem(&self) -> Option<String> {
        let text = BASE64.encode(&self.certificate.as_ref()?.0);
        Some(format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n"))
    }

    pub(crate) fn hash(&self) -> TokenHash {
        TokenHash::of(&self.token)
    }
}

/// RFC 9449 §4.3: one header of this kind.
fn proof(parts: &Parts) -> Result<Option<String>, Nothing> {
    let mut proofs = parts.headers.get_all(&DPOP).iter();
    let Some(first) = proofs.next() else { return Ok(None) };
    if proofs.next().is_some() {
        return Err(Nothing::Malformed("The request has more than one DPoP header."));
    }
    let text = first.to_str().map_err(|_| Nothing::Malformed("The DPoP header is no text."))?;
    Ok(Some(text.to_owned()))
}

fn names_token(uri: &Uri) -> bool {
    uri.query()
        .is_some_and(|query| query.split('&').any(|item| item.split('=').next() == Some("access_token")))
}
