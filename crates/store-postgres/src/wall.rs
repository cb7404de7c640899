//! A second wall between services: policies of the database, by which a statement sees the rows of those services only
//! that it was said to be about, whatever its own conditions are. It is said apart from the statement, in a setting of the
//! connection that stays until something else is said, and is sent with the statement.
//!
//! A connection of a node that has the wall begins with no service at all. One that never says anything, as of a node
//! without it or of a former release, sees what it always has: so that such nodes can serve beside it.

use placet_store::Change;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, GenericClient};

use crate::OpenError;
use crate::schema::{ATTEMPTS, PAUSE};

/// Which services a statement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About<'a> {
    One(i64),
    Some(&'a [i64]),
    /// What sweeps, and what is asked for the whole store.
    All,
    /// No table that has the wall.
    Nothing,
}

/// With which a connection begins.
pub(crate) const OPTION: &str = "-c placet.services={}";
pub(crate) const SAY: &str = "SELECT set_config('placet.services', $1, FALSE)";
/// The same for what changes tables.
pub(crate) const SAY_ALL: &str = "SET LOCAL placet.services = 'all'";

impl About<'_> {
    /// As the policies read it; `None` where nothing has to be said.
    pub(crate) fn said(self) -> Option<String> {
        let list = |services: &[i64]| {
            let services: Vec<_> = services.iter().map(i64::to_string).collect();
            format!("{{{}}}", services.join(","))
        };
        match self {
            Self::One(service) => Some(list(&[service])),
            Self::Some(services) => Some(list(services)),
            Self::All => Some("all".to_owned()),
            Self::Nothing => None,
        }
    }
}

/// The services of a batch.
pub(crate) fn services(batch: &[Change]) -> Vec<i64> {
    let mut services: Vec<_> = batch.iter().map(|change| change.key().service).collect();
    services.sort_unstable();
    services.dedup();
    services
}

const TABLES: [&str; 3] = ["log", "catalogue", "names"];

/// What was said is read once for a statement, not for each row.
fn built(table: &str) -> String {
    format!(
        "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        DROP POLICY IF EXISTS placet_services ON {table};
        CREATE POLICY placet_services ON {table} USING (coalesce(service = ANY (
            (SELECT nullif(current_setting('placet.services', TRUE), 'all')::INT8[])::INT8[]), TRUE));"
    )
}

const IS_BUILT: &str = "SELECT count(*) = 3 FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid
    WHERE c.oid IN (to_regclass('log'), to_regclass('catalogue'), to_regclass('names'))
    AND c.relrowsecurity AND c.relforcerowsecurity AND p.polname = 'placet_services'";

const HOLDS: &str =
    "SELECT row_security_active('log') AND row_security_active('catalogue') AND row_security_active('names')";

/// Sees to it that the wall is there, and that it is one for this user of the database.
///
/// # Errors
/// When the database refuses, or when policies do not count for the user.
pub(crate) async fn build(client: &mut Client) -> Result<(), OpenError> {
    let mut attempts = 0..ATTEMPTS;
    while !says(client, IS_BUILT).await? {
        attempts.next();
        match attempt(client).await {
            // Somebody is at work in the tables.
            Err(e) if e.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) && !attempts.is_empty() => {
                tokio::time::sleep(PAUSE).await;
            }
            done => done?,
        }
    }
    match says(client, HOLDS).await? {
        true => Ok(()),
        false => Err(OpenError::Database(
            "postgres.row_security: policies do not count for this user of the database, which is a superuser or has \
             BYPASSRLS"
                .to_owned(),
        )),
    }
}

async fn attempt(client: &mut Client) -> Result<(), tokio_postgres::Error> {
    let transaction = client.transaction().await?;
    // As for any change of tables: one node does it, and who waits for it finds it done.
    transaction.execute("SELECT FROM format WHERE one FOR UPDATE", &[]).await?;
    if !says(&transaction, IS_BUILT).await? {
        transaction.batch_execute(&TABLES.map(built).concat()).await?;
    }
    transaction.commit().await
}

async fn says(client: &impl GenericClient, sql: &str) -> Result<bool, tokio_postgres::Error> {
    client.query_one(sql, &[]).await?.try_get(0)
}

#[cfg(test)]
mod tests;
