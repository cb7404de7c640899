//! Sending authorization answers to their destination, in the open or inside a JWT.

use std::sync::Arc;

use placet_api::Reason;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::refusal::Refusal;
use crate::mint::authorization_response::{self, Delivery, deliver, deliver_jwt};
use crate::mint::error;
use crate::rules::redirect_uri::{Destination, Envelope};
use crate::tenant::Client;

/// Parameters on their way.
pub async fn answer(
    cx: &Cx<'_>,
    client: &Arc<Client>,
    alias_used: bool,
    destination: &Destination,
    parameters: &[(&str, String)],
) -> Result<Delivery, Fault> {
    match destination.envelope() {
        Envelope::Open => Ok(deliver(destination, parameters)),
        Envelope::Jwt => {
            let alg = client.answer.alg.ok_or(Reason::AnswerKeyMissing { alg: String::new() })?;
            let missing = || Reason::AnswerKeyMissing { alg: alg.protocol_name().to_owned() };
            let kid = cx.tenant.authorization.answer_key.as_deref();
            let key = client.signing_key(&cx.tenant, alg, kid).ok_or_else(missing)?;
            let (issuer, until) = (&cx.tenant.issuer, cx.now + cx.tenant.authorization.answer);
            let audience = client.identifier(alias_used);
            let unsigned =
                authorization_response::unsigned(destination, parameters, issuer, &audience, until);
            let jwt = cx.protected(client, unsigned, Some(&key), client.answer).await?;
            Ok(deliver_jwt(destination, &jwt))
        }
    }
}

/// A refusal, put on its way where it has one. When that fails, the failure is shown.
pub async fn refusal(cx: &Cx<'_>, refusal: Refusal) -> Refusal {
    let Refusal::Send(sending) = refusal else { return refusal };
    let parameters = error::parameters(&cx.tenant, &sending.fault);
    let (client, alias_used) = (&sending.client, sending.alias_used);
    match answer(cx, client, alias_used, &sending.destination, &parameters).await {
        Ok(delivery) => Refusal::Sent(delivery, sending.fault),
        Err(fault) => Refusal::Show(fault),
    }
}
