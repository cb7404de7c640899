//! How the client proves itself at endpoints of the authorization server (RFC 6749 §2.3, RFC 7523 §2.2).

use std::path::Path;

use data_encoding::{BASE64, BASE64URL_NOPAD};
use placet_jose::{Header, Jwk, SigningKey, Unsigned};
use placet_sdk::form;
use placet_sdk::registry::{ClientAuthMethod, JwsAlg};
use placet_sdk::types::{Client, Service};
use serde_json::{Map, Value, json};

use crate::Surroundings;
use crate::document::read_text;
use crate::exit::Failure;

/// How long an assertion is good, in seconds.
const ASSERTION: i64 = 60;

/// Parameters of a form.
pub(super) type Pairs = Vec<(String, String)>;

pub(super) struct Proof {
    client_id: String,
    how: How,
}

enum How {
    Nothing,
    Basic(String),
    Post(String),
    Assertion { key: Box<SigningKey>, audience: String },
}

impl Proof {
    pub(super) fn of(
        service: &Service,
        client: &Client,
        key_file: Option<&Path>,
        certified: bool,
    ) -> Result<Self, Failure> {
        use ClientAuthMethod as Method;
        let client_id = client.client_id.unwrap_or_default().to_string();
        let secret = || {
            client
                .client_secret
                .clone()
                .ok_or_else(|| Failure::failed("the client's secret is not told to this token"))
        };
        let how = match client.token_auth_method.unwrap_or(Method::ClientSecretBasic) {
            Method::None => How::Nothing,
            Method::ClientSecretBasic => How::Basic(secret()?),
            Method::ClientSecretPost => How::Post(secret()?),
            Method::ClientSecretJwt => {
                let key = json!({ "kty": "oct", "k": BASE64URL_NOPAD.encode(secret()?.as_bytes()) });
                assertion(service, &key, client.token_auth_sign_alg.unwrap_or(JwsAlg::Hs256))?
            }
            Method::PrivateKeyJwt => {
                let file = key_file.ok_or_else(|| {
                    Failure::usage("the client proves itself with a key: say --key-file FILE")
                })?;
                let key =
                    serde_json::from_str(&read_text(file)?).map_err(|e| Failure::usage(e.to_string()))?;
                assertion(service, &key, client.token_auth_sign_alg.unwrap_or(JwsAlg::Es256))?
            }
            // RFC 8705 §2: the connection is the proof.
            Method::TlsClientAuth | Method::SelfSignedTlsClientAuth => match certified {
                true => How::Nothing,
                false => {
                    let message =
                        "the client proves itself with a certificate: say --cert FILE and --key FILE";
                    return Err(Failure::usage(message));
                }
            },
            other => {
                let message = format!(
                    "the client proves itself by {}, which this command cannot",
                    other.protocol_name()
                );
                return Err(Failure::usage(message));
            }
        };
        Ok(Self { client_id, how })
    }

    pub(super) fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The parameters with those of the proof, and the value for `Authorization`.
    pub(super) fn added(
        &self,
        mut pairs: Pairs,
        surroundings: &Surroundings,
    ) -> Result<(Pairs, Option<String>), Failure> {
        let mut add = |name: &str, value: &str| pairs.push((name.to_owned(), value.to_owned()));
        match &self.how {
            How::Basic(secret) => return Ok((pairs, Some(basic(&self.client_id, secret)))),
            How::Nothing => add("client_id", &self.client_id),
            How::Post(secret) => {
                add("client_id", &self.client_id);
                add("client_secret", secret);
            }
            How::Assertion { key, audience } => {
                add("client_id", &self.client_id);
                add("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
                add("client_assertion", &self.signed(key, audience, surroundings)?);
            }
        }
        Ok((pairs, None))
    }

    fn signed(
        &self,
        key: &SigningKey,
        audience: &str,
        surroundings: &Surroundings,
    ) -> Result<String, Failure> {
        let now = surroundings.ambient.clock.seconds();
        let claims = json!({
            "iss": self.client_id, "sub": self.client_id, "aud": audience, "iat": now, "exp": now + ASSERTION,
            "jti": surroundings.ambient.entropy.identifier(),
        });
        let claims: Map<String, Value> = claims.as_object().cloned().unwrap_or_default();
        let input = Unsigned { header: Header::new(), claims }.signing_input(key);
        let signature = key.sign(input.as_bytes()).ok_or_else(|| Failure::failed("the key does not sign"))?;
        Ok(Unsigned::compact(input, &signature))
    }
}

fn assertion(service: &Service, key: &Value, alg: JwsAlg) -> Result<How, Failure> {
    let wrong = || Failure::usage(format!("the client's key does not sign with {}", alg.protocol_name()));
    let key = Jwk::parse(key).and_then(|jwk| jwk.signing_key(alg)).ok_or_else(wrong)?;
    let audience = service.issuer.clone().unwrap_or_default();
    Ok(How::Assertion { key: Box::new(key), audience })
}

/// RFC 6749 §2.3.1: both are encoded as in a form first.
fn basic(id: &str, secret: &str) -> String {
    let encoded = |text: &str| {
        let mut out = String::new();
        form::encode_into(text, &mut out);
        out
    };
    format!("Basic {}", BASE64.encode(format!("{}:{}", encoded(id), encoded(secret)).as_bytes()))
}
