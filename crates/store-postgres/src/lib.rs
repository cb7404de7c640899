//! The backend of many nodes: a PostgreSQL database that all of them share. It decides whether a change is applied; what
//! a node keeps in memory is for a moment.
//!
//! What waits for the database waits in queues with an end; a few connections take from them what has come together
//! meanwhile, so that many rows are read or inserted by one statement. They live on a thread of their own.

mod announce;
mod budgets;
mod cache;
mod commit;
mod config;
mod find;
mod hosts;
mod link;
mod scan;
mod schema;
mod sweep;
mod wall;
mod work;

use std::sync::Arc;

use placet_base::Timestamp;
use placet_store::format::{Plan, Refused, Step};
use placet_store::{
    BoxFuture, Change, CommitError, Id, IndexKey, Key, Layout, Meter, Page, Row, Rows, Scanned, Store, Swept,
    Unavailable,
};
use tokio::sync::oneshot;

pub use budgets::{CONNECTIONS, PATIENCE_SECONDS, WAITING};
pub use config::{ConfigError, PostgresConfig};

use budgets::{INSERTERS, LISTERS, READERS, TOGETHER, WRITERS};
use cache::Cache;
use commit::Insert;
use link::Link;
use schema::Others;
use work::{Database, Job, Queue};

/// Why a store could not be opened.
#[derive(Debug)]
pub enum OpenError {
    /// The tables are of another release, and this one must not serve them as they are.
    Format(Refused),
    Config(ConfigError),
    /// What the database, or the way to it, says.
    Database(String),
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Format(refused) => refused.fmt(f),
            Self::Config(error) => error.fmt(f),
            Self::Database(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<Refused> for OpenError {
    fn from(refused: Refused) -> Self {
        Self::Format(refused)
    }
}

impl From<tokio_postgres::Error> for OpenError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Database(link::Failure::from(error).text)
    }
}

/// An open store.
pub struct Postgres {
    cache: Arc<Cache>,
    reads: Queue,
    inserts: Queue,
    writes: Queue,
    lists: Queue,
    meter: Arc<Meter>,
    /// Ends the thread of the connections when the store is dropped.
    _open: oneshot::Sender<()>,
}

impl Postgres {
    /// Connects, and brings the tables to the format of this release where nodes of former ones can go on with that.
    ///
    /// # Errors
    /// When the database cannot be reached, or this release must not serve it as it is.
    pub async fn open(config: &PostgresConfig) -> Result<Self, OpenError> {
        Self::open_at(config, schema::STEPS).await
    }

    async fn open_at(config: &PostgresConfig, steps: &'static [Step]) -> Result<Self, OpenError> {
        let database = Arc::new(Database::new(config)?);
        let (cache, meter) = (database.cache.clone(), database.meter.clone());
        let (opened, waits) = oneshot::channel();
        let (open, closed) = oneshot::channel();
        let thread = std::thread::Builder::new().name("placet-postgres".to_owned());
        thread
            .spawn(move || run(&database, steps, opened, closed))
            .map_err(|e| OpenError::Database(format!("no thread for the connections: {e}")))?;
        let [reads, inserts, writes, lists] =
            waits.await.map_err(|_| OpenError::Database("the connections have ended".to_owned()))??;
        Ok(Self { cache, reads, inserts, writes, lists, meter, _open: open })
    }
}

/// What this release would do to the tables; nothing is done.
///
/// # Errors
/// When the database cannot be reached, or is of a later release that this one cannot read.
pub async fn plan(config: &PostgresConfig) -> Result<Plan, OpenError> {
    let mut link = linked(&Database::new(config)?).await?;
    schema::plan(link.client_mut(), schema::STEPS).await
}

/// Brings the tables to the format of this release; what was done.
///
/// # Errors
/// As those of [`plan`], and when nodes serve that could not go on.
pub async fn migrate(config: &PostgresConfig) -> Result<Plan, OpenError> {
    migrate_at(config, schema::STEPS).await
}

async fn migrate_at(config: &PostgresConfig, steps: &[Step]) -> Result<Plan, OpenError> {
    let database = Database::new(config)?;
    let mut link = linked(&database).await?;
    migrated(&mut link, &database, steps, Others::Stopped).await
}

