//! RFC 9421, RFC 9530 – HTTP message signatures at resources, of requests and responses

mod response;

use aws_lc_rs::digest;
use placet_api::Reason;
use placet_base::Timestamp;
use placet_base::registry::JwsAlg;
use placet_base::url::AbsoluteUri;
use placet_jose::{Jwk, JwkSet};
use sfv::{BareItem, Dictionary, InnerList, Item, ListEntry, ListSerializer, Parser};

use crate::budgets::{MESSAGE_SIGNATURES, SIGNED_HEADER};
use crate::fault::Fault;
use crate::policy::RESPONSE_TAG;

pub use response::{Response, Signature};

/// How old a signature may be, in seconds.
const OLDEST: i64 = 5 * 60;
/// How far in the future its beginning may lie, in seconds: clocks differ.
const AHEAD: i64 = 60;

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
pub struct Signed(Covered);

impl Message<'_> {
    fn header(&self, name: &str) -> Option<String> {
        let named = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        let values: Vec<_> = named.map(|(_, value)| value.trim()).collect();
        (!values.is_empty()).then(|| values.join(", ")).filter(|value| value.len() <= SIGNED_HEADER)
    }

    /// RFC 9421 §2.1, §2.2: the value of a component. `None` for one that is not there, or not known here.
    fn component(&self, name: &str) -> Option<String> {
        let target = || AbsoluteUri::parse(self.target).ok();
        match name {
            "@method" => Some(self.method.to_owned()),
            "@target-uri" => Some(self.target.to_owned()),
            "@scheme" => Some(target()?.scheme().to_owned()),
            "@authority" => target()?.authority(),
            "@path" => Some(target()?.path().to_owned()),
            "@query" => Some(format!("?{}", target()?.query().unwrap_or_default())),
            name if name.starts_with('@') => None,
            header => self.header(header),
        }
    }
}

/// One signature of a message: what it covers, and how.
struct Input<'a> {
    components: Vec<String>,
    list: &'a InnerList,
    signature: &'a [u8],
}

/// What signatures are held against.
pub struct SignedRequest<'a> {
    pub keys: Option<&'a JwkSet>,
    /// The key that is meant where a signature names none.
    pub fallback_key: Option<&'a str>,
    pub now: Timestamp,
    /// Seconds.
    pub skew: i64,
}

/// RFC 9421 §3.2: of all signatures of the message, one will do. Where none does, the first says why.
pub fn verified(message: &Message<'_>, on: &SignedRequest<'_>) -> Result<Signed, Fault> {
    let malformed = || Fault::from(Reason::MessageSignatureMalformed {});
    let dictionary = |name: &str| message.header(name).map(|text| Parser::new(&text).parse::<Dictionary>());
    let inputs = dictionary("signature-input").ok_or(Reason::MessageUnsigned {})?.map_err(|_| malformed())?;
    let signatures = dictionary("signature").ok_or_else(malformed)?.map_err(|_| malformed())?;
    if inputs.len() > MESSAGE_SIGNATURES {
        return Err(malformed());
    }
    let mut first = None;
    for (label, entry) in &inputs {
        let input = Input::of(entry, signatures.get(label)).ok_or_else(malformed);
        match input.and_then(|input| judged(message, &input, on)) {
            Ok(signed) => return Ok(signed),
            Err(fault) => first = first.or(Some(fault)),
        }
    }
    Err(first.unwrap_or_else(malformed))
}

fn judged(message: &Message<'_>, input: &Input<'_>, on: &SignedRequest<'_>) -> Result<Signed, Fault> {
    let covered = Covered::by(message, input)?;
    input.timely(on)?;
    let kid = input.text("keyid")?.or(on.fallback_key);
    let key = on.keys.into_iter().flat_map(JwkSet::keys).find(|jwk| kid.is_some() && jwk.kid() == kid);
    let (jwk, alg) = key.and_then(|jwk| Some((jwk, fixed_alg(jwk)?))).ok_or(Reason::MessageKeyUnknown {})?;
    if input.text("alg")?.is_some_and(|named| Some(named) != http_name(alg)) {
        return Err(Reason::MessageAlgDiffers {}.into());
    }
    let base = base(message, input).ok_or(Reason::MessageSignatureMalformed {})?;
    let verifying = jwk.verifying_key(alg).ok_or(Reason::MessageKeyUnknown {})?;
    match verifying.verifies(base.as_bytes(), input.signature) {
        true => Ok(Signed(covered)),
        false => Err(Reason::MessageSignatureWrong {}.into()),
    }
}

/// The algorithm is the one that the key is bound to; nothing in the message chooses it.
fn fixed_alg(jwk: &Jwk) -> Option<JwsAlg> {
    jwk.alg().and_then(JwsAlg::from_protocol).filter(|alg| alg.is_asymmetric())
}

/// RFC 9421 §6.2: what signatures call the algorithm; `None` where they have no name for it.
fn http_name(alg: JwsAlg) -> Option<&'static str> {
    match alg {
        JwsAlg::Hs256 => Some("hmac-sha256"),
        JwsAlg::Rs256 => Some("rsa-v1_5-sha256"),
        JwsAlg::Ps512 => Some("rsa-pss-sha512"),
        JwsAlg::Es256 => Some("ecdsa-p256-sha256"),
        JwsAlg::Es384 => Some("ecdsa-p384-sha384"),
        JwsAlg::EdDsa => Some("ed25519"),
        JwsAlg::None
        | JwsAlg::Hs384
        | JwsAlg::Hs512
        | JwsAlg::Rs384
        | JwsAlg::Rs512
        | JwsAlg::Ps256
        | JwsAlg::Ps384
        | JwsAlg::Es512
        | JwsAlg::Es256k => None,
    }
}

