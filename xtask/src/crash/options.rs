//! What a run is asked for.

use std::path::{Path, PathBuf};

use placet_ambient::Entropy;

use super::fault::Faults;
use crate::faults::disk::Disk;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Kills,
    Network,
    Locks,
    /// The same, with transactions that the database may not be able to serialize.
    Serializable,
    Disk,
}

const KINDS: [Kind; 5] = [Kind::Kills, Kind::Network, Kind::Locks, Kind::Serializable, Kind::Disk];

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Kills => "kills",
            Self::Network => "network",
            Self::Locks => "locks",
            Self::Serializable => "serializable",
            Self::Disk => "disk",
        }
    }

    fn parse(name: &str) -> Result<Self, String> {
        let kind = KINDS.into_iter().find(|kind| kind.name() == name);
        kind.ok_or_else(|| format!("{name}: expected one of {}", KINDS.map(Self::name).join(", ")))
    }
}

pub(super) struct Options {
    pub(super) times: usize,
    pub(super) seed: u64,
    pub(super) binary: PathBuf,
    pub(super) kind: Kind,
    pub(super) postgres: Option<String>,
    /// A command that restarts the database, or fails it over.
    pub(super) database: Option<String>,
    /// The file system that the data of the database is on; empty where none could be made.
    disk: Option<String>,
}

impl Options {
    pub(super) fn parse(root: &Path, arguments: &[String]) -> Result<Self, String> {
        let mut options = Self::usual();
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let value = words.next().ok_or(format!("{word}: expected a value"))?;
            options.set(word, value)?;
        }
        options.sensible()?;
        if options.binary.as_os_str().is_empty() {
            options.binary = crate::bench::built(root, "dev")?;
        }
        Ok(options)
    }

    fn usual() -> Self {
        let seed = u64::from_le_bytes(Entropy::system().bytes()) % 1_000_000;
        let (binary, kind) = (PathBuf::new(), Kind::Kills);
        Self { times: 100, seed, binary, kind, postgres: None, database: None, disk: None }
    }

    fn set(&mut self, word: &str, value: &str) -> Result<(), String> {
        let number = || value.parse().map_err(|_| format!("{value}: expected a number"));
        match word {
            "--times" => self.times = usize::try_from(number()?).unwrap_or(usize::MAX),
            "--seed" => self.seed = number()?,
            "--binary" => self.binary = value.into(),
            "--faults" => self.kind = Kind::parse(value)?,
            "--postgres" => self.postgres = Some(value.to_owned()),
            "--database" => self.database = Some(value.to_owned()),
            "--disk" => self.disk = Some(value.to_owned()),
            other => return Err(format!("crash: there is no option {other}")),
        }
        Ok(())
    }

    fn sensible(&self) -> Result<(), String> {
        let name = self.kind.name();
        let wrong = match (&self.postgres, self.kind) {
            (None, Kind::Kills) if self.database.is_some() => {
                "--database restarts the database of --postgres"
            }
            (None, kind) if kind != Kind::Kills => "those are faults of the database of --postgres",
            (_, Kind::Disk) if self.disk.is_none() => "--disk has to name the file system of the database",
            (_, Kind::Disk) if self.database.is_none() => "--database has to start one that has ended",
            (_, kind) if kind != Kind::Disk && self.disk.is_some() => "--disk goes with --faults disk",
            _ => return Ok(()),
        };
        Err(format!("crash: --faults {name}: {wrong}"))
    }

    /// Why nothing can be done here.
    pub(super) fn left_out(&self) -> Option<&'static str> {
        (self.disk.as_deref() == Some("")).then_some("no small file system could be mounted on this machine")
    }

    pub(super) fn disk(&self) -> Result<Faults, String> {
        let (disk, start) = self.disk.as_ref().zip(self.database.as_ref()).ok_or("no disk")?;
        Ok(Faults::Full(Disk::at(disk), start.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &str) -> Result<Options, String> {
        let words: Vec<_> = format!("--binary /placet {words}").split(' ').map(str::to_owned).collect();
        Options::parse(Path::new("/"), &words)
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        for (words, why) in [
            ("--faults network", "--postgres"),
            ("--faults weather", "kills, network, locks"),
            ("--database restart", "--postgres"),
            ("--faults disk --postgres x", "--disk"),
            ("--faults disk --postgres x --disk /d", "--database"),
            ("--postgres x --disk /d", "--faults disk"),
            ("--faults", "a value"),
        ] {
            assert!(asked(words.trim()).is_err_and(|said| said.contains(why)), "{words}");
        }
        assert!(asked("--faults network --postgres x").is_ok_and(|options| options.kind == Kind::Network));
        assert!(asked("--faults kills --postgres x --database y").is_ok());
    }

    #[test]
    fn a_machine_without_a_small_disk_says_so() {
        let words: Vec<_> = ["--faults", "disk", "--postgres", "x", "--database", "y", "--disk", ""].into();
        let words: Vec<_> = words.into_iter().chain(["--binary", "/p"]).map(str::to_owned).collect();
        assert!(Options::parse(Path::new("/"), &words).is_ok_and(|options| options.left_out().is_some()));
    }
}
