//! What comes of an order for a credential, and how it goes back to the wallet.

use placet_api::Reason;
use placet_api::types::CredentialIssuanceOrder;
use placet_base::Ttl;
use placet_store::Loaded;
use serde_json::{Map, Value, json};

use crate::budgets::CREDENTIAL_INTERVAL;
use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::credential::{self, Order};
use crate::flow::credential_status::{Entries, Settled};
use crate::records::credential_notification::CredentialNotification;
use crate::records::credential_request::CredentialRequestRecord;
use crate::rules::credential::request::ResponseEncryption;
use crate::tenant::credential_issuer::{CredentialIssuer, Oid4vciVersion};

/// Seconds until a wallet should ask again, where the authorization server does not say it.
const INTERVAL: i64 = 5;
/// How long a wallet may say what became of what it got.
const NOTIFICATION: Ttl = Ttl::secs(30 * 24 * 60 * 60);

/// What goes back to the wallet.
pub struct Answer {
    pub content: String,
    /// It is encrypted.
    pub encrypted: bool,
    /// The credential comes later, by this transaction.
    pub transaction: Option<String>,
}

/// What comes of an order.
pub enum Made {
    /// Those that go out together, and what the wallet notifies the issuer by.
    Credentials(Vec<String>, Option<String>),
    /// The transaction.
    Deferred(String),
}

/// Does what the order says.
pub async fn ordered(
    cx: &mut Cx<'_>,
    issuer: &CredentialIssuer,
    request: Loaded<CredentialRequestRecord>,
    (order, entries): (&CredentialIssuanceOrder, &mut Entries),
) -> Result<Made, Fault> {
    let identifier = order.request_identifier.clone().unwrap_or_default();
    if order.issuance_deferred == Some(true) {
        // However often it is deferred, it comes within the time of the transaction.
        let until = if request.deferred { request.expires_at } else { cx.now + issuer.transaction };
        let next = request.value().clone().deferred(until);
        cx.write.replace(request, &next);
        return Ok(Made::Deferred(identifier));
    }
    let order = Order::parse(order, issuer, cx.now)?;
    let made = credential::issued(cx, issuer, request.value(), (&order, entries)).await?;
    let notification = issuer.notified.then(|| notifiable(cx, request.value(), identifier));
    cx.write.delete(request);
    Ok(Made::Credentials(made, notification))
}

/// §11: what the wallet says by what became of the credentials that were made for the request.
fn notifiable(cx: &mut Cx<'_>, request: &CredentialRequestRecord, identifier: String) -> String {
    let number = cx.number();
    let handle = cx.handle::<CredentialNotification>((), number, 0);
    let record = CredentialNotification {
        hash: handle.hash(),
        token: request.token,
        request: identifier,
        configuration: request.configuration.clone(),
        told: Vec::new(),
        expires_at: cx.now + NOTIFICATION,
    };
    cx.write.insert(cx.tenant.id, &number, &record);
    handle.into_value()
}

/// §8.3: a list, however many there are; the draft has one, and a nonce for the next.
pub fn content(
    cx: &Cx<'_>,
    issuer: &CredentialIssuer,
    made: Made,
    interval: Option<i64>,
) -> Result<Map<String, Value>, Fault> {
    let mut members = Map::new();
    match (made, issuer.version) {
        (Made::Credentials(all, notification), Oid4vciVersion::Final) => {
            let all = all.into_iter().map(|credential| json!({ "credential": credential }));
            members.insert("credentials".to_owned(), all.collect());
            members.extend(notification.map(notification_id));
        }
        (made, Oid4vciVersion::ImplementersDraft1) => members = one(made),
        (Made::Deferred(transaction), Oid4vciVersion::Final) => {
            members.insert("transaction_id".to_owned(), transaction.into());
            members.insert("interval".to_owned(), seconds(interval)?.into());
        }
    }
    with_nonce(cx, issuer, &mut members);
    Ok(members)
}

/// Draft 13 §7.3, §8.3: what goes into the answer for one request.
pub fn one(made: Made) -> Map<String, Value> {
    match made {
        Made::Credentials(all, notification) => {
            let credential = ("credential".to_owned(), all.into_iter().next().into());
            [credential].into_iter().chain(notification.map(notification_id)).collect()
        }
        Made::Deferred(transaction) => Map::from_iter([("transaction_id".to_owned(), transaction.into())]),
    }
}

fn notification_id(value: String) -> (String, Value) {
    ("notification_id".to_owned(), value.into())
}

fn seconds(interval: Option<i64>) -> Result<i64, Fault> {
    let interval = interval.unwrap_or(INTERVAL);
    let fits = usize::try_from(interval).is_ok_and(|secs| (1..=CREDENTIAL_INTERVAL).contains(&secs));
    let unfit = || Reason::CredentialIntervalUnfit { limit: CREDENTIAL_INTERVAL.to_string() };
    fits.then_some(interval).ok_or_else(|| unfit().into())
}

/// Draft 13 §7.3
pub fn with_nonce(cx: &Cx<'_>, issuer: &CredentialIssuer, members: &mut Map<String, Value>) {
    if issuer.version == Oid4vciVersion::ImplementersDraft1 {
        members.insert("c_nonce".to_owned(), issuer.nonces.current(cx.now).into());
        members.insert("c_nonce_expires_in".to_owned(), issuer.nonces.window().into());
    }
}

/// The content as the wallet wants it.
pub fn answer(
    content: Map<String, Value>,
    encryption: Option<&ResponseEncryption>,
    transaction: Option<String>,
) -> Result<Answer, Fault> {
    let content = Value::Object(content).to_string();
    let sealed = encryption.map(|encryption| credential::sealed(&content, encryption)).transpose()?;
    Ok(Answer { encrypted: sealed.is_some(), content: sealed.unwrap_or(content), transaction })
}

/// One order, answered.
pub async fn answered(
    cx: &mut Cx<'_>,
    issuer: &CredentialIssuer,
    request: Loaded<CredentialRequestRecord>,
    (order, interval): (&CredentialIssuanceOrder, Option<i64>),
) -> Result<Answer, Fault> {
    let encryption = request.encryption.clone();
    let mut entries = Entries::default();
    let made = ordered(cx, issuer, request, (order, &mut entries)).await?;
    let Settled = entries.settled(cx).await?;
    let transaction = match &made {
        Made::Deferred(transaction) => Some(transaction.clone()),
        Made::Credentials(..) => None,
    };
    let content = content(cx, issuer, made, interval)?;
    answer(content, encryption.as_ref(), transaction)
}
