//! Text cases: a world, calls, and what is expected of the answers. `docs/writing-cases.md` explains the
//! language.

use std::collections::BTreeSet;

use data_encoding::BASE64URL_NOPAD;
use placet_api::endpoints::EndpointId;
use placet_api::reasons::{self, Kind, ROWS};
use placet_api::{CallError, Expected, PathValues};
use placet_base::{ServiceId, Ttl, form};
use placet_engine::ops::inspector::keep::Keep;
use placet_engine::records::inspected::Inspected;
use serde_json::{Map, Value};

use crate::crafted::Crafted;
use crate::furniture::{client_document, service_document};
use crate::script::{Variables, fill, member, words};
use crate::world::{Answer, World, block_on};

/// A case that can be run.
pub struct Case<'a> {
    /// Its file, as failures name it.
    pub name: &'a str,
    pub text: &'a str,
}

/// What a case has touched, for the coverage tests.
#[derive(Default)]
pub struct Covered {
    pub endpoints: BTreeSet<&'static str>,
    pub reasons: BTreeSet<&'static str>,
    /// Actions that were expected, by the endpoint that answered with them.
    pub actions: BTreeSet<(&'static str, String)>,
    /// What each endpoint answered with: its action, or the HTTP status where it had none, and the result code.
    pub outcomes: BTreeSet<(&'static str, String, String)>,
    /// How many answers were a success by their result code.
    pub accepted: usize,
    /// How many expectations held.
    pub expectations: usize,
}

/// The lines that do not hold.
#[derive(Debug)]
pub struct Failure(pub String);

struct Running<'a> {
    world: World,
    token: Option<String>,
    variables: Variables,
    answer: Answer,
    /// That of the call which has overtaken the last one.
    faster: Option<Answer>,
    covered: &'a mut Covered,
    /// The endpoint that was called last.
    asked: &'static str,
    crafted: Crafted,
    /// Lines that several cases share, by their name.
    steps: &'a dyn Fn(&str) -> Option<String>,
    /// Properties that every service of the run has besides its own.
    tightening: &'a Map<String, Value>,
}

/// Runs a case in a world of its own. `tightening` is laid over every service that the case makes.
/// `steps` gives the shared lines that `do NAME` runs.
pub fn run(
    case: &Case<'_>,
    covered: &mut Covered,
    tightening: &Map<String, Value>,
    steps: &dyn Fn(&str) -> Option<String>,
) -> Result<(), Failure> {
    let world = World::new();
    let mut running = Running {
        token: Some(world.organization_token.clone()),
        variables: Variables::from([("organization".to_owned(), world.organization.to_string())]),
        answer: Answer { status: 0, body: Value::Null, text: String::new(), version: None },
        faster: None,
        world,
        covered,
        asked: "",
        crafted: Crafted::default(),
        steps,
        tightening,
    };
    let mut unmet = Vec::new();
    for (number, line) in case.text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Err(what) = running.line(line) else { continue };
        unmet.push(format!("{}:{}: {line}\n    {what}", case.name, number + 1));
        // What is not as expected does not keep the next line from running; a call that cannot be made does.
        if !line.starts_with("expect ") {
            break;
        }
    }
    if unmet.is_empty() { Ok(()) } else { Err(Failure(unmet.join("\n"))) }
}

