//! The configuration of the command: a file, and the token of the API from the environment or a file of its own.

mod budgets;
mod facebook;
mod partners;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{
    AuthServer, CallbackUsers, Credentials, Issuer, ListedUsers, LocalCa, Origin, Outgoing, OutgoingLimits,
    Proxy, ResourceAuthorizationServer, Settings, Tls, TlsOptions, Users, Workload,
};
use placet_sdk::{Client, HttpTransport, Secret, ServiceId};
use serde::Deserialize;

use budgets::BudgetsConfig;
use facebook::FacebookConfig;
use partners::{AssertionIssuerConfig, ResourceAuthorizationServerConfig, WorkloadConfig};

/// Where the token may stand instead of in the file.
const TOKEN: &str = "PLACET_API_TOKEN";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    #[serde(default = "listen")]
    pub(crate) listen: SocketAddr,
    issuer: String,
    name: Option<String>,
    theme: Option<PathBuf>,
    acrs: Option<[String; 2]>,
    #[serde(default)]
    resource_servers: Vec<String>,
    /// Where the endpoints are reached with mutual TLS, if not at the issuer.
    mutual_url: Option<String>,
    /// What stands in front sets `traceparent`.
    #[serde(default)]
    traced: bool,
    /// A conformance suite may answer for users (CIBA).
    #[serde(default)]
    decisions_for_tests: bool,
    #[serde(default)]
    registration: RegistrationConfig,
    /// Who may vouch for users with a JWT (RFC 7523 §2.1).
    #[serde(default)]
    assertion_issuer: Vec<AssertionIssuerConfig>,
    /// Where clients may go with a grant of this server (ID-JAG).
    #[serde(default)]
    resource_authorization_server: Vec<ResourceAuthorizationServerConfig>,
    /// Who may begin transactions (Txn-Tokens).
    #[serde(default)]
    workload: Vec<WorkloadConfig>,
    /// What is decided here of the credentials of the service.
    #[serde(default)]
    credentials: CredentialsConfig,
    /// Pages for developers of clients.
    #[serde(default)]
    developers: DevelopersConfig,
    /// Where Facebook is.
    #[serde(default)]
    facebook: FacebookConfig,
    api: Api,
    #[serde(default)]
    session: Session,
    /// Where many processes keep what they remember.
    shared: Option<Shared>,
    tls: Option<TlsConfig>,
    proxy: Option<ProxyConfig>,
    #[serde(default)]
    outgoing: OutgoingConfig,
    #[serde(default)]
    budgets: BudgetsConfig,
    users: UsersConfig,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct CredentialsConfig {
    /// People may offer credentials to wallets of their own.
    #[serde(default)]
    offers: bool,
    /// Seconds, by names of configurations.
    #[serde(default)]
    deferred: BTreeMap<String, i64>,
}

