//! `application/x-www-form-urlencoded`, as pages and clients send it.

use placet_sdk::form as text;

/// The first value of a name.
pub(crate) fn value(form: &str, name: &str) -> Option<String> {
    pairs(form).find(|(known, _)| known == name).map(|(_, value)| value)
}

/// All values of a name.
pub(crate) fn values(form: &str, name: &str) -> Vec<String> {
    pairs(form).filter(|(known, _)| known == name).map(|(_, value)| value).collect()
}

pub(crate) fn decode(value: &str) -> Option<String> {
    text::decode(value).map(std::borrow::Cow::into_owned)
}

/// Name and value of everything that can be decoded.
pub(crate) fn pairs(form: &str) -> impl Iterator<Item = (String, String)> + '_ {
    let items = form.split('&').filter(|item| !item.is_empty());
    items.filter_map(|item| {
        let (name, value) = item.split_once('=').unwrap_or((item, ""));
        Some((decode(name)?, decode(value)?))
    })
}

/// A URI with further parameters.
pub(crate) fn with_query(uri: &str, pairs: &[(&str, &str)]) -> String {
    if pairs.is_empty() {
        return uri.to_owned();
    }
    let joint = if uri.contains('?') { '&' } else { '?' };
    format!("{uri}{joint}{}", text::encode(pairs.iter().copied()))
}
