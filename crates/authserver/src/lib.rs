//! A complete authorization server: endpoints, sessions and pages in front of a placet or Authlete API, through the
//! SDK and nothing else. It decides who the user is and what the user agrees to; everything about OAuth and OpenID
//! Connect it hands on to the API, and does what the API says.
//!
//! ```no_run
//! # async fn f(api: placet_sdk::Client<placet_sdk::HttpTransport>) -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//! use placet_authserver::{AuthServer, ListedUsers, Issuer, Outgoing, OutgoingLimits, Settings};
//!
//! let settings = Settings::new(Issuer::parse("https://as.example").ok_or("the issuer")?);
//! let users = Arc::new(ListedUsers::demo()?);
//! let router = AuthServer::new(api, users, settings, None, Outgoing::new(OutgoingLimits::default())?)?.router();
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]

mod budgets;
mod certificate;
pub mod command;
mod credentials;
mod date;
mod device;
mod form;
mod forward;
mod inbox;
mod interaction;
mod link;
mod local_ca;
mod means;
mod of_users;
mod offer;
mod pages;
mod passkeys;
mod rate_limit;
mod respond;
mod routes;
pub mod serve;
mod session;
mod settings;
mod shared_sessions;
mod social;
mod state;
mod throttle;
mod tls;
pub mod users;
mod verified;
mod visit;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::Response;
use minijinja::{Value, context};
use placet_ambient::Entropy;
use placet_jose::JwkSet;
use placet_sdk::{Client, Content, Error, Transport, trace};

use credentials::Later;
use device::Devices;
use inbox::Inbox;
use pages::{Has, Pages, Shown};
use passkeys::RelyingParty;
use rate_limit::Allowance;
use session::{Lost, Sessions};
use shared_sessions::SharedSessions;
use state::State;
use throttle::Throttle;
use visit::{Cookies, Visit};

pub use budgets::Budgets;
pub use certificate::Peer;
pub use local_ca::LocalCa;
pub use placet_ambient::{Ambient, Clock};
pub use placet_locale as locale;
pub use placet_outgoing::{Limits as OutgoingLimits, Origin, Outgoing};
pub use placet_serving::Limits as ConnectionLimits;
pub use settings::{
    AssertionGrant, AssertionIssuer, Credentials, Issuer, Proxy, ResourceAuthorizationServer, Settings,
    Workload,
};
pub use social::SocialNetwork;
pub use state::contract as state_contract;
pub use state::{InMemory, Kept, NEVER, Place, Shelf, StateFuture, StateStore, StateUnavailable};
pub use tls::{Tls, TlsOptions};
pub use users::{CallbackUsers, ListedUsers, User, Users};

/// An authorization server for one service of the API.
pub struct AuthServer<T> {
    api: Client<T>,
    users: Arc<dyn Users>,
    settings: Settings,
    pages: Pages,
    sessions: Sessions,
    cookies: Cookies,
    throttle: Throttle,
    devices: Devices,
    registrations: Allowance,
    accounts: Allowance,
    requests: Allowance,
    codes: Allowance,
    offers: Allowance,
    by_network: Allowance,
    inbox: Inbox,
    later: Later,
    shared: SharedSessions,
    /// Where the users have passkeys.
    relying_party: Option<RelyingParty>,
    outgoing: Arc<Outgoing>,
    /// Keys of those whose assertions are believed, and when they were fetched.
    assertion_keys: Mutex<HashMap<String, (i64, Arc<JwkSet>)>>,
}

