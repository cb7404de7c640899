//! Access tokens for the external attachments of verified claims (OpenID Attachments 1.0 §3.2), where the service makes
//! them.

use std::sync::Arc;

use placet_base::Timestamp;
use serde_json::{Map, Value};

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::issuing;
use crate::policy::Policy;
use crate::records::entitlement::{Entitlement, Narrowed, Proof, Proven, Terms};
use crate::rules::admission::admitted;
use crate::rules::sender::Binding;
use crate::rules::verified_claims::VERIFIED_CLAIMS;
use crate::tenant::Client;

/// What the tokens come of, and when they end unless their attachments say it.
pub struct Granted<'a> {
    pub client: &'a Arc<Client>,
    pub terms: &'a Terms,
    pub policy: &'a Policy,
    pub until: Timestamp,
}

/// Claims in which each external attachment without an access token has got one that is good for its URL alone.
pub async fn embedded(
    cx: &mut Cx<'_>,
    mut claims: Map<String, Value>,
    granted: Granted<'_>,
) -> Result<Map<String, Value>, Fault> {
    if !cx.tenant.verified_claims.attachment_tokens {
        return Ok(claims);
    }
    let waiting = claims.get_mut(VERIFIED_CLAIMS).into_iter().flat_map(attachments);
    for attachment in waiting {
        let Some(url) = attachment.get("url").and_then(Value::as_str).map(str::to_owned) else { continue };
        // §3.2: null says that none is needed.
        if attachment.contains_key("access_token") {
            continue;
        }
        let said = attachment.get("exp").and_then(Value::as_i64).map(Timestamp::from_secs);
        let until = said.unwrap_or(granted.until).min(cx.now + granted.policy.token.unbound);
        if let Some(token) = token(cx, &granted, url, until).await? {
            attachment.insert("access_token".to_owned(), token.into());
            attachment.insert("exp".to_owned(), until.as_secs().into());
        }
    }
    Ok(claims)
}

/// The attachments of one set of verified claims, or of several.
fn attachments(verified: &mut Value) -> Vec<&mut Map<String, Value>> {
    let sets = match verified {
        Value::Array(sets) => sets.iter_mut().collect(),
        set => vec![set],
    };
    let evidence = sets.into_iter().filter_map(|set| set.get_mut("verification")?.get_mut("evidence"));
    let entries = evidence.filter_map(Value::as_array_mut).flatten();
    let attachments = entries.filter_map(|entry| entry.get_mut("attachments")?.as_array_mut()).flatten();
    attachments.filter_map(Value::as_object_mut).collect()
}

/// It is used as RFC 6750 says, so that no key can go with it; where every token must be bound to one there is none, and
/// the attachment is had with the access token of the client (§3.2).
async fn token(
    cx: &mut Cx<'_>,
    granted: &Granted<'_>,
    url: String,
    until: Timestamp,
) -> Result<Option<String>, Fault> {
    let Granted { client, terms, policy, .. } = granted;
    let bound = Binding::default().sufficient(&policy.token, client.certificate_bound);
    let (Ok(bound), true) = (bound, until > cx.now) else { return Ok(None) };
    let of_attachment = Terms {
        subject: terms.subject.clone(),
        resources: vec![url],
        for_attachment: true,
        grant_id: terms.grant_id.clone(),
        grant_generation: terms.grant_generation,
        ..Terms::new(terms.client, terms.alias_used, terms.grant)
    };
    let proven = Proven {
        by: Proof::Operator,
        admitted: admitted(client, terms.grant, **policy)?,
        bound,
        narrowed: Narrowed::whole(),
    };
    let entitlement = Entitlement::new(of_attachment, proven);
    issuing::beside(cx, client, entitlement, until).await.map(Some)
}
