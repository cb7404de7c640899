//! SD-JWT (RFC 9901): the claims that its disclosures bring.

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value};

use super::{Against, Check, Verified, jwt};

/// What is disclosed, by digests.
struct Disclosures {
    by_digest: HashMap<String, Vec<Value>>,
    used: usize,
}

pub(super) fn read(credential: &str, against: &Against<'_>) -> Option<Verified> {
    let mut parts = credential.split('~');
    let (claims, mut checks) = jwt::opened(parts.next()?, against)?;
    let one = |part: &str| {
        let decoded = BASE64URL_NOPAD.decode(part.as_bytes()).ok()?;
        Some((hash(part), serde_json::from_slice(&decoded).ok()?))
    };
    let status = claims.get("status").cloned();
    let by_digest = parts.filter(|part| !part.is_empty()).map(one).collect::<Option<HashMap<_, _>>>()?;
    let all = by_digest.len();
    let mut disclosures = Disclosures { by_digest, used: 0 };
    let claims = disclosures.object(claims);
    // §7.1: each belongs somewhere.
    let said = format!("{} / {all}", disclosures.used);
    checks.push(Check::new("check.digests", disclosures.used == all, said));
    Some(Verified { claims: Value::Object(claims), checks, status })
}

fn hash(disclosure: &str) -> String {
    BASE64URL_NOPAD.encode(digest(&SHA256, disclosure.as_bytes()).as_ref())
}

impl Disclosures {
    /// Each is good for one place, so that this comes to an end.
    fn take(&mut self, digest: &Value) -> Option<Vec<Value>> {
        let found = self.by_digest.remove(digest.as_str()?)?;
        self.used += 1;
        Some(found)
    }

    fn object(&mut self, mut members: Map<String, Value>) -> Map<String, Value> {
        members.shift_remove("_sd_alg");
        let digests = members.shift_remove("_sd");
        let mut open: Map<_, _> = members.into_iter().map(|(name, one)| (name, self.value(one))).collect();
        for digest in digests.as_ref().and_then(Value::as_array).into_iter().flatten() {
            if let Some([_, Value::String(name), value]) = self.take(digest).as_deref() {
                open.insert(name.clone(), self.value(value.clone()));
            }
        }
        open
    }

    fn value(&mut self, value: Value) -> Value {
        match value {
            Value::Object(members) => Value::Object(self.object(members)),
            Value::Array(all) => all.into_iter().filter_map(|one| self.element(one)).collect(),
            other => other,
        }
    }

    /// §4.2.4.2: what is not disclosed of an array is not there.
    fn element(&mut self, element: Value) -> Option<Value> {
        let Some(digest) = element.get("...").cloned() else { return Some(self.value(element)) };
        let value = self.take(&digest)?.into_iter().nth(1)?;
        Some(self.value(value))
    }
}
