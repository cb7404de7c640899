//! Settings as fields of a form, by the table: what is shown of one, and what was meant by what was typed.

use minijinja::{Value, context};
use placet_api::settings::{Kind, Setting, Unit};
use placet_jose::JwkSet;
use serde_json::{Map, Value as Json};

use crate::posted::Posted;

/// What ends a certificate (RFC 7468 §5.1).
const END: &str = "-----END CERTIFICATE-----";

/// The name of the field of a setting. Those of secrets are not kept when a form is refused.
fn field(setting: &Setting) -> String {
    if setting.is_secret { format!("secret.{}", setting.member) } else { format!("s.{}", setting.member) }
}

/// A setting as a page shows it: in its document, or as it was typed.
pub(crate) fn shown(setting: &Setting, document: &Json, typed: Option<&Posted>) -> Value {
    let value = &document[setting.member];
    let known = if setting.is_secret { String::new() } else { text(setting, value) };
    let typed_here = typed.filter(|typed| is_posted(setting, typed));
    let (written, chosen) = match typed_here {
        Some(typed) => (
            typed.get(&field(setting)).unwrap_or_default().to_owned(),
            typed.all(&field(setting)).map(str::to_owned).collect(),
        ),
        None => (known, texts(value)),
    };
    let choices: Vec<_> = choices(setting.kind)
        .iter()
        .map(|choice| {
            let chosen = match setting.kind {
                Kind::Choices(_) => chosen.iter().any(|one| one == choice),
                _ => written == *choice,
            };
            context! { value => *choice, chosen }
        })
        .collect();
    context! {
        member => setting.member, name => setting.name, clause => setting.clause, about => setting.about,
        field => field(setting), kind => kind(setting), value => written, choices,
        default => default(setting), unit => unit(setting.unit), human => human(setting, value),
        changed => is_changed(setting, value), output => setting.is_output, secret => setting.is_secret,
        set => !is_absent(value), now => typed_here.and_then(|typed| other(setting, value, typed)), wrong => typed_here.and_then(|typed| read(setting, typed).err()),
    }
}

fn kind(setting: &Setting) -> &'static str {
    match setting.kind {
        Kind::Flag => "flag",
        Kind::Number => "number",
        Kind::Text => "text",
        Kind::Choice(_) => "choice",
        Kind::Choices(_) => "choices",
        Kind::Texts => "lines",
        Kind::JsonText | Kind::Certificates | Kind::Structure => "block",
    }
}

fn choices(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Choice(choices) | Kind::Choices(choices) => choices,
        _ => &[],
    }
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::None => "",
        Unit::Seconds => "seconds",
        Unit::Milliseconds => "milliseconds",
    }
}

/// The default as it is typed.
fn default(setting: &Setting) -> String {
    let value: Json = serde_json::from_str(setting.default).unwrap_or_default();
    match (&value, setting.kind) {
        (Json::Array(_), _) => texts(&value).join(", "),
        (Json::Null, _) => String::new(),
        _ => text(setting, &value),
    }
}

/// Seconds and moments as people read them.
fn human(setting: &Setting, value: &Json) -> String {
    match (setting.unit, value.as_i64()) {
        (Unit::Seconds, Some(seconds)) if seconds > 0 => duration(seconds),
        (Unit::Milliseconds, Some(millis)) if millis > 0 => moment(millis),
        _ => String::new(),
    }
}

fn duration(seconds: i64) -> String {
    let units = [(86_400, "d"), (3600, "h"), (60, "min")];
    let found = units.iter().find(|(length, _)| seconds % length == 0);
    found.map_or_else(|| format!("{seconds} s"), |(length, unit)| format!("{} {unit}", seconds / length))
}

/// A moment in UTC, as `2026-11-29 12:00:00`.
pub(crate) fn moment(millis: i64) -> String {
    let moment = time::OffsetDateTime::from_unix_timestamp(millis.div_euclid(1000)).ok();
    moment.map_or_else(String::new, |moment| {
        let (hour, minute, second) = moment.to_hms();
        format!("{} {hour:02}:{minute:02}:{second:02} UTC", moment.date())
    })
}

/// A value as it stands in its field.
fn text(setting: &Setting, value: &Json) -> String {
    match (setting.kind, value) {
        (_, Json::Null) => String::new(),
        (Kind::JsonText, Json::String(text)) => {
            let inside: Option<Json> = serde_json::from_str(text).ok();
            inside
                .and_then(|inside| serde_json::to_string_pretty(&inside).ok())
                .unwrap_or_else(|| text.clone())
        }
        (_, Json::String(text)) => text.clone(),
        (_, Json::Bool(flag)) => (if *flag { "true" } else { "false" }).to_owned(),
        (Kind::Texts | Kind::Certificates, Json::Array(_)) => texts(value).join("\n"),
        (_, Json::Number(number)) => number.to_string(),
        (_, other) => serde_json::to_string_pretty(other).unwrap_or_default(),
    }
}

