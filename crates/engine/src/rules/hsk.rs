//! RFC 7517 §4, RFC 7518 §3.1, §4.1 – what may be asked of a key that is to be made in hardware

use placet_api::Reason;
use placet_base::registry::{JweAlg, JwsAlg};
use placet_hsm::KeyAlg;
use placet_jose::KeyKind;

use crate::budgets::HARDWARE_KEY_ID;

/// What the call says.
pub struct AskedKey<'a> {
    pub kty: Option<&'a str>,
    pub purpose: Option<&'a str>,
    pub alg: Option<&'a str>,
    pub kid: Option<&'a str>,
}

/// A key as modules can be asked for it.
#[derive(Debug)]
pub struct WantedKey {
    pub kty: &'static str,
    pub purpose: &'static str,
    pub alg: KeyAlg,
    /// `None` for a random one.
    pub kid: Option<String>,
}

const TYPES: [&str; 2] = ["EC", "RSA"];
const PURPOSES: [&str; 2] = ["sig", "enc"];

impl AskedKey<'_> {
    pub fn judged(&self) -> Result<WantedKey, Reason> {
        let kty = one_of("kty", self.kty, &TYPES)?;
        let purpose = one_of("use", self.purpose, &PURPOSES)?;
        let alg = self.alg(kty, purpose)?;
        Ok(WantedKey { kty, purpose, alg, kid: self.kid()? })
    }

    fn alg(&self, kty: &str, purpose: &str) -> Result<KeyAlg, Reason> {
        let name = given("alg", self.alg)?;
        let signs = JwsAlg::from_protocol(name).map(KeyAlg::Signs);
        let decrypts = JweAlg::from_protocol(name).map(KeyAlg::Decrypts);
        let Some(alg) = signs.or(decrypts) else {
            return Err(Reason::HskParameterUnsupported { name: "alg".to_owned(), value: name.to_owned() });
        };
        let fits = match alg {
            KeyAlg::Signs(_) => purpose == "sig",
            KeyAlg::Decrypts(_) => purpose == "enc",
        };
        // What no module is asked for has no use in one.
        let Some(kind) = alg.kind().filter(|_| fits) else {
            return Err(Reason::HskAlgUnfitForUse { alg: name.to_owned(), purpose: purpose.to_owned() });
        };
        match type_of(kind) == kty {
            true => Ok(alg),
            false => Err(Reason::HskAlgUnfitForType { alg: name.to_owned(), kty: kty.to_owned() }),
        }
    }

    fn kid(&self) -> Result<Option<String>, Reason> {
        let Some(kid) = self.kid.filter(|kid| !kid.is_empty()) else { return Ok(None) };
        if kid.chars().count() > HARDWARE_KEY_ID {
            return Err(Reason::HskKidTooLong { limit: HARDWARE_KEY_ID.to_string() });
        }
        if !kid.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
            return Err(Reason::HskKidUnfit {});
        }
        Ok(Some(kid.to_owned()))
    }
}

fn given<'a>(name: &str, value: Option<&'a str>) -> Result<&'a str, Reason> {
    let missing = || Reason::HskParameterMissing { name: name.to_owned() };
    value.filter(|value| !value.is_empty()).ok_or_else(missing)
}

fn one_of(name: &str, value: Option<&str>, known: &[&'static str]) -> Result<&'static str, Reason> {
    let value = given(name, value)?;
    let unsupported = || Reason::HskParameterUnsupported { name: name.to_owned(), value: value.to_owned() };
    known.iter().find(|known| **known == value).copied().ok_or_else(unsupported)
}

fn type_of(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::Rsa2048 => "RSA",
        KeyKind::P256 | KeyKind::P384 | KeyKind::P521 => "EC",
        KeyKind::Ed25519 | KeyKind::X25519 => "OKP",
    }
}
