//! Settings about signing in, which the authorization server reads: whom it asks who a user or a developer is, and by way of which
//! social networks they come.

use placet_api::types::{Service, SnsCredentials};
use placet_base::registry::Sns;
use placet_base::url::AbsoluteUri;

/// The first setting that could not be used.
pub(super) fn unusable(document: &Service) -> Option<&'static str> {
    let callbacks = [
        ("authenticationCallbackEndpoint", document.authentication_callback_endpoint.as_deref()),
        (
            "developerAuthenticationCallbackEndpoint",
            document.developer_authentication_callback_endpoint.as_deref(),
        ),
    ];
    let callback = callbacks.into_iter().find(|(_, url)| url.is_some_and(|url| !is_callback(url)));
    callback.map(|(property, _)| property).or_else(|| of_users(document)).or_else(|| of_developers(document))
}

fn of_users(document: &Service) -> Option<&'static str> {
    networks(
        ("supportedSnses", document.supported_snses.as_deref().unwrap_or_default()),
        ("snsCredentials", document.sns_credentials.as_deref().unwrap_or_default()),
    )
}

fn of_developers(document: &Service) -> Option<&'static str> {
    networks(
        ("supportedDeveloperSnses", document.supported_developer_snses.as_deref().unwrap_or_default()),
        ("developerSnsCredentials", document.developer_sns_credentials.as_deref().unwrap_or_default()),
    )
}

/// Passwords are sent there: https, or a loopback address, so that a service can be tried on one machine; and no fragment, which is
/// not sent (RFC 9110 §7.1). Empty is none.
fn is_callback(url: &str) -> bool {
    let usable = |uri: AbsoluteUri| {
        let unread = uri.is_https() || uri.is_http() && uri.is_loopback();
        unread && !uri.has_fragment() && !uri.has_user_information()
    };
    url.is_empty() || AbsoluteUri::parse(url).is_ok_and(usable)
}

/// Networks that are offered are known to the authorization server, by one client each.
fn networks(
    (supporting, supported): (&'static str, &[Sns]),
    (crediting, credentials): (&'static str, &[SnsCredentials]),
) -> Option<&'static str> {
    let given = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty());
    let mut known = Vec::new();
    for one in credentials {
        let Some(sns) = one.sns.filter(|_| given(&one.api_key) && given(&one.api_secret)) else {
            return Some(crediting);
        };
        if known.contains(&sns) {
            return Some(crediting);
        }
        known.push(sns);
    }
    supported.iter().any(|sns| !known.contains(sns)).then_some(supporting)
}
