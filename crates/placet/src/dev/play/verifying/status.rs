//! Token Status List: whether a credential still counts.

use data_encoding::BASE64URL_NOPAD;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;
use serde_json::{Map, Value};

use super::jwt::{self, Signed};
use super::{Against, Check};

/// Larger than any list of ours, inflated.
const LIST: usize = 1 << 20;

/// Where the status of a credential is (§6.1).
pub(in super::super) struct Reference {
    pub(in super::super) uri: String,
    idx: usize,
}

impl Reference {
    pub(super) fn parse(status: &Value) -> Option<Self> {
        let list = status.get("status_list")?;
        let idx = usize::try_from(list.get("idx")?.as_u64()?).ok()?;
        Some(Self { uri: list.get("uri")?.as_str()?.to_owned(), idx })
    }

    /// §8.3: the list is that of the URI, its issuer has signed it, it has not ended, and it says that the status is 0.
    pub(super) fn looked_up(&self, list: &str, against: &Against<'_>) -> Check {
        let check = |right, said: String| Check::new("check.status", right, said);
        let wrong = || check(false, "check.no_list".to_owned());
        let Some(Signed { claims: Some(claims), checks }) = jwt::signed(list.trim(), None, against) else {
            return wrong();
        };
        if !checks.iter().all(|check| check.right) || !self.is_of(&claims, against.now) {
            return wrong();
        }
        match self.status(&claims) {
            Some(0) => check(true, "check.counts".to_owned()),
            Some(1) => check(false, "check.revoked".to_owned()),
            Some(2) => check(false, "check.suspended".to_owned()),
            Some(other) => check(false, other.to_string()),
            None => wrong(),
        }
    }

    fn is_of(&self, claims: &Map<String, Value>, now: i64) -> bool {
        let lasts = claims.get("exp").and_then(Value::as_i64).is_none_or(|until| until > now);
        lasts && claims.get("sub").and_then(Value::as_str) == Some(&self.uri)
    }

    /// §4.1: entries of 1, 2, 4 or 8 bits, the first of a byte in its lowest.
    fn status(&self, claims: &Map<String, Value>) -> Option<u8> {
        let list = claims.get("status_list")?;
        let bits =
            usize::try_from(list.get("bits")?.as_u64()?).ok().filter(|bits| [1, 2, 4, 8].contains(bits))?;
        let packed = BASE64URL_NOPAD.decode(list.get("lst")?.as_str()?.as_bytes()).ok()?;
        let bytes = decompress_to_vec_zlib_with_limit(&packed, LIST).ok()?;
        let at = self.idx.checked_mul(bits)?;
        let mask = u8::MAX >> (8 - bits);
        Some(bytes.get(at / 8)? >> (at % 8) & mask)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// §4.1, the first example.
    #[test]
    fn the_entries_of_the_example_are_read() {
        let claims = json!({ "status_list": { "bits": 1, "lst": "eNrbuRgAAhcBXQ" } });
        let claims = claims.as_object().cloned().unwrap();
        let at = |idx| Reference { uri: String::new(), idx }.status(&claims);
        let read: Vec<_> = (0..16).map_while(at).collect();
        assert_eq!(read, [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]);
        assert_eq!(at(16), None);
    }
}
