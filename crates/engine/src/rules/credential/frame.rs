//! RFC 9901 §4.2, OpenID for Verifiable Credential Issuance 1.0 appendix C – what of an SD-JWT VC its holder may disclose or keep

use placet_api::Reason;
use placet_vc::sd_jwt::{Decoys, Disclosable, Frame, Path};
use serde_json::{Map, Value};

use crate::fault::Fault;
use crate::rules::unrepeated;

/// Reads a frame: `disclosable`, claims path pointers, and `decoys`, each with `path` and `count`. Without `disclosable` each value
/// can be disclosed by itself.
pub fn parse(text: &str) -> Result<Frame, Fault> {
    let mut members = unrepeated::object(text).ok_or_else(|| unfit("it is no JSON object"))?;
    let disclosable = match members.shift_remove("disclosable") {
        None => Disclosable::Leaves,
        Some(paths) => Disclosable::Paths(each(&paths, "disclosable", path)?),
    };
    let decoys = match members.shift_remove("decoys") {
        None => Vec::new(),
        Some(decoys) => each(&decoys, "decoys", decoy)?,
    };
    match members.keys().next() {
        None => Ok(Frame { disclosable, decoys }),
        Some(name) => Err(unfit(&format!("it has no member '{name:.40}'"))),
    }
}

fn each<T>(found: &Value, name: &str, read: impl Fn(&Value) -> Option<T>) -> Result<Vec<T>, Fault> {
    let all = found.as_array().and_then(|all| all.iter().map(read).collect());
    all.ok_or_else(|| unfit(&format!("its '{name}' is no array of what it should be")))
}

/// The empty path is the credential itself, which nobody discloses in part.
fn path(found: &Value) -> Option<Path> {
    Path::parse(found).filter(|_| found.as_array().is_some_and(|steps| !steps.is_empty()))
}

fn decoy(found: &Value) -> Option<Decoys> {
    let found: &Map<String, Value> = found.as_object().filter(|members| members.len() == 2)?;
    let count = usize::try_from(found.get("count")?.as_u64()?).ok()?;
    Some(Decoys { at: Path::parse(found.get("path")?)?, count })
}

fn unfit(what: &str) -> Fault {
    Reason::CredentialFrameUnfit { what: what.to_owned() }.into()
}
