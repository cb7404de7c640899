//! The pages of the playground.

use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use minijinja::{Environment, Value, context};
use serde_json::Value as Json;

use super::flow::Flow;
use super::record::{Call, Hop};
use super::{Run, record};

const TEMPLATES: [(&str, &str); 4] = [
    ("play_layout.html", include_str!("../../../templates/play_layout.html")),
    ("play_flows.html", include_str!("../../../templates/play_flows.html")),
    ("play_home.html", include_str!("../../../templates/play_home.html")),
    ("play_run.html", include_str!("../../../templates/play_run.html")),
];

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

pub(super) struct Pages(Environment<'static>);

impl Pages {
    pub(super) fn load() -> Result<Self, String> {
        let mut templates = Environment::new();
        for (name, text) in TEMPLATES {
            templates.add_template(name, text).map_err(|e| format!("{e:#}"))?;
        }
        Ok(Self(templates))
    }

    pub(super) fn home(&self) -> Response {
        self.show("play_home.html", context! { flows => flows() })
    }

    pub(super) fn run(&self, run: &Run) -> Response {
        let hops: Vec<_> = run.hops.iter().map(hop).collect();
        let outcome = run.outcome.clone().unwrap_or_default();
        let shown: Vec<_> = outcome
            .shown
            .iter()
            .map(|one| {
                context! {
                    name => one.name, value => &one.value, header => one.header.clone(), inside => &one.inside,
                    verified => one.verified,
                }
            })
            .collect();
        let page = context! {
            title => run.flow.title(), about => run.flow.about(), hops, shown, problem => outcome.problem,
            flows => flows(),
        };
        self.show("play_run.html", page)
    }

    fn show(&self, name: &str, page: Value) -> Response {
        match self.0.get_template(name).and_then(|template| template.render(page)) {
            Ok(html) => {
                let headers = [
                    (CONTENT_TYPE, "text/html;charset=utf-8"),
                    (CACHE_CONTROL, "no-store"),
                    (CONTENT_SECURITY_POLICY, POLICY),
                ];
                (headers, html).into_response()
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

fn flows() -> Vec<Value> {
    let flow = |flow: Flow| context! { name => flow.name(), title => flow.title(), about => flow.about() };
    Flow::ALL.into_iter().map(flow).collect()
}

fn hop(hop: &Hop) -> Value {
    let calls: Vec<_> = hop.calls.iter().map(call).collect();
    context! { title => &hop.title, between => hop.between, request => &hop.request, response => &hop.response, calls }
}

/// A call, with what was decided and why in front.
fn call(call: &Call) -> Value {
    let text = |name: &str| call.response.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    let (response, content) = (shortened(&call.response), text("responseContent"));
    // `/api/{serviceId}/auth/token` reads better without the number.
    let path = call.path.splitn(4, '/').nth(3).unwrap_or(&call.path);
    context! {
        path, action => text("action"), why => text("resultMessage"), request => pretty(&call.request),
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
