//! Applies batches. One change is one statement, more are one transaction, and all of it is sent at once: a statement
//! that does not find what it expects fails, and with it what comes behind, so that nobody has to wait for its answer
//! before the rest is sent.

use placet_base::Timestamp;
use placet_store::{Change, CommitError, Id, IndexEntry, Layout, log_names};
use tokio_postgres::types::ToSql;

use crate::announce::{ANNOUNCE, CHANNEL};
use crate::link::{Failure, Link, Meaning, Sent, in_order};
use crate::schema;
use crate::wall::{self, About};

/// How often something is tried that others were in the way of.
pub(crate) const ATTEMPTS: usize = 5;

const LOG_INSERT: &str = "
    INSERT INTO log (service, kind, number, version, expires_at, body, shared_1, shared_2, own_1, own_2)
    VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9)";
const LOG_REPLACE: &str = "
    WITH done AS (
        UPDATE log SET version = version + 1, expires_at = $5, body = $6
        WHERE service = $1 AND kind = $2 AND number = $3 AND version = $4 RETURNING 1)
    SELECT 1 / count(*) FROM done";
const LOG_DELETE: &str = "
    WITH done AS (
        DELETE FROM log WHERE service = $1 AND kind = $2 AND number = $3 AND version = $4 RETURNING 1)
    SELECT 1 / count(*) FROM done";
const CATALOGUE_INSERT: &str =
    "INSERT INTO catalogue (service, kind, number, name, version, body) VALUES ($1, $2, $3, $4, 1, $5)";
const CATALOGUE_REPLACE: &str = "
    WITH done AS (
        UPDATE catalogue SET version = version + 1, body = $6
        WHERE service = $1 AND kind = $2 AND number = $3 AND name = $4 AND version = $5 RETURNING 1)
    SELECT 1 / count(*) FROM done";
const CATALOGUE_DELETE: &str = "
    WITH done AS (
        DELETE FROM catalogue
        WHERE service = $1 AND kind = $2 AND number = $3 AND name = $4 AND version = $5 RETURNING 1)
    SELECT 1 / count(*) FROM done";
const NAMES_DELETE: &str = "DELETE FROM names WHERE service = $1 AND kind = $2 AND number = $3 AND name = $4";
const NAME_INSERT: &str = "
    INSERT INTO names (service, kind, number, name, entry, value, once) VALUES ($1, $2, $3, $4, $5, $6, $7)";

/// Those that find rows.
#[cfg(test)]
pub(crate) const BY_KEY: [&str; 5] =
    [LOG_REPLACE, LOG_DELETE, CATALOGUE_REPLACE, CATALOGUE_DELETE, NAMES_DELETE];

/// A statement and what goes into it.
struct Step<'a> {
    sql: &'static str,
    parameters: Vec<Box<dyn ToSql + Sync + Send + 'a>>,
}

impl<'a> Step<'a> {
    fn new(sql: &'static str, (service, kind): (i64, &'a str)) -> Self {
        Self { sql, parameters: vec![Box::new(service), Box::new(kind)] }
    }

    fn with(mut self, parameter: impl ToSql + Sync + Send + 'a) -> Self {
        self.parameters.push(Box::new(parameter));
        self
    }

    fn borrowed(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.parameters.iter().map(|parameter| &**parameter as &(dyn ToSql + Sync)).collect()
    }
}

/// Applies a batch, again where others were in the way, and announces it.
pub(crate) async fn apply(
    link: &Link,
    batch: &[Change],
    announced: Option<String>,
) -> Result<(), CommitError> {
    let Some(mut steps) = steps(batch) else { return Err(CommitError::Conflict) };
    if let Some(places) = announced {
        // In the same transaction, so that there is no change without it. The database lets one such commit after the
        // other, which is why only those of catalogue rows are announced.
        let parameters: Vec<Box<dyn ToSql + Sync + Send>> = vec![Box::new(CHANNEL), Box::new(places)];
        steps.push(Step { sql: ANNOUNCE, parameters });
    }
    let services = wall::services(batch);
    let mut attempts = 0..ATTEMPTS;
    loop {
        attempts.next();
        match once(link, About::Some(&services), &steps).await {
            Ok(()) => return Ok(()),
            Err(failure) if failure.meaning == Meaning::Again && !attempts.is_empty() => {}
            Err(failure) => return Err(failure.outcome()),
        }
    }
}

async fn once(link: &Link, about: About<'_>, steps: &[Step<'_>]) -> Result<(), Failure> {
    let wall = link.wall().await?;
    let mut prepared = Vec::with_capacity(steps.len());
    for step in steps {
        prepared.push(link.prepared(step.sql).await?);
    }
    let mut sent: Vec<Sent<'_, Result<(), Failure>>> = link.said(about, wall).into_iter().collect();
    let alone = steps.len() == 1;
    if !alone {
        sent.push(Box::pin(link.bare("BEGIN")));
    }
    for (step, statement) in steps.iter().zip(&prepared) {
        sent.push(Box::pin(async move { link.run(statement, &step.borrowed()).await }));
    }
    if !alone {
        sent.push(Box::pin(link.bare("COMMIT")));
    }
    // A failure makes everything behind it fail as well; the first one says why. All are waited for, so that the
    // transaction is over.
    let mut first = Ok(());
    for result in in_order(sent).await {
        first = first.and(result);
    }
    first
}

