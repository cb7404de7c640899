//! Remembering what a user has granted to a client.

use data_encoding::BASE64URL_NOPAD;
use placet_api::Reason;
use placet_base::registry::GrantManagementAction;
use placet_base::{ClientId, Scopes, Subject};
use placet_store::{Loaded, Page};

use crate::budgets::GRANTS;
use crate::cx::Cx;
use crate::fault::Fault;
use crate::records::entitlement::{GrantRef, Terms};
use crate::records::grant::Grant;
use crate::rules::grant_management::GrantManagement;
use crate::tenant::Client;

/// The scopes of a grant are noted.
pub struct Remembered;

/// There are no grants any more.
pub struct Ended;

/// Notes the scopes of a grant (client/granted_scopes). What is granted under an identifier of its own is noted there, and
/// ends there: it is no consent to anything else.
pub async fn remember(cx: &mut Cx<'_>, terms: &Terms, scopes: &Scopes) -> Result<Remembered, Fault> {
    let Some(subject) = terms.subject.as_ref().filter(|_| terms.grant_id.is_none()) else {
        return Ok(Remembered);
    };
    let owner = cx.owner(subject).await?;
    let known = owner.as_ref().and_then(|owner| owner.granted(terms.client));
    // Nothing new is no reason to write: the same user signs in again and again.
    if known.is_some_and(|granted| granted.latest == *scopes && granted.merged.covers(scopes)) {
        return Ok(Remembered);
    }
    let now = cx.now;
    cx.put_owner(subject, owner, |owner| owner.with_grant(terms.client, scopes, now));
    Ok(Remembered)
}

/// Ends the managed grants of a user at a client: there are not more than are found at once.
pub async fn end(cx: &mut Cx<'_>, client: ClientId, subject: &Subject) -> Result<Ended, Fault> {
    for grant in all(cx, client, subject).await? {
        cx.write.delete(grant);
    }
    let owner = cx.owner(subject).await?;
    if owner.as_ref().is_some_and(|owner| owner.manages(client)) {
        cx.put_owner(subject, owner, |owner| owner.with_managed(client, false));
    }
    Ok(Ended)
}

/// Ends one managed grant, and what came of it.
pub async fn end_one(cx: &mut Cx<'_>, grant: Loaded<Grant>) -> Result<Ended, Fault> {
    let (client, subject) = (grant.client, grant.subject.clone());
    if all(cx, client, &subject).await?.len() <= 1 {
        let owner = cx.owner(&subject).await?;
        cx.put_owner(&subject, owner, |owner| owner.with_managed(client, false));
    }
    cx.write.delete(grant);
    Ok(Ended)
}

/// The managed grants of a user at a client.
pub async fn all(cx: &Cx<'_>, client: ClientId, subject: &Subject) -> Result<Vec<Loaded<Grant>>, Fault> {
    let holder = (Grant::HOLDER, Grant::holder(client, subject));
    let (grants, _) = cx.read.find::<Grant>(Some(holder), Page::rows(0, GRANTS)).await?;
    Ok(grants)
}

/// The grant that a request names, which must be the client's own.
pub async fn named(
    cx: &Cx<'_>,
    client: &Client,
    wish: Option<&GrantManagement>,
) -> Result<Option<Grant>, Fault> {
    let Some(id) = wish.and_then(|wish| wish.grant_id.as_ref()) else { return Ok(None) };
    let grant = cx.read.get::<Grant>(id).await?;
    let grant = grant.filter(|grant| grant.client == client.id).ok_or(Reason::GrantUnknown {})?;
    Ok(Some(grant.into_value()))
}

/// Does with a managed grant what the request asked for, and tells its identifier.
pub async fn managed(
    cx: &mut Cx<'_>,
    wish: Option<&GrantManagement>,
    terms: &Terms,
) -> Result<Option<GrantRef>, Fault> {
    let (Some(wish), Some(subject)) = (wish, terms.subject.clone()) else { return Ok(None) };
    let new = Grant {
        client: terms.client,
        subject,
        scopes: vec![(terms.scopes.clone(), terms.resources.clone())],
        claims: terms.consented_claims.clone(),
        details: terms.details.clone(),
        modified_at: cx.now,
        generation: 0,
    };
    let Some(id) = &wish.grant_id else {
        if all(cx, new.client, &new.subject).await?.len() >= GRANTS {
            return Err(Reason::GrantsExcessive {}.into());
        }
        let owner = cx.owner(&new.subject).await?;
        if !owner.as_ref().is_some_and(|owner| owner.manages(new.client)) {
            cx.put_owner(&new.subject, owner, |owner| owner.with_managed(new.client, true));
        }
        let random: [u8; 32] = cx.random();
        let id = BASE64URL_NOPAD.encode(&random);
        cx.write.insert(cx.tenant.id, &id, &new);
        return Ok(Some(GrantRef { id, generation: 0 }));
    };
    let grant = cx.read.get::<Grant>(id).await?.ok_or(Reason::GrantUnknown {})?;
    // Another user's grant is not this user's to change.
    if grant.client != new.client || grant.subject != new.subject {
        return Err(Reason::GrantUnknown {}.into());
    }
    let next = match wish.action {
        GrantManagementAction::Merge => grant.value().clone().merged(new),
        GrantManagementAction::Create | GrantManagementAction::Replace => grant.value().clone().replaced(new),
        // The rule that reads the wish refuses these in an authorization request.
        GrantManagementAction::Query | GrantManagementAction::Revoke => {
            return Err(Fault::server("a grant management action that is none of an authorization request"));
        }
    };
    cx.write.replace(grant, &next);
    Ok(Some(GrantRef { id: id.clone(), generation: next.generation }))
}
