//! `placet token`: tokens that the service has issued.

mod batch;

use std::path::Path;

use clap::{Args, Subcommand, ValueEnum};
use data_encoding::BASE64URL_NOPAD;
use placet_sdk::registry::GrantType;
use placet_sdk::types::{
    IntrospectionRequest, TokenCreateRequest, TokenListQuery, TokenRevokeRequest, TokenStatus,
};
use placet_sdk::{Content, IntrospectionDecision, TokenCreateDecision};
use serde_json::{Value, json};

use crate::Surroundings;
use crate::confirm::Confirmation;
use crate::connection::{Api, Connection, read_token};
use crate::edit::json;
use crate::exit::{Done, Failure};
use crate::output::Output;

/// Tokens.
#[derive(Args)]
pub struct Token {
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    output: Output,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a token outside of any flow, for a test.
    Issue(Issue),
    /// Make many tokens, of a file: those of another server, say, under their values.
    Batch(batch::Batch),
    /// Ask what a token is good for.
    Introspect(Introspect),
    /// Show what a JWT says, without asking anybody whether it is true.
    Decode(Decode),
    /// List tokens, without their values.
    List(List),
    /// Take tokens away: one, or all of a client, of a user, or of both.
    Revoke(Revoke),
}

#[derive(Args)]
struct Issue {
    /// The client: its id or alias.
    #[arg(long)]
    client: String,
    /// The user; without one, the token is the client's own.
    #[arg(long)]
    subject: Option<String>,
    /// Its scopes, with commas between them.
    #[arg(long, value_delimiter = ',')]
    scope: Vec<String>,
    /// How long it lives, in seconds.
    #[arg(long, value_name = "SECONDS")]
    duration: Option<i64>,
}

#[derive(Args)]
struct Introspect {
    /// The token; - for standard input, which others on this machine do not see.
    #[arg(allow_hyphen_values = true)]
    token: String,
    /// Scopes that it has to have.
    #[arg(long, value_delimiter = ',')]
    scope: Vec<String>,
}

#[derive(Args)]
struct Decode {
    /// The JWT; - for standard input.
    token: String,
}

#[derive(Args)]
struct List {
    /// Only those of this client: its id or alias.
    #[arg(long)]
    client: Option<String>,
    /// Only those of this user.
    #[arg(long)]
    subject: Option<String>,
    /// Only those of this status.
    #[arg(long, value_enum, default_value = "all")]
    status: Status,
    /// How many at most.
    #[arg(long, default_value_t = 100)]
    limit: usize,
}

#[derive(Clone, Copy, ValueEnum)]
enum Status {
    Valid,
    Invalid,
    All,
}

#[derive(Args)]
struct Revoke {
    /// The access token or its hash; - for standard input.
    #[arg(required_unless_present_any = ["client", "subject"], allow_hyphen_values = true)]
    token: Option<String>,
    /// All of this client: its id or alias.
    #[arg(long, conflicts_with = "token")]
    client: Option<String>,
    /// All of this user.
    #[arg(long, conflicts_with = "token")]
    subject: Option<String>,
    #[command(flatten)]
    confirmation: Confirmation,
}

const COLUMNS: &[(&str, &str)] = &[
    ("HASH", "accessTokenHash"),
    ("CLIENT", "clientId"),
    ("SUBJECT", "subject"),
    ("GRANT", "grantType"),
    ("SCOPES", "scopes"),
    ("EXPIRES (MS)", "accessTokenExpiresAt"),
];

pub(crate) async fn run(arguments: Token, surroundings: &Surroundings) -> Done {
    let output = arguments.output;
    // What a token says is in the token: nobody has to be asked.
    if let Command::Decode(decode) = &arguments.command {
        return decoded(output, &given(&decode.token)?);
    }
    let api = arguments.connection.api(surroundings)?;
    match arguments.command {
        Command::Issue(issue) => issued(&api, output, issue).await,
        Command::Batch(batch) => batch::run(&api, output, batch).await,
        Command::Introspect(introspect) => introspected(&api, output, introspect).await,
        Command::List(list) => output.list(&listed(&api, &list).await?, COLUMNS),
        Command::Revoke(revoke) => revoked(&api, output, revoke).await,
        Command::Decode(_) => Ok(()),
    }
}

fn given(token: &str) -> Result<String, Failure> {
    match token {
        "-" => Ok(read_token(Path::new("-"))?.expose().clone()),
        token => Ok(token.to_owned()),
    }
}

/// The API's refusal of what a decision is about.
pub(crate) fn refused(content: Content) -> Failure {
    Failure::refused(content.result_code, content.result_message)
}

pub(crate) fn newer() -> Failure {
    Failure::failed("the server answers as a newer one does")
}

