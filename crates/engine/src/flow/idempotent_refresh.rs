//! Answering a repeated refresh as the first one was answered: a client that lost the response asks again,
//! and a thief who does the same is not served.

use data_encoding::BASE64URL_NOPAD;
use placet_base::{TokenHash, Ttl};
use placet_store::Loaded;
use serde::{Deserialize, Serialize};

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::issuing::Issued;
use crate::records::token::{IdempotentResponse, Token};
use crate::records::used_jti::UsedJti;
use crate::rules::client_auth::Authenticated;
use crate::rules::params::Params;
use crate::rules::sender::Binding;

/// How long a refresh may be repeated.
const WINDOW: Ttl = Ttl::secs(30);

/// The values of an answer.
#[derive(Serialize, Deserialize)]
pub struct Answer {
    pub access: String,
    pub jwt: Option<String>,
    pub refresh: String,
}

/// What a refresh is made of besides the token: the same request is one in which all of it is the same.
pub fn request(params: &Params, binding: &Binding) -> Result<String, Fault> {
    let resources: Vec<_> = params.all("resource").collect();
    let parts = [
        params.one("scope")?.unwrap_or_default(),
        &resources.join(" "),
        params.one("authorization_details")?.unwrap_or_default(),
        binding.jkt.as_deref().unwrap_or_default(),
        binding.x5t.as_deref().unwrap_or_default(),
        binding.instance.as_deref().unwrap_or_default(),
    ];
    Ok(BASE64URL_NOPAD.encode(&UsedJti::digest(&parts)))
}

/// The answer, kept for as long as it may be asked for again. A kept refresh token needs none of this.
pub fn kept(
    cx: &mut Cx<'_>,
    refresh_kept: bool,
    presented: &str,
    request: String,
    answer: &Answer,
) -> Result<Option<IdempotentResponse>, Fault> {
    if refresh_kept || !cx.tenant.tokens.refresh_idempotent {
        return Ok(None);
    }
    let presented = TokenHash::of(presented);
    let text = serde_json::to_string(answer).map_err(Fault::server)?;
    let answer = cx.seal(&text, &Token::place(&presented))?;
    Ok(Some(IdempotentResponse { presented, request, until: cx.now + WINDOW, answer }))
}

/// The answer that the same request got a moment ago, if it is the same.
pub fn again(
    cx: &Cx<'_>,
    token: &Loaded<Token>,
    client: &Authenticated,
    params: &Params,
    binding: &Binding,
) -> Result<Option<Issued>, Fault> {
    let value = params.one("refresh_token")?.unwrap_or_default();
    let Some(repeat) = token.repeat.as_ref().filter(|repeat| !repeat.until.is_past(cx.now)) else {
        return Ok(None);
    };
    let same = repeat.presented == TokenHash::of(value) && repeat.request == request(params, binding)?;
    if !same {
        return Ok(None);
    }
    let text = cx.open(&repeat.answer, &Token::place(&repeat.presented))?;
    let answer: Answer = serde_json::from_str(text.expose()).map_err(Fault::server)?;
    let record = token.value().clone();
    let refresh_secs = record.refresh.map_or(0, |refresh| refresh.expires_at.secs_after(cx.now));
    Ok(Some(Issued {
        client: client.shared(),
        number: *token.id(),
        access_token: answer.access,
        jwt: answer.jwt,
        access_secs: record.access.expires_at.secs_after(cx.now),
        refresh_token: Some((answer.refresh, refresh_secs)),
        id_token: None,
        repeated: true,
        record,
    }))
}
