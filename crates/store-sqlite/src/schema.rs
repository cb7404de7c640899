//! The file's layout. Log rows are keyed by their time-ordered number alone, so that inserts append and
//! nothing else is kept up to date beside them.

use std::path::Path;

use placet_store::Id;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags};

use crate::OpenError;

/// The format that this release writes.
pub(crate) const FORMAT: i64 = 3;

const TABLES: &str = "
CREATE TABLE log (
    number     INTEGER PRIMARY KEY,
    kind       TEXT NOT NULL,
    service    INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    expires_at INTEGER,
    body       BLOB NOT NULL
) STRICT;
CREATE TABLE catalogue (
    kind       TEXT NOT NULL,
    service    INTEGER NOT NULL,
    id         ANY NOT NULL,
    version    INTEGER NOT NULL,
    body       BLOB NOT NULL,
    PRIMARY KEY (kind, service, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE names (
    kind       TEXT NOT NULL,
    service    INTEGER NOT NULL,
    name       TEXT NOT NULL,
    value      TEXT NOT NULL,
    id         ANY NOT NULL,
    once       INTEGER NOT NULL,
    PRIMARY KEY (kind, service, name, value, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX names_once ON names (kind, service, name, value) WHERE once = 1;
CREATE INDEX names_of ON names (kind, service, id);
";

/// Format 2: log rows may be found by name. Two names may be shared by many rows, two are a row's own.
const LOG_NAMES: &str = "
ALTER TABLE log ADD COLUMN shared_1 TEXT;
ALTER TABLE log ADD COLUMN shared_2 TEXT;
ALTER TABLE log ADD COLUMN own_1 TEXT;
ALTER TABLE log ADD COLUMN own_2 TEXT;
CREATE INDEX log_shared_1 ON log (kind, service, shared_1) WHERE shared_1 IS NOT NULL;
CREATE INDEX log_shared_2 ON log (kind, service, shared_2) WHERE shared_2 IS NOT NULL;
CREATE UNIQUE INDEX log_own_1 ON log (kind, service, own_1) WHERE own_1 IS NOT NULL;
CREATE UNIQUE INDEX log_own_2 ON log (kind, service, own_2) WHERE own_2 IS NOT NULL;
";

/// Format 3: catalogue rows are counted and passed over without reading them.
const CATALOGUE_IDS: &str = "
CREATE INDEX catalogue_ids ON catalogue (kind, service, id);
";

/// Bytes of the file that readers map instead of copying.
const MAPPED: i64 = 256 << 20;

pub(crate) fn open_for_writing(path: &Path) -> Result<Connection, OpenError> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // The writer decides when.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.set_prepared_statement_cache_capacity(64);
    keep_plans(&connection)?;
    let format: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let steps = [TABLES, LOG_NAMES, CATALOGUE_IDS];
    let missing = usize::try_from(format).ok().and_then(|format| steps.get(format..));
    let missing = missing.ok_or(OpenError::NewerFormat(format))?;
    if !missing.is_empty() {
        let steps = missing.concat();
        connection.execute_batch(&format!("BEGIN; {steps} PRAGMA user_version = {FORMAT}; COMMIT;"))?;
    }
    Ok(connection)
}

/// This SQLite is built with `SQLITE_ENABLE_STAT4`: plans may depend on the values that are bound, and a statement
/// whose values are cleared, as they are after each use, is planned anew. The stability guarantee ends that.
fn keep_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

pub(crate) fn open_for_reading(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    keep_plans(&connection)?;
    connection.pragma_update(None, "mmap_size", MAPPED)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// An id as a column value: numbers sort before names.
pub(crate) fn id(id: &Id) -> ToSqlOutput<'_> {
    match id {
        Id::Number(number) => ToSqlOutput::Borrowed(ValueRef::Integer(*number)),
        Id::Name(name) => ToSqlOutput::Borrowed(ValueRef::Text(name.as_bytes())),
    }
}
