//! What all resources of a server share, and how one request is judged.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::request::Parts;
use http::uri::Authority;
use http_body::Body;
use placet_ambient::{Clock, Entropy};
use placet_base::Timestamp;
use placet_sdk::{Client, Transport};
use serde_json::{Map, Value};

use crate::audience::Audience;
use crate::cache::Verdicts;
use crate::challenge::Error;
pub use crate::challenge::Refusal;
use crate::content::{self, BodyError, Content};
use crate::introspection::{Asked, Bindings, Introspect};
use crate::jwt::{Judge, JwtValidation};
use crate::presented::{Nothing, Presented, Scheme, is_form, names_token};

/// Verdicts that are kept at a time.
const VERDICTS: usize = 10_000;
/// Tokens that are remembered to be bound to a key.
const BINDINGS: usize = 10_000;
/// How long they count, if nobody says otherwise.
const LIFETIME: Duration = Duration::from_secs(10);

/// What a request must bring.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirements {
    /// All of these scopes.
    pub scopes: Vec<String>,
    /// One of these authentication context classes (RFC 9470 §3); empty for any.
    pub acrs: Vec<String>,
    /// The oldest login that is good enough, in seconds.
    pub max_age: Option<i64>,
}

/// An access token that is good for the request; an extension of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccessToken {
    /// The resource owner; `None` for a client that acts in its own name.
    pub subject: Option<String>,
    /// The client that the token was given to.
    pub client_id: String,
    /// What it covers.
    pub scopes: Vec<String>,
    /// The authentication context class that the user's login reached.
    pub acr: Option<String>,
    /// When the user was authenticated, in seconds since the epoch.
    pub auth_time: Option<i64>,
    /// When the token ends, in seconds since the epoch.
    pub expires_at: Option<i64>,
    /// The resources that the token is restricted to (RFC 8707 §2); the audience of a JWT.
    pub audience: Vec<String>,
    /// All claims of a JWT; of an opaque token its authorization details and properties.
    pub claims: Map<String, Value>,
}

/// The protection of a server's resources.
pub struct Protection {
    resource: String,
    origin: usize,
    others: Vec<String>,
    authorization_servers: Vec<String>,
    api: Option<Arc<dyn Introspect>>,
    offline: Option<Judge>,
    audience: Audience,
    verdicts: Verdicts,
    bindings: Bindings,
    nonces: bool,
    clock: Clock,
}

