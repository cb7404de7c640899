//! What the person agrees to.

use std::collections::BTreeSet;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};
use placet_sdk::types::{
    AuthorizationDetailsElement, AuthorizationResponse, AuthzDetails, ClientLimitedAuthorization, Scope,
    TaggedValue,
};
use placet_sdk::{Transport, claims};

use super::answer::Chosen;
use super::interaction::{Page, Place, deny, finish, sent};
use super::sign_in::forgetful;
use super::{Server, device};
use crate::credentials;
use crate::forward::Forwarded;
use crate::interaction::Step;
use crate::link;
use crate::locale::Locales;
use crate::respond::see_other;
use crate::session::Login;
use crate::users::User;
use crate::verified;

pub(crate) async fn post<T: Transport + 'static>(
    State(server): Server<T>,
    Path(id): Path<String>,
    request: Forwarded,
) -> Response {
    let visit = server.visit(&request);
    let (session, interaction) = match sent(&server, &visit, &id).await {
        Ok(opened) => opened,
        Err(response) => return *response,
    };
    // A form that is older than the login, or than a wish for another one, decides nothing.
    let step = interaction.step(session.login().as_ref(), &server.settings, visit.now);
    let Some(asked) = interaction.request().filter(|_| step == Step::Consent) else {
        return see_other(&super::interaction::at(&server, &id));
    };
    let place = Place { server: &server, visit: &visit, session: &session, id: &id };
    match visit.field("decision").as_deref() {
        Some("allow") => {
            let ticked = Ticked {
                scopes: visit.fields("scope"),
                claims: visit.fields("claim"),
                details: visit.fields("detail"),
            };
            let mut chosen = chosen(asked, &ticked);
            // What a device asks for in detail is granted whole or not at all.
            if interaction.is_from_elsewhere() {
                chosen.details = None;
            }
            finish(place, Some(chosen)).await
        }
        _ => deny(place).await,
    }
}

/// The boxes of the form.
#[derive(Default)]
struct Ticked {
    scopes: Vec<String>,
    claims: Vec<String>,
    /// Places in the list of authorization details.
    details: Vec<String>,
}

/// What was asked for and ticked. Without `openid` there would be no sign-in, so that it is not for choice.
fn chosen(asked: &AuthorizationResponse, ticked: &Ticked) -> Chosen {
    let wanted = |scope: &String| scope == "openid" || ticked.scopes.contains(scope);
    let scopes: Vec<_> = asked_scopes(asked).into_iter().filter(wanted).collect();
    let mut by_name = by_name(asked);
    by_name.extend(verified::names(&verified::asked(asked)));
    let details = chosen_details(asked, &ticked.details);
    if by_name.is_empty() {
        return Chosen { scopes, claims: None, details };
    }
    let implied = scopes.iter().flat_map(|scope| claims::of_scope(scope)).map(|claim| (*claim).to_owned());
    let named = by_name.into_iter().filter(|claim| ticked.claims.contains(claim));
    let consented: BTreeSet<_> = implied.chain(named).chain(["sub".to_owned()]).collect();
    Chosen { scopes, claims: Some(consented.into_iter().collect()), details }
}

/// RFC 9396 §5: the user may grant less than what was asked for.
fn chosen_details(asked: &AuthorizationResponse, ticked: &[String]) -> Option<AuthzDetails> {
    let elements = asked.authorization_details.as_ref()?.elements.as_ref()?;
    let is_ticked = |(at, _): &(usize, _)| ticked.contains(&at.to_string());
    let kept: Vec<_> = elements.iter().enumerate().filter(is_ticked).map(|(_, one)| one.clone()).collect();
    (kept.len() < elements.len()).then_some(AuthzDetails { elements: Some(kept) })
}

fn asked_scopes(asked: &AuthorizationResponse) -> Vec<String> {
    let plain = asked.scopes.iter().flatten().filter_map(|scope| scope.name.clone());
    let dynamic = asked.dynamic_scopes.iter().flatten().filter_map(|scope| scope.value.clone());
    let mut seen = BTreeSet::new();
    plain.chain(dynamic).filter(|scope| seen.insert(scope.clone())).collect()
}

/// The claims that no scope stands for.
fn by_name(asked: &AuthorizationResponse) -> Vec<String> {
    let scopes = asked_scopes(asked);
    let implied: BTreeSet<_> = scopes.iter().flat_map(|scope| claims::of_scope(scope)).copied().collect();
    let names = asked.claims.iter().chain(&asked.claims_at_user_info).flatten();
    let base = |name: &str| name.split('#').next().unwrap_or_default().to_owned();
    let names: BTreeSet<_> =
        names.filter(|name| *name != "sub" && !implied.contains(base(name).as_str())).cloned().collect();
    names.into_iter().collect()
}

