//! The one writer. It takes whatever has queued while the previous commit was synced, applies it in one
//! transaction, and answers everybody when that transaction is on disk.

use std::future::Future;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use placet_ambient::Stopwatch;
use placet_base::Timestamp;
use placet_store::{Change, CommitError, Key, Layout, Meter, Swept, Unavailable};
use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use crate::apply::{self, Failure, transaction};
use crate::cache::Cache;
use crate::readers::{Readers, unavailable};
use crate::recent::Recent;
use crate::stretches::{Look, Stretches};

/// The most batches of one transaction: bounds how long the first of them waits for the last.
const LARGEST_GROUP: usize = 512;

/// Commits between two looks at the log, and the pages (of 4 KiB) that it may have.
const GROUPS_BETWEEN_LOOKS: u64 = 256;
const LARGEST_LOG: i64 = 8192;

/// What may wait for the writer, changes and whatever else it does; one more is refused at once, because it would be
/// answered later than anybody waits.
pub const WAITING: usize = 4096;

enum Job {
    Commit {
        batch: Vec<Change>,
        answer: oneshot::Sender<Result<(), CommitError>>,
    },
    Sweep {
        before: Timestamp,
        max: usize,
        answer: oneshot::Sender<Result<Swept, Unavailable>>,
    },
    /// Whether anything can be written.
    Try {
        answer: oneshot::Sender<Result<(), Unavailable>>,
    },
}

/// The handle on the writer's thread. Dropping it lets the thread finish what has queued, and waits.
pub(crate) struct Writer {
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(
        connection: Connection,
        (cache, recent): (Arc<Cache>, Arc<Recent>),
        readers: Arc<Readers>,
        meter: Arc<Meter>,
    ) -> std::io::Result<Self> {
        let (jobs, queue) = sync_channel(WAITING);
        let work = move || {
            let stretches = Stretches::default();
            Loop { connection, cache, recent, readers, stretches, groups: 0, meter }.run(&queue)
        };
        let thread = std::thread::Builder::new().name("placet-writer".into()).spawn(work)?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    pub(crate) fn commit(&self, batch: Vec<Change>) -> impl Future<Output = Result<(), CommitError>> + use<> {
        let (answer, answered) = oneshot::channel();
        let sent = self.send(Job::Commit { batch, answer });
        async {
            sent.map_err(CommitError::Unavailable)?;
            answered.await.unwrap_or_else(|_| Err(CommitError::Unavailable(gone())))
        }
    }

    pub(crate) async fn sweep(&self, before: Timestamp, max: usize) -> Result<Swept, Unavailable> {
        self.ask(|answer| Job::Sweep { before, max, answer }).await
    }

    /// Writes something that changes nothing.
    pub(crate) async fn writable(&self) -> Result<(), Unavailable> {
        self.ask(|answer| Job::Try { answer }).await
    }

    async fn ask<T>(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<T, Unavailable>>) -> Job,
    ) -> Result<T, Unavailable> {
        let (answer, answered) = oneshot::channel();
        self.send(job(answer))?;
        answered.await.unwrap_or_else(|_| Err(gone()))
    }

    fn send(&self, job: Job) -> Result<(), Unavailable> {
        match self.jobs.as_ref().map(|jobs| jobs.try_send(job)) {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_))) => {
                Err(Unavailable::Busy("too much waits for the writer".to_owned()))
            }
            Some(Err(TrySendError::Disconnected(_))) | None => Err(gone()),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn gone() -> Unavailable {
    Unavailable::Away("the writer has stopped".to_owned())
}

/// A batch, and who waits for it.
type Waiting = (Vec<Change>, oneshot::Sender<Result<(), CommitError>>);

/// What has become of a batch, if its group is committed.
struct Applied {
    batch: Vec<Change>,
    answer: oneshot::Sender<Result<(), CommitError>>,
    outcome: Result<(), CommitError>,
}

struct Loop {
    connection: Connection,
    cache: Arc<Cache>,
    recent: Arc<Recent>,
    readers: Arc<Readers>,
    stretches: Stretches,
    /// Groups committed so far.
    groups: u64,
    meter: Arc<Meter>,
}

