//! RFC 3986 – URIs as clients and operators write them: the text as it was written, which is what is compared
//! (RFC 6749 §3.1.2.3), beside what it means.

use url::{Host, Url};

/// Why a text is not the URI that it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UriError {
    /// It has characters that no URI has: spaces, controls, anything but ASCII, or a backslash, which browsers
    /// take for a slash.
    Characters,
    /// No scheme, or nothing behind it; or a web address without a host.
    NotAbsolute,
    /// The scheme is none that is taken here.
    Scheme,
    Fragment,
    Query,
    /// `user@` before the host: it makes people and programs read another host.
    UserInformation,
    /// Its query has a parameter that answers have.
    ResponseParameter,
}

/// An absolute URI (RFC 3986 §4.3) of any scheme but those that run code in a browser.
#[derive(Clone, Debug)]
pub struct AbsoluteUri {
    text: String,
    url: Url,
}

impl PartialEq for AbsoluteUri {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for AbsoluteUri {}

/// Schemes whose URIs are programs.
const RUN_CODE: [&str; 3] = ["javascript", "data", "vbscript"];

impl AbsoluteUri {
    pub fn parse(text: &str) -> Result<Self, UriError> {
        if !text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\') {
            return Err(UriError::Characters);
        }
        let (scheme, rest) = text.split_once(':').ok_or(UriError::NotAbsolute)?;
        let web = ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
        // The standard of browsers mends `https:a` and `https:///a`; RFC 3986 has no host there.
        let has_host = rest.strip_prefix("//").is_some_and(|rest| !rest.starts_with(['/', '?', '#', ':']));
        if rest.is_empty() || web && !has_host {
            return Err(UriError::NotAbsolute);
        }
        let url = Url::parse(text).map_err(|_| UriError::NotAbsolute)?;
        if RUN_CODE.contains(&url.scheme()) {
            return Err(UriError::Scheme);
        }
        Ok(Self { text: text.to_owned(), url })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// In lower case.
    pub fn scheme(&self) -> &str {
        self.url.scheme()
    }

    pub fn is_https(&self) -> bool {
        self.scheme() == "https"
    }

    pub fn is_http(&self) -> bool {
        self.scheme() == "http"
    }

    pub fn host(&self) -> Option<&str> {
        self.url.host_str()
    }

    /// Host and port in lower case, without the port that the scheme has by itself (RFC 9421 §2.2.3).
    pub fn authority(&self) -> Option<String> {
        let port = self.url.port().map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{}{port}", self.host()?))
    }

    pub fn path(&self) -> &str {
        self.url.path()
    }

    pub fn query(&self) -> Option<&str> {
        self.url.query()
    }

    pub fn has_fragment(&self) -> bool {
        self.url.fragment().is_some()
    }

    pub fn has_query(&self) -> bool {
        self.url.query().is_some()
    }

    pub fn has_user_information(&self) -> bool {
        let authority = self.text.split_once("://").map(|(_, rest)| rest);
        let authority = authority.and_then(|rest| rest.split(['/', '?', '#']).next());
        authority.is_some_and(|authority| authority.contains('@'))
    }

    /// Names of the parameters of the query, decoded.
    pub fn query_names(&self) -> impl Iterator<Item = String> + '_ {
        self.url.query_pairs().map(|(name, _)| name.into_owned())
    }

    /// Whether it leads to the machine itself, by a name or address that nobody else can have
    /// (RFC 8252 §7.3, §8.3).
    pub fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address == std::net::Ipv4Addr::LOCALHOST,
            Some(Host::Ipv6(address)) => address == std::net::Ipv6Addr::LOCALHOST,
            None => false,
        }
    }

    /// The text without its port: what stands before, and behind.
    fn around_port(&self) -> Option<(&str, &str)> {
        let start = self.text.find("://")? + 3;
        let end = self.text[start..].find(['/', '?', '#']).map_or(self.text.len(), |end| start + end);
        let host = &self.text[start..end];
        // The colons of an IPv6 address stand in brackets.
        let from = host.find(']').unwrap_or(0);
        let before = host[from..].find(':').map_or(end, |colon| start + from + colon);
        Some((&self.text[..before], &self.text[end..]))
    }

    /// RFC 8252 §7.3: whether both are the same loopback address but for the port, which a native client does
    /// not know in advance. Everything else is compared as it was written.
    pub fn is_same_but_for_loopback_port(&self, other: &Self) -> bool {
        let of_loopback = self.is_loopback() && other.is_loopback();
        let plain = !self.has_user_information() && !other.has_user_information();
        let ports = [self, other].iter().all(|uri| !uri.has_empty_port());
        of_loopback && plain && ports && self.around_port() == other.around_port()
    }

    fn has_empty_port(&self) -> bool {
        self.around_port().is_some_and(|(before, behind)| {
            self.text.len() == before.len() + behind.len() + 1 && !before.is_empty()
        })
    }

    /// RFC 3986 §6.2.2, §6.2.3: the normal form without query and fragment: scheme and host in lower case, no
    /// default port, dot segments resolved, and percent-encoding only where it is needed. `None` where a host
    /// is written so that programs differ in reading it, or with user information.
    pub fn normal(&self) -> Option<String> {
        let host = self.host()?;
        let (before, _) = self.around_port()?;
        let (_, written) = before.split_once("://")?;
        if self.has_user_information() || !written.eq_ignore_ascii_case(host) {
            return None;
        }
        Some(format!("{}://{}{}", self.scheme(), self.authority()?, unreserved_decoded(self.path())))
    }
}

