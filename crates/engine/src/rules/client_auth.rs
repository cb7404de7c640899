//! RFC 6749 §2.3 – that a client is who it says

mod secret;

use std::sync::Arc;

use placet_api::Reason;
use placet_base::registry::ClientAuthMethod;

use crate::fault::Fault;
use crate::rules::params::Params;
use crate::tenant::{Client, Secrecy};

/// What a client sent to prove itself.
pub struct Credentials<'a> {
    /// From the `Authorization: Basic` header.
    basic: Option<(&'a str, &'a str)>,
    pub params: &'a Params,
}

impl<'a> Credentials<'a> {
    /// `id` and `secret` as the header had them, if there was one.
    pub fn new(id: Option<&'a str>, secret: Option<&'a str>, params: &'a Params) -> Self {
        let basic = id.filter(|id| !id.is_empty()).map(|id| (id, secret.unwrap_or_default()));
        Self { basic, params }
    }
}

/// A client that has proven itself, as far as its type demands.
///
/// ```compile_fail,E0423
/// fn forged(client: std::sync::Arc<placet_engine::tenant::Client>) {
///     placet_engine::rules::client_auth::Authenticated(client);
/// }
/// ```
pub struct Authenticated(Arc<Client>);

impl Authenticated {
    pub fn shared(&self) -> Arc<Client> {
        self.0.clone()
    }
}

impl std::ops::Deref for Authenticated {
    type Target = Client;
    fn deref(&self) -> &Client {
        &self.0
    }
}

/// The identifier that the request gives, wherever it stands; it must be the same everywhere.
pub fn identifier<'a>(credentials: &Credentials<'a>) -> Result<Option<&'a str>, Fault> {
    let named = credentials.params.one("client_id")?;
    match (credentials.basic.map(|(id, _)| id), named) {
        (Some(basic), Some(named)) if basic != named => Err(Reason::ClientNamedTwice {}.into()),
        (basic, named) => Ok(basic.or(named)),
    }
}

/// Holds the credentials against the client's own method, which must be one of `supported`. A client
/// cannot choose another method than the one it has registered.
pub fn authenticated(
    client: Arc<Client>,
    credentials: &Credentials<'_>,
    supported: &[ClientAuthMethod],
) -> Result<Authenticated, Fault> {
    let method = client.auth_method;
    let Secrecy::Confidential(expected) = &client.secrecy else {
        return secret::absent(credentials).map(|()| Authenticated(client));
    };
    if method == ClientAuthMethod::None {
        return Err(Reason::ConfidentialClientWithoutMethod {}.into());
    }
    if !supported.contains(&method) {
        return Err(Reason::AuthMethodUnsupported { method: method.protocol_name().to_owned() }.into());
    }
    let presented = match method {
        ClientAuthMethod::ClientSecretBasic => secret::basic(credentials)?,
        ClientAuthMethod::ClientSecretPost => secret::post(credentials)?,
        _ => return Err(Reason::AuthMethodUnsupported { method: method.protocol_name().to_owned() }.into()),
    };
    if !expected.matches(presented) {
        return Err(Reason::SecretWrong {}.into());
    }
    Ok(Authenticated(client))
}
