//! Keys in AWS Key Management Service: a cloud's hardware in the place of a module in the house.
//!
//! A key is found by an alias, `alias/placet-` and the [`KeyId`]'s handle, so that nothing but the handle is kept here.
//! Calls are bounded in number and time as those of a module are, and the service being away is no other thing than a
//! module being away.

mod der;
mod errors;
mod names;
mod operations;

use std::sync::Arc;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use placet_base::Secret;
use placet_base::registry::{JweAlg, JwsAlg};
use placet_hsm::{BoxFuture, Destroyed, Hsm, HsmError, KeyId, Limits, NewKey};
use placet_jose::{Asked, Jwk};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use operations::Keys;

/// Where the keys are. Who may use them is found as every program of AWS finds it: in the environment, in the files of
/// `~/.aws`, with the web identity of a pod, or at the machine's own metadata service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The name that requests know it by.
    pub name: String,
    pub region: String,
    /// A URL in the place of the region's own: of a VPC endpoint, or of a stand-in for tests.
    pub endpoint: Option<String>,
}

/// The service as a module. Nothing is called yet: whether it is there is seen when it is needed.
pub async fn connect(settings: &Settings, limits: Limits) -> Arc<dyn Hsm> {
    let keys = Keys(client(settings, limits).await);
    let places = Arc::new(Semaphore::new(limits.threads + limits.queue));
    Arc::new(AwsKms { keys, limits, places })
}

/// What a symmetric key of the service has encrypted (`Encrypt`, or the data keys that it makes), which says itself by which.
///
/// # Errors
/// When the service cannot be asked, or does not decrypt it.
pub async fn decrypted(
    settings: &Settings,
    limits: Limits,
    encrypted: Vec<u8>,
) -> Result<Secret<Vec<u8>>, HsmError> {
    let call = Keys(client(settings, limits).await);
    let plain = tokio::time::timeout(limits.timeout, call.opened(encrypted)).await;
    plain.unwrap_or(Err(HsmError::Late))
}

async fn client(settings: &Settings, limits: Limits) -> aws_sdk_kms::Client {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .build_https();
    let timeouts = TimeoutConfig::builder().operation_timeout(limits.timeout).build();
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(settings.region.clone()))
        .http_client(http)
        // Whoever has asked hears it, and may come again; it is theirs to say when.
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts);
    let loader = settings.endpoint.iter().fold(loader, |loader, url| loader.endpoint_url(url));
    aws_sdk_kms::Client::new(&loader.load().await)
}

struct AwsKms {
    keys: Keys,
    limits: Limits,
    /// No thread waits for the network: what waits is counted together with what runs.
    places: Arc<Semaphore>,
}

impl AwsKms {
    fn place(&self) -> Result<OwnedSemaphorePermit, HsmError> {
        self.places.clone().try_acquire_owned().map_err(|_| HsmError::Busy)
    }

    /// Has several calls made, in time or not at all.
    async fn ask<T>(&self, calls: impl Future<Output = Result<T, HsmError>>) -> Result<T, HsmError> {
        let _place = self.place()?;
        tokio::time::timeout(self.limits.timeout, calls).await.unwrap_or(Err(HsmError::Late))
    }

    /// Makes a key in a task of its own: one that comes when nobody waits for it any more must not stay.
    async fn generated(&self, key: NewKey) -> Result<Jwk, HsmError> {
        let (place, keys) = (self.place()?, self.keys.clone());
        let (answer, answered) = oneshot::channel();
        tokio::spawn(async move {
            let _place = place;
            if answer.send(keys.generate(&key).await).is_err()
                && let Err(error) = keys.destroy(key.id).await
            {
                tracing::warn!(%error, "a key that AWS KMS made too late stays in it");
            }
        });
        match tokio::time::timeout(self.limits.timeout, answered).await {
            Ok(outcome) => outcome.unwrap_or_else(|_| Err(HsmError::Away("its task is gone".to_owned()))),
            Err(_) => Err(HsmError::Late),
        }
    }
}

impl Hsm for AwsKms {
    fn generate(&self, key: NewKey) -> BoxFuture<'_, Result<Jwk, HsmError>> {
        Box::pin(self.generated(key))
    }

    fn sign(&self, id: KeyId, alg: JwsAlg, message: Vec<u8>) -> BoxFuture<'_, Result<Vec<u8>, HsmError>> {
        Box::pin(async move { self.ask(self.keys.sign(id, alg, &message)).await })
    }

    fn answer(
        &self,
        id: KeyId,
        alg: JweAlg,
        asked: Asked,
    ) -> BoxFuture<'_, Result<Option<Vec<u8>>, HsmError>> {
        Box::pin(async move { self.ask(self.keys.answer(id, alg, asked)).await })
    }

    fn destroy(&self, id: KeyId) -> BoxFuture<'_, Result<Destroyed, HsmError>> {
        Box::pin(self.ask(self.keys.destroy(id)))
    }
}
