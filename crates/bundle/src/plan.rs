//! What would be done to a service, told before it is done.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use placet_sdk::Secret;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::api::Now;
use crate::bundle::{Members, Tree};
use crate::documents::{self, compact_member};
use crate::path::{Path, key};
use crate::secrets::{self, CLIENT_SECRET, Kind, Secrets};

/// A member that becomes another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Which.
    pub path: Path,
    /// What it was; absent where there was none, or nothing that may be shown.
    pub from: Option<Value>,
    /// What it is to be.
    pub to: Option<Value>,
    /// Whether something changes that is not shown.
    pub secret: bool,
}

/// What a call carries. It may have secrets in it, so it cannot be shown.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Body(pub(crate) Map<String, Value>);

/// One call of the API, or a few about one client. Doing it again changes nothing.
#[derive(Serialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum Step {
    /// Members of the service change, all at once.
    Service {
        /// Which.
        changes: Vec<Change>,
        #[serde(skip)]
        #[doc(hidden)]
        body: Hidden,
    },
    /// A client is made.
    NewClient {
        /// Its name.
        name: String,
        /// Whether its secret is one that it has already; a new one is made otherwise.
        secret_kept: bool,
        #[serde(skip)]
        #[doc(hidden)]
        body: Hidden,
    },
    /// A client changes.
    Client {
        /// Its name.
        name: String,
        /// What of it.
        changes: Vec<Change>,
        #[serde(skip)]
        #[doc(hidden)]
        body: Hidden,
    },
    /// A client is deleted.
    DeleteClient {
        /// Its name.
        name: String,
    },
}

/// What a step sends.
#[derive(Default)]
pub struct Hidden {
    pub(crate) body: Body,
    pub(crate) secret: Option<Secret<String>>,
    pub(crate) locked: Option<bool>,
}

/// Steps in their order, and what the caller should know.
#[derive(Default, Serialize)]
pub struct Plan {
    /// What is done.
    pub steps: Vec<Step>,
    /// Clients that would be deleted, if deleting was wanted.
    pub undeleted: Vec<String>,
    /// Secrets that the bundle does not have, and the service neither: what becomes of them.
    pub missing: Vec<String>,
}

/// What makes `target` of what is there `now`. Clients are deleted only where `delete` says so.
pub fn plan(target: &Tree, secrets: &Secrets, now: &Now, delete: bool) -> Plan {
    let mut plan = Plan::default();
    plan.service(target, secrets, now);
    for (name, wanted) in &target.clients {
        match now.clients.get(name) {
            Some(there) => plan.client(name, wanted, secrets, (now, there)),
            None => plan.new_client(name, wanted, secrets),
        }
    }
    for name in now.tree.clients.keys().filter(|name| !target.clients.contains_key(*name)) {
        match delete {
            true => plan.steps.push(Step::DeleteClient { name: name.clone() }),
            false => plan.undeleted.push(name.clone()),
        }
    }
    plan
}

/// All that a bundle says of its service itself.
pub(crate) fn whole_service(target: &Tree, secrets: &Secrets) -> Body {
    let mut plan = Plan::default();
    plan.service(target, secrets, &Now::nothing());
    match plan.steps.pop() {
        Some(Step::Service { body, .. }) => body.body,
        _ => Body::default(),
    }
}

impl Plan {
    fn service(&mut self, target: &Tree, secrets: &Secrets, now: &Now) {
        let place = |member: &str| Path::service(member);
        let sides = (&target.service, &now.tree.service);
        let (mut changes, mut body) = changed(sides, secrets, &now.service, &place);
        self.missing.extend(missing(&target.service, secrets, &now.service, &place));
        if target.scopes != now.tree.scopes {
            changes.extend(scopes(&target.scopes, &now.tree.scopes));
            body.0.insert("supportedScopes".to_owned(), documents::scopes_of(&target.scopes));
        }
        if !changes.is_empty() {
            self.steps.push(Step::Service { changes, body: Hidden { body, ..Hidden::default() } });
        }
    }

