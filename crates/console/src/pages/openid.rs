//! Signing in by an OpenID provider.

use axum::response::{IntoResponse, Redirect, Response};
use http::header::SET_COOKIE;
use http::{HeaderValue, StatusCode};
use placet_sdk::Secret;

use super::Shown;
use super::sign_in::{opened, page, within};
use crate::BASE;
use crate::openid::{Answered, Failure};
use crate::problem::Problem;
use crate::sign_in;
use crate::visit::{OPENID, Seen, prefixed};

/// Sends the browser to the provider.
pub(super) async fn begin(seen: Seen) -> Shown {
    let sign_ins = seen.console.openid.as_ref().ok_or(Problem::NotFound)?;
    let to = within(&seen.asked("to").unwrap_or_default()).to_owned();
    match sign_ins.begin(to).await {
        Ok((url, name)) => Ok(held(&seen, Redirect::to(&url).into_response(), Some(&name))),
        Err(failure) => Ok(failed(&seen, &failure)),
    }
}

/// The browser comes back.
pub(super) async fn finish(seen: Seen) -> Shown {
    let sign_ins = seen.console.openid.as_ref().ok_or(Problem::NotFound)?;
    let [state, code, iss, error] = ["state", "code", "iss", "error"].map(|name| seen.asked(name));
    let answer = Answered { state, code, iss, error };
    let carrier = &seen.console.carrier;
    let response = match sign_ins.finish(carrier, seen.openid.as_deref(), &answer).await {
        Ok((credential, to)) => {
            let known = sign_in::known(carrier, &credential.token).await?;
            opened(&seen, &to, credential, known, None).await
        }
        Err(failure) => failed(&seen, &failure),
    };
    Ok(held(&seen, response, None))
}

fn failed(seen: &Seen, failure: &Failure) -> Response {
    tracing::warn!(source = %failure, "nobody was signed in by the OpenID provider");
    // The address of this page has a code, which is not to stand in its links.
    let mut seen = seen.clone();
    seen.here = format!("{BASE}/sign-in");
    page(&seen, StatusCode::UNPROCESSABLE_ENTITY, failure.text(), "")
}

/// Has the browser hold the name of a sign-in, or hold it no more.
fn held(seen: &Seen, mut response: Response, name: Option<&str>) -> Response {
    let is_secure = seen.console.is_secure();
    let cookie = Secret::new(format!(
        "{}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{}",
        prefixed(is_secure, OPENID),
        name.unwrap_or_default(),
        if name.is_some() { crate::budgets::CODE_SECONDS } else { 0 },
        if is_secure { "; Secure" } else { "" },
    ));
    match HeaderValue::try_from(cookie.expose().as_str()) {
        Ok(cookie) => {
            response.headers_mut().append(SET_COOKIE, cookie);
            response
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
