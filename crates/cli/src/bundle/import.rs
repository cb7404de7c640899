//! `placet import`.

use clap::Args;
use placet_base::ServiceId;
use placet_bundle::merge::{Prefer, merge};
use placet_bundle::{Bundle, Plan, api, plan};
use serde_json::json;

use super::file::File;
use super::{present, refused, run};
use crate::confirm::Confirmation;
use crate::connection::{Api, Connection};
use crate::exit::{Done, Failure};
use crate::output::{Output, clean};
use crate::surroundings::Surroundings;

/// Make a service of a file, or put the file over one that is there.
///
/// An import that is cut off goes on where it stopped when it is run again.
#[derive(Args)]
pub struct Import {
    #[command(flatten)]
    file: File,
    /// Put it over this service: what the file says goes before what is there, and nothing is taken away.
    #[arg(long, value_name = "ID")]
    into: Option<i64>,
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    output: Output,
}

pub(crate) async fn import(import: &Import, surroundings: &Surroundings) -> Done {
    let bundle = import.file.read()?;
    match import.into {
        Some(id) => into(import, &bundle, ServiceId(id), surroundings).await,
        None => anew(import, &bundle, surroundings).await,
    }
}

/// The SDK's client about a service.
pub(super) fn about(
    connection: &Connection,
    id: ServiceId,
    surroundings: &Surroundings,
) -> Result<Api, Failure> {
    Connection { service: Some(id.0), ..connection.clone() }.api(surroundings)
}

async fn into(import: &Import, bundle: &Bundle, id: ServiceId, surroundings: &Surroundings) -> Done {
    let api = about(&import.connection, id, surroundings)?;
    let (plan, now) = over(&api, bundle).await?;
    import.output.show(&plan, |_| plan.to_string())?;
    if plan.steps.is_empty() || !import.confirmation.given(&format!("Change service {id}?"))? {
        return Ok(());
    }
    run(&api, &plan, &now).await?;
    import.file.keep_base(id, bundle.tree.clone())
}

/// What puts the bundle over a service.
async fn over(api: &Api, bundle: &Bundle) -> Result<(Plan, api::Now), Failure> {
    let now = present(api).await?;
    let merged = merge(None, &bundle.tree, &now.tree, Prefer::Ours);
    let plan = plan(&merged.target, &bundle.secrets, &now, false);
    Ok((plan, now))
}

async fn anew(import: &Import, bundle: &Bundle, surroundings: &Surroundings) -> Done {
    let organization = import.connection.api(surroundings)?;
    let begun = api::begun(&organization, bundle).await.map_err(refused)?;
    let name =
        bundle.tree.service.get("serviceName").and_then(|name| name.as_str()).unwrap_or("without a name");
    let question = match begun {
        Some(id) => format!("Go on with the import of service {id}?"),
        None => format!("Make a service, {}, with {} clients?", clean(name), bundle.tree.clients.len()),
    };
    if !import.confirmation.given(&question)? {
        return shown(import, bundle, begun, surroundings).await;
    }
    let id = match begun {
        Some(id) => id,
        None => api::begin(&organization, bundle).await.map_err(refused)?,
    };
    let api = about(&import.connection, id, surroundings)?;
    let (plan, now) = over(&api, bundle).await?;
    plan.missing.iter().for_each(|one| eprintln!("{}", clean(one)));
    run(&api, &plan, &now).await?;
    api::end(&api).await.map_err(refused)?;
    import.file.keep_base(id, bundle.tree.clone())?;
    import.output.show(&json!({ "service": id.0 }), |_| format!("service {id}\n"))
}

/// What would be done.
async fn shown(
    import: &Import,
    bundle: &Bundle,
    begun: Option<ServiceId>,
    surroundings: &Surroundings,
) -> Done {
    let plan = match begun {
        Some(id) => over(&about(&import.connection, id, surroundings)?, bundle).await?.0,
        None => plan(&bundle.tree, &bundle.secrets, &api::Now::nothing(), false),
    };
    import.output.show(&plan, |_| plan.to_string())
}