fn texts(value: &Json) -> Vec<String> {
    let one = |one: &Json| one.as_str().map(str::to_owned);
    value.as_array().into_iter().flatten().filter_map(one).collect()
}

fn is_absent(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(values) => values.is_empty(),
        Json::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// Whether it is another than the default.
pub(crate) fn is_changed(setting: &Setting, value: &Json) -> bool {
    let default: Json = serde_json::from_str(setting.default).unwrap_or_default();
    // Zero stands for the default of a duration.
    let stands_for_it = setting.unit == Unit::Seconds && value.as_i64() == Some(0);
    !setting.is_output && !is_absent(value) && *value != default && !stands_for_it
}

/// What is there now, where something else was typed.
fn other(setting: &Setting, value: &Json, typed: &Posted) -> Option<String> {
    let meant = read(setting, typed).ok().flatten()?;
    (!setting.is_secret && !same(setting, &meant, value)).then(|| text(setting, value))
}

fn is_posted(setting: &Setting, posted: &Posted) -> bool {
    posted.get(&field(setting)).is_some() || posted.get(&format!("p.{}", setting.member)).is_some()
}

/// What a form makes of a document: the members that are others then, `null` for those that are taken away.
///
/// # Errors
/// The settings that cannot be meant as they were typed, and the names of texts that say why.
pub(crate) fn patch(
    table: &'static [Setting],
    document: &Json,
    posted: &Posted,
) -> Result<Map<String, Json>, Vec<(&'static str, &'static str)>> {
    let (mut changes, mut wrong) = (Map::new(), Vec::new());
    let typed = table.iter().filter(|setting| !setting.is_output && is_posted(setting, posted));
    for setting in typed {
        match read(setting, posted) {
            Err(why) => wrong.push((setting.member, why)),
            Ok(None) => {}
            Ok(Some(value)) if same(setting, &value, &document[setting.member]) => {}
            Ok(Some(value)) => _ = changes.insert(setting.member.to_owned(), value),
        }
    }
    if wrong.is_empty() { Ok(changes) } else { Err(wrong) }
}

/// Whether nothing would be another: what is absent in one way or the other is the same.
fn same(setting: &Setting, new: &Json, old: &Json) -> bool {
    let inside = |value: &Json| -> Option<Json> { serde_json::from_str(value.as_str()?).ok() };
    let is_json_text = setting.kind == Kind::JsonText;
    new == old
        || (is_absent(new) && is_absent(old))
        || (is_json_text && inside(new).is_some() && inside(new) == inside(old))
        || (matches!(setting.kind, Kind::Choices(_)) && is_same_set(new, old))
}

fn is_same_set(new: &Json, old: &Json) -> bool {
    let sorted = |value: &Json| {
        let mut all = texts(value);
        all.sort();
        all
    };
    new.is_array() && old.is_array() && sorted(new) == sorted(old)
}

/// What was meant; `None` for a secret that stays what it is.
fn read(setting: &Setting, posted: &Posted) -> Result<Option<Json>, &'static str> {
    let name = field(setting);
    if setting.is_secret && posted.get(&format!("remove.{}", setting.member)).is_some() {
        return Ok(Some(Json::Null));
    }
    let text = posted.get(&name).unwrap_or_default().trim();
    if text.is_empty() && !matches!(setting.kind, Kind::Choices(_)) {
        return Ok((!setting.is_secret).then_some(Json::Null));
    }
    let value = match setting.kind {
        Kind::Flag => match text {
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            _ => return Err("wrong.choice"),
        },
        Kind::Number => text.parse::<i64>().map_err(|_| "wrong.number")?.into(),
        Kind::Text => text.into(),
        Kind::JsonText => json_text(setting, text)?,
        Kind::Choice(choices) => {
            choices.iter().find(|one| **one == text).copied().ok_or("wrong.choice")?.into()
        }
        Kind::Choices(choices) => chosen(choices, &posted.all(&name).collect::<Vec<_>>())?,
        Kind::Texts => text.lines().map(str::trim).filter(|line| !line.is_empty()).collect(),
        Kind::Certificates => certificates(text)?,
        Kind::Structure => serde_json::from_str(text).map_err(|_| "wrong.json")?,
    };
    Ok(Some(value))
}

/// In the order of the table, whatever the order of the form.
fn chosen(choices: &[&str], given: &[&str]) -> Result<Json, &'static str> {
    let unknown = given.iter().any(|one| !one.is_empty() && !choices.contains(one));
    if unknown {
        return Err("wrong.choice");
    }
    let chosen: Vec<_> =
        choices.iter().filter(|one| given.contains(one)).map(|one| Json::from(*one)).collect();
    Ok(if chosen.is_empty() { Json::Null } else { chosen.into() })
}

