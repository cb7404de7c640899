//! RFC 9101, OpenID Connect Core §6 – request objects: facts first, judged when the whole policy is known

use placet_api::Reason;
use placet_base::Timestamp;
use placet_base::registry::{JweAlg, JwsAlg};
use placet_jose::claims::{self as jwt, Claims, Times, Untimely};
use placet_jose::{Encrypted, JwkSet, JwsError, Parsed, VerifyingKey, is_encrypted};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fault::Fault;
use crate::policy::{ClientPolicy, Demand, RequestPolicy};
use crate::rules::params::Params;
use crate::tenant::{Client, Tenant};

/// An authorization request with its parameters in one place, whichever way they came.
pub struct Assembled {
    pub params: Params,
    pub provenance: Provenance,
    /// The payload of the request object, as it stood there.
    pub payload: Option<String>,
    /// The key that the pushed request was proven with (RFC 9449 §10.1).
    pub jkt: Option<String>,
}

/// How the parameters came: facts, without judgement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    pub pushed: bool,
    pub object: Option<ObjectFacts>,
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
pub struct Opening<'a> {
    pub tenant: &'a Tenant,
    pub client: &'a Client,
    pub keys: Option<&'a JwkSet>,
    pub now: Timestamp,
}

impl Opening<'_> {
    /// Decrypts and verifies an object. An unsigned one is read too: whether it may be is judged later.
    pub fn open(&self, text: &str) -> Result<RequestObject, Fault> {
        let (inner, encryption) = match is_encrypted(text) {
            true => self.decrypted(text).map(|(inner, alg)| (inner, Some(alg)))?,
            false => (text.to_owned(), None),
        };
        let parsed = Parsed::parse(&inner).map_err(|_| Reason::RequestObjectMalformed {})?;
        let alg = parsed.alg();
        if self.client.request_object.alg.is_some_and(|registered| registered != alg) {
            return Err(Reason::RequestObjectAlgDiffers { alg: alg.protocol_name().to_owned() }.into());
        }
        let claims = self.verified(parsed, alg)?;
        self.judged(&claims)?;
        let times = self.times(&claims)?;
        let audience = jwt::audiences(&claims);
        let for_issuer = audience.as_ref().is_some_and(|all| all.contains(&self.tenant.issuer.as_str()));
        if claims.contains_key("aud") && audience.is_none() {
            return Err(Reason::RequestObjectMalformed {}.into());
        }
        let facts = ObjectFacts {
            alg: Some(alg).filter(|alg| *alg != JwsAlg::None),
            encrypted: encryption.is_some(),
            rsa15: encryption == Some(JweAlg::Rsa15),
            times: (times.nbf, times.exp),
            for_issuer,
        };
        Ok(RequestObject { facts, claims })
    }

    fn decrypted(&self, text: &str) -> Result<(String, JweAlg), Fault> {
        let malformed = || Fault::from(Reason::RequestObjectMalformed {});
        let undecryptable = || Fault::from(Reason::RequestObjectUndecryptable {});
        let jwe = Encrypted::parse(text).map_err(|_| malformed())?;
        let (own, all) = (&self.client.request_object, &self.tenant.request_objects);
        if (own.alg_matches || all.alg_matches) && own.encryption_alg != Some(jwe.alg()) {
            return Err(Reason::RequestObjectEncryptionDiffers { member: "alg".to_owned() }.into());
        }
        if (own.enc_matches || all.enc_matches) && own.encryption_enc != jwe.enc() {
            return Err(Reason::RequestObjectEncryptionDiffers { member: "enc".to_owned() }.into());
        }
        let kid = jwe.kid().map(str::to_owned);
        let key = match placet_jose::is_symmetric(jwe.alg()) {
            true => self.client.secret().and_then(|secret| {
                placet_jose::DecryptionKey::from_secret(secret.expose(), jwe.alg(), jwe.enc())
            }),
            false => self.tenant.keys.decrypting(jwe.alg(), kid.as_deref()),
        };
        let alg = jwe.alg();
        let content = jwe.decrypted(&key.ok_or_else(undecryptable)?).map_err(|_| undecryptable())?;
        String::from_utf8(content).map(|inner| (inner, alg)).map_err(|_| malformed())
    }

    fn verified(&self, parsed: Parsed<'_>, alg: JwsAlg) -> Result<Claims, Fault> {
        let kid = parsed.kid().map(str::to_owned);
        let claims = match alg {
            JwsAlg::None => return Ok(parsed.unsecured().ok_or(Reason::RequestObjectMalformed {})?),
            alg if alg.is_symmetric() => {
                let secret = self.client.secret();
                parsed.verified_by_any(secret.and_then(|s| VerifyingKey::from_secret(s.expose(), alg)))
            }
            alg => {
                let set = self.keys.ok_or(Reason::RequestObjectKeyMissing {})?;
                parsed.verified_by_any(set.verifying(alg, kid.as_deref()))
            }
        };
        claims.map_err(|error| match error {
            JwsError::NoKey => Reason::RequestObjectKeyMissing {}.into(),
            _ => Reason::RequestObjectSignatureWrong {}.into(),
        })
    }

    /// RFC 9101 §4, §6.3: the object is of this client, and holds no other object.
    fn judged(&self, claims: &Claims) -> Result<(), Fault> {
        if claims.contains_key("request") || claims.contains_key("request_uri") {
            return Err(Reason::RequestObjectNested {}.into());
        }
        for name in ["client_id", "iss"] {
            match claims.get(name) {
                None => {}
                Some(Value::String(text)) if self.client.names(text) => {}
                _ => return Err(Reason::RequestObjectOfAnother { claim: name.to_owned() }.into()),
            }
        }
        Ok(())
    }

    fn times(&self, claims: &Claims) -> Result<Times, Fault> {
        let times = Times::read(claims).and_then(|times| times.current(self.now, self.tenant.tolerance));
        times.map_err(|what| {
            let claim = match what {
                Untimely::Malformed(_) => return Reason::RequestObjectMalformed {}.into(),
                Untimely::Expired => "exp",
                Untimely::NotYet => "nbf",
                Untimely::FromTheFuture => "iat",
            };
            Reason::RequestObjectUntimely { claim: claim.to_owned() }.into()
        })
    }
}