impl Loop {
    fn run(mut self, queue: &Receiver<Job>) {
        while let Ok(first) = queue.recv() {
            let mut group = vec![first];
            while group.len() < LARGEST_GROUP
                && let Ok(job) = queue.try_recv()
            {
                group.push(job);
            }
            self.work(group);
        }
    }

    fn work(&mut self, group: Vec<Job>) {
        let mut commits = Vec::with_capacity(group.len());
        for job in group {
            match job {
                Job::Commit { batch, answer } => commits.push((batch, answer)),
                Job::Sweep { before, max, answer } => {
                    let swept = self.sweep(before, max).map_err(|e| unavailable(&e));
                    let _ = answer.send(swept);
                }
                Job::Try { answer } => {
                    let _ = answer.send(self.write_nothing().map_err(|e| unavailable(&e)));
                }
            }
        }
        if !commits.is_empty() {
            self.commit(commits);
        }
    }

    fn commit(&mut self, batches: Vec<Waiting>) {
        let touched: Vec<Key> =
            batches.iter().flat_map(|(batch, _)| batch).filter_map(catalogue_key).collect();
        let mut applied = Vec::with_capacity(batches.len());
        let mut waiting = batches.into_iter();
        let begun = Stopwatch::start();
        self.recent.forget(waiting.as_slice().iter().flat_map(|(batch, _)| batch));
        let result = apply_group(&self.connection, &mut waiting, &mut applied);
        self.meter.committed(applied.len(), begun.elapsed());
        self.readers.committed();
        self.cache.forget(&touched);
        let mut answers = Vec::with_capacity(applied.len());
        let mut committed = Vec::with_capacity(applied.len());
        for Applied { batch, answer, outcome } in applied {
            let outcome = match &result {
                Err(e) => Err(CommitError::Unavailable(unavailable(e))),
                Ok(()) => outcome,
            };
            if outcome.is_ok() {
                committed.extend(batch);
            }
            answers.push((answer, outcome));
        }
        self.recent.remember(committed.into_iter());
        for (answer, outcome) in answers {
            let _ = answer.send(outcome);
        }
        // What fails here is tried again after the next commit, and nobody waits for it.
        let _ = self.start_log_anew();
    }

    /// Commits a page as it is: a disk that is full, or has become one to read from only, says so.
    fn write_nothing(&mut self) -> rusqlite::Result<()> {
        transaction(&self.connection, |connection| {
            let same: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
            connection.pragma_update(None, "user_version", same)
        })?;
        self.readers.committed();
        Ok(())
    }

    /// Moves the log into the main file when it has grown: most of it while others read, the rest in a
    /// pause, after which the log starts anew.
    fn start_log_anew(&mut self) -> rusqlite::Result<()> {
        let checkpoint = |connection: &Connection, mode: &str| -> rusqlite::Result<i64> {
            connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| row.get(1))
        };
        self.groups += 1;
        if !self.groups.is_multiple_of(GROUPS_BETWEEN_LOOKS) {
            return Ok(());
        }
        if checkpoint(&self.connection, "PASSIVE")? > LARGEST_LOG {
            self.readers.paused(|| checkpoint(&self.connection, "RESTART"))?;
        }
        Ok(())
    }

    /// Looks at one stretch of the log: at one that has something to remove, else at the first that is not known yet.
    fn sweep(&mut self, before: Timestamp, max: usize) -> rusqlite::Result<Swept> {
        let (before, most) = (before.millis(), i64::try_from(max).unwrap_or(i64::MAX));
        let after = self.stretches.end();
        let mut newest = 0;
        let (stretch, known) = match self.stretches.due(before) {
            Some(stretch) => (stretch, true),
            None => match unknown(&self.connection, after, most)? {
                Some((last, rows)) => {
                    newest = rows;
                    ((after, last), rows == max)
                }
                None => {
                    self.note_size(0, before);
                    return Ok(Swept { deleted: 0, more: false });
                }
            },
        };
        let deleted = self.remove(stretch, before)?;
        // The newest rows become a stretch when there are enough of them; until then they are looked at each time.
        if known {
            let look = look(&self.connection, stretch)?;
            self.stretches.note(stretch, &look, before, max);
        }
        self.note_size(if known { 0 } else { newest.saturating_sub(deleted) }, before);
        Ok(Swept { deleted, more: known })
    }

    /// The rows of all stretches, and the `newest`, which are in none. Of those nothing that had ended is left.
    fn note_size(&self, newest: usize, before: i64) {
        self.meter.log_rows.set(i64::try_from(self.stretches.rows() + newest).ok());
        self.meter.first_end.set(Some(self.stretches.first_due().unwrap_or(before)));
    }

    fn remove(&mut self, (after, last): (i64, i64), before: i64) -> rusqlite::Result<usize> {
        self.recent.forget_ended(before);
        let deleted = transaction(&self.connection, |connection| {
            connection
                .prepare_cached("DELETE FROM log WHERE number > ?1 AND number <= ?2 AND expires_at <= ?3")?
                .execute(params![after, last, before])
        })?;
        if deleted > 0 {
            self.readers.committed();
        }
        Ok(deleted)
    }
}

