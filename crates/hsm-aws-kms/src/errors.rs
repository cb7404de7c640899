//! What the errors of AWS KMS mean to whoever has asked.

use aws_sdk_kms::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use placet_hsm::HsmError;

/// Why a call brought nothing.
pub(crate) enum Failure {
    /// What was sent cannot be decrypted.
    Data,
    Other(HsmError),
}

impl<E: ProvideErrorMetadata + std::error::Error + 'static, R: std::fmt::Debug> From<SdkError<E, R>>
    for Failure
{
    fn from(error: SdkError<E, R>) -> Self {
        let why = || DisplayErrorContext(&error).to_string();
        Self::Other(match &error {
            SdkError::TimeoutError(_) => HsmError::Late,
            SdkError::DispatchFailure(failure) if failure.is_timeout() => HsmError::Late,
            SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => HsmError::Away(why()),
            SdkError::ServiceError(answered) => return Self::answered(answered.err()),
            _ => HsmError::Refused(why()),
        })
    }
}

impl Failure {
    /// By the names of the API reference's errors, its common ones among them.
    fn answered(error: &impl ProvideErrorMetadata) -> Self {
        let (code, said) = (error.code().unwrap_or("unnamed"), error.message().unwrap_or_default());
        let why = format!("{code}: {said}");
        Self::Other(match code {
            "InvalidCiphertextException" | "IncorrectKeyException" => return Self::Data,
            "NotFoundException" => HsmError::NoKey,
            "LimitExceededException" => HsmError::Full,
            "ThrottlingException" | "RequestLimitExceeded" => HsmError::Busy,
            "DependencyTimeoutException" => HsmError::Late,
            "KMSInternalException"
            | "KeyUnavailableException"
            | "InternalFailure"
            | "ServiceUnavailable"
            // Whoever is not let in may be, as soon as its operator has seen to that.
            | "AccessDeniedException"
            | "ExpiredTokenException"
            | "IncompleteSignature"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "MissingAuthenticationToken"
            | "NotAuthorized"
            | "OptInRequired"
            | "RequestExpired"
            | "UnrecognizedClientException" => HsmError::Away(why),
            "InvalidKeyUsageException" | "UnsupportedOperationException" | "ValidationException" => {
                HsmError::Unsupported(why)
            }
            _ => HsmError::Refused(why),
        })
    }
}

impl From<Failure> for HsmError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Data => Self::Refused("the data is none for this key".to_owned()),
            Failure::Other(error) => error,
        }
    }
}
