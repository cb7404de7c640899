//! Documents as operators write them: accepted when every property can be used, stored as they came.

use std::collections::HashSet;

use placet_api::Reason;
use placet_api::types::{Client, Pair, Scope, Service};
use placet_base::Scopes;
use placet_base::registry::{ClaimType, Display, JwsAlg, SubjectType};
use placet_base::spiffe::SpiffePattern;
use placet_base::url::{Issuer, RedirectUri, UriError};
use placet_jose::{Certificate, DistinguishedName, JwkError, JwkSet};

use super::scopes::pattern;
use super::settings::pairs;
use super::verified_claims::SupportedVerifiedClaims;
use super::{credential_settings, federation_settings, former, sign_in_settings, verified_claims};
use crate::budgets::{ATTRIBUTES, CLIENT_ALIAS, REDIRECT_URI, SERVICE_PATTERNS};
use crate::metadata_policy::{MetadataPolicy, NoPolicy};
use crate::policy::Policy;

/// That a property can be used, or is not there. A document is made of as many as it has properties to be judged.
struct Usable;

/// A service document whose properties can be used.
pub struct ServiceDocument(Service);

impl ServiceDocument {
    pub fn parse(document: Service) -> Result<Self, Reason> {
        let scopes = document.supported_scopes.as_deref().unwrap_or_default();
        let usable = [
            issuer(document.issuer.as_deref())?,
            key_set("jwks", document.jwks.as_deref())?,
            not_negative(&service_durations(&document))?,
            scope_names(scopes)?,
            scope_patterns(scopes)?,
            roots("trustedRootCertificates", document.trusted_root_certificates.as_deref())?,
            roots("clientAttesterRoots", document.client_attester_roots.as_deref())?,
            roots("keyAttesterRoots", document.key_attester_roots.as_deref())?,
            attributes(document.attributes.as_deref())?,
            user_code_length(document.user_code_length)?,
            metadata_policy(document.cimd_metadata_policy.as_deref())?,
            signed_by_us("idJagSignAlg", document.id_jag_sign_alg)?,
            signed_by_us("txnTokenSignAlg", document.txn_token_sign_alg)?,
            trust_domain(&document)?,
            sign_in(&document)?,
            former_server(&document)?,
            key_set("federationJwks", document.federation_jwks.as_deref())?,
            federation(&document)?,
            verified_claims(&document)?,
            signed_by_us("accessTokenSignAlg", document.access_token_sign_alg)?,
            profiles(document.haip_version.as_deref(), document.attributes.as_ref())?,
            key_set("credentialJwks", document.credential_jwks.as_deref())?,
            credential_issuer(&document)?,
        ];
        Ok(Self::of(document, usable))
    }

