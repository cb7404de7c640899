//! RFC 6749 §3.1.2, OpenID Connect Core §3.1.2.1, RFC 8252 §7.3 – where an answer may be sent

use placet_api::Reason;
use placet_base::registry::{ResponseMode, ResponseType};
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::policy::RequestPolicy;
use crate::rules::params::Params;
use crate::rules::{response_mode, text};
use crate::tenant::{Client, Tenant};

/// Where and how an authorization answer may be sent. It is made here only, of a verified URI; a ticket
/// keeps it.
///
/// ```compile_fail,E0451
/// use placet_base::registry::ResponseMode;
/// use placet_engine::rules::redirect_uri::Destination;
/// let uri = "https://evil.example".to_owned();
/// Destination { uri, mode: ResponseMode::Query, state: None, iss: None };
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    uri: String,
    mode: ResponseMode,
    state: Option<String>,
    /// RFC 9207.
    iss: Option<String>,
}

/// What the response mode of a destination asks for besides a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// Parameters as they are.
    Open,
    /// Parameters inside a JWT (JARM).
    Jwt,
}

impl Destination {
    /// What is sent to a verified destination needs no further match (RFC 6749 §4.2).
    pub fn matched(&self) -> Matched {
        Matched(())
    }

    pub fn uri(&self) -> &str {
        &self.uri
    }

    pub fn mode(&self) -> ResponseMode {
        self.mode
    }

    pub fn envelope(&self) -> Envelope {
        if self.mode.is_jwt() { Envelope::Jwt } else { Envelope::Open }
    }

    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// What every answer carries besides its own parameters.
    pub fn companions(&self) -> impl Iterator<Item = (&str, &str)> {
        let state = self.state.as_deref().map(|state| ("state", state));
        let iss = self.iss.as_deref().map(|iss| ("iss", iss));
        state.into_iter().chain(iss)
    }
}

/// That what is given goes to whom it was asked for by: the redirect URI is the one of the authorization
/// request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matched(());

/// RFC 6749 §4.1.3: a token request names the same URI as the authorization request did, and none if that
/// had none.
pub fn matched(asked: Option<&str>, params: &Params) -> Result<Matched, Fault> {
    match (asked, params.one("redirect_uri")?) {
        (Some(asked), Some(given)) if asked == given => Ok(Matched(())),
        (None, None) => Ok(Matched(())),
        (Some(_), Some(_)) => Err(Reason::CodeRedirectUriDiffers {}.into()),
        (Some(_), None) => Err(Reason::CodeRedirectUriMissing {}.into()),
        (None, Some(_)) => Err(Reason::CodeRedirectUriUnexpected {}.into()),
    }
}

/// The destination of a request. A fault here must be shown, never sent: there is nowhere to send it.
pub fn destination(
    params: &Params,
    tenant: &Tenant,
    client: &Client,
    policy: &RequestPolicy,
) -> Result<Destination, Fault> {
    let uri = verified(params, tenant, client)?;
    if policy.redirect_uri {
        protected(uri, params.one("redirect_uri")?.is_some())?;
    }
    Ok(Destination {
        uri: uri.to_owned(),
        mode: response_mode::response_mode(params, client)?,
        state: text::state(params)?,
        iss: policy.issuer.then(|| tenant.issuer.clone()).filter(|issuer| !issuer.is_empty()),
    })
}

/// Profiles ask for a redirect URI that is named and cannot be read on its way. A custom scheme or a
/// loopback address of a native application stays on the device (RFC 8252 §7).
fn protected(uri: &str, named: bool) -> Result<(), Fault> {
    if !named {
        return Err(Reason::RedirectUriNotNamed {}.into());
    }
    let plain = uri.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"));
    if plain && loopback(uri).is_none() {
        return Err(Reason::RedirectUriNotHttps {}.into());
    }
    Ok(())
}

fn verified<'a>(params: &'a Params, tenant: &Tenant, client: &'a Client) -> Result<&'a str, Fault> {
    let openid = params.one("scope")?.is_some_and(|scope| scope.split(' ').any(|s| s == "openid"));
    let given = params.one("redirect_uri")?;
    match (given, client.redirect_uris.as_slice()) {
        (given, []) => unregistered(given, params, client, openid),
        // OpenID Connect Core §3.1.2.1: redirect_uri is REQUIRED.
        (None, _) if openid => Err(Reason::RedirectUriNeededForOpenid {}.into()),
        (None, [only]) => Ok(only),
        (None, _) => Err(Reason::RedirectUriAmbiguous {}.into()),
        (Some(given), registered) => {
            let varies = tenant.authorization.loopback_port_varies;
            let known =
                registered.iter().any(|uri| uri == given || varies && same_but_for_loopback_port(uri, given));
            known.then_some(given).ok_or_else(|| Reason::RedirectUriUnregistered {}.into())
        }
    }
}