async fn issued(api: &Api, output: Output, issue: Issue) -> Done {
    let own = issue.subject.is_none();
    let request = TokenCreateRequest {
        grant_type: Some(if own { GrantType::ClientCredentials } else { GrantType::AuthorizationCode }),
        client_identifier: Some(issue.client),
        subject: issue.subject,
        scopes: Some(issue.scope).filter(|scopes| !scopes.is_empty()),
        access_token_duration: issue.duration,
        ..Default::default()
    };
    match api.token_create(request).await? {
        TokenCreateDecision::Ok(answer) => output.members(&answer),
        TokenCreateDecision::BadRequest(content)
        | TokenCreateDecision::Forbidden(content)
        | TokenCreateDecision::InternalServerError(content) => Err(refused(content)),
        TokenCreateDecision::Unknown(_) => Err(newer()),
    }
}

async fn introspected(api: &Api, output: Output, introspect: Introspect) -> Done {
    let request = IntrospectionRequest {
        token: Some(given(&introspect.token)?),
        scopes: Some(introspect.scope).filter(|scopes| !scopes.is_empty()),
        ..Default::default()
    };
    match api.introspection(request).await? {
        IntrospectionDecision::Ok(issued) => output.members(&issued.answer),
        IntrospectionDecision::BadRequest(content)
        | IntrospectionDecision::Unauthorized(content)
        | IntrospectionDecision::Forbidden(content)
        | IntrospectionDecision::InternalServerError(content) => Err(refused(content)),
        IntrospectionDecision::Unknown(_) => Err(newer()),
    }
}

/// Header and claims of a JWT, unproven.
pub(crate) fn parts(jwt: &str) -> Option<(Value, Value)> {
    let mut segments = jwt.split('.');
    let mut part = || {
        let bytes = BASE64URL_NOPAD.decode(segments.next()?.as_bytes()).ok()?;
        serde_json::from_slice::<Value>(&bytes).ok().filter(Value::is_object)
    };
    Some((part()?, part()?))
}

fn decoded(output: Output, jwt: &str) -> Done {
    let (header, claims) = parts(jwt).ok_or_else(|| {
        Failure::usage(
            "that is no signed JWT; an opaque token says nothing: `placet token introspect` asks about it",
        )
    })?;
    let shown = json!({ "header": header, "claims": claims });
    output.show(&shown, |shown| format!("{}\n", crate::output::json(shown)))
}

async fn listed(api: &Api, list: &List) -> Result<Vec<Value>, Failure> {
    let mut tokens = Vec::new();
    while tokens.len() < list.limit {
        let end = (tokens.len() + 100).min(list.limit);
        let query = TokenListQuery {
            client_identifier: list.client.clone(),
            subject: list.subject.clone(),
            start: Some(tokens.len().to_string()),
            end: Some(end.to_string()),
            token_status: Some(match list.status {
                Status::Valid => TokenStatus::Valid,
                Status::Invalid => TokenStatus::Invalid,
                Status::All => TokenStatus::All,
            }),
        };
        let found = api.token_get_list(query).await?.body.access_tokens.unwrap_or_default();
        if found.is_empty() {
            break;
        }
        for token in &found {
            tokens.push(json(token)?);
        }
    }
    Ok(tokens)
}

async fn revoked(api: &Api, output: Output, revoke: Revoke) -> Done {
    let token = revoke.token.as_deref().map(given).transpose()?;
    let what = match (&token, &revoke.client, &revoke.subject) {
        (Some(_), ..) => "this token".to_owned(),
        (None, Some(client), Some(subject)) => format!("all tokens of {subject} at client {client}"),
        (None, Some(client), None) => format!("all tokens of client {client}"),
        (None, None, subject) => format!("all tokens of {}", subject.as_deref().unwrap_or_default()),
    };
    let what = crate::output::clean(&what);
    if !revoke.confirmation.given(&format!("Take {what} away?"))? {
        return output.say(&format!("would take {what} away (--dry-run)"));
    }
    let request = TokenRevokeRequest {
        access_token_identifier: token,
        client_identifier: revoke.client,
        subject: revoke.subject,
        refresh_token_identifier: None,
    };
    let answer = api.token_revoke(request).await?;
    output.show(&answer, |answer| format!("{} tokens are revoked\n", crate::output::cell(&answer["count"])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_jwt_is_not_decoded() {
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let jwt = format!("{}.{}.x", part(&json!({ "alg": "ES256" })), part(&json!({ "sub": "john" })));
        assert_eq!(parts(&jwt).unwrap().1["sub"], "john");
        for wrong in ["", "a", "a.b.c", "..", &jwt[5..]] {
            assert!(parts(wrong).is_none(), "{wrong}");
        }
    }
}
