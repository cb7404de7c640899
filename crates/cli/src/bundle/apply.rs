//! `placet diff` and `placet apply`.

use clap::Args;
use placet_base::ServiceId;
use placet_bundle::merge::{Conflict, Prefer, merge};
use placet_bundle::{Path, Plan, Tree, api, plan};
use serde::Serialize;

use super::file::File;
use super::import::about;
use super::{present, run};
use crate::confirm::Confirmation;
use crate::connection::{Api, Connection};
use crate::exit::{Done, Exit, Failure};
use crate::output::Output;
use crate::surroundings::Surroundings;

/// Who is right where file and service have both changed.
#[derive(Args, Clone, Copy)]
pub(super) struct Sides {
    /// Where both have changed, the file is right.
    #[arg(long, conflicts_with = "theirs")]
    ours: bool,
    /// Where both have changed, the service is right.
    #[arg(long)]
    theirs: bool,
    /// Delete clients that the file no longer has.
    #[arg(long)]
    delete: bool,
}

/// Show what applying a file would change, and what stands against it.
#[derive(Args)]
pub struct Diff {
    #[command(flatten)]
    file: File,
    #[command(flatten)]
    sides: Sides,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    output: Output,
}

/// Change a service as a file says: what was changed since the last time, on one side or the other.
///
/// What was applied last is kept beside the file. What only the service has changed stays; what both have changed is a
/// conflict, and nothing is done.
#[derive(Args)]
pub struct Apply {
    #[command(flatten)]
    file: File,
    #[command(flatten)]
    sides: Sides,
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    output: Output,
}

/// What was found out.
struct Compared {
    id: ServiceId,
    api: Api,
    now: api::Now,
    found: Found,
    /// What is the base of the next time: what the file says, and clients that it no longer has and that were not deleted.
    next: Tree,
}

#[derive(Serialize)]
struct Found {
    #[serde(flatten)]
    plan: Plan,
    conflicts: Vec<Conflict>,
    kept: Vec<Path>,
}

impl Found {
    fn told(&self) -> String {
        let mut text = self.plan.to_string();
        for path in &self.kept {
            text += &format!("= {path} was changed in the service alone, and stays\n");
        }
        for conflict in &self.conflicts {
            text += &format!("! {conflict}\n");
        }
        text
    }
}

async fn compared(
    (file, sides): (&File, Sides),
    connection: &Connection,
    surroundings: &Surroundings,
) -> Result<Compared, Failure> {
    let bundle = file.read()?;
    let id = meant(bundle.service_id, connection, surroundings)?;
    let base = file.base(id)?;
    let api = about(connection, id, surroundings)?;
    let now = present(&api).await?;
    let prefer = match (sides.ours, sides.theirs) {
        (true, _) => Prefer::Ours,
        (_, true) => Prefer::Theirs,
        _ => Prefer::Neither,
    };
    let merged = merge(base.as_ref(), &bundle.tree, &now.tree, prefer);
    let plan = plan(&merged.target, &bundle.secrets, &now, sides.delete);
    let next = next(bundle.tree, base, &plan);
    Ok(Compared { id, api, now, found: Found { plan, conflicts: merged.conflicts, kept: merged.kept }, next })
}

fn next(file: Tree, base: Option<Tree>, plan: &Plan) -> Tree {
    let mut next = file;
    let undeleted =
        base.into_iter().flat_map(|base| base.clients).filter(|(name, _)| plan.undeleted.contains(name));
    next.clients.extend(undeleted);
    next
}

/// The service that the file is of. One that was named is no other.
fn meant(
    of_file: Option<i64>,
    connection: &Connection,
    surroundings: &Surroundings,
) -> Result<ServiceId, Failure> {
    match (of_file, connection.service) {
        (Some(of_file), Some(named)) if of_file != named => Err(Failure::failed(format!(
            "the file is of service {of_file}, and not of {named}; an overlay with 'service_id = {named}' applies it there"
        ))),
        (Some(id), _) => Ok(ServiceId(id)),
        (None, _) => {
            let missing = "the file names no service: name one with --service ID";
            connection.target(surroundings)?.service.ok_or_else(|| Failure::usage(missing))
        }
    }
}

pub(crate) async fn diff(diff: &Diff, surroundings: &Surroundings) -> Done {
    let compared = compared((&diff.file, diff.sides), &diff.connection, surroundings).await?;
    let found = &compared.found;
    diff.output.show(found, |_| found.told())?;
    match found.plan.steps.is_empty() && found.conflicts.is_empty() {
        true => Ok(()),
        false => Err(Failure::differences()),
    }
}

pub(crate) async fn apply(apply: &Apply, surroundings: &Surroundings) -> Done {
    let compared = compared((&apply.file, apply.sides), &apply.connection, surroundings).await?;
    let Compared { id, api, now, found, .. } = &compared;
    apply.output.show(found, |_| found.told())?;
    if !found.conflicts.is_empty() {
        let what = "file and service have both changed, and nothing was done: say --ours or --theirs";
        return Err(Failure::new(Exit::Changed, what));
    }
    if !found.plan.steps.is_empty() {
        if !apply.confirmation.given(&format!("Change service {id}?"))? {
            return Ok(());
        }
        run(api, &found.plan, now).await?;
    } else if apply.confirmation.dry_run {
        return Ok(());
    }
    apply.file.keep_base(*id, compared.next)
}
