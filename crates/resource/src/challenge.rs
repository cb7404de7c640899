//! What a refusal says: RFC 6750 §3, RFC 9449 §7.1, RFC 9470 §3, RFC 9728 §5.1.

use http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Response, StatusCode};

use crate::presented::Scheme;
use crate::protection::Requirements;

static DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// The algorithms of proofs that are verified here, for the challenge.
pub(crate) const ALGS: &str = "ES256 ES384 ES512 EdDSA PS256 PS384 PS512 RS256 RS384 RS512";

/// A request that is not let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// 400, 401, 403, 413 or 503.
    pub status: StatusCode,
    /// Values for `WWW-Authenticate`.
    pub challenges: Vec<String>,
    /// The value for `DPoP-Nonce`.
    pub nonce: Option<String>,
}

/// The kinds of refusal that are made here; the API makes its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Error {
    InvalidRequest(&'static str),
    /// The form is larger than what is looked through for a second token.
    TooLarge,
    InvalidToken(&'static str),
    InsufficientScope,
    InsufficientAuthentication,
    InvalidProof(&'static str),
    NonceWanted,
    /// The keys of the authorization server cannot be read: nothing can be said of the token.
    Away,
}

impl Refusal {
    /// No token at all: both schemes are offered, and there is no error to name.
    pub(crate) fn absent(metadata: &str) -> Self {
        let challenges = vec![
            format!("Bearer resource_metadata=\"{metadata}\""),
            format!("DPoP algs=\"{ALGS}\",resource_metadata=\"{metadata}\""),
        ];
        Self { status: StatusCode::UNAUTHORIZED, challenges, nonce: None }
    }

    /// The authorization server does not answer; it may soon.
    pub(crate) fn unavailable() -> Self {
        Self { status: StatusCode::SERVICE_UNAVAILABLE, challenges: Vec::new(), nonce: None }
    }

    pub(crate) fn of(error: Error, scheme: Scheme, demand: &Requirements, metadata: &str) -> Self {
        let (status, name, description) = match error {
            Error::InvalidRequest(why) => (StatusCode::BAD_REQUEST, "invalid_request", why),
            Error::InvalidToken(why) => (StatusCode::UNAUTHORIZED, "invalid_token", why),
            Error::InsufficientScope => (
                StatusCode::FORBIDDEN,
                "insufficient_scope",
                "The access token does not cover this resource.",
            ),
            Error::InsufficientAuthentication => (
                StatusCode::UNAUTHORIZED,
                "insufficient_user_authentication",
                "The user has to be authenticated again, or in a stronger way.",
            ),
            Error::InvalidProof(why) => (StatusCode::UNAUTHORIZED, "invalid_dpop_proof", why),
            Error::Away => return Self::unavailable(),
            Error::TooLarge => {
                return Self { status: StatusCode::PAYLOAD_TOO_LARGE, challenges: Vec::new(), nonce: None };
            }
            Error::NonceWanted => {
                (StatusCode::UNAUTHORIZED, "use_dpop_nonce", "The proof needs the nonce of this answer.")
            }
        };
        let mut challenge = format!("error=\"{name}\",error_description=\"{description}\"");
        let mut more = |name: &str, value: String| challenge.push_str(&format!(",{name}=\"{value}\""));
        if error == Error::InsufficientScope {
            more("scope", demand.scopes.join(" "));
        }
        if error == Error::InsufficientAuthentication {
            if !demand.acrs.is_empty() {
                more("acr_values", demand.acrs.join(" "));
            }
            if let Some(age) = demand.max_age {
                more("max_age", age.to_string());
            }
        }
        more("resource_metadata", metadata.to_owned());
        let challenge = match scheme {
            Scheme::Bearer => format!("Bearer {challenge}"),
            Scheme::Dpop => format!("DPoP algs=\"{ALGS}\",{challenge}"),
        };
        Self { status, challenges: vec![challenge], nonce: None }
    }

    pub(crate) fn response<B: Default>(&self) -> Response<B> {
        let mut response = Response::new(B::default());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for challenge in &self.challenges {
            if let Ok(value) = HeaderValue::try_from(challenge.as_str()) {
                headers.append(WWW_AUTHENTICATE, value);
            }
        }
        if let Some(nonce) = self.nonce.as_ref().and_then(|nonce| HeaderValue::try_from(nonce.as_str()).ok())
        {
            headers.insert(DPOP_NONCE.clone(), nonce);
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}

/// Puts the nonce for the next proof into an answer (RFC 9449 §9).
pub(crate) fn with_nonce<B>(response: &mut Response<B>, nonce: Option<String>) {
    if let Some(nonce) = nonce.and_then(|nonce| HeaderValue::try_from(nonce).ok()) {
        response.headers_mut().insert(DPOP_NONCE.clone(), nonce);
    }
}
