//! Removes what has ended, in small steps that many nodes may take at once: each takes rows that no other holds.

use placet_base::Timestamp;
use placet_store::Swept;

use crate::link::{Failure, Link};

const SWEEP: &str = "
    WITH ended AS (
        SELECT service, kind, number FROM log WHERE expires_at <= $1
        ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
    DELETE FROM log USING ended
    WHERE log.service = ended.service AND log.kind = ended.kind AND log.number = ended.number AND log.expires_at <= $1
    RETURNING 1";

pub(crate) async fn swept(link: &Link, before: Timestamp, max: usize) -> Result<Swept, Failure> {
    let most = i64::try_from(max).unwrap_or(i64::MAX);
    let deleted = link.query(SWEEP, &[&before.millis(), &most]).await?.len();
    Ok(Swept { deleted, more: deleted >= max })
}
