//! The keys of a service: made, brought, put in the place of others, taken out.

use axum::extract::Path;
use minijinja::context;
use placet_api::endpoints::EndpointId;
use placet_sdk::Answer;
use placet_sdk::types::MergePatch;
use serde_json::{Map, Value};

use super::{Shown, name, place, see};
use crate::api;
use crate::keys::{self, Key, State};
use crate::posted::Posted;
use crate::problem::Problem;
use crate::told::{self, Call, Told};
use crate::visit::Visit;

pub(super) async fn get(visit: Visit, Path(service): Path<i64>) -> Shown {
    let answer = visit.about(service).service_get().await?;
    let document = api::document(&answer);
    let states = keys::states(&document);
    let rows: Vec<_> = states.iter().map(Key::shown).collect();
    let has = |state| states.iter().any(|key| key.state == state);
    let hsks: Vec<_> = answer
        .hsks
        .iter()
        .flatten()
        .map(|key| context! { kid => &key.kid, alg => &key.alg, use => &key.r#use, module => &key.hsm_name })
        .collect();
    let page = context! {
        service => place(&answer), name => name(&answer), rows, hsks, version => answer.version.clone(),
        algorithms => keys::ALGORITHMS, next => has(State::Next), retired => has(State::Retired),
    };
    Ok(visit.show("keys.html", page))
}

pub(super) async fn post(visit: Visit, Path(service): Path<i64>, posted: Posted) -> Shown {
    let api = visit.about(service);
    let answer = api.service_get().await?;
    // What verifiers see next is what the page has said, or nothing is done.
    if posted.version() != answer.version {
        return Err(Problem::Changed(None));
    }
    let document = api::document(&answer);
    let (text, about, changes) = wanted(&visit, &document, &posted)?;
    let call = Call::new(visit.api_url(), EndpointId::service_patch).of(service);
    let call = call.meant(answer.version.as_deref().unwrap_or_default()).body(Value::Object(changes.clone()));
    let ways = call.ways(command(service, &document, &posted, &about), told::terraform("service", &changes));
    api.service_patch(Answer { version: answer.version.clone(), ..Answer::from(MergePatch(changes)) })
        .await?;
    visit.session.tell(Told::done(text).about(about).by(ways));
    Ok(see(&format!("/services/{service}/keys")))
}

type Wanted = (&'static str, String, Map<String, Value>);

fn wanted(visit: &Visit, document: &Value, posted: &Posted) -> Result<Wanted, Problem> {
    let now = visit.console.settings.ambient.clock.seconds();
    let kid = posted.text("kid").unwrap_or_default();
    let added = |key: Value, text| {
        let kid = key["kid"].as_str().unwrap_or_default().to_owned();
        Ok((text, kid, keys::added(document, key).map_err(Problem::Wrong)?))
    };
    match posted.get("do").unwrap_or_default() {
        "generate" => {
            let alg = posted.text("alg").filter(|alg| keys::ALGORITHMS.contains(&alg.as_str()));
            let key = alg.and_then(|alg| keys::fresh(&alg, now)).ok_or(Problem::Wrong("wrong.choice"))?;
            added(key, "told.key_added")
        }
        "import" => {
            let text = posted.get("secret.key").unwrap_or_default();
            let alg = posted.text("alg").filter(|alg| keys::ALGORITHMS.contains(&alg.as_str()));
            added(keys::imported(text, alg.as_deref(), now).map_err(Problem::Wrong)?, "told.key_added")
        }
        "activate" => {
            Ok(("told.key_active", kid.clone(), keys::activated(document, &kid).map_err(Problem::Wrong)?))
        }
        "remove" => {
            let is_active =
                keys::states(document).iter().any(|key| key.kid == kid && key.state == State::Active);
            // Whoever has cached nothing else verifies nothing any more: that is to be meant.
            if is_active && posted.text("typed").as_deref() != Some(&kid) {
                return Err(Problem::Wrong("wrong.typed_kid"));
            }
            Ok(("told.key_removed", kid.clone(), keys::removed(document, &kid).map_err(Problem::Wrong)?))
        }
        _ => Err(Problem::Wrong("wrong.choice")),
    }
}

fn command(service: i64, document: &Value, posted: &Posted, kid: &str) -> String {
    let of = format!("--service {service}");
    match posted.get("do").unwrap_or_default() {
        "generate" => {
            format!("placet key {of} generate {}", told::quoted(posted.get("alg").unwrap_or_default()))
        }
        "import" => format!("placet key {of} import FILE"),
        "activate" => {
            let states = keys::states(document);
            let alg = states.iter().find(|key| key.kid == kid).map_or("", |key| key.alg.as_str());
            format!("placet key {of} rotate {} --activate {}", told::quoted(alg), told::quoted(kid))
        }
        _ => format!("placet key {of} remove {}", told::quoted(kid)),
    }
}
