//! The pages of the playground.

use std::sync::Arc;

use axum::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, SET_COOKIE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use minijinja::{Environment, Value, context};
use placet_api::explained::explained;
use placet_authserver::locale::{Locales, accepted, add_translations};
use serde_json::Value as Json;

use super::broken::Broken;
use super::flow::Flow;
use super::record::{Call, Hop};
use super::verifying::Check;
use super::waiting::Waiting;
use super::wallet::Step;
use super::{Run, diagram, record};

const TEMPLATES: [(&str, &str); 6] = [
    ("play_again.html", include_str!("../../../templates/play_again.html")),
    ("play_diagram.html", include_str!("../../../templates/play_diagram.html")),
    ("play_layout.html", include_str!("../../../templates/play_layout.html")),
    ("play_flows.html", include_str!("../../../templates/play_flows.html")),
    ("play_home.html", include_str!("../../../templates/play_home.html")),
    ("play_run.html", include_str!("../../../templates/play_run.html")),
];

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const LANGUAGES: [(&str, &str); 2] = [
    ("en", include_str!("../../../templates/play_en.toml")),
    ("ja", include_str!("../../../templates/play_ja.toml")),
];

pub(super) struct Pages {
    templates: Environment<'static>,
    locales: Arc<Locales>,
}

/// Where a page is, and in which languages it is wished for.
pub(super) struct Visit {
    here: String,
    /// Chosen on a page just now.
    chosen: Option<String>,
    /// Chosen before, and the browser's.
    others: Vec<String>,
}

/// The authorization server's, so that one choice is enough.
const COOKIES: [&str; 2] = ["placet-language", "__Host-placet-language"];

impl Visit {
    pub(super) fn new(uri: &Uri, headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let cookies = text(COOKIE).split(';').filter_map(|item| item.trim().split_once('='));
        let before = cookies.filter(|(name, _)| COOKIES.contains(name)).map(|(_, tag)| tag);
        let query = uri.query().unwrap_or_default().split('&');
        Self {
            here: uri.path().to_owned(),
            chosen: query.filter_map(|item| item.strip_prefix("lang=")).map(str::to_owned).next(),
            others: before.chain(accepted(text(ACCEPT_LANGUAGE))).map(str::to_owned).collect(),
        }
    }
}

impl Pages {
    pub(super) fn load() -> Result<Self, String> {
        let mut templates = Environment::new();
        for (name, text) in TEMPLATES {
            templates.add_template(name, text).map_err(|e| format!("{e:#}"))?;
        }
        let locales = Arc::new(Locales::of(&LANGUAGES)?);
        add_translations(&mut templates, locales.clone());
        Ok(Self { templates, locales })
    }

    pub(super) fn home(&self, visit: &Visit) -> Response {
        self.show("play_home.html", visit, context! {})
    }

    pub(super) fn again(&self, visit: &Visit, parameters: &[(String, String)]) -> Response {
        let parameters: Vec<_> = parameters.iter().map(|(name, value)| context! { name, value }).collect();
        let made = ["state", "nonce", "code_challenge"];
        self.show("play_again.html", visit, context! { parameters, made => made.to_vec() })
    }

    pub(super) fn run(&self, visit: &Visit, id: &str, run: &Run) -> Response {
        let hops: Vec<_> = run.hops.iter().map(hop).collect();
        let outcome = run.outcome.clone().unwrap_or_default();
        let language = self.language(visit);
        // What others have said stays in their words.
        let said = |text: &str| self.locales.find(language, text).unwrap_or(text).to_owned();
        let shown: Vec<_> = outcome
            .shown
            .iter()
            .map(|one| {
                context! {
                    name => one.name, value => &one.value, header => one.header.clone(), inside => said(&one.inside),
                    verified => one.verified, of => &one.of, checks => one.checks.iter().map(|check| checked(check, &said)).collect::<Vec<_>>(),
                }
            })
            .collect();
        let problem = outcome.problem.as_deref().map(said);
        let waiting = run.waiting.as_ref().map(|waiting| {
            let Waiting { told, code, uri, picture, .. } = waiting;
            context! { told, code, uri, picture }
        });
        let wallet = run.step.as_ref().map(|step| match step {
            Step::Offer => context! { offer => true },
            Step::Later(later) => context! { interval => later.interval },
        });
        let broken = run.broken.map(Broken::name);
        let diagram = diagram::drawn(&run.hops);
        let page = context! { again => &run.again, id, flow => run.flow.name(), broken, diagram, hops, shown, problem, waiting, wallet };
        self.show("play_run.html", visit, page)
    }

