//! What a service should have before strangers use it: points of a list, each met or not, with the setting that it is about.

use minijinja::{Value, context};
use placet_base::registry::{GrantType, JwsAlg, ResponseType};
use placet_jose::{JwkSet, KeyUse};
use placet_sdk::types::Service;

/// A point of the list.
pub(crate) struct Point {
    /// The name of its text.
    pub(crate) text: &'static str,
    /// The member that it is about.
    pub(crate) member: &'static str,
    pub(crate) clause: &'static str,
    pub(crate) is_met: bool,
}

impl Point {
    pub(crate) fn shown(&self) -> Value {
        context! { text => self.text, member => self.member, clause => self.clause, met => self.is_met }
    }
}

/// What an access token lives that is bound to nothing, at most, and a code.
const LONGEST_ACCESS: i64 = 24 * 60 * 60;
const LONGEST_CODE: i64 = 10 * 60;

pub(crate) fn points(service: &Service) -> Vec<Point> {
    let point = |text, member, clause, is_met| Point { text, member, clause, is_met };
    let on = |flag: Option<bool>| flag == Some(true);
    let https = service.issuer.as_deref().is_some_and(|issuer| issuer.starts_with("https://"));
    let profiled = service.fapi_modes.as_ref().is_some_and(|modes| !modes.is_empty());
    let set = service.jwks.as_deref().and_then(|text| JwkSet::parse(text).ok()).unwrap_or_default();
    let signs = set
        .keys()
        .iter()
        .any(|key| JwsAlg::ALL.iter().any(|alg| alg.is_asymmetric() && key.signing_key(*alg).is_some()))
        || service.hsks.as_ref().is_some_and(|keys| !keys.is_empty());
    let grants = service.supported_grant_types.as_deref().unwrap_or_default();
    let responses = service.supported_response_types.as_deref().unwrap_or_default();
    let within = |seconds: Option<i64>, most: i64| seconds.unwrap_or_default() <= most;
    vec![
        point("check.issuer", "issuer", "RFC 8414 §2", https),
        point("check.keys", "jwks", "OpenID Connect Core §10.1", signs),
        point("check.next_key", "jwks", "OpenID Connect Core §10.1.1", spare(&set)),
        point("check.pkce", "pkceRequired", "RFC 9700 §2.1.1", on(service.pkce_required) || profiled),
        point(
            "check.s256",
            "pkceS256Required",
            "RFC 9700 §2.1.1",
            on(service.pkce_s256_required) || profiled,
        ),
        point(
            "check.implicit",
            "supportedResponseTypes",
            "RFC 9700 §2.1.2",
            !responses.iter().any(|kind: &ResponseType| kind.has_token()),
        ),
        point(
            "check.password",
            "supportedGrantTypes",
            "RFC 9700 §2.4",
            !grants.contains(&GrantType::Password),
        ),
        point("check.iss", "issSuppressed", "RFC 9207 §2", !on(service.iss_suppressed)),
        point(
            "check.access",
            "accessTokenDuration",
            "RFC 9700 §2.2.1",
            within(service.access_token_duration, LONGEST_ACCESS),
        ),
        point(
            "check.code",
            "authorizationCodeDuration",
            "RFC 6749 §4.1.2",
            within(service.authorization_code_duration, LONGEST_CODE),
        ),
        point(
            "check.refresh",
            "refreshTokenKept",
            "RFC 9700 §4.14.2",
            !on(service.refresh_token_kept) || profiled,
        ),
    ]
}

/// Whether there is a signing key to go to.
fn spare(set: &JwkSet) -> bool {
    let signing = set.keys().iter().filter(|key| key.key_use() != Some(KeyUse::Encryption));
    let mut algs: Vec<_> = signing.filter_map(|key| key.alg()).collect();
    algs.sort_unstable();
    algs.windows(2).any(|pair| pair[0] == pair[1])
}

#[cfg(test)]
mod tests {
    use placet_base::registry::FapiMode;

    use super::*;

    fn unmet(service: &Service) -> Vec<&'static str> {
        points(service).into_iter().filter(|point| !point.is_met).map(|point| point.text).collect()
    }

    #[test]
    fn an_empty_service_is_told_what_it_lacks_and_a_full_one_nothing() {
        assert_eq!(
            unmet(&Service::default()),
            ["check.issuer", "check.keys", "check.next_key", "check.pkce", "check.s256"]
        );
        let keys: Vec<_> = [JwsAlg::Es256; 2].iter().filter_map(|alg| placet_jose::generate(*alg)).collect();
        let service = Service {
            issuer: Some("https://as.example".to_owned()),
            jwks: Some(serde_json::json!({ "keys": keys }).to_string()),
            fapi_modes: Some(vec![FapiMode::Fapi2Security]),
            ..Service::default()
        };
        assert!(unmet(&service).is_empty(), "{:?}", unmet(&service));
    }

    #[test]
    fn each_loose_setting_is_found() {
        let service = Service {
            supported_response_types: Some(vec![ResponseType::Token]),
            supported_grant_types: Some(vec![GrantType::Password]),
            iss_suppressed: Some(true),
            access_token_duration: Some(LONGEST_ACCESS + 1),
            authorization_code_duration: Some(LONGEST_CODE + 1),
            refresh_token_kept: Some(true),
            ..Service::default()
        };
        let found = unmet(&service);
        for point in ["implicit", "password", "iss", "access", "code", "refresh"] {
            assert!(found.iter().any(|text| text.ends_with(point)), "{point}");
        }
    }
}
