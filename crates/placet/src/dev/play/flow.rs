//! The flows of the playground: what the relying party sends, and what it makes of the answer.

use placet_jose::{Header, Jwk, JwkSet, Parsed, SigningKey, Unsigned};
use placet_sdk::form;
use placet_sdk::registry::JwsAlg;
use serde_json::{Map, Value};

/// One way to tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    Plain,
    Pkce,
    Par,
    Jar,
    Jarm,
    Dpop,
    Device,
    Ciba,
    StepUp,
    Exchange,
    Grants,
    /// A wallet takes an offer.
    Offer,
    /// A wallet asks by itself.
    Wallet,
}

impl Flow {
    pub(super) const ALL: [Self; 13] = [
        Self::Plain,
        Self::Pkce,
        Self::Par,
        Self::Jar,
        Self::Jarm,
        Self::Dpop,
        Self::Device,
        Self::Ciba,
        Self::StepUp,
        Self::Exchange,
        Self::Grants,
        Self::Offer,
        Self::Wallet,
    ];

    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flow| flow.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Pkce => "pkce",
            Self::Par => "par",
            Self::Jar => "jar",
            Self::Jarm => "jarm",
            Self::Dpop => "dpop",
            Self::Device => "device",
            Self::Ciba => "ciba",
            Self::StepUp => "step_up",
            Self::Exchange => "exchange",
            Self::Grants => "grants",
            Self::Offer => "offer",
            Self::Wallet => "wallet",
        }
    }

    pub(super) fn is_for_credentials(self) -> bool {
        matches!(self, Self::Offer | Self::Wallet)
    }

    /// Its tokens are bound to a key.
    pub(super) fn is_bound(self) -> bool {
        matches!(self, Self::Dpop | Self::Wallet)
    }

    pub(super) fn uses_pkce(self) -> bool {
        self != Self::Plain
    }
}

/// A private key of the relying party, and its public half.
pub(super) struct Key {
    signing: SigningKey,
    public: Value,
}

impl Key {
    /// A new ES256 key; `None` when the cryptographic library refuses.
    pub(super) fn new() -> Option<Self> {
        Self::of(&placet_jose::generate(JwsAlg::Es256)?)
    }

    /// One that shows itself wherever it signs, and has no name: a key proof may have one or the other (OpenID for
    /// Verifiable Credential Issuance 1.0 appendix F.1).
    pub(super) fn nameless() -> Option<Self> {
        let mut jwk = placet_jose::generate(JwsAlg::Es256)?;
        jwk.as_object_mut()?.shift_remove("kid");
        Self::of(&jwk)
    }

    fn of(jwk: &Value) -> Option<Self> {
        let jwk = Jwk::parse(jwk)?;
        Some(Self { signing: jwk.signing_key(JwsAlg::Es256)?, public: jwk.public() })
    }

    /// What the client registers.
    pub(super) fn set(&self) -> String {
        serde_json::json!({ "keys": [self.public] }).to_string()
    }

    pub(super) fn public(&self) -> &Value {
        &self.public
    }

    /// OpenID for Verifiable Credential Issuance 1.0 appendix F.1: for this issuer, with its nonce.
    pub(super) fn key_proof(&self, issuer: &str, nonce: &str, now: i64) -> Option<String> {
        let mut claims = Map::new();
        claims.insert("aud".to_owned(), issuer.into());
        claims.insert("iat".to_owned(), now.into());
        claims.insert("nonce".to_owned(), nonce.into());
        let mut header = Header::new();
        header.insert("typ".to_owned(), "openid4vci-proof+jwt".into());
        header.insert("jwk".to_owned(), self.public.clone());
        self.signed(header, claims)
    }

    fn signed(&self, header: Header, claims: Map<String, Value>) -> Option<String> {
        let input = Unsigned { header, claims }.signing_input(&self.signing);
        let signature = self.signing.sign(input.as_bytes())?;
        Some(Unsigned::compact(input, &signature))
    }

    /// RFC 9101 §4: the request as a JWT.
    pub(super) fn request_object(
        &self,
        client: &str,
        issuer: &str,
        now: i64,
        pairs: &[(&str, String)],
    ) -> Option<String> {
        let mut claims: Map<_, _> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into())).collect();
        claims.insert("iss".to_owned(), client.into());
        claims.insert("aud".to_owned(), issuer.into());
        claims.insert("nbf".to_owned(), now.into());
        claims.insert("exp".to_owned(), (now + 300).into());
        let mut header = Header::new();
        header.insert("typ".to_owned(), "oauth-authz-req+jwt".into());
        self.signed(header, claims)
    }

    /// RFC 9449 §4.2
    pub(super) fn proof(&self, proof: &Proof<'_>) -> Option<String> {
        let mut claims = Map::new();
        claims.insert("jti".to_owned(), proof.jti.into());
        claims.insert("htm".to_owned(), proof.method.into());
        claims.insert("htu".to_owned(), proof.url.into());
        claims.insert("iat".to_owned(), proof.now.into());
        if let Some(token) = proof.token {
            claims.insert("ath".to_owned(), hashed(token).into());
        }
        let mut header = Header::new();
        header.insert("typ".to_owned(), "dpop+jwt".into());
        header.insert("jwk".to_owned(), self.public.clone());
        self.signed(header, claims)
    }
}

/// What a proof is about.
pub(super) struct Proof<'a> {
    pub(super) jti: &'a str,
    pub(super) method: &'a str,
    pub(super) url: &'a str,
    pub(super) token: Option<&'a str>,
    /// Seconds since the epoch.
    pub(super) now: i64,
}

/// SHA-256, base64url: a PKCE challenge (RFC 7636 §4.2), the `ath` of a proof.
pub(super) fn hashed(text: &str) -> String {
    data_encoding::BASE64URL_NOPAD
        .encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes()).as_ref())
}

/// A JWT taken apart, and whether one of the keys has signed it.
pub(super) struct Decoded {
    pub(super) header: String,
    pub(super) claims: Map<String, Value>,
    pub(super) verified: bool,
}

pub(super) fn decoded(jwt: &str, keys: &str) -> Option<Decoded> {
    let parsed = Parsed::parse(jwt).ok()?;
    let header = serde_json::to_string_pretty(&parsed.header).ok()?;
    let claims = parsed.unproven_claims().clone();
    let (alg, kid) = (parsed.alg(), parsed.kid().map(str::to_owned));
    let set = JwkSet::parse(keys).unwrap_or_default();
    let verified = parsed.verified_by_any(set.verifying(alg, kid.as_deref())).is_ok();
    Some(Decoded { header, claims, verified })
}

pub(super) fn query(pairs: &[(&str, String)]) -> String {
    form::encode(pairs.iter().map(|(name, value)| (*name, value.as_str())))
}
