//! `placet dev`: everything that a first try needs, made once and kept.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use placet_base::registry::{
    ApplicationType, ClientAuthMethod, ClientType, GrantType, JwsAlg, Prompt, ResponseType,
};
use placet_base::{Secret, ServiceId, form};
use placet_sdk::Client;
use placet_sdk::types::{self, Scope, Service, ServiceTokenRequest, ServiceTokenResponse};

use placet_server::api::Api;
use placet_server::config::Config;
use placet_server::in_process::InProcess;
use placet_server::keys::key_set;
use placet_server::listen::runtime;
use placet_server::serve::{Opened, Server, Sockets, StartError, open, write_private};

/// Where the demo clients take their answers.
const REDIRECT_URI: &str = "http://localhost:3000/callback";

/// What is written to `DIR/env`, in its order.
const NAMES: [&str; 13] = [
    "AUTHLETE_BASE_URL",
    "AUTHLETE_API_VERSION",
    "AUTHLETE_ORGANIZATION_ID",
    "AUTHLETE_ORG_TOKEN",
    "AUTHLETE_SERVICE_ID",
    "AUTHLETE_SERVICE_APIKEY",
    "AUTHLETE_SERVICE_ACCESSTOKEN",
    "AUTHLETE_BEARER",
    "AUTHLETE_API_TOKEN",
    "DEMO_CLIENT_ID",
    "DEMO_CLIENT_SECRET",
    "DEMO_PUBLIC_CLIENT_ID",
    "DEMO_REDIRECT_URI",
];

type Environment = BTreeMap<String, String>;

/// Starts a server for a first try, and answers until the process is asked to end.
pub fn run(config: &Config) -> Result<(), StartError> {
    let path = config.directory.join("env");
    let known = read(&path);
    let sockets = Sockets::bind(config)?;
    let first = known.is_none();
    let (opened, mut environment) = match known {
        Some(environment) => (open(config)?, environment),
        None => furnished(open(config)?, config, sockets.address)?,
    };
    let server = Server::start(config, opened, sockets)?;
    environment.insert("AUTHLETE_BASE_URL".into(), format!("http://{}", server.address()));
    write_private(&path, &text(&environment)).map_err(StartError::new)?;
    greet(server.address(), &path, first);
    server.run()
}

fn text(environment: &Environment) -> String {
    let line = |name: &&str| Some(format!("{name}={}\n", environment.get(*name)?));
    NAMES.iter().filter_map(line).collect()
}

/// What an earlier run has left; `None` when anything is missing.
fn read(path: &Path) -> Option<Environment> {
    let text = fs::read_to_string(path).ok()?;
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    let environment: Environment = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    NAMES.iter().all(|name| environment.contains_key(*name)).then_some(environment)
}

/// Makes organization, service, clients and tokens, through the API as any caller would.
fn furnished(
    opened: Opened,
    config: &Config,
    address: SocketAddr,
) -> Result<(Opened, Environment), StartError> {
    let runtime = runtime().map_err(StartError::new)?;
    let api = Arc::new(Api::new(opened.engine, config.body_bytes));
    let environment = runtime.block_on(furnish(InProcess(api.clone()), address))?;
    let api = Arc::into_inner(api).ok_or_else(|| StartError::new("the first calls have not ended"))?;
    Ok((Opened { store: opened.store, engine: api.into_engine() }, environment))
}

async fn furnish(api: InProcess, address: SocketAddr) -> Result<Environment, StartError> {
    let founded = api.0.engine().found_organization("Demo organization").await;
    let (organization, organization_token) =
        founded.map_err(|e| StartError::new(e.reason.result_message()))?;
    let admin = Client::new(api.clone(), Secret::new(organization_token.clone()));
    let service = admin.service_create(demo_service(address)?).await.map_err(StartError::new)?;
    let service_id = service.api_key.unwrap_or_default();
    let wanted = ServiceTokenRequest {
        service_id: Some(service_id),
        organization_id: Some(organization.0),
        description: Some("Demo authorization server".to_owned()),
        ..Default::default()
    };
    let ServiceTokenResponse { access_token, .. } =
        admin.servicetoken_create(wanted).await.map_err(StartError::new)?.body;
    let service_token = access_token.unwrap_or_default();
    let of_service = Client::new(api, Secret::new(service_token.clone())).for_service(ServiceId(service_id));
    let confidential = of_service.client_create(demo_client()).await.map_err(StartError::new)?;
    let public = of_service.client_create(demo_public_client()).await.map_err(StartError::new)?;
    let id = |client: &types::Client| client.client_id.unwrap_or_default().to_string();
    let values = [
        String::new(),
        "V3".to_owned(),
        organization.to_string(),
        organization_token,
        service_id.to_string(),
        service_id.to_string(),
        service_token.clone(),
        service_token.clone(),
        service_token,
        id(&confidential),
        confidential.client_secret.clone().unwrap_or_default(),
        id(&public),
        REDIRECT_URI.to_owned(),
    ];
    Ok(NAMES.iter().map(|name| (*name).to_owned()).zip(values).collect())
}

