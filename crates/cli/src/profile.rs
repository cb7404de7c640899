//! Profiles: servers with a token each, kept by `placet login` in the user's configuration folder, for nobody else to read.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::Surroundings;
use crate::exit::{Exit, Failure};

/// The name of a profile, which is the name of a file too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProfileName(String);

impl Default for ProfileName {
    fn default() -> Self {
        Self("default".to_owned())
    }
}

impl std::str::FromStr for ProfileName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let letters = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        match letters && (1..=64).contains(&text.len()) {
            true => Ok(Self(text.to_owned())),
            false => Err("expected letters, digits, - and _, 64 at most"),
        }
    }
}

impl std::fmt::Display for ProfileName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A server, and the token for it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) url: String,
    pub(crate) token: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) service: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) organization: Option<i64>,
}

impl Profile {
    /// A profile that was named.
    pub(crate) fn read(surroundings: &Surroundings, name: &ProfileName) -> Result<Self, Failure> {
        Self::kept(surroundings, name)?.ok_or_else(|| {
            let message = format!("there is no profile {name}; `placet login --profile {name}` makes one");
            Failure::new(Exit::NotFound, message)
        })
    }

    /// A profile, if it was kept.
    pub(crate) fn kept(surroundings: &Surroundings, name: &ProfileName) -> Result<Option<Self>, Failure> {
        let Some(path) = path(surroundings, name) else { return Ok(None) };
        let text = match fs::read_to_string(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|e| Failure::failed(format!("{}: {e}", path.display())))?,
        };
        let profile = serde_json::from_str(&text);
        profile.map(Some).map_err(|_| Failure::failed(format!("{}: no profile", path.display())))
    }

    /// Keeps it: written beside, then put in place, so that it is whole or as it was.
    pub(crate) fn keep(&self, surroundings: &Surroundings, name: &ProfileName) -> Result<PathBuf, Failure> {
        let path = path(surroundings, name).ok_or_else(|| Failure::failed("there is no home directory"))?;
        let text = serde_json::to_string_pretty(self).map_err(|e| Failure::failed(e.to_string()))?;
        let written = write_private(&path, text.as_bytes());
        written.map(|()| path.clone()).map_err(|e| Failure::failed(format!("{}: {e}", path.display())))
    }
}

/// Forgets a profile; whether there was one.
pub(crate) fn forget(surroundings: &Surroundings, name: &ProfileName) -> Result<bool, Failure> {
    let Some(path) = path(surroundings, name) else { return Ok(false) };
    match fs::remove_file(&path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(false),
        removed => removed.map(|()| true).map_err(|e| Failure::failed(format!("{}: {e}", path.display()))),
    }
}

/// The names of those that were kept.
pub(crate) fn names(surroundings: &Surroundings) -> Vec<ProfileName> {
    let entries = folder(surroundings).and_then(|folder| fs::read_dir(folder).ok());
    let files = entries.into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    let named = |path: PathBuf| path.file_name()?.to_str()?.strip_suffix(".json")?.parse().ok();
    let mut names: Vec<ProfileName> = files.filter_map(named).collect();
    names.sort();
    names
}

fn folder(surroundings: &Surroundings) -> Option<PathBuf> {
    Some(surroundings.config_directory()?.join("placet/profiles"))
}

fn path(surroundings: &Surroundings, name: &ProfileName) -> Option<PathBuf> {
    Some(folder(surroundings)?.join(format!("{name}.json")))
}

/// A file that its owner alone may read, whatever was there before.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let beside = path.with_extension("new");
    let _ = fs::remove_file(&beside);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}
