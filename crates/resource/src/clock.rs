//! The time of day.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use placet_base::Timestamp;

pub(crate) fn now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "this is the resource server's clock")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
