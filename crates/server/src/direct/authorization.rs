//! The authorization endpoint (RFC 6749 §3.1): placet never talks to a browser, and sends it on to the page that does.

use hyper::header::{HeaderValue, LOCATION};
use hyper::{Method, StatusCode};
use placet_base::form;
use placet_base::url::AbsoluteUri;
use placet_sdk::respond;
use placet_serving::TimedBody;

use super::{Answer, Asked};

/// A form goes on as a query: a page need not take anything else (§3.1), and 303 makes every browser ask with GET
/// (RFC 9110 §15.4.4).
pub(super) async fn answer(asked: &Asked<'_>, page: &AbsoluteUri, body: TimedBody) -> Answer {
    let query = asked.head.uri.query().unwrap_or_default();
    let target = form::with_query(page.as_str(), query);
    if asked.head.method != Method::POST {
        return see_other(&target);
    }
    match asked.form(body).await {
        Ok(text) if is_query(&text) => see_other(&form::with_query(&target, &text)),
        Ok(_) => malformed(),
        Err(refusal) => *refusal,
    }
}

/// RFC 3986 §3.4: a body may have characters that end a query, or are in no address.
fn is_query(form: &str) -> bool {
    form.bytes().all(|b| b.is_ascii_graphic() && b != b'#')
}

fn see_other(target: &str) -> Answer {
    let Ok(target) = HeaderValue::try_from(target) else { return malformed() };
    let mut response = respond::typed(StatusCode::SEE_OTHER, "text/plain", String::new());
    response.headers_mut().insert(LOCATION, target);
    response
}

fn malformed() -> Answer {
    respond::unsupported("invalid_request", "The parameters have characters that need to be escaped.")
}