    fn new_client(&mut self, name: &str, wanted: &Members, secrets: &Secrets) {
        let place = |member: &str| Path::client(name, member);
        let nothing = Value::Null;
        let (_, mut body) = changed((wanted, &Members::new()), secrets, &nothing, &place);
        body.0.insert("clientIdAlias".to_owned(), name.into());
        let locked = body.0.shift_remove("locked").map(|_| true);
        let secret = secret_of(secrets, name);
        let secret_kept = secret.is_some();
        let document = Value::Object(body.0.clone());
        if !secret_kept && documents::uses_secret(&document) {
            self.missing.push(format!("{}: a new one is made", place(CLIENT_SECRET)));
        }
        let hidden = Hidden { body, secret, locked };
        self.steps.push(Step::NewClient { name: name.to_owned(), secret_kept, body: hidden });
    }

    fn client(&mut self, name: &str, wanted: &Members, secrets: &Secrets, (now, there): (&Now, &Value)) {
        let place = |member: &str| Path::client(name, member);
        let nothing = Members::new();
        let known = now.tree.clients.get(name).unwrap_or(&nothing);
        let (mut changes, mut body) = changed((wanted, known), secrets, there, &place);
        let locked = body.0.shift_remove("locked").map(|value| value == Value::Bool(true));
        // The server keeps this of a client that it has.
        body.0.shift_remove("registrationAccessTokenHash");
        changes.retain(|change| change.path != place("registrationAccessTokenHash"));
        let secret =
            secret_of(secrets, name).filter(|secret| there[CLIENT_SECRET] != secret.expose().as_str());
        if secret.is_some() {
            changes.push(Change { path: place(CLIENT_SECRET), from: None, to: None, secret: true });
        }
        if !changes.is_empty() {
            let body = Hidden { body, secret, locked };
            self.steps.push(Step::Client { name: name.to_owned(), changes, body });
        }
    }
}

fn secret_of(secrets: &Secrets, name: &str) -> Option<Secret<String>> {
    let text = secrets.get(&Path::client(name, CLIENT_SECRET))?;
    serde_json::from_str::<String>(text.expose()).ok().map(Secret::new)
}

/// Members that differ, and what is sent for them. `there` is the document with all of its secrets.
fn changed(
    (wanted, known): (&Members, &Members),
    secrets: &Secrets,
    there: &Value,
    place: &dyn Fn(&str) -> Path,
) -> (Vec<Change>, Body) {
    let (mut changes, mut body) = (Vec::new(), Body::default());
    let own = secrets.keys().filter_map(|path| Some((path, member_of(path)?)));
    let own = own.filter(|(path, member)| place(member) == **path).map(|(_, member)| member);
    let names: BTreeSet<&str> = wanted.keys().chain(known.keys()).map(String::as_str).chain(own).collect();
    for name in names.into_iter().filter(|name| *name != CLIENT_SECRET) {
        let (path, to, from) = (place(name), wanted.get(name), known.get(name));
        let whole = whole(&path, to, secrets, there);
        let there = documents::readable(there[name].clone());
        let secret = secrets.contains_key(&path) && whole.as_ref().is_some_and(|whole| *whole != there);
        if to != from || secret {
            let sent = whole.map_or(Value::Null, |whole| compact_member(name, &whole));
            body.0.insert(name.to_owned(), sent);
            changes.push(Change { path, from: from.cloned(), to: to.cloned(), secret });
        }
    }
    (changes, body)
}

fn member_of(path: &Path) -> Option<&str> {
    match path {
        Path::Service(member) | Path::Client(_, Some(member)) | Path::Scope(_, Some(member)) => Some(member),
        Path::Client(_, None) | Path::Scope(_, None) => None,
    }
}

/// A member with everything secret that is known of it: from the bundle first, then from what is there.
fn whole(path: &Path, wanted: Option<&Value>, secrets: &Secrets, there: &Value) -> Option<Value> {
    let Some(kind) = secrets::kind(path) else { return wanted.cloned() };
    let own = secrets.get(path).and_then(|text| serde_json::from_str::<Value>(text.expose()).ok());
    if kind == Kind::Whole {
        // Secret altogether: a bundle that does not have it says nothing about it.
        return own;
    }
    let wanted = secrets::completed(kind, wanted?, own.as_ref());
    Some(secrets::completed(kind, &wanted, there.get(member_of(path)?)))
}

