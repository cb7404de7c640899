//! What of a service and its clients is doubtful: settings that do not work, that current advice is against, or that say
//! less than they seem to. Each finding names the clause that it stands on, and the member that it is about.
//!
//! It is judged by the documents alone, as the API tells them; nothing is asked of anybody.

mod client;
mod keys;
mod service;

use std::fmt::Display;
use std::net::IpAddr;

use placet_api::types::{Client, Service};
use serde::Serialize;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; there are reasons for having it so.
    Notice,
    /// Current advice is against it.
    Warning,
    /// It cannot work, or it is plainly unsafe.
    Error,
}

/// Something doubtful.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The rule, by a name that stays.
    pub rule: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// The client that it is about, by its number; of the service itself where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<i64>,
    /// The member of the service or client.
    pub member: &'static str,
    /// What is doubtful about it, in one sentence.
    pub message: String,
    /// What the sentence has of the document, in its order: whoever says it in another language says these.
    #[serde(skip)]
    pub values: Vec<String>,
    /// Where that is written.
    pub clause: &'static str,
}

/// A rule: its name, how much it matters, the member that it looks at, and the clause that it stands on.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name.
    pub name: &'static str,
    /// How much a finding of it matters.
    pub severity: Severity,
    /// The member.
    pub member: &'static str,
    /// Where it is written.
    pub clause: &'static str,
}

impl Rule {
    const fn new(name: &'static str, severity: Severity, member: &'static str, clause: &'static str) -> Self {
        Self { name, severity, member, clause }
    }

    fn finds(&self, message: &str) -> Finding {
        self.finds_with(message, [])
    }

    /// The same, where `{0}` and what follows it stand for something of the document.
    fn finds_with<const N: usize>(&self, sentence: &str, values: [&dyn Display; N]) -> Finding {
        let Self { name: rule, severity, member, clause } = *self;
        let values: Vec<_> = values.iter().map(ToString::to_string).collect();
        let message = filled(sentence, &values);
        Finding { rule, severity, client_id: None, member, message, values, clause }
    }
}

/// A sentence with `{0}`, `{1}` … filled in: in one pass, so that values with braces of their own stay as they are.
pub fn filled(sentence: &str, values: &[String]) -> String {
    let mut parts = sentence.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once('}').unwrap_or((part, ""));
        let value = number.parse().ok().and_then(|number: usize| values.get(number));
        filled.push_str(value.map_or("", String::as_str));
        filled.push_str(rest);
    }
    filled
}

/// Every finding about a service and its clients; those that matter most first.
pub fn lint(service: &Service, clients: &[Client]) -> Vec<Finding> {
    let mut findings = service::findings(service);
    for client in clients {
        findings.extend(of_client(service, client));
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

/// Every finding about one client of a service.
pub fn of_client(service: &Service, client: &Client) -> Vec<Finding> {
    let mut findings = client::findings(service, client);
    findings.iter_mut().for_each(|finding| finding.client_id = client.client_id);
    findings
}

/// Every rule there is.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    service::RULES.iter().chain(keys::RULES).chain(client::RULES).copied()
}

/// What becomes of a URL that is to be reached by others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reached {
    /// https.
    Securely,
    /// http, on this machine alone.
    Locally,
    /// http, or no URL.
    Openly,
}

