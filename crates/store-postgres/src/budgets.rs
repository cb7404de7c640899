//! What a database may be asked to do at once.

use std::time::Duration;

/// Connections that read rows by their keys, that insert many rows together, that write anything else, and that read
/// lists and sweep.
pub(crate) const READERS: usize = 4;
pub(crate) const INSERTERS: usize = 2;
pub(crate) const WRITERS: usize = 8;
pub(crate) const LISTERS: usize = 2;
/// All of them, and the one that listens.
pub const CONNECTIONS: usize = READERS + INSERTERS + WRITERS + LISTERS + 1;
/// How much may wait for those of one purpose; what comes then is refused.
pub const WAITING: usize = 4_096;
/// For how long: then it is refused. What has been sealed is committed within this, [`SILENCE`] and [`STATEMENT`], or never, and a
/// key that seals goes no sooner (`placet_store::rekey`).
pub(crate) const PATIENCE: Duration = Duration::from_secs(PATIENCE_SECONDS as u64);
pub const PATIENCE_SECONDS: usize = 4;
/// Rows that are read, or inserted, by one statement.
pub(crate) const TOGETHER: usize = 64;
/// How long one statement may take.
pub(crate) const STATEMENT: Duration = Duration::from_secs(10);
/// How long each host of the database may take to accept a connection.
pub(crate) const CONNECT: Duration = Duration::from_secs(5);
/// How long it may say nothing before its connection is given up.
pub(crate) const SILENCE: Duration = Duration::from_secs(15);
/// How long a statement waits for a row that another transaction holds.
pub(crate) const LOCK: Duration = Duration::from_secs(2);
/// Between attempts to connect: the first pause, and the longest.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_millis(50);
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// The pause with which a database counts as away: what comes then is refused without waiting for the next attempt.
pub(crate) const AWAY: Duration = Duration::from_millis(400);
/// How often the connection that listens asks whether it has heard all: while that matters, and otherwise.
pub(crate) const BEAT: Duration = Duration::from_millis(150);
pub(crate) const BEAT_IDLE: Duration = Duration::from_secs(5);
/// How long it waits for the answer, and for what is announced to it.
pub(crate) const BEAT_SILENCE: Duration = Duration::from_secs(2);
/// The pause before it is tried again whether announcements arrive where they did not.
pub(crate) const NO_ANNOUNCEMENTS: Duration = Duration::from_secs(60);
