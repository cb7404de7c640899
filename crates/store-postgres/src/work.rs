//! What waits for the database, and what takes it there: a few connections for each kind of work, each of which takes
//! what has queued while it was busy.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex as StdMutex, MutexGuard, PoisonError};

use placet_ambient::Stopwatch;
use placet_base::Timestamp;
use placet_store::{
    Change, CommitError, Id, IndexKey, Key, Layout, Meter, Page, Pool, Row, Scanned, Swept, Unavailable,
};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_postgres::error::SqlState;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::budgets::{AWAY, FIRST_PAUSE, LONGEST_PAUSE, PATIENCE, SILENCE, WAITING};
use crate::cache::Cache;
use crate::commit::{ATTEMPTS, Insert};
use crate::config::PostgresConfig;
use crate::hosts::Hosts;
use crate::link::{Failure, Link, Meaning, Sent, in_order};
use crate::sweep::{self, Sizes};
use crate::{OpenError, announce, cache, commit, find, scan};

/// The answer to whoever waits.
pub(crate) type Answer<T> = oneshot::Sender<Result<T, Failure>>;

/// The same for whoever commits.
pub(crate) type Outcome = oneshot::Sender<Result<(), CommitError>>;

pub(crate) enum Job {
    Get(Key, Answer<Option<Row>>),
    /// A batch that is one new row of the log: many of those are one statement.
    Insert(Insert, Outcome),
    Commit(Vec<Change>, Outcome),
    Find(IndexKey, Page, Answer<placet_store::Rows>),
    FindOne(IndexKey, Answer<Option<(Id, Row)>>),
    Scan(Layout, Option<Key>, usize, Answer<Vec<Scanned>>),
    Sweep(Timestamp, usize, Answer<Swept>),
    Health(Answer<()>),
    /// Whether anything can be written.
    Try(Answer<()>),
    Measure(Answer<Sizes>),
}

impl Job {
    fn refuse(self, why: Failure) {
        match self {
            Self::Get(_, answer) => drop(answer.send(Err(why))),
            Self::Insert(_, answer) | Self::Commit(_, answer) => drop(answer.send(Err(why.outcome()))),
            Self::Find(_, _, answer) => drop(answer.send(Err(why))),
            Self::FindOne(_, answer) => drop(answer.send(Err(why))),
            Self::Scan(_, _, _, answer) => drop(answer.send(Err(why))),
            Self::Sweep(_, _, answer) => drop(answer.send(Err(why))),
            Self::Health(answer) | Self::Try(answer) => drop(answer.send(Err(why))),
            Self::Measure(answer) => drop(answer.send(Err(why))),
        }
    }
}

/// A job, and since when it waits.
struct Queued {
    job: Job,
    since: Stopwatch,
}

/// Where work of one kind waits.
#[derive(Clone)]
pub(crate) struct Queue {
    jobs: mpsc::Sender<Queued>,
    waiting: Arc<Waiting>,
}

impl Queue {
    /// Makes the queue, and starts `workers` that each take so many jobs `together`.
    pub(crate) fn start((workers, together): (usize, usize), to: &Arc<Database>) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        let (jobs, again) = (Mutex::new(receiver), sender.downgrade());
        let (connected, away) = (AtomicUsize::new(0), StdMutex::new(None));
        let waiting = Arc::new(Waiting { jobs, again, together, connected, away });
        for _ in 0..workers {
            tokio::spawn(work(waiting.clone(), to.clone()));
        }
        Self { jobs: sender, waiting }
    }

    /// Asks for something that changes nothing, or may be done twice: once more where the connection has ended meanwhile, and
    /// again where others were in the way.
    pub(crate) async fn ask<T>(&self, job: impl Fn(Answer<T>) -> Job) -> Result<T, Unavailable> {
        let once = async || {
            let (answer, answered) = oneshot::channel();
            self.push(job(answer))?;
            answered.await.unwrap_or_else(|_| Err(silent()))
        };
        let (mut done, mut lost) = (once().await, false);
        for _ in 1..ATTEMPTS {
            match done.as_ref().map_err(|failure| failure.meaning) {
                Err(Meaning::Again) => {}
                Err(Meaning::Lost) if !lost => lost = true,
                _ => break,
            }
            done = once().await;
        }
        done.map_err(|failure| failure.unavailable())
    }

    pub(crate) fn push(&self, job: Job) -> Result<(), Failure> {
        if let Some(why) = self.waiting.away() {
            return Err(why);
        }
        self.jobs.try_send(Queued { job, since: Stopwatch::start() }).map_err(|refused| match refused {
            TrySendError::Full(_) => Failure::crowded(),
            TrySendError::Closed(_) => silent(),
        })
    }
}

