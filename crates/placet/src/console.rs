//! The console, in the process of the server that it is for.

use std::net::SocketAddr;

use placet_ambient::Ambient;
use placet_console::{Console, OneTimeLink, Settings};
use placet_sdk::Secret;
use placet_server::config::Config;
use placet_server::http::Fallback;
use placet_server::in_process::InProcess;
use placet_server::serve::{OpenApi, StartError};

use crate::dev::{Addresses, Environment};
use crate::front::front;

/// A console that browsers see at this origin.
pub(crate) fn console(
    opened: &OpenApi,
    origin: String,
    api: String,
    ambient: Ambient,
) -> Result<Console, StartError> {
    let settings = Settings { origin, api, ambient };
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
    let (origin, api) = (config.console.origin.clone(), format!("http://{address}"));
    Ok(Some(front(console(opened, origin, api, config.ambient.clone())?.router())))
}

/// The console of `placet dev`, and a link for whoever has started it: the owner of its organization.
pub(crate) fn for_owner(
    opened: &OpenApi,
    environment: &Environment,
    places: &Addresses,
    ambient: Ambient,
) -> Result<(Console, String), StartError> {
    let console = console(opened, places.front.clone(), places.api.clone(), ambient)?;
    let token = Secret::new(environment.value("AUTHLETE_ORG_TOKEN").to_owned());
    let organization = environment.value("AUTHLETE_ORGANIZATION_ID").parse().ok();
    let link = console.one_time_link(OneTimeLink { token, who: "owner".to_owned(), organization });
    Ok((console, link))
}
