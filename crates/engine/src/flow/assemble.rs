//! Bringing the parameters of an authorization request together, whichever way they came: as they are, in
//! a request object by value or by reference, or pushed before.

use std::sync::Arc;

use placet_api::Reason;
use placet_store::Loaded;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::opening;
use crate::records::pushed::Pushed;
use crate::rules::authorization::Required;
use crate::rules::federation::request_object;
use crate::rules::jar::{AssembledRequest, Provenance, RequestObjectContext};
use crate::rules::params::Params;
use crate::rules::redirect_uri::{self, Destination};
use crate::rules::scope;
use crate::tenant::Client;

/// What stands before the identifier of a pushed request (RFC 9126 §2.2).
pub const PUSHED: &str = "urn:ietf:params:oauth:request_uri:";

/// An authorization request from a browser. A pushed one comes with its record, which its answer uses up.
pub async fn authorization(
    cx: &mut Cx<'_>,
    client: &Arc<Client>,
    params: Params,
) -> Result<(AssembledRequest, Option<Loaded<Pushed>>), Fault> {
    match (params.one("request")?, params.one("request_uri")?) {
        (Some(_), Some(_)) => Err(Reason::RequestAndRequestUri {}.into()),
        (_, Some(uri)) if uri.starts_with(PUSHED) => {
            let pushed = pushed(cx, client, &uri[PUSHED.len()..]).await?;
            let assembled = AssembledRequest {
                params: pushed.params.clone(),
                provenance: pushed.provenance.clone(),
                payload: pushed.payload.clone(),
                jkt: pushed.jkt.clone(),
                instance: pushed.instance.clone(),
                hint: opening::hint(cx, client, &pushed.params).await?,
            };
            Ok((assembled, Some(pushed)))
        }
        (_, Some(uri)) => {
            let text = referenced(cx, client, uri).await?;
            Ok((object(cx, client, params, text.trim(), false).await?, None))
        }
        (Some(text), None) => {
            let text = text.to_owned();
            Ok((object(cx, client, params, &text, false).await?, None))
        }
        (None, None) => {
            request_object::without_object(client, false)?;
            Ok((hinted(cx, client, plain(params, false)).await?, None))
        }
    }
}

/// A request as it is pushed (RFC 9126 §2.1), or part of it in a request object (§3).
pub async fn of_push(
    cx: &mut Cx<'_>,
    client: &Arc<Client>,
    params: Params,
) -> Result<AssembledRequest, Fault> {
    if params.one("request_uri")?.is_some() {
        return Err(Reason::PushedRequestUri {}.into());
    }
    let params = params.without_credentials();
    match params.one("request")?.map(str::to_owned) {
        Some(text) => object(cx, client, params, &text, true).await,
        None => {
            request_object::without_object(client, true)?;
            hinted(cx, client, plain(params, true)).await
        }
    }
}

fn plain(params: Params, pushed: bool) -> AssembledRequest {
    AssembledRequest {
        params,
        provenance: Provenance { pushed, object: None, outside: Vec::new() },
        payload: None,
        jkt: None,
        instance: None,
        hint: None,
    }
}

/// With the token of its hint, wherever the request had it.
async fn hinted(
    cx: &Cx<'_>,
    client: &Client,
    assembled: AssembledRequest,
) -> Result<AssembledRequest, Fault> {
    let hint = opening::hint(cx, client, &assembled.params).await?;
    Ok(AssembledRequest { hint, ..assembled })
}

async fn object(
    cx: &mut Cx<'_>,
    client: &Arc<Client>,
    outer: Params,
    text: &str,
    pushed: bool,
) -> Result<AssembledRequest, Fault> {
    // What is inside an encryption names its key only when it is open; every key is at hand by then.
    let keys = match placet_jose::is_encrypted(text) {
        true => cx.keys(client, |_| true).await?,
        false => cx.keys_for(client, text).await?,
    };
    let on = RequestObjectContext { tenant: &cx.tenant, client, keys: keys.get(), now: cx.now };
    let encryption = match on.encryption(text)? {
        Some(jwe) => {
            let key = opening::key(cx, Some(client), &jwe).await?;
            Some((jwe, key))
        }
        None => None,
    };
    let object = on.open(text, encryption)?;
    if let Some(entity) = client.unregistered() {
        let once = request_object::once(&object, entity, &cx.tenant, cx.now)?;
        if !cx.first_use("request object", entity, &once.jti, once.until).await? {
            return Err(Reason::RequestObjectReplayed {}.into());
        }
    }
    hinted(cx, client, object.assembled(outer, cx.tenant.request_objects.traditional, pushed)?).await
}

/// RFC 9126 §2.2, §4: a request that this client has pushed, still good, and not used before.
async fn pushed(cx: &Cx<'_>, client: &Client, value: &str) -> Result<Loaded<Pushed>, Fault> {
    let pushed = cx.ticket::<Pushed>(value).await?.ok_or(Reason::PushedUnknown {})?;
    if pushed.expires_at.is_past(cx.now) {
        return Err(Reason::PushedUnknown {}.into());
    }
    if pushed.client != client.id {
        return Err(Reason::PushedByAnother {}.into());
    }
    Ok(pushed)
}

/// A request object at a URL that the client has registered: nobody else chooses what is fetched here.
async fn referenced(cx: &Cx<'_>, client: &Client, uri: &str) -> Result<String, Fault> {
    // OpenID Connect Core §6.2: a fragment is a hash of the content, for caches.
    let without_fragment = uri.split('#').next().unwrap_or(uri);
    let registered = |known: &String| known.split('#').next() == Some(without_fragment);
    if !client.request_uris.iter().any(registered) {
        return Err(Reason::RequestUriUnregistered {}.into());
    }
    cx.fetch(without_fragment, Reason::RequestUriUnavailable {}).await
}

/// What is required of the request, and where its answer may go. A fault here must be shown.
pub fn required(
    cx: &Cx<'_>,
    asked: &AssembledRequest,
    client: &Client,
) -> Result<(Required, Destination), Fault> {
    let scopes = scope::requested(&asked.params, &cx.tenant, client)?;
    let policy = cx.tenant.policy(client, &scopes.all());
    let destination = redirect_uri::destination(&asked.params, &cx.tenant, client, &policy.request)?;
    Ok((Required { scopes, policy, mode: destination.mode() }, destination))
}
