//! Where somebody offers a credential to a wallet of their own (OpenID for Verifiable Credential Issuance 1.0 §4).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};
use placet_sdk::types::{CredentialOfferInfo, VciMetadataRequest, VciOfferCreateRequest};
use placet_sdk::{
    Error, Transport, VciMetadataDecision as Metadata, VciOfferCreateDecision as Created, form,
};
use serde_json::Value as Json;

use super::genuine::genuine;
use super::sign_in::wait;
use super::{Server, authorization, not_found};
use crate::credentials::name;
use crate::forward::Forwarded;
use crate::interaction::{Interaction, Purpose};
use crate::offer::{Offered, Way, picture};
use crate::respond::see_other;
use crate::session::{Handle, Login};
use crate::visit::Visit;
use crate::{AuthServer, Look, Problem};

/// How long an offer is good for, in seconds: as long as somebody takes to pick up a telephone (§4.1.1, "short lived").
const LIFETIME: i64 = 600;

/// A kind of credential that can be offered.
struct Kind {
    id: String,
    name: String,
    /// It comes later.
    later: bool,
}

pub(crate) async fn page<T: Transport + 'static>(state: Server<T>, request: Forwarded) -> Response {
    let State(server) = &state;
    if !server.settings.credentials.offers {
        return not_found(state, request).await;
    }
    let visit = server.visit(&request);
    let Some((session, login)) = visit.signed_in() else {
        let interaction = Interaction::new(Purpose::Account("/offer".to_owned()), visit.now);
        return authorization::show(server, &visit, interaction).await;
    };
    match kinds(server, &visit).await {
        Ok(kinds) => show(server, &visit, (session, &login), (&kinds, None)),
        Err(e) => server.away(&visit, &e, &server.path("/offer")),
    }
}

fn show<T: Transport + 'static>(
    server: &AuthServer<T>,
    visit: &Visit,
    (session, login): (&Handle, &Login),
    (kinds, problem): (&[Kind], Option<&str>),
) -> Response {
    let shown = kinds.iter().map(|kind| context! { id => &kind.id, name => &kind.name, later => kind.later });
    let kinds: Vec<_> = shown.collect();
    let subject = &login.user.subject;
    let offer = session.with(|session| {
        let offered = session.offered.as_ref();
        offered.filter(|one| one.expires_at > visit.now && one.subject == *subject).map(offer)
    });
    let csrf = session.with(|session| session.csrf.clone());
    let here = server.path("/offer");
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let look = Look { here: Some(&here), ..Look::new(status) };
    let minutes = LIFETIME / 60;
    let page = context! { kinds, offer, problem, csrf, minutes, user => &login.user.name };
    server.page(visit, "offer.html", look, page)
}

fn offer(offered: &Offered) -> Value {
    let Offered { link, code, names, way, .. } = offered;
    context! { link, code, names, way => way.name(), picture => picture(link) }
}

/// What the service issues; nothing where it issues none.
async fn kinds<T: Transport + 'static>(server: &AuthServer<T>, visit: &Visit) -> Result<Vec<Kind>, Error> {
    let Metadata::Ok(content) = server.api.vci_metadata(VciMetadataRequest::default()).await? else {
        return Ok(Vec::new());
    };
    let metadata: Json = serde_json::from_str(&content.text).unwrap_or_default();
    let language = server.pages.locales.choose(visit.wishes(&[]));
    let all = metadata.get("credential_configurations_supported").and_then(Json::as_object);
    let kind = |(id, configuration): (&String, &Json)| Kind {
        id: id.clone(),
        name: name(configuration, language).unwrap_or(id).to_owned(),
        later: server.settings.credentials.deferred.contains_key(id),
    };
    Ok(all.into_iter().flatten().map(kind).collect())
}

