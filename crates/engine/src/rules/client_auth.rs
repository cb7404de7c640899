//! RFC 6749 §2.3 – that a client is who it says

mod assertion;
mod attestation;
mod certificate;
mod secret;
mod spiffe;

use std::sync::Arc;

use placet_api::Reason;
use placet_base::Timestamp;
use placet_base::registry::ClientAuthMethod;
use placet_jose::{Certificate, JwkSet};

use crate::budgets::CERTIFICATE_PATH;
use crate::fault::Fault;
use crate::policy::ClientPolicy;
use crate::rules::params::Params;
use crate::rules::standing::Standing;
use crate::tenant::{Client, Secrecy, Tenant};

pub use assertion::Assertion;
pub use attestation::{Attestation, Instance};

/// What a client sent to prove itself.
pub struct Credentials<'a> {
    /// From the `Authorization: Basic` header.
    basic: Option<(&'a str, &'a str)>,
    pub params: &'a Params,
    /// The certificate of the TLS connection, and those above it.
    pub certificate: Option<Certificate>,
    path: Vec<Certificate>,
    attestation: Attestation<'a>,
}

impl<'a> Credentials<'a> {
    /// `id` and `secret` as the header had them, if there was one.
    pub fn new(id: Option<&'a str>, secret: Option<&'a str>, params: &'a Params) -> Self {
        let basic = id.filter(|id| !id.is_empty()).map(|id| (id, secret.unwrap_or_default()));
        Self {
            basic,
            params,
            certificate: None,
            path: Vec::new(),
            attestation: Attestation { attestation: None, proof: None },
        }
    }

    /// With the headers `OAuth-Client-Attestation` and `OAuth-Client-Attestation-PoP`.
    pub fn with_attestation(self, attestation: Option<&'a str>, proof: Option<&'a str>) -> Self {
        let given = |text: Option<&'a str>| text.filter(|text| !text.is_empty());
        Self { attestation: Attestation { attestation: given(attestation), proof: given(proof) }, ..self }
    }

    fn is_attested(&self) -> bool {
        self.attestation.attestation.is_some() || self.attestation.proof.is_some()
    }

    /// Neither a client is named, nor anything proven.
    pub fn of_nobody(&self) -> Result<bool, Fault> {
        let proofs = ["client_id", "client_secret", "client_assertion", "client_assertion_type"];
        for proof in proofs {
            if self.params.one(proof)?.is_some() {
                return Ok(false);
            }
        }
        Ok(self.basic.is_none() && !self.is_attested())
    }

    /// With the certificates that the connection brought. One that cannot be read is refused: it must
    /// not look as if there were none.
    pub fn with_certificate(
        mut self,
        certificate: Option<&str>,
        path: Option<&Vec<String>>,
    ) -> Result<Self, Fault> {
        self.certificate = certificate::parse(certificate)?;
        let path = path.into_iter().flatten().filter(|link| !link.is_empty());
        let path: Option<Vec<_>> =
            path.take(CERTIFICATE_PATH + 1).map(|link| Certificate::parse(link)).collect();
        self.path =
            path.filter(|path| path.len() <= CERTIFICATE_PATH).ok_or(Reason::CertificateMalformed {})?;
        Ok(self)
    }
}

/// What a rule needs to know besides the credentials.
pub struct AuthenticationContext<'a> {
    pub tenant: &'a Tenant,
    pub policy: &'a ClientPolicy,
    /// The keys of the client, where its method needs them.
    pub keys: Option<&'a JwkSet>,
    pub now: Timestamp,
    /// The methods that the endpoint takes.
    pub supported: &'a [ClientAuthMethod],
}

/// A client that has proven itself, as far as its type demands.
///
/// ```compile_fail,E0451
/// fn forged(client: std::sync::Arc<placet_engine::tenant::Client>) {
///     placet_engine::rules::client_auth::Authenticated { client, assertion: None, instance: None, standing: None };
/// }
/// ```
pub struct Authenticated {
    client: Arc<Client>,
    /// The assertion that was used, whose identifier must not be used again.
    assertion: Option<Assertion>,
    /// The instance of the client, where an attester has vouched for one.
    instance: Option<Instance>,
    /// Where it can be looked up whether the attester still does.
    standing: Option<Standing>,
}