    fn of(document: Service, _: [Usable; 23]) -> Self {
        Self(document)
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

fn service_durations(document: &Service) -> [(&'static str, Option<i64>); 18] {
    [
        ("accessTokenDuration", document.access_token_duration),
        ("refreshTokenDuration", document.refresh_token_duration),
        ("idTokenDuration", document.id_token_duration),
        ("authorizationCodeDuration", document.authorization_code_duration),
        ("authorizationResponseDuration", document.authorization_response_duration),
        ("pushedAuthReqDuration", document.pushed_auth_req_duration),
        ("dpopNonceDuration", document.dpop_nonce_duration),
        ("attestationChallengeTimeWindow", document.attestation_challenge_time_window),
        ("cnonceDuration", document.cnonce_duration),
        ("credentialOfferDuration", document.credential_offer_duration),
        ("credentialTransactionDuration", document.credential_transaction_duration),
        ("credentialStatusListDuration", document.credential_status_list_duration),
        ("allowableClockSkew", document.allowable_clock_skew.map(i64::from)),
        ("federationConfigurationDuration", document.federation_configuration_duration),
        ("deviceFlowCodeDuration", document.device_flow_code_duration.map(i64::from)),
        ("deviceFlowPollingInterval", document.device_flow_polling_interval.map(i64::from)),
        ("userCodeLength", document.user_code_length.map(i64::from)),
        ("clientsPerDeveloper", document.clients_per_developer.map(i64::from)),
    ]
}

/// Characters of a user code at most.
const USER_CODE_LENGTH: i32 = 255;

fn user_code_length(length: Option<i32>) -> Result<Usable, Reason> {
    match length {
        Some(length) if length > USER_CODE_LENGTH => {
            Err(Reason::PropertyInvalid { property: "userCodeLength".to_owned() })
        }
        _ => Ok(Usable),
    }
}

/// One that cannot be read would let everything pass.
fn metadata_policy(policy: Option<&str>) -> Result<Usable, Reason> {
    match policy.filter(|text| !text.is_empty()).map(MetadataPolicy::parse) {
        None | Some(Ok(_)) => Ok(Usable),
        Some(Err(NoPolicy)) => Err(Reason::PropertyInvalid { property: "cimdMetadataPolicy".to_owned() }),
    }
}

/// What others verify is signed with a key of ours.
fn signed_by_us(property: &str, alg: Option<JwsAlg>) -> Result<Usable, Reason> {
    match alg.is_none_or(JwsAlg::is_asymmetric) {
        true => Ok(Usable),
        false => Err(Reason::PropertyInvalid { property: property.to_owned() }),
    }
}

/// Whom nobody could ask would let nobody in.
fn sign_in(document: &Service) -> Result<Usable, Reason> {
    match sign_in_settings::unusable(document) {
        Some(property) => Err(Reason::PropertyInvalid { property: property.to_owned() }),
        None => Ok(Usable),
    }
}

/// Whom nobody could ask would be believed to know nothing.
fn former_server(document: &Service) -> Result<Usable, Reason> {
    match former::unusable(document) {
        Some(property) => Err(Reason::PropertyInvalid { property: property.to_owned() }),
        None => Ok(Usable),
    }
}

/// What cannot be read could not be issued.
fn credential_issuer(document: &Service) -> Result<Usable, Reason> {
    match credential_settings::unusable(document) {
        Some(property) => Err(Reason::PropertyInvalid { property: property.to_owned() }),
        None => Ok(Usable),
    }
}

/// draft-ietf-oauth-transaction-tokens-10 §5.2: a Txn-Token is good in one trust domain, so there is none without.
fn trust_domain(document: &Service) -> Result<Usable, Reason> {
    let named = document.trust_domain.as_deref().is_some_and(|name| !name.is_empty());
    match document.txn_token_sign_alg.is_some() == named {
        true => Ok(Usable),
        false => Err(Reason::PropertyInvalid { property: "trustDomain".to_owned() }),
    }
}

/// OpenID Connect Discovery §3: an https URL without query and fragment. A loopback address may use
/// http, so that a service can be tried on one machine.
fn issuer(issuer: Option<&str>) -> Result<Usable, Reason> {
    let Some(issuer) = issuer else { return Ok(Usable) };
    match Issuer::parse(issuer) {
        Ok(_) => Ok(Usable),
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

fn key_set(property: &str, text: Option<&str>) -> Result<Usable, Reason> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(Usable) };
    match JwkSet::parse(text) {
        Ok(_) => Ok(Usable),
        Err(JwkError::TooLarge | JwkError::TooManyKeys) => {
            Err(Reason::KeySetTooLarge { property: property.to_owned() })
        }
        Err(JwkError::NotJson | JwkError::Shape) => {
            Err(Reason::KeySetMalformed { property: property.to_owned() })
        }
    }
}

/// What peers would refuse would take part in nothing.
fn federation(document: &Service) -> Result<Usable, Reason> {
    match federation_settings::unusable(document) {
        Some(property) => Err(Reason::PropertyInvalid { property: property.to_owned() }),
        None => Ok(Usable),
    }
}

/// Metadata that names one thing and not the other that belongs to it tells relying parties nothing.
fn verified_claims(document: &Service) -> Result<Usable, Reason> {
    match verified_claims::unusable(document) {
        Some(property) => Err(Reason::PropertyInvalid { property: property.to_owned() }),
        None => Ok(Usable),
    }
}

/// A profile that nobody knows would demand nothing, and its operator would believe otherwise.
fn profiles(haip: Option<&str>, attributes: Option<&Vec<Pair>>) -> Result<Usable, Reason> {
    let invalid = |property: &str| Err(Reason::PropertyInvalid { property: property.to_owned() });
    let haip = haip.filter(|version| !version.is_empty());
    if haip.is_some_and(|version| Policy::of_scope_attribute("haip", version).is_none()) {
        return invalid("haipVersion");
    }
    if pairs(attributes, "profile").any(|name| Policy::of_profile(name).is_none()) {
        return invalid("attributes");
    }
    Ok(Usable)
}

fn not_negative(numbers: &[(&str, Option<i64>)]) -> Result<Usable, Reason> {
    match numbers.iter().find(|(_, number)| number.is_some_and(|number| number < 0)) {
        Some((property, _)) => Err(Reason::PropertyNegative { property: (*property).to_owned() }),
        None => Ok(Usable),
    }
}

fn attributes(attributes: Option<&[Pair]>) -> Result<Usable, Reason> {
    let fit = attributes.is_none_or(|all| serde_json::to_vec(all).is_ok_and(|text| text.len() <= ATTRIBUTES));
    if fit { Ok(Usable) } else { Err(Reason::AttributesTooLarge {}) }
}

/// RFC 6749 §3.3: each has a name that a scope can have, and no two the same.
fn scope_names(scopes: &[Scope]) -> Result<Usable, Reason> {
    let mut seen = HashSet::new();
    for (index, scope) in scopes.iter().enumerate() {
        let index = index.to_string();
        let Some(name) = scope.name.as_deref().filter(|name| !name.is_empty()) else {
            return Err(Reason::ScopeUnnamed { index });
        };
        if !Scopes::is_token(name) {
            return Err(Reason::ScopeNameMalformed { index });
        }
        if !seen.insert(name) {
            return Err(Reason::ScopeRepeated { index });
        }
    }
    Ok(Usable)
}

/// The attribute `regex` of scopes: a pattern that cannot be used would silently match nothing.
fn scope_patterns(scopes: &[Scope]) -> Result<Usable, Reason> {
    let mut patterns = 0;
    for (index, scope) in scopes.iter().enumerate() {
        match pattern(scope) {
            Ok(None) => {}
            Ok(Some(_)) if patterns < SERVICE_PATTERNS => patterns += 1,
            Ok(Some(_)) | Err(_) => return Err(Reason::ScopePatternUnusable { index: index.to_string() }),
        }
    }
    Ok(Usable)
}

/// A root that cannot be read would vouch for nobody, and nobody would know.
fn roots(property: &str, roots: Option<&[String]>) -> Result<Usable, Reason> {
    match roots.unwrap_or_default().iter().all(|root| Certificate::parse(root).is_some()) {
        true => Ok(Usable),
        false => Err(Reason::PropertyInvalid { property: property.to_owned() }),
    }
}

/// A client document whose properties can be used.
pub struct ClientDocument(Client);

impl ClientDocument {
    /// `supported`: what the service of the client says of verified claims.
    pub fn parse(document: Client, supported: &SupportedVerifiedClaims) -> Result<Self, Reason> {
        let usable = [
            redirect_uris(document.redirect_uris.as_deref().unwrap_or_default())?,
            key_set("jwks", document.jwks.as_deref())?,
            not_negative(&[("defaultMaxAge", document.default_max_age.map(i64::from))])?,
            certificate_names(&document)?,
            alias(document.client_id_alias.as_deref())?,
            attributes(document.attributes.as_deref())?,
            spiffe_id(document.spiffe_id.as_deref())?,
            digest_algorithm(document.digest_algorithm.as_deref(), supported)?,
            profiles(document.haip_version.as_deref(), document.attributes.as_ref())?,
        ];
        Ok(Self::of(document, usable))
    }

    fn of(document: Client, _: [Usable; 9]) -> Self {
        Self(document)
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
fn certificate_names(document: &Client) -> Result<Usable, Reason> {
    let invalid = |property: &str| Err(Reason::PropertyInvalid { property: property.to_owned() });
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    if given(&document.tls_client_auth_subject_dn).is_some_and(|dn| DistinguishedName::parse(&dn).is_none()) {
        return invalid("tlsClientAuthSubjectDn");
    }
    if given(&document.tls_client_auth_san_ip).is_some_and(|ip| ip.parse::<std::net::IpAddr>().is_err()) {
        return invalid("tlsClientAuthSanIp");
    }
    Ok(Usable)
}

/// One that cannot be read would match no workload, and nobody would know.
fn spiffe_id(id: Option<&str>) -> Result<Usable, Reason> {
    match id.is_none_or(|id| id.is_empty() || SpiffePattern::parse(id).is_some()) {
        true => Ok(Usable),
        false => Err(Reason::PropertyInvalid { property: "spiffeId".to_owned() }),
    }
}

/// OpenID Attachments 1.0 §5: attachments with other digests are given to nobody.
fn digest_algorithm(algorithm: Option<&str>, supported: &SupportedVerifiedClaims) -> Result<Usable, Reason> {
    match algorithm.is_none_or(|algorithm| algorithm.is_empty() || supported.has_digest(algorithm)) {
        true => Ok(Usable),
        false => Err(Reason::PropertyInvalid { property: "digestAlgorithm".to_owned() }),
    }
}

/// An alias is a `client_id` on the wire: printable ASCII.
fn alias(alias: Option<&str>) -> Result<Usable, Reason> {
    let alias = alias.unwrap_or_default();
    match alias.bytes().all(|b| b.is_ascii_graphic()) && alias.len() <= CLIENT_ALIAS {
        true => Ok(Usable),
        false => Err(Reason::PropertyInvalid { property: "clientIdAlias".to_owned() }),
    }
}

/// RFC 6749 §3.1.2: absolute, without a fragment, and such that an answer arrives whole.
fn redirect_uris(uris: &[String]) -> Result<Usable, Reason> {
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
    Ok(Usable)
}
