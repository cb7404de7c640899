//! Whether a redirect URI would be taken, and if not, why (RFC 6749 §3.1.2.3, RFC 8252 §7.3).

use placet_base::url::RedirectUri;

/// What is said of a URI: the name of a text, and the registered URI that it is about.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) is_taken: bool,
    pub(crate) text: &'static str,
    pub(crate) registered: Option<String>,
}

/// Judges a URI by those that are registered. `port_varies`: the service lets the ports of loopback addresses vary.
pub(crate) fn verdict(uri: &str, registered: &[String], port_varies: bool) -> Verdict {
    let no = |text, registered: Option<&String>| Verdict {
        is_taken: false,
        text,
        registered: registered.cloned(),
    };
    let yes =
        |text, registered: &String| Verdict { is_taken: true, text, registered: Some(registered.clone()) };
    let Ok(given) = RedirectUri::parse(uri) else { return no("redirect.malformed", None) };
    if let Some(same) = registered.iter().find(|known| *known == uri) {
        return yes("redirect.exact", same);
    }
    let but_for_port = |known: &&String| {
        RedirectUri::parse(known).is_ok_and(|known| known.is_same_but_for_loopback_port(&given))
    };
    if let Some(same) = registered.iter().find(but_for_port) {
        return if port_varies { yes("redirect.port", same) } else { no("redirect.port_fixed", Some(same)) };
    }
    let near = registered.iter().find_map(|known| Some((difference(uri, known)?, known)));
    match near {
        Some((text, known)) => no(text, Some(known)),
        None if registered.is_empty() => no("redirect.none", None),
        None => no("redirect.unknown", None),
    }
}

/// How a URI misses one that is registered.
fn difference(given: &str, known: &str) -> Option<&'static str> {
    let (given_path, known_path) = (before(given, '?'), before(known, '?'));
    let scheme = |uri: &str| uri.split_once("://").map(|(scheme, rest)| (scheme.to_owned(), rest.to_owned()));
    if given.trim_end_matches('/') == known.trim_end_matches('/') {
        return Some("redirect.slash");
    }
    if given.eq_ignore_ascii_case(known) {
        return Some("redirect.case");
    }
    if given_path == known_path {
        return Some("redirect.query");
    }
    match (scheme(given), scheme(known)) {
        (Some((one, rest)), Some((other, same))) if one != other && rest == same => Some("redirect.scheme"),
        (Some((_, rest)), Some((_, other))) if before(&rest, '/') == before(&other, '/') => {
            Some("redirect.path")
        }
        _ => None,
    }
}

fn before(text: &str, sign: char) -> &str {
    text.split(sign).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_miss_is_named() {
        let registered = ["https://a.example/cb".to_owned(), "http://127.0.0.1:8080/cb".to_owned()];
        for (uri, varies, taken, text) in [
            ("https://a.example/cb", false, true, "redirect.exact"),
            ("http://127.0.0.1:9/cb", true, true, "redirect.port"),
            ("http://127.0.0.1:9/cb", false, false, "redirect.port_fixed"),
            ("https://a.example/cb/", true, false, "redirect.slash"),
            ("https://a.example/CB", true, false, "redirect.case"),
            ("https://a.example/cb?x=1", true, false, "redirect.query"),
            ("http://a.example/cb", true, false, "redirect.scheme"),
            ("https://a.example/other", true, false, "redirect.path"),
            ("https://b.example/cb", true, false, "redirect.unknown"),
            ("https://a.example/cb#f", true, false, "redirect.malformed"),
            ("cb", true, false, "redirect.malformed"),
        ] {
            let verdict = verdict(uri, &registered, varies);
            assert_eq!((verdict.is_taken, verdict.text), (taken, text), "{uri}");
        }
        assert_eq!(verdict("https://a.example/cb", &[], true).text, "redirect.none");
    }
}
