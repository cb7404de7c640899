//! Members of the organization: invited, given a role, removed.

use minijinja::context;
use placet_api::MemberRole;
use placet_api::endpoints::EndpointId;
use placet_sdk::types::{MemberRequest, MemberResponse};
use serde_json::json;

use super::{Shown, see};
use crate::fields::moment;
use crate::posted::Posted;
use crate::problem::Problem;
use crate::rights::Known;
use crate::told::{self, Call, Told};
use crate::visit::Visit;

const ROLES: [(&str, MemberRole); 5] = [
    ("OWNER", MemberRole::Owner),
    ("ADMINISTRATOR", MemberRole::Administrator),
    ("DEVELOPER", MemberRole::Developer),
    ("VIEWER", MemberRole::Viewer),
    ("AUDITOR", MemberRole::Auditor),
];

fn role_name(role: MemberRole) -> &'static str {
    ROLES.iter().find(|(_, known)| *known == role).map_or("", |(name, _)| name)
}

/// The same as the command line takes it.
fn role_word(role: MemberRole) -> String {
    role_name(role).to_lowercase()
}

pub(super) async fn get(visit: Visit) -> Shown {
    let members = visit
        .api()
        .member_all(MemberRequest { organization_id: Some(visit.organization()), ..Default::default() })
        .await?;
    let known = visit.session.known();
    let rows: Vec<_> = members.iter().map(|member| row(member, &known)).collect();
    // Nobody gives a role that may what theirs may not.
    let given = ROLES.iter().filter(|(_, role)| known.covers(*role));
    Ok(visit
        .show("members.html", context! { rows, roles => given.map(|(name, _)| *name).collect::<Vec<_>>() }))
}

fn row(member: &MemberResponse, known: &Known) -> minijinja::Value {
    context! {
        above => member.role.is_some_and(|role| !known.covers(role)),
        id => &member.member_id, email => &member.email, role => member.role.map(role_name),
        accepted => member.accepted_at.map(moment), until => member.invitation_expires_at.map(moment),
    }
}

pub(super) async fn post(visit: Visit, posted: Posted) -> Shown {
    let role = ROLES.iter().find(|(name, _)| posted.get("role") == Some(name)).map(|(_, role)| *role);
    let (api, member_id) = (visit.api(), posted.text("id"));
    let organization = visit.organization();
    let (organization_id, of) = (Some(organization), format!("--organization {organization}"));
    let (told, id, body, command) = match posted.get("do").unwrap_or_default() {
        "invite" => {
            let email = posted.text("email").ok_or(Problem::Wrong("wrong.name"))?;
            let role = role.ok_or(Problem::Wrong("wrong.choice"))?;
            let request = MemberRequest {
                organization_id,
                email: Some(email.clone()),
                role: Some(role),
                ..Default::default()
            };
            let made = api.member_invite(request).await?;
            let told = Told::done("told.invited").about(&email);
            let code = made.invitation_code.clone().unwrap_or_default();
            let body = json!({ "organizationId": organization_id, "email": email, "role": role });
            let command =
                format!("placet member invite {of} {} --role {}", told::quoted(&email), role_word(role));
            (told.with_secret("members.code", code), EndpointId::member_invite, body, command)
        }
        "role" => {
            let role = role.ok_or(Problem::Wrong("wrong.choice"))?;
            let request = MemberRequest {
                organization_id,
                member_id: member_id.clone(),
                role: Some(role),
                ..Default::default()
            };
            api.member_update(request).await?;
            let command = format!(
                "placet member role {of} {} {}",
                told::quoted(&member_id.clone().unwrap_or_default()),
                role_word(role)
            );
            (
                Told::done("told.role"),
                EndpointId::member_update,
                json!({ "organizationId": organization_id, "memberId": member_id, "role": role }),
                command,
            )
        }
        "remove" => {
            api.member_remove(MemberRequest {
                organization_id,
                member_id: member_id.clone(),
                ..Default::default()
            })
            .await?;
            let command =
                format!("placet member remove {of} {}", told::quoted(&member_id.clone().unwrap_or_default()));
            (
                Told::done("told.member_removed"),
                EndpointId::member_remove,
                json!({ "organizationId": organization_id, "memberId": member_id }),
                command,
            )
        }
        _ => return Err(Problem::Wrong("wrong.choice")),
    };
    let ways = Call::new(visit.api_url(), id).body(body).ways(command, String::new());
    visit.session.tell(told.by(ways));
    Ok(see("/members"))
}
