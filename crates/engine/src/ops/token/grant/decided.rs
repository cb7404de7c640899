//! CIBA Core §11, RFC 8628 §3.5 – what both grants have in common whose user decides on another device

use placet_api::Reason;
use placet_base::RecordNumber;

use crate::cx::Cx;
use crate::fault::{ErrorText, Fault};
use crate::flow::decision::{self, Claimant};
use crate::flow::issuing::Issued;
use crate::flow::token::Asked;
use crate::records::decision::{Authorized, Refused};

/// The refusal of a user, or of the authorization server, in its words where it has said any.
pub fn refusal(reason: Reason, refused: Refused) -> Fault {
    Fault::with_error_text(reason, ErrorText { description: refused.description, uri: refused.uri })
}

/// The tokens; `None` where what the client or the user had was revoked since.
pub async fn tokens(
    cx: &mut Cx<'_>,
    request: RecordNumber,
    mut agreed: Authorized,
    asked: Asked<'_>,
    auth_req_id: Option<&str>,
) -> Result<Option<Issued>, Fault> {
    let client = asked.client.shared();
    if cx.is_revoked(request, &client, &agreed.terms).await? {
        return Ok(None);
    }
    let terms = agreed.terms.with(&asked.properties, asked.jwt_claims);
    agreed.terms = terms.ok_or(Reason::TokenPropertiesTooLarge {})?;
    let to = Claimant { client, evidence: asked.evidence, wanted: asked.wanted, auth_req_id, pushed: false };
    decision::tokens(cx, agreed, to).await.map(Some)
}
