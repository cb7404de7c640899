//! The audit log: what a commit changes about services, clients, tokens of the API and organizations is written down in the
//! same commit.

use std::net::IpAddr;

use placet_api::{Call, TokenName};
use placet_base::{OrganizationId, RecordNumber};
use placet_store::{Audited, Record as _};
use serde::Serialize;
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;

use crate::Engine;
use crate::cx::{Cx, Scope};
use crate::records::audit::{AuditEntry, AuditHead};
use crate::records::member::Member;
use crate::records::organization::Organization;
use crate::run::Broken;

/// Who changes something, from where, and by which operation.
#[derive(Clone, Copy)]
pub(crate) struct Origin {
    operation: &'static str,
    organization: Option<OrganizationId>,
    token: Option<TokenName>,
    from: Option<IpAddr>,
    request: u64,
}

impl Origin {
    pub(crate) fn of(call: &Call) -> Self {
        Self {
            operation: call.endpoint.row().name,
            organization: call.caller.map(|caller| caller.organization),
            token: call.caller.map(|caller| caller.token),
            from: call.from,
            request: call.request,
        }
    }

    /// The server itself, or whoever sits at it.
    pub(crate) const fn local(operation: &'static str) -> Self {
        Self { operation, organization: None, token: None, from: None, request: 0 }
    }
}

/// An entry as it is written; the order of the members is that of the text.
#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    sequence: u64,
    previous: Option<&'a str>,
    /// Milliseconds since the epoch.
    at: i64,
    organization_id: OrganizationId,
    operation: &'static str,
    /// The token of the API that was presented.
    token_id: Option<String>,
    /// The address of whoever sent the call.
    from: Option<IpAddr>,
    request_id: Option<String>,
    /// What was changed.
    kind: &'static str,
    id: &'a str,
    service_id: Option<i64>,
    /// Of what was there before, the members that are not there any more, or are different; nothing of what is new.
    before: Option<Map<String, Value>>,
    /// The same of what is there now.
    after: Option<Map<String, Value>>,
}

/// Stages an entry for each audited change that is staged.
pub(crate) async fn note<S: Scope>(
    cx: &mut Cx<'_, S>,
    origin: &Origin,
    changes: Vec<Audited>,
) -> Result<usize, Broken> {
    let owner = origin.organization.or(cx.tenant.organization()).or_else(|| belonging(&changes));
    let owner = owner.ok_or_else(|| Broken::Defect("an audited change of nobody's".to_owned()))?;
    let count = changes.len();
    let loaded = cx.installation().get::<AuditHead>(&owner).await.map_err(Broken::Unavailable)?;
    let mut head = loaded.as_ref().map(|loaded| loaded.value().clone()).unwrap_or_default();
    for change in changes {
        head = appended(cx, origin, (owner, &head), &change)?;
    }
    match loaded {
        Some(loaded) => cx.write.replace(loaded, &head),
        None => cx.write.insert(Engine::INSTALLATION, &owner, &head),
    }
    Ok(count)
}

/// The organization that the commit makes, or whose member it makes: nobody has called with a token.
fn belonging(changes: &[Audited]) -> Option<OrganizationId> {
    changes.iter().find_map(|change| match (change.kind, change.after.as_ref()) {
        (kind, _) if kind == Organization::KIND.name => change.id.parse().ok().map(OrganizationId),
        (kind, Some(member)) if kind == Member::KIND.name => {
            member["organizationId"].as_i64().map(OrganizationId)
        }
        _ => None,
    })
}

/// The head after one more entry.
fn appended<S: Scope>(
    cx: &mut Cx<'_, S>,
    origin: &Origin,
    (owner, head): (OrganizationId, &AuditHead),
    change: &Audited,
) -> Result<AuditHead, Broken> {
    // A token of the API has a name; its record is found by the hash of its value, which is nobody's business.
    let token = change.after.as_ref().or(change.before.as_ref()).and_then(|token| token["tokenId"].as_str());
    let (before, after) = differing(change.before.as_ref(), change.after.as_ref());
    let entry = Entry {
        sequence: head.sequence + 1,
        previous: head.hash.as_deref(),
        at: cx.now.millis(),
        organization_id: owner,
        operation: origin.operation,
        token_id: origin.token.map(|token| token.to_string()),
        from: origin.from,
        request_id: Some(origin.request).filter(|request| *request > 0).map(|request| request.to_string()),
        kind: change.kind,
        id: token.unwrap_or(&change.id),
        service_id: Some(change.service).filter(|service| *service != Engine::INSTALLATION.0),
        before,
        after,
    };
    let text = serde_json::to_string(&entry).map_err(|e| Broken::Defect(e.to_string()))?;
    let record = AuditEntry { organization: owner, text };
    // In the order of the chain, whatever the clock does.
    let number = (cx.now.millis() << 20 | i64::from(u16::from_be_bytes(cx.random()))).max(head.number + 1);
    cx.write.insert(Engine::INSTALLATION, &RecordNumber(number), &record);
    Ok(AuditHead { sequence: entry.sequence, hash: Some(record.hash()), number })
}

type Members = Option<Map<String, Value>>;

/// The members in which two documents differ, as each has them; the whole of what is new or gone.
fn differing(before: Option<&Value>, after: Option<&Value>) -> (Members, Members) {
    let members = |value: Option<&Value>| value.and_then(Value::as_object).cloned();
    let (mut before, mut after) = (members(before), members(after));
    if let (Some(former), Some(latter)) = (&mut before, &mut after) {
        let same: Vec<String> = former
            .iter()
            .filter(|(name, value)| latter.get(*name) == Some(*value))
            .map(|(n, _)| n.clone())
            .collect();
        for name in same {
            former.shift_remove(&name);
            latter.shift_remove(&name);
        }
    }
    (before, after)
}
