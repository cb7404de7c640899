//! RFC 7523 §2.1 – a JWT as grant, verified as far as the engine can, and put to the authorization server

use placet_api::Reason;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::token::{Asked, JwtGrantQuestion, Outcome};
use crate::rules::jwt_grant::JwtGrantRequest;
use crate::rules::params::Params;

/// `asked`: the same request, with the client that it is of; `None` where it names nobody.
pub async fn judge(cx: &mut Cx<'_>, params: &Params, asked: Option<Asked<'_>>) -> Result<Outcome, Fault> {
    let asker = asked.as_ref().and_then(Asked::asker);
    let client = asker.as_ref().map(|(client, _)| &**client);
    let proof = asked.as_ref().and_then(|asked| asked.evidence.proof.as_ref());
    let on = (proof.map(|proof| proof.jkt.as_str()), cx.now);
    let request = JwtGrantRequest::build(params, &cx.tenant, client, on)?;
    if let Some(once) = &request.once
        && !cx.first_use(once.of, &once.owner, &once.jti, once.until).await?
    {
        return Err(Reason::JwtGrantReplayed {}.into());
    }
    Ok(Outcome::JwtGrant(Box::new(JwtGrantQuestion {
        asker,
        scopes: request.scopes,
        resources: request.resources,
        assertion: request.assertion,
    })))
}
