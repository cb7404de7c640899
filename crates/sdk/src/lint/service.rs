//! Rules about services.

use placet_api::types::Service;
use placet_base::registry::{ClientAuthMethod, GrantType};

use super::{Finding, Reached, Rule, Severity, keys, reached};

const ISSUER_MISSING: Rule = Rule::new("issuer-missing", Severity::Error, "issuer", "RFC 8414 §2");
const ISSUER_HTTP: Rule = Rule::new("issuer-http", Severity::Error, "issuer", "RFC 8414 §2");
const ISSUER_QUERY: Rule = Rule::new("issuer-query", Severity::Error, "issuer", "RFC 8414 §2");
const ENDPOINT_HTTP: Rule =
    Rule::new("endpoint-http", Severity::Error, "tokenEndpoint", "RFC 6749 §3.1 and §3.2");
const TOKEN_ENDPOINT: Rule =
    Rule::new("token-endpoint-missing", Severity::Warning, "tokenEndpoint", "RFC 8414 §2");
const AUTHORIZATION_ENDPOINT: Rule =
    Rule::new("authorization-endpoint-missing", Severity::Warning, "authorizationEndpoint", "RFC 8414 §2");
const IMPLICIT: Rule =
    Rule::new("implicit-grant", Severity::Warning, "supportedGrantTypes", "RFC 9700 §2.1.2");
const PASSWORD: Rule = Rule::new("password-grant", Severity::Warning, "supportedGrantTypes", "RFC 9700 §2.4");
const FRONT_CHANNEL: Rule =
    Rule::new("tokens-through-browsers", Severity::Warning, "supportedResponseTypes", "RFC 9700 §2.1.2");
const PKCE: Rule = Rule::new("pkce-optional", Severity::Warning, "pkceRequired", "RFC 9700 §2.1.1");
const S256: Rule = Rule::new("pkce-plain", Severity::Warning, "pkceS256Required", "RFC 7636 §7.2");
const ISS: Rule =
    Rule::new("iss-suppressed", Severity::Warning, "issSuppressed", "RFC 9207 §2, RFC 9700 §2.1");
const LONG_TOKENS: Rule =
    Rule::new("long-access-tokens", Severity::Notice, "accessTokenDuration", "RFC 6750 §5.3");
const LONG_CODES: Rule =
    Rule::new("long-codes", Severity::Warning, "authorizationCodeDuration", "RFC 6749 §4.1.2");
const ENDLESS: Rule =
    Rule::new("endless-refresh-tokens", Severity::Notice, "refreshTokenDurationReset", "RFC 9700 §4.14.2");
const KEPT: Rule = Rule::new("refresh-tokens-kept", Severity::Notice, "refreshTokenKept", "RFC 9700 §4.14.2");
const CIMD_HTTP: Rule = Rule::new(
    "metadata-document-http",
    Severity::Warning,
    "cimdHttpPermitted",
    "draft-ietf-oauth-client-id-metadata-document §3",
);
const UNSIGNED_ASSERTIONS: Rule =
    Rule::new("unsigned-assertions", Severity::Error, "jwtGrantUnsignedJwtRejected", "RFC 7523 §3");
const UNSIGNED_EXCHANGE: Rule =
    Rule::new("unsigned-exchange", Severity::Warning, "tokenExchangeUnsignedJwtRejected", "RFC 8725 §3.3");
const CHAINS: Rule =
    Rule::new("certificates-unchecked", Severity::Warning, "mutualTlsValidatePkiCertChain", "RFC 8705 §2.1");

pub(super) const RULES: &[&Rule] = &[
    &ISSUER_MISSING,
    &ISSUER_HTTP,
    &ISSUER_QUERY,
    &ENDPOINT_HTTP,
    &TOKEN_ENDPOINT,
    &AUTHORIZATION_ENDPOINT,
    &IMPLICIT,
    &PASSWORD,
    &FRONT_CHANNEL,
    &PKCE,
    &S256,
    &ISS,
    &LONG_TOKENS,
    &LONG_CODES,
    &ENDLESS,
    &KEPT,
    &CIMD_HTTP,
    &UNSIGNED_ASSERTIONS,
    &UNSIGNED_EXCHANGE,
    &CHAINS,
];

/// RFC 6749 §4.1.2: ten minutes at most.
const LONGEST_CODE: i64 = 600;
/// RFC 6750 §5.3 asks for an hour or less; a day is beyond dispute.
const LONGEST_TOKEN: i64 = 86_400;

pub(super) fn findings(service: &Service) -> Vec<Finding> {
    let mut found = issuer(service);
    found.extend(endpoints(service));
    found.extend(grants(service));
    found.extend(flags(service));
    found.extend(durations(service));
    found.extend(keys::findings(service));
    found
}

pub(super) fn is(flag: Option<bool>) -> bool {
    flag == Some(true)
}

/// Whether a FAPI profile is in force, which demands more than single settings do.
fn is_profiled(service: &Service) -> bool {
    service.fapi_modes.as_ref().is_some_and(|modes| !modes.is_empty())
}

fn issuer(service: &Service) -> Vec<Finding> {
    let Some(issuer) = service.issuer.as_deref() else {
        return vec![
            ISSUER_MISSING.finds("there is no issuer: nobody can find the service, and tokens name nobody"),
        ];
    };
    let mut found = Vec::new();
    if reached(issuer) == Reached::Openly {
        found.push(ISSUER_HTTP.finds_with("the issuer {0} is no https URL", [&issuer]));
    }
    if issuer.contains(['?', '#']) {
        found.push(ISSUER_QUERY.finds("an issuer has neither query nor fragment"));
    }
    found
}

