//! A call as it may be shown: member by member, what leads on as the beginning of its hash, and no secrets.

use data_encoding::BASE64URL_NOPAD;
use placet_base::form;
use placet_engine::records::inspected::Inspected;
use serde_json::Value;

use super::{Seen, names};

/// Members of a request or an answer that are shown, and how many characters of each.
const MEMBERS: usize = 80;
const CHARACTERS: usize = 240;
/// Bytes of both together.
const BYTES: usize = 4 * 1024;
/// Characters of a hash that is shown.
const HASH: usize = 8;

pub(super) fn shown(seen: &Seen, texts: bool) -> Inspected {
    let asked = request(seen, texts);
    let answered = answer(&seen.answer, texts);
    let mut marks = [&asked.marks[..], &answered.marks].concat();
    marks.sort_unstable();
    marks.dedup();
    Inspected {
        request: seen.request,
        at: seen.at.millis(),
        micros: u64::try_from(seen.took.as_micros()).unwrap_or(u64::MAX),
        endpoint: seen.endpoint.row().name.to_owned(),
        status: seen.status,
        action: answered.named("action"),
        code: answered.named("resultCode"),
        message: answered.named("resultMessage"),
        client: answered.client.or(asked.client),
        subject: answered.subject.or(asked.subject),
        token: seen.token.map(|token| token.to_string()),
        left_out: seen.left_out,
        asked: asked.pairs,
        answered: answered.pairs,
        marks,
    }
}

fn request(seen: &Seen, texts: bool) -> Message {
    let message = Message::new(texts).form("", &seen.query);
    match (seen.form, std::str::from_utf8(&seen.body)) {
        (true, Ok(text)) => message.form("", text),
        (false, Ok(text)) => message.json("", text),
        (_, Err(_)) => message,
    }
}

fn answer(body: &[u8], texts: bool) -> Message {
    let message = Message::new(texts);
    std::str::from_utf8(body).map_or_else(|_| Message::new(texts), |text| message.json("", text))
}

/// What is shown of a request or an answer.
struct Message {
    texts: bool,
    pairs: Vec<(String, String)>,
    marks: Vec<String>,
    client: Option<String>,
    subject: Option<String>,
    bytes: usize,
}

impl Message {
    fn new(texts: bool) -> Self {
        Self { texts, pairs: Vec::new(), marks: Vec::new(), client: None, subject: None, bytes: 0 }
    }

    /// The member of this name at the top.
    fn named(&self, name: &str) -> Option<String> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    fn json(mut self, path: &str, text: &str) -> Self {
        if let Ok(value) = serde_json::from_str::<Value>(text) {
            self.value(path, "", &value);
        }
        self
    }

    fn form(mut self, path: &str, text: &str) -> Self {
        self.parameters(path, text);
        self
    }

