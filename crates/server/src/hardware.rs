//! The modules of the configuration, as the engine asks for them: by name, in the configuration's order.

use placet_hsm::{Hsms, Limits};

use crate::config::Module;

/// Loads the libraries of modules that speak PKCS #11. Whether what holds the keys is there is seen when it is needed.
///
/// # Errors
/// When a library cannot be loaded or threads cannot be had.
pub(crate) async fn load(all: &[Module], limits: Limits) -> Result<Hsms, String> {
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
    Ok(Hsms::new(named))
}
