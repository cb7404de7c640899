//! RFC 6749 §3.1.2, OpenID Connect Core §3.1.2.1, RFC 8252 §7.3 – where an answer may be sent

use placet_api::Reason;
use placet_base::registry::{ResponseMode, ResponseType};
use placet_base::url::{AbsoluteUri, RedirectUri};
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
    let uri = match policy.redirect_uri {
        true => protected(uri, params.one("redirect_uri")?.is_some())?,
        false => uri,
    };
    Ok(Destination {
        uri: uri.as_str().to_owned(),
        mode: response_mode::response_mode(params, client)?,
        state: text::state(params)?,
        iss: policy.issuer.then(|| tenant.issuer.clone()).filter(|issuer| !issuer.is_empty()),
    })
}

/// Profiles ask for a redirect URI that is named and cannot be read on its way. A custom scheme or a
/// loopback address of a native application stays on the device (RFC 8252 §7).
fn protected(uri: RedirectUri, named: bool) -> Result<RedirectUri, Fault> {
    if !named {
        return Err(Reason::RedirectUriNotNamed {}.into());
    }
    if uri.is_http() && !uri.is_loopback() {
        return Err(Reason::RedirectUriNotHttps {}.into());
    }
    Ok(uri)
}

/// A URI that the client may be answered at, and that an answer can be put on: one that was registered when
/// more was taken may be of no use any more.
fn verified(params: &Params, tenant: &Tenant, client: &Client) -> Result<RedirectUri, Fault> {
    let openid = params.one("scope")?.is_some_and(|scope| scope.split(' ').any(|s| s == "openid"));
    let given = params.one("redirect_uri")?;
    let usable = |uri: &str| RedirectUri::parse(uri).map_err(|_| Reason::RedirectUriMalformed {}.into());
    match (given, client.redirect_uris.as_slice()) {
        (given, []) => usable(unregistered(given, params, client, openid)?),
        // OpenID Connect Core §3.1.2.1: redirect_uri is REQUIRED.
        (None, _) if openid => Err(Reason::RedirectUriNeededForOpenid {}.into()),
        (None, [only]) => usable(only),
        (None, _) => Err(Reason::RedirectUriAmbiguous {}.into()),
        (Some(given), registered) if registered.iter().any(|uri| uri == given) => usable(given),
        (Some(given), registered) => {
            let varies = tenant.authorization.loopback_port_varies;
            let given = RedirectUri::parse(given).ok().filter(|_| varies);
            let known = |given: &RedirectUri| {
                let registered = registered.iter().filter_map(|uri| RedirectUri::parse(uri).ok());
                registered.into_iter().any(|uri| uri.is_same_but_for_loopback_port(given))
            };
            given.filter(known).ok_or_else(|| Reason::RedirectUriUnregistered {}.into())
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
    Ok(given)
}

/// OpenID Connect Core §8.1: the host of the sector identifier URI, else the one host of all redirect
/// URIs.
pub fn sector(sector_identifier_uri: Option<&str>, redirect_uris: &[String]) -> Option<String> {
    let host = |uri: &str| AbsoluteUri::parse(uri).ok()?.host().map(str::to_owned);
    if let Some(uri) = sector_identifier_uri.filter(|uri| !uri.is_empty()) {
        return host(uri);
    }
    let first = host(redirect_uris.first()?)?;
    redirect_uris.iter().all(|uri| host(uri).as_ref() == Some(&first)).then_some(first)
}
