//! W3C Verifiable Credentials Data Model 1.1 §6.3.1, OpenID4VCI 1.0 appendix A.1.1 – `jwt_vc_json`: a credential within a
//! JWT.

use placet_base::Timestamp;
use placet_jose::{Jwk, Unsigned};
use serde_json::{Map, Value, json};

use crate::budgets::{DEPTH, PAYLOAD};
use crate::rfc3339;
use crate::sd_jwt::confirmation;
use crate::size::fits;

/// §4.1: what every `@context` begins with.
const CONTEXT: &str = "https://www.w3.org/2018/credentials/v1";
/// §4.3: what every credential is.
const TYPE: &str = "VerifiableCredential";
/// What the issuer says of the credential; a payload that says so too could say something else.
const OURS: [&str; 4] = ["issuer", "issuanceDate", "expirationDate", "proof"];

/// Why no credential is made of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssueError {
    /// More than [`PAYLOAD`].
    TooLarge,
    /// More than [`DEPTH`].
    TooDeep,
    /// It says who issues it, or when, or brings a proof.
    Reserved,
    /// `@context` does not begin with that of the data model (§4.1).
    Context,
    /// `type` is neither a text nor an array of texts (§4.3).
    Type,
    /// `credentialSubject` is no object, nor an array of some, or empty (§4.4).
    Subject,
    /// `id` is no text (§4.2).
    Id,
    /// A time is not between the years 0 and 9999.
    Time,
}

/// What the issuer says of a credential.
pub struct Issued<'a> {
    /// Who issues it.
    pub issuer: &'a str,
    /// When.
    pub at: Timestamp,
    /// Until when it is valid.
    pub until: Option<Timestamp>,
    /// The key that it is bound to.
    pub holder: Option<&'a Jwk>,
    /// The claim `status` (Token Status List §6.2).
    pub status: Option<Value>,
}

/// Makes a credential of the `vc` object, which may leave out what is the same in all of them. What has a claim of its
/// own in a JWT stands there, and stays within as well: those who know the one need not know the other.
///
/// # Errors
///
/// What the data model does not allow, as [`IssueError`] has it.
pub fn issue(vc: Map<String, Value>, issued: &Issued<'_>) -> Result<Unsigned, IssueError> {
    let vc = bounded(vc)?;
    let id = match vc.get("id") {
        None => None,
        Some(id) => Some(id.as_str().ok_or(IssueError::Id)?.to_owned()),
    };
    let subject = subject(&vc)?.map(str::to_owned);
    let vc = completed(vc, issued)?;
    let at = issued.at.as_secs();
    let claims = [
        ("iss", Some(issued.issuer.into())),
        ("sub", subject.map(Value::from)),
        ("jti", id.map(Value::from)),
        ("iat", Some(at.into())),
        ("nbf", Some(at.into())),
        ("exp", issued.until.map(|until| until.as_secs().into())),
        ("cnf", issued.holder.map(confirmation)),
        ("status", issued.status.clone()),
        ("vc", Some(Value::Object(vc))),
    ];
    let claims = claims.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let header = Map::from_iter([("typ".to_owned(), "JWT".into())]);
    Ok(Unsigned { header, claims: claims.collect() })
}

fn bounded(vc: Map<String, Value>) -> Result<Map<String, Value>, IssueError> {
    fn is_deeper(value: &Value, levels: usize) -> bool {
        match (value, levels.checked_sub(1)) {
            (Value::Object(members), Some(levels)) => members.values().any(|one| is_deeper(one, levels)),
            (Value::Array(elements), Some(levels)) => elements.iter().any(|one| is_deeper(one, levels)),
            (value, levels) => levels.is_none() && (value.is_object() || value.is_array()),
        }
    }
    if vc.values().any(|value| is_deeper(value, DEPTH - 1)) {
        return Err(IssueError::TooDeep);
    }
    if OURS.iter().any(|name| vc.contains_key(*name)) {
        return Err(IssueError::Reserved);
    }
    if fits(&vc, PAYLOAD) { Ok(vc) } else { Err(IssueError::TooLarge) }
}

/// §4.4: the identifier of the one subject, where it has one. Of several none is the subject of the JWT.
fn subject(vc: &Map<String, Value>) -> Result<Option<&str>, IssueError> {
    let subjects = match vc.get("credentialSubject") {
        Some(Value::Array(subjects)) => subjects.as_slice(),
        Some(subject) => std::slice::from_ref(subject),
        None => return Err(IssueError::Subject),
    };
    if subjects.is_empty() || !subjects.iter().all(|one| one.as_object().is_some_and(|one| !one.is_empty())) {
        return Err(IssueError::Subject);
    }
    match subjects {
        [Value::Object(one)] => match one.get("id") {
            None => Ok(None),
            Some(id) => id.as_str().map(Some).ok_or(IssueError::Subject),
        },
        _ => Ok(None),
    }
}

