//! `placet migrate --from`: a bundle of what another server has, to be looked at before it is imported.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use placet_base::{Secret, ServiceId};
use placet_bundle::consents::Consent;
use placet_bundle::{Bundle, from};
use placet_sdk::{Client, HttpTransport};

use super::export::told;
use super::{Sealing, failed, file};
use crate::connection::read_token;
use crate::document::read_text;
use crate::exit::{Done, Failure};
use crate::output::put;
use crate::progress::Progress;

/// Where a service comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum From {
    /// An export of `kc.sh export`, or the admin API of a realm (…/admin/realms/NAME).
    Keycloak,
    /// The admin API of Ory Hydra.
    Hydra,
    /// The configuration of node-oidc-provider as JSON, or its clients.
    NodeOidcProvider,
    /// The API of the hosted product.
    Authlete,
    /// The API of another placet.
    Placet,
}

/// What moves in, and to where.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Moving in")]
pub struct Moving {
    /// Make a bundle of what another server has, for `placet import`.
    #[arg(long, value_name = "SERVER", requires = "source", conflicts_with_all = ["config", "dry_run"])]
    pub from: Option<From>,
    /// The other server's own export, or the URL of its API.
    #[arg(long, value_name = "FILE|URL", requires = "from")]
    pub source: Option<String>,
    /// A file with the token that the other server's API wants; - for standard input.
    #[arg(long, value_name = "FILE", requires = "from")]
    pub source_token_file: Option<PathBuf>,
    /// The service there, of `placet` and `authlete`.
    #[arg(long, value_name = "ID", requires = "from")]
    pub source_service: Option<i64>,
    /// The realm, where an export has several.
    #[arg(long, value_name = "NAME", requires = "from")]
    pub realm: Option<String>,
    /// Secrets that you know and the other server does not tell: JSON, by clients' ids.
    #[arg(long, value_name = "FILE", requires = "from")]
    pub client_secrets: Option<PathBuf>,
    /// The bundle [default: standard output]
    #[arg(long, value_name = "FILE", requires = "from")]
    pub to: Option<PathBuf>,
    /// Write what users have agreed to there, for `placet grant import`, to this file.
    #[arg(long, value_name = "FILE", requires = "from")]
    pub consents: Option<PathBuf>,
    /// A file with the users whose consents are asked for, one on each line: of `hydra`, which does not list them.
    #[arg(long, value_name = "FILE", requires = "consents")]
    pub subjects: Option<PathBuf>,
    /// What becomes of secrets.
    #[command(flatten)]
    pub sealing: Sealing,
}

/// Reads the other server, and writes the bundle.
///
/// # Errors
/// When it cannot be read, or is none of that kind.
pub fn move_in(moving: &Moving, from: From) -> Done {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut bundle = runtime.block_on(read(moving, from))?;
    if let Some(path) = &moving.consents {
        let consents = runtime.block_on(consents(moving, from))?;
        file::write(path, &placet_bundle::consents::written(&consents))?;
    }
    if let Some(path) = &moving.client_secrets {
        bundle.add_client_secrets(&secrets(path)?).map_err(failed)?;
    }
    moving.sealing.seal(&mut bundle)?;
    told(&bundle);
    match &moving.to {
        Some(path) => file::write(path, &bundle.written()),
        None => put(&bundle.written()),
    }
}

/// What users have agreed to there.
async fn consents(moving: &Moving, from: From) -> Result<Vec<Consent>, Failure> {
    let source = moving.source.as_deref().unwrap_or_default();
    let progress = Progress::of("reading consents of users", None);
    let watch = |read, total| progress.set(read, total);
    let consents = match from {
        From::Keycloak if is_url(source) => {
            from::keycloak::read_consents(source, token(moving)?, &watch).await
        }
        From::Keycloak => {
            from::keycloak::parse_consents(&read_text(Path::new(source))?, moving.realm.as_deref())
        }
        From::Hydra => {
            let missing = "its API does not list users: name them in a file with --subjects";
            let file = moving.subjects.as_deref().ok_or_else(|| Failure::usage(missing))?;
            let subjects: Vec<_> = read_text(file)?.lines().map(str::to_owned).collect();
            from::hydra::read_consents(source, &subjects, &watch).await
        }
        _ => return Err(Failure::usage("--consents is for keycloak and hydra")),
    };
    consents.map_err(|problem| failed(vec![problem]))
}

fn is_url(source: &str) -> bool {
    source.starts_with("http://") || source.starts_with("https://")
}

fn secrets(path: &Path) -> Result<BTreeMap<String, Secret>, Failure> {
    let wrong = |e: serde_json::Error| Failure::failed(format!("{}: {e}", path.display()));
    let read: BTreeMap<String, String> = serde_json::from_str(&read_text(path)?).map_err(wrong)?;
    Ok(read.into_iter().map(|(name, secret)| (name, Secret::new(secret))).collect())
}

async fn read(moving: &Moving, from: From) -> Result<Bundle, Failure> {
    let source = moving.source.as_deref().unwrap_or_default();
    let text = || read_text(Path::new(source));
    let progress = Progress::of("reading clients", None);
    let watch = |read, total| progress.set(read, total);
    let bundle = match from {
        From::Keycloak if is_url(source) => from::keycloak::read(source, token(moving)?, &watch).await,
        From::Keycloak => from::keycloak::parse(&text()?, moving.realm.as_deref()),
        From::Hydra => from::hydra::read(source, &watch).await,
        From::NodeOidcProvider => from::node_oidc_provider::bundle(&text()?),
        From::Authlete | From::Placet => from::placet::read(&other(moving, source)?, &watch).await,
    };
    bundle.map_err(|problem| failed(vec![problem]))
}

fn token(moving: &Moving) -> Result<Secret, Failure> {
    let missing = "the other server's API wants a token: name a file with --source-token-file";
    read_token(moving.source_token_file.as_deref().ok_or_else(|| Failure::usage(missing))?)
}

fn other(moving: &Moving, url: &str) -> Result<Client<HttpTransport>, Failure> {
    let id = moving
        .source_service
        .ok_or_else(|| Failure::usage("name the service there with --source-service"))?;
    let transport = HttpTransport::new(url).map_err(|e| Failure::usage(format!("--source: {e}")))?;
    Ok(Client::new(transport, token(moving)?).for_service(ServiceId(id)))
}
