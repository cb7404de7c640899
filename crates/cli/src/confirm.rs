//! Asking before something is done.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use clap::Args;

use crate::exit::{Exit, Failure};

/// Whether it is to be done.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct Confirmation {
    /// Do it without asking.
    #[arg(short = 'y', long, conflicts_with = "dry_run")]
    pub yes: bool,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
}

impl Confirmation {
    /// True when it is to be done; false when it was to be shown only.
    ///
    /// # Errors
    /// When the answer was no, or nobody can be asked.
    pub fn given(self, question: &str) -> Result<bool, Failure> {
        if self.dry_run {
            return Ok(false);
        }
        if self.yes || self.asked(question, |answer| matches!(answer, "y" | "yes"), "[y/N]")? {
            return Ok(true);
        }
        Err(Failure::new(Exit::Declined, "nothing was done"))
    }

    /// The same for what cannot be undone: who is asked types the name.
    ///
    /// # Errors
    /// When the name was not typed, or nobody can be asked.
    pub fn given_for(self, question: &str, name: &str) -> Result<bool, Failure> {
        if self.dry_run {
            return Ok(false);
        }
        if self.yes || self.asked(question, |answer| answer == name, &format!("Type {name} to go on:"))? {
            return Ok(true);
        }
        Err(Failure::new(Exit::Declined, "nothing was done"))
    }

    fn asked(self, question: &str, agrees: impl Fn(&str) -> bool, hint: &str) -> Result<bool, Failure> {
        let input = io::stdin();
        if !input.is_terminal() {
            return Err(Failure::usage("nobody can be asked here: say --yes to have it done, or --dry-run"));
        }
        eprint!("{question} {hint} ");
        io::stderr().flush()?;
        let mut answer = String::new();
        input.lock().read_line(&mut answer)?;
        Ok(agrees(answer.trim()))
    }
}
