//! `placet export`.

use std::path::PathBuf;

use clap::Args;
use placet_bundle::Bundle;

use super::{Sealing, file, present};
use crate::connection::Connection;
use crate::exit::{Done, Failure};
use crate::output::{clean, put};
use crate::surroundings::Surroundings;

/// Write a service as a readable file: settings, scopes, clients and public keys.
#[derive(Args)]
pub struct Export {
    #[command(flatten)]
    connection: Connection,
    /// The file [default: standard output]. What was applied last is kept beside it, for `placet apply`.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    #[command(flatten)]
    sealing: Sealing,
}

pub(crate) async fn export(export: &Export, surroundings: &Surroundings) -> Done {
    let target = export.connection.target(surroundings)?;
    let missing = "name the service with --service ID, or set PLACET_SERVICE";
    let id = target.service.ok_or_else(|| Failure::usage(missing))?;
    let mut bundle = present(&target.api()?).await?.into_bundle(id);
    export.sealing.seal(&mut bundle)?;
    told(&bundle);
    let Some(path) = &export.to else { return put(&bundle.written()) };
    file::write(path, &bundle.written())?;
    match file::base_path(path, id) {
        Some(base) => {
            let base_bundle = Bundle { service_id: Some(id.0), tree: bundle.tree, ..Bundle::default() };
            file::write(&base, &base_bundle.written())
        }
        None => Ok(()),
    }
}

/// What is not in the file, on standard error.
pub(super) fn told(bundle: &Bundle) {
    if bundle.sealed.is_none() && !bundle.secrets.is_empty() {
        eprintln!(
            "{} secrets are left out; --seal-to or --seal-passphrase-file takes them along",
            bundle.secrets.len()
        );
    }
    for one in &bundle.not_carried {
        eprintln!("not carried over: {}: {}", clean(&one.what), clean(&one.why));
    }
}
