//! /api/{serviceId}/client/extension/requestable_scopes/…

use placet_api::types::{
    Client, ClientExtension, ClientExtensionRequestableScopesGetResponse,
    ClientExtensionRequestableScopesUpdateRequest, ClientExtensionRequestableScopesUpdateResponse, NoRequest,
};
use placet_api::{CallError, NoContent};

use super::changed;
use crate::cx::Cx;
use crate::flow::client_documents::{ClientRequest, Sayable, found, opened};

fn requestable(client: &Client) -> Option<Vec<String>> {
    let extension = client.extension.as_ref()?;
    let limited = extension.requestable_scopes_enabled == Some(true);
    extension.requestable_scopes.clone().filter(|_| limited)
}

/// No list for a client that may ask for everything, an empty one for a client that may ask for nothing.
pub async fn get(
    cx: &mut Cx<'_>,
    about: &ClientRequest<NoRequest>,
) -> Result<ClientExtensionRequestableScopesGetResponse, CallError> {
    let (id, record) = found(cx, about).await?;
    let requestable_scopes = requestable(&opened(cx, id, &record)?);
    Ok(ClientExtensionRequestableScopesGetResponse { requestable_scopes })
}

/// Replaces the list; without one, the limit is gone. Scopes that the service does not have are left out.
pub async fn update(
    cx: &mut Cx<'_>,
    about: &ClientRequest<ClientExtensionRequestableScopesUpdateRequest>,
) -> Result<ClientExtensionRequestableScopesUpdateResponse, CallError> {
    let tenant = cx.tenant.clone();
    let known = |name: &String| tenant.scopes.get(name).is_some();
    let wanted = about.body.requestable_scopes.clone();
    let wanted = wanted.map(|list| list.into_iter().filter(known).collect::<Vec<_>>());
    let (_, _, next) = changed(cx, about, |_, client| limited_to(about, client, wanted)).await?;
    Ok(ClientExtensionRequestableScopesUpdateResponse { requestable_scopes: requestable(&next) })
}

pub async fn delete(cx: &mut Cx<'_>, about: &ClientRequest<NoRequest>) -> Result<NoContent, CallError> {
    changed(cx, about, |_, client| limited_to(about, client, None)).await.map(|_| NoContent)
}

fn limited_to<T>(
    about: &ClientRequest<T>,
    client: Client,
    scopes: Option<Vec<String>>,
) -> Result<(Sayable, Client), CallError> {
    let fewer = match (requestable(&client), &scopes) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(former), Some(next)) => next.iter().all(|name| former.contains(name)),
    };
    let said = about.sayable("requestableScopes", fewer)?;
    let extension = ClientExtension {
        requestable_scopes_enabled: Some(scopes.is_some()),
        requestable_scopes: scopes,
        ..client.extension.clone().unwrap_or_default()
    };
    Ok((said, Client { extension: Some(extension), ..client }))
}
