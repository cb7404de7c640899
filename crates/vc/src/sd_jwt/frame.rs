//! What of a payload can be disclosed, and where decoys stand. Paths are those of OpenID4VCI 1.0, appendix C.

use serde_json::Value;

use super::{ALWAYS_OPEN, IssueError};
use crate::budgets::PATHS;

/// How a credential is to be taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What can be disclosed.
    pub disclosable: Disclosable,
    /// What hides how much there is to be disclosed.
    pub decoys: Vec<Decoys>,
}

/// What can be disclosed. What must be seen by everybody cannot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disclosable {
    /// Each value that has no others within it, wherever it stands; the objects and arrays around it stay open.
    Leaves,
    /// What stands at these paths, whole. Paths may lead into each other: then what is within is disclosed by itself,
    /// after what is around it (RFC 9901 §6.3).
    Paths(Vec<Path>),
}

/// RFC 9901 §4.2.5: digests of nothing, at every object or array of this path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoys {
    /// Where; the empty path is the credential itself.
    pub at: Path,
    /// How many.
    pub count: usize,
}

/// Which claims are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(Vec<Step>);

/// One step of a path, or of the way to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The member of this name.
    Member(String),
    /// The element at this place.
    Element(usize),
    /// Every element.
    Every,
}

impl Step {
    fn is_met_by(&self, found: &Step) -> bool {
        self == found || *self == Self::Every && matches!(found, Self::Element(_))
    }
}

impl Path {
    /// A path of these steps.
    pub fn new(steps: Vec<Step>) -> Self {
        Self(steps)
    }

    /// Reads a claims path pointer: an array of texts, numbers and `null`. `None` when it is anything else.
    pub fn parse(pointer: &Value) -> Option<Self> {
        let step = |step: &Value| match step {
            Value::String(name) => Some(Step::Member(name.clone())),
            Value::Number(place) => Some(Step::Element(usize::try_from(place.as_u64()?).ok()?)),
            Value::Null => Some(Step::Every),
            _ => None,
        };
        pointer.as_array()?.iter().map(step).collect::<Option<_>>().map(Self)
    }

    fn leads_to(&self, here: &[Step]) -> bool {
        self.0.len() == here.len() && self.0.iter().zip(here).all(|(step, found)| step.is_met_by(found))
    }
}

impl Frame {
    /// Each leaf by itself, and no decoys.
    pub fn leaves() -> Self {
        Self { disclosable: Disclosable::Leaves, decoys: Vec::new() }
    }

    /// A frame that can be followed: few enough paths, and none into what must be seen.
    pub(super) fn bounded(&self) -> Result<&Self, IssueError> {
        let paths = match &self.disclosable {
            Disclosable::Leaves => [].as_slice(),
            Disclosable::Paths(paths) => paths.as_slice(),
        };
        if paths.len() + self.decoys.len() > PATHS {
            return Err(IssueError::TooMany);
        }
        let all = paths.iter().chain(self.decoys.iter().map(|decoys| &decoys.at));
        if all.into_iter().any(|path| is_always_open(&path.0)) {
            Err(IssueError::AlwaysOpen)
        } else {
            Ok(self)
        }
    }

    pub(super) fn hides(&self, here: &[Step], is_leaf: bool) -> bool {
        match &self.disclosable {
            // The `type` of former drafts is what `vct` is now.
            Disclosable::Leaves => {
                let is_type = matches!(here, [Step::Member(name)] if name == "type");
                is_leaf && !is_type && !is_always_open(here)
            }
            Disclosable::Paths(paths) => paths.iter().any(|path| path.leads_to(here)),
        }
    }

    pub(super) fn decoys(&self, here: &[Step]) -> usize {
        let here = self.decoys.iter().filter(|decoys| decoys.at.leads_to(here));
        here.fold(0, |sum, decoys| sum.saturating_add(decoys.count))
    }
}

/// Whether this is, or stands within, a claim that everybody must see.
fn is_always_open(path: &[Step]) -> bool {
    matches!(path.first(), Some(Step::Member(name)) if ALWAYS_OPEN.contains(&name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_is_a_claims_path_pointer() {
        let path = Path::parse(&json!(["a", null, 0])).unwrap();
        assert_eq!(path.0, [Step::Member("a".into()), Step::Every, Step::Element(0)]);
        for bad in [json!("a"), json!([-1]), json!([1.5]), json!([true]), json!([["a"]])] {
            assert!(Path::parse(&bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn every_element_is_meant_by_null() {
        let every = Path::parse(&json!(["a", null])).unwrap();
        let to = |last| vec![Step::Member("a".into()), last];
        assert!(every.leads_to(&to(Step::Element(7))));
        assert!(!every.leads_to(&to(Step::Member("b".into()))));
        assert!(!every.leads_to(&[Step::Member("a".into())]));
        assert!(!Path::parse(&json!(["a", 1])).unwrap().leads_to(&to(Step::Element(0))));
    }
}
