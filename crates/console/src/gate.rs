//! What every request passes: who it is of, whether a form is one of ours, and what its answer has in front.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{HeaderMap, ORIGIN, SET_COOKIE};
use http::{HeaderName, HeaderValue, Method};
use placet_sdk::Secret;

use crate::budgets::BODY;
use crate::posted::{CSRF, Posted};
use crate::problem::Problem;
use crate::visit::{LANGUAGE, Seen, prefixed};
use crate::{BASE, Inner, sign_in};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

pub(crate) async fn gate(State(console): State<Arc<Inner>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let from = from(&parts.headers, &console.settings.origin);
    let seen = Seen::new(&console, &parts, from == From::Here);
    let mut posted = Posted::default();
    if parts.method == Method::POST {
        let read = to_bytes(body, BODY).await.ok().and_then(|body| String::from_utf8(body.to_vec()).ok());
        match read.as_deref().and_then(Posted::parse) {
            Some(fields) => posted = fields,
            None => return Problem::TooLarge.page(&seen, &parts.method, &posted),
        }
        if let Err(problem) = admitted(&seen, from, parts.uri.path(), &posted) {
            return problem.page(&seen, &parts.method, &posted);
        }
    }
    learn(&seen).await;
    let method = parts.method.clone();
    parts.extensions.insert(seen.clone());
    parts.extensions.insert(posted.clone());
    let response = next.run(Request::from_parts(parts, Body::empty())).await;
    match response.extensions().get::<Arc<Problem>>() {
        Some(problem) => problem.page(&seen, &method, &posted).into_response(),
        None => remembering(&seen, response),
    }
}

/// Asks anew what the token of the session may, now and then: a member may have got another role. A token that is known no more is
/// for the page to find out, which says so.
async fn learn(seen: &Seen) {
    let now = seen.console.settings.ambient.clock.seconds();
    let Some(session) = seen.session.as_ref().filter(|session| session.is_to_be_asked(now)) else { return };
    if let Ok(known) = sign_in::known(&seen.console.carrier, &session.credential.token).await {
        session.learn(known, now);
    }
}

/// Where a request comes from, as the browser says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Here,
    Elsewhere,
    /// It says nothing: no browser of today, and the value of the form decides.
    Unsaid,
}

fn from(headers: &HeaderMap, own: &str) -> From {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    // `none` is a person who typed the address, and sends no forms.
    let site = text(&SEC_FETCH_SITE).map(|site| site == "same-origin");
    let origin = text(&ORIGIN).map(|origin| origin == own);
    match (site, origin) {
        (Some(false), _) | (_, Some(false)) => From::Elsewhere,
        (None, None) => From::Unsaid,
        _ => From::Here,
    }
}

/// Whether a form may do something: it is of a page of ours, and of this session. The forms of the sign-in are of no session
/// yet; that they are ours the browser has to say.
fn admitted(seen: &Seen, from: From, path: &str, posted: &Posted) -> Result<Posted, Problem> {
    if from == From::Elsewhere {
        return Err(Problem::OtherSite);
    }
    if path == format!("{BASE}/sign-in") {
        return Ok(posted.clone());
    }
    let session = seen.session.as_ref().ok_or(Problem::SignedOut)?;
    let given = posted.get(CSRF).unwrap_or_default();
    match Secret::new(session.csrf.clone()).matches(given) {
        true => Ok(posted.clone()),
        false => Err(Problem::OldForm),
    }
}

/// Keeps the language that was chosen.
fn remembering(seen: &Seen, mut response: Response) -> Response {
    if seen.is_chosen {
        let secure = seen.console.is_secure();
        let text = format!(
            "{}={}; Path=/; HttpOnly; SameSite=Lax{}",
            prefixed(secure, LANGUAGE),
            seen.language,
            if secure { "; Secure" } else { "" }
        );
        response.headers_mut().extend(HeaderValue::try_from(text).map(|cookie| (SET_COOKIE, cookie)));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_say_where_a_form_comes_from() {
        let of = |site: Option<&'static str>, origin: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            site.map(|site| headers.insert(SEC_FETCH_SITE, HeaderValue::from_static(site)));
            origin.map(|origin| headers.insert(ORIGIN, HeaderValue::from_static(origin)));
            from(&headers, "https://a")
        };
        assert!(of(Some("same-origin"), Some("https://a")) == From::Here);
        assert!(of(Some("same-origin"), None) == From::Here && of(None, Some("https://a")) == From::Here);
        assert!(of(None, None) == From::Unsaid);
        for (site, origin) in [
            (Some("cross-site"), Some("https://a")),
            (Some("same-site"), None),
            (Some("same-origin"), Some("https://b")),
            (None, Some("null")),
            (None, Some("http://a")),
            (Some("none"), None),
        ] {
            assert!(of(site, origin) == From::Elsewhere, "{site:?} {origin:?}");
        }
    }
}
