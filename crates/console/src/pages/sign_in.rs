//! Signing in and out.

use axum::response::{IntoResponse, Response};
use http::header::SET_COOKIE;
use http::{HeaderValue, StatusCode};
use minijinja::context;
use placet_sdk::types::MemberAcceptRequest;
use placet_sdk::{Error, Secret, form};

use super::{Shown, see};
use crate::BASE;
use crate::api;
use crate::posted::Posted;
use crate::problem::Problem;
use crate::rights::Known;
use crate::sessions::Credential;
use crate::sign_in;
use crate::told::Told;
use crate::visit::{SESSION, Seen, Visit, prefixed};

pub(super) async fn get(seen: Seen) -> Response {
    page(&seen, StatusCode::OK, "", &seen.asked("to").unwrap_or_default())
}

pub(super) fn page(seen: &Seen, status: StatusCode, why: &str, to: &str) -> Response {
    // A link is followed by a button: what looks at links before people do uses none of them up.
    let code = seen.asked("code").filter(|_| why.is_empty());
    seen.show_as(status, "sign_in.html", context! { code, why, to => within(to), openid => seen.console.openid.is_some(), to_query => form::encode([("to", within(to))]) })
}

pub(super) async fn post(seen: Seen, posted: Posted) -> Shown {
    let to = posted.text("to").unwrap_or_default();
    let wrong = |why: &str| Ok(page(&seen, StatusCode::UNPROCESSABLE_ENTITY, why, &to));
    if let Some(code) = posted.text("secret.invitation") {
        return invited(&seen, code).await;
    }
    let (credential, is_typed) = match posted.text("code") {
        Some(code) => match seen.console.codes.redeem(&code) {
            Some(link) => (sign_in::credential(link), false),
            None => return wrong("sign_in.over"),
        },
        None => match posted.get("secret.token").and_then(sign_in::token) {
            Some(token) => (permanent(token, seen.say("sign_in.by_token")), true),
            None => return wrong("sign_in.wrong"),
        },
    };
    match sign_in::known(&seen.console.carrier, &credential.token).await {
        Err(Error::Refused { status: 401, .. }) => wrong("sign_in.wrong"),
        Err(e) => Err(Problem::Away(e.to_string())),
        Ok(known) => {
            let said = known.description.clone().filter(|_| is_typed);
            let credential = Credential { who: said.unwrap_or_else(|| credential.who.clone()), ..credential };
            Ok(opened(&seen, &to, credential, known, None).await)
        }
    }
}

/// Takes an invitation up: whoever has its code is a member from then on, with a token that is shown once.
async fn invited(seen: &Seen, code: String) -> Shown {
    let nobody = api::api(&seen.console.carrier, &Secret::new(String::new()));
    let request = MemberAcceptRequest { invitation_code: Some(code) };
    let member = match nobody.member_accept(request).await {
        Ok(member) => member.body,
        Err(Error::Refused { status: 400..500, .. }) => {
            return Ok(page(seen, StatusCode::UNPROCESSABLE_ENTITY, "sign_in.no_invitation", ""));
        }
        Err(e) => return Err(Problem::Away(e.to_string())),
    };
    let value = member.access_token.unwrap_or_default();
    let token = sign_in::token(&value).ok_or(Problem::Wrong("sign_in.wrong"))?;
    let known = sign_in::known(&seen.console.carrier, &token).await?;
    let who = member.email.unwrap_or_default();
    let credential = permanent(token, who);
    let told = Told::done("told.joined").with_secret("tokens.value", value);
    Ok(opened(seen, BASE, credential, known, Some(told)).await)
}

/// A token that was there before the session, and stays when that is over.
fn permanent(token: Secret, who: String) -> Credential {
    Credential { token, who, until: None, is_of_session: false }
}

/// Opens a session and goes to a page. A name that somebody else may have planted means nothing from here on.
pub(super) async fn opened(
    seen: &Seen,
    to: &str,
    credential: Credential,
    known: Known,
    told: Option<Told>,
) -> Response {
    let sessions = &seen.console.sessions;
    close(seen).await;
    let name = sessions.open(credential, known);
    if let (Some(session), Some(told)) = (sessions.find(&name), told) {
        session.tell(told);
    }
    with_cookie(seen, see(within(to).strip_prefix(BASE).unwrap_or_default()), Some(&name))
}

/// Ends the session that the browser has, if it has one.
async fn close(seen: &Seen) {
    if let Some(session) = seen.name.as_deref().and_then(|name| seen.console.sessions.close(name)) {
        sign_in::ended(&seen.console.carrier, &session).await;
    }
}

/// Where to go after signing in: to a page of ours, whatever was asked for.
pub(super) fn within(to: &str) -> &str {
    let is_ours = to == BASE || to.starts_with(&format!("{BASE}/")) || to.starts_with(&format!("{BASE}?"));
    let is_plain = to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') && !to.contains("//");
    if is_ours && is_plain { to } else { BASE }
}

pub(super) async fn sign_out(visit: Visit) -> Response {
    close(&visit).await;
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
