//! What is stored. Each file is one kind of record and the changes of state that it allows.

pub mod api_token;
pub mod api_token_use;
pub mod audit;
pub mod backchannel;
pub mod client;
pub mod code;
pub mod credential_notification;
pub mod credential_offer;
pub mod credential_request;
pub mod decision;
pub mod device;
pub mod entitlement;
pub mod grant;
pub mod id_token_plan;
pub mod inspected;
pub mod issued_credential;
pub mod member;
pub mod organization;
pub mod owner;
pub mod password_ticket;
pub mod property;
pub mod pushed;
pub(crate) mod sealed;
pub mod service;
pub mod shared_session;
pub mod status_list;
pub mod sub_mapping;
pub mod ticket;
pub mod token;
pub mod token_batch;
pub mod used_jti;
pub mod user_code_guesses;

use serde_json::{Map, Value};

/// Takes the members called `names` out of a document, to be sealed apart from it. `a.b` is the member `b` of `a`.
fn split_secrets(document: &mut Value, names: &[&str]) -> Map<String, Value> {
    let taken = names.iter().filter_map(|name| {
        let (members, last) = holder(document, name)?;
        Some(((*name).to_owned(), members.shift_remove(last)?))
    });
    taken.collect()
}

/// Puts sealed members back.
fn join_secrets(document: &mut Value, secrets: Map<String, Value>) {
    for (name, value) in secrets {
        if let Some((members, last)) = holder(document, &name) {
            members.insert(last.to_owned(), value);
        }
    }
}

/// The object that has the member, and what the member is called there.
fn holder<'a, 'n>(document: &'a mut Value, name: &'n str) -> Option<(&'a mut Map<String, Value>, &'n str)> {
    match name.split_once('.') {
        Some((outer, inner)) => Some((document.get_mut(outer)?.as_object_mut()?, inner)),
        None => Some((document.as_object_mut()?, name)),
    }
}
