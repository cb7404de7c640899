//! OAuth 2.0 Grant Management §5 – what an authorization request says about a grant

use placet_api::Reason;
use placet_base::Scopes;
use placet_base::registry::GrantManagementAction;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::rules::params::Params;
use crate::tenant::Client;

/// What is to become of a grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantManagement {
    pub action: GrantManagementAction,
    /// The grant; `None` where a new one is wanted.
    pub grant_id: Option<String>,
}

/// What a client does with a grant of its own (§6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Query,
    Revoke,
}

impl Operation {
    /// §6.1: the scope that allows it.
    pub fn scope(self) -> &'static str {
        match self {
            Self::Query => "grant_management_query",
            Self::Revoke => "grant_management_revoke",
        }
    }

    /// §6.3, §6.4: the HTTP method that asks for it.
    pub fn method(self) -> &'static str {
        match self {
            Self::Query => "GET",
            Self::Revoke => "DELETE",
        }
    }
}

/// That a token allows an operation.
pub struct May(Operation);

impl May {
    pub fn operation(&self) -> Operation {
        self.0
    }
}

/// §6.1: the token has the scope for it, and its client is one that can prove itself.
pub fn may(operation: Operation, scopes: &Scopes, client: &Client) -> Result<May, Fault> {
    if client.is_public() {
        return Err(Reason::GrantsOfPublicClient {}.into());
    }
    match scopes.contains(operation.scope()) {
        true => Ok(May(operation)),
        false => Err(Reason::GrantScopeInsufficient { scope: operation.scope().to_owned() }.into()),
    }
}

/// §5.3: only a client that can prove itself manages grants; a new grant has no identifier yet, and an
/// old one needs it.
pub fn grant(params: &Params, client: &Client, required: bool) -> Result<Option<GrantManagement>, Fault> {
    use GrantManagementAction::{Create, Merge, Query, Replace, Revoke};
    let grant_id = params.one("grant_id")?.map(str::to_owned);
    let Some(action) = params.one("grant_management_action")? else {
        return match grant_id {
            Some(_) => Err(Reason::GrantActionMissing {}.into()),
            None if required => Err(Reason::GrantActionRequired {}.into()),
            None => Ok(None),
        };
    };
    if client.is_public() {
        return Err(Reason::GrantOfPublicClient {}.into());
    }
    let action = GrantManagementAction::from_protocol(action);
    match (action.ok_or(Reason::GrantActionInvalid {})?, grant_id) {
        (Create, None) => Ok(Some(GrantManagement { action: Create, grant_id: None })),
        (Create, Some(_)) => Err(Reason::GrantIdUnexpected {}.into()),
        (Replace | Merge, None) => Err(Reason::GrantIdMissing {}.into()),
        (action @ (Replace | Merge), grant_id) => Ok(Some(GrantManagement { action, grant_id })),
        // These are for the API of grants, not for requests.
        (Query | Revoke, _) => Err(Reason::GrantActionInvalid {}.into()),
    }
}