fn demo_service(address: SocketAddr) -> Result<Service, StartError> {
    let base = format!("http://{address}/as");
    let endpoint = |path: &str| Some(format!("{base}/{path}"));
    let scope = |name: &str, description: &str| Scope {
        name: Some(name.to_owned()),
        description: Some(description.to_owned()),
        ..Default::default()
    };
    Ok(Service {
        service_name: Some("Demo service".to_owned()),
        authorization_endpoint: endpoint("authorize"),
        token_endpoint: endpoint("token"),
        user_info_endpoint: endpoint("userinfo"),
        revocation_endpoint: endpoint("revoke"),
        introspection_endpoint: endpoint("introspect"),
        jwks_uri: endpoint("jwks"),
        issuer: Some(base),
        supported_grant_types: Some(vec![
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
            GrantType::ClientCredentials,
            GrantType::Password,
        ]),
        supported_response_types: Some(vec![ResponseType::Code]),
        supported_prompt_values: Some(Prompt::ALL.to_vec()),
        supported_scopes: Some(vec![
            scope("openid", "Know who you are"),
            scope("profile", "See your name and picture"),
            scope("email", "See your mail address"),
            scope("offline_access", "Stay connected while you are away"),
            scope("orders:read", "See your orders"),
        ]),
        jwks: Some(key_set(&["ES256", "RS256", "EdDSA"]).map_err(StartError::new)?),
        ..Default::default()
    })
}

fn demo_client() -> types::Client {
    types::Client {
        client_name: Some("Demo client".to_owned()),
        client_type: Some(ClientType::Confidential),
        application_type: Some(ApplicationType::Web),
        token_auth_method: Some(ClientAuthMethod::ClientSecretBasic),
        grant_types: Some(vec![
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
            GrantType::ClientCredentials,
            GrantType::Password,
        ]),
        response_types: Some(vec![ResponseType::Code]),
        redirect_uris: Some(vec![REDIRECT_URI.to_owned()]),
        id_token_sign_alg: Some(JwsAlg::Es256),
        ..Default::default()
    }
}

fn demo_public_client() -> types::Client {
    types::Client {
        client_name: Some("Demo public client".to_owned()),
        client_type: Some(ClientType::Public),
        application_type: Some(ApplicationType::Native),
        token_auth_method: Some(ClientAuthMethod::None),
        grant_types: Some(vec![GrantType::AuthorizationCode, GrantType::RefreshToken]),
        pkce_required: Some(true),
        pkce_s256_required: Some(true),
        ..demo_client()
    }
}

/// A few lines that a newcomer can act on.
fn greet(address: SocketAddr, env: &Path, first: bool) {
    let env = env.display();
    let made =
        if first { "made a service, two clients and their tokens" } else { "going on with what is there" };
    let mut redirect_uri = String::new();
    form::encode_into(REDIRECT_URI, &mut redirect_uri);
    println!("placet listens on http://{address} ({made}).");
    println!("Addresses, tokens and demo clients: {env}");
    println!();
    println!("Ask for a decision on an authorization request (paste this):");
    println!();
    println!("  . {env}");
    println!("  curl -s $AUTHLETE_BASE_URL/api/$AUTHLETE_SERVICE_ID/auth/authorization \\");
    println!("    -H \"Authorization: Bearer $AUTHLETE_API_TOKEN\" -H 'Content-Type: application/json' \\");
    println!(
        "    -d '{{\"parameters\":\"response_type=code&scope=openid&client_id='$DEMO_CLIENT_ID'&redirect_uri={redirect_uri}\"}}'"
    );
    println!();
    println!("Stop with Ctrl-C.");
}
