//! The file of a bundle, and the one beside it that says what was applied last.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use placet_base::ServiceId;
use placet_bundle::{Bundle, Overlay, Tree};

use super::{Opening, failed};
use crate::document::read_text;
use crate::exit::Failure;

/// A bundle, with what goes over it.
#[derive(Args, Clone, Debug)]
pub(crate) struct File {
    /// The bundle; - for standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What is different here (issuer, addresses, members, service), laid over the bundle; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub overlay: Vec<PathBuf>,
    #[command(flatten)]
    pub opening: Opening,
}

impl File {
    /// Reads all of it.
    pub(super) fn read(&self) -> Result<Bundle, Failure> {
        let mut bundle = read_bundle(&self.file)?;
        self.opening.open(&mut bundle)?;
        for file in &self.overlay {
            let overlay = Overlay::parse(&file.display().to_string(), &read_text(file)?).map_err(failed)?;
            overlay.lay_over(&mut bundle);
        }
        Ok(bundle)
    }

    /// What was applied last of it to a service; none when nothing was.
    pub(super) fn base(&self, service: ServiceId) -> Result<Option<Tree>, Failure> {
        let Some(path) = self.base_path(service).filter(|path| path.exists()) else { return Ok(None) };
        let base = read_bundle(&path)?;
        match base.service_id == Some(service.0) {
            true => Ok(Some(base.tree)),
            false => Err(Failure::failed(format!("{}: it is of another service", path.display()))),
        }
    }

    /// Keeps what file and service have in common now.
    pub(super) fn keep_base(&self, service: ServiceId, tree: Tree) -> Result<(), Failure> {
        match self.base_path(service) {
            Some(path) => {
                let base = Bundle { service_id: Some(service.0), tree, ..Bundle::default() };
                write(&path, &base.written())
            }
            None => Ok(()),
        }
    }

    fn base_path(&self, service: ServiceId) -> Option<PathBuf> {
        base_path(&self.file, service)
    }
}

/// Beside the file, one for each service that it is applied to.
pub(super) fn base_path(file: &Path, service: ServiceId) -> Option<PathBuf> {
    let name = file.file_name().filter(|name| *name != "-")?.to_string_lossy().into_owned();
    Some(file.with_file_name(format!("{name}.{service}.applied")))
}

fn read_bundle(path: &Path) -> Result<Bundle, Failure> {
    Bundle::parse(&path.display().to_string(), &read_text(path)?).map_err(failed)
}

/// Writes a whole file or none: another one is written and put in its place.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let beside = path.with_file_name(format!(".{name}.new"));
    let written = fs::File::create(&beside)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, path));
    written.map_err(|e: io::Error| Failure::failed(format!("{}: {e}", path.display())))
}
