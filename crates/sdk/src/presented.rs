//! What a request to an endpoint of OAuth presents: the credentials of a client, an access token, a proof, a form. It is
//! read strictly, for the API to judge it.

use std::borrow::Cow;

use data_encoding::BASE64;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName};
use placet_base::form;

/// Proofs of possession (RFC 9449 §4.1).
pub static DPOP: HeaderName = HeaderName::from_static("dpop");
/// Who vouches for the client (draft-ietf-oauth-attestation-based-client-auth-07 §6.1).
pub static ATTESTATION: HeaderName = HeaderName::from_static("oauth-client-attestation");
/// And that the client is the one vouched for.
pub static ATTESTATION_POP: HeaderName = HeaderName::from_static("oauth-client-attestation-pop");

/// A header of which there may be one (RFC 9449 §4.3, draft-ietf-oauth-attestation-based-client-auth-07 §6.2); two come
/// out as a text that proves nothing.
pub fn only(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let all: Vec<_> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// Whether the body is said to be a form (RFC 6749 §3.2).
pub fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next());
    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// Basic credentials (RFC 6749 §2.3.1), or none.
#[derive(Default, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Basic {
    /// `client_id`.
    pub id: Option<String>,
    /// `client_secret`.
    pub secret: Option<String>,
}

/// The client has tried to prove itself in the header, and has not (RFC 6749 §5.2: `invalid_client`): it is another
/// scheme, there are two of them, or what it says cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub struct Broken;

impl Basic {
    /// Reads the `Authorization` header.
    ///
    /// # Errors
    /// [`Broken`], which is answered with `invalid_client`, whatever else the request has.
    pub fn read(headers: &HeaderMap) -> Result<Self, Broken> {
        let mut all = headers.get_all(AUTHORIZATION).iter();
        let Some(first) = all.next() else { return Ok(Self::default()) };
        if all.next().is_some() {
            return Err(Broken);
        }
        let text = first.to_str().map_err(|_| Broken)?;
        let (scheme, credentials) = text.trim().split_once(' ').ok_or(Broken)?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return Err(Broken);
        }
        let bytes = BASE64.decode(credentials.trim().as_bytes()).map_err(|_| Broken)?;
        let pair = String::from_utf8(bytes).map_err(|_| Broken)?;
        let (id, secret) = pair.split_once(':').ok_or(Broken)?;
        let id = form::decode(id).filter(|id| !id.is_empty()).ok_or(Broken)?;
        // Many clients send their secret as it is; one that is no form encoding can only be meant so.
        let secret = form::decode(secret).unwrap_or(Cow::Borrowed(secret));
        Ok(Self { id: Some(id.into_owned()), secret: Some(secret.into_owned()) })
    }
}

/// An access token that has come in one way.
#[derive(PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Token {
    /// As it came.
    pub value: String,
    /// It came as `DPoP`, so that a proof belongs to it; else as a bearer token (RFC 6750 §2.1, §2.2).
    pub dpop: bool,
}

/// Why there is no token to judge.
#[derive(Debug, PartialEq, Eq)]
pub enum NoToken {
    /// RFC 6750 §3.1: no credentials, no error.
    Absent,
    /// There is an `Authorization` header, and no access token in it: another scheme, or nothing behind it. Whoever
    /// sends one believes to have proven something, so that it is never taken for none.
    Foreign,
    /// RFC 6750 §3.1: `invalid_request`; the text is for developers.
    Wrong(&'static str),
}

impl Token {
    /// The token of the header or the form. One in the query is read by everything on the way (RFC 9700 §4.3.2).
    ///
    /// # Errors
    /// [`NoToken`] where there is none, or more than one.
    pub fn read(headers: &HeaderMap, query: &str, form: &str) -> Result<Self, NoToken> {
        let mut in_form = form::values(form, "access_token");
        if in_form.len() > 1 || !form::values(query, "access_token").is_empty() {
            return Err(NoToken::Wrong("The access token comes in two ways, or in the query."));
        }
        match (Self::of_header(headers)?, in_form.pop()) {
            (Some(_), Some(_)) => Err(NoToken::Wrong("The access token comes in two ways.")),
            (Some(token), None) => Ok(token),
            (None, Some(value)) if !value.is_empty() => Ok(Self { value, dpop: false }),
            (None, _) => Err(NoToken::Absent),
        }
    }

