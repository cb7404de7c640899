//! `application/x-www-form-urlencoded`, as pages and clients send it.

use placet_sdk::form as text;
pub(crate) use placet_sdk::form::{pairs, values};

/// The first value of a name.
pub(crate) fn value(form: &str, name: &str) -> Option<String> {
    pairs(form).find(|(known, _)| known == name).map(|(_, value)| value)
}

pub(crate) fn decode(value: &str) -> Option<String> {
    text::decode(value).map(std::borrow::Cow::into_owned)
}

/// A URI with further parameters.
pub(crate) fn with_query(uri: &str, pairs: &[(&str, &str)]) -> String {
    text::with_query(uri, &text::encode(pairs.iter().copied()))
}
