//! Who has come, and what for.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::Response;
use http::StatusCode;
use http::header::{ACCEPT_LANGUAGE, COOKIE};
use http::request::Parts;
use minijinja::Value;
use placet_locale::accepted;
use placet_sdk::form;

use crate::Inner;
use crate::api::{self, Api};
use crate::posted::Posted;
use crate::problem::Problem;
use crate::sessions::Session;

/// The cookie of the session, that of a sign-in that is under way elsewhere, and that of the language, which authorization server and playground share.
pub(crate) const SESSION: &str = "placet-console";
pub(crate) const OPENID: &str = "placet-console-sign-in";
pub(crate) const LANGUAGE: &str = "placet-language";

/// A request, whoever makes it.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) console: Arc<Inner>,
    pub(crate) language: String,
    /// The language was chosen just now.
    pub(crate) is_chosen: bool,
    /// The page, with what it was asked for.
    pub(crate) here: String,
    pub(crate) session: Option<Arc<Session>>,
    /// The name of the session, as the browser holds it.
    pub(crate) name: Option<String>,
    /// The name of a sign-in that is under way elsewhere.
    pub(crate) openid: Option<String>,
    /// The browser says that the request comes from a page of ours.
    pub(crate) is_from_here: bool,
    /// A page asks of itself, and not whoever is signed in: that keeps no session alive, and nothing is told.
    pub(crate) is_polled: bool,
    query: String,
}

impl Seen {
    pub(crate) fn new(console: &Arc<Inner>, parts: &Parts, is_from_here: bool) -> Self {
        let query = parts.uri.query().unwrap_or_default();
        let is_polled = !form::values(query, "live").is_empty();
        let chosen = form::values(query, "lang").into_iter().next();
        let cookie = |name: &str| cookie(parts, &prefixed(console.is_secure(), name));
        let header =
            parts.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let before = cookie(LANGUAGE);
        let wishes = chosen.iter().chain(&before).map(String::as_str).chain(accepted(header));
        let language = console.view.locales.choose(wishes).to_owned();
        let others: Vec<_> = form::pairs(query).filter(|(name, _)| name != "lang").collect();
        let others = form::encode(others.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let name = cookie(SESSION);
        let session = name.as_deref().and_then(|name| match is_polled {
            true => console.sessions.peek(name),
            false => console.sessions.find(name),
        });
        Self {
            console: console.clone(),
            language,
            is_chosen: chosen.is_some(),
            here: form::with_query(parts.uri.path(), &others),
            session,
            name,
            openid: cookie(OPENID),
            is_from_here,
            is_polled,
            query: query.to_owned(),
        }
    }

    /// What the page was asked for.
    pub(crate) fn asked(&self, name: &str) -> Option<String> {
        form::values(&self.query, name).into_iter().next().filter(|value| !value.is_empty())
    }

    pub(crate) fn show(&self, template: &str, page: Value) -> Response {
        self.console.view.show(template, self, StatusCode::OK, page)
    }

    pub(crate) fn show_as(&self, status: StatusCode, template: &str, page: Value) -> Response {
        self.console.view.show(template, self, status, page)
    }

    pub(crate) fn say(&self, text: &str) -> String {
        self.console.view.locales.text(&self.language, text).to_owned()
    }
}

/// Where a cookie is the origin's alone, its name says so (RFC 6265bis §4.1.3.2).
pub(crate) fn prefixed(is_secure: bool, name: &str) -> String {
    if is_secure { format!("__Host-{name}") } else { name.to_owned() }
}

fn cookie(parts: &Parts, name: &str) -> Option<String> {
    let headers = parts.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = headers.flat_map(|text| text.split(';')).filter_map(|item| item.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
}

impl<S: Sync> FromRequestParts<S> for Seen {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Seen>().cloned().ok_or(Problem::NotFound)
    }
}

/// A request of somebody who is signed in.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) seen: Seen,
    pub(crate) session: Arc<Session>,
}

impl std::ops::Deref for Visit {
    type Target = Seen;

    fn deref(&self) -> &Seen {
        &self.seen
    }
}

impl Visit {
    /// The API as whoever is signed in may call it.
    pub(crate) fn api(&self) -> Api {
        api::api(&self.console.carrier, &self.session.credential.token)
    }

    pub(crate) fn about(&self, service: i64) -> Api {
        api::about(&self.console.carrier, &self.session.credential.token, service)
    }

    /// The organization that calls about tokens and members name.
    pub(crate) fn organization(&self) -> i64 {
        self.session.known().organization()
    }

    /// Where the API is, as commands name it.
    pub(crate) fn api_url(&self) -> &str {
        &self.console.settings.api
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let seen = Seen::from_request_parts(parts, state).await?;
        let session = seen.session.clone().ok_or(Problem::SignedOut)?;
        Ok(Self { seen, session })
    }
}

impl<S: Sync> FromRequestParts<S> for Posted {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Posted>().cloned().unwrap_or_default())
    }
}
