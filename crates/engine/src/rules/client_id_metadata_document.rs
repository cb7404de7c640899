//! OAuth 2.0 Client ID Metadata Document (draft-ietf-oauth-client-id-metadata-document-02) – a client that is named by the
//! URL of what it says of itself

use placet_api::Reason;
use placet_base::registry::{ClientAuthMethod, JweAlg, JwsAlg};
use placet_base::url::AbsoluteUri;
use serde_json::Value;

use crate::budgets::CLIENT_METADATA_DOCUMENT;
use crate::fault::Fault;
use crate::metadata_policy::MetadataPolicy;
use crate::rules::registration::Metadata;

/// What is let pass of a URL.
#[derive(Clone, Copy, Debug, Default)]
pub struct Permitted<'a> {
    pub http: bool,
    pub query: bool,
    /// `None` for all.
    pub allowlist: Option<&'a [String]>,
}

/// A URL that may name a client here (§3).
#[derive(Debug, PartialEq, Eq)]
pub struct ClientIdUrl(String);

impl ClientIdUrl {
    /// `None` for an identifier that is no URL.
    ///
    /// # Errors
    /// For a URL that may not name a client, by what is wrong with it.
    pub fn parse(identifier: &str, permitted: &Permitted<'_>) -> Result<Option<Self>, Fault> {
        if !is_url(identifier) {
            return Ok(None);
        }
        let unfit = |detail: &str| Err(Reason::ClientUrlUnfit { detail: detail.to_owned() }.into());
        let Ok(url) = AbsoluteUri::parse(identifier) else { return unfit("it is no web address") };
        if url.is_http() && !permitted.http {
            return Err(Reason::ClientUrlNotHttps {}.into());
        }
        if url.has_user_information() {
            return unfit("it has user information");
        }
        if url.has_fragment() {
            return unfit("it has a fragment");
        }
        let parts = Parts::of(identifier);
        if parts.path.is_empty() {
            return unfit("it has no path");
        }
        if parts.segments().any(is_dots) {
            return unfit("its path has dots for segments");
        }
        if parts.query.is_some() && !permitted.query {
            return Err(Reason::ClientUrlHasQuery {}.into());
        }
        if permitted.allowlist.is_some_and(|list| !list.iter().any(|entry| Parts::of(entry).covers(&parts))) {
            return Err(Reason::ClientUrlUnlisted {}.into());
        }
        Ok(Some(Self(identifier.to_owned())))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether an identifier is one of these, before anything else is known of it. Schemes have no case.
pub fn is_url(identifier: &str) -> bool {
    let begins =
        |scheme: &str| identifier.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme));
    begins("https://") || begins("http://")
}

/// A URL as it is written: §3 compares texts.
struct Parts<'a> {
    /// Scheme and authority.
    origin: &'a str,
    path: &'a str,
    query: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(url: &'a str) -> Self {
        let (url, query) = url.split_once('?').map_or((url, None), |(url, query)| (url, Some(query)));
        let authority = url.find("://").map_or(0, |at| at + 3);
        let path = url[authority..].find('/').map_or(url.len(), |at| authority + at);
        Self { origin: &url[..path], path: &url[path..], query }
    }

    fn segments(&self) -> impl Iterator<Item = &'a str> {
        self.path.split('/').filter(|segment| !segment.is_empty())
    }

    /// An entry of the list covers what is below it.
    fn covers(&self, url: &Self) -> bool {
        let mut theirs = url.segments();
        self.origin == url.origin
            && self.segments().all(|own| theirs.next() == Some(own))
            && self.query.is_none_or(|query| url.query == Some(query))
    }
}

/// `.` and `..`, however they are written.
fn is_dots(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    plain == "." || plain == ".."
}

/// The metadata that a document says of the client that the URL names, as the policy makes them (§4).
///
/// # Errors
/// For what is no such document, by what is wrong with it.
pub fn published(text: &str, url: &ClientIdUrl, policy: Option<&MetadataPolicy>) -> Result<Metadata, Fault> {
    if text.len() > CLIENT_METADATA_DOCUMENT {
        return Err(Reason::ClientDocumentUnreadable {}.into());
    }
    let metadata = match serde_json::from_str(text) {
        Ok(Value::Object(metadata)) => metadata,
        _ => return Err(Reason::ClientDocumentUnreadable {}.into()),
    };
    if metadata.get("client_id").and_then(Value::as_str) != Some(url.as_str()) {
        return Err(Reason::ClientDocumentOfOther {}.into());
    }
    let metadata = without_secrets(metadata)?;
    match policy {
        Some(policy) => without_secrets(policy.applied(metadata)?),
        None => Ok(metadata),
    }
}