/// The rows behind `after`, `most` of them: the last one's number, and how many there are.
fn unknown(connection: &Connection, after: i64, most: i64) -> rusqlite::Result<Option<(i64, usize)>> {
    let sql = "SELECT max(number), count(*) FROM (SELECT number FROM log WHERE number > ?1 ORDER BY number LIMIT ?2)";
    let found = connection
        .prepare_cached(sql)?
        .query_row(params![after, most], |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, i64>(1)?)))?;
    Ok(found.0.zip(usize::try_from(found.1).ok()))
}

fn look(connection: &Connection, (after, last): (i64, i64)) -> rusqlite::Result<Look> {
    let sql = "SELECT count(*), min(expires_at) FROM log WHERE number > ?1 AND number <= ?2";
    connection.prepare_cached(sql)?.query_row(params![after, last], |row| {
        let rows = usize::try_from(row.get::<_, i64>(0)?).unwrap_or_default();
        Ok(Look { rows, first_end: row.get(1)? })
    })
}

fn catalogue_key(change: &Change) -> Option<Key> {
    Some(change.key().clone()).filter(|key| key.kind.layout == Layout::Catalogue)
}

/// Applies batch after batch; a conflict ends its own batch only, anything else the whole group. Every
/// batch taken from `waiting` leaves an answer, also when the group fails.
fn apply_group(
    connection: &Connection,
    waiting: &mut impl Iterator<Item = Waiting>,
    applied: &mut Vec<Applied>,
) -> rusqlite::Result<()> {
    let result = transaction(connection, |connection| {
        for (batch, answer) in waiting.by_ref() {
            let outcome = apply::batch(connection, &batch);
            let conflict = matches!(outcome, Err(Failure::Conflict));
            let said = if conflict { Err(CommitError::Conflict) } else { Ok(()) };
            applied.push(Applied { batch, answer, outcome: said });
            if let Err(Failure::Broken(e)) = outcome {
                return Err(e);
            }
        }
        Ok(())
    });
    applied.extend(waiting.map(|(batch, answer)| Applied { batch, answer, outcome: Ok(()) }));
    result
}

#[cfg(test)]
mod tests {
    use placet_store::contract::wait;

    use super::*;

    #[test]
    fn what_is_beyond_the_queue_is_refused_at_once() {
        let (jobs, queue) = sync_channel(1);
        let writer = Writer { jobs: Some(jobs), thread: None };
        let waits = writer.commit(Vec::new());
        let busy = wait(writer.commit(Vec::new()));
        assert!(matches!(busy, Err(CommitError::Unavailable(Unavailable::Busy(_)))), "{busy:?}");
        assert!(matches!(wait(writer.writable()), Err(Unavailable::Busy(_))));
        // Who waits is answered all the same, also when nobody is left to do it.
        drop(queue);
        assert!(matches!(wait(waits), Err(CommitError::Unavailable(Unavailable::Away(_)))));
        assert!(matches!(wait(writer.writable()), Err(Unavailable::Away(_))));
    }
}
