//! The OpenAPI document, made of the endpoint table and the wire types.

use placet_api::access::Needed;
use placet_api::call::{Respond, Target};
use placet_api::endpoints::{ALL, Carrier, Endpoint, EndpointId, Row, endpoint};
use placet_api::for_each_endpoint;
use placet_api::types::HskDeleteResponse;
use placet_api::{Authority, Document, Json, KeySet, May, NoContent, Right, Text, Versioned};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// How a response looks in the document: status, media type, schema; and what else may come in its place.
trait Described {
    fn described(generator: &mut SchemaGenerator) -> (&'static str, Value);

    fn headers() -> Value {
        json!({})
    }

    fn others() -> Vec<(&'static str, Value)> {
        Vec::new()
    }
}

impl<T: JsonSchema> Described for Json<T> {
    fn described(generator: &mut SchemaGenerator) -> (&'static str, Value) {
        let schema = generator.subschema_for::<T>().to_value();
        ("200", json!({ "application/json": { "schema": schema } }))
    }
}

impl<T: JsonSchema> Described for Versioned<T> {
    fn described(generator: &mut SchemaGenerator) -> (&'static str, Value) {
        Json::<T>::described(generator)
    }

    fn headers() -> Value {
        json!({ "ETag": {
            "description": "The version of what is shown: as `If-Match`, a change is meant for that version alone.",
            "schema": { "type": "string" },
        } })
    }
}

impl Described for NoContent {
    fn described(_: &mut SchemaGenerator) -> (&'static str, Value) {
        ("204", json!({}))
    }
}

impl Described for Text {
    fn described(_: &mut SchemaGenerator) -> (&'static str, Value) {
        ("200", json!({ "text/plain": { "schema": { "type": "string" } } }))
    }
}

impl Described for Document {
    fn described(_: &mut SchemaGenerator) -> (&'static str, Value) {
        (
            "200",
            json!({ "application/json": { "schema": { "type": "object", "additionalProperties": true } } }),
        )
    }
}

impl Described for KeySet {
    fn described(_: &mut SchemaGenerator) -> (&'static str, Value) {
        let keys = json!({ "type": "array", "description": "The keys.", "items": { "type": "object" } });
        let schema = json!({ "type": "object", "properties": { "keys": keys } });
        ("200", json!({ "application/json": { "schema": schema } }))
    }

