//! Where the server is, and who asks it: the one way in which every command finds out.
//!
//! Address, token and service may come from the command line, the environment, a profile that `placet login` has kept,
//! or what `placet dev` has written. What goes before: the command line, a profile that was named there, `PLACET_…`, the
//! `AUTHLETE_…` names, the profile `default`, `placet dev`. A token is sent nowhere but where it was found to be for: one
//! of a profile goes to the server of that profile alone.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use placet_base::{Secret, ServiceId};
use placet_sdk::{Client, Credentials, HttpTransport};

use crate::Surroundings;
use crate::exit::Failure;
use crate::profile::{Profile, ProfileName};

/// Where a server is when nothing says so: where `placet dev` listens.
pub const DEFAULT_URL: &str = "http://127.0.0.1:7400";

/// The SDK's client, over HTTP.
pub type Api = Client<HttpTransport>;

/// Where the server is, and with what token it is asked.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Server")]
pub struct Connection {
    /// Where the server is [default: PLACET_URL, else a profile's, else http://127.0.0.1:7400]
    #[arg(long, value_name = "URL", global = true)]
    pub url: Option<String>,
    /// A file with the token; - for standard input [default: PLACET_TOKEN, else a profile's]
    #[arg(long, value_name = "FILE", global = true)]
    pub token_file: Option<PathBuf>,
    /// The service [default: PLACET_SERVICE, else a profile's]
    #[arg(long, value_name = "ID", global = true)]
    pub service: Option<i64>,
    /// A profile that `placet login` has kept.
    #[arg(long, value_name = "NAME", global = true)]
    pub profile: Option<ProfileName>,
}

/// A server, and the token for it.
#[derive(Default)]
pub struct Target {
    /// The base URL of the API, without a slash at its end.
    pub url: String,
    /// The token, if there is one.
    pub token: Option<Secret>,
    /// The service that commands are about.
    pub service: Option<ServiceId>,
    /// The organization, where it is known.
    pub organization: Option<i64>,
    /// Where the token comes from, for people.
    pub from: Option<String>,
    /// What had a token and is of another server.
    passed_over: Vec<String>,
}

/// What one place says.
#[derive(Default)]
struct Layer {
    name: String,
    url: Option<String>,
    token: Option<Secret>,
    service: Option<ServiceId>,
    organization: Option<i64>,
}

impl Connection {
    /// Looks everywhere, in order.
    ///
    /// # Errors
    /// When something that was named cannot be read.
    pub fn target(&self, surroundings: &Surroundings) -> Result<Target, Failure> {
        let mut target = Target::default();
        for layer in self.layers(surroundings)? {
            target.take(layer);
        }
        if target.url.is_empty() {
            target.url = DEFAULT_URL.to_owned();
        }
        Ok(target)
    }

    /// The SDK's client for it, about the service if there is one.
    ///
    /// # Errors
    /// Says what is missing.
    pub fn api(&self, surroundings: &Surroundings) -> Result<Api, Failure> {
        self.target(surroundings)?.api()
    }

    fn layers(&self, surroundings: &Surroundings) -> Result<Vec<Layer>, Failure> {
        let typed = Layer {
            name: "the command line".to_owned(),
            url: self.url.clone(),
            token: self.token_file.as_deref().map(read_token).transpose()?,
            service: self.service.map(ServiceId),
            organization: None,
        };
        let mut layers = vec![typed];
        match &self.profile {
            Some(name) => layers.push(of_profile(Profile::read(surroundings, name)?, name)),
            None => {
                layers.push(of_environment(surroundings)?);
                layers.extend(of_other_names("the environment", |name| {
                    surroundings.variable(name).map(str::to_owned)
                }));
                let default = ProfileName::default();
                if let Some(profile) = Profile::kept(surroundings, &default)? {
                    layers.push(of_profile(profile, &default));
                }
                layers.extend(of_dev(surroundings));
            }
        }
        Ok(layers)
    }
}

impl Target {
    /// Takes what is missing from a place that is of the same server, or of any.
    fn take(&mut self, layer: Layer) {
        let url = layer.url.map(|url| url.trim_end_matches('/').to_owned());
        match url {
            Some(url) if self.url.is_empty() => self.url = url,
            Some(url) if self.url != url => {
                if layer.token.is_some() {
                    self.passed_over.push(format!("{} has one for {url}", layer.name));
                }
                return;
            }
            _ => {}
        }
        if let (None, Some(token)) = (&self.token, layer.token) {
            (self.token, self.from) = (Some(token), Some(layer.name));
        }
        self.service = self.service.or(layer.service);
        self.organization = self.organization.or(layer.organization);
    }

    /// The SDK's client.
    ///
    /// # Errors
    /// When there is no token, or no URL.
    pub fn api(self) -> Result<Api, Failure> {
        let transport = HttpTransport::new(&self.url).map_err(|e| Failure::usage(format!("--url: {e}")))?;
        let Some(token) = self.token else { return Err(self.no_token()) };
        let api = Client::new(transport, token);
        Ok(match self.service {
            Some(service) => api.for_service(service),
            None => api,
        })
    }

    /// The token alone.
    ///
    /// # Errors
    /// When there is none.
    pub fn into_token(mut self) -> Result<Secret, Failure> {
        match self.token.take() {
            Some(token) => Ok(token),
            None => Err(self.no_token()),
        }
    }

