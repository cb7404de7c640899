//! Documents as operators write them: accepted when every property can be used, stored as they came.

use std::collections::HashSet;

use placet_api::Reason;
use placet_api::types::{Client, Scope, Service};
use placet_base::registry::{ClaimType, Display, JwsAlg, SubjectType};
use placet_base::url::{Issuer, RedirectUri, UriError};
use placet_jose::{Certificate, DistinguishedName, JwkError, JwkSet};

use super::attributes_fit;
use super::scopes::pattern;
use crate::budgets::{CLIENT_ALIAS, REDIRECT_URI, SERVICE_PATTERNS};

/// A service document whose properties can be used.
pub struct ServiceDocument(Service);

impl ServiceDocument {
    pub fn parse(document: Service) -> Result<Self, Reason> {
        issuer(document.issuer.as_deref())?;
        key_set("jwks", document.jwks.as_deref())?;
        for (property, seconds) in service_durations(&document) {
            not_negative(property, seconds)?;
        }
        let scopes = document.supported_scopes.as_deref().unwrap_or_default();
        scope_names(scopes)?;
        scope_patterns(scopes)?;
        roots(document.trusted_root_certificates.as_deref().unwrap_or_default())?;
        if !attributes_fit(document.attributes.as_ref()) {
            return Err(Reason::AttributesTooLarge {});
        }
        Ok(Self(document))
    }

    /// What the operator did not say, as a new service has it.
    pub fn with_defaults(mut self) -> Self {
        self.0.supported_claim_types.get_or_insert_with(|| vec![ClaimType::Normal]);
        self.0.supported_displays.get_or_insert_with(|| vec![Display::Page]);
        self
    }

    pub fn into_inner(self) -> Service {
        self.0
    }
}

fn service_durations(document: &Service) -> [(&'static str, Option<i64>); 9] {
    [
        ("accessTokenDuration", document.access_token_duration),
        ("refreshTokenDuration", document.refresh_token_duration),
        ("idTokenDuration", document.id_token_duration),
        ("authorizationCodeDuration", document.authorization_code_duration),
        ("authorizationResponseDuration", document.authorization_response_duration),
        ("pushedAuthReqDuration", document.pushed_auth_req_duration),
        ("dpopNonceDuration", document.dpop_nonce_duration),
        ("allowableClockSkew", document.allowable_clock_skew.map(i64::from)),
        ("clientsPerDeveloper", document.clients_per_developer.map(i64::from)),
    ]
}

/// OpenID Connect Discovery §3: an https URL without query and fragment. A loopback address may use
/// http, so that a service can be tried on one machine.
fn issuer(issuer: Option<&str>) -> Result<(), Reason> {
    let Some(issuer) = issuer else { return Ok(()) };
    match Issuer::parse(issuer) {
        Ok(_) => Ok(()),
        Err(UriError::Fragment) => Err(Reason::IssuerHasFragment {}),
        Err(UriError::Query) => Err(Reason::IssuerHasQuery {}),
        Err(
            UriError::Characters
            | UriError::NotAbsolute
            | UriError::Scheme
            | UriError::UserInformation
            | UriError::ResponseParameter,
        ) => Err(Reason::IssuerNotHttps {}),
    }
}

fn key_set(property: &str, text: Option<&str>) -> Result<(), Reason> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(()) };
    match JwkSet::parse(text) {
        Ok(_) => Ok(()),
        Err(JwkError::TooLarge | JwkError::TooManyKeys) => {
            Err(Reason::KeySetTooLarge { property: property.to_owned() })
        }
        Err(JwkError::NotJson | JwkError::Shape) => {
            Err(Reason::KeySetMalformed { property: property.to_owned() })
        }
    }
}

fn not_negative(property: &str, number: Option<i64>) -> Result<(), Reason> {
    match number {
        Some(number) if number < 0 => Err(Reason::PropertyNegative { property: property.to_owned() }),
        _ => Ok(()),
    }
}

/// RFC 6749 §3.3: a scope is one or more of %x21 / %x23-5B / %x5D-7E.
fn scope_names(scopes: &[Scope]) -> Result<(), Reason> {
    let mut seen = HashSet::new();
    for (index, scope) in scopes.iter().enumerate() {
        let index = index.to_string();
        let Some(name) = scope.name.as_deref().filter(|name| !name.is_empty()) else {
            return Err(Reason::ScopeUnnamed { index });
        };
        if !name.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)) {
            return Err(Reason::ScopeNameMalformed { index });
        }
        if !seen.insert(name) {
            return Err(Reason::ScopeRepeated { index });
        }
    }
    Ok(())
}