impl Running<'_> {
    fn line(&mut self, line: &str) -> Result<(), String> {
        let words: Vec<String> = words(line).iter().map(|word| fill(word, &self.variables)).collect();
        self.words(&words)
    }

    fn words(&mut self, words: &[String]) -> Result<(), String> {
        let (verb, rest) = words.split_first().ok_or("an empty line")?;
        match verb.as_str() {
            "service" => self.service(rest),
            "client" => self.client(rest),
            "call" => self.call(rest, false),
            "call-form" => self.call(rest, true),
            "overtaken" => self.overtaken(rest),
            "faster" => {
                self.answer = self.faster.take().ok_or("nothing was overtaken")?;
                Ok(())
            }
            "expect" => rest.iter().try_for_each(|word| self.expect(word)),
            "save" => rest.iter().try_for_each(|word| self.save(word)),
            "let" => rest.iter().try_for_each(|word| self.name(word)),
            "token" => self.use_token(rest),
            "do" => self.steps(rest),
            "document" => self.document(rest),
            "key" | "jwt" | "jwe" | "open" | "dpop" | "assertion" | "certificate" | "hash" | "signature"
            | "attestation" | "attestation-pop" | "statement" => {
                let made = self.crafted.make(verb, rest, self.world.now())?;
                self.variables.extend(made);
                Ok(())
            }
            "advance" => {
                self.world
                    .advance(rest.first().and_then(|secs| secs.parse().ok()).ok_or("expected seconds")?);
                Ok(())
            }
            "work" => self.work(rest),
            "inspected" => self.inspected(rest),
            "posted" => self.posted(rest),
            "signing" => {
                self.world.switch_signing(rest.first().is_some_and(|word| word == "up"));
                Ok(())
            }
            "hsm" => self.world.hsm(rest),
            "hidden" => match rest.iter().find(|text| self.world.has_written(text)) {
                Some(text) => Err(format!("{text} lies in the store as it is")),
                None if rest.is_empty() => Err("expected texts".to_owned()),
                None => Ok(()),
            },
            "store" => self.world.store(rest.first().map_or("", String::as_str)),
            other => Err(format!("there is no verb {other}")),
        }
    }

    /// Makes a service of the standard document and the given changes; `name=-` takes a member away.
    fn service(&mut self, changes: &[String]) -> Result<(), String> {
        let mut document = changed(service_document(), changes)?;
        for (name, value) in self.tightening {
            match (document.get_mut(name), value) {
                // What the case puts in a list stays there.
                (Some(Value::Array(list)), Value::Array(more)) => list.extend(more.iter().cloned()),
                _ => {
                    document.insert(name.clone(), value.clone());
                }
            }
        }
        self.made(EndpointId::service_create, &document)?;
        self.world.service = self.answer.body["apiKey"].as_i64().ok_or("no apiKey")?;
        self.variables.insert("service".to_owned(), self.world.service.to_string());
        Ok(())
    }

    /// Makes a confidential client that may do everything, and the given changes.
    fn client(&mut self, words: &[String]) -> Result<(), String> {
        let (name, changes) = words.split_first().ok_or("expected a name")?;
        if self.world.service == 0 {
            self.service(&[])?;
        }
        let document = changed(client_document(name), changes)?;
        self.made(EndpointId::client_create, &document)?;
        for (member, variable) in [("clientId", "id"), ("clientSecret", "secret")] {
            let value = text(&self.answer.body[member]);
            self.variables.insert(format!("{name}.{variable}"), value);
        }
        Ok(())
    }

    fn made(&mut self, endpoint: EndpointId, document: &Map<String, Value>) -> Result<(), String> {
        let token = self.world.organization_token.clone();
        self.answer = self.world.call(endpoint, Some(&token), PathValues::default(), document);
        self.covered.endpoints.insert(endpoint.row().name);
        if self.answer.status == 200 { Ok(()) } else { Err(self.answer.text.clone()) }
    }

    /// `call ENDPOINT [@CLIENT] name=value …`; `raw=…` sends a body as it is.
    fn call(&mut self, words: &[String], as_form: bool) -> Result<(), String> {
        let (name, rest) = words.split_first().ok_or("expected an endpoint")?;
        let endpoint = EndpointId::parse(name).ok_or_else(|| format!("there is no endpoint {name}"))?;
        let marked = |mark: char| rest.iter().find_map(|word| word.strip_prefix(mark));
        let path = PathValues {
            client: marked('@'),
            subject: marked('%'),
            token: marked('^'),
            batch: marked('&'),
            handle: marked('+'),
        };
        let members = rest.iter().filter(|word| !word.starts_with(['@', '%', '^', '&', '!', '+']));
        let members: Option<Map<String, Value>> = members.map(|word| member(word)).collect();
        let members = members.ok_or("expected name=value")?;
        // An `If-Match`, as it would stand in the header.
        self.world.expected = marked('!').map_or(Expected::Any, Expected::parse);
        let token = self.token.as_deref();
        self.answer = if as_form {
            self.world.call_form(endpoint, token, path, &members)
        } else if let Some(raw) = rest.iter().find_map(|word| word.strip_prefix("raw=")) {
            self.world.send(endpoint, token, path, placet_api::Input::Json(raw.as_bytes()))
        } else {
            self.world.call(endpoint, token, path, &members)
        };
        self.asked = endpoint.row().name;
        self.covered.endpoints.insert(self.asked);
        self.note_outcome();
        Ok(())
    }

    /// `overtaken call …` – the call, and another like it that goes through between what the first has read and what it
    /// writes. The answer is that of the first; `faster` goes on with the other.
    fn overtaken(&mut self, words: &[String]) -> Result<(), String> {
        self.world.overtake();
        self.words(words)?;
        self.faster = Some(self.world.faster().ok_or("it writes nothing: it cannot be overtaken")?);
        Ok(())
    }

    /// Notes what the endpoint that was asked has answered with.
    fn note_outcome(&mut self) {
        let body = &self.answer.body;
        let Some(row) = body["resultCode"].as_str().and_then(reasons::row_of) else { return };
        self.covered.accepted += usize::from(row.kind == Kind::Success);
        let answered = body["action"].as_str().map_or_else(|| self.answer.status.to_string(), str::to_owned);
        self.covered.outcomes.insert((self.asked, answered, row.code.to_owned()));
    }

    /// `token none`, `token VALUE`, `token organization`.
    fn use_token(&mut self, words: &[String]) -> Result<(), String> {
        self.token = match words.first().ok_or("expected a token")?.as_str() {
            "none" => None,
            "organization" => Some(self.world.organization_token.clone()),
            value => Some(value.to_owned()),
        };
        Ok(())
    }

    /// `do NAME name=value …` – runs shared lines with these texts.
    fn steps(&mut self, words: &[String]) -> Result<(), String> {
        let (name, texts) = words.split_first().ok_or("expected the name of steps")?;
        texts.iter().try_for_each(|word| self.name(word))?;
        let lines = (self.steps)(name).ok_or_else(|| format!("there are no steps {name}"))?;
        for (number, line) in lines.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                self.line(line).map_err(|e| format!("{name}:{}: {line}\n    {e}", number + 1))?;
            }
        }
        Ok(())
    }

    /// `document URL TEXT`, `document URL -` – what is published there.
    fn document(&mut self, words: &[String]) -> Result<(), String> {
        match words {
            [url, text] if text == "-" => self.world.publish(url, None),
            [url, text] => self.world.publish(url, Some(text)),
            _ => return Err("expected a URL and a text".to_owned()),
        }
        Ok(())
    }

    /// `work` – does what nobody waits for, until there is no more; `work STEPS` – as many steps of it.
    fn work(&mut self, words: &[String]) -> Result<(), String> {
        let steps = words.first().filter(|word| *word != "fails").map(|steps| steps.parse::<usize>());
        let steps = steps.transpose().map_err(|e| e.to_string())?.unwrap_or(1000);
        let failed = |e: CallError| e.source.unwrap_or_default();
        self.world.note_uses().map_err(failed)?;
        if words.first().is_some_and(|word| word == "fails") {
            return self.world.work().err().map(drop).ok_or_else(|| "it does not fail".to_owned());
        }
        for _ in 0..steps {
            if !self.world.work().map_err(failed)? {
                break;
            }
        }
        Ok(())
    }

    /// `inspected NAME=VALUE…` – keeps a call for the inspector, as the server does: `leads=A,B` what leads to other calls, other
    /// names than those of a call what was asked.
    fn inspected(&mut self, words: &[String]) -> Result<(), String> {
        let mut call = Inspected { at: self.world.now() * 1000, ..Inspected::default() };
        for word in words {
            let (name, value) = word.split_once('=').ok_or("expected NAME=VALUE")?;
            let text = Some(value.to_owned());
            match name {
                "request" => call.request = value.parse().map_err(|_| "expected a number")?,
                "status" => call.status = value.parse().map_err(|_| "expected a number")?,
                "endpoint" => value.clone_into(&mut call.endpoint),
                "action" => call.action = text,
                "code" => call.code = text,
                "message" => call.message = text,
                "client" => call.client = text,
                "subject" => call.subject = text,
                "leads" => call.marks = value.split(',').map(Inspected::mark).collect(),
                _ => call.asked.push((name.to_owned(), value.to_owned())),
            }
        }
        let keep = Keep { calls: vec![call], age: Ttl::secs(60) };
        let kept = block_on(self.world.engine.keep_inspected(ServiceId(self.world.service), &keep));
        kept.map(drop).map_err(|e| e.reason.result_message())
    }

    /// `posted URL` – makes what was sent there the last answer.
    fn posted(&mut self, words: &[String]) -> Result<(), String> {
        let url = words.first().ok_or("expected a URL")?;
        let text = self.world.posted(url).ok_or_else(|| format!("nothing was sent to {url}"))?;
        let body = serde_json::from_str(&text).map_err(|e| e.to_string())?;
        self.answer = Answer { status: 0, body, text, version: None };
        Ok(())
    }

    /// `let NAME=TEXT` – a text to be used as `{NAME}` from here on.
    fn name(&mut self, word: &str) -> Result<(), String> {
        let (name, text) = word.split_once('=').ok_or("expected name=text")?;
        self.variables.insert(name.to_owned(), text.to_owned());
        Ok(())
    }

    fn save(&mut self, word: &str) -> Result<(), String> {
        let (name, path) = word.split_once('=').unwrap_or((word, word));
        let value = self.look(path).ok_or_else(|| format!("no {path} in {}", self.answer.text))?;
        self.variables.insert(name.to_owned(), text(&value));
        Ok(())
    }

    fn expect(&mut self, word: &str) -> Result<(), String> {
        let (path, expected) = word.split_once('=').ok_or("expected name=value")?;
        let found = self.look(path);
        let shown = || found.as_ref().map_or("nothing".to_owned(), text);
        let holds = match expected {
            "-" => found.is_none(),
            "*" => found.is_some(),
            other => match other.strip_prefix('~') {
                Some(part) => found.as_ref().is_some_and(|value| text(value).contains(part)),
                None => found.as_ref().is_some_and(|value| text(value) == other),
            },
        };
        if !holds {
            let answer = format!("{} {}", self.answer.status, self.answer.text);
            return Err(format!("expected {path}={expected}, found {}\n    in {answer}", shown()));
        }
        if path == "reason" || path == "code" {
            let code = self.answer.body["resultCode"].as_str().unwrap_or_default();
            self.covered.reasons.extend(reasons::row_of(code).map(|row| row.name));
        }
        if path == "action" && found.is_some() {
            self.covered.actions.insert((self.asked, expected.to_owned()));
        }
        self.covered.expectations += 1;
        Ok(())
    }

    /// A value of the last answer, by its path.
    fn look(&self, path: &str) -> Option<Value> {
        if let Some(rest) = path.strip_prefix('@') {
            let (name, rest) = rest.split_once('.').unwrap_or((rest, ""));
            let (name, part) = name.strip_prefix('@').map_or((name, 1), |name| (name, 0));
            let text = self.variables.get(name)?;
            return claim(text, rest, part).or_else(|| descend(&serde_json::from_str(text).ok()?, rest));
        }
        let body = &self.answer.body;
        let content = || body["responseContent"].as_str();
        let (head, rest) = path.split_once('.').unwrap_or((path, ""));
        match head {
            "status" if rest.is_empty() => Some(self.answer.status.into()),
            "etag" => self.answer.version.map(Into::into),
            "text" => Some(self.answer.text.as_str().into()),
            "code" => body.get("resultCode").cloned(),
            "reason" => {
                let code = body["resultCode"].as_str()?;
                ROWS.iter().find(|row| row.code == code).map(|row| row.name.into())
            }
            "content" => descend(&serde_json::from_str(content()?).ok()?, rest),
            "location" => parameter(content()?, rest),
            "field" => field(content()?, rest),
            "idtoken" => claim(body["idToken"].as_str()?, rest, 1),
            "idheader" => claim(body["idToken"].as_str()?, rest, 0),
            "jwt" => claim(content()?, rest, 1),
            "jwtheader" => claim(content()?, rest, 0),
            "jarm" => {
                let response = parameter(content()?, "response").or_else(|| field(content()?, "response"))?;
                claim(response.as_str()?, rest, 1)
            }
            _ => descend(body, path),
        }
    }
}

