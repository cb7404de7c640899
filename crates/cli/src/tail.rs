//! `placet tail`: what a service is asked, as it happens, or what belongs to one call.

use std::time::Duration;

use clap::Args;
use placet_sdk::types::{InspectedCall, InspectorGetQuery, InspectorListQuery};
use serde_json::Value;
use time::OffsetDateTime;

use crate::Surroundings;
use crate::connection::{Api, Connection};
use crate::edit;
use crate::exit::{Done, Exit, Failure};
use crate::output::{Colour, Format, Output, clean, coloured, json_line, painted, put};

/// Show what the service is asked, as it happens.
#[derive(Args)]
pub struct Tail {
    /// Only what has this: a part of an endpoint, a client, a user, a result code, an error, a request id or a whole token.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only what was refused.
    #[arg(long)]
    failed: bool,
    /// How many calls that were made before are shown first.
    #[arg(long, value_name = "COUNT", default_value_t = 10)]
    before: i32,
    /// End when they have been shown.
    #[arg(long)]
    once: bool,
    /// The transaction that the call of this request id belongs to, from its first call to its last, with what they held.
    #[arg(long, value_name = "REQUEST_ID", conflicts_with_all = ["search", "failed", "before", "once"])]
    transaction: Option<String>,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    output: Output,
}

/// How often the server is asked for what is new.
const PAUSE: Duration = Duration::from_secs(1);
/// How many calls are asked for at once.
const WINDOW: i32 = 500;

pub(crate) async fn run(tail: &Tail, surroundings: &Surroundings) -> Done {
    let api = tail.connection.api(surroundings)?;
    let colours = coloured(surroundings);
    if let Some(id) = &tail.transaction {
        return transaction(&api, tail.output, id, colours).await;
    }
    let query = |cursor: Option<String>, limit| InspectorListQuery {
        cursor,
        limit: Some(limit),
        search: tail.search.clone(),
        failed: tail.failed.then_some(true),
    };
    let first = api.inspector_get_list(query(None, tail.before.clamp(1, WINDOW))).await?.body;
    let mut calls = first.calls.unwrap_or_default();
    // The latest come first, and are shown last.
    calls.reverse();
    if tail.before > 0 {
        shown(&calls, tail.output, colours)?;
    }
    let mut cursor = first.cursor;
    if tail.once {
        return Ok(());
    }
    loop {
        tokio::time::sleep(PAUSE).await;
        let page = api.inspector_get_list(query(cursor.clone(), WINDOW)).await?.body;
        shown(&page.calls.unwrap_or_default(), tail.output, colours)?;
        cursor = page.cursor.or(cursor);
    }
}

/// Each call a line; to programs, a JSON object each line.
fn shown(calls: &[InspectedCall], output: Output, colours: bool) -> Done {
    for call in calls {
        match output.format {
            Format::Human => put(&line(call, colours))?,
            Format::Json => put(&(json_line(&edit::json(call)?) + "\n"))?,
            Format::Yaml => put(&format!("---\n{}", crate::yaml::written(&edit::json(call)?)))?,
        }
    }
    Ok(())
}

fn line(call: &InspectedCall, colours: bool) -> String {
    let text = |text: &Option<String>| clean(text.as_deref().unwrap_or("-"));
    let at = call.at.and_then(|at| OffsetDateTime::from_unix_timestamp(at / 1_000).ok());
    let at = at.map_or_else(
        || "--:--:--".to_owned(),
        |at| format!("{:02}:{:02}:{:02}Z", at.hour(), at.minute(), at.second()),
    );
    let status = call.status.unwrap_or_default();
    let action = match &call.action {
        Some(action) => clean(action),
        None => status.to_string(),
    };
    let what = call.result_message.as_deref().unwrap_or_default();
    let line = format!(
        "{at}  {}  {}  {action}  client {}  subject {}  {}",
        text(&call.request_id),
        text(&call.endpoint),
        text(&call.client_id),
        text(&call.subject),
        clean(what)
    );
    let left_out = call.left_out.filter(|count| *count > 0);
    let left_out =
        left_out.map_or_else(String::new, |count| format!("({count} calls before it were not kept)\n"));
    let refused = status >= 400 || call.explanation.is_some();
    let colour = if refused { Colour::Yellow } else { Colour::Green };
    left_out + &painted(line.trim_end(), colour, colours) + "\n"
}

async fn transaction(api: &Api, output: Output, id: &str, colours: bool) -> Done {
    let found = api.inspector_get(InspectorGetQuery { request_id: Some(id.to_owned()) }).await?.body;
    let calls = found.calls.as_deref().unwrap_or_default();
    if calls.is_empty() {
        let message = format!("no call of the request id {} is kept", clean(id));
        return Err(Failure::new(Exit::NotFound, message));
    }
    output.show(&found, |_| calls.iter().map(|call| line(call, colours) + &held(call)).collect())
}

/// What was asked, what was answered, and why.
fn held(call: &InspectedCall) -> String {
    let mut text = String::new();
    for (arrow, pairs) in [("→", &call.request), ("←", &call.answer)] {
        for pair in pairs.iter().flatten() {
            let part = |part: &Option<String>| clean(part.as_deref().unwrap_or_default());
            text += &format!("    {arrow} {}: {}\n", part(&pair.key), part(&pair.value));
        }
    }
    if let Some(why) = call.explanation.as_ref().and_then(|why| edit::json(why).ok()) {
        let members = why.as_object().into_iter().flatten();
        text.extend(
            members.map(|(name, value): (&String, &Value)| {
                format!("    {name}: {}\n", crate::output::cell(value))
            }),
        );
    }
    text
}
