//! Copies of the file: made while it is served, each of one moment, and put in place before it is served.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use placet_store::format::Plan;

use crate::{OpenError, Sqlite, lock, schema};

impl Sqlite {
    /// Writes all that is committed now to the new file `to`, while others read and write. Nobody waits for it; SQLite's log
    /// grows meanwhile. Returns the size, in bytes.
    ///
    /// # Errors
    /// When there is such a file, or it cannot be written; nothing is left of it then.
    pub fn back_up(path: &Path, to: &Path) -> Result<u64, OpenError> {
        let connection = schema::open_for_reading(path)?;
        put(to, |part| {
            let part = part.to_str().ok_or_else(|| io::Error::other("its name is no text"))?;
            connection.execute("VACUUM INTO ?1", [part])?;
            Ok(())
        })
    }

    /// Puts a copy in the place of a store that is not there. What it takes to serve it is done when it is opened.
    ///
    /// # Errors
    /// When there is a store, or the copy is none that is whole and that this release can serve.
    pub fn restore(path: &Path, from: &Path) -> Result<Plan, OpenError> {
        let _lock = lock(path)?;
        // A log of another file would be played into this one.
        let logs = ["-wal", "-shm", "-journal"].map(|end| beside(path, end));
        if let Some(left) = logs.into_iter().find(|log| log.exists()) {
            return Err(OpenError::Exists(left));
        }
        let connection = schema::open_for_reading(from)?;
        let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if found != "ok" {
            return Err(OpenError::Damaged(found));
        }
        let plan = schema::plan(&connection, schema::STEPS)?;
        if plan.found.format == 0 {
            return Err(OpenError::Damaged("it has no tables".to_owned()));
        }
        put(path, |part| Ok(std::fs::copy(from, part).map(|_| ())?))?;
        Ok(plan)
    }
}

/// Makes a file that is there whole or not at all, and for its owner alone; its size.
fn put(to: &Path, write: impl FnOnce(&Path) -> Result<(), OpenError>) -> Result<u64, OpenError> {
    if to.exists() {
        return Err(OpenError::Exists(to.to_owned()));
    }
    let part = beside(to, ".part");
    new_file(&part).map_err(|e| match e.kind() {
        // What an earlier attempt has left, or another one is writing.
        io::ErrorKind::AlreadyExists => OpenError::Exists(part.clone()),
        _ => OpenError::Io(e),
    })?;
    let put = write(&part).and_then(|()| Ok(settled(&part, to)?));
    if put.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    put
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

#[cfg(unix)]
fn new_file(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Gives a file its name when it and the name outlast a power failure.
fn settled(part: &Path, to: &Path) -> io::Result<u64> {
    let file = File::open(part)?;
    file.sync_all()?;
    std::fs::rename(part, to)?;
    let directory = to.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(file.metadata()?.len())
}
