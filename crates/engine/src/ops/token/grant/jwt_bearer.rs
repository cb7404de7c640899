//! RFC 7523 §2.1 – a JWT as grant, verified as far as the engine can, and put to the authorization server

use placet_api::Reason;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::token::{Asker, JwtGrantQuestion, Outcome};
use crate::rules::jwt_grant::JwtGrantRequest;
use crate::rules::params::Params;

pub async fn judge(cx: &mut Cx<'_>, params: &Params, asker: Asker) -> Result<Outcome, Fault> {
    let client = asker.as_ref().map(|(client, _)| &**client);
    let request = JwtGrantRequest::build(params, &cx.tenant, client, cx.now)?;
    if let Some(once) = &request.once
        && !cx.first_use("assertion-grant", &once.issuer, &once.jti, once.until).await?
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