impl Protection {
    /// Every token is introspected, with the API's word on proofs, nonces and certificates. `resource`: the URL
    /// under which the resources are reached, without a slash at its end.
    pub fn introspecting<T: Transport + 'static>(resource: &str, api: Client<T>) -> Self {
        Self::new(resource, Some(Arc::new(api)), None)
    }

    /// JWTs (RFC 9068) are judged here, without a call; they are good until they end. Other tokens are refused.
    pub fn offline(resource: &str, offline: JwtValidation) -> Self {
        Self::new(resource, None, Some(offline))
    }

    /// JWTs are judged here, other tokens introspected.
    pub fn both<T: Transport + 'static>(resource: &str, api: Client<T>, offline: JwtValidation) -> Self {
        Self::new(resource, Some(Arc::new(api)), Some(offline))
    }

    fn new(resource: &str, api: Option<Arc<dyn Introspect>>, offline: Option<JwtValidation>) -> Self {
        let resource = resource.trim_end_matches('/').to_owned();
        let host = resource.find("://").map_or(0, |at| at + 3);
        let origin = resource[host..].find('/').map_or(resource.len(), |at| host + at);
        Self {
            authorization_servers: offline.iter().map(|offline| offline.issuer().to_owned()).collect(),
            offline: offline.map(|offline| Judge::new(offline, &resource, &Entropy::system())),
            audience: Audience::of(&resource),
            resource,
            origin,
            others: Vec::new(),
            api,
            verdicts: Verdicts::new(VERDICTS, LIFETIME),
            bindings: Bindings::new(BINDINGS),
            nonces: false,
            clock: Clock::system(),
        }
    }

    /// An issuer whose tokens are good here, for the metadata.
    #[must_use]
    pub fn authorization_server(mut self, issuer: &str) -> Self {
        self.authorization_servers.push(issuer.to_owned());
        self
    }

    /// How many verdicts of introspection are kept, and for how long; a revocation is noticed that much later.
    /// [`Duration::ZERO`] for none.
    #[must_use]
    pub fn cache(mut self, entries: usize, lifetime: Duration) -> Self {
        self.verdicts = Verdicts::new(entries, lifetime);
        self
    }

    /// What introspected tokens have to be meant for, where that is not the resource's URL (RFC 8707 §2).
    #[must_use]
    pub fn audience(mut self, audience: &str) -> Self {
        self.audience = self.audience.named(audience);
        self
    }

    /// Introspected tokens that are restricted to no resource are good here too: a client that asks for none may
    /// get such a token (RFC 8707 §2). Without this they are refused, as JWTs of another audience are.
    #[must_use]
    pub fn allow_unrestricted_tokens(mut self) -> Self {
        self.audience = self.audience.or_none();
        self
    }

    /// A further origin (`https://host:port`) under which the same resources are reached, such as the one where
    /// clients are asked for certificates. A request's `Host` says which of them its proof has to name
    /// (RFC 9449 §4.3).
    #[must_use]
    pub fn mtls_alias(mut self, origin: &str) -> Self {
        self.others.push(origin.trim_end_matches('/').to_owned());
        self
    }

    /// Proofs must carry a nonce of this server (RFC 9449 §9).
    #[must_use]
    pub fn dpop_nonces(mut self) -> Self {
        self.nonces = true;
        self
    }

    /// With another clock than the system's: for tests.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    pub(crate) fn resource(&self) -> &str {
        &self.resource
    }

    pub(crate) fn origin(&self) -> &str {
        &self.resource[..self.origin]
    }

    /// The origin that a request was sent to, of those that are ours.
    fn called(&self, parts: &Parts) -> &str {
        let host = parts.headers.get(HOST).and_then(|value| value.to_str().ok());
        let host = host.or(parts.uri.authority().map(Authority::as_str)).unwrap_or_default();
        self.others.iter().find(|origin| is_host(host, origin)).map_or(self.origin(), String::as_str)
    }

    pub(crate) fn path(&self) -> &str {
        &self.resource[self.origin..]
    }

    pub(crate) fn authorization_servers(&self) -> &[String] {
        &self.authorization_servers
    }

    /// Judges a request.
    ///
    /// # Errors
    /// What to answer instead of the resource.
    pub async fn judge(&self, parts: &Parts, demand: &Requirements) -> Result<Admitted, Refusal> {
        let metadata = self.metadata_url();
        let presented = match Presented::read(parts) {
            Ok(presented) => presented,
            Err(Nothing::Absent) => return Err(Refusal::absent(&metadata)),
            Err(Nothing::Malformed(why)) => {
                return Err(Refusal::of(Error::InvalidRequest(why), Scheme::Bearer, demand, &metadata));
            }
        };
        let now = self.clock.now();
        match (&self.offline, &self.api) {
            (Some(judge), _) if Judge::is_for(&presented.token) => {
                let htu = format!("{}{}", self.called(parts), presented.path);
                let judged = judge.judge(&presented, demand, (&htu, self.nonces), now).await;
                let scheme = presented.scheme;
                judged.map_err(|(error, nonce)| Refusal {
                    nonce,
                    ..Refusal::of(error, scheme, demand, &metadata)
                })
            }
            (_, Some(api)) => {
                let path = presented.path.split('?').next().unwrap_or_default();
                let htu = format!("{}{path}", self.called(parts));
                self.introspected(&**api, &presented, (demand, htu), now).await
            }
            _ => {
                let error = Error::InvalidToken("The access token is of a kind that is not taken here.");
                Err(Refusal::of(error, presented.scheme, demand, &metadata))
            }
        }
    }

    async fn introspected(
        &self,
        api: &dyn Introspect,
        presented: &Presented,
        (demand, htu): (&Requirements, String),
        now: Timestamp,
    ) -> Result<Admitted, Refusal> {
        let key =
            Verdicts::key(presented, demand, &self.resource).filter(|_| !self.verdicts.lifetime.is_zero());
        if let Some(token) = key.as_deref().and_then(|key| self.verdicts.find(key, now)) {
            return Ok(Admitted { token, nonce: None });
        }
        let metadata = self.metadata_url();
        let refuse = |error| Refusal::of(error, presented.scheme, demand, &metadata);
        if presented.scheme == Scheme::Dpop && presented.proof.is_none() {
            return Err(refuse(Error::InvalidProof("The request has no proof.")));
        }
        let asked = Asked { presented, demand, htu, nonces: self.nonces };
        let good = api.judge(&asked).await.map_err(|mut refusal| {
            // RFC 9728 §5.1 in the API's own challenge.
            for challenge in &mut refusal.challenges {
                challenge.push_str(&format!(",resource_metadata=\"{metadata}\""));
            }
            refusal
        })?;
        let good = self.audience.meant(good).map_err(refuse)?;
        let good = self.bindings.fitting(api, &asked, good).await.map_err(refuse)?;
        if let Some(key) = key {
            self.verdicts.keep(key, &good.token, demand, now);
        }
        Ok(good)
    }
}

impl Protection {
    /// The body, of which a form has been looked through: a token in two places is in none (RFC 6750 §2, §3.1).
    pub(crate) async fn single<A>(
        &self,
        parts: &Parts,
        body: A,
        demand: &Requirements,
    ) -> Result<Content<A>, Refusal>
    where
        A: Body<Data = Bytes> + Send + Unpin + 'static,
    {
        if !is_form(parts) {
            return Ok(Content::as_it_came(body));
        }
        let refuse = |error| Refusal::of(error, Scheme::Bearer, demand, &self.metadata_url());
        match content::form(body).await {
            Ok(form) if names_token(&form) => {
                Err(refuse(Error::InvalidRequest("The access token comes in two ways.")))
            }
            Ok(form) => Ok(Content::read(form)),
            Err(BodyError::TooLarge) => Err(refuse(Error::TooLarge)),
            Err(BodyError::Broken) => Err(refuse(Error::InvalidRequest("The body cannot be read."))),
        }
    }
}

/// Whether a `Host` is the one of the origin; the port that a scheme has anyway may be left out.
fn is_host(host: &str, origin: &str) -> bool {
    let (port, expected) = match origin.split_once("://") {
        Some(("https", rest)) => (":443", rest),
        Some((_, rest)) => (":80", rest),
        None => return false,
    };
    let bare = |text: &str| text.strip_suffix(port).unwrap_or(text).to_ascii_lowercase();
    bare(host) == bare(expected)
}

/// A request that is let through.
#[derive(Clone, Debug, PartialEq)]
pub struct Admitted {
    /// The token that opens it.
    pub token: AccessToken,
    /// The value for `DPoP-Nonce` in the answer.
    pub nonce: Option<String>,
}
