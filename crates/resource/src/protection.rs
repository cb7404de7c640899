//! What all resources of a server share, and how one request is judged.

use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use placet_base::Timestamp;
use placet_sdk::{Client, Transport};
use serde_json::{Map, Value};

use crate::cache::Verdicts;
use crate::challenge::Error;
pub use crate::challenge::Refusal;
use crate::clock;
use crate::introspection::Introspect;
use crate::jwt::{Judge, Offline};
use crate::presented::{Nothing, Presented, Scheme};

/// Verdicts that are kept at a time.
const VERDICTS: usize = 10_000;
/// How long they count, if nobody says otherwise.
const LIFETIME: Duration = Duration::from_secs(10);

/// What a request must bring.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demand {
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
    /// All claims of a JWT; of an opaque token its authorization details and properties.
    pub claims: Map<String, Value>,
}

/// The protection of a server's resources.
pub struct Protection {
    resource: String,
    origin: usize,
    authorization_servers: Vec<String>,
    api: Option<Arc<dyn Introspect>>,
    offline: Option<Judge>,
    verdicts: Verdicts,
    nonces: bool,
}

impl Protection {
    /// Every token is introspected, with the API's word on proofs, nonces and certificates. `resource`: the URL
    /// under which the resources are reached, without a slash at its end.
    pub fn introspecting<T: Transport + 'static>(resource: &str, api: Client<T>) -> Self {
        Self::new(resource, Some(Arc::new(api)), None)
    }

    /// JWTs (RFC 9068) are judged here, without a call; they are good until they end. Other tokens are refused.
    pub fn offline(resource: &str, offline: Offline) -> Self {
        Self::new(resource, None, Some(offline))
    }

    /// JWTs are judged here, other tokens introspected.
    pub fn both<T: Transport + 'static>(resource: &str, api: Client<T>, offline: Offline) -> Self {
        Self::new(resource, Some(Arc::new(api)), Some(offline))
    }

    fn new(resource: &str, api: Option<Arc<dyn Introspect>>, offline: Option<Offline>) -> Self {
        let resource = resource.trim_end_matches('/').to_owned();
        let host = resource.find("://").map_or(0, |at| at + 3);
        let origin = resource[host..].find('/').map_or(resource.len(), |at| host + at);
        Self {
            authorization_servers: offline.iter().map(|offline| offline.issuer().to_owned()).collect(),
            offline: offline.map(|offline| Judge::new(offline, &resource)),
            resource,
            origin,
            api,
            verdicts: Verdicts::new(VERDICTS, LIFETIME),
            nonces: false,
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

    /// Proofs must carry a nonce of this server (RFC 9449 §9).
    #[must_use]
    pub fn dpop_nonces(mut self) -> Self {
        self.nonces = true;
        self
    }

    pub(crate) fn resource(&self) -> &str {
        &self.resource
    }

    pub(crate) fn origin(&self) -> &str {
        &self.resource[..self.origin]
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
    pub async fn judge(&self, parts: &Parts, demand: &Demand) -> Result<Good, Refusal> {
        let metadata = self.metadata_url();
        let presented = match Presented::read(parts) {
            Ok(presented) => presented,
            Err(Nothing::Absent) => return Err(Refusal::absent(&metadata)),
            Err(Nothing::Malformed(why)) => {
                return Err(Refusal::of(Error::InvalidRequest(why), Scheme::Bearer, demand, &metadata));
            }
        };
        let now = clock::now();
        match (&self.offline, &self.api) {
            (Some(judge), _) if Judge::is_for(&presented.token) => {
                let htu = format!("{}{}", self.origin(), presented.path);
                let judged = judge.judge(&presented, demand, (&htu, self.nonces), now).await;
                let scheme = presented.scheme;
                judged.map_err(|(error, nonce)| Refusal {
                    nonce,
                    ..Refusal::of(error, scheme, demand, &metadata)
                })
            }
            (_, Some(api)) => self.introspected(&**api, &presented, demand, now).await,
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
        demand: &Demand,
        now: Timestamp,
    ) -> Result<Good, Refusal> {
        let key =
            Verdicts::key(presented, demand, &self.resource).filter(|_| !self.verdicts.lifetime.is_zero());
        if let Some(token) = key.as_deref().and_then(|key| self.verdicts.find(key, now)) {
            return Ok(Good { token, nonce: None });
        }
        let htu = format!("{}{}", self.origin(), presented.path.split('?').next().unwrap_or_default());
        let good = api.judge(presented, demand, htu, self.nonces).await.map_err(|mut refusal| {
            // RFC 9728 §5.1 in the API's own challenge.
            for challenge in &mut refusal.challenges {
                challenge.push_str(&format!(",resource_metadata=\"{}\"", self.metadata_url()));
            }
            refusal
        })?;
        if let Some(key) = key {
            self.verdicts.keep(key, &good.token, demand, now);
        }
        Ok(good)
    }
}

/// A request that is let through.
#[derive(Clone, Debug, PartialEq)]
pub struct Good {
    /// The token that opens it.
    pub token: AccessToken,
    /// The value for `DPoP-Nonce` in the answer.
    pub nonce: Option<String>,
}
