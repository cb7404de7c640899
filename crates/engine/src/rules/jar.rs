//! RFC 9101, OpenID Connect Core §6 – request objects: facts first, judged when the whole policy is known

use placet_api::Reason;
use placet_base::Timestamp;
use placet_base::registry::{JweAlg, JwsAlg};
use placet_base::set::Set;
use placet_jose::claims::{Claims, Untimely};
use placet_jose::jwt::{
    Expected, Expired, JwtError, Kind, MaxLifetime, Party, Presence, Signature, Timing, UnverifiedJwt,
    Verified, read,
};
use placet_jose::{DecryptionKey, Encrypted, JwkSet, VerifyingKey, is_encrypted};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fault::Fault;
use crate::policy::{ClientPolicy, Demand, RequestPolicy};
use crate::rules::id_token_hint::ReturnedToken;
use crate::rules::params::Params;
use crate::tenant::{Client, Tenant};

/// An authorization request with its parameters in one place, whichever way they came.
pub struct AssembledRequest {
    pub params: Params,
    pub provenance: Provenance,
    /// The payload of the request object, as it stood there.
    pub payload: Option<String>,
    /// The key that the pushed request was proven with (RFC 9449 §10.1).
    pub jkt: Option<String>,
    /// The instance of the client that an attester has vouched for when the request was pushed.
    pub instance: Option<String>,
    /// The token of `id_token_hint`, opened.
    pub hint: Option<ReturnedToken>,
}

/// How the parameters came: facts, without judgement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    pub pushed: bool,
    pub object: Option<ObjectFacts>,
    /// Parameters that count although they stand outside the object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outside: Vec<String>,
}

/// What is known of a request object that could be verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectFacts {
    /// `None` for an unsigned object.
    pub alg: Option<JwsAlg>,
    pub encrypted: bool,
    /// Encrypted with RSA1_5.
    #[serde(default)]
    pub rsa15: bool,
    pub times: (Option<i64>, Option<i64>),
    pub for_issuer: bool,
}

/// A request object that was opened and verified, as far as it is signed.
pub struct RequestObject {
    pub facts: ObjectFacts,
    pub claims: Claims,
}

/// What verifying a request object takes.
pub struct RequestObjectContext<'a> {
    pub tenant: &'a Tenant,
    pub client: &'a Client,
    pub keys: Option<&'a JwkSet>,
    pub now: Timestamp,
}

