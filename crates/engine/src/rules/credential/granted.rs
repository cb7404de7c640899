//! OpenID for Verifiable Credential Issuance 1.0 §5.1, §6.2 – which credentials an access token is for

use std::borrow::Cow;

use placet_api::Reason;
use placet_base::Scopes;
use serde_json::{Map, Value, json};

use crate::fault::Fault;
use crate::rules::credential::request::CredentialRequest;
use crate::rules::rar::AuthorizationDetails;
use crate::tenant::credential_issuer::{CredentialIssuer, Oid4vciVersion};

/// §5.1.1: the `type` of authorization details that ask for credentials.
const TYPE: &str = "openid_credential";

/// How a wallet names a credential when it asks for it (§8.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedBy {
    /// `credential_configuration_id`: it was offered, or asked for by a scope.
    Configuration,
    /// `credential_identifier`: it was asked for by authorization details, and the token response has named it.
    Identifier,
}

/// What a token was granted.
pub struct GrantedAccess<'a> {
    /// Of an offer.
    pub offered: &'a [String],
    pub scopes: &'a Scopes,
    pub details: &'a AuthorizationDetails,
}

/// A credential of the issuer: the name of its configuration. Each has one identifier, which is the same.
pub struct GrantedCredential {
    pub name: String,
    pub by: NamedBy,
}

/// What the access is for, by names that the issuer has. §5.1.2: what is asked for by a scope and by authorization details is granted
/// as the details say.
pub fn granted(access: &GrantedAccess<'_>, issuer: &CredentialIssuer) -> Vec<GrantedCredential> {
    let by_scope = issuer
        .configurations
        .iter()
        .filter(|(_, one)| one.scope.as_deref().is_some_and(|scope| access.scopes.contains(scope)));
    let offered =
        access.offered.iter().map(String::as_str).filter(|name| issuer.configurations.get(name).is_some());
    let by_details: Vec<_> = access
        .details
        .iter()
        .filter_map(|element| configuration(element))
        .filter(|name| issuer.configurations.get(name).is_some())
        .collect();
    let by_configuration = offered.chain(by_scope.map(|(name, _)| name));
    let mut all: Vec<GrantedCredential> = Vec::new();
    for name in by_configuration.filter(|name| !by_details.contains(name)) {
        if !all.iter().any(|known| known.name == name) {
            all.push(GrantedCredential { name: name.to_owned(), by: NamedBy::Configuration });
        }
    }
    for name in by_details {
        all.push(GrantedCredential { name: name.to_owned(), by: NamedBy::Identifier });
    }
    all
}

/// A request for a credential that the access token is for, by the way it was named.
pub struct Covered<'a>(CredentialRequest<'a>);

impl<'a> std::ops::Deref for Covered<'a> {
    type Target = CredentialRequest<'a>;
    fn deref(&self) -> &CredentialRequest<'a> {
        &self.0
    }
}

/// §8.2: whether the request asks for what was granted, and in the way that the token response has said.
pub fn covered<'a>(
    request: CredentialRequest<'a>,
    access: &GrantedAccess<'_>,
    issuer: &CredentialIssuer,
) -> Result<Covered<'a>, Fault> {
    let granted = granted(access, issuer);
    let request = request.of_granted(|name| granted.iter().any(|credential| credential.name == name));
    let mut named = granted.iter().filter(|credential| credential.name == request.name).peekable();
    match (named.peek().is_some(), named.any(|credential| credential.by == request.by)) {
        (_, true) => Ok(Covered(request)),
        (true, false) => Err(Reason::CredentialNamedOtherwise {}.into()),
        (false, _) => Err(Reason::CredentialTokenInsufficient {}.into()),
    }
}

