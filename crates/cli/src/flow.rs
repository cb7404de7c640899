//! `placet flow`: goes through a flow with the authorization server of a service, as the client would, and shows each
//! request and answer.

mod callback;
mod code;
mod dpop;
mod polling;
mod proof;
mod vci;
mod wire;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use placet_sdk::types::{Client, Service};
use serde_json::Value;

use crate::Surroundings;
use crate::connection::{Api, Connection, read_token};
use crate::exit::{Done, Failure};
use crate::http;
use crate::output::Output;
use dpop::Dpop;
use proof::{Pairs, Proof};
use wire::{Hop, Wire};

/// Flows.
#[derive(Args)]
pub struct Flow {
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    as_client: AsClient,
    #[command(subcommand)]
    command: Command,
}

/// As which client, and how.
#[derive(Args)]
struct AsClient {
    /// The client: its id or alias.
    #[arg(long, global = true)]
    client: Option<String>,
    /// Scopes, with commas between them.
    #[arg(long, value_delimiter = ',', global = true)]
    scope: Vec<String>,
    /// PARAMETER=VALUE of the first request, besides those that the flow has; may be repeated.
    #[arg(long = "parameter", value_name = "NAME=VALUE", global = true)]
    parameters: Vec<String>,
    /// A file with the client's private key (JWK), where it proves itself with one.
    #[arg(long, value_name = "FILE", global = true)]
    key_file: Option<PathBuf>,
    /// Have tokens bound to a key that is made for this run (DPoP); done unasked where the client's tokens have to be.
    #[arg(long, global = true)]
    dpop: bool,
    /// A PEM file with the client's certificate, where it proves itself by mutual TLS, or its tokens are bound to one.
    #[arg(long, value_name = "FILE", global = true, requires = "key")]
    cert: Option<PathBuf>,
    /// A PEM file with the certificate's private key.
    #[arg(long, value_name = "FILE", global = true, requires = "cert")]
    key: Option<PathBuf>,
    /// A PEM file of an authority that the authorization server's certificate is of.
    #[arg(long, value_name = "FILE", global = true)]
    trust: Option<PathBuf>,
    /// Show tokens, codes and secrets as they are.
    #[arg(long, global = true)]
    show_secrets: bool,
}

#[derive(Subcommand)]
enum Command {
    /// The authorization code flow, with PKCE; the answer comes back to this machine.
    Code(code::Options),
    /// The same, with the request pushed first (RFC 9126).
    Par(code::Options),
    /// The device flow (RFC 8628).
    Device(polling::Waiting),
    /// Ask a user on a device of their own (CIBA).
    Ciba(polling::Asking),
    /// A token for the client itself (RFC 6749 §4.4).
    ClientCredentials,
    /// Refresh a token (RFC 6749 §6).
    Refresh(Refresh),
    /// Exchange a token (RFC 8693).
    TokenExchange(Exchange),
    /// Get a credential as a wallet does, and show what it says (OpenID for Verifiable Credential Issuance 1.0).
    Vci(vci::Wallet),
}

#[derive(Args)]
struct Refresh {
    /// A file with the refresh token; - for standard input.
    #[arg(long, value_name = "FILE")]
    refresh_token_file: PathBuf,
}

#[derive(Args)]
struct Exchange {
    /// A file with the token to be exchanged; - for standard input.
    #[arg(long, value_name = "FILE")]
    subject_token_file: PathBuf,
    /// What kind of token it is.
    #[arg(long, value_name = "URN", default_value = "urn:ietf:params:oauth:token-type:access_token")]
    subject_token_type: String,
    /// Whom the new token is for.
    #[arg(long)]
    audience: Option<String>,
}

/// What every flow needs.
struct Run<'a> {
    surroundings: &'a Surroundings,
    api: Api,
    service: Service,
    client: Client,
    proof: Proof,
    scope: String,
    more: Vec<(String, String)>,
    dpop: Option<Dpop>,
    wire: Wire,
}

/// A form with what proves who sends it.
struct Proven {
    pairs: Pairs,
    authorization: Option<String>,
    dpop: Option<String>,
}

impl Proven {
    /// Which headers it goes with.
    fn shown(&self) -> (bool, bool) {
        (self.authorization.is_some(), self.dpop.is_some())
    }
}

pub(crate) async fn run(flow: Flow, surroundings: &Surroundings) -> Done {
    let output = flow.output;
    let mut run = Run::new(&flow, surroundings).await?;
    let done = match &flow.command {
        Command::Code(options) => code::run(&mut run, options, false).await,
        Command::Par(options) => code::run(&mut run, options, true).await,
        Command::Device(waiting) => polling::device(&mut run, waiting).await,
        Command::Ciba(asking) => polling::ciba(&mut run, asking).await,
        Command::ClientCredentials => {
            let pairs = run.first(&[("grant_type", "client_credentials")]);
            run.token(pairs).await.map(|_| ())
        }
        Command::Refresh(refresh) => refreshed(&mut run, refresh).await,
        Command::TokenExchange(exchange) => exchanged(&mut run, exchange).await,
        Command::Vci(wallet) => vci::run(&mut run, wallet).await,
    };
    // What was seen is shown whether or not it came to an end.
    run.wire.told(output)?;
    done
}

