//! The way between a node and its database, as a network is on bad days: slow, silent, cut, or closed to whoever comes.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// What happens to pieces that arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Open,
    /// Each comes so much later.
    Slow(Duration),
    /// None comes, and nobody is told.
    Silent,
    /// What is asked arrives, and no answer does.
    Mute,
    /// As open for those that are there; nobody else is let in.
    Closed,
}

/// A listener on loopback; ends with the process.
pub(crate) struct Relay {
    pub(crate) port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    way: Mutex<Way>,
    changed: Condvar,
    links: Mutex<Vec<Arc<Link>>>,
}

/// Both ends of one connection.
struct Link {
    ends: [TcpStream; 2],
    cut: AtomicBool,
    /// Directions in which nothing will come any more.
    over: Mutex<usize>,
}

impl Relay {
    /// To an address.
    pub(crate) fn to(target: String) -> Result<Self, String> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
        let port = listener.local_addr().map_err(|e| e.to_string())?.port();
        let shared = Shared { way: Mutex::new(Way::Open), changed: Condvar::new(), links: Mutex::default() };
        let shared = Arc::new(shared);
        let all = shared.clone();
        thread::spawn(move || {
            for here in listener.incoming().flatten() {
                // Whoever comes and is not taken finds the connection ended.
                let _ = joined(here, &target, &all);
            }
        });
        Ok(Self { port, shared })
    }

    pub(crate) fn set(&self, way: Way) {
        *self.shared.way() = way;
        self.shared.changed.notify_all();
    }

    /// Ends all connections that are open. What was on its way is lost.
    pub(crate) fn cut(&self) {
        for link in locked(&self.shared.links).drain(..) {
            link.cut.store(true, Ordering::SeqCst);
            for end in &link.ends {
                let _ = end.shutdown(Shutdown::Both);
            }
        }
        // Pieces that are held see that there is nobody any more.
        let _way = self.shared.way();
        self.shared.changed.notify_all();
    }

    /// Connections of which one end has gone and the other has not been told yet: something of theirs may still arrive.
    pub(crate) fn leaving(&self) -> usize {
        let mut links = locked(&self.shared.links);
        links.retain(|link| *locked(&link.over) < link.ends.len());
        links.iter().filter(|link| *locked(&link.over) > 0).count()
    }
}

impl Shared {
    fn way(&self) -> MutexGuard<'_, Way> {
        locked(&self.way)
    }

    /// Waits until a piece may go on; whether there is still somebody for it. `asks`: it is one for the database.
    fn passes(&self, link: &Link, asks: bool) -> bool {
        let mut way = self.way();
        while (*way == Way::Silent || (*way == Way::Mute && !asks)) && !link.is_cut() {
            way = self.changed.wait(way).unwrap_or_else(PoisonError::into_inner);
        }
        if let Way::Slow(later) = *way {
            drop(way);
            thread::sleep(later);
        }
        !link.is_cut()
    }
}

impl Link {
    fn is_cut(&self) -> bool {
        self.cut.load(Ordering::SeqCst)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn joined(here: TcpStream, target: &str, shared: &Arc<Shared>) -> std::io::Result<()> {
    if *shared.way() == Way::Closed {
        return Ok(());
    }
    let there = TcpStream::connect(target)?;
    here.set_nodelay(true)?;
    there.set_nodelay(true)?;
    let pumps =
        [(here.try_clone()?, there.try_clone()?, true), (there.try_clone()?, here.try_clone()?, false)];
    let link = Arc::new(Link { ends: [here, there], cut: AtomicBool::new(false), over: Mutex::new(0) });
    locked(&shared.links).push(link.clone());
    for (from, to, asks) in pumps {
        let (shared, link) = (shared.clone(), link.clone());
        thread::spawn(move || {
            pump(from, &to, asks, &shared, &link);
            let _ = to.shutdown(Shutdown::Write);
            *locked(&link.over) += 1;
        });
    }
    Ok(())
}

/// Hands on what comes, until nothing does. An end, too, arrives no sooner than a piece would.
fn pump(mut from: TcpStream, mut to: &TcpStream, asks: bool, shared: &Shared, link: &Link) {
    let mut piece = vec![0; 16_384];
    loop {
        let read = from.read(&mut piece).unwrap_or(0);
        if !shared.passes(link, asks) || read == 0 {
            return;
        }
        if to.write_all(piece.get(..read).unwrap_or_default()).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
