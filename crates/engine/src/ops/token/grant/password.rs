//! RFC 6749 §4.3 – the resource owner's password, judged by the authorization server

use placet_api::Reason;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::token::{Asked, Outcome, Question};
use crate::records::password_ticket::{LIFETIME, PasswordTicket};
use crate::rules::{resource, scope};

pub fn open(cx: &mut Cx<'_>, asked: Asked<'_>) -> Result<Outcome, Fault> {
    let username = asked.params.one("username")?.ok_or(Reason::UsernameMissing {})?;
    let password = asked.params.one("password")?.ok_or(Reason::PasswordMissing {})?;
    let requested = scope::requested(asked.params, &cx.tenant, asked.client)?;
    let policy = cx.tenant.policy(asked.client, &requested.all());
    let scopes = scope::sufficient(requested.all(), policy.request.scope, Reason::PasswordNoScopeLeft {})?;
    let number = cx.number();
    let ticket = cx.handle::<PasswordTicket>((), number, 0);
    let record = PasswordTicket {
        hash: ticket.hash(),
        client: asked.client.id,
        alias_used: asked.alias_used,
        scopes: scopes.clone(),
        properties: asked.properties,
        binding: asked.evidence.bound(asked.client, &policy.token)?.into_binding(),
        resources: resource::resources(asked.params)?,
        access_secs: asked.wanted.access.map(|ttl| ttl.as_secs()),
        refresh_secs: asked.wanted.refresh.map(|ttl| ttl.as_secs()),
        expires_at: cx.now + LIFETIME,
    };
    cx.write.insert(cx.tenant.id, &number, &record);
    Ok(Outcome::Password(Box::new(Question {
        ticket: ticket.into_value(),
        username: username.to_owned(),
        password: password.to_owned(),
        scopes,
        client: asked.client.shared(),
        alias_used: asked.alias_used,
    })))
}