/// The same as the caller of the API compares it with what a wallet asks for; `None` for nothing.
/// COMPAT: published authorization servers read the whole configuration of each, and its identifiers in any case; what is of the
/// draft they tell by there being none.
pub fn document(granted: &[GrantedCredential], issuer: &CredentialIssuer) -> Option<String> {
    let one = |credential: &GrantedCredential| {
        let mut members = issuer.configurations.get(&credential.name)?.document.clone();
        if issuer.version == Oid4vciVersion::Final {
            members.insert("credential_configuration_id".to_owned(), credential.name.as_str().into());
            members.insert("credential_identifiers".to_owned(), json!([credential.name]));
        }
        Some(Value::Object(members))
    };
    let all: Vec<_> = granted.iter().filter_map(one).collect();
    (!all.is_empty()).then(|| Value::from(all).to_string())
}

/// An element that asks for no credential, or for one that the issuer has.
pub struct Issuable;

/// §5.1.1: an element that asks for a credential names its configuration.
pub fn issuable(element: &Map<String, Value>, issuer: Option<&CredentialIssuer>) -> Result<Issuable, Fault> {
    let (Some(issuer), true) = (issuer, is_of_credentials(element)) else { return Ok(Issuable) };
    let known = configuration(element).and_then(|name| issuer.configurations.get(name));
    match known {
        Some(_) => Ok(Issuable),
        None => Err(Reason::DetailsCredentialUnknown {}.into()),
    }
}

/// Authorization details that ask for nothing but what an offer has.
pub struct OfferedDetails(AuthorizationDetails);

impl OfferedDetails {
    pub fn into_details(self) -> AuthorizationDetails {
        self.0
    }
}

/// §6.1: a token request with a pre-authorized code may ask for some of what was offered; `None` where it does not.
pub fn of_offer(details: AuthorizationDetails, offered: &[String]) -> Result<Option<OfferedDetails>, Fault> {
    let is_offered =
        |element| configuration(element).is_some_and(|name| offered.iter().any(|one| one == name));
    let all = details.iter().all(is_offered);
    match (details.is_empty(), all) {
        (true, _) => Ok(None),
        (false, true) => Ok(Some(OfferedDetails(details))),
        (false, false) => Err(Reason::DetailsNotOffered {}.into()),
    }
}

/// §5.1.2 of a token request with a pre-authorized code: the credentials of the offer that its scopes are those of; `None` where they
/// are those of no credentials. Others mean nothing here (RFC 6749 §3.3).
pub fn of_offer_by_scope(
    asked: &Scopes,
    offered: &[String],
    issuer: Option<&CredentialIssuer>,
) -> Result<Option<Vec<String>>, Fault> {
    let Some(issuer) = issuer else { return Ok(None) };
    let mut wished = Vec::new();
    for scope in asked.iter() {
        let of_scope = |name: &str| {
            issuer.configurations.get(name).is_some_and(|one| one.scope.as_deref() == Some(scope))
        };
        let before = wished.len();
        wished.extend(offered.iter().filter(|name| of_scope(name)).cloned());
        let is_known = issuer.configurations.iter().any(|(name, _)| of_scope(name));
        if is_known && wished.len() == before {
            return Err(Reason::ScopeNotOffered {}.into());
        }
    }
    Ok(Some(wished).filter(|wished| !wished.is_empty()))
}

/// §6.2: what was granted, with the identifiers that the wallet is to ask by.
pub fn identified<'a>(
    details: &'a AuthorizationDetails,
    issuer: Option<&CredentialIssuer>,
) -> Cow<'a, AuthorizationDetails> {
    if issuer.is_none() || !details.iter().any(is_of_credentials) {
        return Cow::Borrowed(details);
    }
    let elements = details.iter().cloned().map(|mut element| {
        if let Some(name) = configuration(&element).map(str::to_owned) {
            element.insert("credential_identifiers".to_owned(), json!([name]));
        }
        element
    });
    Cow::Owned(AuthorizationDetails::granted(elements.collect()))
}

fn is_of_credentials(element: &Map<String, Value>) -> bool {
    element.get("type").and_then(Value::as_str) == Some(TYPE)
}

fn configuration(element: &Map<String, Value>) -> Option<&str> {
    is_of_credentials(element).then(|| element.get("credential_configuration_id")?.as_str()).flatten()
}
