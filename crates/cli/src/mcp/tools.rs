//! Tools: one for each row of the table of endpoints that may be called, and what a result code means.

use placet_api::PathValues;
use placet_api::endpoints::{ALL, EndpointId, Row};
use placet_sdk::{Client, HttpTransport, Secret, ServiceId};
use serde_json::{Map, Value, json};

use crate::any_call;
use crate::connection::{Api, Target};
use crate::exit::Failure;
use crate::secrets::masked;

/// An answer that is longer is cut.
const LONGEST: usize = 64 * 1024;

pub(super) struct Tools {
    transport: HttpTransport,
    token: Secret,
    service: Option<ServiceId>,
    allow_writes: bool,
    show_secrets: bool,
}

/// Whether calling it changes nothing.
fn reads(row: &Row) -> bool {
    use EndpointId as Id;
    match row.id {
        // A new secret each time, a key destroyed: both are GET.
        Id::client_secret_refresh | Id::hsk_delete_get => false,
        Id::service_configuration_post
        | Id::client_authorization_get_list_post
        | Id::client_granted_scopes_get_post
        | Id::client_grants_get_list
        | Id::client_grants_get
        | Id::introspection
        | Id::jose_verify
        | Id::servicetoken_all
        | Id::organizationtoken_all
        | Id::member_all => true,
        _ => row.method == "GET",
    }
}

impl Tools {
    pub(super) fn new(target: Target, allow_writes: bool, show_secrets: bool) -> Result<Self, Failure> {
        let transport = HttpTransport::new(&target.url).map_err(Failure::usage)?;
        let service = target.service;
        let token = target.into_token()?;
        Ok(Self { transport, token, service, allow_writes, show_secrets })
    }

    pub(super) fn listed(&self) -> Vec<Value> {
        ALL.iter().filter(|row| self.offers(row)).map(described).collect()
    }

    fn offers(&self, row: &Row) -> bool {
        self.allow_writes || reads(row)
    }

    /// What a tool answers; what goes wrong within it is its answer too. A tool that is not offered is a mistake of the
    /// caller.
    pub(super) async fn called(&self, name: &str, arguments: Value) -> Result<Value, String> {
        let row =
            ALL.iter().find(|row| row.name == name).ok_or_else(|| format!("there is no tool {name}"))?;
        if !self.offers(row) {
            return Err(format!("{name} changes something: it is offered with --allow-writes"));
        }
        let Value::Object(arguments) = arguments else {
            return Err("arguments: expected an object".to_owned());
        };
        let (text, wrong) = match self.asked(row, arguments).await {
            Ok(answer) if self.show_secrets => (answer.to_string(), false),
            Ok(answer) => (masked(&answer).to_string(), false),
            Err(failure) => (failure.message, true),
        };
        Ok(json!({ "content": [{ "type": "text", "text": bounded(text) }], "isError": wrong }))
    }

    async fn asked(&self, row: &Row, mut arguments: Map<String, Value>) -> Result<Value, Failure> {
        let service = arguments.shift_remove("serviceId");
        let service = match service.as_ref().map(|id| id.as_i64().or_else(|| id.as_str()?.parse().ok())) {
            Some(Some(id)) => Some(ServiceId(id)),
            Some(None) => return Err(Failure::usage("serviceId: expected a number")),
            None => self.service,
        };
        let request = arguments.shift_remove("request").unwrap_or_else(|| json!({}));
        let text = |name: &str| {
            let value = arguments.get(name)?;
            Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        };
        let values = PathValues::NAMES.map(text);
        let [client, subject, token, batch, handle] = values.each_ref().map(Option::as_deref);
        let path = PathValues { client, subject, token, batch, handle };
        any_call::call(&self.api(service), row.id, path, request).await
    }

    fn api(&self, service: Option<ServiceId>) -> Api {
        let api = Client::new(self.transport.clone(), Secret::new(self.token.expose().clone()));
        match service {
            Some(service) => api.for_service(service),
            None => api,
        }
    }
}

fn described(row: &Row) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for name in PathValues::NAMES.iter().filter(|name| row.path.contains(&format!("{{{name}}}"))) {
        properties.insert((*name).to_owned(), json!({ "type": "string" }));
        required.push(*name);
    }
    if row.path.contains("{serviceId}") {
        let said = "The service; without it, the one that the server was started for.";
        properties.insert("serviceId".to_owned(), json!({ "type": "integer", "description": said }));
    }
    let said = "The members of the request, as the API's OpenAPI document has them.";
    properties.insert("request".to_owned(), json!({ "type": "object", "description": said }));
    json!({
        "name": row.name,
        "description": row.summary.trim(),
        "inputSchema": { "type": "object", "properties": properties, "required": required, "additionalProperties": false },
        "annotations": { "readOnlyHint": reads(row), "destructiveHint": !reads(row), "openWorldHint": false },
    })
}

fn bounded(mut text: String) -> String {
    if text.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text += "… (cut: ask for less at once, such as by start and end)";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_something_does_not_read() {
        // How far something is that makes tokens, is no making of tokens.
        let of_batches = |row: &&Row| row.id != EndpointId::token_create_batch_status;
        for row in ALL.iter().filter(|row| reads(row)).filter(of_batches) {
            let changes =
                ["create", "update", "delete", "revoke", "rotate", "issue", "refresh", "patch", "remove"];
            assert!(!changes.iter().any(|word| row.name.contains(word)), "{}", row.name);
            assert!(["GET", "POST"].contains(&row.method));
        }
        assert!(ALL.iter().filter(|row| reads(row)).count() > 20);
    }

    #[test]
    fn answers_end() {
        assert!(bounded("ä".repeat(LONGEST)).len() < LONGEST + 100);
        assert_eq!(bounded("a".to_owned()), "a");
    }
}
