//! RFC 7516 – what a client has encrypted for the service, and the keys that open it.

use placet_jose::{DecryptionKey, Encrypted, is_encrypted, is_symmetric};

use crate::cx::Cx;
use crate::fault::Fault;
use crate::rules::id_token_hint::ReturnedToken;
use crate::rules::params::Params;
use crate::tenant::Client;

/// The key that opens a message: the client's secret where both sides share the key (OpenID Connect Core §10.2), else one
/// of the service.
pub async fn key(
    cx: &Cx<'_>,
    client: Option<&Client>,
    jwe: &Encrypted<'_>,
) -> Result<Option<DecryptionKey>, Fault> {
    if !is_symmetric(jwe.alg()) {
        return cx.decryption_key(&cx.tenant.keys, jwe).await;
    }
    let secret = client.and_then(Client::secret);
    Ok(secret.and_then(|secret| DecryptionKey::from_secret(secret.expose(), jwe.alg(), jwe.enc())))
}

/// The ID token of `id_token_hint`, if there is one. Whether it is any good is judged elsewhere, and so is a parameter
/// that stands there twice.
pub async fn hint(cx: &Cx<'_>, client: &Client, params: &Params) -> Result<Option<ReturnedToken>, Fault> {
    let Ok(Some(text)) = params.one("id_token_hint") else { return Ok(None) };
    if !is_encrypted(text) {
        return Ok(Some(ReturnedToken::plain(text)));
    }
    let Ok(jwe) = Encrypted::parse(text) else { return Ok(Some(ReturnedToken::unreadable())) };
    let key = key(cx, Some(client), &jwe).await?;
    Ok(Some(ReturnedToken::opened(jwe, key.as_ref())))
}
