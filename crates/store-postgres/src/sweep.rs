//! Removes what has ended, in small steps that many nodes may take at once: each takes rows that no other holds.

use placet_base::Timestamp;
use placet_store::Swept;

use crate::link::{Failure, Link};
use crate::wall::About;

const SWEEP: &str = "
    WITH ended AS (
        SELECT service, kind, number FROM log WHERE expires_at <= $1
        ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
    DELETE FROM log USING ended
    WHERE log.service = ended.service AND log.kind = ended.kind AND log.number = ended.number AND log.expires_at <= $1
    RETURNING 1";

pub(crate) async fn swept(link: &Link, before: Timestamp, max: usize) -> Result<Swept, Failure> {
    let most = i64::try_from(max).unwrap_or(i64::MAX);
    let deleted = link.query(About::All, SWEEP, &[&before.millis(), &most]).await?.len();
    Ok(Swept { deleted, more: deleted >= max })
}

/// How large the tables are, and when the first row of the log ends.
pub(crate) struct Sizes {
    pub(crate) log_rows: Option<i64>,
    pub(crate) catalogue_rows: Option<i64>,
    pub(crate) first_end: Option<i64>,
}

/// What the database believes that it has, which it finds out when it vacuums, and the first entry of an index: counting
/// would read everything.
const SIZES: &str = "
    SELECT
        (SELECT reltuples::INT8 FROM pg_class WHERE oid = 'log'::regclass),
        (SELECT reltuples::INT8 FROM pg_class WHERE oid = 'catalogue'::regclass),
        (SELECT min(expires_at) FROM log WHERE expires_at IS NOT NULL)";

pub(crate) async fn sizes(link: &Link) -> Result<Sizes, Failure> {
    let rows = link.query(About::All, SIZES, &[]).await?;
    let column = |number: usize| match rows.first() {
        Some(row) => row.try_get::<_, Option<i64>>(number),
        None => Ok(None),
    };
    // Negative: the table was never looked at.
    let (log_rows, catalogue_rows) = (column(0)?.filter(|n| *n >= 0), column(1)?.filter(|n| *n >= 0));
    // Where nothing ends, nothing is late.
    let first_end = column(2)?.or(Some(i64::MAX));
    Ok(Sizes { log_rows, catalogue_rows, first_end })
}
