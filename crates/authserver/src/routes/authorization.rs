//! The authorization endpoint (RFC 6749 §3.1, OpenID Connect Core §3.1.2).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use placet_sdk::registry::{ClientType, Prompt};
use placet_sdk::types::{
    AuthorizationFailReason as Reason, AuthorizationRequest, AuthorizationResponse, Client,
};
use placet_sdk::{AuthorizationDecision as Decision, Content, Error, Transport};

use super::interaction::present;
use super::sign_in::{users_away, wait};
use super::{Server, answer, logout};
use crate::forward::Forwarded;
use crate::interaction::{Failure, Interaction, Purpose, Step, Why};
use crate::respond::{see_other, self_posting};
use crate::session::{Handle, Login, Lost, Session};
use crate::settings::Settings;
use crate::state::StateUnavailable;
use crate::visit::Visit;
use crate::{AuthServer, Onward, Problem, form, link};

/// The longest form that is turned into a query, in bytes.
pub(super) const LONGEST: usize = 8 * 1024;

pub(crate) async fn get<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let visit = server.visit(&request);
    begin(&server, &visit, request.query().to_owned()).await
}

pub(crate) async fn post<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let (visit, parameters) = (server.visit(&request), request.parameters());
    // A form of another site comes without our cookie; a visit to the same address with a query brings it.
    if visit.session.is_none() && !parameters.is_empty() && parameters.len() <= LONGEST {
        return see_other(&format!("{}?{parameters}", server.path("/authorize")));
    }
    begin(&server, &visit, parameters).await
}

async fn begin<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    visit: &Visit,
    parameters: String,
) -> Response {
    if let Err(seconds) = server.requests.take(visit.address, visit.now) {
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many");
        return wait(server.error(visit, problem), seconds);
    }
    let request =
        AuthorizationRequest { parameters: Some(parameters.clone()), ..AuthorizationRequest::default() };
    let decision = match server.api.authorization(request).await {
        Ok(decision) => decision,
        Err(e) => return server.away(visit, &e, &visit.here),
    };
    match decision {
        Decision::Interaction(asked) => open(server, visit, asked.body).await,
        Decision::NoInteraction(asked) => silently(server, visit, asked.body).await,
        Decision::Location(content) | Decision::Form(content) if !is_vetted(server, &parameters).await => {
            unvetted(server, visit, &content)
        }
        Decision::Location(content) => see_other(&content.text),
        Decision::Form(content) => self_posting(content),
        Decision::BadRequest(content) => server.refused(visit, StatusCode::BAD_REQUEST, &content),
        Decision::InternalServerError(content) => {
            server.refused(visit, StatusCode::INTERNAL_SERVER_ERROR, &content)
        }
        Decision::Unknown(answer) => server.unknown(visit, answer.unknown_action()),
    }
}

/// RFC 9700 §4.11.2: whether the operator has looked at the client, so that a browser may be sent to it before its person
/// was asked anything. Anybody can register a client, and with it an address to be sent to.
async fn is_vetted<T: Transport + 'static>(server: &AuthServer<T>, parameters: &str) -> bool {
    let Some(id) = form::value(parameters, "client_id") else { return false };
    match server.api.client_get(id).await {
        Ok(client) => {
            // A developer has made it, or has given it other addresses than the operator has seen.
            let unseen = says(&client.body, "vetted", "false");
            client.dynamically_registered != Some(true) && !unseen
                || has(&client.body, "vetted")
                || has(&client.body, "first_party")
        }
        Err(_) => false,
    }
}

/// The error stays here; the person may go on with it, knowing where.
fn unvetted<T: Transport + 'static>(server: &AuthServer<T>, visit: &Visit, content: &Content) -> Response {
    let onward = link::host(&content.text).map(|host| Onward { uri: content.text.clone(), host });
    let detail = content.result_message.as_deref().unwrap_or_default();
    let problem = Problem::new(StatusCode::BAD_REQUEST, "unvetted");
    server.error(visit, Problem { detail, onward, ..problem })
}

/// Whether a client has an attribute, which is `true`: what only the operator says of it.
fn has(client: &Client, attribute: &str) -> bool {
    says(client, attribute, "true")
}

