//! Why a body could not be read, as every listener answers it.

use std::error::Error;

use http_body_util::LengthLimitError;
use hyper::StatusCode;

use crate::timed_body::{BodyLate, TooManyBodies};

/// Why a body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// It is larger than it may be (RFC 9110 §15.5.14).
    Large,
    /// It took longer than it may (RFC 9110 §15.5.9).
    Late,
    /// Too many bodies are arriving (RFC 9110 §15.6.4).
    Crowded,
    /// It broke off, or is no body.
    Broken,
}

impl BodyError {
    /// Reads what collecting a body has failed with, however often that was wrapped.
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        let mut cause = Some(error);
        while let Some(e) = cause {
            if e.is::<LengthLimitError>() {
                return Self::Large;
            } else if e.is::<BodyLate>() {
                return Self::Late;
            } else if e.is::<TooManyBodies>() {
                return Self::Crowded;
            }
            cause = e.source();
        }
        Self::Broken
    }

    /// The status that says so.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Large => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Late => StatusCode::REQUEST_TIMEOUT,
            Self::Crowded => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken => StatusCode::BAD_REQUEST,
        }
    }

    /// The seconds after which another try makes sense, where one does (RFC 9110 §10.2.3).
    pub fn retry_after(self) -> Option<u32> {
        (self == Self::Crowded).then_some(1)
    }
}
