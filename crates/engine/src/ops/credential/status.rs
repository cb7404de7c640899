//! POST /api/{serviceId}/vci/status/list, /vci/status/update – Token Status List

use std::collections::BTreeMap;

use data_encoding::BASE64URL_NOPAD;
use placet_api::types::{
    CredentialStatus, StatusListFormat, VciStatusListRequest, VciStatusUpdateRequest,
    VciStatusUpdateResponse, VciStatusUpdateResponseAction as Action,
};
use placet_api::{OAuthError, Reason};
use placet_base::registry::JwsAlg;
use placet_base::{RecordNumber, Subject};
use placet_jose::jwt::asymmetric;
use placet_store::{Loaded, Page};
use placet_vc::status::{INVALID, SUSPENDED, Signer, StatusList, Token, VALID};
use serde_json::{Value, json};

use super::{Outcome, Published};
use crate::budgets::SUBJECT_CREDENTIALS;
use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::reply::{int32, result};
use crate::flow::{credential, credential_request};
use crate::records::issued_credential::IssuedCredential;
use crate::records::status_list::{StatusListRecord, StatusLists};
use crate::rules::credential::status::{Naming, StatusTarget, Turn, turned};
use crate::tenant::Tenant;
use crate::tenant::credential_issuer::CredentialIssuer;

/// §5.1: the list, signed. It was compressed when it last changed.
pub async fn list(cx: &mut Cx<'_>, call: &VciStatusListRequest) -> Outcome {
    let tenant = cx.tenant.clone();
    let issuer = credential_request::issuer(&tenant)?;
    let Some(identifier) = call.identifier.as_deref().filter(|identifier| !identifier.is_empty()) else {
        return aggregation(cx, issuer, call).await;
    };
    let found = named(cx, identifier).await?.ok_or(Reason::StatusListUnknown {})?;
    let aggregation = issuer.status_lists.aggregation();
    let mut claim = found.claim.clone();
    if let Some(uri) = aggregation {
        claim["aggregation_uri"] = uri.into();
    }
    let token = Token {
        uri: &found.uri,
        at: cx.now,
        until: Some(cx.now + issuer.status_lists.kept),
        ttl: Some(issuer.status_lists.kept),
        aggregation_uri: aggregation,
    };
    match call.format.unwrap_or(StatusListFormat::Jwt) {
        StatusListFormat::Jwt => {
            let key = issuer.keys.signing(asymmetric(), None).ok_or(Reason::CredentialKeyMissing {})?;
            let unsigned = credential::with_chain(token.of_claim(claim), key);
            Ok(Published(cx.signed(unsigned, &key.key).await?))
        }
        StatusListFormat::Cwt => Ok(Published(cwt(cx, issuer, &token, &claim).await?)),
    }
}

/// §9.3: where all lists are, which is JSON and nothing else.
async fn aggregation(cx: &Cx<'_>, issuer: &CredentialIssuer, call: &VciStatusListRequest) -> Outcome {
    if call.format.is_some() || issuer.status_lists.uri.is_none() {
        return Err(Reason::StatusListUnknown {}.into());
    }
    let lists = cx.read.get::<StatusLists>(&StatusLists::ID.to_owned()).await?;
    let uris: Vec<_> = lists.iter().flat_map(|lists| lists.uris(cx.now)).collect();
    Ok(Published::new(&json!({ "status_lists": uris }), None))
}

/// §5.2, base64url.
async fn cwt(
    cx: &Cx<'_>,
    issuer: &CredentialIssuer,
    token: &Token<'_>,
    claim: &Value,
) -> Result<String, Fault> {
    let of_mdocs = [JwsAlg::Es256, JwsAlg::Es384, JwsAlg::Es512, JwsAlg::EdDsa].into_iter().collect();
    let key = issuer.keys.signing(of_mdocs, None).ok_or(Reason::CredentialKeyMissing {})?;
    let signer = Signer { alg: key.key.alg(), kid: key.key.kid(), x5chain: &key.chain };
    let unsigned = token.cwt_of_claim(claim, &signer);
    let unsigned = unsigned.ok_or_else(|| Fault::server("a status list cannot be written as CBOR"))?;
    let signature = cx.signature(&key.key, unsigned.signing_input()).await?;
    let made = unsigned.issued(&signature).ok_or_else(|| Fault::server("a CWT cannot be written"))?;
    Ok(BASE64URL_NOPAD.encode(&made))
}

/// The list with this number. One whose credentials have all ended is none, whether or not it was swept.
async fn named(cx: &Cx<'_>, list: &str) -> Result<Option<Loaded<StatusListRecord>>, Fault> {
    let found = cx.read.find_one::<StatusListRecord>(StatusListRecord::LIST, list).await?;
    Ok(found.filter(|found| found.kept.is_none_or(|kept| !kept.is_past(cx.now))))
}

/// How many credentials have another status than before, and where to go on with those that are left.
pub struct Updated {
    count: usize,
    next: Option<RecordNumber>,
}

