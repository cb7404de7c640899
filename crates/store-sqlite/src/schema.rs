//! The file's layout. Log rows are keyed by their time-ordered number alone, so that inserts append and
//! nothing else is kept up to date beside them.

use std::path::Path;

use placet_store::Id;
use placet_store::format::{Mark, Plan, Step};
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags};

use crate::OpenError;

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

/// Releases of the first two formats do not know that there is a mark, and refuse whatever is later.
pub(crate) const STEPS: &[Step] = &[
    Step { statements: TABLES, readable_since: 1 },
    Step { statements: LOG_NAMES, readable_since: 2 },
    Step { statements: CATALOGUE_IDS, readable_since: 3 },
    Step { statements: placet_store::format::COMPACT_ROWS, readable_since: 4 },
    Step { statements: placet_store::format::KEYRING, readable_since: 5 },
];

/// Bytes of the file that readers map instead of copying.
const MAPPED: i64 = 256 << 20;

/// Opens the file and brings it to the last format of the steps. Nobody else serves it meanwhile: what a step means to
/// former releases matters only to those who go back to one.
pub(crate) fn open_for_writing(path: &Path, steps: &[Step]) -> Result<(Connection, Plan), OpenError> {
    let mut connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // The writer decides when.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.set_prepared_statement_cache_capacity(64);
    keep_plans(&connection)?;
    let plan = plan(&connection, steps)?;
    if !plan.is_done() {
        migrate(&mut connection, &plan)?;
    }
    Ok((connection, plan))
}

/// What the last format of the steps lacks in the file.
pub(crate) fn plan(connection: &Connection, steps: &[Step]) -> Result<Plan, OpenError> {
    Ok(Plan::new(steps, mark(connection)?)?)
}

fn mark(connection: &Connection) -> rusqlite::Result<Mark> {
    let format = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    // Formats that were made before there was a mark are readable by those who wrote them.
    let readable_since = match connection.table_exists(None, "format")? {
        true => connection.query_row("SELECT readable_since FROM format", [], |row| row.get(0))?,
        false => format,
    };
    Ok(Mark { format, readable_since })
}

fn migrate(connection: &mut Connection, plan: &Plan) -> rusqlite::Result<()> {
    const MARK: &str = "CREATE TABLE IF NOT EXISTS format
        (one INTEGER PRIMARY KEY CHECK (one = 1), readable_since INTEGER NOT NULL) STRICT;";
    let transaction = connection.transaction()?;
    transaction.execute_batch(&plan.steps.concat())?;
    transaction.execute_batch(MARK)?;
    let since = [plan.then.readable_since];
    transaction.execute("INSERT OR REPLACE INTO format (one, readable_since) VALUES (1, ?1)", since)?;
    transaction.pragma_update(None, "user_version", plan.then.format)?;
    transaction.commit()
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

#[cfg(test)]
mod tests;
