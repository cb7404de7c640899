//! How nodes hear of each other's changes: a commit that changes catalogue rows says in the same transaction which
//! (`NOTIFY`), and each node has a connection that listens.
//!
//! Nothing may be missed unnoticed. The database hands on an announcement before the commit is acknowledged, and a
//! connection that asks for something afterwards is told of it before it has its answer. So a question now and then, a
//! beat, tells up to when all has been heard: `cache.rs` keeps rows for longer while that is a moment ago, and otherwise as
//! if there were no announcements. Whoever begins to listen forgets everything.

use std::sync::Arc;
use std::time::Duration;

use placet_ambient::{Entropy, Stopwatch};
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_postgres::error::SqlState;

use crate::budgets::{BEAT, BEAT_IDLE, BEAT_SILENCE, FIRST_PAUSE, LONGEST_PAUSE, NO_ANNOUNCEMENTS};
use crate::cache::FRESH;
use crate::link::{Failure, Link};
use crate::wall::About;
use crate::work::{Database, silent};

/// Where changes are announced; the number is that of the way in which `cache.rs` counts places.
pub(crate) const CHANNEL: &str = "placet_changed_1";
const LISTEN: &str = "LISTEN placet_changed_1";
pub(crate) const ANNOUNCE: &str = "SELECT pg_notify($1, $2)";

/// What the connections of a node are called that announces its changes, and of one that does not, as those of releases
/// before there were announcements.
pub(crate) const ANNOUNCING: &str = "placet announcing";
pub(crate) const SILENT: &str = "placet";

/// A beat asks at the same time whether everybody who may change something announces it.
const BEAT_SAYS: &str = "SELECT NOT EXISTS (SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'placet')";

/// Whether the database knows announcements. A node that fails to find out must not serve: it would change what others keep.
pub(crate) async fn is_known(link: &Link) -> Result<bool, Failure> {
    match link.query(About::Nothing, ANNOUNCE, &[&CHANNEL, &""]).await {
        Ok(_) => Ok(true),
        Err(failure) if failure.code.as_ref().is_some_and(says_unknown) => Ok(false),
        Err(failure) => Err(failure),
    }
}

fn says_unknown(code: &SqlState) -> bool {
    [SqlState::FEATURE_NOT_SUPPORTED, SqlState::UNDEFINED_FUNCTION, SqlState::SYNTAX_ERROR].contains(code)
}

/// Listens for as long as the store is open.
pub(crate) async fn listen(database: Arc<Database>) {
    let mut pause = FIRST_PAUSE;
    loop {
        let ended = hear(&database).await;
        database.cache.is_deaf();
        match ended {
            Ended::Lost => pause = FIRST_PAUSE,
            Ended::Away(failure) => {
                tracing::debug!(source = failure.text, "nothing is heard of other nodes' changes");
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            // Something between here and the database hands connections on from one statement to the next, or the database
            // announces in its own time.
            Ended::NothingComes => pause = NO_ANNOUNCEMENTS,
        }
        tokio::time::sleep(pause).await;
    }
}

enum Ended {
    /// The connection, after all was well.
    Lost,
    Away(Failure),
    /// What is announced does not arrive.
    NothingComes,
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self::Away(failure)
    }
}

async fn hear(database: &Database) -> Ended {
    match listening(database).await {
        Ok(link) => {
            let _open = database.counted(|pool| &pool.open);
            beats(&link, database).await;
            Ended::Lost
        }
        Err(ended) => ended,
    }
}

/// A connection that listens, and is proven to hear what others announce: while it does nothing, since one that is lent for
/// each statement hears nothing then, and before the answer to what it asks afterwards.
async fn listening(database: &Database) -> Result<Link, Ended> {
    let (word, arrived) = (Entropy::system().identifier(), Arc::new(Notify::new()));
    let (cache, expected, arrives) = (database.cache.clone(), word.clone(), arrived.clone());
    let heard = move |announcement: &str| match announcement == expected {
        true => arrives.notify_one(),
        false => cache.told(announcement),
    };
    let link = Link::hearing(database, heard).await?;
    in_time(link.bare(LISTEN)).await?;
    let other = Link::connect(database).await?;
    in_time(other.query(About::Nothing, ANNOUNCE, &[&CHANNEL, &word])).await?;
    let idle = timeout(BEAT_SILENCE, arrived.notified()).await;
    in_time(other.query(About::Nothing, ANNOUNCE, &[&CHANNEL, &word])).await?;
    beat(&link).await?;
    let in_order = timeout(Duration::ZERO, arrived.notified()).await;
    if idle.is_ok() && in_order.is_ok() { Ok(link) } else { Err(Ended::NothingComes) }
}

/// Asks again and again, until there is no answer. Where nobody wants to know, it only sees to it that the connection lives.
async fn beats(link: &Link, database: &Database) {
    let cache = &database.cache;
    let (mut whole, mut last) = (false, Stopwatch::start());
    loop {
        if cache.is_wanted() || last.elapsed() >= BEAT_IDLE {
            // Somebody may have come and gone who announces nothing.
            whole &= last.elapsed() < FRESH;
            last = Stopwatch::start();
            let Ok(all_announce) = beat(link).await else { return };
            if all_announce && !whole {
                cache.forget_all();
            }
            match all_announce {
                true => cache.heard_all(last),
                false => cache.is_deaf(),
            }
            whole = all_announce;
        }
        tokio::time::sleep(BEAT).await;
    }
}

/// Whether all announce their changes.
async fn beat(link: &Link) -> Result<bool, Failure> {
    let rows = in_time(link.query(About::Nothing, BEAT_SAYS, &[])).await?;
    rows.first().map_or(Ok(false), |row| Ok(row.try_get(0)?))
}

async fn in_time<T>(answer: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    timeout(BEAT_SILENCE, answer).await.unwrap_or_else(|_| Err(silent()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

    use super::*;
    use crate::schema::tests::{database, runtime};

    /// What the cache relies on.
    #[test]
    fn an_announcement_is_heard_before_the_answer_to_what_is_asked_after_it() {
        let Some(config) = database() else { return };
        runtime().block_on(async {
            let database = Database::new(&config).unwrap();
            for _ in 0..5 {
                assert!(listening(&database).await.is_ok());
            }
            let last = Arc::new(std::sync::atomic::AtomicUsize::new(0));
            let heard = last.clone();
            let told = move |said: &str| {
                heard.store(said.parse().unwrap(), std::sync::atomic::Ordering::Release);
            };
            let (link, other) =
                (Link::hearing(&database, told).await.unwrap(), Link::connect(&database).await.unwrap());
            link.bare(LISTEN).await.unwrap();
            for number in 1..1_000_usize {
                other.query(About::Nothing, ANNOUNCE, &[&CHANNEL, &number.to_string()]).await.unwrap();
                beat(&link).await.unwrap();
                assert_eq!(last.load(std::sync::atomic::Ordering::Acquire), number);
            }
        });
    }
}
