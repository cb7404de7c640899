//! OpenID Connect Back-Channel Logout 1.0 §2.4 – the logout token, unsigned.

use data_encoding::BASE64URL_NOPAD;
use placet_base::{Timestamp, Ttl};
use placet_jose::{Header, Unsigned};
use serde_json::{Map, json};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// §4: short, so that a token that was caught cannot be kept for later.
const LIFETIME: Ttl = Ttl::secs(120);

/// Whose session has ended.
pub struct EndedSession {
    /// Value of `sub`.
    pub sub: Option<String>,
    /// Value of `sid`.
    pub session: Option<String>,
}

pub fn unsigned(
    issuer: &str,
    audience: &str,
    now: Timestamp,
    jti: [u8; 16],
    ended: EndedSession,
) -> Unsigned {
    let mut header = Header::new();
    header.insert("typ".into(), "logout+jwt".into());
    let mut claims = Map::new();
    claims.insert("iss".into(), issuer.into());
    claims.insert("aud".into(), audience.into());
    claims.insert("iat".into(), now.as_secs().into());
    claims.insert("exp".into(), (now + LIFETIME).as_secs().into());
    claims.insert("jti".into(), BASE64URL_NOPAD.encode(&jti).into());
    claims.insert("events".into(), json!({ EVENT: {} }));
    let named = [("sub", ended.sub), ("sid", ended.session)];
    claims.extend(named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))));
    Unsigned { header, claims }
}
