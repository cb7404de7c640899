//! OpenID Connect Session Management 1.0: clients watch a page of ours, in a frame of theirs, for whether the session that
//! they know of is still the one of this browser.

use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use placet_sdk::Transport;
use placet_sdk::form::encode;
use placet_sdk::types::AuthorizationResponse;

use super::{Server, answer};
use crate::session::Reply;

const SCRIPT: &str = include_str!("../../assets/check-session.js");

/// §3.3: the page, which any site may embed, and which runs its one script and nothing else.
pub(crate) async fn page<T: Transport + 'static>(State(server): Server<T>) -> Response {
    let script = SCRIPT.replace("COOKIE_NAME", &server.cookies.browser_state_name());
    let hash = BASE64.encode(digest(&SHA256, script.as_bytes()).as_ref());
    let policy =
        format!("default-src 'none'; script-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'");
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Session</title>\n\
         <script>{script}</script>\n</html>\n"
    );
    let headers = [
        (CONTENT_TYPE, "text/html;charset=utf-8".to_owned()),
        (CACHE_CONTROL, "max-age=300".to_owned()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (CONTENT_SECURITY_POLICY, policy),
    ];
    (headers, page).into_response()
}

/// What a `session_state` is made of besides client and origin.
#[derive(Clone, Copy)]
pub(super) struct Watched<'a> {
    pub(super) browser_state: &'a str,
    /// Random, 256 bits.
    pub(super) salt: &'a str,
}

/// §3.1: the answer to an authentication request with `session_state`. One that travels as a JWT (JARM) has no place
/// for it.
pub(super) fn told(reply: Reply, asked: &AuthorizationResponse, login: Watched<'_>) -> Reply {
    let is_openid = asked.scopes.iter().flatten().any(|scope| scope.name.as_deref() == Some("openid"));
    if !is_openid || login.browser_state.is_empty() {
        return reply;
    }
    let client = answer::own_client_id(asked);
    match reply {
        Reply::Location(uri) => Reply::Location(in_location(uri, &client, login)),
        Reply::Form(page) => Reply::Form(in_form(page, &client, login)),
    }
}

fn in_location(uri: String, client: &str, login: Watched<'_>) -> String {
    let (parameters, fragment) = match uri.split_once('#') {
        Some((_, fragment)) => (fragment, true),
        None => (uri.split_once('?').map_or("", |(_, query)| query), false),
    };
    let has = |name: &str| parameters.split('&').any(|item| item.split('=').next() == Some(name));
    // Neither where the answer is a JWT, nor where a redirect URI has brought a parameter of this name.
    if has("response") || has("session_state") {
        return uri;
    }
    let Some(state) = origin(&uri).map(|origin| session_state(client, &origin, login)) else {
        return uri;
    };
    let joint = if parameters.is_empty() && !fragment { '?' } else { '&' };
    format!("{uri}{joint}{}", encode([("session_state", state.as_str())]))
}

/// A field more, in front of the end of the page's one form.
fn in_form(page: String, client: &str, login: Watched<'_>) -> String {
    let action = page.split_once("action=\"").and_then(|(_, rest)| rest.split_once('"'));
    let target = action.map(|(target, _)| target.replace("&amp;", "&").replace("&#x2f;", "/"));
    let jwt = page.contains("name=\"response\"");
    match (target.as_deref().and_then(origin), page.rfind("</form>")) {
        (Some(origin), Some(end)) if !jwt => {
            let state = session_state(client, &origin, login);
            let field = format!("<input type=\"hidden\" name=\"session_state\" value=\"{state}\">\n");
            [&page[..end], &field, &page[end..]].concat()
        }
        _ => page,
    }
}

/// The client's page as the script sees it: `event.origin`.
fn origin(uri: &str) -> Option<String> {
    let origin = url::Url::parse(uri).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

/// §3.2, with what the script computes as well.
fn session_state(client: &str, origin: &str, Watched { browser_state, salt }: Watched<'_>) -> String {
    let hash = digest(&SHA256, format!("{client} {origin} {browser_state} {salt}").as_bytes());
    format!("{}.{salt}", BASE64URL_NOPAD.encode(hash.as_ref()))
}

#[cfg(test)]
mod tests {
    use placet_sdk::types::Scope;

    use super::*;

    const WATCHED: Watched<'_> =
        Watched { browser_state: "state", salt: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU" };

    fn asked() -> AuthorizationResponse {
        let scope = Scope { name: Some("openid".to_owned()), ..Scope::default() };
        AuthorizationResponse { scopes: Some(vec![scope]), ..AuthorizationResponse::default() }
    }

    fn location(uri: &str) -> String {
        match told(Reply::Location(uri.to_owned()), &asked(), WATCHED) {
            Reply::Location(uri) | Reply::Form(uri) => uri,
        }
    }

    #[test]
    fn the_state_stands_with_the_other_parameters() {
        for (uri, before) in [
            ("https://c.example/cb?code=1", "https://c.example/cb?code=1&session_state="),
            ("https://c.example/cb?a#code=1", "https://c.example/cb?a#code=1&session_state="),
        ] {
            let told = location(uri);
            let state = told.strip_prefix(before).unwrap_or_else(|| panic!("{told}"));
            assert_eq!(state.len(), 43 + 1 + 43, "{state}");
        }
        for uri in [
            "https://c.example/cb?response=x.y.z",
            "com.example.app:/cb?code=1",
            "https://c.example/cb?session_state=x&code=1",
        ] {
            assert_eq!(location(uri), uri);
        }
        let plain = AuthorizationResponse::default();
        let Reply::Location(uri) =
            told(Reply::Location("https://c.example/?code=1".to_owned()), &plain, WATCHED)
        else {
            panic!("a form")
        };
        assert_eq!(uri, "https://c.example/?code=1");
    }

    #[test]
    fn a_form_has_a_field_more() {
        let page = "<form method=\"post\" action=\"https://c.example/cb\">\n<input name=\"code\">\n</form>";
        let Reply::Form(told) = told(Reply::Form(page.to_owned()), &asked(), WATCHED) else {
            panic!("a location")
        };
        assert!(told.contains("name=\"session_state\" value=\"") && told.ends_with("\">\n</form>"), "{told}");
    }
}