pub(super) async fn page<T: Transport + 'static>(page: &Page<'_, T>, login: Option<&Login>) -> Response {
    let (Some(asked), Some(login)) = (page.interaction.request(), login) else {
        return see_other(&super::interaction::at(page.place.server, page.place.id));
    };
    let locales = &page.place.server.pages.locales;
    let language = locales.choose(page.place.visit.wishes(asked.ui_locales.as_deref().unwrap_or_default()));
    let words = Words { locales, language };
    let granted = page.interaction.granted.as_deref().unwrap_or_default();
    let documents: Vec<_> = asked.scopes.iter().flatten().collect();
    let scopes: Vec<_> = asked_scopes(asked)
        .iter()
        .map(|name| {
            let document = documents.iter().find(|scope| scope.name.as_ref() == Some(name));
            let values: Vec<_> = claims::of_scope(name)
                .iter()
                // A number of seconds says nothing to a person.
                .filter(|claim| **claim != "updated_at")
                .filter_map(|claim| Some((claim, words.value(&login.user, claim)?)))
                .map(|(claim, value)| context! { label => words.claim(claim), value })
                .collect();
            let (required, granted) = (name == "openid", granted.contains(name));
            context! { name, text => words.scope(name, document.copied()), required, granted, values }
        })
        .collect();
    let claims: Vec<_> = by_name(asked)
        .iter()
        .map(|name| context! { name, label => words.claim(name), value => words.value(&login.user, name) })
        .collect();
    let elements = asked.authorization_details.iter().flat_map(|details| details.elements.iter().flatten());
    let details: Vec<_> = elements.map(|element| words.detail(element, asked)).collect();
    let code = page.interaction.user_code().map(device::readable);
    let elsewhere = page.interaction.is_from_elsewhere();
    let message = match page.interaction.inbox_id() {
        Some(id) => match page.place.server.inbox.find(id, page.place.visit.now).await {
            Ok(found) => found.and_then(|one| one.binding_message),
            Err(e) => return forgetful(page.place, &e),
        },
        None => None,
    };
    let verified = words.verified(asked, &login.user);
    let purpose = asked.purpose.clone();
    let more = context! { scopes, claims, verified, details, code, elsewhere, message, purpose };
    page.show("consent.html", StatusCode::OK, more)
}

/// Names for people, in one language.
pub(super) struct Words<'a> {
    pub(super) locales: &'a Locales,
    pub(super) language: &'a str,
}

impl Words<'_> {
    /// The operator's words, then ours, then the name itself.
    pub(super) fn scope(&self, name: &str, document: Option<&Scope>) -> String {
        let tagged = document.and_then(|scope| tagged(scope.descriptions.as_deref(), self.language));
        let own = || self.locales.own(self.language, &format!("scope.{name}"));
        let plain =
            || document.and_then(|scope| scope.description.as_deref()).filter(|text| !text.is_empty());
        let fallback = || self.locales.find(self.language, &format!("scope.{name}"));
        tagged.or_else(own).or_else(plain).or_else(fallback).unwrap_or(name).to_owned()
    }

    fn claim(&self, name: &str) -> String {
        let base = name.split('#').next().unwrap_or_default();
        self.locales.find(self.language, &format!("claim.{base}")).unwrap_or(name).to_owned()
    }

    /// Verified claims that are asked for, and what goes along; nothing where none are.
    fn verified(&self, asked: &AuthorizationResponse, user: &User) -> Option<Value> {
        let sets = verified::asked(asked);
        let claims: Vec<_> = verified::names(&sets)
            .into_iter()
            .map(|name| {
                let claim = verified::claim(&name);
                let purposes = verified::purposes(&sets, claim);
                // What is made of a claim goes by a name with colons.
                let label = self.claim(claim.trim_start_matches(':'));
                let value = verified::value(user, claim).map(text);
                context! { name => name.clone(), label, value, purposes }
            })
            .collect();
        let evidence: BTreeSet<_> =
            sets.iter().flat_map(|set| &set.evidence).map(|kind| self.evidence(kind)).collect();
        let frameworks: BTreeSet<_> = sets.iter().flat_map(|set| &set.frameworks).cloned().collect();
        let list = |texts: BTreeSet<String>| texts.into_iter().collect::<Vec<_>>().join(", ");
        let attachments = sets.iter().any(|set| set.attachments);
        let (frameworks, evidence) = (list(frameworks), list(evidence));
        (!claims.is_empty()).then(|| context! { claims, frameworks, evidence, attachments })
    }

    /// One authorization detail; a credential by its name (OpenID for Verifiable Credential Issuance 1.0 §5.1.1).
    fn detail(&self, element: &AuthorizationDetailsElement, asked: &AuthorizationResponse) -> Value {
        let credential = || {
            let issuable = asked.issuable_credentials.as_deref()?;
            let issuable: Vec<serde_json::Value> = serde_json::from_str(issuable).ok()?;
            let others = other_fields(element)?;
            let id = others.get("credential_configuration_id")?;
            let of = |one: &&serde_json::Value| one.get("credential_configuration_id") == Some(id);
            credentials::name(issuable.iter().find(of)?, self.language).map(str::to_owned)
        };
        match credential().filter(|_| element.r#type == "openid_credential") {
            Some(credential) => context! { credential },
            None => context! { kind => &element.r#type, rows => rows(element) },
        }
    }

    fn evidence(&self, kind: &str) -> String {
        self.locales.find(self.language, &format!("evidence.{kind}")).unwrap_or(kind).to_owned()
    }

    /// What the client would get to know.
    fn value(&self, user: &User, claim: &str) -> Option<String> {
        let chosen = user.chosen(&[claim.to_owned()], &[self.language.to_owned()]);
        chosen.get(claim).map(text)
    }
}

