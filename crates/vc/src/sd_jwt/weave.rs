//! RFC 9901 §4.2, §6 – a payload with digests where what can be disclosed was.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value, json};

use super::IssueError;
use super::frame::{Frame, Step};
use crate::budgets::DIGESTS;
use crate::hash::Hash;
use crate::{Drawn, Fill, drawn_below};

/// Goes through a payload and takes out what can be disclosed.
pub(super) struct Weaver<'a, 'f> {
    frame: &'a Frame,
    drawn: Drawn<'a, 'f>,
    here: Vec<Step>,
    disclosures: Vec<String>,
    digests: usize,
}

impl<'a, 'f> Weaver<'a, 'f> {
    pub(super) fn new(frame: &'a Frame, fill: &'a mut Fill<'f>) -> Result<Self, IssueError> {
        let frame = frame.bounded()?;
        Ok(Self { frame, drawn: Drawn::new(fill), here: Vec::new(), disclosures: Vec::new(), digests: 0 })
    }

    pub(super) fn into_disclosures(self) -> Vec<String> {
        self.disclosures
    }

    /// The claims of the signed JWT. §4.1.1: where there is a digest, they say what it was made with.
    pub(super) fn claims(&mut self, payload: Map<String, Value>) -> Result<Map<String, Value>, IssueError> {
        let mut claims = self.object(payload)?;
        if self.digests > 0 {
            claims.insert("_sd_alg".into(), "sha-256".into());
        }
        Ok(claims)
    }

    /// §4.2.4.1: sorted, digests say nothing about what they stand for.
    fn object(&mut self, members: Map<String, Value>) -> Result<Map<String, Value>, IssueError> {
        let mut open = Map::new();
        let mut hidden = self.decoys()?;
        for (name, value) in members {
            match self.step(Step::Member(name.clone()), value)? {
                Met::Open(value) => drop(open.insert(name, value)),
                Met::Hidden(value) => hidden.push(self.disclosed(Some(&name), &value)?),
            }
        }
        hidden.sort_unstable();
        if !hidden.is_empty() {
            open.insert("_sd".into(), hidden.into());
        }
        Ok(open)
    }

    /// §4.2.4.2, and §4.2.5 for the decoys: they may stand anywhere.
    fn array(&mut self, elements: Vec<Value>) -> Result<Vec<Value>, IssueError> {
        let decoys = self.decoys()?;
        let mut all = Vec::with_capacity(elements.len() + decoys.len());
        for (place, value) in elements.into_iter().enumerate() {
            all.push(match self.step(Step::Element(place), value)? {
                Met::Open(value) => value,
                Met::Hidden(value) => element(self.disclosed(None, &value)?),
            });
        }
        for decoy in decoys {
            all.insert(drawn_below(all.len() + 1, &mut |bytes| self.drawn.fill(bytes)), element(decoy));
        }
        Ok(all)
    }

    /// What stands at the next step, with everything within it already taken apart (§6.3).
    fn step(&mut self, step: Step, value: Value) -> Result<Met, IssueError> {
        self.here.push(step);
        let hides = self.frame.hides(&self.here, is_leaf(&value));
        let value = match value {
            Value::Object(members) => Value::Object(self.object(members)?),
            Value::Array(elements) => Value::Array(self.array(elements)?),
            scalar => scalar,
        };
        self.here.pop();
        Ok(if hides { Met::Hidden(value) } else { Met::Open(value) })
    }

    /// The digest of a new disclosure, of a member or of an element (§4.2.1, §4.2.2). §9.3: its salt has 128 bits.
    fn disclosed(&mut self, name: Option<&str>, value: &Value) -> Result<String, IssueError> {
        self.count(1)?;
        let salt = BASE64URL_NOPAD.encode(&self.drawn.bytes::<16>());
        let text = match name {
            Some(name) => serde_json::to_vec(&(salt, name, value)),
            None => serde_json::to_vec(&(salt, value)),
        };
        let disclosure = BASE64URL_NOPAD.encode(&text.map_err(|_| IssueError::TooLarge)?);
        let digest = Hash::SHA256.of_text(&disclosure);
        self.disclosures.push(disclosure);
        Ok(digest)
    }

    fn decoys(&mut self) -> Result<Vec<String>, IssueError> {
        let wanted = self.frame.decoys(&self.here);
        self.count(wanted)?;
        Ok((0..wanted).map(|_| BASE64URL_NOPAD.encode(&Hash::SHA256.of(&self.drawn.bytes::<32>()))).collect())
    }

    fn count(&mut self, more: usize) -> Result<(), IssueError> {
        self.digests = self.digests.saturating_add(more);
        if self.digests > DIGESTS { Err(IssueError::TooMany) } else { Ok(()) }
    }
}

enum Met {
    Open(Value),
    Hidden(Value),
}

fn element(digest: String) -> Value {
    json!({ "...": digest })
}

/// Whether there is nothing within a value. An empty object or array is a value of its own: that it is empty says
/// something.
fn is_leaf(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        _ => true,
    }
}
