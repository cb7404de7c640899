//! Every setting of a service, or of a client, by the table.

use axum::extract::Path;
use http::StatusCode;
use minijinja::context;
use placet_api::endpoints::EndpointId;
use placet_api::settings::{CLIENT, SERVICE, Setting};
use placet_sdk::Answer;
use placet_sdk::types::MergePatch;
use serde_json::{Map, Value};

use super::{Shown, name, place, see};
use crate::api;
use crate::fields;
use crate::posted::Posted;
use crate::problem::Problem;
use crate::told::{self, Call, Told};
use crate::visit::Visit;

/// A document whose settings are shown.
struct Subject {
    service: i64,
    client: Option<i64>,
    table: &'static [Setting],
    document: Value,
    version: String,
    /// The service and the client, as the navigation knows them.
    places: minijinja::Value,
    /// Where the page is.
    at: String,
}

impl Subject {
    async fn read(visit: &Visit, service: i64, client: Option<i64>) -> Result<Self, Problem> {
        let api = visit.about(service);
        let of_service = api.service_get().await?;
        let at = match client {
            None => format!("/services/{service}/settings"),
            Some(client) => format!("/services/{service}/clients/{client}/settings"),
        };
        let Some(id) = client else {
            let version = of_service.version.clone().unwrap_or_default();
            let places = context! { service => place(&of_service), name => name(&of_service) };
            let document = api::document(&of_service);
            return Ok(Self { service, client, table: SERVICE, document, version, places, at });
        };
        let answer = api.client_get(id).await?;
        let title = answer.client_name.clone().unwrap_or_else(|| id.to_string());
        let shown = context! { id => id.to_string(), name => &title };
        let places = context! { service => place(&of_service), client => shown, name => title };
        let version = answer.version.clone().unwrap_or_default();
        Ok(Self { service, client, table: CLIENT, document: api::document(&answer), version, places, at })
    }

    /// Makes the changes, on the version that they are meant for.
    async fn change(
        &self,
        visit: &Visit,
        version: &str,
        changes: &Map<String, Value>,
    ) -> Result<(), Problem> {
        let (api, body) = (visit.about(self.service), MergePatch(changes.clone()));
        let patch = Answer { version: Some(version.to_owned()), ..Answer::from(body) };
        match self.client {
            None => api.service_patch(patch).await.map(drop)?,
            Some(client) => api.client_patch(client, patch).await.map(drop)?,
        }
        Ok(())
    }

    /// What the document is, as commands and texts name it.
    fn kind(&self) -> &'static str {
        if self.client.is_some() { "client" } else { "service" }
    }

    /// What a setting does, in a language other than that of the table.
    fn abroad<'a>(&self, visit: &'a Visit, setting: &Setting) -> Option<&'a str> {
        visit.console.view.abroad.setting(&visit.language, self.kind(), setting.member)
    }

    /// The row of the table that changes it.
    fn patch(&self) -> EndpointId {
        if self.client.is_some() { EndpointId::client_patch } else { EndpointId::service_patch }
    }

    fn told(&self, visit: &Visit, changes: &Map<String, Value>) -> Told {
        let kind = self.kind();
        let call = Call::new(visit.api_url(), self.patch()).of(self.service).meant(&self.version);
        let call = call.body(Value::Object(changes.clone()));
        let (call, command) = match self.client {
            None => (call, format!("placet service --service {} set", self.service)),
            Some(client) => {
                (call.on(client), format!("placet client --service {} set {client}", self.service))
            }
        };
        let command = format!("{command} {}", told::assignments(changes));
        let ways = call.ways(command, told::terraform(kind, changes));
        let names: Vec<_> = changes.keys().map(String::as_str).collect();
        Told::done("told.changed").about(names.join(", ")).by(ways)
    }
}

/// Which of the settings a page shows.
struct Choice {
    group: String,
    search: String,
    /// Only those that are others than their defaults.
    changed: bool,
}

impl Choice {
    fn new(text: impl Fn(&str) -> Option<String>) -> Self {
        let group = text("group").unwrap_or_else(|| "general".to_owned());
        Self { group, search: text("q").unwrap_or_default(), changed: text("changed").is_some() }
    }

    fn has(&self, setting: &Setting, abroad: Option<&str>, document: &Value) -> bool {
        let is_found =
            || setting.is_about(&self.search) || abroad.is_some_and(|text| text.contains(self.search.trim()));
        let is_changed = || fields::is_changed(setting, &document[setting.member]);
        match (self.changed, self.search.is_empty()) {
            (true, true) => is_changed(),
            (true, false) => is_changed() && is_found(),
            (false, false) => is_found(),
            (false, true) => setting.group == self.group,
        }
    }

