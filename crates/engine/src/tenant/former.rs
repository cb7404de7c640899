//! The server that the service was at before: for a while it is asked about tokens that are not known here.

use placet_api::types::Service;
use placet_base::url::AbsoluteUri;
use placet_base::{Secret, Timestamp, form};

/// Where tokens may have come from that are not known here.
pub struct FormerServer {
    /// Its introspection endpoint (RFC 7662).
    pub endpoint: String,
    client_id: Option<String>,
    client_secret: Option<Secret>,
    /// From then on nobody is asked any more.
    pub until: Timestamp,
}

impl FormerServer {
    pub(super) fn compile(document: &Service) -> Option<Self> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        Some(Self {
            endpoint: given(&document.former_introspection_endpoint)?,
            client_id: given(&document.former_introspection_client_id),
            client_secret: given(&document.former_introspection_client_secret).map(Secret::new),
            until: Timestamp(document.former_tokens_until?),
        })
    }

    /// The question about a token (RFC 7662 §2.1), with what proves who asks (RFC 6749 §2.3.1).
    pub fn question(&self, token: &str, hint: &str) -> String {
        let mut text = String::new();
        let members = [
            ("token", Some(token)),
            ("token_type_hint", Some(hint)),
            ("client_id", self.client_id.as_deref()),
            ("client_secret", self.client_secret.as_ref().map(|secret| secret.expose().as_str())),
        ];
        for (name, value) in members.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            if !text.is_empty() {
                text.push('&');
            }
            text.push_str(name);
            text.push('=');
            form::encode_into(value, &mut text);
        }
        text
    }
}

/// The first of the settings that could not be used. Tokens are sent there, and a secret: https, or a loopback address, so that a move can be
/// tried on one machine.
pub(super) fn unusable(document: &Service) -> Option<&'static str> {
    let empty = |text: &Option<String>| text.as_deref().is_none_or(str::is_empty);
    let usable = |uri: AbsoluteUri| {
        let unread = uri.is_https() || uri.is_http() && uri.is_loopback();
        unread && !uri.has_fragment() && !uri.has_user_information()
    };
    let alone = empty(&document.former_introspection_endpoint);
    match document.former_introspection_endpoint.as_deref().filter(|url| !url.is_empty()) {
        Some(url) if !AbsoluteUri::parse(url).is_ok_and(usable) => Some("formerIntrospectionEndpoint"),
        // One without the other would have no effect.
        _ if alone != document.former_tokens_until.is_none() => Some("formerTokensUntil"),
        _ if alone && !empty(&document.former_introspection_client_id) => Some("formerIntrospectionClientId"),
        _ if empty(&document.former_introspection_client_id)
            && !empty(&document.former_introspection_client_secret) =>
        {
            Some("formerIntrospectionClientSecret")
        }
        _ => None,
    }
}