/// The attribute `regex` of scopes: a pattern that cannot be used would silently match nothing.
fn scope_patterns(scopes: &[Scope]) -> Result<(), Reason> {
    let mut patterns = 0;
    for (index, scope) in scopes.iter().enumerate() {
        match pattern(scope) {
            Ok(None) => {}
            Ok(Some(_)) if patterns < SERVICE_PATTERNS => patterns += 1,
            _ => return Err(Reason::ScopePatternUnusable { index: index.to_string() }),
        }
    }
    Ok(())
}

/// A root that cannot be read would vouch for nobody, and nobody would know.
fn roots(roots: &[String]) -> Result<(), Reason> {
    match roots.iter().all(|root| Certificate::parse(root).is_some()) {
        true => Ok(()),
        false => Err(Reason::PropertyInvalid { property: "trustedRootCertificates".to_owned() }),
    }
}

/// A client document whose properties can be used.
pub struct ClientDocument(Client);

impl ClientDocument {
    pub fn parse(document: Client) -> Result<Self, Reason> {
        redirect_uris(document.redirect_uris.as_deref().unwrap_or_default())?;
        key_set("jwks", document.jwks.as_deref())?;
        not_negative("defaultMaxAge", document.default_max_age.map(i64::from))?;
        certificate_names(&document)?;
        if document.client_id_alias.as_ref().is_some_and(|alias| !usable_alias(alias)) {
            return Err(Reason::PropertyInvalid { property: "clientIdAlias".to_owned() });
        }
        if !attributes_fit(document.attributes.as_ref()) {
            return Err(Reason::AttributesTooLarge {});
        }
        Ok(Self(document))
    }

    /// What the registration did not say, as a new client has it.
    pub fn with_defaults(mut self) -> Self {
        self.0.id_token_sign_alg.get_or_insert(JwsAlg::Rs256);
        self.0.subject_type.get_or_insert(SubjectType::Public);
        self
    }

    pub fn into_inner(self) -> Client {
        self.0
    }
}

/// RFC 8705 §2.1.2: names that a certificate can carry.
fn certificate_names(document: &Client) -> Result<(), Reason> {
    let invalid = |property: &str| Err(Reason::PropertyInvalid { property: property.to_owned() });
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    if given(&document.tls_client_auth_subject_dn).is_some_and(|dn| DistinguishedName::parse(&dn).is_none()) {
        return invalid("tlsClientAuthSubjectDn");
    }
    if given(&document.tls_client_auth_san_ip).is_some_and(|ip| ip.parse::<std::net::IpAddr>().is_err()) {
        return invalid("tlsClientAuthSanIp");
    }
    Ok(())
}

/// An alias is a `client_id` on the wire: printable ASCII.
fn usable_alias(alias: &str) -> bool {
    alias.bytes().all(|b| b.is_ascii_graphic()) && alias.len() <= CLIENT_ALIAS
}

/// RFC 6749 §3.1.2: absolute, without a fragment, and such that an answer arrives whole.
fn redirect_uris(uris: &[String]) -> Result<(), Reason> {
    let property = || "redirectUris".to_owned();
    let mut seen = HashSet::new();
    for (index, uri) in uris.iter().enumerate() {
        let index = index.to_string();
        if uri.len() > REDIRECT_URI {
            return Err(Reason::UriTooLong { property: property(), index, limit: REDIRECT_URI.to_string() });
        }
        if let Err(error) = RedirectUri::parse(uri) {
            let property = property();
            return Err(match error {
                UriError::Characters => Reason::UriNotAscii { property, index },
                UriError::Fragment => Reason::UriHasFragment { property, index },
                UriError::UserInformation => Reason::UriHasUserInformation { property, index },
                UriError::ResponseParameter => Reason::UriHasResponseParameter { property, index },
                UriError::NotAbsolute | UriError::Scheme | UriError::Query => {
                    Reason::UriNotAbsolute { property, index }
                }
            });
        }
        if !seen.insert(uri) {
            return Err(Reason::ElementRepeated { property: property(), index });
        }
    }
    Ok(())
}
