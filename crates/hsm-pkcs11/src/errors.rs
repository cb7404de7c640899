//! What return values of a module (PKCS #11 §5.1) mean to whoever has asked.

use cryptoki::error::{Error, RvError};
use placet_hsm::HsmError;

/// Why something was not done with a session.
pub(crate) enum Failure {
    /// The session is none any more, or nobody is logged in.
    Lost(String),
    NoKey,
    /// What was sent cannot be decrypted.
    Data,
    Other(HsmError),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let Error::Pkcs11(code, _) = error else { return Self::Other(HsmError::Refused(error.to_string())) };
        match code {
            RvError::SessionClosed
            | RvError::SessionHandleInvalid
            | RvError::UserNotLoggedIn
            | RvError::CryptokiNotInitialized
            | RvError::DeviceError
            | RvError::DeviceRemoved
            | RvError::TokenNotPresent
            | RvError::TokenNotRecognized
            | RvError::SlotIdInvalid
            | RvError::FunctionCanceled => Self::Lost(error.to_string()),
            RvError::KeyHandleInvalid | RvError::ObjectHandleInvalid => Self::NoKey,
            RvError::EncryptedDataInvalid
            | RvError::EncryptedDataLenRange
            | RvError::DataInvalid
            | RvError::DataLenRange => Self::Data,
            RvError::DeviceMemory => Self::Other(HsmError::Full),
            RvError::MechanismInvalid
            | RvError::MechanismParamInvalid
            | RvError::CurveNotSupported
            | RvError::KeySizeRange
            | RvError::KeyTypeInconsistent
            | RvError::KeyFunctionNotPermitted
            | RvError::TemplateInconsistent
            | RvError::AttributeValueInvalid
            | RvError::AttributeTypeInvalid
            | RvError::ArgumentsBad
            | RvError::FunctionNotSupported => Self::Other(HsmError::Unsupported(error.to_string())),
            _ => Self::Other(HsmError::Refused(error.to_string())),
        }
    }
}

impl From<Failure> for HsmError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Lost(why) => Self::Away(why),
            Failure::NoKey => Self::NoKey,
            Failure::Data => Self::Refused("the data is none for this key".to_owned()),
            Failure::Other(error) => error,
        }
    }
}