/// What is said for a database that does not.
pub(crate) fn silent() -> Failure {
    Failure::text("the database did not answer")
}

/// The database, as every connection knows it.
pub(crate) struct Database {
    /// Where the password is.
    pub(crate) given: PostgresConfig,
    pub(crate) hosts: Hosts,
    /// `None` between processes of one machine.
    pub(crate) tls: Option<MakeRustlsConnect>,
    pub(crate) cache: Arc<Cache>,
    pub(crate) meter: Arc<Meter>,
    /// Whether changes are announced to other nodes: unless the database is found to know nothing of that.
    announces: AtomicBool,
}

impl Database {
    /// What its connections are called.
    pub(crate) fn name(&self) -> &'static str {
        if self.announces() { announce::ANNOUNCING } else { announce::SILENT }
    }

    pub(crate) fn announces(&self) -> bool {
        self.announces.load(Ordering::Relaxed)
    }

    /// Finds out what the database knows.
    pub(crate) async fn learn(&self, link: &Link) -> Result<(), Failure> {
        self.announces.store(announce::is_known(link).await?, Ordering::Relaxed);
        Ok(())
    }

    /// Counts one connection for as long as it is open, or at work.
    pub(crate) fn counted(&self, of: fn(&Pool) -> &AtomicUsize) -> Counted<'_> {
        let count = self.meter.pool.as_ref().map(of);
        if let Some(count) = count {
            count.fetch_add(1, Ordering::Relaxed);
        }
        Counted(count)
    }
}

pub(crate) struct Counted<'a>(Option<&'a AtomicUsize>);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        if let Some(count) = self.0 {
            count.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Database {
    pub(crate) fn new(config: &PostgresConfig) -> Result<Self, OpenError> {
        let given = config.clone();
        let (config, tls) = config.resolved().map_err(OpenError::Config)?;
        let meter = Arc::new(Meter { pool: Some(Pool::default()), ..Meter::default() });
        let (cache, announces) = (Arc::new(Cache::new()), AtomicBool::new(true));
        Ok(Self { given, hosts: Hosts::of(&config), tls, cache, meter, announces })
    }
}

struct Waiting {
    jobs: Mutex<mpsc::Receiver<Queued>>,
    /// Where a job goes back to that a dead connection has taken.
    again: mpsc::WeakSender<Queued>,
    together: usize,
    connected: AtomicUsize,
    /// Why attempts to connect fail, once they have for a while.
    away: StdMutex<Option<Failure>>,
}

impl Waiting {
    /// The next job, and those behind it that may go with it. Empty when nobody will ask any more.
    async fn next(&self) -> Vec<Queued> {
        let mut jobs = self.jobs.lock().await;
        let mut taken = Vec::with_capacity(1);
        jobs.recv_many(&mut taken, self.together).await;
        taken
    }

    fn put_back(&self, jobs: Vec<Queued>) {
        let again = self.again.upgrade();
        for queued in jobs {
            match again.as_ref().and_then(|again| again.try_reserve().ok()) {
                Some(place) => place.send(queued),
                None => queued.job.refuse(silent()),
            }
        }
    }

    /// Why there is no database for anybody. Before the first attempt has come to something, nobody knows.
    fn away(&self) -> Option<Failure> {
        if self.connected.load(Ordering::Acquire) > 0 {
            return None;
        }
        self.tried().clone()
    }

