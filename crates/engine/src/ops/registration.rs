//! POST /api/{serviceId}/client/registration and /get, /update, /delete – RFC 7591, RFC 7592

use placet_api::documents::ApiDocument;
use placet_api::types::{
    Client, ClientRegistrationRequest, ClientRegistrationResponse, ClientRegistrationResponseAction as Action,
};
use placet_api::{OAuthError, Reason};
use placet_base::registry::{ClientSource, ClientType};
use placet_base::{ClientId, TokenHash};
use placet_store::{Loaded, Page};
use serde_json::{Map, Value};

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::assigned;
use crate::flow::client_documents::{self, Assigned};
use crate::flow::registering::{self, again, unstorable};
use crate::flow::reply::result;
use crate::mint::error;
use crate::mint::registration::{Registered, information};
use crate::records::client::ClientRecord;
use crate::records::token::TokenValue;
use crate::rules::registration::{self, Metadata};
use crate::tenant::Tenant;

/// What a request has come to.
pub struct RegistrationOutcome {
    pub reason: Reason,
    pub action: Action,
    pub content: Option<String>,
    pub client: Option<Box<Client>>,
}

fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

pub async fn create(cx: &mut Cx<'_>, call: &ClientRegistrationRequest) -> Result<RegistrationOutcome, Fault> {
    let open = supported(&cx.tenant)?;
    let invited = initial(cx, given(&call.token)).await?;
    let document = registered(cx, (open, invited), call).await?;
    let document = unique(cx, document).await?;
    let token = assigned::secret(cx, 32);
    let values = Assigned::fresh(cx);
    let id = values.id;
    let document = Client {
        registration_access_token_hash: Some(TokenHash::of(&token).encoded()),
        // COMPAT: whom clients of the hosted product find here.
        developer: Some(format!("authlete_{}", cx.tenant.id)),
        ..document
    };
    let document = dynamic(client_documents::with_assigned(cx, document, values));
    let record = client_documents::sealed(cx, id, &document).map_err(unstorable)?;
    cx.write.insert(cx.tenant.id, &id, &record);
    let content = described(cx, &document, Some(&token))?;
    Ok(RegistrationOutcome {
        reason: Reason::Registered {},
        action: Action::Created,
        content: Some(content),
        client: Some(Box::new(document)),
    })
}

pub async fn get(cx: &mut Cx<'_>, call: &ClientRegistrationRequest) -> Result<RegistrationOutcome, Fault> {
    let (_, document, _) = managed(cx, supported(&cx.tenant)?, call).await?;
    let content = described(cx, &document, given(&call.token))?;
    Ok(RegistrationOutcome {
        reason: Reason::RegistrationRead {},
        action: Action::Ok,
        content: Some(content),
        client: Some(Box::new(document)),
    })
}

/// RFC 7592 §2.2: the metadata replace those before, as a whole.
pub async fn update(cx: &mut Cx<'_>, call: &ClientRegistrationRequest) -> Result<RegistrationOutcome, Fault> {
    let open = supported(&cx.tenant)?;
    let (id, former, record) = managed(cx, open, call).await?;
    let own = of_client(&registration::parse(call.json.as_deref())?, id, &former)?;
    let document = registered(cx, (open, own), call).await?;
    let document = dynamic(again(cx, id, former, &document)?);
    let next =
        client_documents::sealed(cx, id, &document).map_err(unstorable)?.revoked(record.revoked_below());
    cx.write.replace(record, &next);
    let content = described(cx, &document, given(&call.token))?;
    Ok(RegistrationOutcome {
        reason: Reason::RegistrationUpdated {},
        action: Action::Updated,
        content: Some(content),
        client: Some(Box::new(document)),
    })
}

pub async fn delete(cx: &mut Cx<'_>, call: &ClientRegistrationRequest) -> Result<RegistrationOutcome, Fault> {
    let (_, _, record) = managed(cx, supported(&cx.tenant)?, call).await?;
    cx.write.delete(record);
    Ok(RegistrationOutcome {
        reason: Reason::RegistrationDeleted {},
        action: Action::Deleted,
        content: None,
        client: None,
    })
}

/// The service lets clients register themselves.
#[derive(Clone, Copy)]
struct Open;

fn supported(tenant: &Tenant) -> Result<Open, Fault> {
    if tenant.registration.supported { Ok(Open) } else { Err(Reason::RegistrationDisabled {}.into()) }
}

/// Whoever sends metadata may: a new client by the rules of the service, a registered one for itself.
struct Entitled;

/// RFC 7591 §3: an initial access token, where one is sent, is a live token of this service that was given to its
/// holder for registration. Whether one is needed is for the authorization server to say.
async fn initial(cx: &Cx<'_>, token: Option<&str>) -> Result<Entitled, Fault> {
    let Some(token) = token else { return Ok(Entitled) };
    let live = cx.token(TokenValue::Access, token).await?;
    let live = live.filter(|live| !live.token.access.expires_at.is_past(cx.now));
    let token = live.ok_or(Reason::InitialTokenUnknown {})?.token;
    match token.entitlement.scopes.contains(registration::INITIAL_ACCESS) {
        true => Ok(Entitled),
        false => Err(Reason::InitialTokenForOther {}.into()),
    }
}

