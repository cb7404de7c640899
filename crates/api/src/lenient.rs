//! How a client of the API reads an answer of this version and of newer ones: what it has no place for is handed on, and does
//! not make the rest unreadable.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// Takes what the type has no place for: its JSON pointer (RFC 6901), and the value. A value of an array stands under the
/// array's pointer and `/-`.
pub type Keep<'a> = &'a mut dyn FnMut(String, Value);

/// Without a type of its own for each type that is read: all that they have in common would be compiled as often.
type Ignored<'a> = &'a mut dyn FnMut(serde_ignored::Path<'_>);

/// More unknown enumeration values than this are no newer version but another format.
const MOST: usize = 256;

/// `None` for what is no such document.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8], keep: Keep<'_>) -> Option<T> {
    let mut members = Vec::new();
    let strict = {
        let mut text = serde_json::Deserializer::from_slice(body);
        let mut ignored = |path: serde_ignored::Path<'_>| members.push(pointer(&path));
        serde_ignored::deserialize::<_, Ignored<'_>, T>(&mut text, &mut ignored)
    };
    if let (Ok(value), true) = (strict, members.is_empty()) {
        return Some(value);
    }
    let mut document: Value = serde_json::from_slice(body).ok()?;
    for _ in 0..MOST {
        members.clear();
        match checked(&document, &mut |path| members.push(pointer(&path))) {
            Ok(value) => {
                members
                    .into_iter()
                    .filter_map(|at| Some((document.pointer(&at)?.clone(), at)))
                    .for_each(|(value, at)| keep(at, value));
                return Some(value);
            }
            Err((path, _)) => take_out(&mut document, &path, keep)?,
        }
    }
    None
}

/// Reads a document, tells which of its members the type has no place for, or where it cannot be read.
pub(crate) fn checked<T: DeserializeOwned>(
    document: &Value,
    ignored: Ignored<'_>,
) -> Result<T, (serde_path_to_error::Path, serde_json::Error)> {
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(document, &mut track);
    let read = serde_ignored::deserialize::<_, Ignored<'_>, T>(tracked, ignored);
    read.map_err(|e| (track.path(), e))
}

/// Takes the text out that no variant stands for. Anything else that cannot be read is no answer.
fn take_out(document: &mut Value, path: &serde_path_to_error::Path, keep: Keep<'_>) -> Option<()> {
    use serde_path_to_error::Segment;
    let segments: Vec<&Segment> =
        path.iter().filter(|segment| !matches!(segment, Segment::Enum { .. } | Segment::Unknown)).collect();
    let (last, parents) = segments.split_last()?;
    let parent: String =
        parents.iter().map(|segment| format!("/{}", escaped(&segment.to_string()))).collect();
    match (document.pointer_mut(&parent)?, last) {
        (Value::Object(members), Segment::Map { key }) => {
            let value = members.shift_remove(key).filter(Value::is_string)?;
            keep(format!("{parent}/{}", escaped(key)), value);
        }
        (Value::Array(values), Segment::Seq { index }) if values.get(*index)?.is_string() => {
            keep(format!("{parent}/-"), values.remove(*index));
        }
        _ => return None,
    }
    Some(())
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn pointer(path: &serde_ignored::Path<'_>) -> String {
    use serde_ignored::Path;
    match path {
        Path::Root => String::new(),
        Path::Seq { parent, index } => format!("{}/{index}", pointer(parent)),
        Path::Map { parent, key } => format!("{}/{}", pointer(parent), escaped(key)),
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => {
            pointer(parent)
        }
    }
}
