//! A credential for a wallet (OpenID for Verifiable Credential Issuance 1.0): from an offer, by either of its grants, to what the
//! credential says.

mod credential;
mod offer;

use std::time::Duration;

use clap::Args;
use placet_jose::{Header, Jwk, SigningKey, Unsigned, generate};
use placet_sdk::registry::JwsAlg;
use serde_json::{Map, Value, json};

use super::wire::Hop;
use super::{Run, code};
use crate::exit::{Done, Exit, Failure};
use offer::Offer;

const PRE_AUTHORIZED: &str = "urn:ietf:params:oauth:grant-type:pre-authorized_code";

#[derive(Args)]
pub(super) struct Wallet {
    /// The offer: a link (openid-credential-offer://…), the URL that it names, or a file. Without one, an offer is made by the API.
    #[arg(long, value_name = "LINK|URL|FILE", conflicts_with = "subject")]
    offer: Option<String>,
    /// Which credential, by the name of its configuration [default: the first of the offer]
    #[arg(long, value_name = "NAME")]
    credential: Option<String>,
    /// Whom the offer is for, where it is made with a pre-authorized code.
    #[arg(long, value_name = "USER")]
    subject: Option<String>,
    /// By the authorization code flow, even where the offer has a pre-authorized code.
    #[arg(long)]
    authorization_code: bool,
    /// The transaction code that the user was told; of an offer that is made here, the one that it demands.
    #[arg(long, value_name = "CODE")]
    tx_code: Option<String>,
    #[command(flatten)]
    code: code::Options,
}

pub(super) async fn run(run: &mut Run<'_>, options: &Wallet) -> Done {
    let offer = Offer::found(run, options).await?;
    let metadata = issuer(run, &offer.issuer).await?;
    let (name, configuration) = configuration(&offer, &metadata, options.credential.as_deref())?;
    let granted = match &offer.pre_authorized {
        Some(grant) if !options.authorization_code => pre_authorized(run, grant, options).await?,
        _ => by_code(run, &offer, &name, options).await?,
    };
    let token = granted.text("access_token").unwrap_or_default().to_owned();
    let proof = Key::new()?.proof(run, &offer.issuer, &metadata).await?;
    let mut request = identified(&granted, &name);
    request["proofs"] = json!({ "jwt": [proof] });
    let url = place(&metadata, "credential_endpoint")?;
    let hop = run.with_token(&url, &token, &request).await?.succeeded()?;
    let hop = match hop.text("transaction_id") {
        Some(id) => {
            let id = id.to_owned();
            let wait = Duration::from_secs(options.code.wait);
            let late =
                || Failure::new(Exit::Unreachable, "the credential has not come in time; --wait gives more");
            let deferred = deferred(run, &metadata, &token, &id, hop);
            tokio::time::timeout(wait, deferred).await.map_err(|_| late())??
        }
        None => hop,
    };
    told(run, &hop, configuration["format"].as_str().unwrap_or_default())
}

/// What the issuer says of itself (§12.2.2: the well-known path stands before that of the issuer).
async fn issuer(run: &mut Run<'_>, issuer: &str) -> Result<Map<String, Value>, Failure> {
    let wrong = || Failure::failed(format!("{issuer}: this is no credential issuer"));
    let mut url = url::Url::parse(issuer).map_err(|_| wrong())?;
    let path = format!("/.well-known/openid-credential-issuer{}", url.path().trim_end_matches('/'));
    url.set_path(&path);
    let metadata = run.wire.get(url.as_str()).await?.succeeded()?.body;
    // §12.2.3: what somebody else says of an issuer is nothing.
    match metadata.get("credential_issuer").and_then(Value::as_str) == Some(issuer) {
        true => Ok(metadata),
        false => Err(wrong()),
    }
}

fn place(metadata: &Map<String, Value>, name: &str) -> Result<String, Failure> {
    let missing = || Failure::failed(format!("the issuer's metadata have no {name}"));
    metadata.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(missing)
}

/// Which of the credentials of the offer.
fn configuration(
    offer: &Offer,
    metadata: &Map<String, Value>,
    wanted: Option<&str>,
) -> Result<(String, Value), Failure> {
    let of_offer = |name: &&str| offer.configurations.iter().any(|one| one == name);
    let name = match wanted {
        Some(name) => Some(name).filter(of_offer),
        None => offer.configurations.first().map(String::as_str),
    };
    let missing = || {
        Failure::usage(format!("the offer has no such credential, but {}", offer.configurations.join(", ")))
    };
    let name = name.ok_or_else(missing)?;
    let known = metadata.get("credential_configurations_supported").and_then(|all| all.get(name));
    let known = known.ok_or_else(|| Failure::failed(format!("the issuer's metadata have no {name}")))?;
    Ok((name.to_owned(), known.clone()))
}