fn json_text(setting: &Setting, text: &str) -> Result<Json, &'static str> {
    let value: Json = serde_json::from_str(text).map_err(|_| "wrong.json")?;
    if setting.name == "jwks" && JwkSet::parse(text).is_err() {
        return Err("wrong.jwks");
    }
    Ok(value.to_string().into())
}

fn certificates(text: &str) -> Result<Json, &'static str> {
    let parts: Vec<_> = text.split_inclusive(END).map(str::trim).filter(|part| !part.is_empty()).collect();
    match parts.iter().all(|part| part.ends_with(END)) {
        true => Ok(parts.into_iter().collect()),
        false => Err("wrong.certificate"),
    }
}

#[cfg(test)]
mod tests {
    use placet_api::settings::{CLIENT, SERVICE};
    use serde_json::json;

    use super::*;

    fn changed(document: &Json, form: &str) -> Result<Json, Vec<(&'static str, &'static str)>> {
        patch(SERVICE, document, &Posted::parse(form).unwrap()).map(Json::Object)
    }

    #[test]
    fn only_what_is_another_is_changed() {
        let document = json!({ "pkceRequired": true, "accessTokenDuration": 60, "serviceName": "A",
            "supportedGrantTypes": ["REFRESH_TOKEN", "AUTHORIZATION_CODE"], "supportedAcrs": ["a", "b"] });
        let same = "s.pkceRequired=true&s.accessTokenDuration=60&s.serviceName=A&p.supportedGrantTypes=1\
                    &s.supportedGrantTypes=AUTHORIZATION_CODE&s.supportedGrantTypes=REFRESH_TOKEN&s.supportedAcrs=a%0D%0Ab&s.issuer=";
        assert_eq!(changed(&document, same), Ok(json!({})));
        let other = "s.pkceRequired=&s.accessTokenDuration=90&s.serviceName=B&p.supportedGrantTypes=1&s.supportedAcrs=b";
        assert_eq!(
            changed(&document, other),
            Ok(
                json!({ "serviceName": "B", "supportedAcrs": ["b"], "supportedGrantTypes": null, "pkceRequired": null,
                "accessTokenDuration": 90 })
            )
        );
    }

    #[test]
    fn what_cannot_be_meant_is_named() {
        let document = json!({});
        for (form, member, why) in [
            ("s.accessTokenDuration=1h", "accessTokenDuration", "wrong.number"),
            ("s.supportedScopes=[", "supportedScopes", "wrong.json"),
            ("p.supportedGrantTypes=1&s.supportedGrantTypes=NEW", "supportedGrantTypes", "wrong.choice"),
            ("s.pkceRequired=yes", "pkceRequired", "wrong.choice"),
            ("s.trustedRootCertificates=abc", "trustedRootCertificates", "wrong.certificate"),
            ("secret.jwks=%7B%7D", "jwks", "wrong.jwks"),
        ] {
            assert_eq!(changed(&document, form), Err(vec![(member, why)]), "{form}");
        }
        assert_eq!(changed(&document, "s.apiKey=7&s.noSuch=1"), Ok(json!({})));
    }

    #[test]
    fn a_secret_is_never_shown_and_stays_unless_it_is_replaced() {
        let document = json!({ "authenticationCallbackApiSecret": "s3cret" });
        let setting = placet_api::settings::named(SERVICE, "authenticationCallbackApiSecret").unwrap();
        let shown = format!("{:?}", shown(setting, &document, None));
        assert!(!shown.contains("s3cret"), "{shown}");
        assert_eq!(changed(&document, "secret.authenticationCallbackApiSecret="), Ok(json!({})));
        assert_eq!(
            changed(&document, "secret.authenticationCallbackApiSecret=n"),
            Ok(json!({ "authenticationCallbackApiSecret": "n" }))
        );
        let removed = "secret.authenticationCallbackApiSecret=&remove.authenticationCallbackApiSecret=1";
        assert_eq!(changed(&document, removed), Ok(json!({ "authenticationCallbackApiSecret": null })));
    }

    #[test]
    fn a_mark_is_where_something_differs_from_its_default() {
        let of = |member: &str, value: Json| {
            is_changed(placet_api::settings::named(SERVICE, member).unwrap(), &value)
        };
        assert!(of("pkceRequired", json!(true)) && of("accessTokenDuration", json!(60)));
        for (member, value) in [
            ("pkceRequired", json!(false)),
            ("accessTokenDuration", json!(0)),
            ("accessTokenDuration", json!(3600)),
        ] {
            assert!(!of(member, value.clone()), "{member} {value}");
        }
        assert!(!of("supportedAcrs", json!([])) && !of("createdAt", json!(1)));
        assert_eq!(
            (duration(3600), duration(61), duration(864_000)),
            ("1 h".into(), "61 s".into(), "10 d".into())
        );
        assert_eq!(moment(1_767_225_600_000), "2026-01-01 00:00:00 UTC");
        assert!(!CLIENT.is_empty());
    }
}
