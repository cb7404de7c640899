//! What the writer writes: transactions, and the statements of changes.

use placet_store::{Change, Id, IndexEntry, Key, Layout, log_names};
use rusqlite::{Connection, ErrorCode, params};

use crate::schema;

/// How one batch failed inside a transaction.
pub(crate) enum Failure {
    Conflict,
    Broken(rusqlite::Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(e: rusqlite::Error) -> Self {
        match e.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => Self::Conflict,
            _ => Self::Broken(e),
        }
    }
}

/// Runs `work` in a transaction: all of it is on disk afterwards, or none. The statements around it are kept as plans, as all
/// others are.
pub(crate) fn transaction<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    run(connection, "BEGIN IMMEDIATE")?;
    let result = work(connection).and_then(|done| run(connection, "COMMIT").map(|()| done));
    // SQLite has undone some failures by itself. Where it cannot undo this one, the next transaction says so; what has failed first
    // is what the operator has to know.
    if result.is_err() && !connection.is_autocommit() {
        let _ = run(connection, "ROLLBACK");
    }
    result
}

/// Applies a batch inside a transaction, whole or not at all. One that is a single statement is that by itself.
pub(crate) fn batch(connection: &Connection, batch: &[Change]) -> Result<(), Failure> {
    if let [change] = batch
        && change.key().kind.layout == Layout::Log
    {
        return apply(connection, change);
    }
    run(connection, "SAVEPOINT batch")?;
    let applied = batch.iter().try_for_each(|change| apply(connection, change));
    if applied.is_err() {
        run(connection, "ROLLBACK TO batch")?;
    }
    run(connection, "RELEASE batch")?;
    applied
}

fn run(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}

fn apply(connection: &Connection, change: &Change) -> Result<(), Failure> {
    match (change.key().kind.layout, &change.key().id) {
        (Layout::Log, Id::Number(number)) => apply_to_log(connection, change, *number),
        (Layout::Log, Id::Name(_)) => Err(Failure::Conflict),
        (Layout::Catalogue, _) => apply_to_catalogue(connection, change),
    }
}

fn apply_to_log(connection: &Connection, change: &Change, number: i64) -> Result<(), Failure> {
    let (kind, service) = (change.key().kind.name, change.key().service);
    let changed = match change {
        Change::Insert { body, indexes, expires_at, .. } => {
            let [a, b, c, d] = log_names(indexes).ok_or(Failure::Conflict)?;
            connection
                .prepare_cached(
                    "INSERT INTO log (number, kind, service, version, expires_at, body, shared_1, shared_2, own_1, own_2)
                     VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, ?8, ?9)",
                )?
                .execute(params![number, kind, service, expires_at.map(|at| at.0), body, a, b, c, d])?
        }
        Change::Replace { version, body, expires_at, .. } => connection
            .prepare_cached(
                "UPDATE log SET version = version + 1, expires_at = ?5, body = ?6
                 WHERE number = ?1 AND kind = ?2 AND service = ?3 AND version = ?4",
            )?
            .execute(params![number, kind, service, version, expires_at.map(|at| at.0), body])?,
        Change::Delete { version, .. } => connection
            .prepare_cached(
                "DELETE FROM log WHERE number = ?1 AND kind = ?2 AND service = ?3 AND version = ?4",
            )?
            .execute(params![number, kind, service, version])?,
    };
    if changed == 1 { Ok(()) } else { Err(Failure::Conflict) }
}

fn apply_to_catalogue(connection: &Connection, change: &Change) -> Result<(), Failure> {
    let key = change.key();
    let (kind, service, id) = (key.kind.name, key.service, schema::id(&key.id));
    let (changed, indexes): (usize, &[IndexEntry]) = match change {
        Change::Insert { body, indexes, .. } => {
            let sql = "INSERT INTO catalogue (kind, service, id, version, body) VALUES (?1, ?2, ?3, 1, ?4)";
            (connection.prepare_cached(sql)?.execute(params![kind, service, id, body])?, indexes)
        }
        Change::Replace { version, body, indexes, .. } => {
            let sql = "UPDATE catalogue SET version = version + 1, body = ?5
                       WHERE kind = ?1 AND service = ?2 AND id = ?3 AND version = ?4";
            (connection.prepare_cached(sql)?.execute(params![kind, service, id, version, body])?, indexes)
        }
        Change::Delete { version, .. } => {
            let sql = "DELETE FROM catalogue WHERE kind = ?1 AND service = ?2 AND id = ?3 AND version = ?4";
            (connection.prepare_cached(sql)?.execute(params![kind, service, id, version])?, &[])
        }
    };
    if changed != 1 {
        return Err(Failure::Conflict);
    }
    write_names(connection, key, indexes)
}

fn write_names(connection: &Connection, key: &Key, indexes: &[IndexEntry]) -> Result<(), Failure> {
    let (kind, service, id) = (key.kind.name, key.service, schema::id(&key.id));
    connection
        .prepare_cached("DELETE FROM names WHERE kind = ?1 AND service = ?2 AND id = ?3")?
        .execute(params![kind, service, id])?;
    for entry in indexes {
        connection
            .prepare_cached(
                "INSERT INTO names (kind, service, name, value, id, once) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![kind, service, entry.name, entry.value, id, entry.unique])?;
    }
    Ok(())
}
