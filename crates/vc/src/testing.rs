//! What several tests need.

use aws_lc_rs::digest::{SHA256, digest};
use placet_base::registry::JwsAlg;
use placet_jose::{Jwk, SigningKey, Unsigned, generate};
use serde_json::{Map, Value};

/// Bytes that follow from a seed.
pub(crate) fn counting(seed: u64) -> impl FnMut(&mut [u8]) {
    let mut turn = 0_u64;
    move |bytes| {
        for part in bytes.chunks_mut(32) {
            turn += 1;
            let block = digest(&SHA256, &[seed.to_be_bytes(), turn.to_be_bytes()].concat());
            part.copy_from_slice(&block.as_ref()[..part.len()]);
        }
    }
}

pub(crate) fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// A private key without a name, so that no header shows one.
pub(crate) fn jwk(alg: JwsAlg) -> Jwk {
    let mut key = generate(alg).unwrap();
    key.as_object_mut().unwrap().remove("kid");
    Jwk::parse(&key).unwrap()
}

pub(crate) fn signed(unsigned: Unsigned, key: &SigningKey) -> String {
    let input = unsigned.signing_input(key);
    let signature = key.sign(input.as_bytes()).unwrap();
    Unsigned::compact(input, &signature)
}

/// What stands below `# NAME` in a file of published values, each section up to the next.
pub(crate) fn section<'a>(file: &'a str, name: &str) -> &'a str {
    let sections = file.split("# ").filter_map(|section| section.split_once('\n'));
    sections.into_iter().find(|(found, _)| *found == name).map(|(_, text)| text).unwrap()
}

/// The same, of a text that was broken into lines.
pub(crate) fn joined(file: &str, name: &str) -> String {
    section(file, name).split_ascii_whitespace().collect()
}
