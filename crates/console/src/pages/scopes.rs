//! The scopes of a service: listed, added, changed, taken away.

use axum::extract::Path;
use minijinja::context;
use placet_api::endpoints::EndpointId;
use placet_sdk::Answer;
use placet_sdk::types::MergePatch;
use serde_json::{Map, Value};

use super::{Shown, name, place, see};
use crate::api;
use crate::posted::Posted;
use crate::problem::Problem;
use crate::scopes;
use crate::told::{self, Call, Told};
use crate::visit::Visit;

pub(super) async fn get(visit: Visit, Path(service): Path<i64>) -> Shown {
    let answer = visit.about(service).service_get().await?;
    let all = scopes::all(&api::document(&answer));
    let wanted = visit.asked("scope");
    let one = match &wanted {
        Some(wanted) => {
            Some(all.iter().find(|scope| scope["name"] == wanted.as_str()).ok_or(Problem::NotFound)?)
        }
        None => None,
    };
    let page = context! {
        service => place(&answer), name => name(&answer), version => answer.version.clone(),
        rows => all.iter().map(scopes::shown).collect::<Vec<_>>(), one => one.map(scopes::shown),
    };
    Ok(visit.show("scopes.html", page))
}

pub(super) async fn post(visit: Visit, Path(service): Path<i64>, posted: Posted) -> Shown {
    let api = visit.about(service);
    let answer = api.service_get().await?;
    // The others are sent along: what somebody has changed of them meanwhile is not undone.
    if posted.version() != answer.version {
        return Err(Problem::Changed(answer.version.clone()));
    }
    let (text, changes, command) = wanted(service, scopes::all(&api::document(&answer)), &posted)?;
    let about = posted.text("name").unwrap_or_default();
    let call = Call::new(visit.api_url(), EndpointId::service_patch).of(service);
    let call = call.meant(answer.version.as_deref().unwrap_or_default()).body(Value::Object(changes.clone()));
    let ways = call.ways(command, told::terraform("service", &changes));
    api.service_patch(Answer { version: answer.version.clone(), ..Answer::from(MergePatch(changes)) })
        .await?;
    visit.session.tell(Told::done(text).about(about).by(ways));
    Ok(see(&format!("/services/{service}/scopes")))
}

type Wanted = (&'static str, Map<String, Value>, String);

/// What is to be told, what changes, and the command that does the same.
fn wanted(service: i64, all: Vec<Value>, posted: &Posted) -> Result<Wanted, Problem> {
    let name = posted.text("name").ok_or(Problem::Wrong("wrong.name"))?;
    let former = all.iter().find(|scope| scope["name"] == name.as_str()).cloned();
    match posted.get("do").unwrap_or_default() {
        "add" if former.is_some() => Err(Problem::Wrong("wrong.scope_known")),
        "add" => saved(service, all, None, posted, "told.scope_added"),
        "save" => {
            let former = former.ok_or(Problem::NotFound)?;
            saved(service, all, Some(&former), posted, "told.scope_saved")
        }
        "remove" => {
            let changes = scopes::without(all, &name).ok_or(Problem::NotFound)?;
            let command = format!("placet scope --service {service} remove {}", told::quoted(&name));
            Ok(("told.scope_removed", changes, command))
        }
        _ => Err(Problem::Wrong("wrong.choice")),
    }
}

fn saved(
    service: i64,
    all: Vec<Value>,
    former: Option<&Value>,
    posted: &Posted,
    text: &'static str,
) -> Result<Wanted, Problem> {
    let scope = scopes::read(former, posted)?;
    let changes = scopes::with(all, scope);
    let list = told::quoted(&format!("{}={}", scopes::MEMBER, changes[scopes::MEMBER]));
    Ok((text, changes, format!("placet service --service {service} set {list}")))
}
