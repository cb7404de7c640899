//! RFC 6902 – a JSON Patch of the discovery document, within bounds

use json_patch::PatchOperation;
use placet_api::Reason;
use serde_json::Value;

use crate::budgets::{PATCH_DEPTH, PATCH_DOCUMENT, PATCH_OPERATIONS, PATCH_TEXT};

/// Operations that are few enough to carry out.
pub struct Patch(Vec<PatchOperation>);

impl Patch {
    pub fn parse(text: &str) -> Result<Self, Reason> {
        if text.len() > PATCH_TEXT {
            return Err(Reason::PatchTooLarge { limit: format!("{PATCH_TEXT} bytes") });
        }
        let operations: Vec<PatchOperation> = serde_json::from_str(text).map_err(malformed)?;
        if operations.len() > PATCH_OPERATIONS {
            return Err(Reason::PatchTooLarge { limit: format!("{PATCH_OPERATIONS} operations") });
        }
        Ok(Self(operations))
    }

    /// The document after every operation. Each can double what is there, in size and in depth, so that the
    /// bounds are judged after each.
    pub fn applied(&self, mut document: Value) -> Result<Value, Reason> {
        for operation in &self.0 {
            json_patch::patch(&mut document, std::slice::from_ref(operation)).map_err(malformed)?;
            if size(&document) > PATCH_DOCUMENT {
                return Err(Reason::PatchTooLarge { limit: format!("a document of {PATCH_DOCUMENT} bytes") });
            }
            if depth(&document) > PATCH_DEPTH {
                return Err(Reason::PatchTooLarge { limit: format!("{PATCH_DEPTH} levels") });
            }
        }
        Ok(document)
    }
}

fn malformed(error: impl std::fmt::Display) -> Reason {
    Reason::PatchMalformed { detail: error.to_string() }
}

/// Bytes of the document as it will be written.
fn size(document: &Value) -> usize {
    struct Counted(usize);
    impl std::io::Write for Counted {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counted = Counted(0);
    match serde_json::to_writer(&mut counted, document) {
        Ok(()) => counted.0,
        Err(_) => usize::MAX,
    }
}

/// Levels of lists and objects, without recursion.
fn depth(document: &Value) -> usize {
    let mut deepest = 0;
    let mut open = vec![(document, 1)];
    while let Some((value, level)) = open.pop() {
        deepest = deepest.max(level);
        match value {
            Value::Array(items) => open.extend(items.iter().map(|item| (item, level + 1))),
            Value::Object(members) => open.extend(members.values().map(|member| (member, level + 1))),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn patched(operations: Value) -> Result<Value, Reason> {
        Patch::parse(&operations.to_string())?.applied(json!({ "issuer": "https://as.example" }))
    }

    fn add(value: Value) -> Value {
        json!({ "op": "add", "path": "/x", "value": value })
    }

    #[test]
    fn what_doubles_is_stopped_in_size_and_in_depth() {
        let mut wide = vec![add(json!(["A".repeat(100)]))];
        wide.extend(vec![json!({ "op": "copy", "from": "/x", "path": "/x/-" }); 26]);
        assert!(matches!(patched(json!(wide)), Err(Reason::PatchTooLarge { .. })));
        let mut deep = vec![add(json!({}))];
        let mut path = "/x".to_owned();
        for _ in 0..12 {
            deep.push(json!({ "op": "copy", "from": "/x", "path": format!("{path}/x") }));
            path = path.repeat(2);
        }
        assert!(matches!(patched(json!(deep)), Err(Reason::PatchTooLarge { .. })));
        let moves = vec![json!({ "op": "move", "from": "/x", "path": "/y" })];
        assert!(matches!(patched(json!(moves)), Err(Reason::PatchMalformed { .. })));
    }

    #[test]
    fn the_limits_themselves_are_within() {
        let tests =
            vec![json!({ "op": "test", "path": "/issuer", "value": "https://as.example" }); PATCH_OPERATIONS];
        assert!(patched(json!(tests)).is_ok());
        let more = vec![tests[0].clone(); PATCH_OPERATIONS + 1];
        assert!(matches!(patched(json!(more)), Err(Reason::PatchTooLarge { .. })));
        let frame = json!({ "issuer": "https://as.example", "x": "" }).to_string().len();
        assert!(patched(json!([add(json!("A".repeat(PATCH_DOCUMENT - frame)))])).is_ok());
        let over = patched(json!([add(json!("A".repeat(PATCH_DOCUMENT - frame + 1)))]));
        assert!(matches!(over, Err(Reason::PatchTooLarge { .. })));
        let nested = (0..PATCH_DEPTH - 2).fold(json!(1), |inner, _| json!([inner]));
        assert!(patched(json!([add(nested.clone())])).is_ok());
        assert!(matches!(patched(json!([add(json!([nested]))])), Err(Reason::PatchTooLarge { .. })));
    }
}