impl<T: Transport + 'static> AuthServer<T> {
    /// `api`: with a token that may use the service and view its clients. `theme`: a folder with `templates/`,
    /// `assets/style.css` and `locales/` that go over the built-in ones, file by file. `outgoing`: how logout
    /// tokens are posted.
    ///
    /// # Errors
    /// When the theme cannot be read, and where users have passkeys that browsers would not make for this issuer.
    pub fn new(
        api: Client<T>,
        users: Arc<dyn Users>,
        settings: Settings,
        theme: Option<&Path>,
        outgoing: Outgoing,
    ) -> Result<Self, String> {
        let has = Has {
            demo: !users.shown().is_empty(),
            passkeys: users.passkeys().is_some(),
            offers: settings.credentials.offers,
        };
        let pages = Pages::load(&settings, theme, has)?;
        let cookies = Cookies::new(settings.issuer.is_https());
        let budgets = &settings.budgets;
        let memory = InMemory::new(budgets, settings.ambient.clock.clone());
        let state = State::new(Arc::new(memory));
        Ok(Self {
            throttle: Throttle::new(&state),
            devices: Devices::new(settings.ambient.entropy.clone(), &state),
            registrations: Allowance::new(budgets.registrations, budgets.addresses),
            accounts: Allowance::new(budgets.accounts, budgets.addresses),
            requests: Allowance::new(budgets.requests, budgets.addresses),
            codes: Allowance::new(budgets.codes, budgets.addresses),
            offers: Allowance::new(budgets.offers, budgets.addresses),
            by_network: Allowance::new(budgets.social, budgets.addresses),
            inbox: Inbox::new(&settings, &state),
            later: Later::new(&state),
            shared: SharedSessions::new(&settings, &state),
            sessions: Sessions::new(&settings, &state),
            relying_party: users.passkeys().map(|_| RelyingParty::new(&settings)).transpose()?,
            outgoing: Arc::new(outgoing),
            assertion_keys: Mutex::default(),
            api,
            users,
            settings,
            pages,
            cookies,
        })
    }

    /// The same, which remembers what many processes share, and not in its own memory: sessions and what hangs on them, requests
    /// that wait for users, wrong passwords.
    #[must_use]
    pub fn sharing(self, store: Arc<dyn StateStore>) -> Self {
        let state = State::new(store);
        Self {
            throttle: Throttle::new(&state),
            devices: Devices::new(self.settings.ambient.entropy.clone(), &state),
            inbox: Inbox::new(&self.settings, &state),
            later: Later::new(&state),
            shared: SharedSessions::new(&self.settings, &state),
            sessions: Sessions::new(&self.settings, &state),
            ..self
        }
    }

    /// All endpoints and pages, under the path of the issuer; and the metadata of RFC 8414 §3.1, whose path stands
    /// before it.
    pub fn router(self) -> axum::Router {
        routes::router(Arc::new(self))
    }

    fn visit(&self, request: &forward::Forwarded) -> Visit {
        let proxy = self.settings.proxy.as_ref();
        let now = self.settings.ambient.clock.seconds();
        self.cookies.visit((request, now), proxy)
    }

    /// Seconds since the epoch.
    fn now(&self) -> i64 {
        self.settings.ambient.clock.seconds()
    }

    /// The path of one of our pages.
    fn path(&self, path: &str) -> String {
        format!("{}{path}", self.settings.issuer.path())
    }

    /// A page in the visitor's language.
    fn page(&self, visit: &Visit, template: &str, look: Look<'_>, page: Value) -> Response {
        let language = self.pages.locales.choose(visit.wishes(look.ui_locales));
        let shown = Shown {
            status: look.status,
            language,
            here: look.here.unwrap_or(&visit.here),
            form_targets: look.form_targets,
            frames: look.frames,
            script: look.script,
        };
        let mut response = self.pages.show(template, &shown, page);
        if visit.languages.is_new {
            self.cookies.keep_language(&mut response, language);
        }
        response
    }

    /// An error page, with a transaction id that stands in the log as well: the request id of the call that was answered
    /// last, by which the inspector finds it; one of our own where the API was asked nothing, or did not answer.
    fn error(&self, visit: &Visit, problem: Problem<'_>) -> Response {
        let transaction =
            trace::latest_request_id().unwrap_or_else(|| transaction(&self.settings.ambient.entropy));
        let Problem { status, kind, detail, retry, onward } = problem;
        tracing::warn!(transaction, kind, detail, status = status.as_u16(), "an error page");
        let here = visit.here.as_str();
        // A form that failed has no address of its own.
        let look = Look { here: Some(if retry.is_some() { "" } else { here }), ..Look::new(status) };
        let mut response =
            self.page(visit, "error.html", look, context! { kind, detail, retry, transaction, onward => onward.as_ref().map(|one| &one.uri), host => onward.as_ref().map(|one| &one.host) });
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, axum::http::HeaderValue::from_static("2"));
        }
        response
    }

    /// The API refuses to do anything with a request.
    fn refused(&self, visit: &Visit, status: StatusCode, content: &Content) -> Response {
        let detail = content.result_message.as_deref().unwrap_or_default();
        self.error(visit, Problem { detail, ..Problem::new(status, "request") })
    }

    /// The API does not answer. `retry`: the page to try again.
    fn away(&self, visit: &Visit, error: &Error, retry: &str) -> Response {
        tracing::error!(source = %error, "the API does not answer");
        let (status, kind) = match error.is_temporary() {
            true => (StatusCode::SERVICE_UNAVAILABLE, "away"),
            false => (StatusCode::INTERNAL_SERVER_ERROR, "away"),
        };
        self.error(visit, Problem { retry: Some(retry), ..Problem::new(status, kind) })
    }

    /// The session of the visit has ended elsewhere, or cannot be read or changed now. `retry`: the page to try again.
    fn lost(&self, visit: &Visit, lost: Lost, retry: &str) -> Response {
        match lost {
            Lost::Gone => self.error(visit, Problem::new(StatusCode::BAD_REQUEST, "lost")),
            Lost::Away(e) => self.forgetful(visit, &e, retry),
        }
    }

    /// What is remembered cannot be read or changed now.
    fn forgetful(&self, visit: &Visit, e: &StateUnavailable, retry: &str) -> Response {
        tracing::error!(source = %e.0, "what is remembered cannot be read or changed");
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "away");
        self.error(visit, Problem { retry: Some(retry), ..problem })
    }

    /// The API says something that this version does not know.
    fn unknown(&self, visit: &Visit, action: Option<&str>) -> Response {
        let detail = format!("an unknown action: {}", action.unwrap_or("none"));
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        self.error(visit, Problem { detail: &detail, ..Problem::new(status, "away") })
    }
}

/// Twelve letters and digits that can be read out on the telephone.
fn transaction(entropy: &Entropy) -> String {
    entropy.identifier().to_uppercase().chars().filter(|c| !"-_IO01".contains(*c)).take(12).collect()
}

/// How a page is shown besides its content.
struct Look<'a> {
    status: StatusCode,
    ui_locales: &'a [String],
    /// Where the page is, if not where the request went.
    here: Option<&'a str>,
    form_targets: &'a [String],
    frames: &'a [String],
    /// It runs the script of passkeys.
    script: bool,
}

impl Look<'_> {
    fn new(status: StatusCode) -> Self {
        Self { status, ui_locales: &[], here: None, form_targets: &[], frames: &[], script: false }
    }
}

/// What an error page says.
struct Problem<'a> {
    status: StatusCode,
    /// The name of its texts.
    kind: &'a str,
    detail: &'a str,
    /// A link for another try.
    retry: Option<&'a str>,
    /// Where the person may go on to, if they want to.
    onward: Option<Onward>,
}

/// An address of a client that nobody has looked at.
struct Onward {
    uri: String,
    host: String,
}

impl<'a> Problem<'a> {
    fn new(status: StatusCode, kind: &'a str) -> Self {
        Self { status, kind, detail: "", retry: None, onward: None }
    }
}
