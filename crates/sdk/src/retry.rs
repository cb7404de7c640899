//! When a call is made again, and after how long.

use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderMap, Response, StatusCode};
use placet_api::endpoints::{EndpointId, Row};

use crate::transport::TransportError;

/// How often a call is repeated, and how long it waits. Only what is safe is repeated: anything that never
/// reached the API or that it turned away with 429, and, after a lost or late answer or a 502, 503 or 504, the
/// operations that change nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Repetitions after the first attempt; 0 for none.
    pub times: u32,
    /// The first pause; each further one is twice as long. A random part of it, up to a half, is left out, so
    /// that callers that failed together do not return together.
    pub pause: Duration,
    /// The longest pause. A `Retry-After` that asks for more ends the repeating.
    pub longest: Duration,
}

impl Default for Retry {
    /// Three repetitions after 100, 200 and 400 ms, and no pause beyond 10 s.
    fn default() -> Self {
        Self { times: 3, pause: Duration::from_millis(100), longest: Duration::from_secs(10) }
    }
}

impl Retry {
    /// Every call is made once.
    pub const NEVER: Self = Self { times: 0, pause: Duration::ZERO, longest: Duration::ZERO };

    /// The pause before the next attempt, `attempt` of them having failed; `None` when there shall be none.
    /// `random` is a random byte.
    pub(crate) fn pause(
        &self,
        attempt: u32,
        safe: bool,
        result: &Result<Response<bytes::Bytes>, TransportError>,
        random: u8,
    ) -> Option<Duration> {
        let again = match result {
            Err(TransportError::Unreached(_)) => true,
            Err(TransportError::Lost(_) | TransportError::TimedOut) => safe,
            Ok(response) => match response.status() {
                StatusCode::TOO_MANY_REQUESTS => true,
                StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
                    safe
                }
                _ => false,
            },
        };
        if !again || attempt >= self.times {
            return None;
        }
        let doubled = self.pause.saturating_mul(1 << attempt.min(16)).min(self.longest);
        let backed_off = doubled - doubled.mul_f64(f64::from(random) / 512.0);
        let asked = result.as_ref().ok().and_then(|response| retry_after(response.headers()));
        let pause = asked.map_or(backed_off, |asked| asked.max(backed_off));
        (pause <= self.longest).then_some(pause)
    }
}

/// RFC 9110 §10.2.3, in seconds. The form with a date is not read: it would need a clock that agrees.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// Whether carrying the operation out twice is the same as once, seen by everybody.
pub(crate) fn is_safe(row: &Row, body: &[u8]) -> bool {
    match row.id {
        // A new secret each time, although it is a GET; and a key that is destroyed is not found again.
        EndpointId::client_secret_refresh | EndpointId::hsk_delete_get => false,
        // A DPoP proof is good once (RFC 9449 §11.1).
        EndpointId::introspection | EndpointId::userinfo => !has_member(body, "dpop"),
        // An assertion of the client is good once too (RFC 7523 §3).
        EndpointId::introspection_standard => !has_member(body, "requireClientAuthentication"),
        EndpointId::userinfo_issue
        | EndpointId::authorization_ticket_info
        | EndpointId::service_configuration_post
        | EndpointId::client_authorization_get_list_post
        | EndpointId::client_granted_scopes_get_post
        | EndpointId::client_registration_get
        | EndpointId::jose_verify
        | EndpointId::servicetoken_all
        | EndpointId::organizationtoken_all => true,
        _ => row.method == "GET",
    }
}

fn has_member(body: &[u8], name: &str) -> bool {
    serde_json::from_slice::<serde_json::Value>(body).is_ok_and(|body| body.get(name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, after: Option<&'static str>) -> Result<Response<bytes::Bytes>, TransportError> {
        let mut response = Response::new(bytes::Bytes::new());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        if let Some(after) = after {
            response.headers_mut().insert(RETRY_AFTER, after.parse().unwrap());
        }
        Ok(response)
    }

    #[test]
    fn only_what_is_safe_is_repeated() {
        let retry = Retry::default();
        let again = |safe, result: &_| retry.pause(0, safe, result, 0).is_some();
        for (result, safe, unsafe_) in [
            (Err(TransportError::Unreached(String::new())), true, true),
            (Err(TransportError::Lost(String::new())), true, false),
            (Err(TransportError::TimedOut), true, false),
            (answered(429, None), true, true),
            (answered(503, None), true, false),
            (answered(500, None), false, false),
            (answered(400, None), false, false),
            (answered(200, None), false, false),
        ] {
            assert_eq!((again(true, &result), again(false, &result)), (safe, unsafe_));
        }
    }

    #[test]
    fn pauses_double_and_end() {
        let retry = Retry::default();
        let lost = Err(TransportError::TimedOut);
        let pauses: Vec<_> = (0..4).map(|attempt| retry.pause(attempt, true, &lost, 0)).collect();
        let expected = [100, 200, 400].map(|ms| Some(Duration::from_millis(ms)));
        assert_eq!(pauses, [&expected[..], &[None]].concat());
        assert!(retry.pause(0, true, &lost, 255).unwrap() > Duration::from_millis(50));
    }

    #[test]
    fn the_api_may_ask_for_more_time_but_not_for_ever() {
        let retry = Retry::default();
        assert_eq!(retry.pause(0, false, &answered(429, Some("2")), 0), Some(Duration::from_secs(2)));
        assert_eq!(retry.pause(0, false, &answered(429, Some("3600")), 0), None);
    }

    #[test]
    fn a_proof_is_not_sent_twice() {
        let row = EndpointId::introspection.row();
        assert!(is_safe(row, br#"{"token":"a"}"#));
        assert!(!is_safe(row, br#"{"token":"a","dpop":"p"}"#));
        let row = EndpointId::introspection_standard.row();
        assert!(is_safe(row, br#"{"parameters":"token=a"}"#));
        assert!(!is_safe(row, br#"{"parameters":"token=a","requireClientAuthentication":true}"#));
        assert!(!is_safe(EndpointId::client_secret_refresh.row(), b""));
        assert!(!is_safe(EndpointId::token.row(), b"{}"));
    }
}