fn says(client: &Client, attribute: &str, value: &str) -> bool {
    let mut attributes = client.attributes.iter().flatten();
    attributes.any(|pair| (pair.key.as_deref(), pair.value.as_deref()) == (Some(attribute), Some(value)))
}

/// Asks the person: on pages of their own, so that the request's address is not loaded again.
async fn open<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    visit: &Visit,
    asked: AuthorizationResponse,
) -> Response {
    let interaction = match described(server, visit, Purpose::Request(Arc::new(asked))).await {
        Ok(interaction) => interaction,
        Err(e) => return server.away(visit, &e, &visit.here),
    };
    show(server, visit, interaction).await
}

impl<T: Transport + 'static> AuthServer<T> {
    /// The session of the visit, or a new one.
    pub(super) async fn visited(&self, visit: &Visit) -> Result<Handle, StateUnavailable> {
        match &visit.session {
            Some(session) => Ok(session.clone()),
            None => self.sessions.start(visit.now).await,
        }
    }
}

/// Opens the pages of an interaction.
pub(super) async fn show<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    visit: &Visit,
    interaction: Interaction,
) -> Response {
    let (id, most) = (server.settings.ambient.entropy.identifier(), server.settings.budgets.tabs);
    let open = |session: &mut Session| session.open(id.clone(), interaction.clone(), most);
    let session = match server.visited(visit).await {
        Ok(session) => session,
        Err(e) => return server.forgetful(visit, &e, &visit.here),
    };
    let session = match session.change(open).await {
        Ok(()) => session,
        // Whoever has left in the meantime begins anew.
        Err(Lost::Gone) => match server.sessions.start(visit.now).await {
            Ok(new) => match new.change(open).await {
                Ok(()) => new,
                Err(lost) => return server.lost(visit, lost, &visit.here),
            },
            Err(e) => return server.forgetful(visit, &e, &visit.here),
        },
        Err(lost) => return server.lost(visit, lost, &visit.here),
    };
    let mut response = see_other(&server.path(&format!("/interaction/{id}")));
    server.cookies.keep_session(&mut response, &session);
    response
}

/// An interaction with what has to be known of the client: whose it is, and where its answers may go.
pub(super) async fn described<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    visit: &Visit,
    purpose: Purpose,
) -> Result<Interaction, Error> {
    let mut interaction = Interaction::new(purpose, visit.now);
    let id = interaction.request().map(answer::client_id).unwrap_or_default();
    let creates = interaction
        .request()
        .is_some_and(|asked| asked.prompts.iter().flatten().any(|prompt| *prompt == Prompt::Create));
    interaction.signing_up = creates && server.users.accounts().is_some();
    match server.api.client_get(id).await {
        Ok(client) => {
            interaction.first_party = has(&client.body, "first_party");
            interaction.hears_of_logouts = logout::hears(&client.body);
            interaction.form_targets =
                client.redirect_uris.iter().flatten().filter_map(|uri| source(uri)).collect();
            interaction.form_targets.dedup();
            let owned = |uri: &String| uri.starts_with("https://");
            let somewhere = client.redirect_uris.iter().flatten().any(|uri| !owned(uri));
            interaction.impersonable = client.client_type == Some(ClientType::Public) && somewhere;
        }
        // Without the right to view clients: any target, and nobody's own client.
        Err(Error::Refused { status: 401..=404, .. }) => {
            interaction.form_targets = ["https:", "http:"].map(str::to_owned).to_vec();
            interaction.hears_of_logouts = true;
        }
        Err(e) => return Err(e),
    }
    Ok(interaction)
}

