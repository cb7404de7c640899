//! Tokens of the API: those of a service, and those of the organization.

use axum::extract::Path;
use minijinja::{Value, context};
use placet_api::endpoints::EndpointId;
use placet_sdk::types::{
    OrganizationTokenRequest, OrganizationTokenResponse, ServiceTokenRequest, ServiceTokenResponse,
};
use serde_json::json;

use super::{Shown, place, see};
use crate::fields::moment;
use crate::posted::Posted;
use crate::problem::Problem;
use crate::rights::Known;
use crate::told::{Call, Told};
use crate::visit::Visit;

/// What tokens are for, by name, and the rights that takes.
const OF_SERVICES: [(&str, &[&str]); 5] = [
    ("authorization_server", &["use_service"]),
    ("resource_server", &["use_introspection"]),
    ("read_only", &["view_service"]),
    ("ci", &["create_client"]),
    ("admin", &["modify_service"]),
];
const OF_ORGANIZATIONS: [(&str, &[&str]); 4] = [
    ("read_only", &["view_service"]),
    ("ci", &["create_service", "modify_service"]),
    ("auditor", &["view_audit_log"]),
    ("admin", &["admin", "delete_service"]),
];

const DAY: i64 = 24 * 60 * 60 * 1000;
/// How long a token lives, in days; 0 for as long as whoever makes it.
const DAYS: [i64; 5] = [90, 30, 7, 365, 0];
/// How long the former value of a token works on, in seconds.
const GRACES: [i64; 4] = [0, 600, 3600, 86_400];
/// What ends so soon is marked.
const SOON: i64 = 30 * DAY;

/// A token as a list shows it, of either kind.
struct Token {
    id: Option<String>,
    description: Option<String>,
    permissions: Option<Vec<String>>,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
    former: Option<i64>,
}

impl From<ServiceTokenResponse> for Token {
    fn from(token: ServiceTokenResponse) -> Self {
        let ServiceTokenResponse { token_id: id, description, permissions, expires_at, last_used_at, .. } =
            token;
        Self { id, description, permissions, expires_at, last_used_at, former: token.former_value_expires_at }
    }
}

impl From<OrganizationTokenResponse> for Token {
    fn from(token: OrganizationTokenResponse) -> Self {
        let OrganizationTokenResponse {
            token_id: id,
            description,
            permissions,
            expires_at,
            last_used_at,
            ..
        } = token;
        Self { id, description, permissions, expires_at, last_used_at, former: token.former_value_expires_at }
    }
}

impl Token {
    /// Why whoever looks neither renews the token nor takes it away: it may what theirs may not, or outlives it.
    fn kept(&self, known: &Known) -> Option<&'static str> {
        let ends = self.expires_at.filter(|at| *at > 0);
        if !known.has(self.permissions.iter().flatten().map(String::as_str)) {
            return Some("tokens.kept_rights");
        }
        let outlives = known.ends().is_some_and(|own| ends.is_none_or(|end| own < end));
        outlives.then_some("tokens.kept_longer")
    }

    fn shown(&self, now: i64, known: &Known) -> Value {
        let ends = self.expires_at.filter(|at| *at > 0);
        context! {
            kept => self.kept(known),
            id => &self.id, description => &self.description, permissions => &self.permissions, ends => ends.map(moment),
            soon => ends.is_some_and(|at| at - now < SOON), used => self.last_used_at.map(moment), former => self.former.map(moment),
        }
    }
}

fn page(visit: &Visit, tokens: Vec<Token>, presets: &[(&str, &[&str])], around: Value) -> Shown {
    let (now, known) = (visit.console.settings.ambient.clock.now().0, visit.session.known());
    let rows: Vec<_> = tokens.iter().map(|token| token.shown(now, &known)).collect();
    // Nobody makes a token that may more than its own, or lives longer.
    let presets: Vec<_> = presets
        .iter()
        .filter(|(_, rights)| known.has(rights.iter().copied()))
        .map(|(name, rights)| context! { name => *name, rights => rights.join(", ") })
        .collect();
    let is_in_time = |days: &i64| known.ends().is_none_or(|end| now + days * DAY <= end);
    let days: Vec<_> = DAYS.into_iter().filter(is_in_time).collect();
    let own_end = known.ends().map(moment);
    Ok(visit.show("tokens.html", context! { rows, presets, days, own_end, graces => GRACES, ..around }))
}

pub(super) async fn of_service(visit: Visit, Path(service): Path<i64>) -> Shown {
    let api = visit.about(service);
    let answer = api.service_get().await?;
    let request = ServiceTokenRequest {
        service_id: Some(service),
        organization_id: Some(visit.organization()),
        ..Default::default()
    };
    let tokens = api.servicetoken_all(request).await?;
    let around =
        context! { service => place(&answer), at => format!("{}/services/{service}/tokens", crate::BASE) };
    page(&visit, tokens.body.into_iter().map(Token::from).collect(), &OF_SERVICES, around)
}

pub(super) async fn of_organization(visit: Visit) -> Shown {
    let organization_id = Some(visit.organization());
    let request = OrganizationTokenRequest { organization_id, ..Default::default() };
    let tokens = visit.api().organizationtoken_all(request).await?;
    let around = context! { at => format!("{}/tokens", crate::BASE) };
    page(&visit, tokens.body.into_iter().map(Token::from).collect(), &OF_ORGANIZATIONS, around)
}

