//! RFC 9421, RFC 9530 – HTTP message signatures at resources, of requests and responses

use aws_lc_rs::digest;
use data_encoding::BASE64;
use placet_api::Reason;
use placet_base::Timestamp;
use placet_base::registry::JwsAlg;
use placet_jose::{Jwk, JwkSet, SigningKey};

use crate::fault::Fault;
use crate::policy::RESPONSE_TAG;

/// How old a signature may be, in seconds.
const OLDEST: i64 = 5 * 60;
/// The longest header that is read.
const LONGEST: usize = 16 * 1024;

/// A request as the resource server saw it.
pub struct Message<'a> {
    pub method: &'a str,
    pub target: &'a str,
    /// Names and values.
    pub headers: Vec<(&'a str, &'a str)>,
    /// Whether there was a body, whose digest must then be covered.
    pub body: bool,
    /// The body itself, where the resource server has sent it.
    pub content: Option<&'a str>,
}

/// The request is signed by the client, and the signature covers what matters.
#[derive(Debug, PartialEq, Eq)]
pub struct Signed(());

impl Message<'_> {
    fn header(&self, name: &str) -> Option<String> {
        let named = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        let values: Vec<_> = named.map(|(_, value)| value.trim()).collect();
        (!values.is_empty()).then(|| values.join(", ")).filter(|value| value.len() <= LONGEST)
    }

    /// RFC 9421 §2: the value of a component.
    fn component(&self, name: &str) -> Option<String> {
        match name {
            "@method" => Some(self.method.to_owned()),
            "@target-uri" => Some(self.target.to_owned()),
            name if name.starts_with('@') => None,
            header => self.header(header),
        }
    }
}

/// One signature of a `Signature-Input` header.
struct Input {
    label: String,
    components: Vec<String>,
    /// The inner list with its parameters, as it stood there.
    raw: String,
    created: Option<i64>,
    key: Option<String>,
}

pub fn verified(
    message: &Message<'_>,
    keys: Option<&JwkSet>,
    fallback_key: Option<&str>,
    now: Timestamp,
    skew: i64,
) -> Result<Signed, Fault> {
    let input = message.header("signature-input").ok_or(Reason::MessageUnsigned {})?;
    let input = Input::parse(&input).ok_or(Reason::MessageSignatureMalformed {})?;
    let signature = message.header("signature").and_then(|text| bytes_of(&text, &input.label));
    let signature = signature.ok_or(Reason::MessageSignatureMalformed {})?;
    covered(message, &input)?;
    let created = input.created.ok_or(Reason::MessageSignatureUntimely {})?;
    let age = now.as_secs().saturating_sub(created);
    if age > OLDEST + skew || age < -(60 + skew) {
        return Err(Reason::MessageSignatureUntimely {}.into());
    }
    let kid = input.key.as_deref().or(fallback_key);
    let key = keys.into_iter().flat_map(JwkSet::keys).find(|jwk| kid.is_some() && jwk.kid() == kid);
    let (jwk, alg) = key.and_then(|jwk| Some((jwk, fixed_alg(jwk)?))).ok_or(Reason::MessageKeyUnknown {})?;
    let base = base(message, &input).ok_or(Reason::MessageSignatureMalformed {})?;
    let verifying = jwk.verifying_key(alg).ok_or(Reason::MessageKeyUnknown {})?;
    if !verifying.verifies(base.as_bytes(), &signature) {
        return Err(Reason::MessageSignatureWrong {}.into());
    }
    Ok(Signed(()))
}

/// The algorithm is the one that the key is bound to; nothing in the message chooses it.
fn fixed_alg(jwk: &Jwk) -> Option<JwsAlg> {
    jwk.alg().and_then(JwsAlg::from_protocol).filter(|alg| alg.is_asymmetric())
}

/// What a signature must cover to be of use: what is asked for, where, with which token and proof, and
/// what is sent.
fn covered(message: &Message<'_>, input: &Input) -> Result<(), Fault> {
    let mut required = vec!["@method", "@target-uri", "authorization"];
    if message.header("dpop").is_some() {
        required.push("dpop");
    }
    if message.body {
        required.push("content-digest");
    }
    if let Some(lacking) = required.iter().find(|name| !input.components.iter().any(|c| c == *name)) {
        return Err(Reason::MessageComponentMissing { component: (*lacking).to_owned() }.into());
    }
    if let (Some(content), Some(header)) = (message.content, message.header("content-digest"))
        && bytes_of(&header, "sha-256").as_deref() != Some(sha256(content).as_ref())
    {
        return Err(Reason::MessageDigestWrong {}.into());
    }
    Ok(())
}

fn sha256(content: &str) -> digest::Digest {
    digest::digest(&digest::SHA256, content.as_bytes())
}