/// RFC 3986 §6.2.2.1, §6.2.2.2: octets of unreserved characters as themselves, all others in upper case.
fn unreserved_decoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, encoded)) = rest.split_once('%') {
        out.push_str(before);
        let octet = encoded.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()).map(char::from);
        match octet {
            Some(c) if c.is_ascii_alphanumeric() || "-._~".contains(c) => out.push(c),
            _ => {
                out.push('%');
                out.push_str(&encoded.get(..2).unwrap_or_default().to_ascii_uppercase());
            }
        }
        rest = encoded.get(2..).unwrap_or_default();
    }
    out + rest
}

/// A web address that nobody can read on its way: https, with a host and without user information.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpsUrl(AbsoluteUri);

impl HttpsUrl {
    pub fn parse(text: &str) -> Result<Self, UriError> {
        let uri = AbsoluteUri::parse(text)?;
        if !uri.is_https() {
            return Err(UriError::Scheme);
        }
        if uri.has_user_information() {
            return Err(UriError::UserInformation);
        }
        Ok(Self(uri))
    }
}

impl std::ops::Deref for HttpsUrl {
    type Target = AbsoluteUri;
    fn deref(&self) -> &AbsoluteUri {
        &self.0
    }
}

/// A web address for people: https or http.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebUrl(AbsoluteUri);

impl WebUrl {
    pub fn parse(text: &str) -> Result<Self, UriError> {
        let uri = AbsoluteUri::parse(text)?;
        if !uri.is_https() && !uri.is_http() {
            return Err(UriError::Scheme);
        }
        if uri.has_user_information() {
            return Err(UriError::UserInformation);
        }
        Ok(Self(uri))
    }
}

impl std::ops::Deref for WebUrl {
    type Target = AbsoluteUri;
    fn deref(&self) -> &AbsoluteUri {
        &self.0
    }
}

/// OpenID Connect Discovery §3, RFC 8414 §2: https without query and fragment. A loopback address may use
/// http, so that a service can be tried on one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer(AbsoluteUri);

impl Issuer {
    pub fn parse(text: &str) -> Result<Self, UriError> {
        let uri = AbsoluteUri::parse(text)?;
        if uri.has_fragment() {
            return Err(UriError::Fragment);
        }
        if uri.has_query() {
            return Err(UriError::Query);
        }
        if uri.has_user_information() {
            return Err(UriError::UserInformation);
        }
        if !(uri.is_https() || uri.is_http() && uri.is_loopback()) {
            return Err(UriError::Scheme);
        }
        Ok(Self(uri))
    }
}

impl std::ops::Deref for Issuer {
    type Target = AbsoluteUri;
    fn deref(&self) -> &AbsoluteUri {
        &self.0
    }
}

/// RFC 6749 §3.1.2: where an answer may go: absolute, no fragment, no user information, and no parameter in
/// the query that answers have: two of them would let whoever made the URI choose which one is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri(AbsoluteUri);

/// Parameters of answers: RFC 6749 §4.1.2, §4.2.2, RFC 9207 §2, OpenID Connect Core §3.2.2.5, OpenID Connect
/// Session Management §2, JARM §2.3.
const OF_ANSWERS: [&str; 13] = [
    "access_token",
    "code",
    "error",
    "error_description",
    "error_uri",
    "expires_in",
    "id_token",
    "iss",
    "response",
    "scope",
    "session_state",
    "state",
    "token_type",
];

impl RedirectUri {
    pub fn parse(text: &str) -> Result<Self, UriError> {
        let uri = AbsoluteUri::parse(text)?;
        if uri.has_fragment() {
            return Err(UriError::Fragment);
        }
        if uri.has_user_information() {
            return Err(UriError::UserInformation);
        }
        if uri.query_names().any(|name| OF_ANSWERS.contains(&name.as_str())) {
            return Err(UriError::ResponseParameter);
        }
        Ok(Self(uri))
    }
}

