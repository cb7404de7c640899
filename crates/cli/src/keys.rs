//! `placet key`: the keys of a service. The first key of its set that fits an algorithm signs, unless a setting names
//! another; all of them are published. A key is therefore replaced in three steps, between which others have time to see
//! what was done: the next key is published, it signs, the former one goes.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use placet_base::registry::JwsAlg;
use placet_jose::{Jwk, JwkSet, generate_named, private_key_from_pem};
use serde_json::{Map, Value, json};

use crate::Surroundings;
use crate::confirm::Confirmation;
use crate::connection::Connection;
use crate::document::read_text;
use crate::edit::{Editor, Subject};
use crate::exit::{Done, Exit, Failure};
use crate::output::{Output, clean};
use crate::secrets::public;

/// Keys.
#[derive(Args)]
pub struct Keys {
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    output: Output,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the keys of the service, those in hardware too.
    List,
    /// Make a key and publish it. It signs when no other key of its algorithm stands before it.
    Generate(Generate),
    /// Replace the key of an algorithm, step by step, without a moment in which a signature cannot be verified.
    Rotate(Rotate),
    /// Take a private key over (a JWK, a JWK Set, or PEM as other tools write it).
    Import(Import),
    /// Take a key away. What it has signed can be verified by nobody from then on.
    Remove(Remove),
}

