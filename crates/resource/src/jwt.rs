//! RFC 9068 – JWT access tokens, judged without a call; RFC 9449 and RFC 8705 where they are bound.

use std::sync::{Arc, PoisonError, RwLock};

use placet_ambient::Entropy;
use placet_base::registry::JwsAlg;
use placet_base::set::Set;
use placet_base::{Timestamp, Ttl};
use placet_jose::claims::{Claims, Times, Tolerance, audiences, text};
use placet_jose::dpop::{self, Expected, Nonces, ProofError};
use placet_jose::{JwkSet, Parsed};
use quick_cache::sync::Cache;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::audience::is_same;
use crate::challenge::Error;
use crate::presented::{Presented, Scheme};
use crate::protection::{AccessToken, Admitted, Requirements};

/// Between two looks at the published keys, in milliseconds: a token with a made-up key identifier must not make
/// work without end.
const PAUSE: i64 = 30_000;
/// And after a look that brought nothing.
const PAUSE_AFTER_FAILURE: i64 = 2_000;
/// The largest key set, in bytes.
const LARGEST: usize = 64 * 1024;
/// Proofs that are remembered; each is good for five minutes.
const PROOFS: usize = 100_000;
/// How far clocks may be off, in seconds.
const SKEW: i64 = 10;
/// How long a nonce is handed out.
const NONCE: Ttl = Ttl::secs(5 * 60);

/// Where the keys come from, and whose tokens they sign.
pub struct JwtValidation {
    issuer: String,
    audience: Option<String>,
    keys: Keys,
}

impl JwtValidation {
    /// With a JWK Set at hand; it does not change.
    ///
    /// # Errors
    /// When the text is no JWK Set.
    pub fn with_keys(issuer: &str, set: &str) -> Result<Self, String> {
        let set = JwkSet::parse(set).map_err(|e| format!("the key set: {e:?}"))?;
        let keys = Keys { at: None, known: RwLock::new(Arc::new(set)), looked: Mutex::new(None) };
        Ok(Self { issuer: issuer.to_owned(), audience: None, keys })
    }

    /// With the keys that are published at `jwks_uri`: fetched when they are first needed, and again when a token
    /// names one that is not among them.
    ///
    /// # Errors
    /// When there is no TLS on this system.
    pub fn fetching(issuer: &str, jwks_uri: &str) -> Result<Self, String> {
        let http = reqwest::Client::builder()
            .timeout(std::time::Duration::from_secs(5))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| e.to_string())?;
        let at = Some((http, jwks_uri.to_owned()));
        let keys = Keys { at, known: RwLock::default(), looked: Mutex::new(None) };
        Ok(Self { issuer: issuer.to_owned(), audience: None, keys })
    }

    /// What tokens have to name in `aud`, where that is not the resource's URL.
    #[must_use]
    pub fn audience(self, audience: &str) -> Self {
        Self { audience: Some(audience.to_owned()), ..self }
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }
}

struct Keys {
    at: Option<(reqwest::Client, String)>,
    known: RwLock<Arc<JwkSet>>,
    /// When they were fetched last, in milliseconds since the epoch, and whether they came.
    looked: Mutex<Option<(i64, bool)>>,
}

impl Keys {
    fn known(&self) -> Arc<JwkSet> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The keys, with this one among them if it is to be had.
    async fn with(&self, alg: JwsAlg, kid: Option<&str>, now: Timestamp) -> Result<Arc<JwkSet>, Error> {
        let known = self.known();
        let Some((http, uri)) = self.at.as_ref().filter(|_| known.verifying(alg, kid).next().is_none())
        else {
            return Ok(known);
        };
        // One look at a time; whoever waited finds what it brought.
        let mut looked = self.looked.lock().await;
        if looked.is_none_or(|(at, came)| now.0 - at >= if came { PAUSE } else { PAUSE_AFTER_FAILURE }) {
            let found = fetched(http, uri).await;
            *looked = Some((now.0, found.is_ok()));
            match found {
                Ok(set) => *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(set),
                Err(e) => {
                    tracing::error!(uri, source = e, "the keys of the authorization server cannot be read")
                }
            }
        }
        match *looked {
            Some((_, true)) => Ok(self.known()),
            _ => Err(Error::Away),
        }
    }
}