/// Members of an object that are about the object itself.
const OWN: [&str; 6] = ["iss", "aud", "exp", "nbf", "iat", "jti"];

impl RequestObject {
    /// The parameters of the object. RFC 9101 §4: texts as they are, everything else as JSON.
    fn params(&self, mut params: Params) -> Params {
        for (name, value) in self.claims.iter().filter(|(name, _)| !OWN.contains(&name.as_str())) {
            match value {
                Value::Null => {}
                Value::String(text) => params.add(name, text),
                Value::Array(list) if name == "resource" => {
                    list.iter().filter_map(Value::as_str).for_each(|one| params.add(name, one));
                }
                other => params.add(name, &other.to_string()),
            }
        }
        params
    }

    /// The request that outside and object make together. RFC 9101 §6.3: the object alone counts.
    /// OpenID Connect Core §6.1: what stands outside fills its gaps, `response_type` must stand there
    /// too, and say the same.
    pub fn assembled(self, outer: Params, traditional: bool, pushed: bool) -> Result<Assembled, Fault> {
        outer.each_once()?;
        let mut params = self.params(Params::none(outer.request()));
        if params.one("client_id")?.is_none() {
            params.add("client_id", outer.one("client_id")?.unwrap_or_default());
        }
        if traditional {
            let differs = |name: &str| -> Result<bool, Fault> {
                Ok(params.one(name)?.is_some_and(|inner| outer.one(name).ok().flatten() != Some(inner)))
            };
            if !pushed && (outer.one("response_type")?.is_none() || differs("response_type")?) {
                return Err(Reason::RequestObjectDiffersOutside { name: "response_type".to_owned() }.into());
            }
            params = params.over(&outer);
        }
        let payload = Some(Value::Object(self.claims).to_string());
        let provenance = Provenance { pushed, object: Some(self.facts) };
        Ok(Assembled { params, provenance, payload, jkt: None })
    }
}

/// A way of coming that the policy accepts.
#[derive(Debug, PartialEq, Eq)]
pub struct Acceptable(());

impl Provenance {
    /// Judges how the request came.
    pub fn judged(&self, policy: &RequestPolicy, client: &ClientPolicy) -> Result<Acceptable, Fault> {
        if !self.pushed {
            match policy.pushed {
                Demand::Service => return Err(Reason::PushRequiredByService {}.into()),
                Demand::Client => return Err(Reason::PushRequiredByClient {}.into()),
                Demand::Nobody => {}
            }
        }
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
            _ => {}
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
