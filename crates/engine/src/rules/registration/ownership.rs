//! RFC 7591 §2, RFC 7592 §2.2 – which members of a client are its own to say, and which its operator's

use placet_api::Reason;
use serde_json::{Map, Value};

use super::table::{Form, TABLE};
use crate::fault::Fault;

/// Members that a client says of itself: its registered metadata, and the texts that describe it.
fn is_own(member: &str) -> bool {
    const DESCRIBING: [&str; 4] = ["description", "descriptions", "clientType", "selfSignedCertificateKeyId"];
    let registered =
        |(_, property, form): &(&str, &str, Form)| *property == member || form.localized() == Some(member);
    DESCRIBING.contains(&member) || TABLE.iter().any(registered)
}

/// Members that demand something of the client. Whoever has set one, the client cannot take it back: what
/// cannot be told apart is taken for the operator's.
const DEMANDS: [&str; 7] = [
    "authTimeRequired",
    "bcUserCodeRequired",
    "dpopRequired",
    "parRequired",
    "requestObjectRequired",
    "tlsClientCertificateBoundAccessTokens",
    "backchannelLogoutSessionRequired",
];

/// The members of a client after it has changed what it says of itself. What its operator says stays.
pub fn changed_by_client(former: &Map<String, Value>, own: &Map<String, Value>) -> Map<String, Value> {
    let of_operator = former.iter().filter(|(name, _)| !is_own(name));
    let of_client = own.iter().filter(|(name, _)| is_own(name));
    let mut members: Map<_, _> =
        of_operator.chain(of_client).map(|(name, value)| (name.clone(), value.clone())).collect();
    for demand in DEMANDS {
        if former.get(demand) == Some(&Value::Bool(true)) {
            members.insert(demand.to_owned(), Value::Bool(true));
        }
    }
    members
}

/// The same for whoever holds a token of the API for this client alone: what is not the client's to say is
/// refused by name, unless it is left out or as it was.
pub fn changed_with_token_of_client(
    former: &Map<String, Value>,
    wanted: &Map<String, Value>,
) -> Result<Map<String, Value>, Fault> {
    let other = |(name, value): &(&String, &Value)| !is_own(name) && former.get(*name) != Some(*value);
    if let Some((member, _)) = wanted.iter().find(other) {
        return Err(Reason::MemberOfOperator { member: member.clone() }.into());
    }
    let says =
        |members: &Map<String, Value>, demand: &str, flag| members.get(demand) == Some(&Value::Bool(flag));
    if let Some(demand) =
        DEMANDS.into_iter().find(|demand| says(former, demand, true) && says(wanted, demand, false))
    {
        return Err(Reason::MemberOfOperator { member: demand.to_owned() }.into());
    }
    Ok(changed_by_client(former, wanted))
}
