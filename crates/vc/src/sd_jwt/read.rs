//! RFC 9901 §7.1 – what an SD-JWT says, with everything that was disclosed in its place.

use std::collections::{HashMap, HashSet};

use data_encoding::BASE64URL_NOPAD;
use placet_jose::claims::Claims;
use placet_jose::jwt::JwtError;
use serde_json::{Map, Value};

use super::RESERVED;
use super::binding::BindingError;
use crate::budgets::{DEPTH, DIGESTS, SD_JWT};
use crate::hash::Hash;

/// What is wrong with an SD-JWT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SdJwtError {
    /// More than [`SD_JWT`].
    TooLong,
    /// Not a JWT and disclosures, each followed by a tilde (§4).
    Malformed,
    /// More than [`DIGESTS`] disclosures or digests.
    TooMany,
    /// More than [`DEPTH`].
    TooDeep,
    /// A disclosure is no array of two or three elements that begins with texts (§4.2.1, §4.2.2).
    Disclosure,
    /// `_sd_alg` names no hash that is known here (§7.1-2).
    HashAlgorithm,
    /// `_sd` is no array of texts, or `...` not the only member of an element (§7.1-3).
    Digest,
    /// A digest stands in two places (§7.1-4).
    Repeated,
    /// A disclosure of a member stands for an element, or the other way round (§7.1-3).
    Misplaced,
    /// A disclosed claim is called as one of SD-JWT's own (§7.1-3).
    Reserved,
    /// A claim is disclosed that stands there already (§7.1-3).
    Taken,
    /// A disclosure belongs to no digest (§7.1-5).
    Unreferenced,
    /// The signed JWT is not what it must be.
    Jwt(JwtError),
    /// A claim was hidden that everybody must see (SD-JWT VC §2.2.2.3).
    Hidden(&'static str),
    /// The holder's proof is not what it must be (§7.3).
    Binding(BindingError),
}

/// An SD-JWT that has been taken apart; nothing about it is proven.
pub struct SdJwt<'a> {
    pub(super) jwt: &'a str,
    /// The text without the key binding JWT: what that one is about (§4.3.1).
    pub(super) presented: &'a str,
    pub(super) key_binding: Option<&'a str>,
    disclosures: Vec<Disclosure<'a>>,
}

/// One disclosure (§4.2).
pub struct Disclosure<'a> {
    text: &'a str,
    name: Option<String>,
    value: Value,
}

impl<'a> Disclosure<'a> {
    fn parse(text: &'a str) -> Result<Self, SdJwtError> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| SdJwtError::Disclosure)?;
        let parts: Vec<Value> = serde_json::from_slice(&bytes).map_err(|_| SdJwtError::Disclosure)?;
        let (name, value) = match <[Value; 3]>::try_from(parts) {
            Ok([Value::String(_), Value::String(name), value]) => (Some(name), value),
            Ok(_) => return Err(SdJwtError::Disclosure),
            Err(parts) => match <[Value; 2]>::try_from(parts) {
                Ok([Value::String(_), value]) => (None, value),
                _ => return Err(SdJwtError::Disclosure),
            },
        };
        Ok(Self { text, name, value })
    }

    /// The name of a claim; an element of an array has none.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The value; digests may stand within it.
    pub fn value(&self) -> &Value {
        &self.value
    }
}

impl<'a> SdJwt<'a> {
    /// Takes an SD-JWT apart, with or without a key binding JWT.
    ///
    /// # Errors
    ///
    /// [`SdJwtError::TooLong`], [`SdJwtError::Malformed`], [`SdJwtError::TooMany`], [`SdJwtError::Disclosure`].
    pub fn parse(text: &'a str) -> Result<Self, SdJwtError> {
        if text.len() > SD_JWT {
            return Err(SdJwtError::TooLong);
        }
        let (parts, last) = text.rsplit_once('~').ok_or(SdJwtError::Malformed)?;
        let mut parts_of = parts.split('~');
        let jwt = parts_of.next().filter(|jwt| !jwt.is_empty()).ok_or(SdJwtError::Malformed)?;
        if parts_of.clone().take(DIGESTS + 1).count() > DIGESTS {
            return Err(SdJwtError::TooMany);
        }
        let disclosures = parts_of.map(Disclosure::parse).collect::<Result<_, _>>()?;
        let presented = text.strip_suffix(last).unwrap_or(text);
        Ok(Self { jwt, presented, key_binding: Some(last).filter(|last| !last.is_empty()), disclosures })
    }