    fn tried(&self) -> MutexGuard<'_, Option<Failure>> {
        self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells those that wait that there is no database, if there is none for anybody.
    async fn refuse(&self, why: &Failure) {
        let Ok(mut jobs) = self.jobs.try_lock() else { return };
        while self.connected.load(Ordering::Acquire) == 0 {
            let Ok(queued) = jobs.try_recv() else { return };
            queued.job.refuse(why.clone());
        }
    }
}

/// Keeps one connection, as long as anybody may ask.
async fn work(waiting: Arc<Waiting>, database: Arc<Database>) {
    let mut pause = FIRST_PAUSE;
    loop {
        match Link::connect(&database).await {
            Ok(link) => {
                pause = FIRST_PAUSE;
                *waiting.tried() = None;
                waiting.connected.fetch_add(1, Ordering::AcqRel);
                let open = database.counted(|pool| &pool.open);
                let ended = serve(&waiting, &link, &database).await;
                drop(open);
                waiting.connected.fetch_sub(1, Ordering::AcqRel);
                match ended {
                    Ended::Closed => return,
                    Ended::Lost => {}
                    // That was long enough for those, too, who have waited behind it.
                    Ended::Silent => {
                        *waiting.tried() = Some(silent());
                        waiting.refuse(&silent()).await;
                    }
                }
            }
            Err(failure) => {
                // Whoever asks is told, and says it once for all of these.
                tracing::debug!(source = failure.text, "the database cannot be reached");
                // What is over in a moment is waited for; what has gone on for a while, nobody waits for any more.
                if pause >= AWAY {
                    *waiting.tried() = Some(failure.clone());
                }
                waiting.refuse(&failure).await;
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Why a connection is not worked on any more.
enum Ended {
    /// Nobody will ask.
    Closed,
    Lost,
    /// It does not answer.
    Silent,
}

/// Works until the connection is of no use any more, or nobody will ask.
async fn serve(waiting: &Waiting, link: &Link, database: &Database) -> Ended {
    loop {
        let jobs = waiting.next().await;
        if jobs.is_empty() {
            return Ended::Closed;
        }
        if link.is_lost() {
            waiting.put_back(jobs);
            return Ended::Lost;
        }
        // The database ends what takes too long; that it says nothing at all is the network's doing.
        let _busy = database.counted(|pool| &pool.busy);
        if tokio::time::timeout(SILENCE, done(link, database, in_time(jobs))).await.is_err() {
            return Ended::Silent;
        }
    }
}

/// What has not waited for longer than anybody does; the rest is refused.
fn in_time(jobs: Vec<Queued>) -> Vec<Job> {
    let mut in_time = Vec::with_capacity(jobs.len());
    for Queued { job, since } in jobs {
        match since.elapsed() > PATIENCE {
            true => job.refuse(Failure::crowded()),
            false => in_time.push(job),
        }
    }
    in_time
}

/// Writes a row as it is. Whoever migrates holds it, and writes.
const WRITE_NOTHING: &str = "
    WITH free AS (SELECT one FROM format WHERE one FOR UPDATE SKIP LOCKED)
    UPDATE format SET format = format.format FROM free WHERE format.one = free.one";

/// Writes a few hundred kilobytes beside the tables, which go when it is done: what is counted has no room in so little memory.
const TAKE_ROOM: &str = "SET LOCAL work_mem = '64kB'; SELECT count(*) FROM generate_series(1, 20000)";

/// Whether anything can be written. A row that is there may be written on a disk that has no room for a new one.
async fn tried(link: &Link) -> Result<(), Failure> {
    match link.bare(TAKE_ROOM).await {
        Err(failure) if failure.code == Some(SqlState::DISK_FULL) => Err(failure),
        // Others know no such setting, or keep what they count elsewhere.
        _ => link.bare(WRITE_NOTHING).await,
    }
}

async fn done(link: &Link, database: &Database, jobs: Vec<Job>) {
    let (mut rows, mut inserts, mut waits) = (Rows::default(), Inserts::default(), Vec::new());
    for job in jobs {
        let wait: Sent<'_> = match job {
            Job::Get(key, answer) => match rows.take(key, answer) {
                Some((key, answer)) => {
                    Box::pin(async move { reply(answer, find::catalogue_row(link, &key).await) })
                }
                None => continue,
            },
            Job::Insert(insert, answer) => {
                inserts.take(insert, answer);
                continue;
            }
            Job::Commit(batch, answer) => Box::pin(committed(link, database, batch, answer)),
            Job::Find(index, page, answer) => {
                Box::pin(async move { reply(answer, find::rows(link, &index, page).await) })
            }
            Job::FindOne(index, answer) => {
                Box::pin(async move { reply(answer, find::holder(link, &index).await) })
            }
            Job::Scan(layout, after, max, answer) => {
                Box::pin(async move { reply(answer, scan::rows(link, layout, after, max).await) })
            }
            Job::Sweep(before, max, answer) => {
                Box::pin(async move { reply(answer, sweep::swept(link, before, max).await) })
            }
            Job::Health(answer) => Box::pin(async move { reply(answer, link.bare("SELECT 1").await) }),
            Job::Measure(answer) => Box::pin(async move { reply(answer, sweep::sizes(link).await) }),
            Job::Try(answer) => Box::pin(async move { reply(answer, tried(link).await) }),
        };
        waits.push(wait);
    }
    waits.extend(rows.0.into_iter().map(|(of, reads)| Box::pin(read(link, of, reads)) as Sent<'_>));
    waits.extend(
        inserts.0.into_iter().map(|(of, rows)| Box::pin(inserted(link, database, of, rows)) as Sent<'_>),
    );
    in_order(waits).await;
}

fn reply<T>(answer: Answer<T>, result: Result<T, Failure>) {
    let _ = answer.send(result);
}

async fn committed(link: &Link, database: &Database, batch: Vec<Change>, answer: Outcome) {
    let begun = Stopwatch::start();
    let announced = database.announces().then(|| cache::announcement(&batch)).flatten();
    let result = commit::apply(link, &batch, announced).await;
    database.meter.committed(1, begun.elapsed());
    // Also where it conflicts: then another node has changed a row that is kept here as it was before.
    let of_catalogue = |key: &&Key| key.kind.layout == Layout::Catalogue;
    database.cache.forget(batch.iter().map(Change::key).filter(of_catalogue));
    let _ = answer.send(result);
}

/// A kind and a service.
type Of = (&'static str, i64);
/// The number of a row of the log, and who wants it.
type Read = (i64, Answer<Option<Row>>);

/// Rows of the log that are wanted; those of one kind and service are read by one statement.
#[derive(Default)]
struct Rows(HashMap<Of, Vec<Read>>);

impl Rows {
    /// Gives back what is no row of the log.
    fn take(&mut self, key: Key, answer: Answer<Option<Row>>) -> Option<(Key, Answer<Option<Row>>)> {
        match (key.kind.layout, &key.id) {
            (Layout::Log, Id::Number(number)) => {
                self.0.entry((key.kind.name, key.service)).or_default().push((*number, answer));
                None
            }
            (Layout::Log, Id::Name(_)) => {
                reply(answer, Ok(None));
                None
            }
            (Layout::Catalogue, _) => Some((key, answer)),
        }
    }
}

async fn read(link: &Link, of: Of, reads: Vec<Read>) {
    let numbers = reads.iter().map(|(number, _)| *number).collect();
    let found = find::log_rows(link, of, numbers).await;
    for (number, answer) in reads {
        reply(answer, found.as_ref().map(|rows| rows.get(&number).cloned()).map_err(Failure::clone));
    }
}

/// Rows of the log that are to be inserted; those of one kind and service are inserted by one statement.
#[derive(Default)]
struct Inserts(HashMap<Of, Vec<(Insert, Outcome)>>);

impl Inserts {
    fn take(&mut self, insert: Insert, answer: Outcome) {
        let group = self.0.entry((insert.kind, insert.service)).or_default();
        // One statement would insert one of them, and say that the number is there.
        if group.iter().any(|(other, _)| other.number == insert.number) {
            let _ = answer.send(Err(CommitError::Conflict));
        } else {
            group.push((insert, answer));
        }
    }
}

async fn inserted(link: &Link, database: &Database, of: Of, group: Vec<(Insert, Outcome)>) {
    let (rows, answers): (Vec<_>, Vec<_>) = group.into_iter().unzip();
    let begun = Stopwatch::start();
    let done = commit::insert_many(link, of, &rows).await;
    database.meter.committed(rows.len(), begun.elapsed());
    for (row, answer) in rows.iter().zip(answers) {
        let _ = answer.send(match &done {
            Ok(numbers) if numbers.contains(&row.number) => Ok(()),
            Ok(_) => Err(CommitError::Conflict),
            Err(failure) => Err(failure.outcome()),
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

    use std::time::Duration;

    use placet_store::contract::wait;

    use super::*;

    /// A row that was sealed long ago is not committed any more: its key may be gone.
    #[test]
    fn what_has_waited_for_long_is_refused() {
        let commit = |since| {
            let (answer, answered) = oneshot::channel();
            (Queued { job: Job::Commit(Vec::new(), answer), since }, answered)
        };
        let (old, refused) = commit(Stopwatch::start());
        std::thread::sleep(PATIENCE + Duration::from_millis(50));
        let (new, _answered) = commit(Stopwatch::start());
        assert_eq!(in_time(vec![old, new]).len(), 1);
        let said = wait(refused).unwrap();
        assert!(matches!(said, Err(CommitError::Unavailable(Unavailable::Busy(_)))), "{said:?}");
    }
}