fn completed(mut vc: Map<String, Value>, issued: &Issued<'_>) -> Result<Map<String, Value>, IssueError> {
    let context = match vc.remove("@context") {
        None => json!([CONTEXT]),
        Some(Value::Array(contexts)) if contexts.first().is_some_and(|first| first == CONTEXT) => {
            contexts.into()
        }
        Some(one) if one == CONTEXT => json!([one]),
        Some(_) => return Err(IssueError::Context),
    };
    let types = types(vc.remove("type"))?;
    let mut all = Map::from_iter([("@context".to_owned(), context), ("type".to_owned(), types.into())]);
    all.extend(vc);
    all.insert("issuer".into(), issued.issuer.into());
    let date = |at| rfc3339::written(at).ok_or(IssueError::Time);
    all.insert("issuanceDate".into(), date(issued.at)?.into());
    if let Some(until) = issued.until {
        all.insert("expirationDate".into(), date(until)?.into());
    }
    Ok(all)
}

fn types(found: Option<Value>) -> Result<Vec<String>, IssueError> {
    let found = match found {
        None => Vec::new(),
        Some(Value::Array(types)) => types,
        Some(one) => vec![one],
    };
    let texts = found.into_iter().map(|one| one.as_str().map(str::to_owned));
    let mut types = texts.collect::<Option<Vec<_>>>().ok_or(IssueError::Type)?;
    if !types.iter().any(|one| one == TYPE) {
        types.insert(0, TYPE.to_owned());
    }
    Ok(types)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{jwk, object};
    use placet_base::registry::JwsAlg;

    fn issued<'a>() -> Issued<'a> {
        Issued {
            issuer: "https://issuer",
            at: Timestamp::from_secs(1_601_559_002),
            until: Some(Timestamp::from_secs(1_601_559_003)),
            holder: None,
            status: Some(json!({ "status_list": { "idx": 0, "uri": "https://status" } })),
        }
    }

    fn made(vc: Value) -> Result<Value, IssueError> {
        issue(object(vc), &issued()).map(|made| Value::Object(made.claims))
    }

    #[test]
    fn what_is_known_is_said_in_both_places() {
        let vc = json!({
            "id": "urn:1", "type": ["UniversityDegreeCredential"],
            "credentialSubject": { "id": "did:example:1", "degree": "BSc" },
        });
        assert_eq!(
            made(vc).unwrap(),
            json!({
                "iss": "https://issuer", "sub": "did:example:1", "jti": "urn:1",
                "iat": 1_601_559_002, "nbf": 1_601_559_002, "exp": 1_601_559_003,
                "status": { "status_list": { "idx": 0, "uri": "https://status" } },
                "vc": {
                    "@context": [CONTEXT], "type": [TYPE, "UniversityDegreeCredential"], "id": "urn:1",
                    "credentialSubject": { "id": "did:example:1", "degree": "BSc" },
                    "issuer": "https://issuer", "issuanceDate": "2020-10-01T13:30:02Z",
                    "expirationDate": "2020-10-01T13:30:03Z",
                },
            })
        );
    }

    #[test]
    fn a_credential_is_bound_to_a_public_key() {
        let key = jwk(JwsAlg::Es256);
        let issued = Issued { holder: Some(&key), until: None, status: None, ..issued() };
        let made = issue(object(json!({ "credentialSubject": { "a": 1 } })), &issued).ok().unwrap();
        assert_eq!(made.claims["cnf"], json!({ "jwk": key.public() }));
        assert_eq!(made.header["typ"], "JWT");
        assert!(!made.claims.contains_key("exp") && !made.claims.contains_key("sub"));
    }

    #[test]
    fn what_the_data_model_does_not_allow_is_refused() {
        let with = |name: &str, value: Value| {
            let mut vc = json!({ "credentialSubject": { "a": 1 } });
            vc[name] = value;
            made(vc).err()
        };
        for name in OURS {
            assert_eq!(with(name, json!("a")), Some(IssueError::Reserved), "{name}");
        }
        for subject in [json!([]), json!({}), json!("a"), json!([{}]), json!({ "id": 1 })] {
            assert_eq!(with("credentialSubject", subject), Some(IssueError::Subject));
        }
        assert_eq!(made(json!({})), Err(IssueError::Subject));
        assert_eq!(with("id", json!(1)), Some(IssueError::Id));
        assert_eq!(with("type", json!([1])), Some(IssueError::Type));
        assert_eq!(with("type", json!(TYPE)), None);
        assert_eq!(with("@context", json!(["https://other", CONTEXT])), Some(IssueError::Context));
        assert_eq!(with("@context", json!(CONTEXT)), None);
        assert_eq!(with("credentialSubject", json!([{ "a": 1 }, { "b": 1 }])), None);
        assert_eq!(with("a", json!("a".repeat(PAYLOAD))), Some(IssueError::TooLarge));
        let deep = |levels| (0..levels).fold(json!(1), |within, _| json!([within]));
        assert_eq!(with("a", deep(DEPTH)), Some(IssueError::TooDeep));
        assert_eq!(with("a", deep(DEPTH - 1)), None);
        let never = Issued { at: Timestamp(i64::MAX), ..issued() };
        let made = issue(object(json!({ "credentialSubject": { "a": 1 } })), &never);
        assert_eq!(made.err(), Some(IssueError::Time));
    }
}