impl Authenticated {
    pub fn shared(&self) -> Arc<Client> {
        self.client.clone()
    }

    pub fn instance(&self) -> Option<&Instance> {
        self.instance.as_ref()
    }

    pub fn take_standing(&mut self) -> Option<Standing> {
        self.standing.take()
    }

    pub fn take_assertion(&mut self) -> Option<Assertion> {
        self.assertion.take()
    }
}

/// A client that has proven itself with credentials, and not merely said who it is.
pub struct Confidential(());

impl Authenticated {
    /// RFC 6749 §4.4: client credentials are for confidential clients alone.
    pub fn confidential(&self) -> Result<Confidential, Fault> {
        if self.is_public() {
            return Err(Reason::ClientCredentialsForPublic {}.into());
        }
        Ok(Confidential(()))
    }
}

impl std::ops::Deref for Authenticated {
    type Target = Client;
    fn deref(&self) -> &Client {
        &self.client
    }
}

/// The identifier that the request gives, wherever it stands; it must be the same everywhere. What an
/// assertion says of itself names the client, and proves nothing yet.
pub fn identifier(credentials: &Credentials<'_>) -> Result<Option<String>, Fault> {
    let params = credentials.params;
    let svid = spiffe::is_svid(params)?;
    let asserted = params.one("client_assertion")?.filter(|_| !svid).and_then(assertion::named);
    let attested = credentials.attestation.attestation.and_then(assertion::named);
    let named = [
        credentials.basic.map(|(id, _)| id.to_owned()),
        params.one("client_id")?.map(str::to_owned),
        asserted,
        attested,
    ];
    let mut named = named.into_iter().flatten();
    let first = named.next();
    if named.any(|other| first.as_ref() != Some(&other)) {
        return Err(Reason::ClientNamedTwice {}.into());
    }
    // A workload has a client's name where nobody says another.
    match first {
        None if svid => Ok(params.one("client_assertion")?.and_then(assertion::named)),
        first => Ok(first),
    }
}

/// Holds the credentials against the client's own method, which must be one that the endpoint takes. A
/// client cannot choose another method than the one it has registered.
pub fn authenticated(
    client: Arc<Client>,
    credentials: &Credentials<'_>,
    on: &AuthenticationContext<'_>,
) -> Result<Authenticated, Fault> {
    secret::in_one_way(credentials)?;
    let method = client.authentication.method;
    let Secrecy::Confidential(expected) = &client.secrecy else {
        secret::absent(credentials)?;
        if on.policy.confidential {
            return Err(Reason::PublicClientRefused {}.into());
        }
        return Ok(Authenticated { client, assertion: None, instance: None, standing: None });
    };
    if method == ClientAuthMethod::None {
        return Err(Reason::ConfidentialClientWithoutMethod {}.into());
    }
    let name = || method.protocol_name().to_owned();
    if !on.supported.contains(&method) {
        return Err(Reason::AuthMethodUnsupported { method: name() }.into());
    }
    if !on.policy.auth_methods.contains(method) {
        return Err(Reason::AuthMethodTooWeak { method: name() }.into());
    }
    let (mut instance, mut standing) = (None, None);
    let assertion = match method {
        ClientAuthMethod::ClientSecretBasic => secret::basic(credentials, expected).map(|_| None)?,
        ClientAuthMethod::ClientSecretPost => secret::post(credentials, expected).map(|_| None)?,
        ClientAuthMethod::ClientSecretJwt | ClientAuthMethod::PrivateKeyJwt => {
            Some(assertion::verified(&client, credentials, on)?)
        }
        ClientAuthMethod::TlsClientAuth => certificate::vouched(&client, credentials, on).map(|_| None)?,
        ClientAuthMethod::SelfSignedTlsClientAuth => {
            certificate::self_signed(&client, credentials, on).map(|_| None)?
        }
        ClientAuthMethod::AttestJwtClientAuth => {
            let attested = attestation::verified(&client, credentials, on)?;
            (instance, standing) = (Some(attested.instance), attested.standing);
            Some(attested.proof)
        }
        ClientAuthMethod::SpiffeJwt => spiffe::verified(&client, credentials, on).map(|_| None)?,
        ClientAuthMethod::None => {
            return Err(Reason::AuthMethodUnsupported { method: name() }.into());
        }
    };
    Ok(Authenticated { client, assertion, instance, standing })
}
