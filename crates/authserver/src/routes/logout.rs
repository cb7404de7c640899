//! The end of a session: RP-initiated (OpenID Connect RP-Initiated Logout 1.0), and by the person alone.

mod clients;
mod hint;

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::context;
use placet_sdk::types::Client;
use placet_sdk::{Error, Transport};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::authorization::LONGEST;
use super::genuine::genuine;
use super::{Server, native_sso};
use crate::forward::Forwarded;
use crate::respond::see_other;
use crate::session::{Handle, Login, Lost};
use crate::visit::Visit;
use crate::{AuthServer, Look, Problem, form, link};

pub(super) use clients::{hears, told};

/// A logout that was asked for, after it has been judged.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Leaving {
    /// The name of the client that asks.
    client: String,
    /// Where to go afterwards: registered by that client, and with its state.
    target: Option<String>,
    /// The claims of a verified hint.
    hint: Option<Map<String, Value>>,
}

/// Why a logout is not carried out.
enum Refused {
    /// The link is wrong; the text is for developers.
    Wrong(&'static str),
    Away(Error),
}

impl From<Error> for Refused {
    fn from(e: Error) -> Self {
        Self::Away(e)
    }
}

pub(crate) async fn get<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    leave(&server, &request, request.query()).await
}

pub(crate) async fn post<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let parameters = request.parameters();
    // A form of another site comes without our cookie; a visit to the same address with a query brings it. Nobody is
    // told of a logout before that is known.
    if server.visit(&request).session.is_none() {
        return match parameters.len() <= LONGEST {
            true => see_other(&format!("{}?{parameters}", server.path("/logout"))),
            false => cookieless(&server, &server.visit(&request)),
        };
    }
    leave(&server, &request, &parameters).await
}

/// It cannot be told whether somebody is signed in here.
fn cookieless<T: Transport + 'static>(server: &AuthServer<T>, visit: &Visit) -> Response {
    let detail = "The request came without the browser's cookie.";
    server.error(visit, Problem { detail, ..Problem::new(StatusCode::BAD_REQUEST, "logout") })
}

async fn leave<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    request: &Forwarded,
    parameters: &str,
) -> Response {
    let visit = server.visit(request);
    // In a frame of another site the browser keeps the cookie to itself: there may be a session that lives on.
    if visit.session.is_none() && visit.is_embedded {
        return cookieless(server, &visit);
    }
    let leaving = match judged(server, parameters).await {
        Ok(leaving) => leaving,
        Err(Refused::Wrong(detail)) => {
            let problem = Problem::new(StatusCode::BAD_REQUEST, "logout");
            return server.error(&visit, Problem { detail, ..problem });
        }
        Err(Refused::Away(e)) => return server.away(&visit, &e, &visit.here),
    };
    let login = visit.session.as_ref().and_then(|session| Some((session.clone(), session.login()?)));
    match login {
        Some((session, login)) if leaving.is_of(&login) => {
            carry_out(server, &visit, &session, &leaving).await
        }
        // §2: whoever is signed in is asked, unless the hint is theirs.
        Some((session, login)) => ask(server, &visit, &session, &login, leaving).await,
        None => match (&leaving.target, &leaving.hint) {
            (Some(target), Some(_)) => see_other(target),
            _ => gone(server, &visit, &leaving, &[]),
        },
    }
}

async fn ask<T: Transport + 'static>(
    server: &AuthServer<T>,
    visit: &Visit,
    session: &Handle,
    login: &Login,
    leaving: Leaving,
) -> Response {
    let client = leaving.client.clone();
    if let Err(lost) = session.change(|session| session.leaving = Some(leaving.clone())).await {
        return server.lost(visit, lost, &visit.here);
    }
    let csrf = session.with(|session| session.csrf.clone());
    let page = context! { csrf, client, user => &login.user.name };
    server.page(visit, "logout.html", Look::new(StatusCode::OK), page)
}

pub(crate) async fn confirm<T: Transport + 'static>(
    State(server): Server<T>,
    request: Forwarded,
) -> Response {
    let visit = server.visit(&request);
    let Some(session) = &visit.session else { return gone(&server, &visit, &Leaving::default(), &[]) };
    let retry = server.path("/logout");
    if let Err(page) = genuine(&server, &visit, session, &retry) {
        return *page;
    }
    let leaving = match session.change(|session| session.leaving.take()).await {
        Ok(leaving) => leaving.unwrap_or_default(),
        Err(Lost::Gone) => return gone(&server, &visit, &Leaving::default(), &[]),
        Err(lost) => return server.lost(&visit, lost, &retry),
    };
    match visit.field("decision").as_deref() {
        Some("yes") => carry_out(&server, &visit, session, &leaving).await,
        _ => {
            let look = Look { here: Some(""), ..Look::new(StatusCode::OK) };
            server.page(&visit, "stayed.html", look, context! {})
        }
    }
}

