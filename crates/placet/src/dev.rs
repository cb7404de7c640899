//! `placet dev`: everything that a first try needs, in one process, made once and kept.

mod credentials;
mod environment;
mod play;
mod provision;
mod resource;
mod secure;

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use placet_authserver::{
    AuthServer, Budgets, Credentials, Issuer, ListedUsers, LocalCa, Outgoing, OutgoingLimits, Settings,
};
use placet_sdk::{Client, Secret, ServiceId};
use placet_server::config::Config;
use placet_server::in_process::InProcess;
use placet_server::listen::runtime;
use placet_server::serve::{OpenApi, Server, Sockets, StartError, open, write_private};

use crate::console;
use crate::front::front;
use credentials::{CredentialAuthority, DEFERRED};
pub(crate) use environment::Environment;
use play::{Party, PlayKey, Recorder};

/// Where to listen.
#[derive(Clone, Copy)]
pub(crate) struct Listen {
    pub(crate) address: SocketAddr,
    /// `localhost` was said, and goes into the addresses that browsers see.
    pub(crate) by_name: bool,
}

impl std::str::FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let port = text.strip_prefix("localhost:");
        let address = port.map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
        let address = address.parse().map_err(|_| "expected an address and port, or localhost:PORT")?;
        Ok(Self { address, by_name: port.is_some() })
    }
}

/// What the command line says.
pub(crate) struct Options {
    /// The server is reached as `localhost`.
    pub(crate) by_name: bool,
    /// Serve the authorization server over TLS too: on the first address, and with client certificates on the
    /// second.
    pub(crate) tls: Option<(SocketAddr, SocketAddr)>,
    /// A folder of templates, style sheet and languages.
    pub(crate) theme: Option<PathBuf>,
    /// Suites and versions of TLS, and authorities that vouch for clients besides the local one.
    pub(crate) secured: Secured,
    /// Origins that may be called although they are not public, and certificates that are trusted there: of the
    /// API's calls and of the authorization server's.
    pub(crate) outgoing: OutgoingLimits,
}

/// How the TLS addresses are.
#[derive(Default)]
pub(crate) struct Secured {
    pub(crate) suites: Vec<String>,
    pub(crate) versions: Vec<String>,
    pub(crate) client_authorities: Vec<PathBuf>,
    /// Certificates of clients are taken by their names, whoever has issued them.
    pub(crate) any_client_authority: bool,
}

/// Where everything is reached.
pub(crate) struct Addresses {
    /// The API.
    pub(crate) api: String,
    /// Authorization server, resource server and playground.
    pub(crate) front: String,
    /// The same, where clients are asked for their certificates.
    pub(crate) mutual: Option<String>,
}

impl Addresses {
    fn new(address: SocketAddr, options: &Options) -> Self {
        let api = match options.by_name {
            true => format!("http://localhost:{}", address.port()),
            false => format!("http://{address}"),
        };
        let local = |address: &SocketAddr| format!("https://localhost:{}", address.port());
        let (front, mutual) = match &options.tls {
            Some((tls, mutual)) => (local(tls), Some(local(mutual))),
            None => (api.clone(), None),
        };
        Self { api, front, mutual }
    }

    pub(crate) fn issuer(&self) -> String {
        format!("{}/as", self.front)
    }
}

/// Starts everything, and answers until the process is asked to end.
pub(crate) fn run(config: &Config, options: &Options) -> Result<(), StartError> {
    let path = config.directory.join("env");
    let known = Environment::read(&path);
    let sockets = Sockets::bind(config)?;
    let places = Addresses::new(sockets.address, options);
    let runtime = runtime().map_err(StartError::new)?;
    let opened = runtime.block_on(open(config))?;
    let first = known.is_none();
    let key = PlayKey::new()?;
    let authority = match options.tls {
        Some(_) => Some(LocalCa::open(&config.directory.join("tls")).map_err(StartError::new)?),
        None => None,
    };
    let vouching = provision::Vouching::new(authority.as_ref(), &options.secured)?;
    let credentials = CredentialAuthority::open(&config.directory, config.ambient.clock.seconds())?;
    let making = provision::furnished(&opened, known, &places, &key, (&vouching, &credentials));
    let environment = runtime.block_on(making)?;
    write_private(&path, &environment.text()).map_err(StartError::new)?;
    let servers = servers((config, &opened), &environment, &places, options)?;
    let router = play::router(
        servers,
        party(&environment, &places, authority.as_ref(), &credentials)?,
        &key,
        config.ambient.clone(),
    )?;
    let vouching = pem(authority.as_ref())?;
    let (console, link) =
        console::for_owner(&opened, &environment, &places, vouching, config.ambient.clone())?;
    let router = router.merge(console.router());
    let server = Server::start(config, opened, sockets, Some(front(router.clone())))?;
    let secure = match options.tls.zip(authority.as_ref()) {
        Some((addresses, authority)) => {
            Some(secure::Secure::start(router, addresses, authority, &options.secured)?)
        }
        None => None,
    };
    greet(&places, &path, &link, (first, authority.as_ref()));
    let ended = server.run(None);
    drop(secure);
    ended
}