async fn migrated(
    link: &mut Link,
    database: &Database,
    steps: &[Step],
    others: Others,
) -> Result<Plan, OpenError> {
    let plan = schema::migrate(link.client_mut(), steps, others).await?;
    if database.given.row_security {
        wall::build(link.client_mut()).await?;
    }
    Ok(plan)
}

type Queues = [Queue; 4];

/// The thread of the connections.
fn run(
    database: &Arc<Database>,
    steps: &[Step],
    opened: oneshot::Sender<Result<Queues, OpenError>>,
    closed: oneshot::Receiver<()>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => return drop(opened.send(Err(OpenError::Database(e.to_string())))),
    };
    runtime.block_on(async {
        let queues = open(database, steps).await;
        if opened.send(queues).is_ok() {
            let _ = closed.await;
        }
    });
}

async fn open(database: &Arc<Database>, steps: &[Step]) -> Result<Queues, OpenError> {
    let mut link = linked(database).await?;
    migrated(&mut link, database, steps, Others::Served).await?;
    database.learn(&link).await.map_err(|failure| OpenError::Database(failure.text))?;
    if database.announces() {
        tokio::spawn(announce::listen(database.clone()));
    }
    let workers = [(READERS, TOGETHER), (INSERTERS, TOGETHER), (WRITERS, 1), (LISTERS, 1)];
    Ok(workers.map(|workers| Queue::start(workers, database)))
}

async fn linked(database: &Database) -> Result<Link, OpenError> {
    Link::connect(database).await.map_err(|failure| OpenError::Database(failure.text))
}

impl Store for Postgres {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Row>, Unavailable>> {
        Box::pin(async move {
            if key.kind.layout == Layout::Log {
                return self.reads.ask(|answer| Job::Get(key.clone(), answer)).await;
            }
            if let Some(row) = self.cache.get(key) {
                return Ok(Some(row));
            }
            let begun = self.cache.begin(key);
            let row = self.reads.ask(|answer| Job::Get(key.clone(), answer)).await?;
            if let Some(row) = &row {
                self.cache.keep(key, row, begun);
            }
            Ok(row)
        })
    }

    fn find<'a>(&'a self, index: &'a IndexKey, page: Page) -> BoxFuture<'a, Result<Rows, Unavailable>> {
        Box::pin(self.lists.ask(move |answer| Job::Find(index.clone(), page, answer)))
    }

    fn find_one<'a>(&'a self, index: &'a IndexKey) -> BoxFuture<'a, Result<Option<(Id, Row)>, Unavailable>> {
        Box::pin(self.reads.ask(move |answer| Job::FindOne(index.clone(), answer)))
    }

    fn commit(&self, batch: Vec<Change>) -> BoxFuture<'_, Result<(), CommitError>> {
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            let pushed = match Insert::alone(batch) {
                Ok(insert) => self.inserts.push(Job::Insert(insert, answer)),
                Err(batch) => self.writes.push(Job::Commit(batch, answer)),
            };
            pushed.map_err(|failure| failure.outcome())?;
            answered.await.unwrap_or_else(|_| Err(work::silent().outcome()))
        })
    }

    fn scan<'a>(
        &'a self,
        layout: Layout,
        after: Option<&'a Key>,
        max: usize,
    ) -> BoxFuture<'a, Result<Vec<Scanned>, Unavailable>> {
        Box::pin(self.lists.ask(move |answer| Job::Scan(layout, after.cloned(), max, answer)))
    }

    fn sweep(&self, before: Timestamp, max: usize) -> BoxFuture<'_, Result<Swept, Unavailable>> {
        Box::pin(self.lists.ask(move |answer| Job::Sweep(before, max, answer)))
    }

    fn health(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        Box::pin(self.reads.ask(Job::Health))
    }

    fn writable(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        Box::pin(self.writes.ask(Job::Try))
    }

    fn meter(&self) -> Option<Arc<Meter>> {
        Some(self.meter.clone())
    }

    fn measure(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        Box::pin(async {
            let sizes = self.lists.ask(Job::Measure).await?;
            self.meter.log_rows.set(sizes.log_rows);
            self.meter.catalogue_rows.set(sizes.catalogue_rows);
            self.meter.first_end.set(sizes.first_end);
            Ok(())
        })
    }
}