/// RFC 9421 §2.5: the text that is signed.
fn base(message: &Message<'_>, input: &Input) -> Option<String> {
    let mut lines = String::new();
    for name in &input.components {
        lines.push_str(&format!("\"{name}\": {}\n", message.component(name)?));
    }
    lines.push_str(&format!("\"@signature-params\": {}", input.raw));
    Some(lines)
}

impl Input {
    /// Reads the first member of the dictionary (RFC 8941 §3.2): an inner list of texts with parameters.
    fn parse(text: &str) -> Option<Self> {
        let (label, rest) = text.split_once('=')?;
        let end = member_end(rest)?;
        let raw = rest[..end].trim().to_owned();
        let inner = raw.strip_prefix('(')?;
        let (list, parameters) = inner.split_once(')')?;
        let component = |item: &str| item.strip_prefix('"')?.strip_suffix('"').map(str::to_owned);
        let items = list.split(' ').filter(|item| !item.is_empty());
        let components: Option<Vec<_>> = items.map(component).collect();
        let components = components?;
        let once = |name: &String| components.iter().filter(|other| *other == name).count() == 1;
        if components.is_empty() || !components.iter().all(once) {
            return None;
        }
        let (mut created, mut key) = (None, None);
        for parameter in parameters.split(';').filter(|p| !p.is_empty()) {
            match parameter.trim().split_once('=')? {
                ("created", value) => created = Some(value.parse().ok()?),
                ("keyid", value) => key = Some(value.strip_prefix('"')?.strip_suffix('"')?.to_owned()),
                _ => {}
            }
        }
        Some(Self { label: label.trim().to_owned(), components, raw, created, key })
    }
}

/// Where the member that a text begins with ends: at the first comma outside quotes and parentheses.
fn member_end(text: &str) -> Option<usize> {
    let (mut quoted, mut depth) = (false, 0_usize);
    for (index, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.checked_sub(1)?,
            ',' if !quoted && depth == 0 => return Some(index),
            _ => {}
        }
    }
    (!quoted && depth == 0).then_some(text.len())
}

/// The byte sequence of a dictionary's member: `label=:base64:`.
fn bytes_of(text: &str, label: &str) -> Option<Vec<u8>> {
    let member = text.split(',').map(str::trim).find_map(|member| {
        let (name, value) = member.split_once('=')?;
        (name == label).then_some(value)
    })?;
    BASE64.decode(member.strip_prefix(':')?.strip_suffix(':')?.as_bytes()).ok()
}

/// The headers that sign a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub content_digest: String,
    pub input: String,
    pub signature: String,
}

/// A response that is to be signed.
pub struct Response<'a> {
    pub content_type: &'a str,
    pub body: &'a str,
    /// The `Signature` header of the request that is answered.
    pub request_signature: &'a str,
    /// Names and values.
    pub headers: Vec<(&'a str, &'a str)>,
}

/// What is signed, and the headers that will carry it.
pub struct Base {
    pub input: String,
    parameters: String,
    content_digest: String,
}

impl Response<'_> {
    /// RFC 9421 §2.4: the response, bound to the signature of its request.
    pub fn base(&self, key: &SigningKey, now: Timestamp) -> Base {
        let content_digest = format!("sha-256=:{}:", BASE64.encode(sha256(self.body).as_ref()));
        let mut components = vec![
            ("\"@status\"".to_owned(), "200".to_owned()),
            ("\"content-type\"".to_owned(), self.content_type.to_owned()),
            ("\"content-digest\"".to_owned(), content_digest.clone()),
            ("\"signature\";req".to_owned(), self.request_signature.to_owned()),
        ];
        for (name, value) in &self.headers {
            let name = name.to_ascii_lowercase();
            if !["", "content-type", "content-digest", "signature"].contains(&name.as_str()) {
                components.push((format!("\"{name}\""), (*value).to_owned()));
            }
        }
        let names: Vec<_> = components.iter().map(|(name, _)| name.as_str()).collect();
        let kid = key.kid().map(|kid| format!(";keyid=\"{kid}\"")).unwrap_or_default();
        let parameters =
            format!("({});created={}{kid};tag=\"{RESPONSE_TAG}\"", names.join(" "), now.as_secs());
        let lines: Vec<_> = components.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let input = format!("{}\n\"@signature-params\": {parameters}", lines.join("\n"));
        Base { input, parameters, content_digest }
    }
}

impl Base {
    pub fn signed(self, signature: &[u8]) -> Signature {
        Signature {
            content_digest: self.content_digest,
            input: format!("sig1={}", self.parameters),
            signature: format!("sig1=:{}:", BASE64.encode(signature)),
        }
    }
}
