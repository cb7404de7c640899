//! RFC 9396 – authorization details

use placet_api::Reason;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::budgets::AUTHORIZATION_DETAILS;
use crate::fault::Fault;
use crate::rules::credential::granted::{self, Issuable};
use crate::rules::params::Params;
use crate::tenant::{Client, Tenant};

/// Authorization details whose types are known: a list of objects with a `type` each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AuthorizationDetails(Vec<Map<String, Value>>);

impl AuthorizationDetails {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Map<String, Value>> {
        self.0.iter()
    }

    /// As the protocol writes them.
    pub fn json(&self) -> Value {
        Value::Array(self.0.iter().cloned().map(Value::Object).collect())
    }

    /// What the authorization server says was granted.
    pub fn granted(elements: Vec<Map<String, Value>>) -> Self {
        Self(elements)
    }

    /// RFC 9396 §6: a token request may narrow what was granted to some of its elements.
    pub fn narrowed(&self, params: &Params) -> Result<Narrowed, Fault> {
        let Some(text) = params.one("authorization_details")? else { return Ok(Narrowed::whole()) };
        let asked = parse(text)?;
        if asked.iter().any(|element| !self.0.contains(element)) {
            return Err(Reason::DetailsNotGranted {}.into());
        }
        Ok(Narrowed(Some(Self(asked))))
    }
}

/// The authorization details of an access token: all of its grant's, or some.
#[derive(Clone)]
pub struct Narrowed(Option<AuthorizationDetails>);

impl Narrowed {
    /// All that was granted, where nobody can ask for less.
    pub fn whole() -> Self {
        Self(None)
    }

    /// `None` for all.
    pub fn into_details(self) -> Option<AuthorizationDetails> {
        self.0
    }
}

pub fn details(params: &Params, tenant: &Tenant, client: &Client) -> Result<AuthorizationDetails, Fault> {
    let Some(text) = params.one("authorization_details")? else { return Ok(AuthorizationDetails::default()) };
    let elements = parse(text)?.into_iter().map(|element| acceptable(element, tenant, client));
    elements.collect::<Result<_, _>>().map(AuthorizationDetails)
}

/// An element of a type that the service has and the client may use.
fn acceptable(
    element: Map<String, Value>,
    tenant: &Tenant,
    client: &Client,
) -> Result<Map<String, Value>, Fault> {
    let kind = element.get("type").and_then(Value::as_str).ok_or(Reason::DetailsTypeMissing {})?;
    if !tenant.authorization.details_types.iter().any(|known| known == kind) {
        return Err(Reason::DetailsTypeUnsupported { value: kind.to_owned() }.into());
    }
    if !client.details_types.iter().any(|known| known == kind) {
        return Err(Reason::DetailsTypeNotRegistered { value: kind.to_owned() }.into());
    }
    let Issuable = granted::issuable(&element, tenant.credentials.as_ref())?;
    well_formed(element)
}

fn parse(text: &str) -> Result<Vec<Map<String, Value>>, Fault> {
    let Ok(Value::Array(elements)) = serde_json::from_str(text) else {
        return Err(Reason::DetailsMalformed {}.into());
    };
    let objects = elements.into_iter().map(|element| match element {
        Value::Object(members) => Some(members),
        _ => None,
    });
    let objects: Option<Vec<_>> = objects.collect();
    Ok(objects.filter(|list| list.len() <= AUTHORIZATION_DETAILS).ok_or(Reason::DetailsMalformed {})?)
}

/// §2.2: the fields that all types share have the same types everywhere.
fn well_formed(element: Map<String, Value>) -> Result<Map<String, Value>, Fault> {
    let texts = |value: &Value| value.as_array().is_some_and(|list| list.iter().all(Value::is_string));
    let lists = ["locations", "actions", "datatypes", "privileges"];
    let fits = lists.iter().all(|name| element.get(*name).is_none_or(texts))
        && element.get("identifier").is_none_or(Value::is_string);
    if fits { Ok(element) } else { Err(Reason::DetailsMalformed {}.into()) }
}