/// A value as people write it.
fn text(value: &serde_json::Value) -> String {
    use serde_json::Value as Json;
    match value {
        Json::String(text) => text.clone(),
        Json::Object(members) => match members.get("formatted") {
            Some(Json::String(formatted)) => formatted.replace('\n', ", "),
            _ => members.values().map(text).collect::<Vec<_>>().join(", "),
        },
        Json::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(", "),
        Json::Bool(true) => "✓".to_owned(),
        Json::Bool(false) => "✗".to_owned(),
        other => other.to_string(),
    }
}

/// What is asked for in detail (RFC 9396 §2): its common members, and the rest as it stands.
fn rows(element: &AuthorizationDetailsElement) -> Vec<Value> {
    let list = |values: &Option<Vec<String>>| values.as_ref().map(|values| values.join("\n"));
    let others = other_fields(element);
    let others =
        others.and_then(|value| serde_json::to_string_pretty(&value).ok()).filter(|text| text != "{}");
    let rows = [
        ("identifier", element.identifier.clone()),
        ("actions", list(&element.actions)),
        ("datatypes", list(&element.data_types)),
        ("privileges", list(&element.privileges)),
        ("locations", list(&element.locations)),
        ("other", others),
    ];
    rows.into_iter().filter_map(|(name, value)| Some(context! { name, value => value? })).collect()
}

fn other_fields(element: &AuthorizationDetailsElement) -> Option<serde_json::Value> {
    serde_json::from_str(element.other_fields.as_deref()?).ok()
}

/// The client as pages show it.
pub(super) fn client(asked: &AuthorizationResponse, language: &str) -> Value {
    let Some(client) = asked.client.as_ref() else { return Value::from(()) };
    let link = |uri: &Option<String>, by_language: &Option<Vec<TaggedValue>>| {
        let uri = tagged(by_language.as_deref(), language).or(uri.as_deref());
        // What a client has registered may be any URI; a page links to the web only.
        uri.and_then(link::web)
    };
    context! {
        name => name(client, language),
        description => tagged(client.descriptions.as_deref(), language).or(client.description.as_deref()),
        logo => link(&client.logo_uri, &client.logo_uris),
        policy => link(&client.policy_uri, &client.policy_uris),
        tos => link(&client.tos_uri, &client.tos_uris),
        dynamic => client.dynamically_registered == Some(true),
        // draft-ietf-oauth-client-id-metadata-document-02 §8.5: nobody but this host says who the client is.
        host => client.metadata_document_location.as_deref().and_then(link::host),
    }
}

fn name(client: &ClientLimitedAuthorization, language: &str) -> String {
    let named = tagged(client.client_names.as_deref(), language).or(client.client_name.as_deref());
    let id = || client.client_id.map_or_else(String::new, |id| id.to_string());
    named.filter(|name| !name.trim().is_empty()).map_or_else(id, str::to_owned)
}