/// Ends the session, tells the clients that took part in it, and shows the way back.
async fn carry_out<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    visit: &Visit,
    session: &Handle,
    leaving: &Leaving,
) -> Response {
    let frames = match server.sessions.end(session, visit.now).await {
        Ok(Some((login, clients))) => {
            native_sso::end(server, &login.sid).await;
            told(server, &login, clients).await
        }
        Ok(None) => Vec::new(),
        Err(e) => return server.forgetful(visit, &e, &server.path("/logout")),
    };
    let mut response = match &leaving.target {
        Some(target) if frames.is_empty() => see_other(target),
        _ => gone(server, visit, leaving, &frames),
    };
    server.cookies.forget_session(&mut response);
    response
}

fn gone<T: Transport + 'static>(
    server: &AuthServer<T>,
    visit: &Visit,
    leaving: &Leaving,
    frames: &[clients::Frame],
) -> Response {
    let sources: Vec<_> = frames.iter().map(|frame| frame.source.clone()).collect();
    let frames: Vec<_> = frames.iter().map(|frame| frame.uri.clone()).collect();
    let look = Look { here: Some(""), frames: &sources, ..Look::new(StatusCode::OK) };
    let page = context! { target => leaving.target.clone(), client => &leaving.client, frames };
    server.page(visit, "signed_out.html", look, page)
}

impl Leaving {
    /// Whether the hint was made for this very login.
    fn is_of(&self, login: &Login) -> bool {
        let Some(hint) = &self.hint else { return false };
        let claim = |name: &str| hint.get(name).and_then(Value::as_str);
        match claim("sid") {
            Some(sid) => sid == login.sid,
            None => claim("sub") == Some(&login.user.subject),
        }
    }
}

/// Judges what was asked for. Nobody is redirected to what a client has not registered (§3).
async fn judged<T: Transport + 'static>(
    server: &AuthServer<T>,
    parameters: &str,
) -> Result<Leaving, Refused> {
    let parameter = |name: &str| form::value(parameters, name).filter(|value| !value.is_empty());
    let hint = match parameter("id_token_hint") {
        Some(hint) => Some(hint::verified(server, hint).await?),
        None => None,
    };
    let audience = hint.as_ref().map(hint::audience).unwrap_or_default();
    let named = parameter("client_id");
    // §2: a client that is named is the one that the hint was made for.
    if hint.is_some() && named.as_ref().is_some_and(|named| !audience.contains(named)) {
        return Err(Refused::Wrong("'client_id' is not the audience of 'id_token_hint'."));
    }
    let client = match named.or_else(|| audience.into_iter().next()) {
        Some(id) => match server.api.client_get(id).await {
            Ok(client) => Some(client),
            Err(Error::Refused { status: 404, .. }) => return Err(Refused::Wrong("The client is unknown.")),
            Err(e) => return Err(e.into()),
        },
        None => None,
    };
    let target = match parameter("post_logout_redirect_uri") {
        Some(uri) => Some(target(client.as_deref(), &uri, parameter("state").as_deref())?),
        None => None,
    };
    let client = client.and_then(|client| client.client_name.clone()).unwrap_or_default();
    Ok(Leaving { client, target, hint })
}

fn target(client: Option<&Client>, uri: &str, state: Option<&str>) -> Result<String, Refused> {
    let client =
        client.ok_or(Refused::Wrong("'post_logout_redirect_uri' needs 'id_token_hint' or 'client_id'."))?;
    let registered = clients::metadata(client).post_logout_redirect_uris;
    if !registered.iter().any(|known| known == uri) {
        return Err(Refused::Wrong("'post_logout_redirect_uri' is not one that the client has registered."));
    }
    let uri = link::destination(uri)
        .ok_or(Refused::Wrong("'post_logout_redirect_uri' is no address that a browser is sent to."))?;
    Ok(form::with_query(uri, &state.map(|state| ("state", state)).into_iter().collect::<Vec<_>>()))
}
