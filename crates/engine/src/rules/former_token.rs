//! RFC 7662 §2.2 – what the server that a service was at before says of a token that it has issued

use placet_base::{Scopes, Subject, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use crate::rules::sender::Binding;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Access,
    Refresh,
}

/// A token of the former server, that is in force.
#[derive(Debug)]
pub struct FormerToken {
    /// The client, as it is called there.
    pub client: String,
    /// Nobody where the client acts for itself.
    pub subject: Option<Subject>,
    pub scopes: Scopes,
    pub audience: Vec<String>,
    pub binding: Binding,
    pub acr: Option<String>,
    /// Seconds since the epoch.
    pub auth_time: Option<i64>,
    /// Of what does not say when it was made, whatever revokes something has revoked it too.
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
}

/// The members that are looked at.
#[derive(Deserialize)]
struct Answer {
    active: bool,
    client_id: Option<String>,
    sub: Option<String>,
    scope: Option<String>,
    aud: Option<Value>,
    exp: Option<i64>,
    iat: Option<i64>,
    nbf: Option<i64>,
    cnf: Option<Confirmation>,
    acr: Option<String>,
    auth_time: Option<i64>,
    token_type: Option<String>,
    /// Hydra.
    token_use: Option<String>,
    /// Keycloak.
    typ: Option<String>,
}

/// RFC 7800 §3.1. What is bound in a way that is not known here cannot be taken over.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    jkt: Option<String>,
    #[serde(rename = "x5t#S256")]
    x5t: Option<String>,
}

/// The token, if the answer says that it is in force until `most` at the latest, and of the kind that it was presented as.
pub fn read(text: &str, which: Kind, (now, most): (Timestamp, Timestamp)) -> Option<FormerToken> {
    let answer: Answer = serde_json::from_str(text).ok()?;
    let begun = answer.nbf.is_none_or(|nbf| Timestamp::from_secs(nbf).millis() <= now.millis());
    let expires_at = answer.exp.map_or(most, |exp| Timestamp::from_secs(exp).min(most));
    if !answer.active || !begun || expires_at.is_past(now) || !answer.is(which) {
        return None;
    }
    let client = answer.client_id.filter(|client| !client.is_empty())?;
    let subject = answer.sub.filter(|subject| *subject != client && !subject.is_empty());
    let cnf = answer.cnf.unwrap_or(Confirmation { jkt: None, x5t: None });
    Some(FormerToken {
        subject: subject.map(|text| Subject::parse(&text)).transpose().ok()?,
        scopes: answer.scope.iter().flat_map(|scope| scope.split(' ')).filter(|s| !s.is_empty()).collect(),
        audience: audience(answer.aud)?,
        binding: Binding { jkt: cnf.jkt, x5t: cnf.x5t, instance: None },
        acr: answer.acr,
        auth_time: answer.auth_time.filter(|time| *time > 0),
        issued_at: Timestamp::from_secs(answer.iat.unwrap_or(0)),
        expires_at,
        client,
    })
}

/// One text or several (RFC 7519 §4.1.3).
fn audience(aud: Option<Value>) -> Option<Vec<String>> {
    match aud {
        None => Some(Vec::new()),
        Some(Value::String(one)) => Some(vec![one]),
        Some(several) => serde_json::from_value(several).ok(),
    }
}

impl Answer {
    /// Whether the answer is about a token of this kind. The hint of a question may be passed over (§2.1), and a refresh token is no
    /// access token: an answer that does not say which it is, is about neither.
    fn is(&self, which: Kind) -> bool {
        let said = self.token_use.as_deref().or(self.typ.as_deref()).map(str::to_ascii_lowercase);
        let kind = match said.as_deref() {
            Some("access_token" | "bearer" | "dpop" | "at+jwt") => Some(Kind::Access),
            Some("refresh_token" | "refresh" | "offline") => Some(Kind::Refresh),
            Some(_) => None,
            // RFC 6749 §5.1: a type is one of access tokens; node-oidc-provider says none of refresh tokens.
            None => match self.token_type.as_deref().map(str::to_ascii_lowercase).as_deref() {
                Some("bearer" | "dpop") => Some(Kind::Access),
                Some(_) => None,
                None => Some(Kind::Refresh),
            },
        };
        kind == Some(which)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(which: Kind, text: &str) -> Option<FormerToken> {
        read(text, which, (Timestamp::from_secs(100), Timestamp::from_secs(1000)))
    }

    #[test]
    fn a_token_in_force_is_read() {
        let text = r#"{"active":true,"client_id":"app","sub":"john","scope":"a b","token_type":"Bearer","exp":200,"iat":50,"aud":["x"],"cnf":{"jkt":"k"}}"#;
        let token = read_as(Kind::Access, text).unwrap();
        assert_eq!((token.client.as_str(), token.subject.unwrap().as_str()), ("app", "john"));
        assert_eq!(
            (token.scopes.to_vec().len(), token.audience, token.binding.jkt),
            (2, vec!["x".into()], Some("k".into()))
        );
        assert_eq!(token.expires_at, Timestamp::from_secs(200));
        assert!(read_as(Kind::Refresh, text).is_none(), "an access token is no refresh token");
        // It lives here no longer than others are asked about.
        let endless = r#"{"active":true,"client_id":"app","sub":"app","token_use":"access_token"}"#;
        let token = read_as(Kind::Access, endless).unwrap();
        assert_eq!((token.expires_at, token.subject), (Timestamp::from_secs(1000), None));
    }

    #[test]
    fn a_refresh_token_is_what_is_said_to_be_one() {
        for text in [
            r#"{"active":true,"client_id":"app","sub":"john","typ":"Refresh"}"#,
            r#"{"active":true,"client_id":"app","sub":"john","token_use":"refresh_token","token_type":"Bearer"}"#,
            r#"{"active":true,"client_id":"app","sub":"john"}"#,
        ] {
            assert!(read_as(Kind::Refresh, text).is_some(), "{text}");
            assert!(read_as(Kind::Access, text).is_none(), "{text}");
        }
    }

    #[test]
    fn what_is_not_in_force_or_not_understood_is_none() {
        for text in [
            "",
            "[]",
            r#"{"active":false}"#,
            r#"{"active":"true","client_id":"app","token_type":"Bearer"}"#,
            r#"{"active":true,"token_type":"Bearer"}"#,
            r#"{"active":true,"client_id":"app","token_type":"Bearer","exp":99}"#,
            r#"{"active":true,"client_id":"app","token_type":"Bearer","nbf":101}"#,
            r#"{"active":true,"client_id":"app","token_type":"mac"}"#,
            r#"{"active":true,"client_id":"app","typ":"ID","token_type":"Bearer"}"#,
            r#"{"active":true,"client_id":"app","token_type":"Bearer","cnf":{"jwk":{}}}"#,
            r#"{"active":true,"client_id":"app","token_type":"Bearer","aud":7}"#,
            r#"{"active":true,"client_id":"app","token_type":"Bearer","sub":"ü"}"#,
        ] {
            assert!(read_as(Kind::Access, text).is_none(), "{text}");
        }
    }
}