pub async fn update(cx: &mut Cx<'_>, call: &VciStatusUpdateRequest) -> Result<Updated, Fault> {
    credential_request::issuer(&cx.tenant)?;
    let status = match call.status.ok_or(Reason::StatusUnsaid {})? {
        CredentialStatus::Valid => VALID,
        CredentialStatus::Invalid => INVALID,
        CredentialStatus::Suspended => SUSPENDED,
    };
    let naming = Naming {
        credential: call.credential.as_deref(),
        uri: call.status_list_uri.as_deref(),
        idx: call.status_list_index,
        subject: call.subject.as_deref(),
        cursor: call.cursor.as_deref(),
    };
    match StatusTarget::parse(naming)? {
        StatusTarget::Credential(text) => {
            let hash = IssuedCredential::hash_of(&text).encoded();
            let found = cx.read.find_one::<IssuedCredential>(IssuedCredential::CREDENTIAL, &hash).await?;
            one(cx, found, status).await
        }
        StatusTarget::Entry { uri, idx } => {
            let list = uri.rsplit('/').next().unwrap_or_default();
            let list = named(cx, list).await?.filter(|list| list.uri == uri);
            let list = list.ok_or(Reason::StatusTargetUnknown {})?.list;
            let name = IssuedCredential::entry(list, idx);
            let found = cx.read.find_one::<IssuedCredential>(IssuedCredential::ENTRY, &name).await?;
            one(cx, found, status).await
        }
        StatusTarget::Subject(subject, from) => all(cx, (&subject, from), status).await,
    }
}

async fn one(cx: &mut Cx<'_>, found: Option<Loaded<IssuedCredential>>, status: u8) -> Result<Updated, Fault> {
    let found = found.filter(|found| found.counts(cx.now)).ok_or(Reason::StatusTargetUnknown {})?;
    match written(cx, found.list, &[found.idx], status).await? {
        Written { ends: 1.., .. } => Err(Reason::StatusFinal {}.into()),
        Written { changed, .. } => Ok(Updated { count: changed, next: None }),
    }
}

/// Those that are invalid stay so.
async fn all(
    cx: &mut Cx<'_>,
    (subject, from): (&Subject, RecordNumber),
    status: u8,
) -> Result<Updated, Fault> {
    let entry = (IssuedCredential::SUBJECT, subject.as_str().to_owned());
    let page = Page::rows(0, SUBJECT_CREDENTIALS + 1);
    let (found, _) = cx.read.find_from::<IssuedCredential>(Some(entry), from.0, page).await?;
    let mut lists: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for credential in found.iter().take(SUBJECT_CREDENTIALS).filter(|found| found.counts(cx.now)) {
        lists.entry(credential.list).or_default().push(credential.idx);
    }
    let mut updated = Updated { count: 0, next: found.get(SUBJECT_CREDENTIALS).map(|next| *next.id()) };
    for (list, entries) in lists {
        updated.count += written(cx, list, &entries, status).await?.changed;
    }
    Ok(updated)
}

/// What came of writing into a list.
struct Written {
    changed: usize,
    /// Entries whose status is the last one they have.
    ends: usize,
}

async fn written(cx: &mut Cx<'_>, list: i64, entries: &[usize], status: u8) -> Result<Written, Fault> {
    let record = named(cx, &list.to_string()).await?.ok_or_else(|| Fault::server("a status list is gone"))?;
    let mut statuses = StatusList::read(&record.claim)
        .map_err(|error| Fault::server(format!("a status list cannot be read: {error:?}")))?;
    let mut written = Written { changed: 0, ends: 0 };
    for idx in entries {
        match turned(&mut statuses, *idx, status)? {
            Turn::Changed => written.changed += 1,
            Turn::Final => written.ends += 1,
            Turn::Same => {}
        }
    }
    if written.changed > 0 {
        let claim = statuses.claim(None);
        cx.write.transition(record, |record| StatusListRecord { claim, ..record });
    }
    Ok(written)
}

pub fn reply(_: &Tenant, outcome: Result<Updated, Fault>) -> VciStatusUpdateResponse {
    let (reason, action, updated) = match outcome {
        Ok(updated) => {
            (Reason::StatusUpdated { count: updated.count.to_string() }, Action::Ok, Some(updated))
        }
        Err(fault) => {
            let action = match fault.error() {
                OAuthError::AccessDenied => Action::Forbidden,
                OAuthError::InvalidTarget => Action::NotFound,
                OAuthError::ServerError => Action::InternalServerError,
                _ => Action::BadRequest,
            };
            (fault.reason, action, None)
        }
    };
    let (result_code, result_message) = result(&reason);
    let count = updated.as_ref().map(|updated| int32(updated.count));
    let cursor = updated.and_then(|updated| updated.next).map(|next| next.0.to_string());
    VciStatusUpdateResponse { result_code, result_message, action: Some(action), count, cursor }
}
