//! What an operator says about an authorization server.

use std::collections::BTreeMap;
use std::net::IpAddr;

use axum::http::HeaderName;
use placet_ambient::Ambient;
use serde::Deserialize;

use crate::budgets::Budgets;
use crate::social::SocialNetwork;

/// An issuer as this server is reached at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    url: String,
    origin: String,
    path: String,
}

impl Issuer {
    /// Reads `https://host/path`; `None` for a query, a fragment, a slash at the end or another scheme
    /// (RFC 8414 §2). Plain http is for a first try on one machine.
    pub fn parse(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
        let host = rest.split('/').next().filter(|host| !host.is_empty() && !host.contains('@'))?;
        if url.contains(['?', '#', ' ', '"', '<', '>', '\\', '\'', ';', ',']) || url.ends_with('/') {
            return None;
        }
        let path = &rest[host.len()..];
        Some(Self {
            url: url.to_owned(),
            origin: url[..url.len() - path.len()].to_owned(),
            path: path.to_owned(),
        })
    }

    /// The issuer itself.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// What stands behind the origin; empty or with a slash in front.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether a `Host` is this one's; the port that a scheme has anyway may be left out.
    pub(crate) fn is_at(&self, host: &str) -> bool {
        let port = if self.is_https() { ":443" } else { ":80" };
        let bare = |text: &str| text.strip_suffix(port).unwrap_or(text).to_ascii_lowercase();
        self.origin.split_once("://").is_some_and(|(_, own)| bare(own) == bare(host))
    }

    /// The RP ID of passkeys (WebAuthn Level 3 §5.4.2): the host, which has to be a name and no address. `None` where browsers
    /// make no passkeys, as in what comes over plain http from anywhere but localhost (Secure Contexts §3.1).
    pub fn relying_party_id(&self) -> Option<String> {
        let url = url::Url::parse(&self.origin).ok()?;
        let name = url.domain()?;
        let is_local = name == "localhost" || name.ends_with(".localhost");
        (self.is_https() || is_local).then(|| name.to_owned())
    }

    /// Whether cookies can be secure.
    pub fn is_https(&self) -> bool {
        self.url.starts_with("https:")
    }
}

/// A proxy that ends TLS in front of this server, and tells of client certificates.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// Where it calls from; the header of anybody else is not read (RFC 9700 §4.13).
    pub addresses: Vec<IpAddr>,
    /// `Client-Cert` (RFC 9440), or a header with PEM, percent-encoded or not.
    pub certificate_header: HeaderName,
    /// It hands on certificates that an authority vouches for, and no others (RFC 8705 §2.1).
    pub vouches: bool,
    /// `X-Forwarded-For`, or another header whose last address is the client's. Without one nobody's address is
    /// known behind the proxy, and budgets of addresses are for nobody.
    pub address_header: Option<HeaderName>,
}

/// A kind of assertion that is a grant.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum AssertionGrant {
    /// A plain one (RFC 7523 §2.1): any client may bring it, for any scope.
    JwtBearer,
    /// One for a client and for what it may do (draft-ietf-oauth-identity-assertion-authz-grant-04 §4.4).
    IdJag,
}

/// An issuer whose assertions speak of our users, by their subjects.
#[derive(Clone, Debug)]
pub struct AssertionIssuer {
    /// The `iss` of its assertions.
    pub issuer: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// What it is believed in.
    pub grants: Vec<AssertionGrant>,
    /// It calls our users by names of its own, and says ours in `aud_sub`, which only ID-JAGs have
    /// (draft-ietf-oauth-identity-assertion-authz-grant-04 §3).
    pub by_aud_sub: bool,
}

/// Another authorization server, to which applications may go with a grant of ours (ID-JAG).
#[derive(Clone, Debug)]
pub struct ResourceAuthorizationServer {
    /// Its issuer identifier.
    pub issuer: String,
    /// The scopes that may be asked for there.
    pub scopes: Vec<String>,
    /// Whether it is told the user's mail address, to find the account by.
    pub email: bool,
    /// Which clients may go there: their names here, and what they are called there.
    pub clients: BTreeMap<String, String>,
}

/// A client that may begin transactions (Txn-Tokens).
#[derive(Clone, Debug)]
pub struct Workload {
    /// Its client id.
    pub client: String,
    /// What its transactions may be for, and the scopes that an access token has to have for each.
    pub scopes: BTreeMap<String, Vec<String>>,
}