#[derive(Args)]
struct Generate {
    /// What the key is for: ES256, RS256, PS256, EdDSA, RSA-OAEP-256, ECDH-ES and their relatives.
    algorithm: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

#[derive(Args)]
struct Rotate {
    /// The algorithm whose key is replaced.
    algorithm: String,
    /// The second step: have the key of this id sign, which was published before.
    #[arg(long, value_name = "KID", allow_hyphen_values = true)]
    activate: Option<String>,
    /// Both steps at once: who keeps the published keys cannot verify new signatures until it fetches them anew.
    #[arg(long, conflicts_with = "activate")]
    now: bool,
    #[command(flatten)]
    confirmation: Confirmation,
}

#[derive(Args)]
struct Import {
    /// The file; - for standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What a key in PEM signs with, where it does not follow from the key: RS256, PS256 and their relatives.
    #[arg(long, value_name = "ALGORITHM")]
    alg: Option<String>,
    #[command(flatten)]
    confirmation: Confirmation,
}

#[derive(Args)]
struct Remove {
    /// The key's id.
    #[arg(value_name = "KID", allow_hyphen_values = true)]
    kid: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

const COLUMNS: &[(&str, &str)] = &[
    ("KID", "kid"),
    ("TYPE", "kty"),
    ("CURVE", "crv"),
    ("USE", "use"),
    ("ALGORITHM", "alg"),
    ("STATE", "state"),
];

pub(crate) async fn run(arguments: Keys, surroundings: &Surroundings) -> Done {
    let (api, output) = (arguments.connection.api(surroundings)?, arguments.output);
    let editor = Editor { api: &api, output, surroundings };
    let service = Subject::Service.read(&api).await?.members;
    let keys = of(&service)?;
    match arguments.command {
        Command::List => output.list(&listed(&service, &keys), COLUMNS),
        Command::Generate(generate) => {
            let key = made(&generate.algorithm)?;
            let kid = id(&key).to_owned();
            changed(editor, with(keys, key, false), generate.confirmation).await?;
            output.say(&format!("key {} is published", clean(&kid)))
        }
        Command::Rotate(rotate) => rotated(editor, &service, keys, &rotate).await,
        Command::Import(import) => {
            let keys = imported(keys, &import)?;
            changed(editor, keys, import.confirmation).await
        }
        Command::Remove(remove) => {
            let left: Vec<_> = keys.iter().filter(|key| id(key) != remove.kid).cloned().collect();
            if left.len() == keys.len() {
                return Err(no_key(&remove.kid));
            }
            changed(editor, left, remove.confirmation).await
        }
    }
}

/// The key set of a service's document.
fn of(service: &Map<String, Value>) -> Result<Vec<Value>, Failure> {
    let Some(text) = service.get("jwks").and_then(Value::as_str) else { return Ok(Vec::new()) };
    set(text).ok_or_else(|| Failure::failed("jwks of the service is no JWK Set"))
}

fn set(text: &str) -> Option<Vec<Value>> {
    serde_json::from_str::<Value>(text).ok()?.get("keys")?.as_array().cloned()
}

fn id(key: &Value) -> &str {
    key.get("kid").and_then(Value::as_str).unwrap_or_default()
}

fn no_key(kid: &str) -> Failure {
    Failure::new(Exit::NotFound, format!("the service has no key with the id {kid}"))
}

/// Keys without what is private, and what becomes of each.
fn listed(service: &Map<String, Value>, keys: &[Value]) -> Vec<Value> {
    let hardware = service.get("hsks").and_then(Value::as_array).cloned().unwrap_or_default();
    let one = |(at, key): (usize, &Value)| {
        let mut shown = key.as_object().map(public).unwrap_or_default();
        shown.insert("state".to_owned(), state(keys, at).into());
        Value::Object(shown)
    };
    let software = keys.iter().enumerate().map(one);
    software.chain(hardware.into_iter().map(in_hardware)).collect()
}

fn in_hardware(mut key: Value) -> Value {
    if let Some(members) = key.as_object_mut() {
        members.insert("state".to_owned(), "in hardware".into());
    }
    key
}

/// `active`: the first that fits its algorithm.
fn state(keys: &[Value], at: usize) -> &'static str {
    let Some(jwk) = keys.get(at).and_then(Jwk::parse) else { return "no key" };
    if !jwk.is_private() {
        return "public only";
    }
    let alike = |other: &&Value| {
        Jwk::parse(other).is_some_and(|other| other.is_private() && role(&other) == role(&jwk))
    };
    match keys.iter().take(at).any(|other| alike(&other)) {
        true => "published",
        false => "active",
    }
}

/// What a key does: its algorithm, else its type and curve.
fn role(jwk: &Jwk) -> String {
    let public = jwk.public();
    let text = |name: &str| public.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    match jwk.alg() {
        Some(alg) => alg.to_owned(),
        None => format!("{} {} {}", text("kty"), text("crv"), text("use")),
    }
}

/// A key of its own for an algorithm.
fn made(algorithm: &str) -> Result<Value, Failure> {
    let made = generate_named(algorithm);
    made.ok_or_else(|| Failure::usage(format!("there is no key for the algorithm {algorithm}")))
}

/// A key set like another, with a new key for each of it.
pub(crate) fn renewed(text: &str) -> Result<String, Failure> {
    let keys = set(text).ok_or_else(|| Failure::failed("the key set is no JWK Set"))?;
    let algorithm = |key: &Value| key.get("alg").and_then(Value::as_str).map(str::to_owned);
    let anew: Result<Vec<_>, _> = keys.iter().filter_map(algorithm).map(|alg| made(&alg)).collect();
    Ok(json!({ "keys": anew? }).to_string())
}

fn with(mut keys: Vec<Value>, key: Value, first: bool) -> Vec<Value> {
    let at = if first { 0 } else { keys.len() };
    keys.insert(at, key);
    keys
}

async fn rotated(
    editor: Editor<'_>,
    service: &Map<String, Value>,
    keys: Vec<Value>,
    rotate: &Rotate,
) -> Done {
    if let Some(kid) = &rotate.activate {
        let key = keys.iter().find(|key| id(key) == kid).cloned().ok_or_else(|| no_key(kid))?;
        let former = active(&keys, &rotate.algorithm);
        let others = keys.into_iter().filter(|key| id(key) != kid).collect();
        activated(editor, service, (with(others, key, true), former.as_deref(), kid), rotate).await?;
        let former = former.unwrap_or_default();
        return editor.output.say(&format!(
            "key {} signs; when the last token of key {former} has expired: placet key remove {former}",
            clean(kid)
        ));
    }
    let key = made(&rotate.algorithm)?;
    let (kid, former) = (id(&key).to_owned(), active(&keys, &rotate.algorithm));
    if rotate.now {
        return activated(editor, service, (with(keys, key, true), former.as_deref(), &kid), rotate).await;
    }
    changed(editor, with(keys, key, false), rotate.confirmation).await?;
    let algorithm = &rotate.algorithm;
    editor.output.say(&format!(
        "key {kid} is published; when everybody has seen it: placet key rotate {algorithm} --activate {kid}"
    ))
}

fn active(keys: &[Value], algorithm: &str) -> Option<String> {
    let fits = |key: &&Value| Jwk::parse(key).is_some_and(|jwk| jwk.is_private() && role(&jwk) == algorithm);
    keys.iter().find(fits).map(|key| id(key).to_owned())
}

/// Settings that name the former key name the new one.
async fn activated(
    editor: Editor<'_>,
    service: &Map<String, Value>,
    (keys, former, kid): (Vec<Value>, Option<&str>, &str),
    rotate: &Rotate,
) -> Done {
    let mut patch = patch(&keys);
    let named =
        service.iter().filter(|(name, value)| name.ends_with("SignatureKeyId") && value.as_str() == former);
    patch.extend(named.filter(|_| former.is_some()).map(|(name, _)| (name.clone(), kid.into())));
    editor.change(&Subject::Service, patch, rotate.confirmation).await
}

fn imported(mut keys: Vec<Value>, from: &Import) -> Result<Vec<Value>, Failure> {
    let file = from.file.display();
    let wrong =
        || Failure::usage(format!("{file}: expected a private JWK, a JWK Set of such, or PKCS #8 in PEM"));
    let text = read_text(&from.file)?;
    let value: Value = match private_key_from_pem(&text) {
        Some(key) => of_pem(key, from.alg.as_deref())?,
        None => serde_json::from_str(&text).map_err(|_| wrong())?,
    };
    let new = value.get("keys").and_then(Value::as_array).cloned().unwrap_or_else(|| vec![value.clone()]);
    for key in new {
        let jwk = Jwk::parse(&key).filter(Jwk::is_private).ok_or_else(wrong)?;
        let mut key = key;
        if jwk.kid().is_none() {
            key["kid"] = jwk.thumbprint().ok_or_else(wrong)?.into();
        }
        if keys.iter().any(|known| id(known) == id(&key)) {
            return Err(Failure::usage(format!("the service has a key with the id {} already", id(&key))));
        }
        keys.push(key);
    }
    JwkSet::parse(&json!({ "keys": keys }).to_string()).map_err(|_| wrong())?;
    Ok(keys)
}

/// A key that says nothing of its use signs.
fn of_pem(mut key: Value, alg: Option<&str>) -> Result<Value, Failure> {
    let follows = match (key["kty"].as_str(), key["crv"].as_str()) {
        (_, Some("P-256")) => Some("ES256"),
        (_, Some("P-384")) => Some("ES384"),
        (_, Some("P-521")) => Some("ES512"),
        (_, Some("Ed25519")) => Some("EdDSA"),
        _ => None,
    };
    let alg = alg.or(follows).ok_or_else(|| Failure::usage("say with --alg what the RSA key signs with"))?;
    key["alg"] = alg.into();
    key["use"] = "sig".into();
    let signs = JwsAlg::from_protocol(alg).and_then(|alg| Jwk::parse(&key)?.signing_key(alg));
    signs.ok_or_else(|| Failure::usage(format!("the key does not sign with {alg}")))?;
    Ok(key)
}

fn patch(keys: &[Value]) -> Map<String, Value> {
    let mut patch = Map::new();
    patch.insert("jwks".to_owned(), json!({ "keys": keys }).to_string().into());
    patch
}

async fn changed(editor: Editor<'_>, keys: Vec<Value>, confirmation: Confirmation) -> Done {
    editor.change(&Subject::Service, patch(&keys), confirmation).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_key_of_an_algorithm_is_active() {
        let keys = [made("ES256").unwrap(), made("RS256").unwrap(), made("ES256").unwrap()];
        assert_eq!((0..3).map(|at| state(&keys, at)).collect::<Vec<_>>(), ["active", "active", "published"]);
        assert_eq!(active(&keys, "ES256").as_deref(), Some(id(&keys[0])));
        assert!(!listed(&Map::new(), &keys).iter().any(|key| key.get("d").is_some()));
        for refused in ["none", "HS256", "dir", "es256"] {
            assert!(made(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_renewed_set_has_the_same_algorithms_and_other_keys() {
        let text = json!({ "keys": [made("ES256").unwrap()] }).to_string();
        let (before, after) = (set(&text).unwrap(), set(&renewed(&text).unwrap()).unwrap());
        assert_eq!(before[0]["alg"], after[0]["alg"]);
        assert_ne!(before[0]["kid"], after[0]["kid"]);
    }
}
