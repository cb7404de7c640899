//! RFC 7591 §5, OpenID Connect Dynamic Client Registration 1.0 §2, §5 – metadata that fit together, and
//! nothing that a stranger must not choose

use placet_api::Reason;
use placet_base::url::{HttpsUrl, RedirectUri};
use serde_json::{Map, Value};

use crate::fault::Fault;
use crate::rules::redirect_uri::sector;

/// Properties that hold each other's ground.
#[derive(Debug, PartialEq, Eq)]
pub struct Checked {
    keys: OneKeySet,
    answers: Answerable,
    grants: Paired,
    fetched: Permitted,
    login: Begun,
    subjects: OneSector,
}

/// Keys by value or by reference.
#[derive(Debug, PartialEq, Eq)]
struct OneKeySet;

/// Redirect URIs that keep an answer where it belongs.
#[derive(Debug, PartialEq, Eq)]
struct Answerable;

/// Grants and response types that go together.
#[derive(Debug, PartialEq, Eq)]
struct Paired;

/// Nothing to be fetched where nothing may be fetched.
#[derive(Debug, PartialEq, Eq)]
struct Permitted;

/// A login that is begun over https, if by others at all.
#[derive(Debug, PartialEq, Eq)]
struct Begun;

/// A sector for pairwise subjects.
#[derive(Debug, PartialEq, Eq)]
struct OneSector;

impl Checked {
    /// `permits`: whether a URL may be fetched from here at all.
    pub fn of(properties: &Map<String, Value>, permits: impl Fn(&str) -> bool) -> Result<Self, Fault> {
        Ok(Self {
            keys: keys(properties)?,
            answers: redirect_uris(properties)?,
            grants: grants(properties)?,
            fetched: fetched(properties, permits)?,
            login: login(properties)?,
            subjects: subjects(properties)?,
        })
    }
}

fn text<'a>(properties: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    properties.get(name)?.as_str()
}

fn list<'a>(properties: &'a Map<String, Value>, name: &str) -> Vec<&'a str> {
    let list = properties.get(name).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).collect()
}

/// RFC 7591 §2: not both.
fn keys(properties: &Map<String, Value>) -> Result<OneKeySet, Fault> {
    match (text(properties, "jwksUri"), properties.get("jwks")) {
        (Some(_), Some(_)) => Err(Reason::MetadataKeysTwice {}.into()),
        (None, _) | (_, None) => Ok(OneKeySet),
    }
}

/// Redirect URIs that keep an answer where it belongs. A web application answers over https, except on
/// its developer's own machine; a native one has a scheme of its own, or a loopback address
/// (OpenID Connect Dynamic Client Registration 1.0 §2, RFC 8252 §7).
fn redirect_uris(properties: &Map<String, Value>) -> Result<Answerable, Fault> {
    let native = text(properties, "applicationType") == Some("NATIVE");
    let grants = list(properties, "grantTypes");
    let implicit = grants.contains(&"IMPLICIT");
    let uris = list(properties, "redirectUris");
    for uri in &uris {
        let fits = RedirectUri::parse(uri).is_ok_and(|uri| match uri.scheme() {
            "https" => native || !implicit || !uri.is_loopback(),
            "http" => uri.is_loopback() && (native || !implicit),
            // A scheme of its own: reverse domain notation (RFC 8252 §7.1), so that it is nobody else's.
            own => native && own.contains('.'),
        });
        if !fits {
            return Err(Reason::MetadataRedirectUri { uri: (*uri).to_owned() }.into());
        }
    }
    let redirects = grants.is_empty() || implicit || grants.contains(&"AUTHORIZATION_CODE");
    // COMPAT: metadata that say nothing of answers register a client as it is, with URIs to come; whoever says
    // that there are none, and wants codes, has made a mistake.
    let none = properties.contains_key("redirectUris") && !properties.contains_key("responseTypes");
    let answers = !list(properties, "responseTypes").is_empty() || implicit || none;
    if uris.is_empty() && redirects && answers {
        return Err(Reason::MetadataRedirectUriMissing {}.into());
    }
    Ok(Answerable)
}

