//! Replaces a node by one of another build, under load and on one database: no request may fail. `docs/faults.md` says what
//! is done.

mod client;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::faults::database::Database;
use crate::faults::node::{Node, Place};
use crate::faults::service::Service;
use client::{Client, Counted};

/// Those who ask, each with connections to both nodes.
const CLIENTS: usize = 8;

struct Options {
    old: PathBuf,
    new: PathBuf,
    postgres: String,
    /// How long each part of it lasts.
    part: Duration,
}

impl Options {
    fn parse(root: &Path, arguments: &[String]) -> Result<Self, String> {
        let (mut old, mut new, mut postgres, mut part) = (None, None, None, Duration::from_secs(3));
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let value = words.next().ok_or(format!("{word}: expected a value"))?;
            match word.as_str() {
                "--old" => old = Some(PathBuf::from(value)),
                "--new" => new = Some(PathBuf::from(value)),
                "--postgres" => postgres = Some(value.clone()),
                "--seconds" => {
                    let seconds = value.parse().map_err(|_| format!("{value}: expected a number"))?;
                    part = Duration::from_secs(seconds);
                }
                other => return Err(format!("upgrade: there is no option {other}")),
            }
        }
        let built = |binary: Option<PathBuf>| binary.map_or_else(|| crate::bench::built(root, "dev"), Ok);
        let postgres = postgres.ok_or("upgrade: --postgres says where the database is")?;
        Ok(Self { old: built(old)?, new: built(new)?, postgres, part })
    }
}

pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), String> {
    let options = Options::parse(root, arguments)?;
    let directory = std::env::temp_dir().join(format!("placet-upgrade-{}", std::process::id()));
    let database = Database::fresh(&options.postgres)?;
    let place = |binary: &Path, name: &str| Place::new(binary, &directory.join(name), Some(&database.url));
    let (old, new) = (place(&options.old, "old")?, place(&options.new, "new")?);
    let counted = upgraded(&old, &new, options.part)
        .map_err(|problem| format!("{problem}\nwhat is left of the nodes: {}", directory.display()))?;
    std::fs::remove_dir_all(&directory).map_err(|e| e.to_string())?;
    database.remove()?;
    println!("{}", counted.told());
    counted.judged()
}

fn upgraded(old: &Place, new: &Place, part: Duration) -> Result<Counted, String> {
    let token = old.found()?;
    let key = "master.key";
    std::fs::copy(old.directory.join(key), new.directory.join(key)).map_err(|e| e.to_string())?;
    let node = old.serve()?;
    let service = Service::furnish(&old.listen, &token)?;
    let (stop, counted) = (AtomicBool::new(false), Mutex::new(Counted::default()));
    let done = std::thread::scope(|scope| {
        for n in 0..CLIENTS {
            let mut client = Client::new(&service, [&old.listen, &new.listen], n);
            let (stop, counted) = (&stop, &counted);
            scope.spawn(move || {
                let result = client.work(stop);
                if let Ok(mut counted) = counted.lock() {
                    counted.add(result);
                }
            });
        }
        let done = replaced(node, new, part);
        stop.store(true, Ordering::Relaxed);
        done
    });
    // It serves until the last has asked.
    drop(done?);
    counted.into_inner().map_err(|_| "a client has failed".to_owned())
}

/// The old node alone; the tables brought up; both; the new node alone.
fn replaced(old: Node, new: &Place, part: Duration) -> Result<Node, String> {
    std::thread::sleep(part);
    let migrated = new.command("migrate").stderr(Stdio::inherit()).stdout(Stdio::inherit()).status();
    if !migrated.map_err(|e| e.to_string())?.success() {
        return Err("the new release does not migrate".to_owned());
    }
    std::thread::sleep(part);
    let new = new.serve()?;
    std::thread::sleep(part);
    let ended = old.drain()?;
    if !ended.success() {
        return Err(format!("the old node has ended badly: {ended}"));
    }
    std::thread::sleep(part);
    Ok(new)
}
