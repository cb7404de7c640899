//! Removes what has ended, in small steps that many nodes may take at once: each takes rows that no other holds.

use placet_base::Timestamp;
use placet_store::Swept;
use tokio_postgres::error::SqlState;

use crate::link::{Failure, Link, Meaning};
use crate::wall::About;

const SWEEP: &str = "
    WITH ended AS (
        SELECT service, kind, number FROM log WHERE expires_at <= $1
        ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
    DELETE FROM log USING ended
    WHERE log.service = ended.service AND log.kind = ended.kind AND log.number = ended.number AND log.expires_at <= $1
    RETURNING 1";

/// For an engine that cannot lock rows on several machines at once (Citus). Two nodes may be in each other's way.
const SWEEP_UNLOCKED: &str = "
    WITH ended AS (SELECT service, kind, number FROM log WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)
    DELETE FROM log USING ended
    WHERE log.service = ended.service AND log.kind = ended.kind AND log.number = ended.number AND log.expires_at <= $1
    RETURNING 1";

pub(crate) async fn swept(link: &Link, before: Timestamp, max: usize) -> Result<Swept, Failure> {
    match sweep(link, SWEEP, before, max).await {
        Err(failure) if failure.code == Some(SqlState::FEATURE_NOT_SUPPORTED) => {
            match sweep(link, SWEEP_UNLOCKED, before, max).await {
                // Another node is at it.
                Err(failure) if matches!(failure.meaning, Meaning::Again | Meaning::Held) => {
                    Ok(Swept { deleted: 0, more: false })
                }
                done => done,
            }
        }
        done => done,
    }
}

async fn sweep(link: &Link, sql: &'static str, before: Timestamp, max: usize) -> Result<Swept, Failure> {
    let most = i64::try_from(max).unwrap_or(i64::MAX);
    let deleted = link.query(About::All, sql, &[&before.millis(), &most]).await?.len();
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

    use super::*;
    use crate::schema::tests::{database, execute, runtime};
    use crate::work::Database;
    use crate::{Postgres, PostgresConfig};

    fn swept_all(config: &PostgresConfig) -> Vec<usize> {
        runtime().block_on(async {
            let link = Link::connect(&Database::new(config).unwrap()).await.unwrap();
            let mut steps = Vec::new();
            loop {
                let swept = sweep(&link, SWEEP_UNLOCKED, Timestamp(100), 40).await.unwrap();
                steps.push(swept.deleted);
                if !swept.more {
                    return steps;
                }
            }
        })
    }

    #[test]
    fn rows_that_cannot_be_locked_are_swept_as_well() {
        let Some(config) = database() else { return };
        drop(runtime().block_on(Postgres::open(&config)).unwrap());
        let rows = "INSERT INTO log (service, kind, number, version, expires_at, body)
            SELECT n % 3, 'k', n, 1, n, '' FROM generate_series(1, 150) n";
        execute(&config.url, rows);
        assert_eq!(swept_all(&config), [40, 40, 20]);
        assert_eq!(swept_all(&config), [0]);
    }
}
