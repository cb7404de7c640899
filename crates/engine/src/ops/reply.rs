//! What replies of all families share.

use placet_api::Reason;
use placet_api::types::{Pair, PropertiesInput, Property as WireProperty};

use crate::records::property::{Properties, Property};
use crate::tenant::{Client, Tenant};

/// `resultCode` and `resultMessage`.
pub fn result(reason: &Reason) -> (Option<String>, Option<String>) {
    (Some(reason.code().to_owned()), Some(reason.result_message()))
}

/// Properties as the wire writes them; absent when there are none.
pub fn properties(properties: &Properties) -> Option<Vec<WireProperty>> {
    let wire = |p: &Property| WireProperty {
        key: Some(p.key.clone()),
        value: Some(p.value.clone()),
        hidden: Some(p.hidden),
    };
    Some(properties.iter().map(wire).collect::<Vec<_>>()).filter(|list| !list.is_empty())
}

/// Properties as the wire brings them.
pub fn parse_properties(list: Option<Vec<WireProperty>>) -> Option<Properties> {
    Properties::parse(list.into_iter().flatten().map(|p| Property {
        key: p.key.unwrap_or_default(),
        value: p.value.unwrap_or_default(),
        hidden: p.hidden.unwrap_or(false),
    }))
}

/// Properties of a token request: a list, or its JSON text.
pub fn property_list(input: Option<PropertiesInput>) -> Result<Option<Vec<WireProperty>>, Reason> {
    match input.map(PropertiesInput::into_list) {
        None => Ok(None),
        Some(Some(list)) => Ok(Some(list)),
        Some(None) => Err(Reason::TokenPropertiesMalformed {}),
    }
}

/// Attributes of service and client, as most responses echo them.
pub fn attributes(tenant: &Tenant, client: Option<&Client>) -> (Option<Vec<Pair>>, Option<Vec<Pair>>) {
    (tenant.attributes.clone(), client.and_then(|client| client.attributes.clone()))
}

/// The alias of a client and whether it was used, as responses tell it.
pub fn alias(client: &Client, used: bool) -> (Option<String>, Option<bool>) {
    (client.alias.clone(), Some(used))
}
