//! Requests for credentials: who makes them, which of them wait for an order, and what goes back when it comes.

use placet_api::Reason;
use placet_api::types::CredentialIssuanceOrder;
use placet_base::Ttl;
use placet_store::Loaded;
use placet_vc::key_proof;
use serde_json::Value;

use crate::cx::{Cx, Held, LiveToken};
use crate::fault::Fault;
use crate::flow::access_token::{self, Refusals};
use crate::flow::credential;
use crate::flow::standing;
use crate::records::credential_request::{BatchPlace, CredentialRequestRecord, Waiting};
use crate::rules::credential::granted::{self, Covered, NamedBy};
use crate::rules::credential::profile::{self, FormatFit, TokenFit};
use crate::rules::credential::proof::{self, Claimed, Expected};
use crate::rules::credential::request::{CredentialRequest, Opened};
use crate::run::Broken;
use crate::tenant::Tenant;
use crate::tenant::credential_issuer::{CredentialIssuer, Oid4vciVersion};

/// How long the authorization server may take to say what goes into a credential.
const ORDER: Ttl = Ttl::secs(10 * 60);

/// A request that is in order.
pub struct Parsed {
    pub identifier: String,
    pub name: String,
    pub by: NamedBy,
    pub format: &'static str,
    /// What the credential is, as its configuration says.
    pub details: Value,
    pub keys: Vec<Value>,
}

/// A refusal, and what its answer says besides.
pub struct Refused {
    pub fault: Fault,
    /// What the access token is used with (RFC 9449 §7.1).
    pub scheme: &'static str,
    /// A nonce for the next proof, and how long it is good, in seconds.
    pub nonce: Option<(String, i64)>,
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self { fault, scheme: "Bearer", nonce: None }
    }
}

impl From<Reason> for Refused {
    fn from(reason: Reason) -> Self {
        Fault::from(reason).into()
    }
}

impl From<Broken> for Refused {
    fn from(broken: Broken) -> Self {
        Fault::from(broken).into()
    }
}

/// A call of an endpoint for credentials, before its content is judged.
pub struct Called<'a> {
    pub issuer: &'a CredentialIssuer,
    identifier: &'a str,
    pub token: LiveToken,
    pub opened: Opened,
}

fn refusals() -> Refusals {
    let expired = || Reason::CredentialTokenExpired {};
    Refusals {
        missing: Reason::CredentialTokenMissing {},
        unknown: Reason::CredentialTokenUnknown {},
        expired: expired(),
        expired_refreshable: expired(),
        both_expired: expired(),
    }
}

pub async fn token(cx: &Cx<'_>, value: Option<&str>) -> Result<LiveToken, Refused> {
    let token = access_token::known(cx, value, &refusals()).await?;
    let fit = token
        .expiry(cx, refusals())
        .and_then(|_| profile::token(&token.token.entitlement.binding, &token.policy(cx).token));
    match fit {
        Ok(TokenFit) => Ok(token),
        Err(fault) => Err(Refused { scheme: token.scheme(), ..fault.into() }),
    }
}

pub fn issuer(tenant: &Tenant) -> Result<&CredentialIssuer, Fault> {
    Ok(tenant.credentials.as_ref().ok_or(Reason::CredentialRequestNotAllowed {})?)
}

pub async fn called<'a>(
    cx: &Cx<'_>,
    tenant: &'a Tenant,
    (value, content): (Option<&str>, Option<&str>),
) -> Result<Called<'a>, Refused> {
    let issuer = issuer(tenant)?;
    let identifier = issuer.identifier.as_deref().ok_or(Reason::CredentialIssuerUnnamed {})?;
    let token = token(cx, value).await?;
    let content = content.filter(|text| !text.trim().is_empty());
    let opened = credential::opened(cx, content.ok_or(Reason::CredentialContentMissing {})?, issuer).await?;
    Ok(Called { issuer, identifier, token, opened })
}