/// What has to be done for a batch, locks always taken in the same order; `None` where a row has more names than there is
/// room for.
fn steps(batch: &[Change]) -> Option<Vec<Step<'_>>> {
    let mut ordered = batch.iter().collect::<Vec<_>>();
    ordered.sort_by_key(|change| {
        let key = change.key();
        let of_catalogue = key.kind.layout == Layout::Catalogue;
        // A name may go from one row to the next in one batch.
        (of_catalogue, !matches!(change, Change::Delete { .. }), key.service, key.kind.name, &key.id)
    });
    let mut steps = Vec::with_capacity(batch.len());
    for change in ordered {
        match (change.key().kind.layout, &change.key().id) {
            (Layout::Log, Id::Number(number)) => steps.push(of_log(change, *number)?),
            (Layout::Log, Id::Name(_)) => return None,
            (Layout::Catalogue, _) => of_catalogue(&mut steps, change),
        }
    }
    Some(steps)
}

fn millis(at: &Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::millis)
}

fn of_log(change: &Change, number: i64) -> Option<Step<'_>> {
    let of = (change.key().service, change.key().kind.name);
    Some(match change {
        Change::Insert { body, indexes, expires_at, .. } => {
            let [a, b, c, d] = named(indexes)?;
            let step = Step::new(LOG_INSERT, of).with(number).with(millis(expires_at)).with(body.as_slice());
            step.with(a).with(b).with(c).with(d)
        }
        Change::Replace { version, body, expires_at, .. } => {
            let step = Step::new(LOG_REPLACE, of).with(number).with(*version);
            step.with(millis(expires_at)).with(body.as_slice())
        }
        Change::Delete { version, .. } => Step::new(LOG_DELETE, of).with(number).with(*version),
    })
}

fn of_catalogue<'a>(steps: &mut Vec<Step<'a>>, change: &'a Change) {
    let key = change.key();
    let (number, name) = schema::id(&key.id);
    let step = |sql| Step::new(sql, (key.service, key.kind.name)).with(number).with(name);
    let (own, indexes): (_, &[IndexEntry]) = match change {
        Change::Insert { body, indexes, .. } => (step(CATALOGUE_INSERT).with(body.as_slice()), indexes),
        Change::Replace { version, body, indexes, .. } => {
            (step(CATALOGUE_REPLACE).with(*version).with(body.as_slice()), indexes)
        }
        Change::Delete { version, .. } => (step(CATALOGUE_DELETE).with(*version), &[]),
    };
    steps.push(own);
    if !matches!(change, Change::Insert { .. }) {
        steps.push(step(NAMES_DELETE));
    }
    for entry in indexes {
        steps.push(step(NAME_INSERT).with(entry.name).with(entry.value.as_bytes()).with(entry.unique));
    }
}

/// Rows of one kind and service that are inserted together.
pub(crate) const INSERT_MANY: &str = "
    INSERT INTO log (service, kind, number, version, expires_at, body, shared_1, shared_2)
    SELECT $1, $2, row.number, 1, row.expires_at, row.body, row.shared_1, row.shared_2
    FROM unnest($3::INT8[], $4::INT8[], $5::BYTEA[], $6::BYTEA[], $7::BYTEA[])
        AS row (number, expires_at, body, shared_1, shared_2)
    ON CONFLICT DO NOTHING RETURNING number";

/// A new row of the log without names of its own.
pub(crate) struct Insert {
    pub(crate) kind: &'static str,
    pub(crate) service: i64,
    pub(crate) number: i64,
    body: Vec<u8>,
    shared: [Option<Vec<u8>>; 2],
    expires_at: Option<i64>,
}

impl Insert {
    /// A batch that is such a row and nothing else; otherwise the batch comes back.
    pub(crate) fn alone(mut batch: Vec<Change>) -> Result<Self, Vec<Change>> {
        let Some((number, shared)) = shared_of(&batch) else { return Err(batch) };
        match batch.pop() {
            Some(Change::Insert { key, body, expires_at, .. }) => {
                let expires_at = millis(&expires_at);
                Ok(Self { kind: key.kind.name, service: key.service, number, body, shared, expires_at })
            }
            other => Err(other.into_iter().collect()),
        }
    }
}

/// Number and names of such a row.
fn shared_of(batch: &[Change]) -> Option<(i64, [Option<Vec<u8>>; 2])> {
    let [Change::Insert { key, indexes, .. }] = batch else { return None };
    let (Layout::Log, Id::Number(number)) = (key.kind.layout, &key.id) else { return None };
    let [first, second, None, None] = named(indexes)? else { return None };
    Some((*number, [first, second]))
}

/// The names of a row of the log, as its columns hold them.
fn named(indexes: &[IndexEntry]) -> Option<[Option<Vec<u8>>; 4]> {
    Some(log_names(indexes)?.map(|name| name.map(String::into_bytes)))
}

/// Inserts rows of one kind and service, each number once; which of them were inserted.
pub(crate) async fn insert_many(
    link: &Link,
    (kind, service): (&'static str, i64),
    rows: &[Insert],
) -> Result<Vec<i64>, Failure> {
    let numbers: Vec<_> = rows.iter().map(|row| row.number).collect();
    let ends: Vec<_> = rows.iter().map(|row| row.expires_at).collect();
    let bodies: Vec<_> = rows.iter().map(|row| row.body.as_slice()).collect();
    let shared = |which: usize| rows.iter().map(|row| row.shared[which].as_deref()).collect::<Vec<_>>();
    let (first, second) = (shared(0), shared(1));
    let inserted = link
        .query(
            About::One(service),
            INSERT_MANY,
            &[&service, &kind, &numbers, &ends, &bodies, &first, &second],
        )
        .await?;
    inserted.iter().map(|row| Ok(row.try_get(0)?)).collect()
}