/// The authorization server, at `/as`, and the resource server, at `/rs`.
fn servers(
    (config, opened): (&Config, &OpenApi),
    environment: &Environment,
    places: &Addresses,
    options: &Options,
) -> Result<Router, StartError> {
    let token = || Secret::new(environment.value("AUTHLETE_API_TOKEN").to_owned());
    let service = environment.value("AUTHLETE_SERVICE_ID").parse().map_err(StartError::new)?;
    let transport = Recorder(InProcess(opened.api.clone()));
    let client = |token| Client::new(transport.clone(), token).for_service(ServiceId(service));
    let issuer = Issuer::parse(&places.issuer()).ok_or_else(|| StartError::new("the issuer is no URL"))?;
    let mutual = places.mutual.as_ref().and_then(|mutual| Issuer::parse(&format!("{mutual}/as")));
    // Test suites register a client for each of their tests, and all of it comes from one machine.
    let budgets = Budgets {
        registrations: 1000,
        accounts: 1000,
        requests: 100_000,
        inbox_of_one: 100,
        ..Budgets::default()
    };
    let settings = Settings {
        name: "Demo service".to_owned(),
        mutual,
        budgets,
        ambient: config.ambient.clone(),
        any_client_authority: options.secured.any_client_authority,
        // A suite has no users, and everything here is made up.
        decisions_for_tests: true,
        credentials: Credentials { offers: true, deferred: [(DEFERRED.0.to_owned(), DEFERRED.1)].into() },
        ..Settings::new(issuer)
    };
    let outgoing = Outgoing::new(options.outgoing.clone()).map_err(StartError::new)?;
    let users = users(&settings.issuer, config).map_err(StartError::new)?;
    let server = AuthServer::new(client(token()), users, settings, options.theme.as_deref(), outgoing);
    Ok(server.map_err(StartError::new)?.router().merge(resource::router(
        client(token()),
        places,
        config.ambient.entropy.clone(),
    )))
}

/// The users of the demonstration; with passkeys, where browsers make some.
fn users(issuer: &Issuer, config: &Config) -> Result<Arc<ListedUsers>, String> {
    let users = ListedUsers::demo()?;
    Ok(Arc::new(match issuer.relying_party_id() {
        Some(_) => users.with_passkeys(&config.directory.join("passkeys.json"))?,
        None => users,
    }))
}

/// The certificate of the local authority.
fn pem(authority: Option<&LocalCa>) -> Result<Option<Vec<u8>>, StartError> {
    authority.map(|ca| std::fs::read(&ca.authority)).transpose().map_err(StartError::new)
}

/// The playground's relying party.
fn party(
    environment: &Environment,
    places: &Addresses,
    authority: Option<&LocalCa>,
    credentials: &CredentialAuthority,
) -> Result<Party, StartError> {
    Ok(Party {
        client_id: environment.value("PLAY_CLIENT_ID").to_owned(),
        client_secret: environment.value("PLAY_CLIENT_SECRET").to_owned(),
        front: places.front.clone(),
        authority: pem(authority)?,
        credential_root: credentials.certificate()?,
    })
}

/// A few lines that a newcomer can act on. Who pipes them into `head` has read enough, and wants the server still.
fn greet(places: &Addresses, env: &Path, link: &str, how: (bool, Option<&LocalCa>)) {
    let mut output = std::io::stdout().lock();
    let _ = output.write_all(greeting(places, env, link, how).as_bytes());
    let _ = output.flush();
}

fn greeting(
    places: &Addresses,
    env: &Path,
    link: &str,
    (first, authority): (bool, Option<&LocalCa>),
) -> String {
    let made = if first { "made a service, clients and their tokens" } else { "going on with what is there" };
    let trust = authority.map_or_else(String::new, |authority| {
        let authority = authority.authority.display();
        format!("Its certificates are of a local authority, which clients have to trust: {authority}\n")
    });
    format!(
        "placet listens on {api} ({made}).
Addresses, tokens and demo clients: {env}

See a whole flow, one click and one sign-in (john, password john) to a token:

  {front}/play

The console, by a link that is good once, and for ten minutes:

  {link}

Authorization server: {issuer}
{trust}
{decision}
Stop with Ctrl-C.
",
        api = places.api,
        env = env.display(),
        front = places.front,
        issuer = places.issuer(),
        decision = provision::first_decision(env),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_to_listen_is_an_address_or_localhost() {
        let read =
            |text: &str| text.parse::<Listen>().map(|listen| (listen.address.to_string(), listen.by_name));
        assert_eq!(read("127.0.0.1:7400"), Ok(("127.0.0.1:7400".to_owned(), false)));
        assert_eq!(read("localhost:0"), Ok(("127.0.0.1:0".to_owned(), true)));
        for wrong in ["localhost", "localhost:", "example.com:80", "7400", ""] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
