//! The authorization code flow (RFC 6749 §4.1) with PKCE (RFC 7636), its request pushed or not.

use std::time::Duration;

use aws_lc_rs::digest;
use clap::Args;
use data_encoding::BASE64URL_NOPAD;
use placet_sdk::form;
use serde_json::{Map, Value};

use super::callback::Callback;
use super::wire::{Hop, refusal};
use super::{Run, endpoint};
use crate::exit::{Done, Failure};

#[derive(Args)]
pub(super) struct Options {
    /// Which of the client's redirect URIs; it has to lead to this machine.
    #[arg(long, value_name = "URI")]
    redirect_uri: Option<String>,
    /// How long the answer is waited for, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub(super) wait: u64,
    /// Open the URL in a browser.
    #[arg(long)]
    open: bool,
    /// Refresh the token at once, if there is a refresh token.
    #[arg(long)]
    refresh: bool,
}

pub(super) async fn run(run: &mut Run<'_>, options: &Options, pushed: bool) -> Done {
    let hop = granted(run, options, pushed).await?;
    match hop.text("refresh_token").filter(|_| options.refresh) {
        Some(token) => {
            let pairs = vec![
                ("grant_type".to_owned(), "refresh_token".to_owned()),
                ("refresh_token".to_owned(), token.to_owned()),
            ];
            run.token(pairs).await.map(|_| ())
        }
        None => Ok(()),
    }
}

/// The token response, once the user has agreed.
pub(super) async fn granted(run: &mut Run<'_>, options: &Options, pushed: bool) -> Result<Hop, Failure> {
    let callback = callback(run, options).await?;
    let (state, nonce, verifier) = (run.random(), run.random(), run.random());
    let challenge = BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()).as_ref());
    let client_id = run.proof.client_id().to_owned();
    let mut pairs = run.first(&[
        ("response_type", "code"),
        ("redirect_uri", &callback.uri),
        ("state", &state),
        ("nonce", &nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    // OpenID Connect Core §3.1.2.1: nonce belongs to requests for an ID token.
    if !run.scope.split(' ').any(|scope| scope == "openid") {
        pairs.retain(|(name, _)| name != "nonce");
    }
    let demanded = [run.service.par_required, run.client.par_required].contains(&Some(true));
    let pairs = if pushed || demanded { push(run, pairs).await? } else { pairs };
    let url = authorization(run, &client_id, &pairs)?;
    run.wire.show_request("GET", &url, &[], (false, false))?;
    run.wire.ask(&format!("Open this in a browser:\n\n{url}"))?;
    if options.open {
        opened(&url);
    }
    let redirect_uri = callback.uri.clone();
    let answer = callback.answer(&state, Duration::from_secs(options.wait)).await?;
    let code = code_of(run, &answer)?;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", &redirect_uri),
        ("code_verifier", &verifier),
    ];
    let hop = run.token(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()).await?;
    identified(run, &hop, &nonce)?;
    Ok(hop)
}

/// A listener at a redirect URI of the client's that leads to this machine.
async fn callback(run: &Run<'_>, options: &Options) -> Result<Callback, Failure> {
    let uris = run.client.redirect_uris.as_deref().unwrap_or_default();
    let local = |uri: &&String| {
        ["http://127.0.0.1", "http://[::1]", "http://localhost"].iter().any(|start| uri.starts_with(start))
    };
    let chosen = options.redirect_uri.as_ref().or_else(|| uris.iter().find(local));
    let missing = || {
        Failure::usage(
            "no redirect URI of the client leads to this machine: add one, such as http://127.0.0.1/callback, with `placet client set`",
        )
    };
    let uri = chosen.ok_or_else(missing)?;
    let address = uri.starts_with("http://127.0.0.1") || uri.starts_with("http://[::1]");
    let variable = run.service.loopback_redirection_uri_variable == Some(true);
    Callback::open(uri, address && variable).await
}

/// RFC 9126 §2: the request goes ahead, and the browser carries its name.
async fn push(run: &mut Run<'_>, pairs: Vec<(String, String)>) -> Result<Vec<(String, String)>, Failure> {
    let url = endpoint(run.service.pushed_auth_req_endpoint.as_deref(), "pushedAuthReqEndpoint")?;
    let hop = run.proven(&url, pairs).await?.succeeded()?;
    let request_uri = hop.text("request_uri").unwrap_or_default().to_owned();
    Ok(vec![("request_uri".to_owned(), request_uri)])
}

fn authorization(run: &Run<'_>, client_id: &str, pairs: &[(String, String)]) -> Result<String, Failure> {
    let url = endpoint(run.service.authorization_endpoint.as_deref(), "authorizationEndpoint")?;
    let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    Ok(form::with_query(&url, &form::encode([("client_id", client_id)].into_iter().chain(pairs))))
}

/// The code, from the issuer that was asked (RFC 9207 §2.4).
fn code_of(run: &mut Run<'_>, answer: &[(String, String)]) -> Result<String, Failure> {
    let members: Map<_, _> =
        answer.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    run.wire.show_members("the browser", &members)?;
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    if let (Some(iss), Some(issuer)) = (text("iss"), &run.service.issuer)
        && iss != issuer
    {
        return Err(Failure::failed(format!(
            "the answer is of {iss}, and {issuer} was asked (RFC 9207 §2.4)"
        )));
    }
    if let Some(error) = text("error") {
        return Err(refusal(error, text("error_description")));
    }
    text("code").map(str::to_owned).ok_or_else(|| Failure::failed("the answer has no code"))
}

/// What the ID token says, and that it is of this request (OpenID Connect Core §3.1.3.7).
fn identified(run: &mut Run<'_>, hop: &Hop, nonce: &str) -> Done {
    let Some((_, claims)) = hop.text("id_token").and_then(crate::token::parts) else { return Ok(()) };
    let Some(claims) = claims.as_object() else { return Ok(()) };
    run.wire.show_members("the ID token says", claims)?;
    match claims.get("nonce").and_then(Value::as_str) {
        Some(found) if found == nonce => Ok(()),
        _ => Err(Failure::failed("the ID token has another nonce than the request")),
    }
}

/// Whether a browser opens is the desktop's business: the URL has been printed.
fn opened(url: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let _ = std::process::Command::new(program).arg(url).spawn();
}
