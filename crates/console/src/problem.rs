//! Why a page does not come, or a form does not do what it says; and the page that says so, with a way on.

use std::sync::Arc;

use axum::response::{IntoResponse, Redirect, Response};
use http::{Method, StatusCode};
use minijinja::context;
use placet_sdk::{Error, form};

use crate::BASE;
use crate::posted::Posted;
use crate::visit::Seen;

/// What is in the way.
#[derive(Clone, Debug)]
pub(crate) enum Problem {
    /// Nobody is signed in.
    SignedOut,
    /// The form comes from a page of somebody else.
    OtherSite,
    /// The form is of another session, or of one before.
    OldForm,
    TooLarge,
    /// Somebody else has changed the object meanwhile; its version now, where it is known.
    Changed(Option<String>),
    NotFound,
    /// What was typed cannot be meant; the name of a text that says why.
    Wrong(&'static str),
    /// The API refuses.
    Refused {
        status: u16,
        code: String,
        message: String,
    },
    /// The API cannot be asked.
    Away(String),
}

impl From<Error> for Problem {
    fn from(e: Error) -> Self {
        match e {
            Error::Refused { status: 412, .. } => Self::Changed(None),
            Error::Refused { status: 404, .. } => Self::NotFound,
            Error::Refused { status: 401, .. } => Self::SignedOut,
            Error::Refused { status, result_code, result_message } if status < 500 => {
                let (code, message) = (result_code.unwrap_or_default(), result_message.unwrap_or_default());
                Self::Refused { status, code, message }
            }
            other => Self::Away(other.to_string()),
        }
    }
}

/// Made a page by whoever knows the request.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

impl Problem {
    fn status(&self) -> StatusCode {
        match self {
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::OtherSite | Self::OldForm => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Changed(_) => StatusCode::CONFLICT,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Wrong(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Refused { status, .. } => StatusCode::from_u16(*status).unwrap_or(StatusCode::BAD_REQUEST),
            Self::Away(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::OtherSite => "other_site",
            Self::OldForm => "old_form",
            Self::TooLarge => "too_large",
            Self::Changed(_) => "changed",
            Self::NotFound => "not_found",
            Self::Wrong(_) => "wrong",
            Self::Refused { status: 403, .. } => "forbidden",
            Self::Refused { .. } => "refused",
            Self::Away(_) => "away",
        }
    }

    /// The page. What was typed is kept, unless another site may have typed it.
    pub(crate) fn page(&self, seen: &Seen, method: &Method, posted: &Posted) -> Response {
        if matches!(self, Self::SignedOut) && method == Method::GET {
            let to = form::encode([("to", seen.here.as_str())]);
            return Redirect::to(&format!("{BASE}/sign-in?{to}")).into_response();
        }
        let (code, message) = match self {
            Self::Refused { code, message, .. } => (code.as_str(), message.as_str()),
            Self::Away(why) => ("", why.as_str()),
            _ => ("", ""),
        };
        let why = if let Self::Wrong(text) = self { seen.say(text) } else { String::new() };
        let kept = if matches!(self, Self::OtherSite) { Vec::new() } else { posted.kept() };
        let version = if let Self::Changed(version) = self { version.clone() } else { posted.version() };
        let again = method == Method::POST && self.may_be_sent_again(seen);
        let secrets_lost = !kept.is_empty() && posted.had_secrets();
        let page = context! { name => self.name(), code, message, why, kept, version, again, secrets_lost };
        seen.show_as(self.status(), "problem.html", page)
    }

    /// Whether the page offers to send the form once more: only one that a page of ours has sent, so that no other site gets
    /// somebody to press the button.
    fn may_be_sent_again(&self, seen: &Seen) -> bool {
        let helps = matches!(self, Self::OldForm | Self::Changed(Some(_)) | Self::Away(_));
        helps && seen.is_from_here && seen.session.is_some()
    }
}