/// Settings of an [`crate::AuthServer`].
#[derive(Clone, Debug)]
pub struct Settings {
    /// The issuer, and with it where the endpoints are.
    pub issuer: Issuer,
    /// What pages call the place that people sign in to.
    pub name: String,
    /// Names of what a login came by (`acr`): a password, and two factors, which are a password with a code, or a passkey.
    pub acrs: [String; 2],
    /// How long a login lasts without a visit, in seconds.
    pub session_idle: i64,
    /// How long a login lasts at most, in seconds.
    pub session_longest: i64,
    /// How long somebody may take to answer the pages of one request, in seconds. Tickets live a day.
    pub interaction_longest: i64,
    /// What ends TLS in front of this server, if it tells of client certificates.
    pub proxy: Option<Proxy>,
    /// Where the endpoints are reached with mutual TLS, if not at the issuer: what `mtls_endpoint_aliases` begin with
    /// (RFC 8705 §5).
    pub mutual: Option<Issuer>,
    /// Clients that are known by what an authority says of them are believed whoever has issued their certificate:
    /// for trying things with certificates that a suite has made. It lets anybody be such a client.
    pub any_client_authority: bool,
    /// Whether clients need an initial access token to register (RFC 7591 §1.2): for placet one with the scope
    /// `client_registration`.
    pub registration_needs_token: bool,
    /// Whoever knows an `auth_req_id` may answer for the user, at `/backchannel_authentication/decide`: for a conformance
    /// suite, and for nothing else.
    pub decisions_for_tests: bool,
    /// Who may vouch for users with a JWT (RFC 7523 §2.1).
    pub assertion_issuers: Vec<AssertionIssuer>,
    /// Where applications may go with a grant of ours.
    pub resource_authorization_servers: Vec<ResourceAuthorizationServer>,
    /// Who may begin transactions.
    pub workloads: Vec<Workload>,
    /// What this server decides of the credentials that the service issues.
    pub credentials: Credentials,
    /// Whether there are pages for developers of clients, at `/developers`.
    pub developers: bool,
    /// Where people sign in by way of Facebook, if the service supports it and the users can come so.
    pub facebook: SocialNetwork,
    /// What strangers may cost.
    pub budgets: Budgets,
    /// Resource servers that may introspect every token: client ids. Other clients see their own only.
    pub resource_servers: Vec<String>,
    /// What stands in front says by `traceparent` which trace a request belongs to, and calls of the API say so too. Whoever could say
    /// that from outside would decide what is recorded.
    pub traced: bool,
    /// Clock and randomness: the system's, unless a test gives others.
    pub ambient: Ambient,
}

impl Settings {
    /// Eight hours without a visit, twelve in all, an hour for one request.
    pub fn new(issuer: Issuer) -> Self {
        let acrs = ["urn:placet:acr:password", "urn:placet:acr:second-factor"].map(str::to_owned);
        Self {
            issuer,
            name: "placet".to_owned(),
            acrs,
            session_idle: 8 * 3600,
            session_longest: 12 * 3600,
            interaction_longest: 3600,
            proxy: None,
            mutual: None,
            any_client_authority: false,
            registration_needs_token: false,
            decisions_for_tests: false,
            assertion_issuers: Vec::new(),
            resource_authorization_servers: Vec::new(),
            workloads: Vec::new(),
            credentials: Credentials::default(),
            developers: false,
            facebook: SocialNetwork::facebook(),
            budgets: Budgets::default(),
            resource_servers: Vec::new(),
            traced: false,
            ambient: Ambient::default(),
        }
    }

    /// The strength behind a name; `None` for a name that nobody here can reach.
    pub(crate) fn strength(&self, acr: &str) -> Option<Strength> {
        let known = self.acrs.iter().position(|known| known == acr)?;
        Some([Strength::Password, Strength::SecondFactor][known])
    }

    /// `None` for what has no name here.
    pub(crate) fn acr(&self, strength: Strength) -> Option<&str> {
        match strength {
            Strength::Elsewhere => None,
            Strength::Password => Some(&self.acrs[0]),
            Strength::SecondFactor => Some(&self.acrs[1]),
        }
    }
}

/// Verifiable credentials, as far as the API leaves it to its caller. What they say is what their configurations describe of
/// the user's claims.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// Whoever is signed in may offer credentials about themselves to a wallet of their own, at `/offer`.
    pub offers: bool,
    /// Credentials that come later (OpenID for Verifiable Credential Issuance 1.0 §9), by the names of their configurations: how
    /// many seconds after they were asked for.
    pub deferred: BTreeMap<String, i64>,
}

/// What a login came by, the weaker first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// Whatever somebody else has asked for.
    Elsewhere,
    Password,
    SecondFactor,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_taken_apart() {
        let issuer = Issuer::parse("http://127.0.0.1:7400/as").unwrap();
        assert_eq!(
            (issuer.origin(), issuer.path(), issuer.is_https()),
            ("http://127.0.0.1:7400", "/as", false)
        );
        let issuer = Issuer::parse("https://as.example").unwrap();
        assert_eq!((issuer.origin(), issuer.path(), issuer.is_https()), ("https://as.example", "", true));
        assert!(
            issuer.is_at("AS.example:443") && issuer.is_at("as.example") && !issuer.is_at("as.example:80")
        );
        for wrong in
            ["https://as.example/", "https://", "ftp://a", "https://a?b", "https://u@a", "a", "https://a/<"]
        {
            assert_eq!(Issuer::parse(wrong), None, "{wrong}");
        }
    }
}
