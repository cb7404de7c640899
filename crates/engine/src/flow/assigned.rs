//! Identifiers, numbers and secrets that the server assigns.

use data_encoding::BASE64URL_NOPAD;
use placet_base::ClientId;

use crate::cx::{Cx, Scope};

/// A numeric id of 14 or 15 digits: random, and below 2^53 so that JavaScript reads it without loss.
pub fn identifier<S: Scope>(cx: &mut Cx<'_, S>) -> i64 {
    const SMALLEST: u64 = 10_000_000_000_000;
    const SPAN: u64 = 900_000_000_000_000;
    i64::try_from(SMALLEST + u64::from_be_bytes(cx.random()) % SPAN).unwrap_or(1)
}

/// A positive 31-bit number.
pub fn sequence_number<S: Scope>(cx: &mut Cx<'_, S>) -> i32 {
    i32::from_be_bytes(cx.random()).checked_abs().unwrap_or(1).max(1)
}

/// Up to 64 random bytes, base64url.
pub fn secret<S: Scope>(cx: &mut Cx<'_, S>, bytes: usize) -> String {
    let random: [u8; 64] = cx.random();
    BASE64URL_NOPAD.encode(&random[..bytes.min(64)])
}

/// For [`ClientId`]s made by the same rule.
pub fn client_id(cx: &mut Cx<'_>) -> ClientId {
    ClientId(identifier(cx))
}