    fn query(&self) -> String {
        let mut pairs = vec![("group", self.group.as_str())];
        if !self.search.is_empty() {
            pairs.push(("q", &self.search));
        }
        if self.changed {
            pairs.push(("changed", "1"));
        }
        placet_sdk::form::encode(pairs)
    }
}

/// What was typed, and why it was not taken.
struct Typed<'a> {
    posted: &'a Posted,
    status: StatusCode,
    /// What the API has said.
    message: String,
}

pub(super) async fn service(visit: Visit, Path(service): Path<i64>) -> Shown {
    let subject = Subject::read(&visit, service, None).await?;
    Ok(page(&visit, &subject, &Choice::new(|name| visit.asked(name)), None))
}

pub(super) async fn client(visit: Visit, Path((service, client)): Path<(i64, i64)>) -> Shown {
    let subject = Subject::read(&visit, service, Some(client)).await?;
    Ok(page(&visit, &subject, &Choice::new(|name| visit.asked(name)), None))
}

fn page(
    visit: &Visit,
    subject: &Subject,
    choice: &Choice,
    typed: Option<Typed<'_>>,
) -> axum::response::Response {
    let posted = typed.as_ref().map(|typed| typed.posted);
    let with_text = subject.table.iter().map(|setting| (setting, subject.abroad(visit, setting)));
    let shown = with_text.filter(|(setting, abroad)| choice.has(setting, *abroad, &subject.document));
    let settings: Vec<_> = shown
        .map(|(setting, abroad)| context! { group => setting.group, abroad, ..fields::shown(setting, &subject.document, posted) })
        .collect();
    let groups = groups(subject.table);
    let (status, message) =
        typed.map_or((StatusCode::OK, String::new()), |typed| (typed.status, typed.message));
    let is_list = choice.search.is_empty() && !choice.changed;
    let page = context! {
        settings, groups, group => &choice.group, q => &choice.search, changed_only => choice.changed, is_list,
        version => &subject.version, at => format!("{}{}", crate::BASE, subject.at), message,
        needed => subject.patch().row().name, wrong => status != StatusCode::OK, conflict => status == StatusCode::CONFLICT, ..subject.places.clone()
    };
    visit.show_as(status, "settings.html", page)
}

/// The groups of a table, each once.
fn groups(table: &'static [Setting]) -> Vec<&'static str> {
    table.iter().fold(Vec::new(), |mut groups, setting| {
        if !groups.contains(&setting.group) {
            groups.push(setting.group);
        }
        groups
    })
}

pub(super) async fn change_service(visit: Visit, Path(service): Path<i64>, posted: Posted) -> Shown {
    changed(&visit, Subject::read(&visit, service, None).await?, &posted).await
}

pub(super) async fn change_client(
    visit: Visit,
    Path((service, client)): Path<(i64, i64)>,
    posted: Posted,
) -> Shown {
    changed(&visit, Subject::read(&visit, service, Some(client)).await?, &posted).await
}

async fn changed(visit: &Visit, subject: Subject, posted: &Posted) -> Shown {
    let choice = Choice::new(|name| posted.text(name));
    let again = |status, message| Ok(page(visit, &subject, &choice, Some(Typed { posted, status, message })));
    // What somebody else has changed meanwhile would be taken for a change of this form's: it is shown again, beside what is there now.
    if posted.version().as_deref() != Some(&subject.version) {
        return again(StatusCode::CONFLICT, String::new());
    }
    let changes = match fields::patch(subject.table, &subject.document, posted) {
        Ok(changes) => changes,
        Err(_) => return again(StatusCode::UNPROCESSABLE_ENTITY, String::new()),
    };
    if changes.is_empty() {
        visit.session.tell(Told::done("told.nothing"));
        return Ok(see(&format!("{}?{}", subject.at, choice.query())));
    }
    match subject.change(visit, &subject.version, &changes).await {
        Ok(()) => visit.session.tell(subject.told(visit, &changes)),
        Err(Problem::Refused { status: 400, message, .. }) => return again(StatusCode::BAD_REQUEST, message),
        Err(problem) => return Err(problem),
    }
    Ok(see(&format!("{}?{}", subject.at, choice.query())))
}
