//! What a request presents: a token in one way, a proof, a certificate.

use std::borrow::Cow;
use std::sync::Arc;

use data_encoding::{BASE64, BASE64URL_NOPAD};
use http::HeaderName;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;
use placet_base::{TokenHash, form};

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
        // RFC 6750 §2, RFC 9700 §4.3.2: a token in a query is read by everything on the way.
        if names_token(parts.uri.query().unwrap_or_default().as_bytes()) {
            return Err(Nothing::Malformed("The access token stands in the query."));
        }
        let mut credentials = parts.headers.get_all(AUTHORIZATION).iter();
        let first = credentials.next().ok_or(Nothing::Absent)?;
        if credentials.next().is_some() {
            return Err(Nothing::Malformed("The request has more than one Authorization header."));
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
        let proof = proof(parts)?;
        Ok(Self {
            scheme,
            token: token.to_owned(),
            // RFC 9449 §7.2: under another scheme it proves nothing, and must not open a bound token.
            proof: proof.filter(|_| scheme == Scheme::Dpop),
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

/// Whether a query or form has the parameter `access_token`, however it is written.
pub(crate) fn names_token(form: &[u8]) -> bool {
    let text = String::from_utf8_lossy(form);
    let name = |item: &str| form::decode(item.split('=').next().unwrap_or_default()).map(Cow::into_owned);
    text.split('&').filter_map(name).any(|name| name == "access_token")
}

/// Whether the body is one that RFC 6750 §2.2 lets tokens travel in, and that a server reads as a form.
pub(crate) fn is_form(parts: &Parts) -> bool {
    let kind = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