/// Metadata that need no secret (§4.1). A client that does not say how it proves itself is public: what RFC 7591 §2
/// would have it mean takes a secret.
pub fn without_secrets(mut metadata: Metadata) -> Result<Metadata, Fault> {
    let secret = |member: &str| Fault::from(Reason::ClientDocumentSecret { member: member.to_owned() });
    for member in ["client_secret", "client_secret_expires_at"] {
        if metadata.contains_key(member) {
            return Err(secret(member));
        }
    }
    let none = ClientAuthMethod::None.protocol_name();
    let method = metadata.entry("token_endpoint_auth_method").or_insert_with(|| none.into());
    let method = method.as_str().and_then(ClientAuthMethod::from_protocol);
    use ClientAuthMethod::{ClientSecretBasic, ClientSecretJwt, ClientSecretPost};
    if matches!(method, Some(ClientSecretBasic | ClientSecretJwt | ClientSecretPost)) {
        return Err(secret("token_endpoint_auth_method"));
    }
    // Signatures and encryption with the client's secret.
    let symmetric = |value: &str| {
        JwsAlg::from_protocol(value).is_some_and(JwsAlg::is_symmetric)
            || JweAlg::from_protocol(value).is_some_and(placet_jose::is_symmetric)
    };
    let by_secret =
        |(name, value): &(&String, &Value)| name.ends_with("_alg") && value.as_str().is_some_and(symmetric);
    if let Some((member, _)) = metadata.iter().find(by_secret) {
        return Err(secret(member));
    }
    Ok(metadata)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(identifier: &str, permitted: &Permitted<'_>) -> Option<&'static str> {
        ClientIdUrl::parse(identifier, permitted).err().map(|fault| fault.reason.name())
    }

    #[test]
    fn only_urls_that_say_what_they_are_name_a_client() {
        let strict = Permitted::default();
        for url in ["https://app.example/client", "https://app.example:8443/", "HTTPS://app.example/a"] {
            assert!(ClientIdUrl::parse(url, &strict).is_ok_and(|url| url.is_some()), "{url}");
        }
        for other in ["12345", "shop", "urn:a:b", "httpsx://a/b", ""] {
            assert_eq!(ClientIdUrl::parse(other, &strict), Ok(None), "{other}");
        }
        for url in [
            "https://app.example",
            "https:///client",
            "https://user@app.example/client",
            "https://app.example/client#a",
            "https://app.example/a/../client",
            "https://app.example/a/%2E%2e/client",
            "https://app.example/./client",
            "https://app.example/a b",
        ] {
            assert_eq!(reason(url, &strict), Some("ClientUrlUnfit"), "{url}");
        }
        assert_eq!(reason("http://app.example/client", &strict), Some("ClientUrlNotHttps"));
        assert_eq!(reason("https://app.example/client?a", &strict), Some("ClientUrlHasQuery"));
        let lax = Permitted { http: true, query: true, allowlist: None };
        assert_eq!(reason("http://app.example/client?a", &lax), None);
    }

    #[test]
    fn the_list_holds_texts_and_covers_what_is_below() {
        let list = ["https://a.example/x/y".to_owned(), "https://b.example/?q=1".to_owned()];
        let permitted = Permitted { query: true, allowlist: Some(&list), http: false };
        for url in ["https://a.example/x/y", "https://a.example/x/y/z?q", "https://b.example/c?q=1"] {
            assert_eq!(reason(url, &permitted), None, "{url}");
        }
        for url in [
            "https://a.example/x",
            "https://a.example/x/yz",
            "https://A.example/x/y",
            "https://a.example:443/x/y",
            "https://a.example.evil.example/x/y",
            "https://b.example/c",
        ] {
            assert_eq!(reason(url, &permitted), Some("ClientUrlUnlisted"), "{url}");
        }
        let nobody = Permitted { allowlist: Some(&[]), ..permitted };
        assert_eq!(reason("https://a.example/x/y", &nobody), Some("ClientUrlUnlisted"));
    }
}
