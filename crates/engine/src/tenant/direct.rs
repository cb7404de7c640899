//! Services without an authorization server in front of them.

use placet_api::types::Service;
use placet_base::url::AbsoluteUri;

use super::settings::{given, on};

/// The endpoints that clients and resource servers of a service call themselves ("direct" ones, as the hosted product
/// names them).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Direct {
    pub token: bool,
    pub revocation: bool,
    pub introspection: bool,
    pub userinfo: bool,
    pub jwks: bool,
    /// Where the authorization endpoint sends browsers on to.
    pub authorization: Option<AbsoluteUri>,
}

impl Direct {
    pub(super) fn compile(document: &Service) -> Self {
        Self {
            token: on(document.direct_token_endpoint_enabled),
            revocation: on(document.direct_revocation_endpoint_enabled),
            introspection: on(document.direct_introspection_endpoint_enabled),
            userinfo: on(document.direct_user_info_endpoint_enabled),
            jwks: on(document.direct_jwks_endpoint_enabled),
            authorization: given(&document.authorization_endpoint)
                .filter(|_| on(document.direct_authorization_endpoint_enabled))
                .and_then(|uri| AbsoluteUri::parse(&uri).ok())
                // RFC 6749 §3.1: no fragment; and nothing but a page.
                .filter(|uri| (uri.is_https() || uri.is_http()) && !uri.has_fragment()),
        }
    }
}
