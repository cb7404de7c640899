//! `placet migrate`: what this release does to the tables of a store before it serves it, told and done apart from serving; with
//! `--from`, a bundle of what another server has.

use std::path::{Path, PathBuf};

use clap::Args;
use placet_cli::Progress;
use placet_server::config::{Config, environment};
use placet_server::listen::runtime;
use placet_store::format::Plan;
use placet_store_sqlite::Sqlite;

#[derive(Args)]
pub(crate) struct Migrate {
    /// The configuration file of the server; environment variables go over it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    moving: placet_cli::Moving,
}

pub(crate) fn run(arguments: &Migrate) -> Result<(), Vec<String>> {
    if let Some(from) = arguments.moving.from {
        return placet_cli::move_in(&arguments.moving, from).map_err(|failure| vec![failure.to_string()]);
    }
    let config = Config::load(arguments.config.as_deref(), environment())?;
    let plan = match &config.postgres {
        Some(postgres) => {
            let runtime = runtime().map_err(|e| vec![e.to_string()])?;
            let _waiting = waiting(arguments.dry_run);
            let plan = match arguments.dry_run {
                true => runtime.block_on(placet_store_postgres::plan(postgres)),
                false => runtime.block_on(placet_store_postgres::migrate(postgres)),
            };
            plan.map_err(|e| vec![e.to_string()])?
        }
        None => embedded(&config.directory.join("placet.db"), arguments.dry_run).map_err(|e| vec![e])?,
    };
    print!("{}", told(&plan, arguments.dry_run));
    Ok(())
}

/// The store of a directory. One that is not there is not made: the first start does that, together with its key.
fn embedded(path: &Path, dry_run: bool) -> Result<Plan, String> {
    if !path.exists() {
        return Err(format!("{}: there is no store yet; the first start makes it", path.display()));
    }
    let _waiting = waiting(dry_run);
    let plan = if dry_run { Sqlite::plan(path) } else { Sqlite::migrate(path) };
    plan.map_err(|e| format!("{}: {e}", path.display()))
}

/// What is seen meanwhile, on a terminal: a large store takes its time.
fn waiting(dry_run: bool) -> Option<Progress> {
    (!dry_run).then(|| Progress::waiting("bringing the tables to the format of this release"))
}

fn told(plan: &Plan, dry_run: bool) -> String {
    let (found, writes) = (plan.found.format, plan.writes);
    let mut text = match found {
        0 => "the store has no tables yet\n".to_owned(),
        _ => format!(
            "the store has format {found}, which releases that write format {} or later can serve\n",
            plan.found.readable_since
        ),
    };
    text += &format!("this release writes format {writes}\n");
    if plan.is_done() {
        return text + "nothing to do\n";
    }
    text += match (found, plan.is_shared()) {
        (0, _) => "nobody serves it yet\n",
        (_, true) => "nodes of the former release can go on meanwhile and afterwards\n",
        (_, false) => "nodes of the former release cannot serve it afterwards: stop them first\n",
    };
    text += if dry_run { "would be run:\n" } else { "was run:\n" };
    plan.statements().fold(text, |text, statement| text + "\n" + statement + ";\n")
}

#[cfg(test)]
mod tests {
    use placet_store::format::{Mark, Plan, Step};

    use super::told;

    const STEPS: &[Step] = &[
        Step { statements: "CREATE TABLE a (b INT8);", readable_since: 1 },
        Step { statements: "ALTER TABLE a ADD COLUMN c TEXT;", readable_since: 1 },
        Step { statements: "ALTER TABLE a DROP COLUMN b;", readable_since: 2 },
    ];

    fn of(writes: usize, format: i64) -> String {
        let found = Mark { format, readable_since: format };
        told(&Plan::new(&STEPS[..writes], found).unwrap(), true)
    }

    #[test]
    fn what_it_means_for_others_is_said() {
        assert!(of(2, 1).contains("can go on"), "{}", of(2, 1));
        assert!(of(2, 1).ends_with("would be run:\n\nALTER TABLE a ADD COLUMN c TEXT;\n"), "{}", of(2, 1));
        assert!(of(3, 1).contains("stop them first"), "{}", of(3, 1));
        assert!(of(3, 0).contains("nobody serves it yet"), "{}", of(3, 0));
        assert!(of(3, 3).ends_with("nothing to do\n"), "{}", of(3, 3));
    }
}