    fn of_header(headers: &HeaderMap) -> Result<Option<Self>, NoToken> {
        let mut all = headers.get_all(AUTHORIZATION).iter();
        let Some(first) = all.next() else { return Ok(None) };
        if all.next().is_some() {
            return Err(NoToken::Wrong("There are two Authorization headers."));
        }
        let text = first.to_str().map_err(|_| NoToken::Wrong("The Authorization header is no text."))?;
        let (scheme, value) = text.trim().split_once(' ').unwrap_or((text, ""));
        let dpop = scheme.eq_ignore_ascii_case("dpop");
        if !dpop && !scheme.eq_ignore_ascii_case("bearer") || value.trim().is_empty() {
            return Err(NoToken::Foreign);
        }
        Ok(Some(Self { value: value.trim().to_owned(), dpop }))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(values: &[&[u8]]) -> HeaderMap {
        values.iter().map(|value| (AUTHORIZATION, HeaderValue::from_bytes(value).unwrap())).collect()
    }

    fn basic(pair: &[u8]) -> Result<Basic, Broken> {
        Basic::read(&headers(&[format!("Basic {}", BASE64.encode(pair)).as_bytes()]))
    }

    #[test]
    fn credentials_are_read_or_broken() {
        let read =
            |id: &str, secret: &str| Ok(Basic { id: Some(id.to_owned()), secret: Some(secret.to_owned()) });
        assert_eq!(Basic::read(&headers(&[])), Ok(Basic::default()));
        assert_eq!(basic(b"7:s"), read("7", "s"));
        assert_eq!(basic(b"%37:a%3Ab"), read("7", "a:b"));
        assert_eq!(basic(b"7:100%"), read("7", "100%"));
        assert_eq!(basic(b"7:"), read("7", ""));
        assert_eq!(Basic::read(&headers(&[b"bAsIc  Nzpz"])), read("7", "s"));
        for broken in [&b"7"[..], b":s", b"%3:s", b"%ff:s", b"\xff:s", b""] {
            assert_eq!(basic(broken), Err(Broken), "{broken:?}");
        }
        for broken in [
            &b"Basic"[..],
            b"Basic ",
            b"Basic %%%",
            b"Basic Nzpz=",
            b"Basic Nzp",
            b"Bearer x",
            b"Digest a",
            b"Basic \xff",
            b"",
        ] {
            assert_eq!(Basic::read(&headers(&[broken])), Err(Broken), "{broken:?}");
        }
        assert_eq!(Basic::read(&headers(&[b"Basic Nzpz", b"Basic Nzpz"])), Err(Broken));
    }

    #[test]
    fn a_token_comes_in_one_way() {
        let token = |value: &str, dpop| Ok(Token { value: value.to_owned(), dpop });
        let read = |header: &[&[u8]], query: &str, form: &str| Token::read(&headers(header), query, form);
        assert_eq!(read(&[b"Bearer a"], "", ""), token("a", false));
        assert_eq!(read(&[b"bearer  a"], "x=y", "x=y"), token("a", false));
        assert_eq!(read(&[b"DPOP a"], "", ""), token("a", true));
        assert_eq!(read(&[], "", "access%5Ftoken=a"), token("a", false));
        for (header, query, form) in [
            (&[&b"Bearer a"[..]][..], "", "access_token=b"),
            (&[b"Bearer a"], "access_token=a", ""),
            (&[], "access%5ftoken=a", ""),
            (&[], "", "access_token=a&access_token=a"),
            (&[b"Bearer a", b"DPoP b"], "", ""),
            (&[b"Bearer \xff"], "", ""),
            (&[b"Bearer a"], "", "access_token="),
        ] {
            assert!(matches!(read(header, query, form), Err(NoToken::Wrong(_))), "{header:?} {query} {form}");
        }
        for header in [&b"Bearer"[..], b"Bearer ", b"Basic YTpi", b""] {
            assert_eq!(read(&[header], "", ""), Err(NoToken::Foreign), "{header:?}");
        }
        assert_eq!(read(&[b"Basic YTpi"], "", "access_token=a"), Err(NoToken::Foreign));
        assert_eq!(read(&[], "", "access_token="), Err(NoToken::Absent));
        assert_eq!(read(&[], "", ""), Err(NoToken::Absent));
    }
}