pub(crate) async fn make<T: Transport + 'static>(state: Server<T>, request: Forwarded) -> Response {
    let State(server) = &state;
    if !server.settings.credentials.offers {
        return not_found(state, request).await;
    }
    let visit = server.visit(&request);
    let here = server.path("/offer");
    let Some((session, login)) = visit.signed_in() else { return see_other(&here) };
    if let Err(page) = genuine(server, &visit, session, &here) {
        return *page;
    }
    if let Err(seconds) = server.offers.take(visit.address, visit.now) {
        return wait(server.error(&visit, Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many")), seconds);
    }
    let kinds = match kinds(server, &visit).await {
        Ok(kinds) => kinds,
        Err(e) => return server.away(&visit, &e, &here),
    };
    let ticked = visit.fields("kind");
    let wanted: Vec<_> = kinds.iter().filter(|kind| ticked.contains(&kind.id)).collect();
    let way = visit.field("way").and_then(|name| Way::parse(&name));
    let (Some(way), false) = (way, wanted.is_empty()) else {
        return show(server, &visit, (session, &login), (&kinds, Some("nothing")));
    };
    match made(server, &login, &wanted, way).await {
        Ok(Some(offered)) => match session.change(|session| session.offered = Some(offered.clone())).await {
            Ok(()) => see_other(&here),
            Err(lost) => server.lost(&visit, lost, &here),
        },
        Ok(None) => show(server, &visit, (session, &login), (&kinds, Some("refused"))),
        Err(e) => server.away(&visit, &e, &here),
    }
}

/// The offer; `None` where the service makes none of this kind.
async fn made<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    login: &Login,
    wanted: &[&Kind],
    way: Way,
) -> Result<Option<Offered>, Error> {
    let code = (way == Way::Code).then(|| transaction_code(server.settings.ambient.entropy.bytes()));
    let ahead = way != Way::Authorization;
    let call = VciOfferCreateRequest {
        authorization_code_grant_included: Some(!ahead),
        issuer_state_included: Some(!ahead),
        pre_authorized_code_grant_included: Some(ahead),
        subject: ahead.then(|| login.user.subject.clone()),
        duration: Some(LIFETIME),
        auth_time: Some(login.auth_time),
        acr: server.settings.acr(login.strength()).map(str::to_owned),
        credential_configuration_ids: Some(wanted.iter().map(|kind| kind.id.clone()).collect()),
        tx_code: code.clone(),
        tx_code_input_mode: code.as_ref().map(|_| "numeric".to_owned()),
        ..VciOfferCreateRequest::default()
    };
    let info = match server.api.vci_offer_create(call).await? {
        Created::Created(made) => made.body.info.unwrap_or_default(),
        Created::Forbidden(content) | Created::CallerError(content) | Created::AuthleteError(content) => {
            let why = content.result_message.as_deref().unwrap_or_default();
            tracing::warn!(why, "an offer that is not made");
            return Ok(None);
        }
        Created::Unknown(_) => return Ok(None),
    };
    let CredentialOfferInfo { identifier, expires_at, .. } = info;
    Ok(Some(Offered {
        subject: login.user.subject.clone(),
        link: link(server.settings.issuer.url(), &identifier.unwrap_or_default()),
        code,
        names: wanted.iter().map(|kind| kind.name.clone()).collect(),
        way,
        expires_at: expires_at.unwrap_or_default() / 1000,
    }))
}

/// §4.1.3: by reference, so that a picture of it stays small.
fn link(issuer: &str, identifier: &str) -> String {
    let uri = format!("{issuer}/offers/{identifier}");
    format!("openid-credential-offer://?{}", form::encode([("credential_offer_uri", uri.as_str())]))
}

/// Six digits, which the API lets nobody guess.
fn transaction_code(random: [u8; 8]) -> String {
    format!("{:06}", u64::from_be_bytes(random) % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_is_named_in_its_link() {
        assert_eq!(
            link("https://as.example/bank", "a-b_c"),
            "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fas.example%2Fbank%2Foffers%2Fa-b_c"
        );
    }

    #[test]
    fn a_transaction_code_has_six_digits() {
        assert_eq!(transaction_code([0; 8]), "000000");
        assert_eq!(transaction_code([255; 8]), "551615");
    }
}
