//! OpenID for Verifiable Credential Issuance 1.0 §8, OpenID4VC High Assurance Interoperability Profile 1.0 §4.3, §6 – what a profile demands of credentials,
//! and of the tokens they are asked for with

use placet_api::Reason;

use crate::fault::Fault;
use crate::policy::{CredentialPolicy, TokenPolicy};
use crate::rules::sender::Binding;
use crate::tenant::credential_configuration::CredentialFormat;

/// The token is bound to a key of the wallet, where that is demanded: also one that is older than the demand.
pub struct TokenFit;

/// §4.3: whoever finds the token has no use for it.
pub fn token(binding: &Binding, policy: &TokenPolicy) -> Result<TokenFit, Fault> {
    let free = policy.bound && binding.is_none() || policy.bound_by_dpop && binding.jkt.is_none();
    if free { Err(Reason::CredentialTokenUnbound {}.into()) } else { Ok(TokenFit) }
}

/// The credential is of a format that the profile has.
pub struct FormatFit;

/// §6: an SD-JWT VC, or an mdoc.
pub fn format(format: &CredentialFormat, policy: &CredentialPolicy) -> Result<FormatFit, Fault> {
    match format {
        CredentialFormat::JwtVc { .. } if policy.disclosed_selectively => {
            Err(Reason::CredentialFormatRefused {}.into())
        }
        CredentialFormat::SdJwtVc { .. } | CredentialFormat::Mdoc { .. } | CredentialFormat::JwtVc { .. } => {
            Ok(FormatFit)
        }
    }
}