impl std::ops::Deref for RedirectUri {
    type Target = AbsoluteUri;
    fn deref(&self) -> &AbsoluteUri {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> AbsoluteUri {
        AbsoluteUri::parse(text).unwrap()
    }

    #[test]
    fn the_text_stays_as_it_was_written() {
        for text in
            ["https://A.example:443", "http://a:1/b/../c?x=%7e", "com.example.app:/cb", "urn:x:y", "a:b"]
        {
            assert_eq!(uri(text).as_str(), text);
        }
    }

    #[test]
    fn relative_and_dangerous_texts_are_no_absolute_uris() {
        for (text, error) in [
            ("", UriError::NotAbsolute),
            ("/cb", UriError::NotAbsolute),
            ("a.example/cb", UriError::NotAbsolute),
            ("1a:/x", UriError::NotAbsolute),
            ("https:", UriError::NotAbsolute),
            ("https:a.example", UriError::NotAbsolute),
            ("https://", UriError::NotAbsolute),
            ("https:///x", UriError::NotAbsolute),
            ("https://:1/x", UriError::NotAbsolute),
            ("https://a:x/", UriError::NotAbsolute),
            ("javascript:alert(1)", UriError::Scheme),
            ("JavaScript://a/%0aalert(1)", UriError::Scheme),
            ("DATA:x", UriError::Scheme),
            ("https://a\\@b/", UriError::Characters),
            ("https://a/\\b", UriError::Characters),
            ("https://a/ b", UriError::Characters),
            ("java\tscript:alert(1)", UriError::Characters),
            ("https://ä.example/", UriError::Characters),
        ] {
            assert_eq!(AbsoluteUri::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_redirect_uri_keeps_an_answer_whole() {
        for text in
            ["https://a/cb?x=1;y=2&flag&z=%7e", "https://a/cb?", "app:/cb?codes=1", "https://a/@b?x=a@b"]
        {
            assert!(RedirectUri::parse(text).is_ok(), "{text}");
        }
        for (text, error) in [
            ("https://a/cb#", UriError::Fragment),
            ("https://a@b/cb", UriError::UserInformation),
            ("https://@b/cb", UriError::UserInformation),
            ("app://user:x@b/cb", UriError::UserInformation),
            ("https://a/cb?state=1", UriError::ResponseParameter),
            ("https://a/cb?x=1&c%6fde=", UriError::ResponseParameter),
            ("https://a/cb?iss", UriError::ResponseParameter),
            ("app:/cb?error=x", UriError::ResponseParameter),
        ] {
            assert_eq!(RedirectUri::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn an_issuer_is_https_or_on_the_machine_itself() {
        for text in
            ["https://a", "https://a/b/", "http://localhost:1/as", "http://127.0.0.1", "http://[::1]:8/"]
        {
            assert!(Issuer::parse(text).is_ok(), "{text}");
        }
        for (text, error) in [
            ("http://a", UriError::Scheme),
            ("http://localhost.example", UriError::Scheme),
            ("http://127.0.0.1.example", UriError::Scheme),
            ("https://a?x", UriError::Query),
            ("https://a#", UriError::Fragment),
            ("https://a@b", UriError::UserInformation),
            ("urn:a", UriError::Scheme),
        ] {
            assert_eq!(Issuer::parse(text), Err(error), "{text}");
        }
        assert!(HttpsUrl::parse("HTTPS://a").is_ok() && HttpsUrl::parse("http://a") == Err(UriError::Scheme));
        assert!(WebUrl::parse("http://a").is_ok() && WebUrl::parse("ftp://a") == Err(UriError::Scheme));
    }

    #[test]
    fn only_the_port_of_a_loopback_uri_may_vary() {
        let same = |a: &str, b: &str| uri(a).is_same_but_for_loopback_port(&uri(b));
        assert!(same("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb"));
        assert!(same("http://[::1]:1/cb?a=1", "http://[::1]:2/cb?a=1"));
        assert!(same("http://localhost", "http://localhost:80"));
        for (registered, given) in [
            ("http://127.0.0.1/cb", "http://127.0.0.1:1/CB"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1/cb?x=1"),
            ("http://127.0.0.1/cb", "https://127.0.0.1:1/cb"),
            ("http://127.0.0.1/cb", "http://127.1/cb"),
            ("http://127.0.0.1/cb", "http://localhost:1/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1@evil/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1.evil/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1/./cb"),
            ("http://localhost/cb", "http://localhost:/cb"),
            ("https://a/cb", "https://a:1/cb"),
        ] {
            assert!(!same(registered, given), "{registered} {given}");
        }
    }

    #[test]
    fn the_normal_form_is_that_of_the_specification() {
        let normal = "http://a.example:7/as/token";
        for text in [
            "HTTP://A.example:7/as/token?x#y",
            "http://a.example:7/%61s/%74oken",
            "http://a.example:7/as/./token",
            "http://a.example:7/as/x/../token",
            "http://a.example:7/as/%2e/token",
        ] {
            assert_eq!(uri(text).normal().as_deref(), Some(normal), "{text}");
        }
        for text in [
            "http://a.example:7/as/token/",
            "http://a.example:7/as/Token",
            "http://a.example:7/as//token",
            "http://a.example:7/as%2ftoken",
            "http://a.example/as/token",
            "https://a.example:7/as/token",
            "http://x@a.example:7/as/token",
        ] {
            assert_ne!(uri(text).normal().as_deref(), Some(normal), "{text}");
        }
        assert_eq!(uri("https://a:443").normal().as_deref(), Some("https://a/"));
        assert_eq!(uri("https://a/%2f%e4%zz%").normal().as_deref(), Some("https://a/%2F%E4%ZZ%"));
        assert_eq!(uri("http://127.1/").normal(), None);
        assert_eq!(uri("https://%61/").normal(), None);
        assert_eq!(uri("urn:a:b").normal(), None);
    }
}
