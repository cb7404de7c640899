//! The file of an authority while it runs: read again when it, or a file that it names, has changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::Entity;
use super::resolving::Standing;
use super::subordinates::Document;

/// How often is looked whether something has changed.
const LOOKS: Duration = Duration::from_secs(1);

/// By what a change is seen; nothing where there is no such file.
type Mark = Option<(SystemTime, u64)>;

/// The files that an authority is made of, as they were when they were read.
pub(crate) struct Watched {
    path: PathBuf,
    seen: Vec<(PathBuf, Mark)>,
}

impl Watched {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), seen: Vec::new() }
    }

    /// What the files say. Whatever comes of it, they are read again only when they have changed.
    pub(crate) fn read(&mut self) -> Result<Document, String> {
        // Before a file is read: whoever writes it then is noticed.
        self.seen = vec![marked(self.path.clone())];
        let mut document = Document::parse(&self.path)?;
        self.seen.extend(document.key_files(&self.path).map(marked));
        document.read_keys(&self.path)?;
        Ok(document)
    }

    fn has_changed(&self) -> bool {
        self.seen.iter().any(|(path, mark)| mark_of(path) != *mark)
    }
}

fn marked(path: PathBuf) -> (PathBuf, Mark) {
    let mark = mark_of(&path);
    (path, mark)
}

fn mark_of(path: &Path) -> Mark {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// Lets the authority be what its file says, for as long as the process runs. Of a file that says nothing readable nothing is
/// taken.
pub(crate) async fn follow(mut watched: Watched, entity: Arc<Entity>, standing: Arc<Standing>) {
    loop {
        tokio::time::sleep(LOOKS).await;
        let (entity, standing) = (entity.clone(), standing.clone());
        let look = move || {
            watched.look(&entity, &standing);
            watched
        };
        // Every statement is made and read once.
        watched = match tokio::task::spawn_blocking(look).await {
            Ok(watched) => watched,
            Err(e) => return tracing::error!(source = %e, "the file is not read again any more"),
        };
    }
}

impl Watched {
    fn look(&mut self, entity: &Entity, standing: &Standing) {
        if !self.has_changed() {
            return;
        }
        match self.read().and_then(|document| entity.authority(document)) {
            Ok(authority) => {
                let subordinates = authority.document.subordinates.len();
                standing.becomes(authority);
                tracing::info!(file = %self.path.display(), subordinates, "read again");
            }
            Err(why) => tracing::error!(%why, "the file is not taken: all stays as it was"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_any_of_the_files_is_seen_once() {
        let dir = std::env::temp_dir().join(format!("placet-watched-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let (file, keys) = (dir.join("federation.toml"), dir.join("a.jwks"));
        let mut watched = Watched::new(&file);
        assert!(watched.read().is_err() && !watched.has_changed());
        fs::write(&file, "[[subordinates]]\nentity_id = \"https://a.example\"\njwks_file = \"a.jwks\"")
            .unwrap();
        assert!(watched.has_changed());
        let lacking = watched.read().err().unwrap();
        assert!(lacking.contains("a.jwks") && !watched.has_changed(), "{lacking}");
        fs::write(&keys, "{\"keys\":[]}").unwrap();
        assert!(watched.has_changed());
        assert_eq!(watched.read().unwrap().subordinates.len(), 1);
        assert!(!watched.has_changed());
        fs::write(&keys, "{\"keys\": []}").unwrap();
        assert!(watched.has_changed());
        fs::remove_dir_all(&dir).unwrap();
    }
}