impl RequestObjectContext<'_> {
    /// Decrypts and verifies an object; `encryption` is what [`Self::encryption`] found, with the key that opens it. An
    /// unsigned object is read too: whether it may be is judged later, as is whom it is for.
    pub fn open(&self, text: &str, encryption: Option<Opening<'_>>) -> Result<RequestObject, Fault> {
        let (inner, encryption) = match encryption {
            Some((jwe, key)) => {
                let alg = jwe.alg();
                (decrypted(jwe, key)?, Some(alg))
            }
            None => (text.to_owned(), None),
        };
        let object = self.verified(&inner)?;
        let OfClient = self.own(object.claims())?;
        let times = object.times();
        let facts = ObjectFacts {
            alg: object.alg(),
            encrypted: encryption.is_some(),
            rsa15: encryption == Some(JweAlg::Rsa15),
            times: (times.nbf, times.exp),
            for_issuer: object.audiences().contains(&self.tenant.issuer),
        };
        Ok(RequestObject { facts, claims: object.into_claims() })
    }

    /// The encryption of an object, such as client and service want it; `None` when it has none.
    pub fn encryption<'t>(&self, text: &'t str) -> Result<Option<Encrypted<'t>>, Fault> {
        if !is_encrypted(text) {
            return Ok(None);
        }
        let jwe = Encrypted::parse(text).map_err(|_| Reason::RequestObjectMalformed {})?;
        let (own, all) = (&self.client.request_object, &self.tenant.request_objects);
        if (own.alg_matches || all.alg_matches) && own.encryption_alg != Some(jwe.alg()) {
            return Err(Reason::RequestObjectEncryptionDiffers { member: "alg".to_owned() }.into());
        }
        if (own.enc_matches || all.enc_matches) && own.encryption_enc != jwe.enc() {
            return Err(Reason::RequestObjectEncryptionDiffers { member: "enc".to_owned() }.into());
        }
        Ok(Some(jwe))
    }

    fn verified(&self, text: &str) -> Result<Verified, Fault> {
        let from_client = |name: &str| self.client.names(name);
        let expected = Expected {
            kind: Kind::RequestObject,
            signature: Signature::MayBeNone,
            algs: self.client.request_object.alg.map_or(Set::EVERY, |alg| [alg].into_iter().collect()),
            issuer: Party::NamedIfPresent(&from_client),
            audience: Party::Elsewhere("the policy says whether it counts, and is known when the scopes are"),
            timing: Timing {
                now: self.now,
                tolerance: self.tenant.tolerance,
                exp: Presence::Optional,
                nbf: Presence::Optional,
                iat: Presence::Optional,
                expired: Expired::Refused,
                longest: MaxLifetime::Unlimited,
            },
        };
        read(text, &expected, |found| self.verifying(found)).map_err(|error| reason(error).into())
    }

    fn verifying(&self, found: &UnverifiedJwt<'_>) -> Vec<VerifyingKey> {
        match found.alg.is_symmetric() {
            true => {
                let secret = self.client.secret();
                secret.and_then(|s| VerifyingKey::from_secret(s.expose(), found.alg)).into_iter().collect()
            }
            false => self.keys.map(|set| set.verifying(found.alg, found.kid).collect()).unwrap_or_default(),
        }
    }

    /// RFC 9101 §4, §6.3: the object is of this client, and holds no other object.
    fn own(&self, claims: &Claims) -> Result<OfClient, Fault> {
        if claims.contains_key("request") || claims.contains_key("request_uri") {
            return Err(Reason::RequestObjectNested {}.into());
        }
        match claims.get("client_id") {
            None => Ok(OfClient),
            Some(Value::String(text)) if self.client.names(text) => Ok(OfClient),
            Some(_) => Err(Reason::RequestObjectOfAnother { claim: "client_id".to_owned() }.into()),
        }
    }
}

/// The encryption of an object, and the key that opens it, if there is one.
pub type Opening<'a> = (Encrypted<'a>, Option<DecryptionKey>);

fn decrypted(jwe: Encrypted<'_>, key: Option<DecryptionKey>) -> Result<String, Fault> {
    let undecryptable = || Fault::from(Reason::RequestObjectUndecryptable {});
    let content = jwe.decrypted(&key.ok_or_else(undecryptable)?).map_err(|_| undecryptable())?;
    String::from_utf8(content).map_err(|_| Reason::RequestObjectMalformed {}.into())
}

/// An object that speaks for the client that sent it.
struct OfClient;

fn reason(error: JwtError) -> Reason {
    let untimely = |claim: &str| Reason::RequestObjectUntimely { claim: claim.to_owned() };
    match error {
        JwtError::Kind => Reason::RequestObjectKindWrong {},
        JwtError::Algorithm(alg) => Reason::RequestObjectAlgDiffers { alg: alg.protocol_name().to_owned() },
        JwtError::NoKey => Reason::RequestObjectKeyMissing {},
        JwtError::Signature => Reason::RequestObjectSignatureWrong {},
        JwtError::Wrong("iss") => Reason::RequestObjectOfAnother { claim: "iss".to_owned() },
        JwtError::Untimely(Untimely::Expired) => untimely("exp"),
        JwtError::Untimely(Untimely::NotYet) => untimely("nbf"),
        JwtError::Untimely(Untimely::FromTheFuture) => untimely("iat"),
        JwtError::Malformed
        | JwtError::Missing(_)
        | JwtError::Wrong(_)
        | JwtError::Untimely(Untimely::Malformed(_))
        | JwtError::TooLong => Reason::RequestObjectMalformed {},
    }
}

/// Members of an object that are about the object itself.
const OWN: [&str; 7] = ["iss", "aud", "exp", "nbf", "iat", "jti", "trust_chain"];

