//! Rules about clients.

use placet_api::types::{Client, Service};
use placet_base::registry::{ApplicationType, ClientAuthMethod, ClientType, GrantType, JweAlg, JwsAlg};
use placet_jose::JwkSet;

use super::service::is;
use super::{Finding, Reached, Rule, Severity, reached};

const REDIRECT_NONE: Rule =
    Rule::new("redirect-missing", Severity::Error, "redirectUris", "RFC 6749 §3.1.2.2");
const REDIRECT_HTTP: Rule = Rule::new("redirect-http", Severity::Warning, "redirectUris", "RFC 9700 §2.6");
const REDIRECT_PATTERN: Rule =
    Rule::new("redirect-pattern", Severity::Error, "redirectUris", "RFC 9700 §4.1.3");
const REDIRECT_FRAGMENT: Rule =
    Rule::new("redirect-fragment", Severity::Error, "redirectUris", "RFC 6749 §3.1.2");
const REDIRECT_LOCALHOST: Rule =
    Rule::new("redirect-localhost", Severity::Notice, "redirectUris", "RFC 8252 §8.3");
const REDIRECT_SCHEME: Rule =
    Rule::new("redirect-scheme", Severity::Warning, "redirectUris", "RFC 8252 §7.1");
const IMPLICIT: Rule = Rule::new("client-implicit-grant", Severity::Warning, "grantTypes", "RFC 9700 §2.1.2");
const PASSWORD: Rule = Rule::new("client-password-grant", Severity::Warning, "grantTypes", "RFC 9700 §2.4");
const PUBLIC_CREDENTIALS: Rule =
    Rule::new("public-client-credentials", Severity::Error, "grantTypes", "RFC 6749 §4.4");
const PUBLIC_METHOD: Rule =
    Rule::new("public-with-secret", Severity::Warning, "tokenAuthMethod", "RFC 6749 §2.3");
const CONFIDENTIAL_NONE: Rule =
    Rule::new("confidential-without-proof", Severity::Error, "tokenAuthMethod", "RFC 6749 §3.2.1");
const PUBLIC_PKCE: Rule =
    Rule::new("public-without-pkce", Severity::Warning, "pkceRequired", "RFC 9700 §2.1.1");
const PUBLIC_REFRESH: Rule =
    Rule::new("public-refresh-unbound", Severity::Warning, "dpopRequired", "RFC 9700 §2.2.2");
const KEYS: Rule = Rule::new("client-keys-missing", Severity::Error, "jwks", "OpenID Connect Core §9");
const PRIVATE_KEYS: Rule = Rule::new("client-keys-private", Severity::Error, "jwks", "RFC 7591 §2");
const CERTIFICATE: Rule =
    Rule::new("certificate-subject-missing", Severity::Error, "tlsClientAuthSubjectDn", "RFC 8705 §2.1.2");
const SHORT_SECRET: Rule = Rule::new("secret-short", Severity::Error, "clientSecret", "RFC 7518 §3.2");
const UNSIGNED: Rule = Rule::new(
    "id-tokens-unsigned",
    Severity::Warning,
    "idTokenSignAlg",
    "OpenID Connect Dynamic Client Registration §2",
);
const UNSIGNED_REQUESTS: Rule =
    Rule::new("requests-unsigned", Severity::Notice, "requestSignAlg", "RFC 9101 §10.2");
const PADDING: Rule = Rule::new("client-rsa1_5", Severity::Warning, "requestEncryptionAlg", "RFC 8725 §3.2");

pub(super) const RULES: &[&Rule] = &[
    &REDIRECT_NONE,
    &REDIRECT_HTTP,
    &REDIRECT_PATTERN,
    &REDIRECT_FRAGMENT,
    &REDIRECT_LOCALHOST,
    &REDIRECT_SCHEME,
    &IMPLICIT,
    &PASSWORD,
    &PUBLIC_CREDENTIALS,
    &PUBLIC_METHOD,
    &CONFIDENTIAL_NONE,
    &PUBLIC_PKCE,
    &PUBLIC_REFRESH,
    &KEYS,
    &PRIVATE_KEYS,
    &CERTIFICATE,
    &SHORT_SECRET,
    &UNSIGNED,
    &UNSIGNED_REQUESTS,
    &PADDING,
];

pub(super) fn findings(service: &Service, client: &Client) -> Vec<Finding> {
    let mut found = redirects(client);
    found.extend(grants(service, client));
    found.extend(authentication(client));
    found.extend(algorithms(client));
    found
}

fn redirects(client: &Client) -> Vec<Finding> {
    let uris = client.redirect_uris.as_deref().unwrap_or_default();
    let grants = client.grant_types.as_deref().unwrap_or_default();
    let browser =
        grants.iter().any(|grant| matches!(grant, GrantType::AuthorizationCode | GrantType::Implicit));
    let mut found: Vec<_> = uris.iter().flat_map(|uri| redirect(client, uri)).collect();
    if browser && uris.is_empty() {
        found.push(
            REDIRECT_NONE
                .finds("there is no redirect URI, and no answer that goes through a browser comes back"),
        );
    }
    found
}

