//! How long JSON is, before it is written.

use serde_json::{Map, Value};

/// RFC 8259 §7: a control character is six, and no other takes more.
const CHARACTER: usize = 6;
/// No number is longer, nor is a name that JSON has.
const SCALAR: usize = 25;

/// Whether members are so long at most. Of most it is told by looking at them, without writing what is thrown away.
pub(crate) fn fits(members: &Map<String, Value>, most: usize) -> bool {
    at_most(members) <= most || serde_json::to_writer(Room(most), members).is_ok()
}

fn at_most(members: &Map<String, Value>) -> usize {
    members.iter().map(|(name, value)| of_text(name) + 1 + of_value(value)).sum::<usize>() + 2
}

/// With the comma behind it.
fn of_value(value: &Value) -> usize {
    1 + match value {
        Value::Object(members) => at_most(members),
        Value::Array(elements) => elements.iter().map(of_value).sum::<usize>() + 2,
        Value::String(text) => of_text(text),
        _ => SCALAR,
    }
}

fn of_text(text: &str) -> usize {
    CHARACTER * text.len() + 2
}

/// Takes so many bytes, and keeps none.
struct Room(usize);

impl std::io::Write for Room {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let left = self.0.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::WriteZero)?;
        self.0 = left;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_looked_at_is_never_shorter_than_what_is_written() {
        for value in [
            json!({}),
            json!({ "a": [], "b": {}, "c": null, "d": [false, true] }),
            json!({ "\u{1}": "\u{1}\u{2}\"\\é😀", "n": [i64::MIN, u64::MAX, -1.797_693_134_862_315_7e308, 5e-324] }),
        ] {
            let members = value.as_object().unwrap();
            let written = value.to_string().len();
            assert!(at_most(members) >= written, "{value}");
            assert!(fits(members, written) && !fits(members, written - 1), "{value}");
        }
    }
}
