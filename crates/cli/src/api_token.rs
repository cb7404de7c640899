//! `placet api-token`: tokens for the API itself, of a service or of the organization.

use clap::{Args, Subcommand, ValueEnum};
use placet_sdk::types::{OrganizationTokenRequest, ServiceTokenRequest};
use serde_json::{Value, json};

use crate::Surroundings;
use crate::confirm::Confirmation;
use crate::connection::{Api, Connection};
use crate::edit;
use crate::exit::{Done, Failure};
use crate::organization::Of;
use crate::output::Output;

/// Tokens for the API.
#[derive(Args)]
pub struct ApiToken {
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    output: Output,
    /// Tokens of the organization, in place of those of the service.
    #[arg(long, global = true)]
    of_organization: bool,
    #[command(flatten)]
    of: Of,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a token; its value is shown once.
    Create(Create),
    /// List tokens, without their values.
    List,
    /// Replace the value of a token; the new one is shown once.
    Rotate(Rotate),
    /// Take a token away.
    Revoke(Revoke),
}

#[derive(Args)]
struct Create {
    /// What it is for.
    #[arg(long)]
    description: String,
    /// What it may do, by what it is for.
    #[arg(long, value_enum)]
    preset: Option<Preset>,
    /// Rights by their names, with commas between them, such as use_service.
    #[arg(long, value_delimiter = ',', conflicts_with = "preset")]
    rights: Vec<String>,
    /// The one client that rights about clients are limited to.
    #[arg(long, value_name = "ID")]
    client: Option<i64>,
    /// How many days it is good; 0 for as long as its maker is.
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    days: i64,
}

#[derive(Clone, Copy, ValueEnum)]
enum Preset {
    /// An authorization server: it uses the service.
    AuthorizationServer,
    /// A resource server: it introspects.
    ResourceServer,
    /// Whoever administers.
    Admin,
    /// A pipeline that applies configuration.
    Ci,
    /// Looks, and changes nothing.
    ReadOnly,
}

impl Preset {
    fn rights(self, of_organization: bool) -> &'static [&'static str] {
        match (self, of_organization) {
            (Self::AuthorizationServer, _) => &["use_service"],
            (Self::ResourceServer, _) => &["use_introspection"],
            (Self::Admin, true) => &["admin"],
            (Self::Ci, true) => &["create_service", "modify_service"],
            (Self::Admin | Self::Ci, false) => &["modify_service"],
            (Self::ReadOnly, _) => &["view_service"],
        }
    }
}

#[derive(Args)]
struct Rotate {
    /// The token's id.
    #[arg(allow_hyphen_values = true)]
    token: String,
    /// How long the former value still works, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    grace: i64,
    #[command(flatten)]
    confirmation: Confirmation,
}

#[derive(Args)]
struct Revoke {
    /// The token's id.
    #[arg(allow_hyphen_values = true)]
    token: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

const COLUMNS: &[(&str, &str)] = &[
    ("ID", "tokenId"),
    ("DESCRIPTION", "description"),
    ("RIGHTS", "permissions"),
    ("EXPIRES (MS)", "expiresAt"),
    ("LAST USED (MS)", "lastUsedAt"),
];

/// Whose tokens they are.
enum Owner {
    Service(i64),
    Organization(i64),
}

/// What is said of a token.
#[derive(Default)]
struct Said {
    token: Option<String>,
    description: Option<String>,
    rights: Option<Vec<String>>,
    client: Option<i64>,
    expires_at: Option<i64>,
    grace: Option<i64>,
}

pub(crate) async fn run(arguments: ApiToken, surroundings: &Surroundings) -> Done {
    let (output, of_organization) = (arguments.output, arguments.of_organization);
    let target = arguments.connection.target(surroundings)?;
    let owner = match of_organization {
        true => Owner::Organization(arguments.of.id(&arguments.connection, surroundings)?),
        false => {
            let missing = || Failure::usage("name the service with --service ID, or say --of-organization");
            Owner::Service(target.service.ok_or_else(missing)?.0)
        }
    };
    let api = target.api()?;
    match arguments.command {
        Command::List => output.list(&owner.all(&api).await?, COLUMNS),
        Command::Create(create) => {
            let rights = create
                .preset
                .map(|preset| preset.rights(of_organization).iter().map(|r| (*r).to_owned()).collect());
            let named = Some(create.rights).filter(|rights: &Vec<_>| !rights.is_empty());
            let now = surroundings.ambient.clock.seconds();
            let said = Said {
                description: Some(create.description),
                rights: rights.or(named),
                client: create.client,
                expires_at: (create.days > 0).then(|| (now + create.days * 86_400) * 1_000),
                ..Said::default()
            };
            output.members(&owner.created(&api, said).await?)
        }
        Command::Rotate(rotate) => {
            let question = "Replace the value? The former one is void after the grace.";
            if !rotate.confirmation.given(question)? {
                return output.say("nothing was changed (--dry-run)");
            }
            let said = Said { token: Some(rotate.token), grace: Some(rotate.grace), ..Said::default() };
            output.members(&owner.rotated(&api, said).await?)
        }
        Command::Revoke(revoke) => {
            if !revoke.confirmation.given("Take the token away?")? {
                return output.say("nothing was revoked (--dry-run)");
            }
            owner.revoked(&api, Said { token: Some(revoke.token.clone()), ..Said::default() }).await?;
            output.show(&json!({ "revoked": revoke.token }), |_| "revoked\n".to_owned())
        }
    }
}

impl Owner {
    async fn all(&self, api: &Api) -> Result<Value, Failure> {
        match self {
            Self::Service(id) => edit::json(&api.servicetoken_all(of_service(*id, Said::default())).await?),
            Self::Organization(id) => {
                edit::json(&api.organizationtoken_all(of_organization(*id, Said::default())).await?)
            }
        }
    }

    async fn created(&self, api: &Api, said: Said) -> Result<Value, Failure> {
        match self {
            Self::Service(id) => edit::json(&api.servicetoken_create(of_service(*id, said)).await?),
            Self::Organization(id) => {
                edit::json(&api.organizationtoken_create(of_organization(*id, said)).await?)
            }
        }
    }

    async fn rotated(&self, api: &Api, said: Said) -> Result<Value, Failure> {
        match self {
            Self::Service(id) => edit::json(&api.servicetoken_rotate(of_service(*id, said)).await?),
            Self::Organization(id) => {
                edit::json(&api.organizationtoken_rotate(of_organization(*id, said)).await?)
            }
        }
    }

    async fn revoked(&self, api: &Api, said: Said) -> Done {
        match self {
            Self::Service(id) => api.servicetoken_revoke(of_service(*id, said)).await?,
            Self::Organization(id) => api.organizationtoken_revoke(of_organization(*id, said)).await?,
        }
        Ok(())
    }
}

fn of_service(id: i64, said: Said) -> ServiceTokenRequest {
    ServiceTokenRequest {
        service_id: Some(id),
        token_id: said.token,
        description: said.description,
        permissions: said.rights,
        client_id: said.client,
        expires_at: said.expires_at,
        grace_period: said.grace,
        ..Default::default()
    }
}

fn of_organization(id: i64, said: Said) -> OrganizationTokenRequest {
    OrganizationTokenRequest {
        organization_id: Some(id),
        token_id: said.token,
        description: said.description,
        permissions: said.rights,
        expires_at: said.expires_at,
        grace_period: said.grace,
    }
}