/// The value for a language (OpenID Connect Dynamic Client Registration §2.1).
pub(super) fn tagged<'a>(values: Option<&'a [TaggedValue]>, language: &str) -> Option<&'a str> {
    let of =
        |one: &TaggedValue| one.tag.as_deref().is_some_and(|tag| tag.split('-').next() == Some(language));
    values?.iter().find(|one| of(one))?.value.as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(scopes: &[&str], claims: &[&str]) -> AuthorizationResponse {
        let scope = |name: &&str| Scope { name: Some((*name).to_owned()), ..Scope::default() };
        AuthorizationResponse {
            scopes: Some(scopes.iter().map(scope).collect()),
            claims: Some(claims.iter().map(|claim| (*claim).to_owned()).collect()),
            ..AuthorizationResponse::default()
        }
    }

    fn chose(
        asked: &AuthorizationResponse,
        scopes: &[&str],
        claims: &[&str],
    ) -> (Vec<String>, Option<Vec<String>>) {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let ticked = Ticked { scopes: owned(scopes), claims: owned(claims), details: Vec::new() };
        let Chosen { scopes, claims, .. } = chosen(asked, &ticked);
        (scopes, claims)
    }

    #[test]
    fn nothing_is_granted_that_was_not_asked_for() {
        let (scopes, claims) = chose(&asked(&["openid", "email"], &[]), &["email", "admin"], &["birthdate"]);
        assert_eq!(scopes, ["openid", "email"]);
        assert_eq!(claims, None);
    }

    #[test]
    fn claims_of_a_scope_that_was_left_out_go_with_it() {
        let asked = asked(&["openid", "email"], &["email", "birthdate", "gender"]);
        let (scopes, claims) = chose(&asked, &[], &["birthdate"]);
        assert_eq!(scopes, ["openid"]);
        assert_eq!(claims.unwrap(), ["birthdate", "sub"]);
        let (_, claims) = chose(&asked, &["email"], &[]);
        assert_eq!(claims.unwrap(), ["email", "email_verified", "sub"]);
    }

    #[test]
    fn verified_claims_are_agreed_to_one_by_one() {
        let set = r#"{"verified_claims":{"verification":{},"claims":{"given_name":null,"birthdate":null}}}"#;
        let asked =
            AuthorizationResponse { user_info_claims: Some(set.to_owned()), ..asked(&["openid"], &[]) };
        let (_, claims) = chose(&asked, &[], &["verified_claims.birthdate", "given_name"]);
        assert_eq!(claims.unwrap(), ["sub", "verified_claims.birthdate"]);
        let (_, claims) = chose(&asked, &[], &[]);
        assert_eq!(claims.unwrap(), ["sub"]);
    }

    #[test]
    fn details_are_granted_one_by_one() {
        let element =
            |kind: &str| AuthorizationDetailsElement { r#type: kind.to_owned(), ..Default::default() };
        let details = AuthzDetails { elements: Some(vec![element("a"), element("b")]) };
        let asked = AuthorizationResponse { authorization_details: Some(details), ..Default::default() };
        let granted = |details: &[&str]| {
            let ticked =
                Ticked { details: details.iter().map(|at| (*at).to_owned()).collect(), ..Ticked::default() };
            let granted = chosen(&asked, &ticked).details?.elements?;
            Some(granted.into_iter().map(|one| one.r#type).collect::<Vec<_>>())
        };
        assert_eq!(granted(&["0", "1"]), None);
        assert_eq!(granted(&["1", "7", "x"]), Some(vec!["b".to_owned()]));
        assert_eq!(granted(&[]), Some(Vec::new()));
        assert!(chosen(&AuthorizationResponse::default(), &Ticked::default()).details.is_none());
    }

    #[test]
    fn pages_link_to_the_web_only() {
        let client = ClientLimitedAuthorization {
            client_name: Some("C".to_owned()),
            logo_uri: Some("javascript:alert(1)".to_owned()),
            tos_uri: Some("https://c.example@evil.example/".to_owned()),
            policy_uri: Some("https://c.example/policy".to_owned()),
            ..ClientLimitedAuthorization::default()
        };
        let asked = AuthorizationResponse { client: Some(client), ..AuthorizationResponse::default() };
        let shown = super::client(&asked, "en");
        assert!(shown.get_attr("logo").unwrap().is_none() && shown.get_attr("tos").unwrap().is_none());
        assert_eq!(shown.get_attr("policy").unwrap().as_str(), Some("https://c.example/policy"));
    }
}
