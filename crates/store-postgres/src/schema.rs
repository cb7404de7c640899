//! The tables. Every key begins with the service, so that an engine that spreads rows over machines finds all that an
//! operation touches on one of them; names are bytes, so that no collation and no character has a say.

use std::time::Duration;

use placet_store::Id;
use placet_store::format::{Mark, Plan, Refused, Step};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, GenericClient};

use crate::OpenError;
use crate::wall::SAY_ALL;

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
pub(crate) const STEPS: &[Step] = &[
    Step { statements: TABLES, readable_since: 1 },
    Step { statements: placet_store::format::COMPACT_ROWS, readable_since: 2 },
    Step { statements: placet_store::format::KEYRING, readable_since: 3 },
];

/// How often a change of tables is tried that others are in the way of, and the pause before the next time: who waits for a
/// table keeps all who come later from it, so each time is as short as that of any statement.
pub(crate) const ATTEMPTS: usize = 10;
pub(crate) const PAUSE: Duration = Duration::from_millis(500);

/// Whether nodes of former releases may have to be stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Others {
    /// They go on: what they could not bear is refused.
    Served,
    /// They have been stopped, if they have to be.
    Stopped,
}

/// Brings the tables to the last format of the steps; what was done.
///
/// # Errors
/// When they are of a later release that this one cannot read, when nodes would have to be stopped that are not, or when the
/// database refuses.
pub(crate) async fn migrate(client: &mut Client, steps: &[Step], others: Others) -> Result<Plan, OpenError> {
    marked(client).await?;
    for _ in 1..ATTEMPTS {
        match attempt(client, steps, others).await {
            Err(Attempt::InTheWay) => tokio::time::sleep(PAUSE).await,
            Err(Attempt::Failed(error)) => return Err(error),
            Ok(plan) => return Ok(plan),
        }
    }
    attempt(client, steps, others).await.map_err(|failed| match failed {
        Attempt::InTheWay => {
            OpenError::Database("the tables are in use, and cannot be changed now".to_owned())
        }
        Attempt::Failed(error) => error,
    })
}

enum Attempt {
    InTheWay,
    Failed(OpenError),
}

impl From<tokio_postgres::Error> for Attempt {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.code() {
            Some(&SqlState::LOCK_NOT_AVAILABLE | &SqlState::T_R_DEADLOCK_DETECTED) => Self::InTheWay,
            _ => Self::Failed(error.into()),
        }
    }
}

impl From<Refused> for Attempt {
    fn from(refused: Refused) -> Self {
        Self::Failed(OpenError::Format(refused))
    }
}

async fn attempt(client: &mut Client, steps: &[Step], others: Others) -> Result<Plan, Attempt> {
    let transaction = client.transaction().await?;
    // Whoever holds this row migrates; who waits for it sees what has been done.
    let found = mark(&transaction, "FOR UPDATE").await?;
    let mut plan = Plan::new(steps, found)?;
    if plan.is_done() {
        return Ok(plan);
    }
    if others == Others::Served {
        plan = plan.shared()?;
    } else if !plan.is_shared() {
        nobody_serves(&transaction, &plan).await?;
    }
    // What it takes to change a table is a matter of its size.
    transaction.batch_execute("SET LOCAL statement_timeout = 0").await?;
    transaction.batch_execute(SAY_ALL).await?;
    transaction.batch_execute(&plan.steps.concat()).await?;
    let said: &[&(dyn tokio_postgres::types::ToSql + Sync)] = &[&plan.then.format, &plan.then.readable_since];
    transaction.execute("UPDATE format SET format = $1, readable_since = $2 WHERE one", said).await?;
    transaction.commit().await?;
    Ok(plan)
}

/// Connections of nodes say what they are. Who comes later than this finds the row of the format taken.
async fn nobody_serves(client: &impl GenericClient, plan: &Plan) -> Result<(), Attempt> {
    const NODES: &str = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name IN ('placet', 'placet announcing')
            AND pid <> pg_backend_pid()";
    match client.query_one(NODES, &[]).await?.get(0) {
        0i64 => Ok(()),
        connections => {
            let (found, writes) = (plan.found, plan.writes);
            Err(Refused::Served { found, writes, connections }.into())
        }
    }
}

/// What the database says of its format. Formats that were made before there was a mark are readable by those who wrote them.
async fn mark(client: &impl GenericClient, lock: &str) -> Result<Mark, tokio_postgres::Error> {
    let sql = format!("SELECT format, coalesce(readable_since, format) FROM format WHERE one {lock}");
    let row = client.query_one(&sql, &[]).await?;
    Ok(Mark { format: row.get(0), readable_since: row.get(1) })
}

const IS_MARKED: &str = "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('format')
    AND attname = 'readable_since')";

/// What would be done; nothing is.
pub(crate) async fn plan(client: &Client, steps: &[Step]) -> Result<Plan, OpenError> {
    const IS_THERE: &str = "SELECT to_regclass('format') IS NOT NULL";
    let says = async |sql: &str| client.query_one(sql, &[]).await.map(|row| row.get::<_, bool>(0));
    let found = match (says(IS_THERE).await?, says(IS_MARKED).await?) {
        (false, _) => Mark::default(),
        (true, true) => mark(client, "").await?,
        (true, false) => {
            let format = client.query_one("SELECT format FROM format WHERE one", &[]).await?.get(0);
            Mark { format, readable_since: format }
        }
    };
    Ok(Plan::new(steps, found)?)
}

/// Makes the row that says which format there is. Of nodes that make its table at the same moment all but one fail, in
/// whatever the database does first; the next attempt finds it.
async fn marked(client: &Client) -> Result<(), OpenError> {
    const MARK: &str = "CREATE TABLE IF NOT EXISTS format
            (one BOOL PRIMARY KEY CHECK (one), format INT8 NOT NULL, readable_since INT8);
        ALTER TABLE format ADD COLUMN IF NOT EXISTS readable_since INT8;
        INSERT INTO format (one, format) VALUES (TRUE, 0) ON CONFLICT DO NOTHING;";
    if client.query_one(IS_MARKED, &[]).await?.get(0) {
        return Ok(());
    }
    let made = [
        SqlState::DUPLICATE_TABLE,
        SqlState::DUPLICATE_OBJECT,
        SqlState::DUPLICATE_COLUMN,
        SqlState::UNIQUE_VIOLATION,
        SqlState::T_R_DEADLOCK_DETECTED,
    ];
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

#[cfg(test)]
pub(crate) mod tests;
