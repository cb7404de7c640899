//! RFC 9901, SD-JWT VC (draft-ietf-oauth-sd-jwt-vc-18) – credentials whose claims are disclosed one by one.

mod binding;
mod frame;
mod read;
mod verify;
mod weave;

use placet_jose::{Jwk, Unsigned};
use serde_json::{Map, Value, json};

use crate::Fill;
use crate::budgets::{DEPTH, PAYLOAD};
use crate::size::fits;
use weave::Weaver;

pub use binding::{BindingError, KeyBinding, key_binding};
pub use frame::{Decoys, Disclosable, Frame, Path, Step};
pub use read::{Disclosure, SdJwt, SdJwtError};
pub use verify::{Binding, Expected, Verified, verified};

/// RFC 9901 §4.1: names that mean something in every SD-JWT, and stand in no payload.
const RESERVED: [&str; 3] = ["_sd", "...", "_sd_alg"];

/// SD-JWT VC §2.2.2.3: claims that every verifier must see, with whatever stands within them. `iat` and `aud` may be
/// hidden by the letter of it; whoever judges the age or the audience of a credential could not know that it was.
const ALWAYS_OPEN: [&str; 10] =
    ["iss", "iat", "nbf", "exp", "aud", "cnf", "vct", "vct#integrity", "aka_vcts", "status"];

/// The `typ` of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typ {
    /// SD-JWT VC §2.2.1
    DcSdJwt,
    /// What it was called when OpenID4VCI implementer's draft 1 was written.
    VcSdJwt,
}

impl Typ {
    /// The media type, without `application/`.
    pub fn name(self) -> &'static str {
        match self {
            Self::DcSdJwt => "dc+sd-jwt",
            Self::VcSdJwt => "vc+sd-jwt",
        }
    }
}

/// Why no credential is made of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssueError {
    /// More than [`PAYLOAD`].
    TooLarge,
    /// More than [`DEPTH`].
    TooDeep,
    /// More than [`crate::budgets::DIGESTS`] or [`crate::budgets::PATHS`].
    TooMany,
    /// A member is called as one of SD-JWT's own (RFC 9901 §4.1).
    Reserved,
    /// The frame hides a claim that must be seen (SD-JWT VC §2.2.2.3).
    AlwaysOpen,
    /// There is no `vct`, or it is no text (SD-JWT VC §2.2.2.1).
    TypeMissing,
}

/// A credential before its signature.
pub struct Issuable {
    /// What is to be signed.
    pub unsigned: Unsigned,
    /// What goes with it.
    pub disclosures: Disclosures,
}

/// The disclosures of a credential, encoded.
pub struct Disclosures(Vec<String>);

impl Disclosures {
    /// RFC 9901 §4: the signed JWT and all disclosures, as the holder gets them.
    pub fn attached_to(&self, jwt: &str) -> String {
        let mut text = format!("{jwt}~");
        for disclosure in &self.0 {
            text.push_str(disclosure);
            text.push('~');
        }
        text
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

/// RFC 7800 §3.2: the `cnf` claim that binds a credential to a key.
pub fn confirmation(key: &Jwk) -> Value {
    json!({ "jwk": key.public() })
}

/// Makes a credential of a payload that has all its claims, `iss` and times and `cnf` among them. What the frame says
/// can be disclosed is hidden behind digests. `typ` is all that the header has; the key's `alg` and `kid` come with the
/// signature, and `x5c` from the caller.
///
/// # Errors
///
/// When the payload has what no payload may have, lacks `vct`, or is larger than the [`budgets`](crate::budgets) allow;
/// when the frame hides what must be seen.
pub fn issue(
    payload: Map<String, Value>,
    typ: Typ,
    frame: &Frame,
    fill: &mut Fill<'_>,
) -> Result<Issuable, IssueError> {
    let vct = payload.get("vct").and_then(Value::as_str).unwrap_or_default();
    if vct.is_empty() {
        return Err(IssueError::TypeMissing);
    }
    let payload = bounded(payload)?;
    let mut weaver = Weaver::new(frame, fill)?;
    let claims = weaver.claims(payload)?;
    let header = Map::from_iter([("typ".to_owned(), typ.name().into())]);
    Ok(Issuable {
        unsigned: Unsigned { header, claims },
        disclosures: Disclosures(weaver.into_disclosures()),
    })
}

/// A payload of a size that can be worked on, without reserved names.
fn bounded(payload: Map<String, Value>) -> Result<Map<String, Value>, IssueError> {
    let Plain = plain_members(&payload, 0)?;
    if fits(&payload, PAYLOAD) { Ok(payload) } else { Err(IssueError::TooLarge) }
}

/// No deeper than it may be, and without names of SD-JWT's own.
struct Plain;

fn plain(value: &Value, depth: usize) -> Result<Plain, IssueError> {
    if depth > DEPTH {
        return Err(IssueError::TooDeep);
    }
    match value {
        Value::Object(members) => plain_members(members, depth),
        Value::Array(elements) => elements.iter().try_fold(Plain, |Plain, value| plain(value, depth + 1)),
        _ => Ok(Plain),
    }
}

fn plain_members(members: &Map<String, Value>, depth: usize) -> Result<Plain, IssueError> {
    if members.keys().any(|name| RESERVED.contains(&name.as_str())) {
        return Err(IssueError::Reserved);
    }
    members.values().try_fold(Plain, |Plain, value| plain(value, depth + 1))
}

#[cfg(test)]
mod appendix_a;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;