async fn fetched(http: &reqwest::Client, uri: &str) -> Result<JwkSet, String> {
    let mut response = http.get(uri).send().await.map_err(|e| e.to_string())?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| e.to_string())? {
        if body.len() + chunk.len() > LARGEST {
            return Err("too large".to_owned());
        }
        body.extend_from_slice(&chunk);
    }
    let text = String::from_utf8(body).map_err(|e| e.to_string())?;
    JwkSet::parse(&text).map_err(|e| format!("{e:?}"))
}

/// Judges JWTs.
pub(crate) struct Judge {
    issuer: String,
    audience: String,
    keys: Keys,
    nonces: Nonces,
    proofs: Cache<String, Timestamp>,
}

/// What is wrong, and the nonce that would make it right.
type Wrong = (Error, Option<String>);

impl Judge {
    pub(crate) fn new(offline: JwtValidation, resource: &str, entropy: &Entropy) -> Self {
        Self {
            audience: offline.audience.unwrap_or_else(|| resource.to_owned()),
            issuer: offline.issuer,
            keys: offline.keys,
            nonces: Nonces::new(&entropy.bytes::<32>(), NONCE),
            proofs: Cache::new(PROOFS),
        }
    }

    /// Whether a token is a JWT access token (RFC 9068 §2.1), as far as its header says.
    pub(crate) fn is_for(token: &str) -> bool {
        Parsed::parse(token).is_ok_and(|parsed| is_access_token(&parsed))
    }

    pub(crate) async fn judge(
        &self,
        presented: &Presented,
        demand: &Requirements,
        (htu, nonces): (&str, bool),
        now: Timestamp,
    ) -> Result<Admitted, Wrong> {
        let claims = self.verified(&presented.token, now).await.map_err(plain)?;
        let nonce = self.bound(presented, &claims, (htu, nonces), now)?;
        let token = token(claims).map_err(plain)?;
        enough(&token, demand, now).map_err(|error| (error, nonce.clone()))?;
        Ok(Admitted { token, nonce })
    }

    /// RFC 9068 §4
    async fn verified(&self, token: &str, now: Timestamp) -> Result<Claims, Error> {
        let wrong = Error::InvalidToken;
        let parsed = Parsed::parse(token).map_err(|_| wrong("The access token is no JWT."))?;
        let (alg, kid) = (parsed.alg(), parsed.kid().map(str::to_owned));
        if !alg.is_asymmetric() || !is_access_token(&parsed) {
            return Err(wrong("The access token is not one that is taken here."));
        }
        let keys = self.keys.with(alg, kid.as_deref(), now).await?;
        let claims = parsed.verified_by_any(keys.verifying(alg, kid.as_deref()));
        let claims = claims.map_err(|_| wrong("The signature of the access token is wrong."))?;
        if text(&claims, "iss") != Ok(Some(&self.issuer)) {
            return Err(wrong("The access token is from another issuer."));
        }
        if !audiences(&claims).is_some_and(|all| all.iter().any(|one| is_same(one, &self.audience))) {
            return Err(wrong("The access token is for another resource."));
        }
        let times =
            Times::read(&claims).and_then(|times| times.current(now, Tolerance { late: 0, early: SKEW }));
        match times {
            Ok(times) if times.exp.is_some() => Ok(claims),
            _ => Err(wrong("The access token has expired, or is not good yet.")),
        }
    }

