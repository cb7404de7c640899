//! Places in a bundle, spelled as the keys of its text are.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A member, or all of a scope or a client.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Path {
    /// `service.MEMBER`.
    Service(String),
    /// `scopes.NAME`, or a member of it.
    Scope(String, Option<String>),
    /// `clients.NAME`, or a member of it.
    Client(String, Option<String>),
}

impl Path {
    pub(crate) fn service(member: &str) -> Self {
        Self::Service(member.to_owned())
    }

    pub(crate) fn client(name: &str, member: &str) -> Self {
        Self::Client(name.to_owned(), Some(member.to_owned()))
    }

    pub(crate) fn whole_client(name: &str) -> Self {
        Self::Client(name.to_owned(), None)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (table, name, member) = match self {
            Self::Service(member) => return write!(f, "service.{}", key(member)),
            Self::Scope(name, member) => ("scopes", name, member),
            Self::Client(name, member) => ("clients", name, member),
        };
        write!(f, "{table}.{}", key(name))?;
        member.as_ref().map_or(Ok(()), |member| write!(f, ".{}", key(member)))
    }
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text that is no path of a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPath;

impl FromStr for Path {
    type Err = NoPath;

    fn from_str(text: &str) -> Result<Self, NoPath> {
        let mut keys = keys(text).ok_or(NoPath)?.into_iter();
        let path = match (keys.next().as_deref(), keys.next(), keys.next()) {
            (Some("service"), Some(member), None) => Self::Service(member),
            (Some("scopes"), Some(name), member) => Self::Scope(name, member),
            (Some("clients"), Some(name), member) => Self::Client(name, member),
            _ => return Err(NoPath),
        };
        if keys.next().is_some() { Err(NoPath) } else { Ok(path) }
    }
}

/// A key of TOML: bare where it can be.
pub(crate) fn key(name: &str) -> String {
    let bare = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    match !name.is_empty() && name.bytes().all(bare) {
        true => name.to_owned(),
        false => quoted(name),
    }
}

/// A basic string of TOML. What JSON escapes is escaped in the same way there, but for DEL.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// The keys of a dotted one.
fn keys(text: &str) -> Option<Vec<String>> {
    let mut keys = Vec::new();
    let mut rest = text;
    loop {
        let (key, after) = if rest.starts_with('"') { quoted_key(rest)? } else { bare_key(rest)? };
        keys.push(key);
        match after.strip_prefix('.') {
            Some(after) => rest = after,
            None => return after.is_empty().then_some(keys),
        }
    }
}

fn bare_key(text: &str) -> Option<(String, &str)> {
    let end = text.find('.').unwrap_or(text.len());
    let (key, after) = text.split_at(end);
    (!key.is_empty() && !key.contains('"')).then(|| (key.to_owned(), after))
}

fn quoted_key(text: &str) -> Option<(String, &str)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<String>();
    let key = values.next()?.ok()?;
    Some((key, text.get(values.byte_offset()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_as_it_is_written() {
        for (path, text) in [
            (Path::service("issuer"), "service.issuer"),
            (Path::Scope("orders:read".to_owned(), None), "scopes.\"orders:read\""),
            (Path::client("https://a.b/\"c", "redirectUris"), "clients.\"https://a.b/\\\"c\".redirectUris"),
            (Path::whole_client("web_1-2"), "clients.web_1-2"),
        ] {
            assert_eq!(path.to_string(), text);
            assert_eq!(text.parse(), Ok(path));
        }
        for none in
            ["", "service", "service.a.b", "clients", "clients.a.b.c", "clients.\"a", "other.a", "clients..a"]
        {
            assert_eq!(none.parse::<Path>(), Err(NoPath), "{none}");
        }
    }
}