fn redirect(client: &Client, uri: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    if uri.starts_with("http://") && reached(uri) == Reached::Openly {
        found.push(REDIRECT_HTTP.finds_with("{0}: codes go there in the clear", [&uri]));
    }
    if uri.contains('*') {
        found.push(
            REDIRECT_PATTERN
                .finds_with("{0}: redirect URIs are compared as they stand, and * is no pattern", [&uri]),
        );
    }
    if uri.contains('#') {
        found.push(REDIRECT_FRAGMENT.finds_with("{0}: a redirect URI has no fragment", [&uri]));
    }
    if client.application_type != Some(ApplicationType::Native) {
        return found;
    }
    if uri.starts_with("http://localhost") {
        found.push(
            REDIRECT_LOCALHOST
                .finds_with("{0}: 127.0.0.1 or [::1] cannot be taken for another address", [&uri]),
        );
    }
    let scheme = uri.split(':').next().unwrap_or_default();
    if !["http", "https"].contains(&scheme) && !scheme.contains('.') {
        let sentence = "{0}: a scheme without a dot is nobody's, and any application may take it";
        found.push(REDIRECT_SCHEME.finds_with(sentence, [&uri]));
    }
    found
}

fn grants(service: &Service, client: &Client) -> Vec<Finding> {
    let grants = client.grant_types.as_deref().unwrap_or_default();
    let public = client.client_type == Some(ClientType::Public);
    let mut found = Vec::new();
    if grants.contains(&GrantType::Implicit) {
        found.push(IMPLICIT.finds("the implicit grant sends access tokens through browsers"));
    }
    if grants.contains(&GrantType::Password) {
        found.push(PASSWORD.finds("the password grant shows users' passwords to the client"));
    }
    if public && grants.contains(&GrantType::ClientCredentials) {
        found.push(PUBLIC_CREDENTIALS.finds("a public client has no credentials to be granted anything by"));
    }
    let pkce = is(client.pkce_required) || is(service.pkce_required);
    if public && grants.contains(&GrantType::AuthorizationCode) && !pkce {
        found.push(PUBLIC_PKCE.finds("a public client's code may be used by whoever gets hold of it"));
    }
    let bound = is(client.dpop_required) || is(client.tls_client_certificate_bound_access_tokens);
    if public && grants.contains(&GrantType::RefreshToken) && is(service.refresh_token_kept) && !bound {
        found.push(
            PUBLIC_REFRESH.finds("refresh tokens of a public client are neither replaced nor bound to a key"),
        );
    }
    found
}

fn authentication(client: &Client) -> Vec<Finding> {
    use ClientAuthMethod as Method;
    let mut found = Vec::new();
    let keys = client.jwks.is_some() || client.jwks_uri.is_some();
    match (client.client_type, client.token_auth_method) {
        (Some(ClientType::Public), Some(method)) if method != Method::None => {
            found.push(PUBLIC_METHOD.finds("a public client cannot keep what it would prove itself with"));
        }
        (Some(ClientType::Confidential), Some(Method::None)) => {
            found.push(
                CONFIDENTIAL_NONE.finds("a confidential client proves nothing: anybody may say to be it"),
            );
        }
        (_, Some(Method::PrivateKeyJwt | Method::SelfSignedTlsClientAuth)) if !keys => {
            found.push(KEYS.finds("the client proves itself with a key, and none is known"));
        }
        _ => {}
    }
    if client.token_auth_method == Some(Method::TlsClientAuth) && !names_certificate(client) {
        found.push(CERTIFICATE.finds("the client proves itself with a certificate, and whose is not said"));
    }
    let secret = client.client_secret.as_deref().map_or(usize::MAX, str::len);
    if client.token_auth_method == Some(Method::ClientSecretJwt) && secret < 32 {
        found.push(
            SHORT_SECRET.finds_with("a secret of {0} bytes is too short for a signature with it", [&secret]),
        );
    }
    let set = client.jwks.as_deref().and_then(|text| JwkSet::parse(text).ok());
    if set.is_some_and(|set| set.keys().iter().any(placet_jose::Jwk::is_private)) {
        found.push(
            PRIVATE_KEYS.finds("the client's private keys are here, where they are of no use but to thieves"),
        );
    }
    found
}

fn names_certificate(client: &Client) -> bool {
    let names = [
        &client.tls_client_auth_subject_dn,
        &client.tls_client_auth_san_dns,
        &client.tls_client_auth_san_uri,
        &client.tls_client_auth_san_ip,
        &client.tls_client_auth_san_email,
    ];
    names.iter().any(|name| name.is_some())
}

fn algorithms(client: &Client) -> Vec<Finding> {
    let mut found = Vec::new();
    if client.id_token_sign_alg == Some(JwsAlg::None) {
        found.push(UNSIGNED.finds("ID tokens have no signature"));
    }
    if client.request_sign_alg == Some(JwsAlg::None) {
        found.push(
            UNSIGNED_REQUESTS
                .finds("request objects have no signature, and say nothing that a query does not"),
        );
    }
    let encryption = [
        ("requestEncryptionAlg", client.request_encryption_alg),
        ("idTokenEncryptionAlg", client.id_token_encryption_alg),
        ("userInfoEncryptionAlg", client.user_info_encryption_alg),
        ("authorizationEncryptionAlg", client.authorization_encryption_alg),
    ];
    for (member, _) in encryption.into_iter().filter(|(_, alg)| *alg == Some(JweAlg::Rsa15)) {
        found.push(Finding { member, ..PADDING.finds("RSA1_5 has a padding that tells attackers too much") });
    }
    found
}
