//! The tables. Every key begins with the service, so that an engine that spreads rows over machines finds all that an
//! operation touches on one of them; names are bytes, so that no collation and no character has a say.

use placet_store::Id;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use crate::OpenError;

/// The format that this release writes.
pub(crate) const FORMAT: i64 = 1;

const TABLES: &str = "
CREATE TABLE log (
    service    INT8 NOT NULL,
    kind       TEXT NOT NULL,
    number     INT8 NOT NULL,
    version    INT8 NOT NULL,
    expires_at INT8,
    body       BYTEA NOT NULL,
    shared_1   BYTEA,
    shared_2   BYTEA,
    own_1      BYTEA,
    own_2      BYTEA,
    PRIMARY KEY (service, kind, number)
);
CREATE INDEX log_shared_1 ON log (service, kind, shared_1, number) WHERE shared_1 IS NOT NULL;
CREATE INDEX log_shared_2 ON log (service, kind, shared_2, number) WHERE shared_2 IS NOT NULL;
CREATE UNIQUE INDEX log_own_1 ON log (service, kind, own_1) WHERE own_1 IS NOT NULL;
CREATE UNIQUE INDEX log_own_2 ON log (service, kind, own_2) WHERE own_2 IS NOT NULL;
CREATE INDEX log_expires_at ON log (expires_at) WHERE expires_at IS NOT NULL;
CREATE TABLE catalogue (
    service    INT8 NOT NULL,
    kind       TEXT NOT NULL,
    number     INT8 NOT NULL,
    name       BYTEA NOT NULL,
    version    INT8 NOT NULL,
    body       BYTEA NOT NULL,
    PRIMARY KEY (service, kind, number, name)
);
CREATE TABLE names (
    service    INT8 NOT NULL,
    kind       TEXT NOT NULL,
    entry      TEXT NOT NULL,
    value      BYTEA NOT NULL,
    number     INT8 NOT NULL,
    name       BYTEA NOT NULL,
    once       BOOL NOT NULL,
    PRIMARY KEY (service, kind, entry, value, number, name)
);
CREATE UNIQUE INDEX names_once ON names (service, kind, entry, value) WHERE once;
CREATE INDEX names_of ON names (service, kind, number, name);
";

/// What each format adds. A step is done by one node; those that come at the same time find it done.
const STEPS: &[&str] = &[TABLES];

/// Brings the tables to the format of this release.
///
/// # Errors
/// When they are of a later release, or the database refuses.
pub(crate) async fn migrate(client: &mut Client) -> Result<(), OpenError> {
    marked(client).await?;
    let transaction = client.transaction().await?;
    // Whoever holds this row migrates; who waits for it sees what has been done.
    let row = transaction.query_one("SELECT format FROM format WHERE one FOR UPDATE", &[]).await?;
    let format: i64 = row.get(0);
    let missing = usize::try_from(format).ok().and_then(|format| STEPS.get(format..));
    let missing = missing.ok_or(OpenError::NewerFormat(format))?;
    if !missing.is_empty() {
        transaction.batch_execute(&missing.concat()).await?;
        transaction.execute("UPDATE format SET format = $1 WHERE one", &[&FORMAT]).await?;
    }
    Ok(transaction.commit().await?)
}

/// Makes the row that says which format there is. Of nodes that make its table at the same moment all but one fail, in
/// whatever the database does first; the next attempt finds it.
async fn marked(client: &Client) -> Result<(), OpenError> {
    const MARK: &str =
        "CREATE TABLE IF NOT EXISTS format (one BOOL PRIMARY KEY CHECK (one), format INT8 NOT NULL);
        INSERT INTO format VALUES (TRUE, 0) ON CONFLICT DO NOTHING;";
    let made = [SqlState::DUPLICATE_TABLE, SqlState::DUPLICATE_OBJECT, SqlState::UNIQUE_VIOLATION];
    match client.batch_execute(MARK).await {
        Err(e) if e.code().is_some_and(|code| made.contains(code)) => Ok(client.batch_execute(MARK).await?),
        done => Ok(done?),
    }
}

/// The columns of a catalogue row's id: numbers come before names.
pub(crate) fn id(id: &Id) -> (i64, &[u8]) {
    match id {
        Id::Number(number) => (*number, b""),
        Id::Name(name) => (i64::MAX, name.as_bytes()),
    }
}

/// The id that two columns stand for; `None` for what no id is stored as.
pub(crate) fn id_of(number: i64, name: Vec<u8>) -> Option<Id> {
    match number {
        i64::MAX => Some(Id::Name(String::from_utf8(name).ok()?)),
        number => Some(Id::Number(number)),
    }
}