/// Keys that the service is to have, and whose private half nobody has.
fn missing(wanted: &Members, secrets: &Secrets, there: &Value, place: &dyn Fn(&str) -> Path) -> Vec<String> {
    let sets = wanted.iter().filter(|(name, _)| secrets::kind(&place(name)) == Some(Kind::KeySet));
    let mut missing = Vec::new();
    for (name, value) in sets {
        let path = place(name);
        let whole = whole(&path, Some(value), secrets, there);
        let public = whole.as_ref().map(secrets::public_only).unwrap_or_default();
        missing.extend(
            public.into_iter().map(|kid| format!("{path}: nobody has the private key of {}", key(&kid))),
        );
    }
    missing
}

fn scopes(wanted: &BTreeMap<String, Members>, known: &BTreeMap<String, Members>) -> Vec<Change> {
    let shown =
        |members: &Members| Value::Object(members.iter().map(|(n, v)| (n.clone(), v.clone())).collect());
    let names: BTreeSet<&String> = wanted.keys().chain(known.keys()).collect();
    let one = |name: &String| {
        let (to, from) = (wanted.get(name), known.get(name));
        let path = Path::Scope(name.clone(), None);
        (to != from).then(|| Change { path, from: from.map(shown), to: to.map(shown), secret: false })
    };
    names.into_iter().filter_map(one).collect()
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.from, &self.to) {
            (None, None) => write!(f, "~ {}", self.path)?,
            (None, Some(to)) => write!(f, "+ {} = {}", self.path, shown(to))?,
            (Some(from), None) => write!(f, "- {} (was {})", self.path, shown(from))?,
            (Some(from), Some(to)) if from == to => write!(f, "~ {}", self.path)?,
            (Some(from), Some(to)) => write!(f, "~ {} = {} (was {})", self.path, shown(to), shown(from))?,
        }
        if self.secret { f.write_str(" [a secret]") } else { Ok(()) }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service { changes, .. } | Self::Client { changes, .. } => {
                let lines: Vec<String> = changes.iter().map(ToString::to_string).collect();
                f.write_str(&lines.join("\n"))
            }
            Self::NewClient { name, secret_kept, .. } => {
                let kept = if *secret_kept { " with the secret that it has" } else { "" };
                write!(f, "+ {}{kept}", Path::whole_client(name))
            }
            Self::DeleteClient { name } => write!(f, "- {}", Path::whole_client(name)),
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.steps.is_empty() {
            writeln!(f, "nothing to do")?;
        }
        for step in &self.steps {
            writeln!(f, "{step}")?;
        }
        for name in &self.undeleted {
            writeln!(f, "! {} stays; --delete deletes it", Path::whole_client(name))?;
        }
        self.missing.iter().try_for_each(|one| writeln!(f, "! {one}"))
    }
}

/// What is shown of a value before it is cut.
const SHOWN: usize = 160;

/// A value on one line. What clients have said of themselves cannot write to a terminal.
pub(crate) fn shown(value: &Value) -> String {
    let text = compact_member("", value).to_string();
    let cut = text.chars().count() > SHOWN;
    let mut line = String::new();
    for c in text.chars().take(SHOWN) {
        match c.is_control() || is_direction(c) {
            true => line += &format!("\\u{:04x}", u32::from(c)),
            false => line.push(c),
        }
    }
    if cut { line + "…" } else { line }
}

/// Characters that turn the direction of what follows them (Unicode UAX #9).
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_say_of_themselves_is_shown_and_not_run() {
        let text = shown(&Value::from("a\u{1b}[2J\u{9b}1m\u{202e}b"));
        assert!(!text.chars().any(|c| c.is_control() || is_direction(c)), "{text:?}");
        assert!(shown(&Value::from("x".repeat(500))).chars().count() <= SHOWN + 1);
    }
}