/// RFC 7591 §2.1: response types and grant types say the same.
fn grants(properties: &Map<String, Value>) -> Result<Paired, Fault> {
    let (grants, responses) = (list(properties, "grantTypes"), list(properties, "responseTypes"));
    let grants = if grants.is_empty() { vec!["AUTHORIZATION_CODE"] } else { grants };
    let with = |part: &str| responses.iter().any(|response| response.split('_').any(|word| word == part));
    let code = with("CODE") || responses.is_empty();
    let implicit = with("TOKEN");
    if responses.is_empty() {
        return Ok(Paired);
    }
    let pairs = [("AUTHORIZATION_CODE", code, "authorization_code"), ("IMPLICIT", implicit, "implicit")];
    for (grant, answered, name) in pairs {
        if answered && !grants.contains(&grant) {
            return Err(Reason::MetadataGrantMissing { grant: name.to_owned() }.into());
        }
        if grants.contains(&grant) && !answered {
            return Err(Reason::MetadataResponseMissing { grant: name.to_owned() }.into());
        }
    }
    Ok(Paired)
}

/// OpenID Connect Dynamic Client Registration 1.0 §2: `initiate_login_uri` uses https.
fn login(properties: &Map<String, Value>) -> Result<Begun, Fault> {
    match text(properties, "loginUri").map(HttpsUrl::parse) {
        None | Some(Ok(_)) => Ok(Begun),
        Some(Err(_)) => {
            let (name, expected) = ("initiate_login_uri".to_owned(), "an https URL".to_owned());
            Err(Reason::MetadataInvalid { name, expected }.into())
        }
    }
}

/// What this server would fetch, or the authorization server would call: over https, and nowhere inside.
fn fetched(properties: &Map<String, Value>, permits: impl Fn(&str) -> bool) -> Result<Permitted, Fault> {
    let one = [
        "jwksUri",
        "signedJwksUri",
        "spiffeBundleEndpoint",
        "sectorIdentifierUri",
        "bcNotificationEndpoint",
        "backchannelLogoutUri",
    ];
    let one = one.iter().filter_map(|name| Some((*name, text(properties, name)?)));
    let many = list(properties, "requestUris").into_iter().map(|uri| ("requestUris", uri));
    for (name, uri) in one.chain(many) {
        if !permits(uri) {
            return Err(Reason::MetadataUriForbidden { name: name.to_owned() }.into());
        }
    }
    Ok(Permitted)
}

/// OpenID Connect Core §8.1: pairwise subjects need one sector.
fn subjects(properties: &Map<String, Value>) -> Result<OneSector, Fault> {
    if text(properties, "subjectType") != Some("PAIRWISE") {
        return Ok(OneSector);
    }
    let uris: Vec<String> = list(properties, "redirectUris").into_iter().map(str::to_owned).collect();
    match sector(text(properties, "sectorIdentifierUri"), &uris) {
        Some(_) => Ok(OneSector),
        None => Err(Reason::MetadataSectorMissing {}.into()),
    }
}

/// A sector that knows the client's redirect URIs.
#[derive(Debug, PartialEq, Eq)]
pub struct Covered(());

/// OpenID Connect Dynamic Client Registration 1.0 §5: every redirect URI stands in the document of the
/// sector.
pub fn sector_covers(document: &str, redirect_uris: &[String]) -> Result<Covered, Fault> {
    let listed: Option<Vec<String>> = serde_json::from_str(document).ok();
    let covered = listed.is_some_and(|listed| redirect_uris.iter().all(|uri| listed.contains(uri)));
    if covered { Ok(Covered(())) } else { Err(Reason::MetadataSectorMismatch {}.into()) }
}