/// A redirect URI as a source of a content security policy: its origin, or its scheme where it has no host. The
/// port of a loopback address is the native application's choice (RFC 8252 §7.3).
fn source(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once(':')?;
    if !scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)) {
        return None;
    }
    let Some(host) =
        rest.strip_prefix("//").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default())
    else {
        return Some(format!("{scheme}:"));
    };
    let is_plain = host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b));
    match (scheme, host.rsplit_once(':').map_or(host, |(name, _)| name)) {
        ("http", "127.0.0.1" | "localhost") => {
            Some(format!("http://{}:*", host.split(':').next().unwrap_or(host)))
        }
        // A source cannot name an IPv6 address (Content Security Policy Level 3 §6.7.2.8).
        ("http", name) if name.starts_with("[::1]") || host == "[::1]" => Some("http:".to_owned()),
        ("http" | "https", _) if is_plain => Some(format!("{scheme}://{host}")),
        ("http" | "https", _) => None,
        _ => Some(format!("{scheme}:")),
    }
}

/// `prompt=none`: what the session allows, or an error that says what is missing (OpenID Connect Core §3.1.2.6).
async fn silently<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    visit: &Visit,
    asked: AuthorizationResponse,
) -> Response {
    let mut interaction = match described(server, visit, Purpose::Request(Arc::new(asked))).await {
        Ok(interaction) => interaction,
        Err(e) => return server.away(visit, &e, &visit.here),
    };
    let login = match known(server, visit, &mut interaction).await {
        Ok(login) => login,
        Err(page) => return *page,
    };
    let reason = missing(&interaction, login.as_ref(), (&server.settings, visit.now));
    let made = match (reason, login, &visit.session) {
        (None, Some(login), Some(session)) => {
            answer::issue(server, session, &interaction, &login, None).await
        }
        (reason, _, _) => answer::fail(server, &interaction, reason.unwrap_or(Reason::NotLoggedIn)).await,
    };
    match made {
        Ok(made) => made.respond(server, visit),
        Err(e) => server.away(visit, &e, &visit.here),
    }
}

/// Who is signed in, and what they have granted before: as the pages would find it.
async fn known<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    visit: &Visit,
    interaction: &mut Interaction,
) -> Result<Option<Login>, Box<Response>> {
    let Some(session) = &visit.session else { return Ok(None) };
    let login = present(server, session, interaction).await;
    let login = login.map_err(|e| users_away(server, visit, &e, &visit.here))?;
    if let Some(login) = &login {
        let granted = answer::granted(server, interaction, &login.user.subject).await;
        interaction.granted = Some(granted.map_err(|e| server.away(visit, &e, &visit.here))?);
    }
    Ok(login)
}

/// What a page would have to ask for.
fn missing(
    interaction: &Interaction,
    login: Option<&Login>,
    (settings, now): (&Settings, i64),
) -> Option<Reason> {
    let asked = interaction.request();
    let is_older = |login| asked.is_some_and(|asked| crate::interaction::is_older(asked, login, now));
    let mut prompts = asked.into_iter().flat_map(|asked| asked.prompts.iter().flatten());
    let wishes_login = prompts.any(|prompt| *prompt == Prompt::Login);
    match interaction.step(login, settings, now) {
        Step::Ready => None,
        Step::SignIn(Why::Again) if wishes_login || login.is_some_and(is_older) => {
            Some(Reason::ExceedsMaxAge)
        }
        Step::SignIn(Why::SomebodyElse) | Step::Fail(Failure::DifferentSubject) => {
            Some(Reason::DifferentSubject)
        }
        Step::SignIn(_) | Step::SignUp => Some(Reason::NotLoggedIn),
        Step::SelectAccount => Some(Reason::AccountSelectionRequired),
        Step::Consent => Some(Reason::ConsentRequired),
        Step::SecondFactor | Step::Fail(Failure::AcrNotSatisfied) => Some(Reason::AcrNotSatisfied),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_uris_become_sources() {
        for (uri, expected) in [
            ("https://client.example/cb?a=b", Some("https://client.example")),
            ("https://client.example:8443/cb", Some("https://client.example:8443")),
            ("http://127.0.0.1/cb", Some("http://127.0.0.1:*")),
            ("http://localhost:3000/cb", Some("http://localhost:*")),
            ("http://[::1]:5000/cb", Some("http:")),
            ("com.example.app:/cb", Some("com.example.app:")),
            ("com.example.app://cb", Some("com.example.app:")),
            ("https://a b;script-src *", None),
            ("nothing", None),
        ] {
            assert_eq!(source(uri).as_deref(), expected, "{uri}");
        }
    }
}