fn reached(url: &str) -> Reached {
    let host = |rest: &str| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let authority = authority.rsplit('@').next().unwrap_or_default();
        match authority.strip_prefix('[') {
            Some(six) => six.split(']').next().unwrap_or_default().to_owned(),
            None => authority.split(':').next().unwrap_or_default().to_owned(),
        }
    };
    if url.starts_with("https://") {
        return Reached::Securely;
    }
    match url.strip_prefix("http://").map(host) {
        Some(host) if host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback()) => {
            Reached::Locally
        }
        _ => Reached::Openly,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(service: serde_json::Value, clients: &[serde_json::Value]) -> Vec<&'static str> {
        let service = serde_json::from_value(service).unwrap();
        let clients: Vec<_> = clients.iter().map(|c| serde_json::from_value(c.clone()).unwrap()).collect();
        lint(&service, &clients).iter().map(|finding| finding.rule).collect()
    }

    fn sound() -> serde_json::Value {
        let keys = [placet_base::registry::JwsAlg::Es256; 2].map(|alg| placet_jose::generate(alg).unwrap());
        serde_json::json!({
            "issuer": "https://as.example", "tokenEndpoint": "https://as.example/token",
            "authorizationEndpoint": "https://as.example/authorize", "pkceRequired": true, "pkceS256Required": true,
            "supportedGrantTypes": ["AUTHORIZATION_CODE", "REFRESH_TOKEN"], "supportedResponseTypes": ["CODE"],
            "supportedTokenAuthMethods": ["NONE", "CLIENT_SECRET_BASIC"],
            "jwks": serde_json::json!({ "keys": keys }).to_string(),
        })
    }

    #[test]
    fn a_sound_service_with_a_sound_client_is_left_alone() {
        let client = serde_json::json!({
            "clientId": 1, "clientType": "PUBLIC", "tokenAuthMethod": "NONE", "grantTypes": ["AUTHORIZATION_CODE"],
            "responseTypes": ["CODE"], "redirectUris": ["https://app.example/cb"],
        });
        assert_eq!(found(sound(), &[client]), Vec::<&str>::new());
    }

    #[test]
    fn a_profile_demands_what_a_setting_does_not_say() {
        let mut service = sound();
        service["pkceRequired"] = false.into();
        service["refreshTokenKept"] = true.into();
        assert_eq!(found(service.clone(), &[]), ["pkce-optional", "refresh-tokens-kept"]);
        service["fapiModes"] = serde_json::json!(["FAPI2_SECURITY"]);
        assert_eq!(found(service, &[]), Vec::<&str>::new());
    }

    #[test]
    fn every_rule_of_services_finds_something() {
        let weak = serde_json::json!({ "keys": [
            { "kty": "RSA", "kid": "1", "n": "AQAB", "e": "AQAB", "alg": "RSA1_5", "d": "AQ" },
            { "kty": "EC", "crv": "P-256", "x": "", "y": "", "kid": "1", "use": "sig" }, { "kty": "EC" },
        ] });
        let mut rules: Vec<_> = found(
            serde_json::json!({
                "issuer": "http://as.example/?a", "tokenEndpoint": "http://as.example/token", "issSuppressed": true,
                "supportedGrantTypes": ["AUTHORIZATION_CODE", "IMPLICIT", "PASSWORD"],
                "supportedResponseTypes": ["CODE", "TOKEN"], "accessTokenDuration": 864_000,
                "authorizationCodeDuration": 6000, "jwks": weak.to_string(), "cimdHttpPermitted": true,
                "clientIdMetadataDocumentSupported": true, "jwtGrantUnsignedJwtRejected": false,
                "tokenExchangeUnsignedJwtRejected": false, "supportedTokenAuthMethods": ["TLS_CLIENT_AUTH"],
                "refreshTokenKept": true, "refreshTokenDurationReset": true,
            }),
            &[],
        );
        rules.extend(found(serde_json::json!({ "jwks": "{}", "pkceRequired": true, "supportedGrantTypes": ["AUTHORIZATION_CODE"] }), &[]));
        rules.extend(found(serde_json::json!({ "jwks": "no JSON" }), &[]));
        let alone = placet_jose::generate(placet_base::registry::JwsAlg::Es256).unwrap();
        let alone = serde_json::json!({ "keys": [alone] }).to_string();
        rules.extend(found(serde_json::json!({ "jwks": alone }), &[]));
        for rule in service::RULES.iter().chain(keys::RULES) {
            assert!(rules.contains(&rule.name), "{} {rules:?}", rule.name);
        }
    }

    #[test]
    fn every_rule_of_clients_finds_something() {
        let client = |value: serde_json::Value| value;
        let clients = [
            client(serde_json::json!({
                "clientType": "PUBLIC", "tokenAuthMethod": "CLIENT_SECRET_JWT", "clientSecret": "short",
                "grantTypes": ["AUTHORIZATION_CODE", "CLIENT_CREDENTIALS", "IMPLICIT", "PASSWORD", "REFRESH_TOKEN"],
                "redirectUris": ["http://app.example/cb", "https://a.example/*", "https://a.example/#x", "http://localhost/cb", "app:/cb"],
                "applicationType": "NATIVE", "idTokenSignAlg": "NONE", "requestSignAlg": "NONE",
                "requestEncryptionAlg": "RSA1_5",
            })),
            client(
                serde_json::json!({ "clientType": "CONFIDENTIAL", "tokenAuthMethod": "NONE", "grantTypes": ["AUTHORIZATION_CODE"] }),
            ),
            client(serde_json::json!({ "clientType": "CONFIDENTIAL", "tokenAuthMethod": "PRIVATE_KEY_JWT" })),
            client(
                serde_json::json!({ "tokenAuthMethod": "TLS_CLIENT_AUTH", "jwks": "{\"keys\":[{\"kty\":\"EC\",\"d\":\"x\"}]}" }),
            ),
        ];
        let rules = found(serde_json::json!({ "refreshTokenKept": true }), &clients);
        for rule in client::RULES {
            assert!(rules.contains(&rule.name), "{} {rules:?}", rule.name);
        }
    }

    #[test]
    fn rules_have_names_of_their_own() {
        let names: Vec<_> = rules().map(|rule| rule.name).collect();
        let distinct: std::collections::HashSet<_> = names.iter().collect();
        assert_eq!(names.len(), distinct.len());
    }

    #[test]
    fn this_machine_is_known_by_its_names() {
        for (url, expected) in [
            ("https://a.example", Reached::Securely),
            ("http://localhost:3000/cb", Reached::Locally),
            ("http://[::1]:80", Reached::Locally),
            ("http://127.0.0.2", Reached::Locally),
            ("http://localhost.example", Reached::Openly),
            ("http://localhost@evil.example/", Reached::Openly),
            ("ftp://localhost", Reached::Openly),
            ("", Reached::Openly),
        ] {
            assert_eq!(reached(url), expected, "{url}");
        }
    }
}