    /// The SDK's client for calls that need no token.
    ///
    /// # Errors
    /// When the URL is none.
    pub fn open_api(self) -> Result<Api, Failure> {
        let transport = HttpTransport::new(&self.url).map_err(|e| Failure::usage(format!("--url: {e}")))?;
        Ok(Client::new(transport, Credentials::OfTransport))
    }

    fn no_token(&self) -> Failure {
        let others = match self.passed_over.as_slice() {
            [] => String::new(),
            others => format!(" ({})", others.join("; ")),
        };
        Failure::usage(format!(
            "there is no token for {}{others}: name a file with --token-file, set PLACET_TOKEN, or keep one with `placet login`",
            self.url
        ))
    }
}

fn of_profile(profile: Profile, name: &ProfileName) -> Layer {
    Layer {
        name: format!("profile {name}"),
        url: Some(profile.url),
        token: Some(Secret::new(profile.token)),
        service: profile.service.map(ServiceId),
        organization: profile.organization,
    }
}

fn of_environment(surroundings: &Surroundings) -> Result<Layer, Failure> {
    Ok(Layer {
        name: "PLACET_TOKEN".to_owned(),
        url: surroundings.variable("PLACET_URL").map(str::to_owned),
        token: surroundings.variable("PLACET_TOKEN").map(|token| Secret::new(token.to_owned())),
        service: number(surroundings, "PLACET_SERVICE")?.map(ServiceId),
        organization: number(surroundings, "PLACET_ORGANIZATION")?,
    })
}

fn number(surroundings: &Surroundings, name: &str) -> Result<Option<i64>, Failure> {
    let number = surroundings.variable(name).map(str::parse).transpose();
    number.map_err(|_| Failure::usage(format!("{name}: expected a number")))
}

/// The names that published clients read. An organization's token may do what that of a service may, and more.
fn of_other_names(place: &str, value: impl Fn(&str) -> Option<String>) -> Option<Layer> {
    let tokens =
        ["AUTHLETE_ORG_TOKEN", "AUTHLETE_API_TOKEN", "AUTHLETE_BEARER", "AUTHLETE_SERVICE_ACCESSTOKEN"];
    let (name, token) = tokens.iter().find_map(|name| Some((name, value(name)?)))?;
    let service = value("AUTHLETE_SERVICE_ID").or_else(|| value("AUTHLETE_SERVICE_APIKEY"));
    Some(Layer {
        name: format!("{name} of {place}"),
        url: Some(value("AUTHLETE_BASE_URL")?),
        token: Some(Secret::new(token)),
        service: service.and_then(|service| service.parse().ok()).map(ServiceId),
        organization: value("AUTHLETE_ORGANIZATION_ID").and_then(|id| id.parse().ok()),
    })
}

/// What `placet dev` has written in its default place.
fn of_dev(surroundings: &Surroundings) -> Option<Layer> {
    let path = surroundings.data_directory()?.join("placet-dev/env");
    let text = fs::read_to_string(&path).ok()?;
    let value = |name: &str| {
        let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        found.filter(|value| !value.is_empty()).map(str::to_owned)
    };
    of_other_names("`placet dev`", value)
}

/// The one line of a file, or of standard input.
///
/// # Errors
/// When it cannot be read, or has nothing.
pub fn read_token(file: &Path) -> Result<Secret, Failure> {
    let text = crate::document::read_text(file)?;
    match text.trim() {
        "" => Err(Failure::usage(format!("{}: there is no token in it", file.display()))),
        token => Ok(Secret::new(token.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(connection: &Connection, variables: &[(&str, &str)]) -> Target {
        let variables = variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        connection.target(&Surroundings::new(variables)).unwrap()
    }

    fn token(target: &Target) -> Option<&str> {
        target.token.as_ref().map(|token| token.expose().as_str())
    }

    #[test]
    fn what_stands_nearer_goes_before() {
        let own = [("PLACET_URL", "http://a/"), ("PLACET_TOKEN", "t"), ("PLACET_SERVICE", "7")];
        let target = found(&Connection::default(), &own);
        assert_eq!(
            (target.url.as_str(), token(&target), target.service),
            ("http://a", Some("t"), Some(ServiceId(7)))
        );
        let typed = Connection { service: Some(8), ..Default::default() };
        assert_eq!(found(&typed, &own).service, Some(ServiceId(8)));
        let target = found(&Connection::default(), &[("PLACET_TOKEN", "t")]);
        assert_eq!((target.url.as_str(), token(&target)), (DEFAULT_URL, Some("t")));
    }

    #[test]
    fn a_token_goes_only_where_it_is_for() {
        let others =
            [("AUTHLETE_BASE_URL", "http://a"), ("AUTHLETE_API_TOKEN", "s"), ("AUTHLETE_SERVICE_ID", "7")];
        let target = found(&Connection::default(), &others);
        assert_eq!((target.url.as_str(), token(&target)), ("http://a", Some("s")));
        let elsewhere = Connection { url: Some("http://b".to_owned()), ..Default::default() };
        let target = found(&elsewhere, &others);
        assert_eq!((token(&target), target.service), (None, None));
        let failure = target.api().err().unwrap();
        assert!(
            failure.message.contains("AUTHLETE_API_TOKEN of the environment has one for http://a"),
            "{failure}"
        );
        assert!(!failure.message.contains("\"s\""));
        // Without an address, the token is of no server that is known.
        assert_eq!(token(&found(&Connection::default(), &[("AUTHLETE_API_TOKEN", "s")])), None);
    }
}
