//! The two HTTP clients that calls are made by, each made when the first call wants it: most servers make none for long, and the
//! certificates that a system trusts are some hundred files.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, Client};
use tokio::sync::OnceCell;

use crate::Limits;
use crate::address::is_public;

/// Where a call may lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// To the open internet.
    Open,
    /// To an origin that the operator has named.
    Named,
}

pub(crate) struct Clients {
    open: OnceCell<Client>,
    named: OnceCell<Client>,
    /// Beside those of the system.
    trusted: Vec<Certificate>,
    time: Duration,
}

impl Clients {
    /// # Errors
    /// When the certificates of the limits cannot be read.
    pub(crate) fn new(limits: &Limits) -> Result<Self, String> {
        let mut trusted = Vec::new();
        for path in &limits.trusted {
            let text = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
            let bundle = Certificate::from_pem_bundle(&text);
            trusted.extend(bundle.map_err(|e| format!("{}: {e}", path.display()))?);
        }
        Ok(Self { open: OnceCell::new(), named: OnceCell::new(), trusted, time: limits.time })
    }

    /// # Errors
    /// When the certificates of the system cannot be read; the next call tries again.
    pub(crate) async fn get(&self, reach: Reach) -> Result<&Client, String> {
        let cell = match reach {
            Reach::Open => &self.open,
            Reach::Named => &self.named,
        };
        cell.get_or_try_init(|| self.made(reach)).await
    }

    /// On a thread of its own, since files are read.
    async fn made(&self, reach: Reach) -> Result<Client, String> {
        let builder = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(self.time)
            .no_proxy()
            .user_agent(concat!("placet/", env!("CARGO_PKG_VERSION")));
        let builder =
            self.trusted.iter().cloned().fold(builder, reqwest::ClientBuilder::add_root_certificate);
        let builder = match reach {
            Reach::Open => builder.https_only(true).dns_resolver(Arc::new(PublicOnly)),
            Reach::Named => builder,
        };
        let made = tokio::task::spawn_blocking(move || builder.build()).await.map_err(|e| e.to_string())?;
        made.map_err(|e| format!("outgoing calls: {e}"))
    }
}

/// Names resolve to public addresses, or not at all: whoever owns a name may point it anywhere, and
/// change it between a check and a call.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err("the name leads to no public address".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}
