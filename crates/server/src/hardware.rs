//! The modules of the configuration, as the engine asks for them: by name, in the configuration's order.

use placet_hsm::Hsms;

use crate::config::{Config, Module};
use crate::telemetry;

/// Loads the libraries of modules that speak PKCS #11. Whether what holds the keys is there is seen when it is needed.
///
/// # Errors
/// When a library cannot be loaded or threads cannot be had.
pub(crate) async fn load(config: &Config) -> Result<Hsms, String> {
    let (all, limits) = (&config.hsms, config.hardware);
    let with_library = all.iter().flat_map(|module| match module {
        Module::Pkcs11(settings) => Some(settings.clone()),
        #[cfg(feature = "aws-kms")]
        Module::AwsKms(_) => None,
    });
    let mut loaded = placet_hsm_pkcs11::load(&with_library.collect::<Vec<_>>(), limits)?.into_iter();
    let mut named = Vec::new();
    for module in all {
        match module {
            Module::Pkcs11(_) => named.extend(loaded.next()),
            #[cfg(feature = "aws-kms")]
            Module::AwsKms(settings) => {
                named.push((settings.name.clone(), placet_hsm_aws_kms::connect(settings, limits).await));
            }
        }
    }
    let watched = config.telemetry.endpoint.is_some();
    Ok(Hsms::new(if watched { telemetry::hsms(named) } else { named }))
}
