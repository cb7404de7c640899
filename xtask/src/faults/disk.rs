//! A small file system that the data of a database is on, and whose room can be taken.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// At a time; the last pieces are as small as a block.
const PIECES: [usize; 2] = [1 << 20, 1 << 12];
/// More than this is no small file system, and somebody may need it.
const MOST: usize = 1 << 30;

pub(crate) struct Disk(PathBuf);

impl Disk {
    pub(crate) fn at(folder: &str) -> Self {
        Self(Path::new(folder).join("ballast"))
    }

    /// Takes all the room that there is.
    pub(crate) fn fill(&self) -> Result<(), String> {
        let mut file = File::create(&self.0).map_err(|e| format!("{}: {e}", self.0.display()))?;
        let mut written = 0;
        for piece in PIECES.map(|size| vec![0; size]) {
            while file.write_all(&piece).is_ok() {
                written += piece.len();
                if written > MOST {
                    self.free()?;
                    return Err(format!("{}: there is more room than a program may take", self.0.display()));
                }
            }
        }
        // What is not on the disk yet might find no room either.
        let _ = file.sync_all();
        Ok(())
    }

    /// Gives it back.
    pub(crate) fn free(&self) -> Result<(), String> {
        std::fs::remove_file(&self.0).map_err(|e| format!("{}: {e}", self.0.display()))
    }
}
