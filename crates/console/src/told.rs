//! What a page tells of what was done: as a sentence, and as whoever does it without a console would do it.

use placet_api::endpoints::EndpointId;
use placet_api::settings::{self, Setting};
use placet_sdk::Secret;
use serde_json::{Map, Value};

/// What stands where a secret was.
pub(crate) const HIDDEN: &str = "…";

/// Something that was done, or would be.
pub(crate) struct Told {
    /// The text's name.
    pub(crate) text: &'static str,
    /// What it is about.
    pub(crate) about: String,
    pub(crate) ways: Option<Ways>,
    /// A value that is shown here and nowhere else: the name of what it is, and it.
    pub(crate) secret: Option<(&'static str, Secret)>,
}

impl Told {
    pub(crate) fn done(text: &'static str) -> Self {
        Self { text, about: String::new(), ways: None, secret: None }
    }

    pub(crate) fn about(self, about: impl Into<String>) -> Self {
        Self { about: about.into(), ..self }
    }

    pub(crate) fn by(self, ways: Ways) -> Self {
        Self { ways: Some(ways), ..self }
    }

    pub(crate) fn with_secret(self, what: &'static str, value: String) -> Self {
        Self { secret: Some((what, Secret::new(value))), ..self }
    }
}

/// The ways to do the same.
#[derive(Clone)]
pub(crate) struct Ways {
    pub(crate) curl: String,
    pub(crate) command: String,
    pub(crate) terraform: String,
}

impl Ways {
    pub(crate) fn shown(&self) -> minijinja::Value {
        minijinja::context! { curl => &self.curl, command => &self.command, terraform => &self.terraform }
    }
}

/// A call that was made, or would be.
pub(crate) struct Call<'a> {
    pub(crate) api: &'a str,
    pub(crate) id: EndpointId,
    pub(crate) service: Option<i64>,
    pub(crate) client: Option<i64>,
    pub(crate) version: Option<&'a str>,
    pub(crate) body: Value,
}

impl<'a> Call<'a> {
    pub(crate) fn new(api: &'a str, id: EndpointId) -> Self {
        Self { api, id, service: None, client: None, version: None, body: Value::Null }
    }

    pub(crate) fn of(self, service: i64) -> Self {
        Self { service: Some(service), ..self }
    }

    pub(crate) fn on(self, client: i64) -> Self {
        Self { client: Some(client), ..self }
    }

    pub(crate) fn meant(self, version: &'a str) -> Self {
        Self { version: Some(version).filter(|version| !version.is_empty()), ..self }
    }

    pub(crate) fn body(self, body: Value) -> Self {
        Self { body, ..self }
    }

    /// The call, and what a command and Terraform would say instead.
    pub(crate) fn ways(&self, command: String, terraform: String) -> Ways {
        Ways { curl: self.curl(), command, terraform }
    }

    fn curl(&self) -> String {
        let row = self.id.row();
        let id = |id: Option<i64>| id.map(|id| id.to_string()).unwrap_or_default();
        let path = row.path.replace("{serviceId}", &id(self.service)).replace("{clientId}", &id(self.client));
        let mut text = format!(
            "curl -X {} {} \\\n  -H \"Authorization: Bearer $PLACET_TOKEN\"",
            row.method,
            quoted(&format!("{}{path}", self.api))
        );
        if let Some(version) = self.version {
            text.push_str(&format!(" \\\n  -H {}", quoted(&format!("If-Match: {version}"))));
        }
        if !self.body.is_null() {
            let body = quoted(&redacted(&self.body).to_string());
            text.push_str(&format!(" \\\n  -H 'Content-Type: application/json' \\\n  -d {body}"));
        }
        text
    }
}

/// For a shell: nothing inside is read by it.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// The members of a body that are secrets, whichever document they are of.
fn is_secret(member: &str) -> bool {
    let of =
        |table: &'static [Setting]| settings::named(table, member).is_some_and(|setting| setting.is_secret);
    of(settings::SERVICE) || of(settings::CLIENT) || ["accessToken", "invitationCode"].contains(&member)
}

/// The body with its secrets taken out.
pub(crate) fn redacted(body: &Value) -> Value {
    match body {
        Value::Object(members) => {
            let one = |(name, value): (&String, &Value)| match is_secret(name) && !value.is_null() {
                true => (name.clone(), HIDDEN.into()),
                false => (name.clone(), redacted(value)),
            };
            Value::Object(members.iter().map(one).collect())
        }
        Value::Array(values) => Value::Array(values.iter().map(redacted).collect()),
        other => other.clone(),
    }
}

/// `NAME=VALUE` of each member, for the command line.
pub(crate) fn assignments(patch: &Map<String, Value>) -> String {
    let one = |(name, value): (&String, &Value)| {
        let value = match redacted(&serde_json::json!({ name: value }))[name].clone() {
            Value::String(text) => text,
            other => other.to_string(),
        };
        quoted(&format!("{name}={value}"))
    };
    patch.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// A resource of the vendor's provider with these members.
pub(crate) fn terraform(kind: &str, members: &Map<String, Value>) -> String {
    let hidden = redacted(&Value::Object(members.clone()));
    let lines = hidden.as_object().into_iter().flatten().map(|(name, value)| {
        let value = if value.is_null() { "null".to_owned() } else { value.to_string() };
        // A dollar sign or percent sign before a brace would be read.
        format!("  {} = {}\n", snake(name), value.replace("${", "$${").replace("%{", "%%{"))
    });
    format!("resource \"authlete_{kind}\" \"this\" {{\n{}}}", lines.collect::<String>())
}

fn snake(name: &str) -> String {
    name.chars().fold(String::new(), |mut text, c| {
        if c.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
        text
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_in_no_way() {
        let body = json!({ "jwks": "{\"keys\":[]}", "serviceName": "it's", "clients": [{ "clientSecret": "s3cret" }] });
        let curl =
            Call::new("http://a", EndpointId::service_patch).of(7).meant("\"3\"").body(body.clone()).curl();
        assert!(
            curl.contains("'http://a/api/7/service/update'") && curl.contains("If-Match: \"3\""),
            "{curl}"
        );
        assert!(curl.contains(r"it'\''s") && !curl.contains("keys") && !curl.contains("s3cret"), "{curl}");
        let members = body.as_object().unwrap();
        assert!(assignments(members).starts_with("'jwks=…' "), "{}", assignments(members));
        let resource =
            terraform("service", json!({ "parRequired": true, "issuer": "${x}" }).as_object().unwrap());
        assert!(resource.contains("  par_required = true\n") && resource.contains("\"$${x}\""), "{resource}");
    }
}
