//! `placet login` and `placet logout`: servers by name.

use clap::Args;
use placet_sdk::types::ListQuery;
use serde_json::json;

use crate::Surroundings;
use crate::connection::Connection;
use crate::exit::{Done, Exit, Failure};
use crate::output::Output;
use crate::profile::{self, Profile, ProfileName};

/// Keep where a server is and a token for it.
#[derive(Args)]
pub struct Login {
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    output: Output,
    /// Show the profiles that were kept, without their tokens.
    #[arg(long, conflicts_with_all = ["url", "token_file"])]
    list: bool,
}

/// Forget a profile.
#[derive(Args)]
pub struct Logout {
    /// Its name.
    #[arg(long, value_name = "NAME", default_value = "default")]
    profile: ProfileName,
}

pub(crate) async fn login(login: &Login, surroundings: &Surroundings) -> Done {
    if login.list {
        return listed(login.output, surroundings);
    }
    let name = login.connection.profile.clone().unwrap_or_default();
    // The profile is what is made here, not where it comes from.
    let from = Connection { profile: None, ..login.connection.clone() };
    let target = from.target(surroundings)?;
    let (url, service, organization) = (target.url.clone(), target.service, target.organization);
    let token = target.token.as_ref().map(|token| token.expose().clone());
    let api = target.api()?;
    // A token that is wrong is found out now, and not with the first command that needs it.
    let window = ListQuery { start: None, end: Some("1".to_owned()), developer: None };
    api.service_get_list(window).await?;
    let profile = Profile {
        url,
        token: token.unwrap_or_default(),
        service: service.map(|service| service.0),
        organization,
    };
    let path = profile.keep(surroundings, &name)?;
    login.output.show(&json!({ "profile": name.to_string(), "file": path }), |_| {
        format!("profile {name} is kept in {}\n", path.display())
    })
}

fn listed(output: Output, surroundings: &Surroundings) -> Done {
    let mut profiles = Vec::new();
    for name in profile::names(surroundings) {
        let profile = Profile::read(surroundings, &name)?;
        profiles.push(json!({ "name": name.to_string(), "url": profile.url, "service": profile.service }));
    }
    output.list(&profiles, &[("NAME", "name"), ("URL", "url"), ("SERVICE", "service")])
}

pub(crate) fn logout(logout: &Logout, surroundings: &Surroundings) -> Done {
    match profile::forget(surroundings, &logout.profile)? {
        true => crate::output::put(&format!("profile {} is forgotten\n", logout.profile)),
        false => Err(Failure::new(Exit::NotFound, format!("there is no profile {}", logout.profile))),
    }
}