/// What a form wants done to a token.
enum Wish {
    Make { description: String, permissions: Vec<String>, expires_at: Option<i64> },
    Rotate { id: String, grace: i64 },
    Revoke { id: String },
}

impl Wish {
    fn read(visit: &Visit, posted: &Posted, presets: &[(&str, &[&str])]) -> Result<Self, Problem> {
        let id = posted.text("id").unwrap_or_default();
        let number = |name: &str, of: &[i64]| {
            let number = posted.text(name).and_then(|text| text.parse().ok());
            number.filter(|number| of.contains(number)).ok_or(Problem::Wrong("wrong.choice"))
        };
        match posted.get("do").unwrap_or_default() {
            "make" => {
                let preset = presets.iter().find(|(name, _)| posted.get("preset") == Some(name));
                let (_, rights) = preset.ok_or(Problem::Wrong("wrong.choice"))?;
                let days = number("days", &DAYS)?;
                let now = visit.console.settings.ambient.clock.now().0;
                Ok(Self::Make {
                    description: posted.text("description").ok_or(Problem::Wrong("wrong.name"))?,
                    permissions: rights.iter().map(|right| (*right).to_owned()).collect(),
                    expires_at: (days > 0).then(|| now + days * DAY),
                })
            }
            "rotate" => Ok(Self::Rotate { id, grace: number("grace", &GRACES)? }),
            "revoke" => Ok(Self::Revoke { id }),
            _ => Err(Problem::Wrong("wrong.choice")),
        }
    }

    /// The body of the call that does it, and what the command line calls it.
    fn body(&self) -> (serde_json::Value, String) {
        match self {
            Self::Make { description, permissions, expires_at } => (
                json!({ "description": description, "permissions": permissions, "expiresAt": expires_at }),
                format!(
                    "create --description {} --rights {}",
                    crate::told::quoted(description),
                    permissions.join(",")
                ),
            ),
            Self::Rotate { id, grace } => (
                json!({ "tokenId": id, "gracePeriod": grace }),
                format!("rotate {} --grace {grace}", crate::told::quoted(id)),
            ),
            Self::Revoke { id } => (json!({ "tokenId": id }), format!("revoke {}", crate::told::quoted(id))),
        }
    }

    fn told(&self, value: Option<String>) -> Told {
        let text = match self {
            Self::Make { .. } => "told.token_made",
            Self::Rotate { .. } => "told.token_rotated",
            Self::Revoke { .. } => "told.token_revoked",
        };
        let told = Told::done(text);
        match value {
            Some(value) => told.with_secret("tokens.value", value),
            None => told,
        }
    }
}

pub(super) async fn change_of_service(visit: Visit, Path(service): Path<i64>, posted: Posted) -> Shown {
    let wish = Wish::read(&visit, &posted, &OF_SERVICES)?;
    let (mut body, command) = wish.body();
    body["serviceId"] = service.into();
    body["organizationId"] = visit.organization().into();
    let request: ServiceTokenRequest =
        serde_json::from_value(body.clone()).map_err(|_| Problem::Wrong("wrong.choice"))?;
    let api = visit.about(service);
    let (id, value) = match wish {
        Wish::Make { .. } => {
            (EndpointId::servicetoken_create, api.servicetoken_create(request).await?.access_token.clone())
        }
        Wish::Rotate { .. } => {
            (EndpointId::servicetoken_rotate, api.servicetoken_rotate(request).await?.access_token.clone())
        }
        Wish::Revoke { .. } => {
            api.servicetoken_revoke(request).await?;
            (EndpointId::servicetoken_revoke, None)
        }
    };
    let call = Call::new(visit.api_url(), id).body(body);
    let ways = call.ways(format!("placet api-token --service {service} {command}"), String::new());
    visit.session.tell(wish.told(value).by(ways));
    Ok(see(&format!("/services/{service}/tokens")))
}

pub(super) async fn change_of_organization(visit: Visit, posted: Posted) -> Shown {
    let wish = Wish::read(&visit, &posted, &OF_ORGANIZATIONS)?;
    let (mut body, command) = wish.body();
    body["organizationId"] = visit.organization().into();
    let request: OrganizationTokenRequest =
        serde_json::from_value(body.clone()).map_err(|_| Problem::Wrong("wrong.choice"))?;
    let api = visit.api();
    let (id, value) = match wish {
        Wish::Make { .. } => (
            EndpointId::organizationtoken_create,
            api.organizationtoken_create(request).await?.access_token.clone(),
        ),
        Wish::Rotate { .. } => (
            EndpointId::organizationtoken_rotate,
            api.organizationtoken_rotate(request).await?.access_token.clone(),
        ),
        Wish::Revoke { .. } => {
            api.organizationtoken_revoke(request).await?;
            (EndpointId::organizationtoken_revoke, None)
        }
    };
    let call = Call::new(visit.api_url(), id).body(body);
    let organization = visit.organization();
    let command = format!("placet api-token --of-organization --organization {organization} {command}");
    visit.session.tell(wish.told(value).by(call.ways(command, String::new())));
    Ok(see("/tokens"))
}
