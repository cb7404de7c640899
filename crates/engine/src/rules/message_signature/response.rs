//! RFC 9421 §2.4 – HTTP message signatures of responses

use data_encoding::BASE64;
use placet_base::Timestamp;
use sfv::{
    BareItem, Dictionary, FieldType, InnerList, Integer, Item, Key, KeyRef, ListEntry, Parameters, StringRef,
};

use super::{of_list, sha256};
use crate::policy::RESPONSE_TAG;
use crate::tenant::Signer;

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
pub struct SignatureBase {
    pub input: String,
    signed: InnerList,
    content_digest: String,
}

impl Response<'_> {
    /// RFC 9421 §2.4: the response, bound to the signature of its request. `None` where a name or value cannot
    /// stand in a header.
    pub fn base(&self, key: &Signer, now: Timestamp) -> Option<SignatureBase> {
        let content_digest = format!("sha-256=:{}:", BASE64.encode(sha256(self.body).as_ref()));
        let of_request =
            Parameters::from_iter([(KeyRef::from_str("req").ok()?.to_owned(), BareItem::Boolean(true))]);
        let plain = Parameters::new;
        let mut components = vec![
            (item("@status", plain())?, "200"),
            (item("content-type", plain())?, self.content_type),
            (item("content-digest", plain())?, content_digest.as_str()),
            (item("signature", of_request)?, self.request_signature),
        ];
        for (name, value) in &self.headers {
            let name = name.to_ascii_lowercase();
            if !["", "content-type", "content-digest", "signature"].contains(&name.as_str()) {
                components.push((item(&name, plain())?, value));
            }
        }
        let lines = components.iter().map(|(item, value)| Some(format!("{}: {value}\n", item.serialize())));
        let lines: Option<String> = lines.collect();
        let items = components.into_iter().map(|(item, _)| item).collect();
        let signed = InnerList::with_params(items, parameters(key.kid(), now)?);
        let input = format!("{}\"@signature-params\": {}", lines?, of_list(&signed)?);
        Some(SignatureBase { input, signed, content_digest: content_digest.clone() })
    }
}

fn item(name: &str, params: Parameters) -> Option<Item> {
    Some(Item::with_params(StringRef::from_str(name).ok()?.to_owned(), params))
}

/// §2.3.
fn parameters(kid: Option<&str>, now: Timestamp) -> Option<Parameters> {
    let text = |text: &str| Some(BareItem::String(StringRef::from_str(text).ok()?.to_owned()));
    let mut params = Parameters::new();
    let mut put = |name: &str, value| Some(params.insert(KeyRef::from_str(name).ok()?.to_owned(), value));
    put("created", BareItem::Integer(Integer::try_from(now.as_secs()).ok()?))?;
    if let Some(kid) = kid {
        put("keyid", text(kid)?)?;
    }
    put("tag", text(RESPONSE_TAG)?)?;
    Some(params)
}

impl SignatureBase {
    /// The headers, with the signature in its place.
    pub fn signed(self, signature: &[u8]) -> Option<Signature> {
        let one = |entry: ListEntry| {
            let label: Key = KeyRef::from_str("sig1").ok()?.to_owned();
            Dictionary::from_iter([(label, entry)]).serialize()
        };
        Some(Signature {
            content_digest: self.content_digest,
            input: one(self.signed.into())?,
            signature: one(Item::new(BareItem::ByteSequence(signature.to_vec())).into())?,
        })
    }
}