fn changed(mut document: Map<String, Value>, changes: &[String]) -> Result<Map<String, Value>, String> {
    for change in changes {
        let (name, value) = member(change).ok_or("expected name=value")?;
        match value == "-" {
            true => document.shift_remove(&name),
            false => document.insert(name, value),
        };
    }
    Ok(document)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Members by name, elements by number.
fn descend(value: &Value, path: &str) -> Option<Value> {
    let mut value = value;
    for step in path.split('.').filter(|step| !step.is_empty()) {
        value = match step.parse::<usize>() {
            Ok(index) => value.get(index).or_else(|| value.get(step))?,
            Err(_) => value.get(step)?,
        };
    }
    Some(value.clone())
}

/// A parameter of a redirect, whether in its query or its fragment.
fn parameter(location: &str, name: &str) -> Option<Value> {
    let (base, parameters) = location.split_once(['?', '#'])?;
    if name == "base" {
        return Some(base.into());
    }
    let pairs = parameters.split(['&', '?', '#']).filter_map(|pair| pair.split_once('='));
    pairs.filter(|(n, _)| *n == name).find_map(|(_, value)| Some(form::decode(value)?.into_owned().into()))
}

/// A hidden field of a form page.
fn field(page: &str, name: &str) -> Option<Value> {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\""))?;
    Some(rest.split_once('"')?.0.into())
}

/// A member of a part of a compact JWT.
fn claim(token: &str, path: &str, part: usize) -> Option<Value> {
    let bytes = BASE64URL_NOPAD.decode(token.split('.').nth(part)?.as_bytes()).ok()?;
    descend(&serde_json::from_slice(&bytes).ok()?, path)
}
