//! Usage of a service, as charts with their tables, and how the server is.

use axum::extract::Path;
use minijinja::{Value, context};
use placet_sdk::types::{HealthQuery, InspectorListQuery};

use super::{Shown, place};
use crate::budgets::CALLS;
use crate::fields::moment;
use crate::usage::{Numbers, Usage};
use crate::visit::Visit;

/// Minutes that are shown.
const WINDOW: i64 = 60;
/// The size of a chart, in units of its own.
const WIDTH: u64 = 600;
const HEIGHT: u64 = 120;

pub(super) async fn get(visit: Visit, Path(service): Path<i64>) -> Shown {
    let api = visit.about(service);
    let answer = api.service_get().await?;
    let query = InspectorListQuery { limit: i32::try_from(CALLS).ok(), ..Default::default() };
    let calls = api.inspector_get_list(query).await?.body.calls.unwrap_or_default();
    let usage = Usage::of(&calls, visit.console.settings.ambient.clock.now().0, WINDOW);
    let minutes: Vec<_> =
        usage.minutes.iter().map(|(minute, numbers)| row(&clock(*minute), numbers)).collect();
    let endpoints: Vec<_> = usage.endpoints.iter().map(|(name, numbers)| row(name, numbers)).collect();
    let calls_chart = chart(&usage, |numbers| (numbers.made, numbers.refused));
    let times_chart = chart(&usage, |numbers| (numbers.percentile(95), numbers.percentile(50)));
    let page = context! {
        service => place(&answer), all => row("", &usage.all), minutes, endpoints, calls_chart, times_chart, most => CALLS,
        cut => calls.len() >= CALLS, width => WIDTH, height => HEIGHT,
    };
    Ok(visit.show("usage.html", page))
}

/// The time of a minute.
fn clock(minute: i64) -> String {
    moment(minute.saturating_mul(60_000)).chars().skip(11).take(5).collect()
}

fn row(name: &str, numbers: &Numbers) -> Value {
    context! {
        name, made => numbers.made, kept => numbers.kept(), refused => numbers.refused, percent => numbers.refused_percent(),
        p50 => numbers.percentile(50), p95 => numbers.percentile(95),
    }
}

/// A bar for each minute: a tall part, and one in front of it.
fn chart(usage: &Usage, of: impl Fn(&Numbers) -> (u64, u64)) -> Value {
    let values: Vec<_> = usage.minutes.values().map(of).collect();
    let most = values.iter().map(|(tall, front)| *tall.max(front)).max().unwrap_or_default().max(1);
    let count = u64::try_from(values.len()).unwrap_or(1).max(1);
    let step = WIDTH / count;
    let height = |value: u64| (value.saturating_mul(HEIGHT)).div_ceil(most).min(HEIGHT);
    let bars: Vec<_> = (0u64..)
        .zip(&values)
        .map(|(at, (tall, front))| {
            let (tall, front) = (height(*tall), height(*front));
            context! { x => at * step, width => step.saturating_sub(2).max(1), tall, tall_y => HEIGHT - tall, front, front_y => HEIGHT - front }
        })
        .collect();
    context! { bars, most }
}

/// How the server is, whichever service is meant.
pub(super) async fn instance(visit: Visit) -> Shown {
    let api = visit.api();
    let info = api.info().await?;
    let health = api.lifecycle_healthcheck(HealthQuery { extended: Some(true) }).await;
    let is_well = health.is_ok();
    let said = match health {
        Ok(text) => text,
        Err(e) => e.to_string(),
    };
    let page = context! { version => &info.version, features => &info.features, well => is_well, said };
    Ok(visit.show("instance.html", page))
}
