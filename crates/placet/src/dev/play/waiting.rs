//! Flows in which the person answers elsewhere: on another device, or in an inbox. The client asks for its tokens when it is made to.

use data_encoding::BASE64;
use qrcode::QrCode;
use qrcode::render::svg;
use serde_json::Value;

use super::client::{Opening, Outcome, RelyingParty};
use super::flow::{Flow, query};
use super::record::pretty;

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const CIBA: &str = "urn:openid:params:grant-type:ciba";
const SCOPE: &str = "openid profile email orders:read";

/// A request that the person has not answered yet.
#[derive(Clone)]
pub(super) struct Waiting {
    /// What is sent to the token endpoint.
    grant: [(&'static str, String); 2],
    /// What the client was told when it asked too early: an error code.
    pub(super) told: Option<String>,
    /// What the person types in, or compares.
    pub(super) code: String,
    /// Where the person answers.
    pub(super) uri: String,
    /// The same as a picture to be photographed: an SVG as a `data:` URL.
    pub(super) picture: Option<String>,
}

impl Waiting {
    pub(super) fn told(self, told: String) -> Self {
        Self { told: Some(told), ..self }
    }
}

/// What the client hears when it asks for its tokens.
pub(super) enum Polled {
    /// Not yet, and why.
    Early(String),
    Ended(Outcome),
}

impl RelyingParty {
    /// Asks for codes, or for the user behind their back.
    pub(super) async fn asked_elsewhere(&self, id: &str, flow: Flow) -> Result<Waiting, String> {
        let scope = ("scope", SCOPE.to_owned());
        let code: String = self.identifier().chars().filter(char::is_ascii_alphanumeric).take(5).collect();
        let code = code.to_uppercase();
        let (path, pairs) = match flow {
            Flow::Ciba => {
                let hint = ("login_hint", "john".to_owned());
                ("/as/backchannel_authentication", vec![scope, hint, ("binding_message", code.clone())])
            }
            _ => ("/as/device_authorization", vec![scope]),
        };
        let answer = self.post(id, path, query(&pairs), None).await?;
        let text = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
        let missing = || pretty(&answer.to_string());
        if flow == Flow::Ciba {
            let request = text("auth_req_id").ok_or_else(missing)?;
            let grant = [("grant_type", CIBA.to_owned()), ("auth_req_id", request)];
            return Ok(Waiting { grant, told: None, code, uri: "/as/inbox".to_owned(), picture: None });
        }
        let device_code = text("device_code").ok_or_else(missing)?;
        let uri = text("verification_uri_complete").ok_or_else(missing)?;
        let grant = [("grant_type", DEVICE.to_owned()), ("device_code", device_code)];
        let code = text("user_code").ok_or_else(missing)?;
        Ok(Waiting { grant, told: None, code, picture: picture(&uri), uri })
    }

    /// Asks for the tokens.
    pub(super) async fn polled(&self, id: &str, waiting: &Waiting) -> Polled {
        let tokens = match self.post(id, "/as/token", query(&waiting.grant), None).await {
            Ok(tokens) => tokens,
            Err(problem) => return Polled::Ended(Outcome::failed(problem)),
        };
        let error = tokens.get("error").and_then(Value::as_str);
        if let Some(told @ ("authorization_pending" | "slow_down")) = error {
            return Polled::Early(told.to_owned());
        }
        let mut outcome = Outcome::default();
        let opened = async {
            let keys = self.get(id, "/as/jwks", None).await?;
            self.opened(id, &tokens, Opening { key: None, nonce: None, keys: &keys }, &mut outcome).await
        };
        let problem = opened.await.err();
        Polled::Ended(Outcome { problem, ..outcome })
    }
}

/// RFC 8628 §3.3.1: an address that a telephone reads off a screen.
fn picture(uri: &str) -> Option<String> {
    let code = QrCode::new(uri).ok()?;
    let image = code.render::<svg::Color<'_>>().min_dimensions(200, 200).build();
    Some(format!("data:image/svg+xml;base64,{}", BASE64.encode(image.as_bytes())))
}
