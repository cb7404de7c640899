//! A browser's request to a page: its session, its language, where it is.

use std::net::IpAddr;

use axum::http::header::{ACCEPT_LANGUAGE, COOKIE, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;

use crate::device::Devices;
use crate::forward::Forwarded;
use crate::session::{Handle, Login, Shown};
use crate::settings::Proxy;
use crate::state::StateUnavailable;
use crate::{form, link, locale};

pub(crate) struct Visit {
    pub(crate) session: Option<Handle>,
    /// The browser has sent a name of a session, known or not.
    pub(crate) has_cookie: bool,
    /// Seconds since the epoch.
    pub(crate) now: i64,
    /// Path and query, without the wish for a language.
    pub(crate) here: String,
    /// Languages that the person has chosen or the browser names, the preferred first.
    pub(crate) languages: Languages,
    /// Whom the browser says that it belongs to; see `device.rs`.
    pub(crate) device: String,
    /// Where the request comes from, as far as can be told.
    pub(crate) address: Option<IpAddr>,
    /// A page of another site has embedded this one, so that the browser keeps our cookie to itself.
    pub(crate) is_embedded: bool,
    origin: Option<String>,
    form: String,
}

pub(crate) struct Languages {
    /// From a link of a page, or from an earlier visit.
    pub(crate) chosen: Option<String>,
    /// The link was followed just now.
    pub(crate) is_new: bool,
    pub(crate) accepted: String,
}

/// The cookies. Over https their names bind them to this host (RFC 6265bis, `__Host-`).
pub(crate) struct Cookies {
    secure: bool,
}

impl Cookies {
    pub(crate) fn new(secure: bool) -> Self {
        Self { secure }
    }

    fn name(&self, name: &str) -> String {
        if self.secure { format!("__Host-{name}") } else { name.to_owned() }
    }

    fn read(&self, headers: &HeaderMap, name: &str) -> Option<String> {
        let name = self.name(name);
        let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut cookies =
            all.flat_map(|value| value.split(';')).filter_map(|item| item.trim().split_once('='));
        cookies.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
    }

    /// Lives as long as the browser's session; out of reach for scripts and for other sites' forms.
    fn write(&self, response: &mut Response, name: &str, value: &str, more: &str) {
        let secure = if self.secure { "; Secure" } else { "" };
        let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}", self.name(name));
        if let Ok(text) = HeaderValue::try_from(text) {
            response.headers_mut().append(SET_COOKIE, text);
        }
    }

    /// The name of the browser's session, as it says.
    pub(crate) fn session_name(&self, headers: &HeaderMap) -> Option<String> {
        self.read(headers, SESSION)
    }

    pub(crate) fn visit(&self, (request, now): (&Forwarded, i64), proxy: Option<&Proxy>) -> Visit {
        let wish = form::value(request.query(), "lang").filter(|tag| tag.len() <= 35);
        let rest: Vec<_> = request.query().split('&').filter(|item| !item.starts_with("lang=")).collect();
        let rest = rest.join("&");
        let path = link::here(request.uri.path());
        let destination = request.text(&SEC_FETCH_DEST);
        let text = |name| request.text(&name).unwrap_or_default().to_owned();
        Visit {
            session: request.session.clone(),
            has_cookie: self.session_name(&request.headers).is_some(),
            now,
            here: if rest.is_empty() { path.to_owned() } else { format!("{path}?{rest}") },
            languages: Languages {
                is_new: wish.is_some(),
                chosen: wish.or_else(|| self.read(&request.headers, LANGUAGE)),
                accepted: text(ACCEPT_LANGUAGE),
            },
            device: self.read(&request.headers, DEVICE).unwrap_or_default(),
            address: request.address(proxy),
            is_embedded: destination.is_some_and(|to| to != "document"),
            origin: request.text(&ORIGIN).map(str::to_owned),
            form: request.parameters(),
        }
    }

    /// The session's name, and what pages of clients may learn of it.
    pub(crate) fn keep_session(&self, response: &mut Response, session: &Handle) {
        self.write(response, SESSION, &session.id, "");
        self.tell(response, &session.with(|session| session.browser_state.clone()));
    }

    pub(crate) fn forget_session(&self, response: &mut Response) {
        self.write(response, SESSION, "", "; Max-Age=0");
        self.tell(response, "");
    }

    /// OpenID Connect Session Management 1.0 §4.2: for the script of our own page, which other sites embed. Its value
    /// opens nothing.
    fn tell(&self, response: &mut Response, state: &str) {
        let secure = if self.secure { "; SameSite=None; Secure" } else { "" };
        let end = if state.is_empty() { "; Max-Age=0" } else { "" };
        let text = format!("{}={state}; Path=/{secure}{end}", self.name(BROWSER_STATE));
        if let Ok(text) = HeaderValue::try_from(text) {
            response.headers_mut().append(SET_COOKIE, text);
        }
    }

    /// The name of the cookie that pages of clients may learn of.
    pub(crate) fn browser_state_name(&self) -> String {
        self.name(BROWSER_STATE)
    }

    pub(crate) fn keep_device(&self, response: &mut Response, device: &str) {
        self.write(response, DEVICE, device, "; Max-Age=31536000");
    }

    pub(crate) fn keep_language(&self, response: &mut Response, tag: &str) {
        self.write(response, LANGUAGE, tag, "; Max-Age=31536000");
    }
}

const SESSION: &str = "placet-session";
const LANGUAGE: &str = "placet-language";
const DEVICE: &str = "placet-device";
const BROWSER_STATE: &str = "placet-browser-state";

static SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

impl Visit {
    /// One field of the form.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        form::value(&self.form, name)
    }

    pub(crate) fn fields(&self, name: &str) -> Vec<String> {
        form::values(&self.form, name)
    }

    /// When we have shown this form, if it is one of ours (RFC 6749 §10.12): it carries a token of the session, and
    /// the browser, where it says so, sent it from here.
    pub(crate) fn shown(&self, session: &Handle, origin: &str) -> Option<Shown> {
        let sent = self.field("csrf").unwrap_or_default();
        let from_here = self.origin.as_deref().is_none_or(|from| from == origin);
        session.with(|session| session.shown(&sent)).filter(|_| from_here)
    }

    /// Who is signed in, in which session.
    pub(crate) fn signed_in(&self) -> Option<(&Handle, Login)> {
        let session = self.session.as_ref()?;
        Some((session, session.login()?))
    }

    /// What names this browser, if the account's owner has signed in with it before.
    pub(crate) async fn known_device(
        &self,
        devices: &Devices,
        account: &str,
    ) -> Result<Option<String>, StateUnavailable> {
        devices.known(&self.device, account).await
    }

    /// What the person has chosen goes before what the request wishes for, and that before what the browser says.
    pub(crate) fn wishes<'a>(&'a self, of_request: &'a [String]) -> impl Iterator<Item = &'a str> {
        let chosen = self.languages.chosen.as_deref().into_iter();
        chosen.chain(of_request.iter().map(String::as_str)).chain(locale::accepted(&self.languages.accepted))
    }
}