    /// The signed JWT.
    pub fn jwt(&self) -> &'a str {
        self.jwt
    }

    /// What is disclosed, or may be.
    pub fn disclosures(&self) -> &[Disclosure<'a>] {
        &self.disclosures
    }

    /// Whether a holder has put a proof to it.
    pub fn is_bound(&self) -> bool {
        self.key_binding.is_some()
    }

    /// The same with fewer disclosures and without a proof: what a holder shows (§7.2). One that stands within another
    /// must not be kept without that other.
    pub fn presenting(&self, keeps: impl Fn(&Disclosure<'_>) -> bool) -> String {
        let mut text = format!("{}~", self.jwt);
        for disclosure in self.disclosures.iter().filter(|disclosure| keeps(disclosure)) {
            text.push_str(disclosure.text);
            text.push('~');
        }
        text
    }

    /// The claims with what is disclosed in its place, and without a trace of what is not. `claims` are those of the
    /// signed JWT, proven or not.
    ///
    /// # Errors
    ///
    /// Whatever §7.1 refuses an SD-JWT for.
    pub fn disclosed(&self, claims: &Claims) -> Result<Claims, SdJwtError> {
        let hash = hash(claims)?;
        let mut known = HashMap::new();
        for disclosure in &self.disclosures {
            if known.insert(hash.of_text(disclosure.text), disclosure).is_some() {
                return Err(SdJwtError::Repeated);
            }
        }
        let mut unfolding = Unfolding { known, met: HashSet::new() };
        let mut disclosed = unfolding.object(claims, 0)?;
        disclosed.remove("_sd_alg");
        if unfolding.known.is_empty() { Ok(disclosed) } else { Err(SdJwtError::Unreferenced) }
    }
}

/// §4.1.1: what the digests were made with.
pub(super) fn hash(claims: &Claims) -> Result<Hash, SdJwtError> {
    match claims.get("_sd_alg") {
        None => Ok(Hash::SHA256),
        Some(name) => name.as_str().and_then(Hash::of_sd_alg).ok_or(SdJwtError::HashAlgorithm),
    }
}

/// Puts disclosures in the place of their digests.
struct Unfolding<'d, 'a> {
    /// Those that have not been met yet.
    known: HashMap<String, &'d Disclosure<'a>>,
    met: HashSet<String>,
}

impl<'d, 'a> Unfolding<'d, 'a> {
    fn value(&mut self, value: &Value, depth: usize) -> Result<Value, SdJwtError> {
        match value {
            _ if depth > DEPTH => Err(SdJwtError::TooDeep),
            Value::Object(members) => self.object(members, depth).map(Value::Object),
            Value::Array(elements) => self.array(elements, depth).map(Value::Array),
            scalar => Ok(scalar.clone()),
        }
    }

    fn object(
        &mut self,
        members: &Map<String, Value>,
        depth: usize,
    ) -> Result<Map<String, Value>, SdJwtError> {
        let mut all = Map::new();
        for (name, value) in members.iter().filter(|(name, _)| *name != "_sd") {
            if name == "..." {
                return Err(SdJwtError::Digest);
            }
            all.insert(name.clone(), self.value(value, depth + 1)?);
        }
        for digest in digests(members)? {
            let Some(disclosure) = self.met(digest)? else { continue };
            let name = disclosure.name().ok_or(SdJwtError::Misplaced)?;
            if RESERVED.contains(&name) {
                return Err(SdJwtError::Reserved);
            }
            if all.contains_key(name) {
                return Err(SdJwtError::Taken);
            }
            all.insert(name.to_owned(), self.value(disclosure.value(), depth + 1)?);
        }
        Ok(all)
    }

    fn array(&mut self, elements: &[Value], depth: usize) -> Result<Vec<Value>, SdJwtError> {
        let mut all = Vec::with_capacity(elements.len());
        for element in elements {
            let Some(digest) = digest_of(element)? else {
                all.push(self.value(element, depth + 1)?);
                continue;
            };
            let Some(disclosure) = self.met(digest)? else { continue };
            if disclosure.name().is_some() {
                return Err(SdJwtError::Misplaced);
            }
            all.push(self.value(disclosure.value(), depth + 1)?);
        }
        Ok(all)
    }

    /// The disclosure that a digest stands for; `None` where it is not shown, or was never made.
    fn met(&mut self, digest: &str) -> Result<Option<&'d Disclosure<'a>>, SdJwtError> {
        if !self.met.insert(digest.to_owned()) {
            return Err(SdJwtError::Repeated);
        }
        if self.met.len() > DIGESTS { Err(SdJwtError::TooMany) } else { Ok(self.known.remove(digest)) }
    }
}

fn digests(members: &Map<String, Value>) -> Result<Vec<&str>, SdJwtError> {
    let Some(digests) = members.get("_sd") else { return Ok(Vec::new()) };
    let digests = digests.as_array().ok_or(SdJwtError::Digest)?;
    digests.iter().map(|digest| digest.as_str().ok_or(SdJwtError::Digest)).collect()
}

/// The digest that an element is, if it is one.
fn digest_of(element: &Value) -> Result<Option<&str>, SdJwtError> {
    let Some(members) = element.as_object().filter(|members| members.contains_key("...")) else {
        return Ok(None);
    };
    match members.get("...") {
        Some(Value::String(digest)) if members.len() == 1 => Ok(Some(digest)),
        _ => Err(SdJwtError::Digest),
    }
}