/// §6: the code of the offer, and what the user was told beside it.
async fn pre_authorized(run: &mut Run<'_>, grant: &offer::Grant, options: &Wallet) -> Result<Hop, Failure> {
    let mut pairs = run.first(&[("grant_type", PRE_AUTHORIZED), ("pre-authorized_code", &grant.code)]);
    match &options.tx_code {
        Some(code) => pairs.push(("tx_code".to_owned(), code.clone())),
        None if grant.demands_tx_code => {
            return Err(Failure::usage("the offer wants a transaction code: say --tx-code CODE"));
        }
        None => {}
    }
    run.token(pairs).await
}

/// §5: the user signs in, and agrees to the credential.
async fn by_code(run: &mut Run<'_>, offer: &Offer, name: &str, options: &Wallet) -> Result<Hop, Failure> {
    let details = json!([{ "type": "openid_credential", "credential_configuration_id": name }]);
    run.more.push(("authorization_details".to_owned(), details.to_string()));
    run.more.extend(offer.issuer_state.iter().map(|state| ("issuer_state".to_owned(), state.clone())));
    code::granted(run, &options.code, false).await
}

/// §8.2: by the identifier that came with the token, where there is one.
fn identified(granted: &Hop, name: &str) -> Value {
    let details = granted.body.get("authorization_details").and_then(Value::as_array).into_iter().flatten();
    let of_ours = details.filter(|one| one["credential_configuration_id"] == name);
    let identifiers = of_ours.filter_map(|one| one["credential_identifiers"].as_array()).flatten();
    match identifiers.filter_map(Value::as_str).next() {
        Some(identifier) => json!({ "credential_identifier": identifier }),
        None => json!({ "credential_configuration_id": name }),
    }
}

/// The key that the credential is bound to: made for this run, and forgotten with it.
struct Key {
    key: SigningKey,
    public: Value,
}

impl Key {
    fn new() -> Result<Self, Failure> {
        let unable = || Failure::failed("no key can be made for the credential");
        let mut made = generate(JwsAlg::Es256).ok_or_else(unable)?;
        // A proof shows its key in one way: as a whole, and then it has no name (appendix F.1).
        if let Some(members) = made.as_object_mut() {
            members.shift_remove("kid");
        }
        let jwk = Jwk::parse(&made).ok_or_else(unable)?;
        let public = jwk.bare().ok_or_else(unable)?.public();
        Ok(Self { key: jwk.signing_key(JwsAlg::Es256).ok_or_else(unable)?, public })
    }

    /// Appendix F.1, with a nonce where the issuer has them (§7).
    async fn proof(
        &self,
        run: &mut Run<'_>,
        issuer: &str,
        metadata: &Map<String, Value>,
    ) -> Result<String, Failure> {
        let mut claims = Map::new();
        claims.insert("aud".to_owned(), issuer.into());
        claims.insert("iat".to_owned(), run.surroundings.ambient.clock.seconds().into());
        if metadata.contains_key("nonce_endpoint") {
            let nonce = run.wire.post_nothing(&place(metadata, "nonce_endpoint")?).await?.succeeded()?;
            claims.extend(nonce.text("c_nonce").map(|nonce| ("nonce".to_owned(), nonce.into())));
        }
        let mut header = Header::new();
        header.insert("typ".to_owned(), "openid4vci-proof+jwt".into());
        header.insert("jwk".to_owned(), self.public.clone());
        let input = Unsigned { header, claims }.signing_input(&self.key);
        let unable = || Failure::failed("the key of the credential does not sign");
        let signature = self.key.sign(input.as_bytes()).ok_or_else(unable)?;
        Ok(Unsigned::compact(input, &signature))
    }
}

/// §9: asked for again and again, as often as the issuer says, until it is there.
async fn deferred(
    run: &mut Run<'_>,
    metadata: &Map<String, Value>,
    token: &str,
    id: &str,
    first: Hop,
) -> Result<Hop, Failure> {
    let url = place(metadata, "deferred_credential_endpoint")?;
    let mut hop = first;
    while hop.text("transaction_id").is_some() {
        run.wire.ask("The credential comes later, and is waited for.")?;
        let interval = hop.body.get("interval").and_then(Value::as_u64).unwrap_or(5).clamp(1, 60);
        tokio::time::sleep(Duration::from_secs(interval)).await;
        hop = run.with_token(&url, token, &json!({ "transaction_id": id })).await?.succeeded()?;
    }
    Ok(hop)
}

/// What the credentials say.
fn told(run: &mut Run<'_>, hop: &Hop, format: &str) -> Done {
    let credentials = hop.body.get("credentials").and_then(Value::as_array);
    let none = || Failure::failed("the answer has no credentials");
    for one in credentials.filter(|all| !all.is_empty()).ok_or_else(none)? {
        let text = one["credential"].as_str().unwrap_or_default();
        let unread = || Failure::failed(format!("the credential cannot be read as {format}"));
        let said = credential::decoded(format, text).ok_or_else(unread)?;
        run.wire.show_members("the credential says", &said)?;
    }
    Ok(())
}
