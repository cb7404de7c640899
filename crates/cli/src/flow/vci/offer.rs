//! The offer that a wallet begins with (OpenID for Verifiable Credential Issuance 1.0 §4): handed in, or made by the API.

use std::path::Path;

use placet_sdk::types::VciOfferCreateRequest;
use placet_sdk::{VciOfferCreateDecision as Created, form};
use serde_json::{Map, Value};

use super::{PRE_AUTHORIZED, Wallet};
use crate::document::read_text;
use crate::exit::Failure;
use crate::flow::Run;
use crate::token::{newer, refused};

pub(super) struct Offer {
    pub(super) issuer: String,
    pub(super) configurations: Vec<String>,
    pub(super) pre_authorized: Option<Grant>,
    pub(super) issuer_state: Option<String>,
}

/// A pre-authorized code.
pub(super) struct Grant {
    pub(super) code: String,
    pub(super) demands_tx_code: bool,
}

impl Offer {
    pub(super) async fn found(run: &mut Run<'_>, options: &Wallet) -> Result<Self, Failure> {
        let text = match &options.offer {
            Some(offer) => handed_in(run, offer).await?,
            None => made(run, options).await?,
        };
        let members: Map<String, Value> =
            serde_json::from_str(&text).map_err(|e| Failure::failed(format!("the offer: {e}")))?;
        run.wire.show_members("the offer", &members)?;
        Self::parse(&members).ok_or_else(|| Failure::failed("this is no credential offer"))
    }

    fn parse(members: &Map<String, Value>) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let grants = members.get("grants").unwrap_or(&Value::Null);
        let pre_authorized = grants.get(PRE_AUTHORIZED).and_then(|grant| {
            let code = text(&grant["pre-authorized_code"])?;
            Some(Grant { code, demands_tx_code: grant["tx_code"].is_object() })
        });
        Some(Self {
            issuer: members.get("credential_issuer").and_then(text)?,
            configurations: members
                .get("credential_configuration_ids")?
                .as_array()?
                .iter()
                .filter_map(text)
                .collect(),
            pre_authorized,
            issuer_state: text(&grants["authorization_code"]["issuer_state"]),
        })
    }
}

/// §4.1: by value in a link, or by reference, behind a link or alone; or in a file.
async fn handed_in(run: &mut Run<'_>, offer: &str) -> Result<String, Failure> {
    let query = offer.split_once('?').map_or("", |(_, query)| query);
    let named = |wanted: &str| {
        form::pairs(query).find(|(name, _)| name == wanted).map(|(_, value)| value.to_string())
    };
    if let Some(value) = named("credential_offer") {
        return Ok(value);
    }
    let is_url = offer.starts_with("https://") || offer.starts_with("http://");
    match named("credential_offer_uri").or_else(|| is_url.then(|| offer.to_owned())) {
        Some(url) => Ok(Value::Object(run.wire.get(&url).await?.succeeded()?.body).to_string()),
        None => read_text(Path::new(offer)),
    }
}

/// By the API, as the issuer's own page would have it made.
async fn made(run: &mut Run<'_>, options: &Wallet) -> Result<String, Failure> {
    let missing =
        |what: &str| Failure::usage(format!("an offer is handed in with --offer, or made: say {what}"));
    let pre_authorized = !options.authorization_code;
    if pre_authorized && options.subject.is_none() {
        return Err(missing("--subject USER, or --authorization-code"));
    }
    let credential = options.credential.clone().ok_or_else(|| missing("--credential NAME"))?;
    let tx_code = options.tx_code.clone().filter(|_| pre_authorized);
    let is_numeric = |code: &String| code.bytes().all(|byte| byte.is_ascii_digit());
    let request = VciOfferCreateRequest {
        credential_configuration_ids: Some(vec![credential]),
        pre_authorized_code_grant_included: Some(pre_authorized),
        authorization_code_grant_included: Some(!pre_authorized),
        issuer_state_included: Some(!pre_authorized),
        subject: options.subject.clone(),
        tx_code_input_mode: tx_code
            .as_ref()
            .map(|code| if is_numeric(code) { "numeric" } else { "text" }.to_owned()),
        tx_code,
        ..Default::default()
    };
    match run.api.vci_offer_create(request).await? {
        Created::Created(made) => {
            Ok(made.body.info.and_then(|info| info.credential_offer).unwrap_or_default())
        }
        Created::Forbidden(content) | Created::CallerError(content) | Created::AuthleteError(content) => {
            Err(refused(content))
        }
        Created::Unknown(_) => Err(newer()),
    }
}
