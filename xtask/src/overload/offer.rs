//! Requests that come when they come, whether or not those before have been answered: as those of many strangers do.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use placet_ambient::Stopwatch;
use placet_server::listen::runtime;
use tokio::sync::Semaphore;
use tokio::task::LocalSet;

use crate::bench::load::Connection;

/// How long whoever asks waits before giving up.
const PATIENCE: Duration = Duration::from_secs(30);
/// As many as may be waiting here: far more than a server takes from one address, and what a process may have open.
const WAITING: usize = 8_192;

/// Connections that are being opened at a time. Whoever waits for that takes one that has become idle meanwhile, as pools of
/// connections do: without an end, whoever asks would soon do nothing else but connect.
const OPENING: usize = 64;

/// What came of the requests of a time.
#[derive(Default)]
pub(super) struct Offer {
    /// When each that was answered had come, and how long after that it was.
    pub(super) accepted: Vec<(Duration, Duration)>,
    /// When each that was refused for now had come.
    pub(super) shed: Vec<Duration>,
    /// How many of these had to connect anew for it.
    pub(super) hung_up: usize,
    /// Whatever else came of how many.
    pub(super) others: BTreeMap<String, usize>,
    /// All of them.
    pub(super) offered: usize,
}

/// Sends the request so often each second, for so long.
pub(super) fn offer(
    address: &str,
    request: &[u8],
    per_second: f64,
    seconds: Duration,
) -> Result<Offer, String> {
    let runtime = runtime().map_err(|e| e.to_string())?;
    let crowd = Rc::new(Crowd {
        address: address.to_owned(),
        request: request.to_vec(),
        idle: RefCell::default(),
        waiting: Cell::new(0),
        opening: Semaphore::new(OPENING),
        clock: Stopwatch::start(),
        offer: RefCell::default(),
    });
    LocalSet::new().block_on(&runtime, crowd.clone().come(per_second, seconds));
    Ok(crowd.offer.take())
}

struct Crowd {
    address: String,
    request: Vec<u8>,
    idle: RefCell<Vec<Connection>>,
    waiting: Cell<usize>,
    opening: Semaphore,
    clock: Stopwatch,
    offer: RefCell<Offer>,
}

impl Crowd {
    async fn come(self: Rc<Self>, per_second: f64, seconds: Duration) {
        let (mut come, end) = (0usize, seconds.as_secs_f64());
        loop {
            let now = self.clock.elapsed().as_secs_f64().min(end);
            while (come as f64) < now * per_second {
                let due = Duration::from_secs_f64(come as f64 / per_second);
                come += 1;
                self.offer.borrow_mut().offered = come;
                if self.waiting.get() < WAITING {
                    self.waiting.set(self.waiting.get() + 1);
                    tokio::task::spawn_local(self.clone().one(due));
                } else {
                    self.other("nobody can ask any more here".to_owned());
                }
            }
            if now >= end {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        while self.waiting.get() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// One who has come at `due`, and waits from then on.
    async fn one(self: Rc<Self>, due: Duration) {
        let answer = tokio::time::timeout(PATIENCE, self.asked()).await;
        self.waiting.set(self.waiting.get() - 1);
        match answer {
            Ok(Ok(200)) => {
                let took = self.clock.elapsed().saturating_sub(due);
                self.offer.borrow_mut().accepted.push((due, took));
            }
            Ok(Ok(503 | 429)) => self.offer.borrow_mut().shed.push(due),
            Ok(Ok(status)) => self.other(format!("status {status}")),
            // And hung up.
            Ok(Err(why)) if why.starts_with("HTTP/1.1 503") || why.starts_with("HTTP/1.1 429") => {
                let mut offer = self.offer.borrow_mut();
                offer.shed.push(due);
                offer.hung_up += 1;
            }
            Ok(Err(why)) => self.other(why.lines().next().unwrap_or_default().to_owned()),
            Err(_) => self.other(format!("no answer within {} s", PATIENCE.as_secs())),
        }
    }

    /// The status of the answer.
    async fn asked(&self) -> Result<u16, String> {
        let mut connection = self.connection().await?;
        let (status, _) = connection.answered(&self.request).await?;
        self.idle.borrow_mut().push(connection);
        Ok(status)
    }

    async fn connection(&self) -> Result<Connection, String> {
        let kept = || self.idle.borrow_mut().pop();
        // In the order in which they have come.
        if self.opening.available_permits() > 0
            && let Some(connection) = kept()
        {
            return Ok(connection);
        }
        let _place = self.opening.acquire().await.map_err(|e| e.to_string())?;
        match kept() {
            Some(connection) => Ok(connection),
            None => Connection::open(&self.address).await,
        }
    }

    fn other(&self, what: String) {
        *self.offer.borrow_mut().others.entry(what).or_default() += 1;
    }
}