impl RequestObject {
    /// The request that outside and object make together. RFC 9101 §6.3: the object alone counts.
    /// OpenID Connect Core §6.1: what stands outside fills its gaps, `response_type` must stand there
    /// too, and say the same.
    pub fn assembled(
        self,
        outer: Params,
        traditional: bool,
        pushed: bool,
    ) -> Result<AssembledRequest, Fault> {
        outer.each_once()?;
        let malformed = |name: &str| Reason::RequestObjectParameterMalformed { name: name.to_owned() };
        let mut params = Params::of_claims(outer.request(), &self.claims, &OWN).map_err(malformed)?;
        if params.one("client_id")?.is_none() {
            params.add("client_id", outer.one("client_id")?.unwrap_or_default());
        }
        let mut outside = Vec::new();
        if traditional {
            let differs = |name: &str| -> Result<bool, Fault> {
                Ok(params.one(name)?.is_some_and(|inner| outer.one(name).ok().flatten() != Some(inner)))
            };
            if !pushed && (outer.one("response_type")?.is_none() || differs("response_type")?) {
                return Err(Reason::RequestObjectDiffersOutside { name: "response_type".to_owned() }.into());
            }
            let about = ["client_id", "request", "request_uri"];
            let filled = outer.names().filter(|name| !params.names().any(|inner| inner == *name));
            outside = filled.filter(|name| !about.contains(name)).map(str::to_owned).collect();
            params = params.over(&outer);
        }
        let payload = Some(Value::Object(self.claims).to_string());
        let provenance = Provenance { pushed, object: Some(self.facts), outside };
        Ok(AssembledRequest { params, provenance, payload, jkt: None, instance: None, hint: None })
    }
}

impl AssembledRequest {
    /// Judges how the request came. Where an object must be complete, nothing that stands outside it counts,
    /// and what the request is for stands inside.
    pub fn judged(&self, policy: &RequestPolicy, client: &ClientPolicy) -> Result<Acceptable, Fault> {
        let acceptable = self.provenance.judged(policy, client)?;
        let incomplete = |name: &str| Reason::RequestObjectIncomplete { name: name.to_owned() };
        if policy.object_complete && self.provenance.object.is_some() {
            if let Some(name) = self.provenance.outside.first() {
                return Err(incomplete(name).into());
            }
            for name in ["response_type", "redirect_uri", "scope"] {
                self.params.one(name)?.ok_or_else(|| incomplete(name))?;
            }
        }
        Ok(acceptable)
    }
}

/// A way of coming that the policy accepts.
#[derive(Debug, PartialEq, Eq)]
pub struct Acceptable(());

impl Provenance {
    /// Judges how the request came.
    fn judged(&self, policy: &RequestPolicy, client: &ClientPolicy) -> Result<Acceptable, Fault> {
        if !self.pushed {
            // RFC 9126 §5, §6: `require_pushed_authorization_requests`.
            match policy.pushed {
                Demand::Service => return Err(Reason::PushRequiredByService {}.into()),
                Demand::Client => return Err(Reason::PushRequiredByClient {}.into()),
                Demand::Nobody => {}
            }
        }
        // RFC 9101 §10.5: `require_signed_request_object`.
        let Some(object) = &self.object else {
            return match policy.object {
                Demand::Service => Err(Reason::RequestObjectRequiredByService {}.into()),
                Demand::Client => Err(Reason::RequestObjectRequiredByClient {}.into()),
                Demand::Nobody => Ok(Acceptable(())),
            };
        };
        match object.alg {
            None if policy.object_signed => return Err(Reason::RequestObjectUnsigned {}.into()),
            Some(alg) if !client.algs.contains(alg) => {
                let alg = alg.protocol_name().to_owned();
                return Err(Reason::RequestObjectAlgUnacceptable { alg }.into());
            }
            None | Some(_) => {}
        }
        if object.rsa15 && client.no_rsa15 {
            let alg = JweAlg::Rsa15.protocol_name().to_owned();
            return Err(Reason::RequestObjectEncryptionUnacceptable { alg }.into());
        }
        if policy.object_encrypted && !self.pushed && !object.encrypted {
            return Err(Reason::RequestObjectUnencrypted {}.into());
        }
        if policy.object_audience && !object.for_issuer {
            return Err(Reason::RequestObjectAudienceWrong {}.into());
        }
        if let Some(longest) = policy.object_lifetime {
            let (Some(nbf), Some(exp)) = object.times else {
                return Err(Reason::RequestObjectTimeless {}.into());
            };
            if exp.saturating_sub(nbf) > longest.as_secs() {
                return Err(Reason::RequestObjectTooLong {}.into());
            }
        }
        Ok(Acceptable(()))
    }
}
