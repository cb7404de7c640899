//! `placet org` and `placet member`: who may administer.

use clap::{Args, Subcommand, ValueEnum};
use placet_sdk::types::{MemberAcceptRequest, MemberRequest};
use placet_sdk::{Answer, MemberRole};
use serde_json::json;

use crate::Surroundings;
use crate::confirm::Confirmation;
use crate::connection::{Api, Connection, read_token};
use crate::exit::{Done, Failure};
use crate::output::Output;

/// The organization.
#[derive(Args)]
pub struct Org {
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    output: Output,
    #[command(subcommand)]
    command: OrgCommand,
}

#[derive(Subcommand)]
enum OrgCommand {
    /// Show what the token reaches: its organization, if it is known here, and services.
    Show(Of),
}

/// Members.
#[derive(Args)]
pub struct Member {
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    output: Output,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List members and invitations.
    List(Of),
    /// Invite somebody; the code is shown once, and whoever has it becomes the member.
    Invite(Invite),
    /// Take an invitation up; the member's token is shown once.
    Accept(Accept),
    /// Give a member another role.
    Role(Role),
    /// End a membership or an invitation, and the member's token with it.
    Remove(Remove),
}

/// Which organization.
#[derive(Args)]
pub(crate) struct Of {
    /// The organization [default: PLACET_ORGANIZATION, else AUTHLETE_ORGANIZATION_ID, else what `placet dev` has made]
    #[arg(long, value_name = "ID")]
    organization: Option<i64>,
}

impl Of {
    /// The organization that was named, or that is known from where the token is.
    pub(crate) fn id(&self, connection: &Connection, surroundings: &Surroundings) -> Result<i64, Failure> {
        let known = connection.target(surroundings)?.organization;
        let missing =
            || Failure::usage("name the organization with --organization ID, or set PLACET_ORGANIZATION");
        self.organization.or(known).ok_or_else(missing)
    }
}

#[derive(Args)]
struct Invite {
    #[command(flatten)]
    of: Of,
    /// The address of whoever is invited. No mail is sent.
    email: String,
    /// What the member may do.
    #[arg(long, value_enum)]
    role: RoleName,
}

#[derive(Args)]
struct Accept {
    /// A file with the code of the invitation; - for standard input.
    #[arg(value_name = "FILE")]
    code_file: std::path::PathBuf,
}

#[derive(Args)]
struct Role {
    #[command(flatten)]
    of: Of,
    /// The member's id.
    #[arg(allow_hyphen_values = true)]
    member: String,
    /// What the member may do from now on.
    #[arg(value_enum)]
    role: RoleName,
}

#[derive(Args)]
struct Remove {
    #[command(flatten)]
    of: Of,
    /// The member's id.
    #[arg(allow_hyphen_values = true)]
    member: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleName {
    /// Everything, the audit log included.
    Owner,
    /// Everything but the audit log.
    Administrator,
    /// Services and their clients, but not who else may.
    Developer,
    /// Looks, and changes nothing.
    Viewer,
    /// The audit log, and nothing else.
    Auditor,
}

impl From<RoleName> for MemberRole {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Owner => Self::Owner,
            RoleName::Administrator => Self::Administrator,
            RoleName::Developer => Self::Developer,
            RoleName::Viewer => Self::Viewer,
            RoleName::Auditor => Self::Auditor,
        }
    }
}

const COLUMNS: &[(&str, &str)] =
    &[("ID", "memberId"), ("ADDRESS", "email"), ("ROLE", "role"), ("ACCEPTED (MS)", "acceptedAt")];

pub(crate) async fn org(arguments: Org, surroundings: &Surroundings) -> Done {
    let OrgCommand::Show(of) = &arguments.command;
    let organization = of.id(&arguments.connection, surroundings).ok();
    let api = arguments.connection.api(surroundings)?;
    let services = crate::service::all(&api).await?;
    let names: Vec<_> = services
        .iter()
        .map(|service| json!({ "id": service["apiKey"], "name": service["serviceName"] }))
        .collect();
    arguments.output.members(&json!({ "organization": organization, "services": names }))
}

pub(crate) async fn member(arguments: Member, surroundings: &Surroundings) -> Done {
    let Member { connection, output, command } = arguments;
    if let Command::Accept(accept) = &command {
        return accepted(&connection, output, accept, surroundings).await;
    }
    let api = connection.api(surroundings)?;
    let of = |of: &Of| of.id(&connection, surroundings).map(Some);
    match command {
        Command::List(list) => {
            let request = MemberRequest { organization_id: of(&list)?, ..Default::default() };
            output.list(&api.member_all(request).await?, COLUMNS)
        }
        Command::Invite(invite) => {
            let request = MemberRequest {
                organization_id: of(&invite.of)?,
                email: Some(invite.email),
                role: Some(invite.role.into()),
                member_id: None,
            };
            output.members(&api.member_invite(request).await?)
        }
        Command::Role(role) => {
            let request = MemberRequest {
                organization_id: of(&role.of)?,
                member_id: Some(role.member),
                role: Some(role.role.into()),
                email: None,
            };
            output.members(&api.member_update(request).await?)
        }
        Command::Remove(remove) => removed(&api, output, of(&remove.of)?, &remove).await,
        Command::Accept(_) => Ok(()),
    }
}

/// Whoever has the code needs no token.
async fn accepted(
    connection: &Connection,
    output: Output,
    accept: &Accept,
    surroundings: &Surroundings,
) -> Done {
    let code = read_token(&accept.code_file)?.expose().clone();
    let api = connection.target(surroundings)?.open_api()?;
    let request = MemberAcceptRequest { invitation_code: Some(code) };
    let member: Answer<_> = api.member_accept(request).await?;
    output.members(&member)
}

async fn removed(api: &Api, output: Output, organization: Option<i64>, remove: &Remove) -> Done {
    if !remove
        .confirmation
        .given(&format!("End the membership of {}?", crate::output::clean(&remove.member)))?
    {
        return output.say("nobody was removed (--dry-run)");
    }
    let request = MemberRequest {
        organization_id: organization,
        member_id: Some(remove.member.clone()),
        ..Default::default()
    };
    api.member_remove(request).await?;
    output.show(&json!({ "removed": remove.member }), |_| "removed\n".to_owned())
}
