//! The engine's way out, on this machine.

mod seen;
mod signers;

use std::sync::Arc;

use placet_ambient::Ambient;
use placet_api::OAuthError;
use placet_base::url::AbsoluteUri;
use placet_base::{Timestamp, Ttl};
use placet_engine::{Caller, Fault, FetchError, Fetched, Outside};
use placet_hsm::Hsms;
use placet_jose::SigningKey;
use placet_store::BoxFuture;

use placet_outgoing::{Failure, Outgoing};
pub use placet_outgoing::{Limits as FetchLimits, Origin};
use seen::Seen;
use signers::Signers;

use crate::telemetry::{Child, Recording, watched};

/// Clock, randomness, keys, log and outgoing calls of this process.
pub struct Local {
    ambient: Ambient,
    signers: Signers,
    outgoing: Outgoing,
    seen: Seen,
    hsms: Hsms,
}

impl Local {
    /// # Errors
    /// When the system's trusted certificates, or those of the limits, cannot be read, or no threads can be had.
    pub fn new(limits: FetchLimits, hsms: Hsms, ambient: Ambient) -> Result<Self, String> {
        let signers = Signers::start().map_err(|e| e.to_string())?;
        Ok(Self { ambient, signers, outgoing: Outgoing::new(limits)?, seen: Seen::default(), hsms })
    }
}

fn outgoing(caller: Caller) -> placet_outgoing::Caller {
    match caller {
        Caller::Known => placet_outgoing::Caller::Known,
        Caller::Stranger => placet_outgoing::Caller::Stranger,
    }
}

fn error(failure: Failure) -> FetchError {
    match failure {
        Failure::Forbidden(why) => FetchError::Forbidden(why),
        Failure::Failed(why) => FetchError::Failed(why),
        Failure::Busy(why) => FetchError::Busy(why),
    }
}

/// The span of a call to elsewhere. Of its URL only the host: what follows may say who it is about.
fn request<'a>(method: &'static str, url: &'a str) -> impl FnOnce(&Arc<Recording>) -> Child + 'a {
    move |recording| {
        let child = recording.child(method).text("http.request.method", method);
        let uri = AbsoluteUri::parse(url).ok();
        match uri.as_ref().and_then(AbsoluteUri::host) {
            Some(host) => child.text("server.address", host),
            None => child,
        }
    }
}

fn not_fetched(error: &FetchError) -> &'static str {
    match error {
        FetchError::Forbidden(_) => "forbidden",
        FetchError::Failed(_) => "failed",
        FetchError::Busy(_) => "busy",
    }
}

impl Outside for Local {
    fn now(&self) -> Timestamp {
        self.ambient.clock.now()
    }

    fn seed(&self) -> [u8; 32] {
        self.ambient.entropy.bytes()
    }

    fn sign(&self, key: Arc<SigningKey>, message: Vec<u8>) -> BoxFuture<'_, Option<Vec<u8>>> {
        if !key.is_slow() {
            let signature = key.sign(&message);
            return Box::pin(async move { signature });
        }
        Box::pin(self.signers.sign(key, message))
    }

    fn hsms(&self) -> &Hsms {
        &self.hsms
    }

    fn fetch<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Fetched, FetchError>> {
        self.fetch_for(url, Caller::Known)
    }

    fn fetch_for<'a>(&'a self, url: &'a str, caller: Caller) -> BoxFuture<'a, Result<Fetched, FetchError>> {
        let fetch = async move {
            let fetched = self.outgoing.get_for(url, outgoing(caller)).await.map_err(error)?;
            let fresh = Ttl::specified(i64::try_from(fetched.fresh.as_secs()).ok());
            Ok(Fetched { text: fetched.text, fresh })
        };
        watched(request("GET", url), || Box::pin(fetch), not_fetched)
    }

    fn ask<'a>(
        &'a self,
        url: &'a str,
        form: String,
        caller: Caller,
    ) -> BoxFuture<'a, Result<String, FetchError>> {
        let ask = async move { self.outgoing.ask_form(url, form, outgoing(caller)).await.map_err(error) };
        watched(request("POST", url), || Box::pin(ask), not_fetched)
    }

    fn post<'a>(&'a self, url: &'a str, json: String) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            match self.outgoing.post_json(url, None, json).await {
                Ok(status) => (200..300).contains(&status),
                Err(why) => {
                    tracing::warn!(%why, "a notification was not delivered");
                    false
                }
            }
        })
    }

    fn permits(&self, url: &str) -> bool {
        self.outgoing.permits(url)
    }

    fn first_use(&self, mark: [u8; 32], now: Timestamp, until: Timestamp) -> bool {
        self.seen.first_use(mark, now, until)
    }

    fn report(&self, request: u64, fault: &Fault) {
        match &fault.source {
            // The call itself fails with it, and tells.
            _ if fault.is_passing() => {}
            Some(source) if fault.error() == OAuthError::ServerError => {
                tracing::error!(request, reason = fault.reason.name(), source, "the server failed");
            }
            // What somebody else has named, and does not answer, is no failure here.
            Some(source) => {
                tracing::info!(request, reason = fault.reason.name(), source, "something elsewhere failed");
            }
            None => tracing::debug!(request, reason = fault.reason.name(), "refused"),
        }
    }
}