impl Called<'_> {
    /// The refusal of a request, in the scheme of its token. In the draft a wallet whose nonce is not good gets another with it.
    pub fn refused(&self, cx: &Cx<'_>, fault: Fault) -> Refused {
        let of_draft = self.issuer.version == Oid4vciVersion::ImplementersDraft1;
        let lacks_one =
            matches!(fault.reason, Reason::KeyProofNonceWrong { .. } | Reason::KeyProofNonceMissing { .. });
        let wants_nonce = of_draft && lacks_one;
        let nonce = wants_nonce.then(|| (self.issuer.nonces.current(cx.now), self.issuer.nonces.window()));
        Refused { fault, scheme: self.token.scheme(), nonce }
    }

    /// Judges a request, and keeps it until its order comes.
    pub async fn parsed(
        &self,
        cx: &mut Cx<'_>,
        request: CredentialRequest<'_>,
        (place, batch): (usize, Option<BatchPlace>),
    ) -> Result<Parsed, Fault> {
        let entitlement = &self.token.token.entitlement;
        let request = granted::covered(request, &entitlement.of_credentials(), self.issuer)?;
        let policy = self.token.policy(cx).credential;
        let FormatFit = profile::format(&request.configuration.format, &policy)?;
        let claimed = self.claimed(cx, &request)?;
        let keys = standing::of_keys(cx, claimed, &self.issuer.attesters).await?;
        let number =
            batch.filter(|place| place.position == 0).map_or_else(|| cx.number(), |place| place.first);
        let handle = cx.handle::<CredentialRequestRecord>((), number, 0);
        let token = *self.token.token.id();
        let encryption = request.encryption.clone();
        let subject = entitlement.subject.clone();
        let (hash, expires_at) = (handle.hash(), cx.now + ORDER);
        let waiting = Waiting {
            hash,
            token,
            subject,
            encryption,
            batch,
            place,
            certified: policy.certified,
            expires_at,
        };
        cx.write.insert(cx.tenant.id, &number, &CredentialRequestRecord::new(&request, &keys, waiting));
        Ok(Parsed {
            identifier: handle.into_value(),
            name: request.name.to_owned(),
            by: request.by,
            format: request.configuration.format.name(),
            details: request.details.clone().into(),
            keys: keys.documents(),
        })
    }

    /// The keys that the wallet proves to have.
    fn claimed(&self, cx: &Cx<'_>, request: &Covered<'_>) -> Result<Claimed, Fault> {
        let client = self.token.client.identifier(self.token.token.entitlement.alias_used);
        let (now, nonces) = (cx.now, &self.issuer.nonces);
        let ours: &dyn Fn(&str) -> bool = &|nonce| nonces.accepts(nonce, now);
        let expected = Expected {
            issuer: self.identifier,
            // Appendix F.1
            client: match self.token.client.is_nobody() {
                true => key_proof::Client::Anonymous,
                false => key_proof::Client::Known(&client),
            },
            now,
            tolerance: cx.tenant.tolerance,
            nonce: Some(ours).filter(|_| self.issuer.demands_nonce),
            attesters: &self.issuer.attesters,
            most: self.issuer.most,
        };
        proof::claimed(request, &expected)
    }
}

/// The request that an identifier stands for.
pub async fn known(cx: &Cx<'_>, identifier: &str) -> Result<Option<Loaded<CredentialRequestRecord>>, Fault> {
    let found = cx.bearer::<CredentialRequestRecord>((), identifier).await?.and_then(Held::present);
    Ok(found.filter(|request| !request.expires_at.is_past(cx.now)))
}

/// The request that an order is for.
pub async fn requested(
    cx: &Cx<'_>,
    order: Option<&CredentialIssuanceOrder>,
) -> Result<Loaded<CredentialRequestRecord>, Fault> {
    let identifier = order.and_then(|order| order.request_identifier.as_deref());
    let identifier = identifier.filter(|text| !text.is_empty()).ok_or(Reason::CredentialOrderMissing {})?;
    Ok(known(cx, identifier).await?.ok_or(Reason::CredentialRequestUnknown {})?)
}

/// The same of a request that was made with this token, and waits for its first order.
pub async fn requested_with(
    cx: &Cx<'_>,
    order: Option<&CredentialIssuanceOrder>,
    token: &LiveToken,
) -> Result<Loaded<CredentialRequestRecord>, Fault> {
    let found = requested(cx, order).await?;
    match found.token == *token.token.id() {
        true if found.deferred => Err(Reason::CredentialRequestDeferred {}.into()),
        true => Ok(found),
        false => Err(Reason::CredentialRequestOfOther {}.into()),
    }
}
