//! How a caller of the API proves itself.

use std::sync::Mutex;

use data_encoding::BASE64URL_NOPAD;
use http::{HeaderMap, HeaderValue};
use placet_ambient::Ambient;
use placet_base::registry::JwsAlg;
use placet_base::{Secret, TokenHash};
use placet_jose::{Header, Jwk, SigningKey, Unsigned};
use serde_json::{Map, Value};

use crate::error::Error;
use crate::presented::DPOP;
use crate::respond::DPOP_NONCE;

/// A token of the API, and what proves that it is the caller's.
pub enum Credentials {
    /// Whoever has the token may use it (RFC 6750).
    Bearer(Secret),
    /// The token is bound to a key; each call is signed with it (RFC 9449).
    Dpop {
        /// The token.
        token: Secret,
        /// The key that it is bound to.
        key: DpopKey,
    },
    /// None: the transport knows who calls, and says so itself.
    OfTransport,
}

impl From<Secret> for Credentials {
    fn from(token: Secret) -> Self {
        Self::Bearer(token)
    }
}

impl Credentials {
    /// The headers of one call.
    pub(crate) fn headers(&self, method: &str, url: &str, ambient: &Ambient) -> Result<HeaderMap, Error> {
        let mut headers = HeaderMap::new();
        let (scheme, token) = match self {
            Self::OfTransport => return Ok(headers),
            Self::Bearer(token) => ("Bearer", token),
            Self::Dpop { token, key } => {
                headers.insert(DPOP.clone(), sensitive(key.proof((method, url), token.expose(), ambient)?)?);
                ("DPoP", token)
            }
        };
        headers.insert(http::header::AUTHORIZATION, sensitive(format!("{scheme} {}", token.expose()))?);
        Ok(headers)
    }

    /// Takes the nonce of a response; true when the call was refused for want of it (RFC 9449 §9), and may be
    /// made again.
    pub(crate) fn renew(&self, status: u16, headers: &HeaderMap) -> bool {
        let Self::Dpop { key, .. } = self else { return false };
        let Some(nonce) = headers.get(&DPOP_NONCE).and_then(|nonce| nonce.to_str().ok()) else {
            return false;
        };
        let mut known = key.nonce.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let is_new = known.as_deref() != Some(nonce);
        *known = Some(nonce.to_owned());
        status == 401 && is_new
    }
}

fn sensitive(text: String) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::try_from(text).map_err(|e| Error::Unencodable(e.to_string()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The private key that a token of the API is bound to.
pub struct DpopKey {
    key: SigningKey,
    public: Value,
    /// The last that the API has asked for.
    nonce: Mutex<Option<String>>,
}

impl DpopKey {
    /// Reads a private JWK that signs with `alg`; `None` when it is none.
    pub fn parse(jwk: &Value, alg: JwsAlg) -> Option<Self> {
        let jwk = Jwk::parse(jwk)?;
        let members = jwk.public();
        // RFC 9449 §4.2: the header has the public key; its other members say nothing about it.
        let named = |name: &&str| Some(((*name).to_owned(), members.get(*name)?.clone()));
        let public = ["kty", "crv", "x", "y", "n", "e"].iter().filter_map(named).collect::<Map<_, _>>();
        Some(Self { key: jwk.signing_key(alg)?, public: Value::Object(public), nonce: Mutex::default() })
    }

    /// RFC 9449 §4.2
    fn proof(&self, (method, url): (&str, &str), token: &str, ambient: &Ambient) -> Result<String, Error> {
        let htu = url.split(['?', '#']).next().unwrap_or_default();
        let mut claims = Map::new();
        claims.insert("jti".to_owned(), BASE64URL_NOPAD.encode(&ambient.entropy.bytes::<16>()).into());
        claims.insert("htm".to_owned(), method.into());
        claims.insert("htu".to_owned(), htu.into());
        claims.insert("iat".to_owned(), ambient.clock.seconds().into());
        claims.insert("ath".to_owned(), TokenHash::of(token).encoded().into());
        let nonce = self.nonce.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        if let Some(nonce) = nonce {
            claims.insert("nonce".to_owned(), nonce.into());
        }
        let mut header = Header::new();
        header.insert("typ".to_owned(), "dpop+jwt".into());
        header.insert("jwk".to_owned(), self.public.clone());
        let input = Unsigned { header, claims }.signing_input(&self.key);
        let unable = || Error::Unencodable("the DPoP key does not sign".to_owned());
        let signature = self.key.sign(input.as_bytes()).ok_or_else(unable)?;
        Ok(Unsigned::compact(input, &signature))
    }
}