impl CredentialsConfig {
    fn read(&self) -> Result<Credentials, String> {
        match self.deferred.iter().find(|(_, seconds)| **seconds < 1) {
            Some((name, _)) => Err(format!("credentials.deferred.{name}: expected a number above 0")),
            None => Ok(Credentials { offers: self.offers, deferred: self.deferred.clone() }),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Api {
    url: String,
    service: u64,
    token: Option<String>,
    token_file: Option<PathBuf>,
    /// PEM files, for an API behind an authority of one's own.
    #[serde(default)]
    trusted_certificates: Vec<PathBuf>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Session {
    idle_seconds: Option<i64>,
    longest_seconds: Option<i64>,
    interaction_seconds: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TlsConfig {
    certificates: Option<PathBuf>,
    key: Option<PathBuf>,
    /// A folder for a local authority, in place of the two above.
    local_ca: Option<PathBuf>,
    #[serde(default)]
    suites: Vec<String>,
    #[serde(default)]
    versions: Vec<String>,
    /// PEM files with authorities that vouch for clients.
    #[serde(default)]
    client_authorities: Vec<PathBuf>,
    /// A second address, where clients are asked for certificates.
    mutual_listen: Option<SocketAddr>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProxyConfig {
    addresses: Vec<IpAddr>,
    certificate_header: String,
    #[serde(default)]
    vouches: bool,
    address_header: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RegistrationConfig {
    #[serde(default)]
    initial_token_required: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct DevelopersConfig {
    #[serde(default)]
    enabled: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct OutgoingConfig {
    #[serde(default)]
    allowed_origins: Vec<String>,
    #[serde(default)]
    trusted_certificates: Vec<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UsersConfig {
    file: Option<PathBuf>,
    /// Where their passkeys are kept; without it there are none.
    passkeys_file: Option<PathBuf>,
    #[serde(default)]
    demo: bool,
    /// The authentication callback of the service knows them.
    #[serde(default)]
    callback: bool,
}

fn listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

/// Where many processes keep what they remember: a PostgreSQL database.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shared {
    /// Where it is, without a password.
    pub url: String,
    /// A file with the password.
    pub password_file: Option<PathBuf>,
    /// A PEM file with the authorities that vouch for the database.
    pub ca_file: Option<PathBuf>,
    /// A file with the key that seals what is kept: 64 hexadecimal digits, the same for all processes.
    pub key_file: PathBuf,
}

/// Listeners with their TLS.
pub(crate) type Listener = (SocketAddr, Option<Tls>);

impl Config {
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let at = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
        let text = std::fs::read_to_string(path).map_err(|e| at(&e))?;
        toml::from_str(&text).map_err(|e| at(&e))
    }

    /// Where to listen, and how. `local`: a folder for a local authority, where TLS is wanted and the file says
    /// nothing about it.
    pub(crate) fn listeners(&self, local: Option<PathBuf>) -> Result<Vec<Listener>, String> {
        let local = local.map(|folder| TlsConfig { local_ca: Some(folder), ..TlsConfig::default() });
        let Some(config) = self.tls.as_ref().or(local.as_ref()) else { return Ok(vec![(self.listen, None)]) };
        let (certificates, key) = match (&config.certificates, &config.key, &config.local_ca) {
            (Some(certificates), Some(key), None) => (certificates.clone(), key.clone()),
            (None, None, Some(folder)) => LocalCa::open(folder)?.server,
            _ => return Err("tls: either `certificates` and `key`, or `local_ca`".to_owned()),
        };
        let tls = |client_certificates| {
            let options = TlsOptions {
                suites: config.suites.clone(),
                versions: config.versions.clone(),
                client_authorities: config.client_authorities.clone(),
                client_certificates,
            };
            Tls::read(&certificates, &key, &options)
        };
        let mut listeners = vec![(self.listen, Some(tls(false)?))];
        if let Some(address) = config.mutual_listen {
            listeners.push((address, Some(tls(true)?)));
        }
        Ok(listeners)
    }

    pub(crate) fn shared(&self) -> Option<&Shared> {
        self.shared.as_ref()
    }

    pub(crate) fn server(&self) -> Result<AuthServer<HttpTransport>, String> {
        let mut trusted = Vec::new();
        for path in &self.api.trusted_certificates {
            trusted.extend(std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?);
        }
        let transport = HttpTransport::trusting(&self.api.url, &trusted)?;
        let service = ServiceId(self.api.service.try_into().map_err(|_| "api.service: too large")?);
        let (token, of) = (self.token()?, |token: &str| Secret::new(token.to_owned()));
        let api = || Client::new(transport.clone(), of(&token)).for_service(service);
        let users = self.users(api)?;
        AuthServer::new(api(), users, self.settings()?, self.theme.as_deref(), self.outgoing()?)
    }

    fn token(&self) -> Result<String, String> {
        #[expect(clippy::disallowed_methods, reason = "this is the configuration")]
        let environment = std::env::var(TOKEN).ok();
        let of_file = |path: &PathBuf| {
            let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
            Ok::<_, String>(text.trim().to_owned())
        };
        match (environment, &self.api.token_file, &self.api.token) {
            (Some(token), _, _) => Ok(token),
            (None, Some(path), _) => of_file(path),
            (None, None, Some(token)) => Ok(token.clone()),
            (None, None, None) => Err(format!("the API needs a token: api.token, api.token_file or {TOKEN}")),
        }
    }

    fn settings(&self) -> Result<Settings, String> {
        let issuer =
            Issuer::parse(&self.issuer).ok_or("issuer: expected a URL without query and slash at its end")?;
        let defaults = Settings::new(issuer);
        let proxy = self.proxy.as_ref().map(|proxy| {
            let header = |name: &str, text: &String| text.parse().map_err(|e| format!("proxy.{name}: {e}"));
            let address = proxy.address_header.as_ref();
            Ok::<_, String>(Proxy {
                addresses: proxy.addresses.clone(),
                certificate_header: header("certificate_header", &proxy.certificate_header)?,
                vouches: proxy.vouches,
                address_header: address.map(|text| header("address_header", text)).transpose()?,
            })
        });
        let mutual = self.mutual_url.as_ref().map(|url| {
            Issuer::parse(url).ok_or("mutual_url: expected a URL without query and slash at its end")
        });
        Ok(Settings {
            decisions_for_tests: self.decisions_for_tests,
            name: self.name.clone().unwrap_or(defaults.name),
            acrs: self.acrs.clone().unwrap_or(defaults.acrs),
            session_idle: self.session.idle_seconds.unwrap_or(defaults.session_idle),
            session_longest: self.session.longest_seconds.unwrap_or(defaults.session_longest),
            interaction_longest: self.session.interaction_seconds.unwrap_or(defaults.interaction_longest),
            proxy: proxy.transpose()?,
            mutual: mutual.transpose()?,
            any_client_authority: false,
            assertion_issuers: self
                .assertion_issuer
                .iter()
                .map(AssertionIssuerConfig::read)
                .collect::<Result<_, _>>()?,
            resource_authorization_servers: self
                .resource_authorization_server
                .iter()
                .map(ResourceAuthorizationServer::from)
                .collect(),
            workloads: self.workload.iter().map(Workload::from).collect(),
            credentials: self.credentials.read()?,
            developers: self.developers.enabled,
            facebook: self.facebook.read()?,
            registration_needs_token: self.registration.initial_token_required,
            budgets: self.budgets.read()?,
            resource_servers: self.resource_servers.clone(),
            traced: self.traced,
            ambient: defaults.ambient,
            issuer: defaults.issuer,
        })
    }

    fn users(&self, api: impl FnOnce() -> Client<HttpTransport>) -> Result<Arc<dyn Users>, String> {
        let users = match (&self.users.file, self.users.demo, self.users.callback) {
            (None, false, true) if self.users.passkeys_file.is_none() => {
                return Ok(Arc::new(CallbackUsers::new(api(), self.outgoing()?)));
            }
            (None, false, true) => return Err("users: `callback` keeps no passkeys".to_owned()),
            (Some(path), false, false) => {
                let at = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
                let text = std::fs::read_to_string(path).map_err(|e| at(&e))?;
                ListedUsers::parse(&text).map_err(|e| at(&e))?
            }
            (None, true, false) => ListedUsers::demo()?,
            _ => return Err("users: either `file`, or `demo = true`, or `callback = true`".to_owned()),
        };
        let users = users.within(&self.budgets.read()?);
        Ok(Arc::new(match &self.users.passkeys_file {
            Some(path) => users.with_passkeys(path)?,
            None => users,
        }))
    }

    fn outgoing(&self) -> Result<Outgoing, String> {
        let origin = |text: &String| {
            Origin::parse(text).ok_or_else(|| format!("outgoing.allowed_origins: {text} is no origin"))
        };
        let origins: BTreeSet<_> =
            self.outgoing.allowed_origins.iter().map(origin).collect::<Result<_, _>>()?;
        let trusted = self.outgoing.trusted_certificates.clone();
        Outgoing::new(OutgoingLimits { origins, trusted, ..OutgoingLimits::default() })
    }
}

#[cfg(test)]
mod tests {
    use crate::AssertionGrant;

    use super::*;

    fn parsed(text: &str) -> Result<Config, String> {
        toml::from_str(text).map_err(|e| e.to_string())
    }

    #[test]
    fn the_documented_examples_are_configurations() {
        let guide = include_str!("../../../../docs/authserver.md");
        let example = guide.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let config = parsed(example).unwrap();
        let settings = config.settings().unwrap();
        assert_eq!(settings.issuer.url(), "https://as.example");
        assert_eq!(settings.session_idle, 28_800);
        assert_eq!(config.shared().unwrap().key_file, Path::new("/etc/placet/authserver.key"));
        assert!(settings.credentials.offers && settings.credentials.deferred["diploma"] == 60);
        assert_eq!(settings.assertion_issuers[0].grants, [AssertionGrant::JwtBearer]);
        assert_eq!(settings.facebook, crate::SocialNetwork::facebook());
        assert_eq!(settings.proxy.unwrap().certificate_header, "client-cert");
        let deployed = parsed(include_str!("../../../../deploy/authserver.toml")).unwrap();
        assert_eq!(deployed.listeners(None).unwrap().len(), 1);
        assert!(ListedUsers::parse(include_str!("../../../../deploy/users.toml")).is_ok());
    }

    #[test]
    fn what_is_wrong_is_said() {
        let least = "issuer = \"https://as.example\"\n[api]\nurl = \"http://127.0.0.1:7400\"\nservice = 1\n";
        let problem = |text: &str| match parsed(&format!("{least}{text}")) {
            Ok(config) => config.server().err().or(config.listeners(None).err()).unwrap_or_default(),
            Err(problem) => problem,
        };
        for (text, part) in [
            ("colour = 1\n[users]\ndemo = true", "colour"),
            ("token = \"t\"\n[users]", "users: either"),
            ("[users]\ndemo = true", "needs a token"),
            ("token = \"t\"\n[users]\ndemo = true\n[tls]", "tls: either"),
            ("token = \"t\"\n[users]\ndemo = true\n[outgoing]\nallowed_origins = [\"x\"]", "x is no origin"),
            ("token = \"t\"\n[users]\ndemo = true\n[budgets]\nhashes = 0", "budgets.hashes"),
            (
                "token = \"t\"\n[users]\ndemo = true\npasskeys_file = \"/nowhere/keys.json\"",
                "/nowhere/keys.json",
            ),
            ("token = \"t\"\n[users]\ndemo = true\n[budgets]\npasskeys = 0", "budgets.passkeys"),
            (
                "token = \"t\"\n[users]\ndemo = true\n[[assertion_issuer]]\nissuer = \"a\"\njwks_uri = \"b\"\ngrants = []",
                "assertion_issuer.grants",
            ),
            (
                "token = \"t\"\n[users]\ndemo = true\n[[assertion_issuer]]\nissuer = \"a\"\njwks_uri = \"b\"\ngrants = [\"saml\"]",
                "jwt-bearer",
            ),
            (
                "token = \"t\"\n[users]\ndemo = true\n[[assertion_issuer]]\nissuer = \"a\"\njwks_uri = \"b\"\nsubject = \"aud_sub\"",
                "assertion_issuer.subject",
            ),
            (
                "token = \"t\"\n[users]\ndemo = true\n[credentials.deferred]\nid = 0",
                "credentials.deferred.id",
            ),
            (
                "token = \"t\"\n[users]\ndemo = true\n[facebook]\ntoken_endpoint = \"graph\"",
                "facebook.token_endpoint",
            ),
            ("token_file = \"/nowhere\"\n[users]\ndemo = true", "/nowhere"),
            ("token = \"t\"\n[users]\ndemo = true\n[shared]\nurl = \"postgresql://db\"", "key_file"),
        ] {
            assert!(problem(text).contains(part), "{text}: {}", problem(text));
        }
        assert_eq!(problem("token = \"t\"\n[users]\ndemo = true"), "");
    }
}
