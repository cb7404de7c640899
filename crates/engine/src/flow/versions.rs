//! Documents that several people edit: who changes one has seen it, and changes what it names.

use placet_api::documents::ApiDocument;
use placet_api::types::MergePatch;
use placet_api::{CallError, Expected, Reason};
use placet_store::{Loaded, Record};
use serde_json::Value;

/// The record, which is the version that the caller means (RFC 9110 §13.1.1).
pub fn meant<T: Record>(record: Loaded<T>, expected: Expected) -> Result<Loaded<T>, CallError> {
    match expected {
        Expected::Any => Ok(record),
        Expected::OneOf(versions) if versions.contains(record.version()) => Ok(record),
        Expected::OneOf(_) => Err(Reason::VersionDiffers {}.into()),
    }
}

/// The document with the members that the patch names (RFC 7396). A member that no document has would be forgotten without
/// a word, so it is refused.
pub fn patched<T: ApiDocument>(document: &T, patch: &MergePatch) -> Result<T, CallError> {
    let mut members = document.members().map_err(CallError::internal)?;
    let changes = Value::Object(patch.0.clone());
    json_patch::merge(&mut members, &changes);
    let malformed = |e: serde_json::Error| CallError::from(Reason::BodyMalformed { detail: e.to_string() });
    let document = T::from_members(members).map_err(malformed)?;
    let written = document.members().map_err(CallError::internal)?;
    let forgotten =
        |(name, value): &(&String, &Value)| !value.is_null() && written.get(name.as_str()).is_none();
    match patch.0.iter().find(forgotten) {
        Some((name, _)) => Err(Reason::PropertyUnknown { property: name.clone() }.into()),
        None => Ok(document),
    }
}
