//! POST /api/{serviceId}/device/verification

use std::sync::Arc;

use placet_api::Reason;
use placet_api::types::DeviceVerificationRequest;
use placet_base::Timestamp;

use super::user_code::{self, Reasons};
use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::grants;
use crate::records::grant::Grant;
use crate::rules::requested_access::RequestedAccess;
use crate::tenant::Client;

/// What the user is asked about.
pub struct Verified {
    pub client: Arc<Client>,
    pub alias_used: bool,
    pub access: RequestedAccess,
    pub grant: Option<Grant>,
    pub expires_at: Timestamp,
}

fn reasons() -> Reasons {
    Reasons {
        missing: Reason::VerificationUserCodeMissing {},
        unknown: Reason::VerificationUserCodeUnknown {},
        expired: Reason::VerificationUserCodeExpired {},
        used: Reason::VerificationUserCodeUsed {},
        exhausted: Reason::VerificationGuessesExhausted {},
    }
}

pub async fn verify(cx: &mut Cx<'_>, call: &DeviceVerificationRequest) -> Result<Verified, Fault> {
    let waiting = user_code::waiting(cx, call.user_code.as_deref(), &reasons()).await?;
    let request = waiting.request();
    let client = cx.client(request.client).await?.filter(|client| !client.locked);
    let client = client.ok_or(Reason::VerificationUserCodeUnknown {})?;
    // A grant that is gone by now is shown as none; the answer of the user will meet it.
    let grant = grants::named(cx, &client, request.access.grant.as_ref())
        .await
        .or_else(|fault| if fault.reason == (Reason::GrantUnknown {}) { Ok(None) } else { Err(fault) })?;
    Ok(Verified {
        client,
        alias_used: request.alias_used,
        access: request.access.clone(),
        grant,
        expires_at: request.expires_at,
    })
}
