//! The console, in the process of the server that it is for.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use placet_ambient::Ambient;
use placet_console::{Console, OneTimeLink, OpenId, Playground, Settings};
use placet_sdk::Secret;
use placet_server::config::{Config, ConsoleSettings};
use placet_server::http::Fallback;
use placet_server::in_process::InProcess;
use placet_server::serve::{OpenApi, StartError};

use crate::dev::{Addresses, Environment};
use crate::front::front;

fn console(opened: &OpenApi, settings: Settings) -> Result<Console, StartError> {
    Console::new(InProcess(opened.api.clone()), settings).map_err(StartError::new)
}

/// The console of `placet serve`, where there is one.
pub(crate) fn of_server(
    config: &Config,
    opened: &OpenApi,
    address: SocketAddr,
) -> Result<Option<Fallback>, StartError> {
    if !config.console.enabled {
        return Ok(None);
    }
    let settings = Settings {
        origin: config.console.origin.clone(),
        api: format!("http://{address}"),
        playground: None,
        openid: by_provider(&config.console)?.map(Arc::new),
        ambient: config.ambient.clone(),
    };
    Ok(Some(front(console(opened, settings)?.router())))
}

/// How members sign in by an OpenID provider, where the configuration says so.
fn by_provider(settings: &ConsoleSettings) -> Result<Option<OpenId>, StartError> {
    let ConsoleSettings { openid_issuer, openid_client_id, token_file, .. } = settings;
    let (Some(issuer), Some(client_id), Some(token)) = (openid_issuer, openid_client_id, token_file) else {
        return Ok(None);
    };
    Ok(Some(OpenId {
        issuer: issuer.clone(),
        client_id: client_id.clone(),
        client_secret: settings.openid_client_secret_file.as_deref().map(secret).transpose()?,
        authority: None,
        token: secret(token)?,
    }))
}

/// A secret that is alone in its file.
fn secret(path: &Path) -> Result<Secret, StartError> {
    let text =
        std::fs::read_to_string(path).map_err(|e| StartError::new(format!("{}: {e}", path.display())))?;
    match text.trim() {
        "" => Err(StartError::new(format!("{}: empty", path.display()))),
        text => Ok(Secret::new(text.to_owned())),
    }
}

/// The playground of `placet dev`, which plays with its service.
fn playground(service: i64) -> Playground {
    Playground { path: "/play".to_owned(), service }
}

/// The console of `placet dev`, and a link for whoever has started it: the owner of its organization.
pub(crate) fn for_owner(
    opened: &OpenApi,
    environment: &Environment,
    places: &Addresses,
    authority: Option<Vec<u8>>,
    ambient: Ambient,
) -> Result<(Console, String), StartError> {
    let token = || Secret::new(environment.value("AUTHLETE_ORG_TOKEN").to_owned());
    let openid = OpenId {
        issuer: places.issuer(),
        client_id: environment.value("CONSOLE_CLIENT_ID").to_owned(),
        client_secret: Some(Secret::new(environment.value("CONSOLE_CLIENT_SECRET").to_owned())),
        authority,
        token: token(),
    };
    let settings = Settings {
        origin: places.front.clone(),
        api: places.api.clone(),
        playground: environment.value("AUTHLETE_SERVICE_ID").parse().ok().map(playground),
        openid: Some(Arc::new(openid)),
        ambient,
    };
    let console = console(opened, settings)?;
    let token = token();
    let link = console.one_time_link(OneTimeLink { token, who: "owner".to_owned() });
    Ok((console, link))
}
