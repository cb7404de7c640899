//! RFC 8949 §3.4.1 – points in time with tag 0.

use ciborium::Value;
use placet_base::Timestamp;

use crate::rfc3339;

const TAG: u64 = 0;

/// `None` before the year 0 and after 9999, which have no such form.
pub(super) fn written(at: Timestamp) -> Option<Value> {
    Some(Value::Tag(TAG, Box::new(Value::Text(rfc3339::written(at)?))))
}

/// Reads such a time.
pub(super) fn read(value: &Value) -> Option<Timestamp> {
    match value.as_tag()? {
        (TAG, text) => rfc3339::read(text.as_text()?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // shows MDOC 9.1.2.4/times
    #[test]
    fn only_a_text_with_the_tag_is_a_time() {
        let text = || Value::Text("2021-01-01T00:00:00Z".into());
        assert_eq!(read(&written(Timestamp(0)).unwrap()), Some(Timestamp(0)));
        assert_eq!(read(&text()), None);
        assert_eq!(read(&Value::Tag(1, Box::new(text()))), None);
        assert_eq!(read(&Value::Tag(TAG, Box::new(Value::Null))), None);
    }
}
