//! Telling clients that a session has ended: directly (OpenID Connect Back-Channel Logout 1.0), and through the
//! browser (OpenID Connect Front-Channel Logout 1.0).

use std::collections::BTreeSet;
use std::sync::Arc;

use placet_sdk::types::{BackchannelLogoutTokenRequest, Client};
use placet_sdk::{BackchannelLogoutTokenDecision as Decision, Transport, form};
use serde::Deserialize;

use crate::session::Login;
use crate::{AuthServer, form as forms, link};

/// What clients register for logout besides what the API has a property for; the service keeps it as custom
/// metadata (`supportedCustomClientMetadata`).
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Metadata {
    pub(super) post_logout_redirect_uris: Vec<String>,
    frontchannel_logout_uri: Option<String>,
    frontchannel_logout_session_required: bool,
}

pub(super) fn metadata(client: &Client) -> Metadata {
    let text = client.custom_metadata.as_deref();
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// Whether the client is told of logouts, and has to know the session by name.
pub(in crate::routes) fn hears(client: &Client) -> bool {
    client.backchannel_logout_uri.is_some() || metadata(client).frontchannel_logout_uri.is_some()
}

/// A page of a client, to be loaded by the browser.
pub(in crate::routes) struct Frame {
    pub(super) uri: String,
    /// Its origin, for the content security policy.
    pub(super) source: String,
}

/// Tells every client that took part. Logout tokens go out beside the answer: nobody waits for a client that does
/// not listen.
pub(in crate::routes) async fn told<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    login: &Login,
    clients: BTreeSet<String>,
) -> Vec<Frame> {
    let mut frames = Vec::new();
    for id in clients {
        match server.api.client_get(&id).await {
            Ok(client) => {
                frames.extend(frame(server, &client, login));
                if client.backchannel_logout_uri.is_some() {
                    tokio::spawn(post(server.clone(), id, login.clone()));
                }
            }
            Err(e) => tracing::warn!(client = id, source = %e, "a client cannot be told of a logout"),
        }
    }
    frames
}

/// §3: the client's page, with issuer and session where the client wants them.
fn frame<T: Transport + 'static>(server: &AuthServer<T>, client: &Client, login: &Login) -> Option<Frame> {
    let metadata = metadata(client);
    let uri = metadata.frontchannel_logout_uri.filter(|uri| server.outgoing.permits(uri))?;
    let uri = link::destination(&uri)?.to_owned();
    let (scheme, rest) = uri.split_once("://")?;
    let source = format!("{scheme}://{}", rest.split(['/', '?', '#']).next()?);
    if !source.bytes().all(|b| b.is_ascii_alphanumeric() || b":/.-[]".contains(&b)) {
        return None;
    }
    let named = [("iss", server.settings.issuer.url()), ("sid", login.sid.as_str())];
    let with = if metadata.frontchannel_logout_session_required { &named[..] } else { &[] };
    Some(Frame { uri: forms::with_query(&uri, with), source })
}

/// OpenID Connect Back-Channel Logout 1.0 §2.5
async fn post<T: Transport + 'static>(server: Arc<AuthServer<T>>, client: String, login: Login) {
    let call = BackchannelLogoutTokenRequest {
        client_identifier: Some(client.clone()),
        subject: Some(login.user.subject),
        session_id: Some(login.sid),
    };
    let (token, uri) = match server.api.backchannel_logout_token(call).await {
        Ok(Decision::Ok(answer)) => {
            let body = answer.body;
            let Some(pair) = body.logout_token.zip(body.backchannel_logout_uri) else { return };
            pair
        }
        Ok(Decision::CallerError(content) | Decision::ServerError(content)) => {
            return tracing::warn!(client, code = content.result_code, "no logout token for a client");
        }
        Ok(Decision::Unknown(_)) => return,
        Err(e) => return tracing::warn!(client, source = %e, "no logout token for a client"),
    };
    // §2.8: 200 is success; 204 is what some frameworks make of an empty one.
    match server.outgoing.post_form(&uri, form::encode([("logout_token", token.as_str())])).await {
        Ok(200 | 204) => tracing::debug!(client, "told a client of a logout"),
        Ok(status) => tracing::warn!(client, status, "a client did not take its logout token"),
        Err(e) => tracing::warn!(client, source = %e, "a client did not take its logout token"),
    }
}
