//! Flows whose user answers elsewhere, while the client asks again and again: RFC 8628 and CIBA Core in poll mode.

use std::time::Duration;

use clap::Args;
use serde_json::Value;

use super::{Run, endpoint};
use crate::exit::{Done, Exit, Failure};

#[derive(Args)]
pub(super) struct Waiting {
    /// How long the user is waited for, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    wait: u64,
}

#[derive(Args)]
pub(super) struct Asking {
    /// Who the user is, by a name that the authorization server knows.
    #[arg(long, value_name = "USER")]
    login_hint: String,
    /// What the user is shown, to know the request again.
    #[arg(long, value_name = "TEXT")]
    binding_message: Option<String>,
    #[command(flatten)]
    waiting: Waiting,
}

pub(super) async fn device(run: &mut Run<'_>, waiting: &Waiting) -> Done {
    let url = endpoint(run.service.device_authorization_endpoint.as_deref(), "deviceAuthorizationEndpoint")?;
    let pairs = run.first(&[]);
    let hop = run.proven(&url, pairs).await?.succeeded()?;
    let text = |name: &str| hop.text(name).unwrap_or_default().to_owned();
    let complete = hop
        .text("verification_uri_complete")
        .map_or_else(String::new, |uri| format!("\n\nor, with the code in it: {uri}"));
    run.wire.ask(&format!("Open {} and enter {}{complete}", text("verification_uri"), text("user_code")))?;
    let grant = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", &text("device_code")),
    ];
    polled(run, &grant, interval(hop.body.get("interval")), waiting).await
}

pub(super) async fn ciba(run: &mut Run<'_>, asking: &Asking) -> Done {
    let member = "backchannelAuthenticationEndpoint";
    let url = endpoint(run.service.backchannel_authentication_endpoint.as_deref(), member)?;
    let mut pairs = run.first(&[("login_hint", &asking.login_hint)]);
    pairs.extend(asking.binding_message.iter().map(|text| ("binding_message".to_owned(), text.clone())));
    let hop = run.proven(&url, pairs).await?.succeeded()?;
    run.wire.ask("The user is asked; the answer is waited for.")?;
    let id = hop.text("auth_req_id").unwrap_or_default().to_owned();
    let grant = [("grant_type", "urn:openid:params:grant-type:ciba"), ("auth_req_id", &id)];
    polled(run, &grant, interval(hop.body.get("interval")), &asking.waiting).await
}

/// RFC 8628 §3.2: five seconds where nothing is said.
fn interval(said: Option<&Value>) -> u64 {
    said.and_then(Value::as_u64).unwrap_or(5).clamp(1, 60)
}

async fn polled(run: &mut Run<'_>, grant: &[(&str, &str)], interval: u64, waiting: &Waiting) -> Done {
    let late = || Failure::new(Exit::Unreachable, "the user has not answered in time; --wait gives more");
    let wait = Duration::from_secs(waiting.wait);
    tokio::time::timeout(wait, until_answered(run, grant, interval)).await.map_err(|_| late())?
}

async fn until_answered(run: &mut Run<'_>, grant: &[(&str, &str)], mut interval: u64) -> Done {
    let url = endpoint(run.service.token_endpoint.as_deref(), "tokenEndpoint")?;
    loop {
        tokio::time::sleep(Duration::from_secs(interval)).await;
        let pairs = grant.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let proven = run.proving(&url, pairs)?;
        let hop = run.wire.post_quietly(&url, &proven).await?;
        let learned = run.learned(&hop);
        match hop.text("error") {
            Some("authorization_pending") => {}
            // RFC 8628 §3.5
            Some("slow_down") => interval += 5,
            Some("use_dpop_nonce") if learned => {}
            _ => {
                run.wire.show_request("POST", &url, &proven.pairs, proven.shown())?;
                run.wire.show_answer(&hop)?;
                return hop.succeeded().map(|_| ());
            }
        }
    }
}