/// A client without registered URIs may name one when it is confidential, uses the code flow, and is
/// not an OpenID Connect client.
fn unregistered<'a>(
    given: Option<&'a str>,
    params: &Params,
    client: &Client,
    openid: bool,
) -> Result<&'a str, Fault> {
    if client.is_public() {
        return Err(Reason::PublicClientWithoutRedirectUri {}.into());
    }
    let given = given.ok_or(Reason::RedirectUriNeededUnregistered {})?;
    let code = params.one("response_type")?.and_then(ResponseType::parse) == Some(ResponseType::Code);
    if openid || !code {
        return Err(Reason::RedirectUriUnregistered {}.into());
    }
    let plain = given.bytes().all(|b| b.is_ascii_graphic()) && !given.contains('#') && is_absolute(given);
    plain.then_some(given).ok_or_else(|| Reason::RedirectUriMalformed {}.into())
}

/// RFC 3986 §4.3: a scheme, and something behind it. Schemes that run code in a browser are no
/// destinations.
pub fn is_absolute(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    let starts = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    let rest_of_scheme = scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    let runs_code = ["javascript", "data", "vbscript"].iter().any(|s| scheme.eq_ignore_ascii_case(s));
    let web = ["http", "https"].iter().any(|s| scheme.eq_ignore_ascii_case(s));
    let has_host =
        || rest.strip_prefix("//").is_some_and(|r| !r.is_empty() && !r.starts_with(['/', '?', ':']));
    starts && rest_of_scheme && !rest.is_empty() && !runs_code && (!web || has_host())
}

/// OpenID Connect Core §8.1: the host of the sector identifier URI, else the one host of all redirect
/// URIs.
pub fn sector(sector_identifier_uri: Option<&str>, redirect_uris: &[String]) -> Option<String> {
    if let Some(uri) = sector_identifier_uri.filter(|uri| !uri.is_empty()) {
        return host(uri).map(str::to_owned);
    }
    let first = host(redirect_uris.first()?)?;
    redirect_uris.iter().all(|uri| host(uri) == Some(first)).then(|| first.to_owned())
}

fn host(uri: &str) -> Option<&str> {
    let authority = uri.split_once("://")?.1.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let end = if host.starts_with('[') { host.find(']')? + 1 } else { host.find(':').unwrap_or(host.len()) };
    Some(&host[..end]).filter(|host| !host.is_empty())
}

/// RFC 8252 §7.3: a native client does not know its port in advance. Everything else must be the same.
fn same_but_for_loopback_port(registered: &str, given: &str) -> bool {
    let (Some(registered), Some(given)) = (loopback(registered), loopback(given)) else { return false };
    registered == given
}

/// Whether the URI leads to the machine itself.
pub fn is_loopback(uri: &str) -> bool {
    loopback(uri).is_some()
}

/// A loopback URI without its port: the part before and the part behind.
fn loopback(uri: &str) -> Option<(&str, &str)> {
    let host_at = uri.find("://")? + 3;
    let host =
        ["localhost", "127.0.0.1", "[::1]"].into_iter().find(|host| uri[host_at..].starts_with(host))?;
    let (before, behind) = uri.split_at(host_at + host.len());
    let behind = match behind.strip_prefix(':') {
        Some(port) => {
            let digits = port.bytes().take_while(u8::is_ascii_digit).count();
            (1..=5).contains(&digits).then(|| &port[digits..])?
        }
        None => behind,
    };
    (behind.is_empty() || behind.starts_with(['/', '?'])).then_some((before, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_port_of_a_loopback_uri_may_vary() {
        let same = same_but_for_loopback_port;
        assert!(same("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb"));
        assert!(same("http://[::1]:1/cb?a=1", "http://[::1]:2/cb?a=1"));
        for (registered, given) in [
            ("http://127.0.0.1/cb", "http://127.0.0.1:1/CB"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1/cb?x=1"),
            ("http://127.0.0.1/cb", "https://127.0.0.1:1/cb"),
            ("http://127.0.0.1/cb", "http://localhost:1/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1@evil/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1.evil/cb"),
            ("http://localhost/cb", "http://localhost:/cb"),
            ("https://a/cb", "https://a:1/cb"),
        ] {
            assert!(!same(registered, given), "{registered} {given}");
        }
    }

    #[test]
    fn relative_and_dangerous_uris_are_not_destinations() {
        for uri in ["https://a", "http://a:1/b", "com.example.app:/cb", "urn:x:y"] {
            assert!(is_absolute(uri), "{uri}");
        }
        for uri in [
            "",
            "/cb",
            "a.example/cb",
            "1a:/x",
            "https:",
            "https://",
            "https:///x",
            "javascript:alert(1)",
            "DATA:x",
        ] {
            assert!(!is_absolute(uri), "{uri}");
        }
    }
}
