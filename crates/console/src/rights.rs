//! What the token of a session is, and what it may: the table of endpoints says that here as it does in the API.

use std::collections::BTreeMap;

use minijinja::{Value, context};
use placet_api::access::{Authority, Right, Rights};
use placet_api::endpoints::{ALL, EndpointId};
use placet_api::{Caller, MemberRole, TokenName};
use placet_base::{ClientId, OrganizationId, ServiceId, Timestamp};
use placet_sdk::types::ApiTokenGetResponse;

/// The pages of a service: path, text, and a row of the table that a token has to be let in at to see one. Settings and keys are
/// shown to whoever sees services as a whole, as what the inspector has kept is.
const PAGES: [(&str, &str, EndpointId); 11] = [
    ("", "service.overview", EndpointId::service_get),
    ("/settings", "settings.title", EndpointId::inspector_get_list),
    ("/profile", "profile.title", EndpointId::inspector_get_list),
    ("/keys", "keys.title", EndpointId::inspector_get_list),
    ("/scopes", "scopes.title", EndpointId::inspector_get_list),
    ("/clients", "clients.title", EndpointId::client_get_list),
    ("/transactions", "transactions.title", EndpointId::inspector_get_list),
    ("/usage", "usage.title", EndpointId::inspector_get_list),
    ("/issued", "issued.title", EndpointId::token_get_list),
    ("/grants", "grants.title", EndpointId::client_authorization_get_list_post),
    ("/tokens", "tokens.title", EndpointId::servicetoken_all),
];

/// What is known of a token of the API.
pub(crate) struct Known {
    caller: Caller,
    /// What it is for, in the words of its owner.
    pub(crate) description: Option<String>,
    /// The same for templates.
    shown: Value,
}

impl Known {
    /// What the API has told. Rights that this release does not know are none that a page could need.
    pub(crate) fn of(token: ApiTokenGetResponse) -> Self {
        let permissions = token.permissions.unwrap_or_default();
        let caller = Caller {
            organization: OrganizationId(token.organization_id.unwrap_or_default()),
            token: TokenName::new(&token.token_id.unwrap_or_default()),
            rights: permissions.iter().filter_map(|name| Right::parse(name)).collect(),
            service: token.service_id.map(ServiceId),
            client: token.client_id.map(ClientId),
            expires_at: token.expires_at.map(Timestamp),
        };
        let description = token.description.filter(|text| !text.trim().is_empty());
        Self { shown: shown(&caller), caller, description }
    }

    pub(crate) fn organization(&self) -> i64 {
        self.caller.organization.0
    }

    /// When it ends, in milliseconds since the epoch.
    pub(crate) fn ends(&self) -> Option<i64> {
        self.caller.expires_at.map(Timestamp::millis)
    }

    /// Whether it has all of these rights, which it hands on or takes away then.
    pub(crate) fn has<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> bool {
        let rights = names.into_iter().map(Right::parse).collect::<Option<Rights>>();
        rights.is_some_and(|rights| self.caller.rights.cover(rights))
    }

    /// Whether it has the rights of a role.
    pub(crate) fn covers(&self, role: MemberRole) -> bool {
        self.caller.rights.cover(role.rights().into_iter().collect())
    }

    /// What templates go by: `may.ENDPOINT`, `lacks.ENDPOINT` and `service_pages`.
    pub(crate) fn shown(&self) -> &Value {
        &self.shown
    }
}

fn may(caller: &Caller, authority: &Authority) -> bool {
    authority.permitted(caller).is_ok()
}

fn shown(caller: &Caller) -> Value {
    let allowed: BTreeMap<_, _> = ALL.iter().map(|row| (row.name, may(caller, &row.authority))).collect();
    let lacking = ALL.iter().filter_map(|row| Some((row.name, lacking(caller, &row.authority)?)));
    let pages: Vec<_> = PAGES
        .iter()
        .filter(|(_, _, endpoint)| may(caller, &endpoint.row().authority))
        .map(|(path, text, _)| context! { path => *path, text => *text })
        .collect();
    context! { may => allowed, lacks => lacking.collect::<BTreeMap<_, _>>(), service_pages => pages }
}

/// The right that is wanting; an empty text where it is held, and more is wanted than a token of one service or client has.
fn lacking(caller: &Caller, authority: &Authority) -> Option<&'static str> {
    if may(caller, authority) {
        return None;
    }
    let lacking = authority.right().filter(|right| !caller.rights.holds(*right));
    Some(lacking.map_or("", Right::name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::templates::TEMPLATES;

    fn token(permissions: &[&str], service: Option<i64>) -> Known {
        Known::of(ApiTokenGetResponse {
            permissions: Some(permissions.iter().map(|name| (*name).to_owned()).collect()),
            service_id: service,
            ..Default::default()
        })
    }

    impl Known {
        fn may(&self, endpoint: EndpointId) -> bool {
            may(&self.caller, &endpoint.row().authority)
        }
    }

    #[test]
    fn a_token_may_what_the_table_says() {
        let viewer = token(&["view_service", "a_right_of_tomorrow"], Some(7));
        assert!(viewer.may(EndpointId::service_get) && !viewer.may(EndpointId::service_patch));
        assert!(viewer.has(["view_client"]) && !viewer.has(["a_right_of_tomorrow"]));
        let said = |known: &Known, of: &str, name: &str| {
            known.shown().get_attr(of).unwrap().get_attr(name).unwrap().to_string()
        };
        assert_eq!(said(&viewer, "lacks", "service_patch"), "modify_service");
        let of_service = token(&["admin"], Some(7));
        assert_eq!(
            (&*said(&of_service, "may", "member_all"), &*said(&of_service, "lacks", "member_all")),
            ("False", "")
        );
        let owner = token(&["admin"], None);
        assert!(owner.may(EndpointId::member_all) && !owner.may(EndpointId::audit_get_list));
        assert!(owner.covers(MemberRole::Administrator) && !owner.covers(MemberRole::Owner));
    }

    #[test]
    fn templates_ask_for_rows_of_the_table() {
        let mut asked = 0;
        for (name, text) in TEMPLATES {
            for before in ["may.", "lacks.", "needed = \"", "needed=\""] {
                for rest in text.split(before).skip(1) {
                    let end =
                        rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                    assert!(EndpointId::parse(&rest[..end]).is_some(), "{name}: {before}{}", &rest[..end]);
                    asked += 1;
                }
            }
        }
        assert!(asked > 20, "{asked}");
    }
}
