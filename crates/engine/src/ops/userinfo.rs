//! The userinfo endpoint (OpenID Connect Core §5.3).

pub mod issue;
pub mod request;

use placet_api::{OAuthError, Reason};
use placet_base::{Scopes, Subject};

use crate::cx::{Cx, LiveToken};
use crate::fault::Fault;
use crate::flow::access_token::{self, Refusals};

/// A token that opens the userinfo endpoint, and whom it is about.
pub struct UserinfoToken {
    pub known: LiveToken,
    pub subject: Subject,
}

/// A refusal, and the scheme that the token is used with.
pub struct Refused {
    pub fault: Fault,
    pub scheme: &'static str,
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self { fault, scheme: "Bearer" }
    }
}

impl From<crate::run::Broken> for Refused {
    fn from(broken: crate::run::Broken) -> Self {
        Fault::from(broken).into()
    }
}

/// §5.3.1: a live access token for `openid`, with a user behind it: a token without a user is never for
/// `openid`. `scope` is the endpoint's reason when it is not.
///
/// COMPAT: a token that is meant for a resource (RFC 8707 §2) opens the endpoint too, by its scope: clients of the
/// hosted product name the API that they want, and ask both it and the userinfo endpoint with one token.
async fn opened(
    cx: &Cx<'_>,
    value: Option<&str>,
    refusals: fn() -> Refusals,
    scope: Reason,
) -> Result<UserinfoToken, Fault> {
    let known = access_token::known(cx, value, &refusals()).await?;
    known.expiry(cx, refusals())?;
    let entitlement = &known.token.entitlement;
    match entitlement.subject.clone() {
        Some(subject) if entitlement.scopes.contains(Scopes::OPENID) => Ok(UserinfoToken { known, subject }),
        _ => Err(scope.into()),
    }
}

/// What a refusal becomes at both calls.
enum Action {
    BadRequest,
    Unauthorized,
    Forbidden,
    InternalServerError,
}

fn action(fault: &Fault) -> Action {
    match fault.error() {
        OAuthError::InvalidRequest => Action::BadRequest,
        OAuthError::InsufficientScope => Action::Forbidden,
        OAuthError::ServerError => Action::InternalServerError,
        _ => Action::Unauthorized,
    }
}