    fn language(&self, visit: &Visit) -> &str {
        self.locales.choose(visit.chosen.iter().chain(&visit.others).map(String::as_str))
    }

    fn show(&self, name: &str, visit: &Visit, page: Value) -> Response {
        let lang = self.language(visit);
        let languages: Vec<_> = self
            .locales
            .iter()
            .map(|locale| context! { tag => &locale.tag, name => self.locales.text(&locale.tag, "language") })
            .collect();
        let flows: Vec<_> = Flow::ALL.into_iter().map(Flow::name).collect();
        let mistakes: Vec<_> = Broken::ALL.into_iter().map(Broken::name).collect();
        let whole = context! { lang, languages, here => &visit.here, flows, mistakes, ..page };
        match self.templates.get_template(name).and_then(|template| template.render(whole)) {
            Ok(html) => {
                let headers = [
                    (CONTENT_TYPE, "text/html;charset=utf-8"),
                    (CACHE_CONTROL, "no-store"),
                    (CONTENT_SECURITY_POLICY, POLICY),
                ];
                let mut response = (headers, html).into_response();
                if visit.chosen.is_some() {
                    let cookie = format!("{}={lang}; Path=/; HttpOnly; SameSite=Lax", COOKIES[0]);
                    response
                        .headers_mut()
                        .extend(HeaderValue::try_from(cookie).map(|cookie| (SET_COOKIE, cookie)));
                }
                response
            }
            Err(e) => {
                tracing::error!(name, source = %format!("{e:#}"), "a page cannot be made");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

pub(super) async fn style() -> Response {
    let headers = [(CONTENT_TYPE, "text/css;charset=utf-8"), (CACHE_CONTROL, "max-age=300")];
    (headers, include_str!("../../../templates/play.css")).into_response()
}

fn checked(check: &Check, said: &impl Fn(&str) -> String) -> Value {
    context! { name => check.name, right => check.right, said => said(&check.said) }
}

fn hop(hop: &Hop) -> Value {
    let calls: Vec<_> = hop.calls.iter().map(call).collect();
    context! { title => hop.title, between => hop.between, request => &hop.request, response => &hop.response, calls }
}

/// A call, with what was decided and why in front.
fn call(call: &Call) -> Value {
    let text = |name: &str| call.response.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    let (response, content) = (shortened(&call.response), text("responseContent"));
    // `/api/{serviceId}/auth/token` reads better without the number.
    let path = call.path.splitn(4, '/').nth(3).unwrap_or(&call.path);
    let explained = explained(&text("resultCode")).map(|found| {
        context! { clauses => found.clauses.to_vec(), settings => found.settings.to_vec() }
    });
    context! {
        path, explained, action => text("action"), why => text("resultMessage"), request => pretty(&call.request),
        response => pretty(&response), content => record::pretty(&content),
    }
}

/// The response without what stands elsewhere on the page.
fn shortened(response: &Json) -> Json {
    let mut response = response.clone();
    if let Some(members) = response.as_object_mut() {
        ["resultCode", "resultMessage", "action", "responseContent", "service"].iter().for_each(|name| {
            members.shift_remove(*name);
        });
    }
    response
}

fn pretty(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        value => serde_json::to_string_pretty(value).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_there_in_every_language() {
        let names = |text: &str| {
            let mut section = String::new();
            let mut names = Vec::new();
            for line in text.lines() {
                if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                    section = name.to_owned();
                } else if let Some((name, _)) = line.split_once(" = ") {
                    names.push(format!("{section}.{name}"));
                }
            }
            names
        };
        let [en, ja] = LANGUAGES.map(|(_, text)| names(text));
        assert_eq!(en, ja);
        assert!(en.len() > 50);
    }
}