    /// The proof of a bound token; the nonce for the next one.
    fn bound(
        &self,
        presented: &Presented,
        claims: &Claims,
        (htu, nonces): (&str, bool),
        now: Timestamp,
    ) -> Result<Option<String>, Wrong> {
        let bound = |name: &str| claims.get("cnf").and_then(|cnf| cnf.get(name)).and_then(Value::as_str);
        if let Some(expected) = bound("x5t#S256")
            && presented.thumbprint().as_deref() != Some(expected)
        {
            return Err(plain(Error::InvalidToken("The access token is bound to another certificate.")));
        }
        let Some(jkt) = bound("jkt") else {
            return match presented.scheme {
                Scheme::Bearer => Ok(None),
                // RFC 9449 §7.1: the scheme promises a binding that is not there.
                Scheme::Dpop => Err(plain(Error::InvalidToken("The access token is bound to no key."))),
            };
        };
        // RFC 9449 §7.2: a bound token is no bearer token.
        if presented.scheme == Scheme::Bearer {
            return Err(plain(Error::InvalidToken(
                "The access token is bound to a key, and needs the scheme DPoP.",
            )));
        }
        let text = presented.proof.as_deref();
        let text = text.ok_or_else(|| plain(Error::InvalidProof("The request has no proof.")))?;
        let expected = Expected {
            htm: &presented.method,
            htu,
            access_token: Some(&presented.token),
            now,
            skew: SKEW,
            nonces: nonces.then_some(&self.nonces),
            algs: Set::EVERY,
        };
        let next = nonces.then(|| self.nonces.current(now));
        let proof = dpop::proof(text, &expected).map_err(|e| (refused(e), next.clone()))?;
        if proof.jkt != jkt {
            return Err((Error::InvalidToken("The access token is bound to another key."), next));
        }
        if !self.first_use(&format!("{} {}", proof.jkt, proof.jti), proof.until, now) {
            return Err((Error::InvalidProof("The proof has been used before."), next));
        }
        Ok(next)
    }

    /// RFC 9449 §11.1
    fn first_use(&self, name: &str, until: Timestamp, now: Timestamp) -> bool {
        let mut first = false;
        let known = self.proofs.get_or_insert_with(name, || {
            first = true;
            Ok::<_, std::convert::Infallible>(until)
        });
        let Ok(known) = known;
        first || known <= now
    }
}

fn plain(error: Error) -> Wrong {
    (error, None)
}

fn refused(error: ProofError) -> Error {
    match error {
        ProofError::Nonce => Error::NonceWanted,
        ProofError::Token => Error::InvalidProof("The proof is for another access token."),
        ProofError::Method | ProofError::Url => Error::InvalidProof("The proof is for another request."),
        ProofError::Untimely => Error::InvalidProof("The proof is too old, or from the future."),
        _ => Error::InvalidProof("The proof is not one."),
    }
}

/// RFC 9068 §4: `typ` with or without its prefix.
fn is_access_token(parsed: &Parsed<'_>) -> bool {
    let typ = parsed.header.get("typ").and_then(Value::as_str).unwrap_or_default();
    typ.eq_ignore_ascii_case("at+jwt") || typ.eq_ignore_ascii_case("application/at+jwt")
}

fn token(claims: Claims) -> Result<AccessToken, Error> {
    let wrong = |_| Error::InvalidToken("A claim of the access token is not of its type.");
    let read = |name| text(&claims, name).map(|text| text.map(str::to_owned)).map_err(wrong);
    let number = |name: &str| claims.get(name).and_then(Value::as_i64);
    Ok(AccessToken {
        subject: read("sub")?,
        client_id: read("client_id")?.unwrap_or_default(),
        scopes: read("scope")?
            .unwrap_or_default()
            .split(' ')
            .filter(|s| !s.is_empty())
            .map(str::to_owned)
            .collect(),
        acr: read("acr")?,
        auth_time: number("auth_time"),
        expires_at: number("exp"),
        audience: audiences(&claims).unwrap_or_default().into_iter().map(str::to_owned).collect(),
        claims,
    })
}

/// Whether the token covers the demand: RFC 6750 §3.1, RFC 9470 §3.
fn enough(token: &AccessToken, demand: &Requirements, now: Timestamp) -> Result<(), Error> {
    if !demand.scopes.iter().all(|scope| token.scopes.contains(scope)) {
        return Err(Error::InsufficientScope);
    }
    let classes = &demand.acrs;
    let strong = classes.is_empty() || token.acr.as_ref().is_some_and(|acr| classes.contains(acr));
    let young =
        demand.max_age.is_none_or(|age| token.auth_time.is_some_and(|time| now.as_secs() - time <= age));
    if strong && young { Ok(()) } else { Err(Error::InsufficientAuthentication) }
}