    /// Parameters of OAuth, or of a query.
    fn parameters(&mut self, path: &str, text: &str) {
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if let (Some(name), Some(value)) = (form::decode(name), form::decode(value)) {
                self.text(&below(path, &name), &name, &value);
            }
        }
    }

    fn value(&mut self, path: &str, name: &str, value: &Value) {
        match value {
            Value::Object(members) => {
                for (inner, value) in members {
                    self.value(&below(path, inner), inner, value);
                }
            }
            Value::Array(items) => match texts(items).filter(|_| names::is_shown(name)) {
                Some(texts) => self.put(path, &texts.join(" ")),
                None => {
                    for (index, item) in items.iter().enumerate() {
                        self.value(&format!("{path}[{index}]"), name, item);
                    }
                }
            },
            Value::String(text) => self.text(path, name, text),
            Value::Null => {}
            Value::Bool(_) | Value::Number(_) => self.plain(path, name, &value.to_string()),
        }
    }

    /// A number, or yes or no. What the API says itself is no secret; what stands in claims may be of people, such as an age.
    fn plain(&mut self, path: &str, name: &str, text: &str) {
        self.about(name, text);
        let lower = path.to_ascii_lowercase();
        let of_people =
            ["responsecontent", "claims", "properties", "payload"].iter().any(|part| lower.contains(part));
        match of_people && !self.texts && !names::is_number(name) {
            true => self.put(path, "‹a value›"),
            false => self.put(path, text),
        }
    }

    /// Who it is about, where a member says so.
    fn about(&mut self, name: &str, text: &str) {
        let whole = || cut(text);
        match name {
            "clientId" | "client_id" if text != "0" => self.client.get_or_insert_with(whole),
            "subject" | "sub" => self.subject.get_or_insert_with(whole),
            _ => return,
        };
    }

    fn text(&mut self, path: &str, name: &str, text: &str) {
        match name {
            "parameters" => return self.parameters(path, text),
            "responseContent" => return self.content(path, text),
            _ => self.about(name, text),
        }
        let shown = if let Some(kind) = names::lead(name) {
            let mark = Inspected::mark(text);
            let hash = if names::is_short(name) { "…" } else { mark.get(..HASH).unwrap_or_default() };
            let shown = format!("‹{kind} {hash}›");
            self.marks.push(mark);
            shown
        } else if names::is_secret(name) {
            "‹secret›".to_owned()
        } else if let Some(token) = jwt(text) {
            token
        } else if names::is_shown(name) {
            without_query(text)
        } else if self.texts {
            cut(text)
        } else {
            format!("‹text of {} characters›", text.chars().count())
        };
        self.put(path, &shown);
    }

    /// What the authorization server sends on: JSON, a place to go to, or a page.
    fn content(&mut self, path: &str, text: &str) {
        if let Ok(value) = serde_json::from_str::<Value>(text) {
            return self.value(path, "", &value);
        }
        if let Some(token) = jwt(text) {
            return self.put(path, &token);
        }
        if text.trim_start().starts_with('<') || text.contains(char::is_whitespace) {
            return self.put(path, &format!("‹page or header of {} characters›", text.len()));
        }
        let (place, parameters) = text.split_once(['?', '#']).unwrap_or((text, ""));
        self.put(path, &cut(place));
        self.parameters(path, &parameters.replace('#', "&"));
    }

    fn put(&mut self, path: &str, text: &str) {
        let (path, text) = (cut(path), cut(text));
        let full = self.pairs.len() >= MEMBERS || self.bytes + path.len() + text.len() > BYTES;
        match self.pairs.last() {
            Some((name, _)) if name == "…" => {}
            _ if full => self.pairs.push(("…".to_owned(), "there was more".to_owned())),
            _ => {
                self.bytes += path.len() + text.len();
                self.pairs.push((path, text));
            }
        }
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The texts of a list that has nothing else.
fn texts(items: &[Value]) -> Option<Vec<&str>> {
    items.iter().map(Value::as_str).collect()
}

/// As much of a text as is shown, without what is no character to look at.
fn cut(text: &str) -> String {
    let printable = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let mut shown: String = printable.take(CHARACTERS).collect();
    if text.chars().nth(CHARACTERS).is_some() {
        shown.push('…');
    }
    shown
}

/// A URI without its query, in which anything may be.
fn without_query(text: &str) -> String {
    match text.split_once('?').filter(|(place, _)| place.contains("://")) {
        Some((place, _)) => format!("{}?…", cut(place)),
        None => cut(text),
    }
}

/// What a JWT says of itself: its header, and of its claims those that say for what and until when it is.
fn jwt(text: &str) -> Option<String> {
    let mut parts = text.split('.');
    let header = decoded(parts.next()?)?;
    let payload = parts.next()?;
    let member = |value: &Value, name: &str| {
        let found = value.get(name)?;
        let text = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
        Some(format!(" {name}={}", without_query(&text)))
    };
    header.get("alg")?;
    let mut shown = String::from("‹JWT");
    shown.extend(["alg", "kid", "typ"].iter().filter_map(|name| member(&header, name)));
    if let Some(claims) = decoded(payload) {
        shown.extend(["iss", "aud", "iat", "exp"].iter().filter_map(|name| member(&claims, name)));
    }
    shown.push('›');
    Some(shown)
}

fn decoded(part: &str) -> Option<Value> {
    let bytes = BASE64URL_NOPAD.decode(part.as_bytes()).ok()?;
    serde_json::from_slice::<Value>(&bytes).ok().filter(Value::is_object)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(message: &Message) -> Vec<(&str, &str)> {
        message.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    #[test]
    fn a_request_is_shown_without_what_is_secret() {
        let text = r#"{"parameters":"grant_type=authorization_code&code=abc&state=xyz&code_verifier=v&redirect_uri=https%3A%2F%2Fa%2Fcb%3Fx%3D1","clientId":"7","clientSecret":"s3cret","properties":[{"key":"mail","value":"john@example.com"}]}"#;
        let message = Message::new(false).json("", text);
        let whole = format!("{:?}", message.pairs);
        for hidden in ["abc", "xyz", "s3cret", "john@", "x=1", "\"v\""] {
            assert!(!whole.contains(hidden), "{hidden} in {whole}");
        }
        let shown = pairs(&message);
        assert!(shown.contains(&("parameters.grant_type", "authorization_code")), "{whole}");
        assert!(shown.contains(&("parameters.redirect_uri", "https://a/cb?…")), "{whole}");
        assert!(shown.contains(&("parameters.state", "‹text of 3 characters›")), "{whole}");
        assert!(shown.contains(&("clientSecret", "‹secret›")), "{whole}");
        assert_eq!((message.client.as_deref(), message.marks), (Some("7"), vec![Inspected::mark("abc")]));
    }

    #[test]
    fn an_answer_is_shown_with_what_is_sent_on() {
        let text = r#"{"action":"LOCATION","responseContent":"https://a/cb?code=abc&iss=https%3A%2F%2Fis"}"#;
        let message = Message::new(true).json("", text);
        assert_eq!(message.named("action").as_deref(), Some("LOCATION"));
        assert_eq!(message.named("responseContent").as_deref(), Some("https://a/cb"));
        assert_eq!(message.named("responseContent.iss").as_deref(), Some("https://is"));
        assert_eq!(message.marks, [Inspected::mark("abc")]);
        let token = r#"{"responseContent":"{\"access_token\":\"tok\",\"token_type\":\"Bearer\",\"expires_in\":60}","subject":"john"}"#;
        let message = Message::new(false).json("", token);
        assert_eq!(message.named("responseContent.token_type").as_deref(), Some("Bearer"));
        assert_eq!(message.named("responseContent.expires_in").as_deref(), Some("60"));
        assert_eq!((message.subject.as_deref(), message.marks), (Some("john"), vec![Inspected::mark("tok")]));
        let claims = r#"{"existent":true,"responseContent":"{\"sub\":\"john\",\"age\":42,\"exp\":7}"}"#;
        let message = Message::new(false).json("", claims);
        assert_eq!(message.named("existent").as_deref(), Some("true"));
        assert_eq!(message.named("responseContent.age").as_deref(), Some("‹a value›"));
        assert_eq!(message.named("responseContent.exp").as_deref(), Some("7"));
        assert_eq!(Message::new(true).json("", claims).named("responseContent.age").as_deref(), Some("42"));
    }

    #[test]
    fn a_jwt_is_what_it_says_of_itself() {
        let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
        let token =
            format!("{}.{}.{}", part(r#"{"alg":"ES256"}"#), part(r#"{"iss":"i","sub":"john"}"#), "sig");
        assert_eq!(jwt(&token).as_deref(), Some("‹JWT alg=ES256 iss=i›"));
        assert!(jwt("a.b.c").is_none() && jwt("").is_none() && jwt("{}.x").is_none());
    }

    #[test]
    fn what_is_long_is_cut_and_what_cannot_be_seen_replaced() {
        assert_eq!(cut("a\u{1b}[31mb"), "a\u{fffd}[31mb");
        assert_eq!(cut(&"x".repeat(CHARACTERS + 1)).chars().count(), CHARACTERS + 1);
        let many: Vec<_> = (0..1000).map(|n| format!("scope{n}=x")).collect();
        let message = Message::new(true).form("", &many.join("&"));
        assert_eq!(message.pairs.len(), MEMBERS + 1);
        assert_eq!(message.pairs.last().map(|(name, _)| name.as_str()), Some("…"));
        let deep = format!("{}1{}", "[".repeat(120), "]".repeat(120));
        assert_eq!(Message::new(true).json("", &deep).pairs.len(), 1);
    }
}
