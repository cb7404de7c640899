//! Tokens that are bound to a key of this run (RFC 9449): the key is made for it, and forgotten with it.

use aws_lc_rs::digest;
use data_encoding::BASE64URL_NOPAD;
use placet_jose::{Header, Jwk, SigningKey, Unsigned, generate};
use placet_sdk::registry::JwsAlg;
use serde_json::{Map, Value};

use crate::Surroundings;
use crate::exit::Failure;

pub(super) struct Dpop {
    key: SigningKey,
    public: Value,
    /// The last that the authorization server has asked for (§8).
    nonce: Option<String>,
}

impl Dpop {
    pub(super) fn new() -> Result<Self, Failure> {
        let unable = || Failure::failed("no key can be made for DPoP");
        let jwk = generate(JwsAlg::Es256).and_then(|key| Jwk::parse(&key)).ok_or_else(unable)?;
        let public = jwk.bare().ok_or_else(unable)?.public();
        Ok(Self { key: jwk.signing_key(JwsAlg::Es256).ok_or_else(unable)?, public, nonce: None })
    }

    /// A proof for what is posted (§4.2), and for the token that goes with it (§7).
    pub(super) fn proof(
        &self,
        url: &str,
        token: Option<&str>,
        surroundings: &Surroundings,
    ) -> Result<String, Failure> {
        let ambient = &surroundings.ambient;
        let htu = url.split(['?', '#']).next().unwrap_or_default();
        let mut claims = Map::new();
        claims.insert("jti".to_owned(), ambient.entropy.identifier().into());
        claims.insert("htm".to_owned(), "POST".into());
        claims.insert("htu".to_owned(), htu.into());
        claims.insert("iat".to_owned(), ambient.clock.seconds().into());
        claims.extend(self.nonce.as_ref().map(|nonce| ("nonce".to_owned(), nonce.as_str().into())));
        let hash = |token: &str| digest::digest(&digest::SHA256, token.as_bytes());
        let ath = token.map(|token| BASE64URL_NOPAD.encode(hash(token).as_ref()));
        claims.extend(ath.map(|ath| ("ath".to_owned(), ath.into())));
        let mut header = Header::new();
        header.insert("typ".to_owned(), "dpop+jwt".into());
        header.insert("jwk".to_owned(), self.public.clone());
        let input = Unsigned { header, claims }.signing_input(&self.key);
        let signature =
            self.key.sign(input.as_bytes()).ok_or_else(|| Failure::failed("the DPoP key does not sign"))?;
        Ok(Unsigned::compact(input, &signature))
    }

    /// Keeps the nonce of an answer; whether it is another one than was known, so that it is worth asking again.
    pub(super) fn learn(&mut self, nonce: Option<&str>) -> bool {
        let is_new = nonce.is_some() && self.nonce.as_deref() != nonce;
        if is_new {
            self.nonce = nonce.map(str::to_owned);
        }
        is_new
    }
}
