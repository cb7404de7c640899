//! POST /api/{serviceId}/vci/batch/parse, /vci/batch/issue – OpenID for Verifiable Credential Issuance, draft 13 §8

use placet_api::Reason;
use placet_api::types::{CredentialIssuanceOrder, VciBatchIssueRequest, VciBatchParseRequest};
use placet_store::Loaded;
use serde_json::{Map, Value};

use crate::cx::{Cx, LiveToken};
use crate::fault::Fault;
use crate::flow::credential_answer::{self, Answer};
use crate::flow::credential_request::{self, Called, Parsed, Refused};
use crate::flow::credential_status::{Entries, Settled};
use crate::flow::open_credential_requests;
use crate::records::credential_request::{BatchPlace, CredentialRequestRecord};
use crate::rules::credential::batch::BatchRequest;
use crate::tenant::Tenant;
use crate::tenant::credential_issuer::{CredentialIssuer, Oid4vciVersion};

/// The issuer, if it issues by the version that has batches.
fn issuer(tenant: &Tenant) -> Result<&CredentialIssuer, Fault> {
    let issuer = credential_request::issuer(tenant)?;
    match issuer.version {
        Oid4vciVersion::ImplementersDraft1 => Ok(issuer),
        Oid4vciVersion::Final => Err(Reason::CredentialBatchOfOtherVersion {}.into()),
    }
}

/// §8.3: all of them are in order, or none is taken.
pub async fn parse(cx: &mut Cx<'_>, call: &VciBatchParseRequest) -> Result<Vec<Parsed>, Refused> {
    let tenant = cx.tenant.clone();
    issuer(&tenant)?;
    let brought = (call.access_token.as_deref(), call.request_content.as_deref());
    let called = credential_request::called(cx, &tenant, brought).await?;
    let parsed = parsed(cx, &called).await;
    parsed.map_err(|fault| called.refused(cx, fault))
}

async fn parsed(cx: &mut Cx<'_>, called: &Called<'_>) -> Result<Vec<Parsed>, Fault> {
    let demanded = called.token.client.credentials_encrypted;
    let BatchRequest { requests, encryption } = BatchRequest::parse(&called.opened, called.issuer, demanded)?;
    let (first, size) = (cx.number(), requests.len());
    let places = open_credential_requests::places(cx, *called.token.token.id(), size).await?;
    let mut parsed = Vec::with_capacity(size);
    for ((position, request), place) in requests.into_iter().enumerate().zip(places) {
        let of_batch = BatchPlace { first, position, size };
        let request = request.answered_as(encryption.clone());
        parsed.push(called.parsed(cx, request, (place, Some(of_batch))).await?);
    }
    Ok(parsed)
}

pub async fn issue(cx: &mut Cx<'_>, call: &VciBatchIssueRequest) -> Result<Answer, Refused> {
    let tenant = cx.tenant.clone();
    let issuer = issuer(&tenant)?;
    let token = credential_request::token(cx, call.access_token.as_deref()).await?;
    let orders = call.orders.as_deref().filter(|orders| !orders.is_empty());
    let requests = requested(cx, orders.ok_or(Reason::CredentialOrdersMissing {})?, &token).await?;
    let encryption = requests.first().and_then(|(request, _)| request.encryption.clone());
    let (mut responses, mut entries) = (Vec::with_capacity(requests.len()), Entries::default());
    for (request, order) in requests {
        let made = credential_answer::ordered(cx, issuer, request, (order, &mut entries)).await?;
        responses.push(Value::Object(credential_answer::one(made)));
    }
    let Settled = entries.settled(cx).await?;
    let mut content = Map::from_iter([("credential_responses".to_owned(), Value::Array(responses))]);
    credential_answer::with_nonce(cx, issuer, &mut content);
    Ok(credential_answer::answer(content, encryption.as_ref(), None)?)
}

type Ordered<'a> = (Loaded<CredentialRequestRecord>, &'a CredentialIssuanceOrder);

/// §8.3: the answers stand where the requests stood, so that there is an order for each of them.
async fn requested<'a>(
    cx: &Cx<'_>,
    orders: &'a [CredentialIssuanceOrder],
    token: &LiveToken,
) -> Result<Vec<Ordered<'a>>, Fault> {
    let unfit = || Fault::from(Reason::CredentialOrdersUnfit {});
    let mut all = Vec::new();
    for order in orders {
        let request = credential_request::requested_with(cx, Some(order), token).await?;
        let place = request.batch.filter(|place| place.size == orders.len()).ok_or_else(unfit)?;
        all.push((place, request, order));
    }
    all.sort_by_key(|(place, ..)| place.position);
    let first = all.first().map(|(place, ..)| place.first);
    let whole = all
        .iter()
        .enumerate()
        .all(|(position, (place, ..))| place.position == position && Some(place.first) == first);
    match whole {
        true => Ok(all.into_iter().map(|(_, request, order)| (request, order)).collect()),
        false => Err(unfit()),
    }
}