    fn others() -> Vec<(&'static str, Value)> {
        let location = json!({ "description": "The address of the keys.", "schema": { "type": "string" } });
        vec![
            ("204", json!({ "description": "The service has no keys." })),
            ("302", json!({ "description": "The keys are elsewhere.", "headers": { "Location": location } })),
        ]
    }
}

fn operation<E: Endpoint>(row: &Row, generator: &mut SchemaGenerator) -> Value
where
    E::Request: JsonSchema,
    E::Response: Described + Respond,
    E::Target: Target,
{
    let mut operation = json!({
        "operationId": row.name,
        "summary": row.summary.trim(),
        "tags": [row.family],
        "parameters": path_parameters(row),
    });
    let schema = generator.subschema_for::<E::Request>().to_value();
    match row.carrier {
        Carrier::Query => add_query(&mut operation, &generator.root_schema_for::<E::Request>().to_value()),
        Carrier::Json => {
            operation["requestBody"] =
                json!({ "required": true, "content": { "application/json": { "schema": schema } } });
        }
        Carrier::Items => {
            let mut schema = generator.root_schema_for::<E::Request>().to_value();
            let items = schema["properties"].as_object_mut().and_then(|members| members.remove("items"));
            add_query(&mut operation, &schema);
            operation["requestBody"] =
                json!({ "required": true, "content": { "application/json": { "schema": items } } });
        }
        Carrier::JsonOrForm => {
            let content = json!({
                "application/json": { "schema": schema },
                "application/x-www-form-urlencoded": { "schema": schema },
            });
            operation["requestBody"] = json!({ "required": true, "content": content });
        }
    }
    if row.id.is_conditional()
        && let Some(parameters) = operation["parameters"].as_array_mut()
    {
        let description = "The version that the change is meant for: the `ETag` that it was read with.";
        parameters.push(json!({
            "name": "If-Match", "in": "header", "description": description, "schema": { "type": "string" },
        }));
    }
    let (status, content) = E::Response::described(generator);
    let content = declared(row, generator).unwrap_or(content);
    let mut response = json!({ "description": "Done." });
    if content.as_object().is_some_and(|content| !content.is_empty()) {
        response["content"] = content;
    }
    if E::Response::headers() != json!({}) {
        response["headers"] = E::Response::headers();
    }
    operation["responses"] = json!({ status: response });
    for (status, response) in E::Response::others() {
        operation["responses"][status] = response;
    }
    match row.authority.needed {
        Needed::Nothing => operation["security"] = json!([]),
        Needed::Token => operation["description"] = "Any token may.".into(),
        Needed::Right(right) => operation["description"] = authority(&row.authority, right).into(),
    }
    operation
}

/// What the document says of an answer that has no content.
///
/// COMPAT: the published document declares what was destroyed as the content of the answer to DELETE, with which its clients are
/// made; a 204 has none (RFC 9110 §15.3.5), and ours has none. The GET of the same path brings it.
fn declared(row: &Row, generator: &mut SchemaGenerator) -> Option<Value> {
    (row.id == EndpointId::hsk_delete).then(|| {
        let schema = generator.subschema_for::<HskDeleteResponse>().to_value();
        json!({ "application/json": { "schema": schema } })
    })
}

/// What the table says of who may call.
fn authority(authority: &Authority, right: Right) -> String {
    let narrowed = match authority.client {
        May::Narrowed => " A token for one client gets a narrowed view.",
        May::Own => " A token for one client may call it for that client.",
        May::Allowed | May::Refused => "",
    };
    format!("Takes the right `{}`.{narrowed}", right.name())
}

fn path_parameters(row: &Row) -> Vec<Value> {
    let known = [
        ("serviceId", "The service."),
        ("clientId", "The client, by its number or its alias."),
        ("subject", "The user."),
        ("token", "The access or refresh token, or what lists name it by."),
        ("tokenBatchRequestId", "The batch, by the `requestId` that its making was answered with."),
        ("handle", "The key in an HSM, by its handle."),
    ];
    let parameters: Vec<_> = known
        .iter()
        .filter(|(name, _)| row.path.contains(&format!("{{{name}}}")))
        .map(|(name, description)| {
            json!({ "name": name, "in": "path", "required": true, "description": description, "schema": { "type": "string" } })
        })
        .collect();
    assert_eq!(
        parameters.len(),
        row.path.matches('{').count(),
        "{} names what is not described here",
        row.path
    );
    parameters
}

/// What the path names is not in the query.
fn add_query(operation: &mut Value, schema: &Value) {
    let members = schema["properties"].as_object().cloned().unwrap_or_default();
    let in_path = operation["parameters"].as_array().into_iter().flatten();
    let in_path: Vec<_> = in_path.map(|parameter| parameter["name"].clone()).collect();
    for (name, mut member) in members.into_iter().filter(|(name, _)| !in_path.contains(&json!(name))) {
        let description = member.as_object_mut().and_then(|m| m.remove("description")).unwrap_or_default();
        let parameter = json!({ "name": name, "in": "query", "description": description, "schema": member });
        if let Some(parameters) = operation["parameters"].as_array_mut() {
            parameters.push(parameter);
        }
    }
}

macro_rules! operations {
    ($(
        #[doc = $doc:literal]
        $id:ident: $method:ident $path:literal, $access:expr, $family:literal, $carrier:ident, $target:ty, $request:ty => $response:ty;
    )*) => {
        /// The operations in the order of the table.
        fn operations(generator: &mut SchemaGenerator) -> Vec<Value> {
            let mut rows = ALL.iter();
            vec![$({
                let row = rows.next().unwrap_or(&ALL[0]);
                operation::<endpoint::$id>(row, generator)
            },)*]
        }
    };
}

for_each_endpoint!(operations);

pub(crate) fn document() -> Value {
    let mut generator = SchemaSettings::openapi3().into_generator();
    let mut paths = Map::new();
    for (row, operation) in ALL.iter().zip(operations(&mut generator)) {
        let item = paths.entry(row.path).or_insert_with(|| json!({}));
        item[row.method.to_lowercase()] = operation;
    }
    let mut schemas = Value::Object(generator.take_definitions(true));
    schemas["Refusal"] = json!({
        "type": "object",
        "description": "Why a call was refused.",
        "properties": {
            "resultCode": { "type": "string", "description": "`A` and six digits." },
            "resultMessage": { "type": "string", "description": "The code in brackets, and a sentence." },
        },
    });
    let mut document = json!({
        "openapi": "3.0.3",
        "info": {
            "title": "placet",
            "description": "OAuth 2.0 and OpenID Connect decisions over HTTP.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0" },
        },
        "security": [{ "bearer": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } },
            "responses": {
                "Refused": {
                    "description": "The call is refused, and why: 400, 401, 403, 404, 405, 408, 409, 412, 413, 429, 500 or 503.",
                    "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Refusal" } } },
                },
            },
            "schemas": schemas,
        },
    });
    simplify(&mut document);
    // Only now: in a schema, `default` is something else.
    for operation in document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut()) {
        for operation in operation.as_object_mut().into_iter().flat_map(|methods| methods.values_mut()) {
            operation["responses"]["default"] = json!({ "$ref": "#/components/responses/Refused" });
        }
    }
    let text = document.to_string();
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        // Those of queries stand in parameters, one by one.
        schemas.retain(|name, _| text.contains(&format!("\"#/components/schemas/{name}\"")));
    }
    document
}

/// Absent and null mean the same on input, and null stands in no output but where the type says so: the document
/// speaks of absent members only.
fn simplify(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if members.remove("x-null").is_none() {
                members.remove("nullable");
            }
            members.remove("default");
            members.remove("$schema");
            let sole = |key: &str| {
                members
                    .get(key)
                    .and_then(Value::as_array)
                    .filter(|list| list.len() == 1)
                    .map(|l| l[0].clone())
            };
            if let Some(Value::Object(only)) = sole("allOf").or_else(|| sole("anyOf")) {
                // OpenAPI 3.0 wants `allOf` around a reference that has a description beside it.
                if !only.contains_key("$ref") || !members.contains_key("description") {
                    members.remove("allOf");
                    members.remove("anyOf");
                    members.extend(only);
                }
            }
            members.values_mut().for_each(simplify);
        }
        Value::Array(list) => list.iter_mut().for_each(simplify),
        _ => {}
    }
}

pub(crate) fn text() -> String {
    format!("{:#}\n", document())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_component_is_used() {
        let document = document();
        let text = document.to_string();
        for kind in ["responses", "schemas"] {
            for name in document["components"][kind].as_object().unwrap().keys() {
                assert!(text.contains(&format!("\"#/components/{kind}/{name}\"")), "{kind} {name}");
            }
        }
    }
}
