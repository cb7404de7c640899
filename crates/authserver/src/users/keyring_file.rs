//! A file of passkeys, beside a file of users. It is read once and written anew with each change; one process has it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use super::keyrings::{Keyring, Keyrings, Saved, UserHandle};
use super::{BoxFuture, Unavailable};

/// By subject.
type Held = BTreeMap<String, Arc<Keyring>>;

/// What the file says.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
    keyrings: Vec<Arc<Keyring>>,
}

/// Keyrings in memory, and the same in a file.
pub(super) struct KeyringFile(Arc<Inner>);

struct Inner {
    path: PathBuf,
    held: RwLock<Arc<Held>>,
    /// Whoever writes.
    turn: Mutex<()>,
    /// Held as long as this process has the file: another one would undo what this one writes.
    _lock: File,
}

impl KeyringFile {
    /// Reads the file, if there is one, and writes it anew without the passkeys of users who are gone: who comes by the same
    /// name later is somebody else. What it was before is kept beside it; one of nobody who is there stops the start, since
    /// it is more likely that the users are wrong.
    pub(super) fn open(path: &Path, is_user: impl Fn(&str) -> bool) -> Result<Self, String> {
        let at = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
        // A link stays one, and two names of the file are one file.
        let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let lock = locked(path).map_err(|e| match e.kind() {
            io::ErrorKind::WouldBlock => at(&"another process has this file"),
            _ => at(&e),
        })?;
        let text = match fs::read(path) {
            Ok(text) => Some(text),
            Err(e) if e.kind() == io::ErrorKind::NotFound => None,
            Err(e) => return Err(at(&e)),
        };
        let written = text.as_deref().map(serde_json::from_slice::<Written>).transpose();
        let written = written.map_err(|e| at(&e))?.map(|written| written.keyrings).unwrap_or_default();
        let (known, gone): (Vec<_>, Vec<_>) =
            written.into_iter().partition(|keyring| is_user(&keyring.subject));
        if let Some(text) = text.filter(|_| !gone.is_empty()) {
            if known.is_empty() {
                return Err(at(
                    &"these are the passkeys of nobody who is listed; move the file away if that is right",
                ));
            }
            replace(&path.with_added_extension("former"), &text).map_err(|e| at(&e))?;
            tracing::warn!(count = gone.len(), "passkeys of users who are gone are left out of the file");
        }
        let held: Held = known.into_iter().map(|keyring| (keyring.subject.clone(), keyring)).collect();
        write(path, &held).map_err(|e| at(&e))?;
        let (path, held) = (path.to_owned(), RwLock::new(Arc::new(held)));
        Ok(Self(Arc::new(Inner { path, held, turn: Mutex::default(), _lock: lock })))
    }
}

impl Inner {
    fn held(&self) -> Arc<Held> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// First the file, then what is read: nobody is told of what a crash would undo.
    fn save(&self, keyring: Keyring) -> io::Result<Saved> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let held = self.held();
        if held.get(&keyring.subject).map_or(0, |known| known.version) != keyring.version {
            return Ok(Saved::Outdated);
        }
        if held.values().any(|other| clash(other, &keyring)) {
            return Ok(Saved::Taken);
        }
        let mut next = Held::clone(&held);
        let keyring = Keyring { version: keyring.version + 1, ..keyring };
        next.insert(keyring.subject.clone(), Arc::new(keyring));
        write(&self.path, &next)?;
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        Ok(Saved::Kept)
    }
}

fn locked(path: &Path) -> io::Result<File> {
    let file = private().truncate(false).create(true).open(path.with_added_extension("lock"))?;
    file.try_lock()?;
    Ok(file)
}

fn private() -> fs::OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = fs::OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

/// Whether somebody else has a passkey of this keyring, or its handle.
fn clash(other: &Keyring, keyring: &Keyring) -> bool {
    let has = |credential| other.passkeys.iter().any(|passkey| passkey.credential.cred_id() == credential);
    let same = other.subject == keyring.subject;
    !same
        && (other.handle == keyring.handle
            || keyring.passkeys.iter().any(|one| has(one.credential.cred_id())))
}

/// The file is the old one or the new one at any time, and its owner's alone.
fn write(path: &Path, held: &Held) -> io::Result<()> {
    replace(path, &serde_json::to_vec_pretty(&Written { keyrings: held.values().cloned().collect() })?)
}

fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let draft = path.with_added_extension("draft");
    if let Err(e) = fs::remove_file(&draft)
        && e.kind() != io::ErrorKind::NotFound
    {
        return Err(e);
    }
    let mut file = private().create_new(true).open(&draft)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(draft, path)?;
    // The name is of the folder, which is written by itself.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

impl Keyrings for KeyringFile {
    fn of_subject<'a>(&'a self, subject: &'a str) -> BoxFuture<'a, Result<Option<Keyring>, Unavailable>> {
        Box::pin(async move { Ok(self.0.held().get(subject).map(|keyring| Keyring::clone(keyring))) })
    }

    fn of_handle(&self, handle: UserHandle) -> BoxFuture<'_, Result<Option<Keyring>, Unavailable>> {
        Box::pin(async move {
            let held = self.0.held();
            Ok(held.values().find(|keyring| keyring.handle == handle).map(|keyring| Keyring::clone(keyring)))
        })
    }

    /// Off the threads that answer requests, and to its end also if nobody waits for it any more.
    fn save(&self, keyring: Keyring) -> BoxFuture<'_, Result<Saved, Unavailable>> {
        let inner = self.0.clone();
        Box::pin(async move {
            let saved = tokio::task::spawn_blocking(move || inner.save(keyring)).await;
            let saved = saved.map_err(|e| Unavailable(e.to_string()))?;
            saved.map_err(|e| Unavailable(format!("passkeys cannot be written: {e}")))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn keyring(subject: &str, handle: u128) -> Keyring {
        Keyring::new(subject.to_owned(), UserHandle::from_u128(handle))
    }

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("placet-keyrings-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[tokio::test]
    async fn what_is_saved_is_there_again_for_those_who_are() {
        let folder = folder("kept");
        let path = folder.join("passkeys.json");
        let file = KeyringFile::open(&path, |_| true).unwrap();
        assert!(file.of_subject("john").await.unwrap().is_none());
        for (subject, handle) in [("john", 1), ("jane", 2)] {
            assert_eq!(file.save(keyring(subject, handle)).await.unwrap(), Saved::Kept);
        }
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        // Another process would write over what this one has written.
        assert!(KeyringFile::open(&path, |_| true).is_err());
        drop(file);
        let again = KeyringFile::open(&path, |subject| subject == "john").unwrap();
        let john = again.of_handle(UserHandle::from_u128(1)).await.unwrap().unwrap();
        assert_eq!((john.subject.as_str(), john.version), ("john", 1));
        assert!(again.of_subject("jane").await.unwrap().is_none());
        drop(again);
        let former = fs::read_to_string(folder.join("passkeys.json.former")).unwrap();
        assert!(former.contains("jane"), "{former}");
        // Nobody at all is a mistake.
        assert!(KeyringFile::open(&path, |_| false).is_err_and(|e| e.contains("nobody who is listed")));
        // Also when she, or somebody of her name, comes back.
        let later = KeyringFile::open(&path, |_| true).unwrap();
        assert!(later.of_handle(UserHandle::from_u128(2)).await.unwrap().is_none());
        fs::remove_dir_all(&folder).unwrap();
    }

    #[tokio::test]
    async fn of_two_who_have_read_the_same_one_saves() {
        let folder = folder("races");
        let file = KeyringFile::open(&folder.join("passkeys.json"), |_| true).unwrap();
        assert_eq!(file.save(keyring("john", 1)).await.unwrap(), Saved::Kept);
        assert_eq!(file.save(keyring("john", 1)).await.unwrap(), Saved::Outdated);
        assert_eq!(file.save(keyring("jane", 1)).await.unwrap(), Saved::Taken);
        let (first, second) =
            (file.of_subject("john").await.unwrap(), file.of_subject("john").await.unwrap());
        assert_eq!(file.save(first.unwrap()).await.unwrap(), Saved::Kept);
        assert_eq!(file.save(second.unwrap()).await.unwrap(), Saved::Outdated);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_read_or_written_is_said() {
        let folder = folder("broken");
        let path = folder.join("passkeys.json");
        fs::write(&path, "{").unwrap();
        assert!(KeyringFile::open(&path, |_| true).is_err_and(|e| e.contains("passkeys.json")));
        assert_eq!(fs::read(&path).unwrap(), b"{");
        assert!(KeyringFile::open(&folder.join("no/such"), |_| true).is_err());
        fs::remove_file(&path).unwrap();
        let file = KeyringFile::open(&path, |_| true).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        // What could not be kept was not saved.
        assert!(file.save(keyring("john", 1)).await.is_err());
        assert!(file.of_subject("john").await.unwrap().is_none());
    }
}
