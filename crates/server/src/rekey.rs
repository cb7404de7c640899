//! Other keys for the store of a server: by a command, beside nodes or while nobody serves, or by the server that has the
//! store open alone, when a command has asked it to.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use placet_ambient::Entropy;
use placet_engine::Engine;
use placet_store::{Around, BoxFuture, Counted, Progress};
use tokio::sync::watch;

use crate::api::Api;
use crate::config::Config;
use crate::master_key;
use crate::serve::write_private;

/// Where a command asks the server, and where the server says how far it has come.
const REQUEST: &str = "rekey.request";
const STATUS: &str = "rekey.status";
/// Between two looks for a request.
const LOOK: Duration = Duration::from_secs(1);

/// What the command wants: the present master key alone, or the keys of all rows too.
const MASTER_KEY: &str = "master key";
const ROWS: &str = "rows";

/// What is outside of a re-keying.
struct Here<'a> {
    entropy: &'a Entropy,
    alone: bool,
    tell: &'a (dyn Fn(&str) + Sync),
}

impl Around for Here<'_> {
    fn random(&self, bytes: &mut [u8]) {
        self.entropy.fill(bytes);
    }

    fn pause(&self, time: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(time))
    }

    fn is_alone(&self) -> bool {
        self.alone
    }

    fn told(&self, progress: Progress) {
        (self.tell)(&match progress {
            Progress::Wrapped => "the present master key wraps the keys of the store".to_owned(),
            Progress::Waits(time) => format!("waits for {} s, until every node knows", time.as_secs()),
            Progress::Rows(counted) => rows(&counted),
        });
    }
}

fn rows(counted: &Counted) -> String {
    let Counted { looked_at, sealed_anew, unreadable } = counted;
    let text = format!("{looked_at} rows looked at, {sealed_anew} sealed anew");
    if *unreadable == 0 { text } else { format!("{text}, {unreadable} that no key opens") }
}

/// Has the present master key wrap the keys of the store, and replaces those that seal where `all` says so; what came of it.
///
/// # Errors
/// Why it was not carried through. It may be tried again, and goes on where it stopped.
pub async fn run(
    (engine, config): (&Engine, &Config),
    all: bool,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<String, String> {
    let here = Here { entropy: &config.ambient.entropy, alone: config.postgres.is_none(), tell };
    let counted = engine.rekey(&here, all).await.map_err(|e| e.to_string())?;
    Ok(match all {
        true => format!("{}; no former key opens anything any more", rows(&counted)),
        false => "no row was touched; former master keys open nothing any more".to_owned(),
    })
}

/// What a server has said of the re-keying that it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    Running(String),
    Done(String),
    Failed(String),
}

/// Asks the server that has the store of `directory` open.
///
/// # Errors
/// When that cannot be written down.
pub fn ask(directory: &Path, all: bool) -> io::Result<()> {
    let _ = fs::remove_file(directory.join(STATUS));
    write_private(&directory.join(REQUEST), if all { ROWS } else { MASTER_KEY })
}

/// What the server has said last, if anything.
pub fn status(directory: &Path) -> Option<Status> {
    let text = fs::read_to_string(directory.join(STATUS)).ok()?;
    let (word, rest) = text.split_once(": ")?;
    let rest = rest.to_owned();
    match word {
        "running" => Some(Status::Running(rest)),
        "done" => Some(Status::Done(rest)),
        "failed" => Some(Status::Failed(rest)),
        _ => None,
    }
}

/// Does what commands ask for, until told to stop. A request stays until it is done: a server that starts goes on with it.
pub(crate) async fn attend(api: &Api, config: &Config, mut stop: watch::Receiver<bool>) {
    if config.postgres.is_some() {
        return;
    }
    let (request, status) = (config.directory.join(REQUEST), config.directory.join(STATUS));
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.changed() => return,
        }
        let Ok(wanted) = fs::read_to_string(&request) else { continue };
        let done = tokio::select! {
            done = answered(api, config, wanted.trim() == ROWS) => done,
            _ = stop.changed() => return,
        };
        // Whoever asks again gets an answer of their own.
        let removed = fs::remove_file(&request);
        say(&status, done);
        if let Err(error) = removed {
            tracing::error!(%error, "a request for re-keying stays, and is not looked at any more");
            return;
        }
    }
}

async fn answered(api: &Api, config: &Config, all: bool) -> Status {
    let status = config.directory.join(STATUS);
    let tell = |text: &str| say(&status, Status::Running(text.to_owned()));
    let outcome = match master_key::load(config, true).await {
        Ok(masters) => {
            api.engine().learn(masters);
            run((api.engine(), config), all, &tell).await
        }
        Err(error) => Err(error.to_string()),
    };
    match outcome {
        Ok(done) => {
            tracing::warn!(done, "the store was re-keyed");
            Status::Done(done)
        }
        Err(source) => {
            tracing::error!(source, "the store was not re-keyed");
            Status::Failed(source)
        }
    }
}

fn say(path: &Path, status: Status) {
    let text = match status {
        Status::Running(text) => format!("running: {text}"),
        Status::Done(text) => format!("done: {text}"),
        Status::Failed(text) => format!("failed: {text}"),
    };
    if let Err(error) = write_private(path, &text) {
        tracing::warn!(%error, "how far the re-keying has come cannot be said");
    }
}