impl<'a> Run<'a> {
    async fn new(flow: &Flow, surroundings: &'a Surroundings) -> Result<Self, Failure> {
        let AsClient { client, scope, parameters, key_file, dpop, cert, key, trust, show_secrets } =
            &flow.as_client;
        let named = client.as_deref().ok_or_else(|| Failure::usage("as which client? say --client ID"))?;
        let api = flow.connection.api(surroundings)?;
        let mut service = api.service_get().await?.body;
        let client = api.client_get(named).await?.body;
        let bound = *dpop || client.dpop_required == Some(true);
        let dpop = bound.then(Dpop::new).transpose()?;
        let certificate = cert.as_deref().zip(key.as_deref());
        if certificate.is_some() {
            take_aliases(&mut service);
        }
        let proof = Proof::of(&service, &client, key_file.as_deref(), certificate.is_some())?;
        let more = parameters.iter().map(|pair| {
            let (name, value) =
                pair.split_once('=').ok_or_else(|| Failure::usage(format!("{pair}: expected NAME=VALUE")))?;
            Ok((name.to_owned(), value.to_owned()))
        });
        let wire = Wire::new(http::client(trust.as_deref(), certificate)?, flow.output, *show_secrets);
        let more = more.collect::<Result<_, Failure>>()?;
        Ok(Self { surroundings, api, service, client, proof, scope: scope.join(" "), more, dpop, wire })
    }

    /// The parameters of the first request of a flow.
    fn first(&self, pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let mut pairs: Vec<_> = pairs.iter().map(owned).collect();
        if !self.scope.is_empty() {
            pairs.push(("scope".to_owned(), self.scope.clone()));
        }
        pairs.extend(self.more.iter().cloned());
        pairs
    }

    /// A request to an endpoint at which the client proves itself.
    async fn proven(&mut self, url: &str, pairs: Pairs) -> Result<Hop, Failure> {
        let proven = self.proving(url, pairs.clone())?;
        let hop = self.wire.post(url, &proven).await?;
        // RFC 9449 §8: once more, with the nonce that was asked for. An assertion is made anew for it.
        if self.learned(&hop) && hop.text("error") == Some("use_dpop_nonce") {
            let proven = self.proving(url, pairs)?;
            return self.wire.post(url, &proven).await;
        }
        Ok(hop)
    }

    /// The form with the client's proof, and with that of the key that tokens are bound to.
    fn proving(&self, url: &str, pairs: Pairs) -> Result<Proven, Failure> {
        let (pairs, authorization) = self.proof.added(pairs, self.surroundings)?;
        let dpop = self.dpop.as_ref().map(|dpop| dpop.proof(url, None, self.surroundings)).transpose()?;
        Ok(Proven { pairs, authorization, dpop })
    }

    /// Whether the answer has a DPoP nonce that was not known.
    fn learned(&mut self, hop: &Hop) -> bool {
        self.dpop.as_mut().is_some_and(|dpop| dpop.learn(hop.dpop_nonce.as_deref()))
    }

    /// The answer of the token endpoint, which has a token.
    async fn token(&mut self, pairs: Vec<(String, String)>) -> Result<Hop, Failure> {
        let url = endpoint(self.service.token_endpoint.as_deref(), "tokenEndpoint")?;
        let hop = self.proven(&url, pairs).await?;
        hop.succeeded()
    }

    /// A request of JSON to an endpoint that wants the access token.
    async fn with_token(&mut self, url: &str, token: &str, body: &Value) -> Result<Hop, Failure> {
        let hop = self.presenting(url, token, body).await?;
        // RFC 9449 §9: once more, with the nonce that was asked for.
        match hop.status == 401 && self.learned(&hop) {
            true => self.presenting(url, token, body).await,
            false => Ok(hop),
        }
    }

    async fn presenting(&mut self, url: &str, token: &str, body: &Value) -> Result<Hop, Failure> {
        let proof =
            self.dpop.as_ref().map(|dpop| dpop.proof(url, Some(token), self.surroundings)).transpose()?;
        self.wire.post_json(url, body, (token, proof)).await
    }

    /// A random text that nobody guesses.
    fn random(&self) -> String {
        data_encoding::BASE64URL_NOPAD.encode(&self.surroundings.ambient.entropy.bytes::<32>())
    }
}

/// RFC 8705 §5: who has a certificate goes to the addresses that ask for one, where there are others for it.
fn take_aliases(service: &mut Service) {
    let aliases = service.mtls_endpoint_aliases.take().unwrap_or_default();
    let places = [
        ("token_endpoint", &mut service.token_endpoint),
        ("pushed_authorization_request_endpoint", &mut service.pushed_auth_req_endpoint),
        ("device_authorization_endpoint", &mut service.device_authorization_endpoint),
        ("backchannel_authentication_endpoint", &mut service.backchannel_authentication_endpoint),
    ];
    for (name, place) in places {
        let alias = aliases.iter().find(|one| one.name.as_deref() == Some(name));
        if let Some(uri) = alias.and_then(|alias| alias.uri.clone()) {
            *place = Some(uri);
        }
    }
}

fn endpoint(url: Option<&str>, member: &str) -> Result<String, Failure> {
    let missing = || Failure::usage(format!("the service has no {member}: nobody knows where to go"));
    url.map(str::to_owned).ok_or_else(missing)
}

async fn refreshed(run: &mut Run<'_>, refresh: &Refresh) -> Done {
    let token = read_token(&refresh.refresh_token_file)?;
    let pairs = run.first(&[("grant_type", "refresh_token"), ("refresh_token", token.expose())]);
    run.token(pairs).await.map(|_| ())
}

async fn exchanged(run: &mut Run<'_>, exchange: &Exchange) -> Done {
    let token = read_token(&exchange.subject_token_file)?;
    let mut pairs = run.first(&[
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", token.expose()),
        ("subject_token_type", &exchange.subject_token_type),
    ]);
    pairs.extend(exchange.audience.iter().map(|audience| ("audience".to_owned(), audience.clone())));
    run.token(pairs).await.map(|_| ())
}