/// The document that the metadata are.
async fn registered(
    cx: &Cx<'_>,
    _: (Open, Entitled),
    call: &ClientRegistrationRequest,
) -> Result<Client, Fault> {
    registering::document(cx, registration::parse(call.json.as_deref())?).await
}

/// A software that is registered already is refused where the service wants that.
async fn unique(cx: &Cx<'_>, document: Client) -> Result<Client, Fault> {
    let software = document.software_id.clone().filter(|id| !id.is_empty());
    let Some(software) = software.filter(|_| cx.tenant.registration.duplicates_blocked) else {
        return Ok(document);
    };
    let entry = Some((ClientRecord::SOFTWARE, software));
    let (_, known) = cx.read.find::<ClientRecord>(entry, Page::count(1)).await?;
    if known > 0 { Err(Reason::SoftwareRegistered {}.into()) } else { Ok(document) }
}

/// A client that has registered itself.
fn dynamic(document: Client) -> Client {
    Client {
        dynamically_registered: Some(true),
        client_source: Some(ClientSource::DynamicRegistration),
        ..document
    }
}

/// The client that a registration access token manages. All that can be wrong with the token has the
/// same answer, so that a stranger learns nothing.
async fn managed(
    cx: &Cx<'_>,
    _: Open,
    call: &ClientRegistrationRequest,
) -> Result<(ClientId, Client, Loaded<ClientRecord>), Fault> {
    let token = given(&call.token).ok_or(Reason::RegistrationTokenMissing {})?;
    let wrong = || Fault::from(Reason::RegistrationTokenWrong {});
    let identifier = given(&call.client_id).ok_or(Reason::RegistrationClientMissing {})?;
    let id = ClientId::parse(identifier).ok_or_else(wrong)?;
    let record = cx.read.get::<ClientRecord>(&id).await?.ok_or_else(wrong)?;
    let document: Client = Client::from_members(cx.opened_client(id, &record)?).map_err(Fault::server)?;
    let known = document.registration_access_token_hash.as_deref();
    let same = known.is_some_and(|known| {
        let presented = TokenHash::of(token).encoded();
        aws_lc_rs::constant_time::verify_slices_are_equal(known.as_bytes(), presented.as_bytes()).is_ok()
    });
    if !same || document.dynamically_registered != Some(true) {
        return Err(wrong());
    }
    if document.locked == Some(true) {
        return Err(Reason::RegistrationClientLocked {}.into());
    }
    Ok((id, document, record))
}

/// RFC 7592 §2.2: the metadata name their client, and cannot choose another secret.
fn of_client(metadata: &Metadata, id: ClientId, former: &Client) -> Result<Entitled, Fault> {
    match metadata.get("client_id") {
        None => return Err(Reason::UpdateClientIdMissing {}.into()),
        Some(named) if named.as_str() != Some(&id.to_string()) => {
            return Err(Reason::UpdateClientIdDiffers {}.into());
        }
        Some(_) => {}
    }
    match metadata.get("client_secret") {
        Some(secret) if secret.as_str() != former.client_secret.as_deref() => {
            Err(Reason::UpdateClientSecretDiffers {}.into())
        }
        _ => Ok(Entitled),
    }
}

fn described(cx: &Cx<'_>, document: &Client, token: Option<&str>) -> Result<String, Fault> {
    let properties: Map<String, Value> = match document.members().map_err(Fault::server)? {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    let client_id = document.client_id.unwrap_or_default().to_string();
    let base = cx.tenant.registration.base.as_deref().unwrap_or_default().trim_end_matches('/');
    let uri = format!("{base}/{client_id}");
    let confidential = document.client_type == Some(ClientType::Confidential);
    let registered = Registered {
        client_id: &client_id,
        client_secret: document.client_secret.as_deref().filter(|_| confidential),
        issued_at: document.created_at.unwrap_or_default() / 1000,
        management: token.map(|token| (token, uri.as_str())),
    };
    Ok(Value::Object(information(&properties, &registered)).to_string())
}

pub fn reply(tenant: &Tenant, outcome: Result<RegistrationOutcome, Fault>) -> ClientRegistrationResponse {
    let done = outcome.unwrap_or_else(|fault| {
        let action = match fault.error() {
            OAuthError::ServerError => Action::InternalServerError,
            OAuthError::InvalidToken if tenant.registration.unauthorized => Action::Unauthorized,
            _ => Action::BadRequest,
        };
        let content = Some(error::json(tenant, &fault));
        RegistrationOutcome { reason: fault.reason, action, content, client: None }
    });
    let (result_code, result_message) = result(&done.reason);
    ClientRegistrationResponse {
        result_code,
        result_message,
        action: Some(done.action),
        response_content: done.content,
        client: done.client.map(|client| *client),
    }
}
