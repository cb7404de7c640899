//! What replies of all families share.

use placet_api::Reason;
use placet_api::types::{
    AuthorizationDetailsElement, AuthzDetails, ClientLimited, DynamicScope, Grant as WireGrant, GrantScope,
    Pair, PropertiesInput, Property as WireProperty, Scope,
};
use placet_base::Scopes;
use serde_json::{Map, Value};

use crate::fault::Fault;
use crate::records::grant::Grant;
use crate::records::property::{Properties, Property};
use crate::rules::claims::ClaimsRequest;
use crate::rules::rar::AuthorizationDetails;
use crate::rules::scope::ParameterisedScope;
use crate::tenant::{Client, Tenant};

/// `resultCode` and `resultMessage`.
pub fn result(reason: &Reason) -> (Option<String>, Option<String>) {
    (Some(reason.code().to_owned()), Some(reason.result_message()))
}

/// A number as a member of 32 bits, which published clients have for it; what is larger is shown as the
/// largest.
pub fn int32(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
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

/// How responses tell what a client is named by besides its number, and whether it was.
#[derive(Default)]
pub struct NamedAs {
    pub alias: Option<String>,
    pub alias_used: Option<bool>,
    /// Where the client says what it is.
    pub document: Option<String>,
    pub document_used: Option<bool>,
    /// What the client is in a federation.
    pub entity: Option<String>,
    pub entity_used: Option<bool>,
}

pub fn named_as(client: &Client, used: bool) -> NamedAs {
    let name = client.alias.clone();
    let otherwise = NamedAs { alias_used: Some(false), ..NamedAs::default() };
    if client.is_discovered() {
        NamedAs { document: name, document_used: Some(used), ..otherwise }
    } else if client.federated.is_some() {
        NamedAs { entity: name, entity_used: Some(used), ..otherwise }
    } else {
        NamedAs { alias: name, alias_used: Some(used), ..NamedAs::default() }
    }
}

/// A list; absent when it is empty.
pub fn listed<T: Clone>(list: &[T]) -> Option<Vec<T>> {
    Some(list.to_vec()).filter(|list| !list.is_empty())
}

/// Requested scopes with a parameter, as the wire writes them.
pub fn dynamic_scopes(scopes: &[ParameterisedScope]) -> Option<Vec<DynamicScope>> {
    let wire = |scope: &ParameterisedScope| DynamicScope {
        name: Some(scope.name.clone()),
        value: Some(scope.value.clone()),
    };
    Some(scopes.iter().map(wire).collect::<Vec<_>>()).filter(|list| !list.is_empty())
}

/// Scopes that a user is asked for on another device.
/// COMPAT: they come without their descriptions there.
pub fn plain_scopes(tenant: &Tenant, scopes: &Scopes) -> Vec<Scope> {
    let scopes = tenant.scopes.documents(scopes).into_iter();
    scopes.map(|scope| Scope { description: None, descriptions: None, ..scope }).collect()
}

/// The claims that scopes ask for.
pub fn claim_names(tenant: &Tenant, scopes: &Scopes) -> Option<Vec<String>> {
    listed(&ClaimsRequest::default().userinfo_names(scopes, tenant.authorization.claims.as_ref()))
}

/// Fields of RFC 9396 §2.2, by their names on the wire of the API and on that of the protocol.
const COMMON: [&str; 6] = ["type", "locations", "actions", "datatypes", "identifier", "privileges"];

/// Authorization details as the API writes them; absent when there are none.
pub fn details(details: &AuthorizationDetails) -> Option<AuthzDetails> {
    let elements: Vec<_> = details.iter().map(element).collect();
    (!elements.is_empty()).then_some(AuthzDetails { elements: Some(elements) })
}

fn element(members: &Map<String, Value>) -> AuthorizationDetailsElement {
    let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
    let texts = |name: &str| {
        let list = members.get(name)?.as_array()?.iter();
        Some(list.filter_map(Value::as_str).map(str::to_owned).collect())
    };
    let others = members.iter().filter(|(name, _)| !COMMON.contains(&name.as_str()));
    let others: Map<_, _> = others.map(|(name, value)| (name.clone(), value.clone())).collect();
    AuthorizationDetailsElement {
        r#type: text("type").unwrap_or_default(),
        locations: texts("locations"),
        actions: texts("actions"),
        data_types: texts("datatypes"),
        identifier: text("identifier"),
        privileges: texts("privileges"),
        other_fields: (!others.is_empty()).then(|| Value::Object(others).to_string()),
    }
}

/// Authorization details as the API brings them.
pub fn parse_details(wire: &AuthzDetails) -> Result<AuthorizationDetails, Fault> {
    let elements = wire.elements.iter().flatten().map(members);
    Ok(AuthorizationDetails::granted(elements.collect::<Result<_, _>>()?))
}

fn members(element: &AuthorizationDetailsElement) -> Result<Map<String, Value>, Fault> {
    let malformed = || Fault::from(Reason::DetailsInputMalformed {});
    if element.r#type.is_empty() {
        return Err(malformed());
    }
    let mut members = Map::from_iter([("type".to_owned(), element.r#type.clone().into())]);
    let lists = [
        ("locations", &element.locations),
        ("actions", &element.actions),
        ("datatypes", &element.data_types),
        ("privileges", &element.privileges),
    ];
    for (name, list) in lists {
        if let Some(list) = list {
            members.insert(name.to_owned(), list.clone().into());
        }
    }
    if let Some(identifier) = &element.identifier {
        members.insert("identifier".to_owned(), identifier.clone().into());
    }
    if let Some(others) = element.other_fields.as_deref().filter(|text| !text.is_empty()) {
        let others: Map<String, Value> = serde_json::from_str(others).map_err(|_| malformed())?;
        members.extend(others.into_iter().filter(|(name, _)| !COMMON.contains(&name.as_str())));
    }
    Ok(members)
}

/// A grant as the API writes it.
pub fn grant(grant: &Grant) -> WireGrant {
    let scope = |(scopes, resources): &(Scopes, Vec<String>)| GrantScope {
        scope: Some(scopes.to_string()),
        resource: listed(resources),
    };
    WireGrant {
        scopes: Some(grant.scopes.iter().map(scope).collect::<Vec<_>>()),
        claims: listed(&grant.claims),
        authorization_details: details(&grant.details),
    }
}

/// What lists show of a client.
pub fn limited_client(client: &Client) -> ClientLimited {
    let shown = &client.limited;
    ClientLimited {
        number: shown.number,
        client_name: shown.client_name.clone(),
        client_names: shown.client_names.clone(),
        description: shown.description.clone(),
        descriptions: shown.descriptions.clone(),
        client_id: shown.client_id,
        client_id_alias: shown.client_id_alias.clone(),
        client_id_alias_enabled: shown.client_id_alias_enabled,
        client_type: shown.client_type,
    }
}
