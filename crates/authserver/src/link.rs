//! Addresses that somebody else has chosen, before a page shows them or a browser is sent there.

use url::Url;

/// A page on the web, as a page of ours may link to it and a browser will read it: https, of a host that the text
/// names, with nothing in it that another reader would take for something else.
pub(crate) fn web(uri: &str) -> Option<String> {
    let url = honest(uri).filter(|url| url.scheme() == "https")?;
    Some(url.into())
}

/// Where an application lets a login be begun by somebody else (OpenID Connect Core §4), with the issuer to begin it at.
pub(crate) fn login(uri: &str, issuer: &str) -> Option<String> {
    let mut url = honest(uri).filter(|url| url.scheme() == "https" && url.fragment().is_none())?;
    url.query_pairs_mut().append_pair("iss", issuer);
    Some(url.into())
}

/// Where a person may be led when all is done (RFC 8252 §7): a page on the web, or an application by a scheme that is a
/// domain name turned round, which keeps `javascript:` and its kind out (§8.4). The text stays as it was registered.
pub(crate) fn destination(uri: &str) -> Option<&str> {
    let url = honest(uri)?;
    let known = ["https", "http"].contains(&url.scheme()) || url.scheme().contains('.');
    known.then_some(uri)
}

/// The host of a destination, for people.
pub(crate) fn host(uri: &str) -> Option<String> {
    let url = honest(uri).filter(|url| ["https", "http"].contains(&url.scheme()))?;
    url.host_str().map(str::to_owned)
}

/// Path and query of this server. What begins with two slashes, however written, is somebody else's host
/// (RFC 3986 §4.2).
pub(crate) fn here(path: &str) -> &str {
    let second = path.as_bytes().get(1);
    match path.starts_with('/') && !matches!(second, Some(b'/' | b'\\')) && is_plain(path) {
        true => path,
        false => "/",
    }
}

/// RFC 9700 §4.1.3: a user in front of the host, a backslash or a control character make one reader see another host
/// than the next.
fn honest(uri: &str) -> Option<Url> {
    let url = Url::parse(uri).ok()?;
    let bare = url.username().is_empty() && url.password().is_none();
    let user = uri
        .split_once("://")
        .is_some_and(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default().contains('@'));
    (bare && !user && is_plain(uri)).then_some(url)
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b > b' ' && b != b'\\' && b != 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_begun_over_https_and_names_the_issuer() {
        let begun = |uri| login(uri, "https://as.example/x");
        assert_eq!(
            begun("https://c.example/in?a=1").as_deref(),
            Some("https://c.example/in?a=1&iss=https%3A%2F%2Fas.example%2Fx")
        );
        for other in [
            "http://c.example/in",
            "javascript:alert(1)",
            "https://u@c.example/in",
            "https://c.example/in#a",
            "",
        ] {
            assert_eq!(begun(other), None, "{other}");
        }
    }

    #[test]
    fn a_link_leads_where_it_says() {
        for (uri, expected) in [
            ("https://c.example/policy?a=b#c", Some("https://c.example/policy?a=b#c")),
            ("HTTPS://C.example", Some("https://c.example/")),
            ("https://bücher.example/", Some("https://xn--bcher-kva.example/")),
            ("http://c.example/", None),
            ("//evil.example/", None),
            ("/policy", None),
            ("javascript:alert(1)", None),
            (" javascript:alert(1)", None),
            ("java\nscript:alert(1)", None),
            ("data:text/html,x", None),
            ("https://c.example\\@evil.example/", None),
            ("https:\\\\evil.example", None),
            ("https://c.example@evil.example/", None),
            ("https://@evil.example/", None),
            ("https://user:password@evil.example/", None),
            ("https://c.example/a b", None),
            ("https://c.example/\u{7f}", None),
            ("https://", None),
            ("", None),
        ] {
            assert_eq!(web(uri).as_deref(), expected, "{uri}");
        }
    }

    #[test]
    fn an_application_is_a_destination_and_a_script_is_none() {
        for (uri, expected) in [
            ("https://c.example/bye", true),
            ("http://localhost:3000/bye", true),
            ("com.example.app:/bye", true),
            ("com.example.app://bye", true),
            ("javascript:alert(1)", false),
            ("JavaScript:alert(1)", false),
            ("data:text/html,x", false),
            ("file:///etc/passwd", false),
            ("https://a@b.example/", false),
            ("//b.example/", false),
        ] {
            assert_eq!(destination(uri).is_some(), expected, "{uri}");
        }
        assert_eq!(host("https://c.example:8443/x").as_deref(), Some("c.example"));
        assert_eq!(host("com.example.app:/x"), None);
    }

    #[test]
    fn a_page_of_ours_is_on_this_server() {
        for (path, expected) in [
            ("/apps?lang=en", "/apps?lang=en"),
            ("//evil.example/x", "/"),
            ("/\\evil.example", "/"),
            ("///evil.example", "/"),
            ("/a\\b", "/"),
            ("https://evil.example", "/"),
            ("", "/"),
        ] {
            assert_eq!(here(path), expected, "{path}");
        }
    }
}