fn endpoints(service: &Service) -> Vec<Finding> {
    let urls = [
        ("authorizationEndpoint", &service.authorization_endpoint),
        ("tokenEndpoint", &service.token_endpoint),
        ("userInfoEndpoint", &service.user_info_endpoint),
        ("revocationEndpoint", &service.revocation_endpoint),
        ("introspectionEndpoint", &service.introspection_endpoint),
        ("pushedAuthReqEndpoint", &service.pushed_auth_req_endpoint),
        ("registrationEndpoint", &service.registration_endpoint),
        ("deviceAuthorizationEndpoint", &service.device_authorization_endpoint),
        ("deviceVerificationUri", &service.device_verification_uri),
        ("backchannelAuthenticationEndpoint", &service.backchannel_authentication_endpoint),
        ("grantManagementEndpoint", &service.grant_management_endpoint),
        ("endSessionEndpoint", &service.end_session_endpoint),
        ("jwksUri", &service.jwks_uri),
    ];
    let open = urls.into_iter().filter_map(|(member, url)| Some((member, url.as_deref()?)));
    let open = open.filter(|(_, url)| reached(url) == Reached::Openly);
    let mut found: Vec<_> = open
        .map(|(member, url)| Finding { member, ..ENDPOINT_HTTP.finds_with("{0} is no https URL", [&url]) })
        .collect();
    let grants = service.supported_grant_types.as_deref().unwrap_or_default();
    if service.token_endpoint.is_none() && !grants.is_empty() {
        found.push(TOKEN_ENDPOINT.finds("clients are not told where the token endpoint is"));
    }
    if service.authorization_endpoint.is_none() && grants.contains(&GrantType::AuthorizationCode) {
        found.push(AUTHORIZATION_ENDPOINT.finds("clients are not told where the authorization endpoint is"));
    }
    found
}

fn grants(service: &Service) -> Vec<Finding> {
    let grants = service.supported_grant_types.as_deref().unwrap_or_default();
    let mut found = Vec::new();
    if grants.contains(&GrantType::Implicit) {
        found.push(IMPLICIT.finds("the implicit grant sends access tokens through browsers"));
    }
    if grants.contains(&GrantType::Password) {
        found.push(PASSWORD.finds("the password grant shows users' passwords to clients"));
    }
    let types = service.supported_response_types.as_deref().unwrap_or_default();
    let through: Vec<_> = types.iter().filter(|t| t.has_token()).map(|t| t.api_name()).collect();
    if !through.is_empty() {
        let sentence = "{0} send access tokens through browsers";
        found.push(FRONT_CHANNEL.finds_with(sentence, [&through.join(", ")]));
    }
    if grants.contains(&GrantType::AuthorizationCode) && !is_profiled(service) {
        match (is(service.pkce_required), is(service.pkce_s256_required)) {
            (false, _) => found.push(PKCE.finds("codes are given without PKCE, unless clients ask for it")),
            (true, false) => found.push(S256.finds("PKCE may be plain, which protects less")),
            (true, true) => {}
        }
    }
    found
}

fn flags(service: &Service) -> Vec<Finding> {
    let mut found = Vec::new();
    if is(service.iss_suppressed) {
        found.push(ISS.finds("answers do not name the issuer, so that clients of several can be mixed up"));
    }
    if is(service.client_id_metadata_document_supported) && is(service.cimd_http_permitted) {
        found.push(
            CIMD_HTTP.finds(
                "metadata documents of clients may come by http, and anybody on the way may change them",
            ),
        );
    }
    if service.jwt_grant_unsigned_jwt_rejected == Some(false) {
        found.push(
            UNSIGNED_ASSERTIONS.finds("assertions without a signature are handed on: anybody can make them"),
        );
    }
    if service.token_exchange_unsigned_jwt_rejected == Some(false) {
        found.push(
            UNSIGNED_EXCHANGE.finds("JWTs without a signature may be exchanged: anybody can make them"),
        );
    }
    let methods = service.supported_token_auth_methods.as_deref().unwrap_or_default();
    if methods.contains(&ClientAuthMethod::TlsClientAuth) && !is(service.mutual_tls_validate_pki_cert_chain) {
        let message =
            "tls_client_auth goes by a certificate's subject, and nothing here checks who has issued it";
        found.push(CHAINS.finds(message));
    }
    found
}

fn durations(service: &Service) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(seconds) = service.access_token_duration.filter(|seconds| *seconds > LONGEST_TOKEN) {
        found.push(LONG_TOKENS.finds_with("access tokens live for {0} days", [&(seconds / 86_400)]));
    }
    if let Some(seconds) = service.authorization_code_duration.filter(|seconds| *seconds > LONGEST_CODE) {
        found.push(LONG_CODES.finds_with("codes live for {0} seconds; ten minutes are the most", [&seconds]));
    }
    if is(service.refresh_token_kept) && is(service.refresh_token_duration_reset) {
        found.push(ENDLESS.finds("a refresh token that is stolen lives on for as long as it is used"));
    }
    if is(service.refresh_token_kept) && !is_profiled(service) {
        found.push(
            KEPT.finds("refresh tokens are used more than once, so that nobody notices one that is stolen"),
        );
    }
    found
}
