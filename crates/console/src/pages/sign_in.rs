//! Signing in and out.

use axum::response::{IntoResponse, Response};
use http::header::SET_COOKIE;
use http::{HeaderValue, StatusCode};
use minijinja::context;
use placet_sdk::{Error, Secret};

use super::{Shown, see};
use crate::BASE;
use crate::posted::Posted;
use crate::problem::Problem;
use crate::sessions::Credential;
use crate::sign_in;
use crate::visit::{SESSION, Seen, Visit, prefixed};

pub(super) async fn get(seen: Seen) -> Response {
    page(&seen, StatusCode::OK, "", &seen.asked("to").unwrap_or_default())
}

fn page(seen: &Seen, status: StatusCode, why: &str, to: &str) -> Response {
    // A link is followed by a button: what looks at links before people do uses none of them up.
    let code = seen.asked("code").filter(|_| why.is_empty());
    seen.show_as(status, "sign_in.html", context! { code, why, to => within(to) })
}

pub(super) async fn post(seen: Seen, posted: Posted) -> Shown {
    let to = posted.text("to").unwrap_or_default();
    let wrong = |why: &str| Ok(page(&seen, StatusCode::UNPROCESSABLE_ENTITY, why, &to));
    let mut credential = match posted.text("code") {
        Some(code) => match seen.console.codes.redeem(&code) {
            Some(link) => sign_in::credential(link),
            None => return wrong("sign_in.over"),
        },
        None => match posted.get("secret.token").and_then(sign_in::token) {
            Some(token) => Credential {
                who: seen.say("sign_in.by_token"),
                token,
                organization: named(&posted),
                until: None,
            },
            None => return wrong("sign_in.wrong"),
        },
    };
    match sign_in::known(&seen.console.carrier, &credential.token).await {
        Err(Error::Refused { status: 401, .. }) => wrong("sign_in.wrong"),
        Err(e) => Err(Problem::Away(e.to_string())),
        Ok((known, organization)) => {
            credential.organization = credential.organization.or(organization);
            // A name that somebody else may have planted means nothing from here on.
            seen.name.as_deref().inspect(|name| seen.console.sessions.close(name));
            let name = seen.console.sessions.open(credential, known);
            Ok(with_cookie(&seen, see(within(&to).strip_prefix(BASE).unwrap_or_default()), Some(&name)))
        }
    }
}

/// The organization that somebody says the token is of.
fn named(posted: &Posted) -> Option<i64> {
    posted.text("organization").and_then(|text| text.parse().ok())
}

/// Where to go after signing in: to a page of ours, whatever was asked for.
fn within(to: &str) -> &str {
    let is_ours = to == BASE || to.starts_with(&format!("{BASE}/")) || to.starts_with(&format!("{BASE}?"));
    let is_plain = to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') && !to.contains("//");
    if is_ours && is_plain { to } else { BASE }
}

pub(super) async fn sign_out(visit: Visit) -> Response {
    visit.name.as_deref().inspect(|name| visit.console.sessions.close(name));
    with_cookie(&visit, see("/sign-in"), None)
}

fn with_cookie(seen: &Seen, response: Response, name: Option<&str>) -> Response {
    let is_secure = seen.console.is_secure();
    let cookie = Secret::new(format!(
        "{}={}; Path=/; HttpOnly; SameSite=Lax{}{}",
        prefixed(is_secure, SESSION),
        name.unwrap_or_default(),
        if is_secure { "; Secure" } else { "" },
        if name.is_none() { "; Max-Age=0" } else { "" },
    ));
    match HeaderValue::try_from(cookie.expose().as_str()) {
        Ok(cookie) => ([(SET_COOKIE, cookie)], response).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere_after_signing_in() {
        for ours in ["/console", "/console/services/1/settings?group=dpop"] {
            assert_eq!(within(ours), ours);
        }
        for other in [
            "",
            "/",
            "//evil.example",
            "https://evil.example",
            "/consolex",
            "/console//evil",
            "/console/\\evil",
            "/as",
        ] {
            assert_eq!(within(other), BASE, "{other}");
        }
    }
}
