//! Where the database is, and how it is reached.

use std::path::PathBuf;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::budgets::{CONNECT, LOCK, SILENCE, STATEMENT};
use crate::wall;

/// Where the database is.
#[derive(Clone, Debug, Default)]
pub struct PostgresConfig {
    /// `postgresql://user@host:port/database`, or the same in the form `host=… user=…`. Several hosts are tried in turn; the
    /// one that takes writes is used.
    pub url: String,
    /// A file with the password; a line end behind it is no part of it.
    pub password_file: Option<PathBuf>,
    /// A PEM file with the authorities that may vouch for the database.
    pub ca_file: Option<PathBuf>,
    /// Whether policies of the database see to it that a statement finds no rows of services that it is not about.
    pub row_security: bool,
}

/// What of a configuration cannot be used.
#[derive(Debug)]
pub enum ConfigError {
    Url(String),
    /// The URL holds a password: URLs end up in logs and process lists.
    PasswordInUrl,
    /// A host that is not this machine, without authorities to know it by.
    Untrusted,
    File(PathBuf, String),
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Url(why) => write!(f, "the URL of the database: {why}"),
            Self::PasswordInUrl => f.write_str("the URL of the database holds a password: use a password file"),
            Self::Untrusted => f.write_str(
                "the database is on another machine: name a file with the authorities that vouch for its certificate",
            ),
            Self::File(path, why) => write!(f, "{}: {why}", path.display()),
        }
    }
}

impl std::error::Error for ConfigError {}

impl PostgresConfig {
    pub(crate) fn resolved(&self) -> Result<(Config, Option<MakeRustlsConnect>), ConfigError> {
        let mut config: Config =
            self.url.parse().map_err(|e: tokio_postgres::Error| ConfigError::Url(e.to_string()))?;
        if config.get_password().is_some() {
            return Err(ConfigError::PasswordInUrl);
        }
        // Read again for each connection; here it is only seen to be there.
        self.password()?;
        let roots = self.roots()?;
        // Between processes of one machine TLS protects nothing.
        let here = config.get_hosts().iter().all(is_here);
        match (here, roots.is_empty()) {
            (_, false) => config.ssl_mode(SslMode::Require),
            (true, true) => config.ssl_mode(SslMode::Disable),
            (false, true) => return Err(ConfigError::Untrusted),
        };
        // Every statement has an index whose order is the one it wants, and takes a few rows of it; plans are kept, and a table
        // that was small when they were made may be large.
        let limits = format!(
            "-c enable_seqscan=off -c enable_bitmapscan=off -c max_parallel_workers_per_gather=0 \
             -c statement_timeout={} -c lock_timeout={} -c idle_in_transaction_session_timeout={}",
            STATEMENT.as_millis(),
            LOCK.as_millis(),
            STATEMENT.as_millis(),
        );
        let wall = if self.row_security { wall::OPTION } else { "" };
        let given = config.get_options().unwrap_or_default();
        config.options(format!("{given} {limits} {wall}").trim()).connect_timeout(CONNECT);
        config.tcp_user_timeout(SILENCE).keepalives_idle(SILENCE);
        // A copy that lags behind would tell what is no longer so.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        let tls = (!roots.is_empty()).then(|| {
            MakeRustlsConnect::new(
                ClientConfig::builder().with_root_certificates(roots).with_no_client_auth(),
            )
        });
        Ok((config, tls))
    }

    /// As it is now: passwords are replaced while nodes run.
    pub(crate) fn password(&self) -> Result<Option<String>, ConfigError> {
        let Some(path) = &self.password_file else { return Ok(None) };
        let text =
            std::fs::read_to_string(path).map_err(|e| ConfigError::File(path.clone(), e.to_string()))?;
        Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
    }

    fn roots(&self) -> Result<RootCertStore, ConfigError> {
        let mut roots = RootCertStore::empty();
        let Some(path) = &self.ca_file else { return Ok(roots) };
        let wrong = |why: String| ConfigError::File(path.clone(), why);
        for certificate in CertificateDer::pem_file_iter(path).map_err(|e| wrong(e.to_string()))? {
            let certificate = certificate.map_err(|e| wrong(e.to_string()))?;
            roots.add(certificate).map_err(|e| wrong(e.to_string()))?;
        }
        if roots.is_empty() { Err(wrong("no certificate".to_owned())) } else { Ok(roots) }
    }
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> String {
        let config = PostgresConfig { url: url.to_owned(), ..PostgresConfig::default() };
        match config.resolved() {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_would_leak_or_trust_anybody_is_refused() {
        assert_eq!(refused("host=/run/postgresql user=placet"), "");
        assert_eq!(refused("postgresql://placet@127.0.0.1:5432/placet"), "");
        assert!(refused("postgresql://placet:secret@127.0.0.1/placet").contains("password file"));
        assert!(refused("postgresql://placet@db.example/placet").contains("authorities"));
        assert!(refused("postgresql://placet@localhost,db.example/placet").contains("authorities"));
        assert!(refused("nonsense").contains("URL"));
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let missing = Some(PathBuf::from("/nowhere/at/all"));
        for config in [
            PostgresConfig { password_file: missing.clone(), ..PostgresConfig::default() },
            PostgresConfig { ca_file: missing.clone(), ..PostgresConfig::default() },
        ] {
            let config = PostgresConfig { url: "host=/x".to_owned(), ..config };
            assert!(config.resolved().is_err_and(|e| e.to_string().contains("/nowhere/at/all")));
        }
    }
}