/// A signature covers what makes it of use: what is asked for, where, with which token and proof, and what is
/// sent.
#[derive(Debug, PartialEq, Eq)]
struct Covered(());

impl Covered {
    fn by(message: &Message<'_>, input: &Input<'_>) -> Result<Self, Fault> {
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
        match (message.content, message.header("content-digest")) {
            (Some(content), Some(header)) if !is_digest_of(&header, content) => {
                Err(Reason::MessageDigestWrong {}.into())
            }
            _ => Ok(Self(())),
        }
    }
}

/// RFC 9530 §2: digests by the algorithms that made them. Every one that is known must be right, and one must be
/// known.
fn is_digest_of(header: &str, content: &str) -> bool {
    let Ok(digests) = Parser::new(header).parse::<Dictionary>() else { return false };
    let right = |(name, entry): (&sfv::Key, &ListEntry)| {
        let algorithm = match name.as_str() {
            "sha-256" => &digest::SHA256,
            "sha-512" => &digest::SHA512,
            _ => return None,
        };
        let expected = digest::digest(algorithm, content.as_bytes());
        Some(bytes(entry) == Some(expected.as_ref()))
    };
    let mut known = digests.iter().filter_map(right).peekable();
    known.peek().is_some() && known.all(|right| right)
}

fn sha256(content: &str) -> digest::Digest {
    digest::digest(&digest::SHA256, content.as_bytes())
}

fn bytes(entry: &ListEntry) -> Option<&[u8]> {
    match entry {
        ListEntry::Item(item) => item.bare_item.as_byte_sequence(),
        ListEntry::InnerList(_) => None,
    }
}

/// A list by itself, as the standard writes it (RFC 9651 §4.1.1.1).
fn of_list(list: &InnerList) -> Option<String> {
    let mut serializer = ListSerializer::new();
    let mut inner = serializer.inner_list();
    inner.items(&list.items);
    inner.finish().parameters(&list.params);
    serializer.finish()
}

/// RFC 9421 §2.5: the text that is signed.
fn base(message: &Message<'_>, input: &Input<'_>) -> Option<String> {
    let mut lines = String::new();
    for name in &input.components {
        lines.push_str(&format!("\"{name}\": {}\n", message.component(name)?));
    }
    lines.push_str(&format!("\"@signature-params\": {}", of_list(input.list)?));
    Some(lines)
}

impl<'a> Input<'a> {
    /// RFC 9421 §4.1: an inner list of texts, each once. Components with parameters of their own are not
    /// understood here, and what is not understood is not taken for something else.
    fn of(entry: &'a ListEntry, signature: Option<&'a ListEntry>) -> Option<Self> {
        let ListEntry::InnerList(list) = entry else { return None };
        let name = |item: &Item| {
            let name = item.bare_item.as_string().filter(|_| item.params.is_empty())?;
            Some(name.as_str().to_owned())
        };
        let components: Vec<_> = list.items.iter().map(name).collect::<Option<_>>()?;
        let once = |name: &String| components.iter().filter(|other| *other == name).count() == 1;
        let fits = !components.is_empty() && components.iter().all(once);
        let signature = bytes(signature?)?;
        // A signature that says that it is of a response is of no request.
        let of_response = list.params.get("tag").and_then(BareItem::as_string);
        let of_response = of_response.is_some_and(|tag| tag.as_str() == RESPONSE_TAG);
        (fits && !of_response).then_some(Self { components, list, signature })
    }

    /// A parameter that is a text where it stands there.
    fn text(&self, name: &str) -> Result<Option<&str>, Fault> {
        match self.list.params.get(name) {
            None => Ok(None),
            Some(value) => match value.as_string() {
                Some(text) => Ok(Some(text.as_str())),
                None => Err(Reason::MessageSignatureMalformed {}.into()),
            },
        }
    }

    /// A parameter that is a time where it stands there, in seconds.
    fn time(&self, name: &str) -> Result<Option<i64>, Fault> {
        match self.list.params.get(name) {
            None => Ok(None),
            Some(value) => match value.as_integer() {
                Some(time) => Ok(Some(time.into())),
                None => Err(Reason::MessageSignatureMalformed {}.into()),
            },
        }
    }

    /// §2.3: made lately, and not over.
    fn timely(&self, on: &SignedRequest<'_>) -> Result<Timely, Fault> {
        let created = self.time("created")?.ok_or(Reason::MessageSignatureUntimely {})?;
        let now = on.now.as_secs();
        let age = now.saturating_sub(created);
        let over = self.time("expires")?.is_some_and(|end| end.saturating_add(on.skew) <= now);
        if age > OLDEST + on.skew || age < -(AHEAD + on.skew) || over {
            return Err(Reason::MessageSignatureUntimely {}.into());
        }
        Ok(Timely(()))
    }
}

/// A signature that counts now.
struct Timely(());
