//! The web console of placet, at `/console`: pages that a server renders, which work without scripts. It stands on the SDK, as
//! any customer would: whoever signs in brings a token of the API, and may what that token may.
//!
//! `docs/console.md` says what there is; each page is a file of `pages/` with a template of the same name.

#![warn(missing_docs)]

mod abroad;
mod api;
mod assets;
mod budgets;
mod clauses;
mod fields;
mod gate;
mod inspected;
mod keys;
mod lint;
mod openid;
mod pages;
mod posted;
mod problem;
mod redirects;
mod replay;
mod rights;
mod scopes;
mod sessions;
mod sign_in;
mod templates;
mod told;
mod usage;
mod view;
mod visit;

use std::sync::Arc;

use axum::Router;
use placet_ambient::Ambient;
use placet_sdk::Transport;

use api::Carrier;
use openid::SignIns;
use sessions::Sessions;
use sign_in::Codes;
use view::View;

pub use openid::OpenId;
pub use sign_in::OneTimeLink;

/// Where all of it is.
pub(crate) const BASE: &str = "/console";

/// How a console is.
#[derive(Clone)]
pub struct Settings {
    /// The origin that browsers see, such as `https://console.example`.
    pub origin: String,
    /// Where the API is for others, as commands that are shown name it.
    pub api: String,
    /// Where flows can be played, if they can.
    pub playground: Option<Playground>,
    /// By which provider people sign in, if by one.
    pub openid: Option<Arc<OpenId>>,
    /// Clock and randomness.
    pub ambient: Ambient,
}

/// A playground: a page that plays with one service.
#[derive(Clone)]
pub struct Playground {
    /// Where it is, on the console's origin.
    pub path: String,
    /// The service.
    pub service: i64,
}

/// A console.
pub struct Console(Arc<Inner>);

/// What all pages share.
pub(crate) struct Inner {
    pub(crate) carrier: Carrier,
    pub(crate) settings: Settings,
    pub(crate) sessions: Sessions,
    pub(crate) codes: Codes,
    pub(crate) openid: Option<SignIns>,
    pub(crate) view: View,
}

impl Inner {
    pub(crate) fn is_secure(&self) -> bool {
        self.settings.origin.starts_with("https://")
    }
}

impl Console {
    /// A console that calls the API by `transport`.
    ///
    /// # Errors
    /// When a template or a language that is built in cannot be read, or an authority is no certificate.
    pub fn new<T: Transport + Clone + 'static>(transport: T, settings: Settings) -> Result<Self, String> {
        let origin = settings.origin.trim_end_matches('/').to_owned();
        let settings = Settings { origin, ..settings };
        let (sessions, codes) = (Sessions::new(&settings.ambient), Codes::new(&settings.ambient));
        let carrier = Carrier::new(transport);
        let openid = settings.openid.clone();
        let openid =
            openid.map(|openid| SignIns::new(openid, &settings.origin, &settings.ambient)).transpose()?;
        Ok(Self(Arc::new(Inner { carrier, sessions, codes, openid, view: View::load()?, settings })))
    }

    /// Its pages, below `/console`.
    pub fn router(&self) -> Router {
        pages::router(self.0.clone())
    }

    /// A link by which somebody signs in without typing a token in: it is good once, and for ten minutes.
    pub fn one_time_link(&self, link: OneTimeLink) -> String {
        format!("{}{BASE}/sign-in?code={}", self.0.settings.origin, self.0.codes.issue(link))
    }
}
