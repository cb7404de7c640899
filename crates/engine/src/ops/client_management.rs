//! What is done about clients besides their documents: /api/{serviceId}/client/secret/…, /lock_flag/…,
//! /authorization/…, /granted_scopes/…, /extension/…

pub mod authorization;
pub mod extension;
pub mod granted_scopes;
pub mod grants;

use placet_api::types::{
    Client, ClientFlagUpdateRequest, ClientFlagUpdateResponse, ClientSecretRefreshResponse,
    ClientSecretUpdateRequest, ClientSecretUpdateResponse, NoRequest,
};
use placet_api::{CallError, Reason};
use placet_base::{ClientId, Subject};

use crate::budgets::CLIENT_SECRET;
use crate::cx::Cx;
use crate::flow::assigned;
use crate::flow::client_documents::{ClientRequest, Sayable, found, opened, sealed};
use crate::flow::reply::result;

/// Changes a client's document, and tells what it was before.
async fn changed<T: Sync>(
    cx: &mut Cx<'_>,
    about: &ClientRequest<T>,
    change: impl FnOnce(&mut Cx<'_>, Client) -> Result<(Sayable, Client), CallError>,
) -> Result<(ClientId, Client, Client), CallError> {
    let (id, record) = found(cx, about).await?;
    let former = opened(cx, id, &record)?;
    let (_, next) = change(cx, former.clone())?;
    let next = Client { modified_at: Some(cx.now.millis()), ..next };
    let sealed = sealed(cx, id, &next)?.revoked(record.revoked_below());
    cx.write.replace(record, &sealed);
    Ok((id, former, next))
}

/// Locks a client, or unlocks it. A locked client is refused everywhere, and its tokens mean nothing.
pub async fn lock(
    cx: &mut Cx<'_>,
    about: &ClientRequest<ClientFlagUpdateRequest>,
) -> Result<ClientFlagUpdateResponse, CallError> {
    let locked = about.body.client_locked.ok_or(Reason::ClientLockedMissing {})?;
    let change = |_: &mut Cx<'_>, client: Client| {
        let said = about.sayable("clientLocked", locked || client.locked != Some(true))?;
        Ok((said, Client { locked: Some(locked), ..client }))
    };
    changed(cx, about, change).await?;
    let (result_code, result_message) = result(&Reason::LockFlagUpdated {});
    Ok(ClientFlagUpdateResponse { result_code, result_message })
}

pub async fn refresh_secret(
    cx: &mut Cx<'_>,
    about: &ClientRequest<NoRequest>,
) -> Result<ClientSecretRefreshResponse, CallError> {
    let (_, former, next) = changed(cx, about, |cx, client| {
        let secret = assigned::secret(cx, 64);
        Ok((about.own(), Client { client_secret: Some(secret), ..client }))
    })
    .await?;
    let (result_code, result_message) = result(&Reason::SecretRefreshed {});
    Ok(ClientSecretRefreshResponse {
        result_code,
        result_message,
        new_client_secret: next.client_secret,
        old_client_secret: former.client_secret,
    })
}

pub async fn update_secret(
    cx: &mut Cx<'_>,
    about: &ClientRequest<ClientSecretUpdateRequest>,
) -> Result<ClientSecretUpdateResponse, CallError> {
    let secret = about.body.client_secret.clone().unwrap_or_default();
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if secret.is_empty() || secret.len() > CLIENT_SECRET || !secret.bytes().all(allowed) {
        return Err(Reason::SecretUnfit {}.into());
    }
    let chosen = secret.clone();
    let change = |_: &mut Cx<'_>, client| Ok((about.own(), Client { client_secret: Some(secret), ..client }));
    let (_, former, _) = changed(cx, about, change).await?;
    let (result_code, result_message) = result(&Reason::SecretUpdated {});
    Ok(ClientSecretUpdateResponse {
        result_code,
        result_message,
        new_client_secret: Some(chosen),
        old_client_secret: former.client_secret,
    })
}

/// The user that a call is about; `missing` is the call's reason when it names none.
fn subject(text: Option<&str>, missing: Reason) -> Result<Subject, CallError> {
    let text = text.filter(|text| !text.is_empty()).ok_or(missing)?;
    Ok(Subject::parse(text).map_err(|_| Reason::RevokeSubjectMalformed {})?)
}
