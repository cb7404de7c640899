//! Pages of an interaction: what they are shown with.

use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};
use placet_sdk::Transport;

use super::{Place, at};
use crate::Look;
use crate::interaction::{Interaction, Purpose, Why};
use crate::passkeys::Ceremony;
use crate::routes::consent;
use crate::session::Session;
use crate::social::{Door, name};
use crate::users::Network;

/// A page of an interaction, about to be shown.
pub(in crate::routes) struct Page<'a, T> {
    pub(in crate::routes) place: Place<'a, T>,
    pub(in crate::routes) interaction: &'a Interaction,
    /// The name of who is signed in.
    pub(in crate::routes) user: &'a str,
}

impl<T: Transport + 'static> Page<'_, T> {
    pub(in crate::routes) fn show(&self, template: &str, status: StatusCode, more: Value) -> Response {
        self.show_with(template, (status, None), more)
    }

    /// With what the script makes an assertion of.
    fn show_with(
        &self,
        template: &str,
        (status, passkey): (StatusCode, Option<Value>),
        more: Value,
    ) -> Response {
        let request = self.interaction.request();
        let here = at(self.place.server, self.place.id);
        let look = Look {
            ui_locales: request.and_then(|request| request.ui_locales.as_deref()).unwrap_or_default(),
            here: Some(&here),
            form_targets: &self.interaction.form_targets,
            script: passkey.is_some(),
            ..Look::new(status)
        };
        let language =
            self.place.server.pages.locales.choose(self.place.visit.wishes(look.ui_locales)).to_owned();
        let client = request.map(|request| consent::client(request, &language));
        let csrf = self.place.session.with(|session| session.csrf.clone());
        let page = context! { action => &here, csrf, client, user => self.user, passkey, ..more };
        self.place.server.page(self.place.visit, template, look, page)
    }

    /// A ceremony that begins with this page; nothing where there are no passkeys.
    async fn passkey(&self) -> Option<Value> {
        let Place { server, visit, session, .. } = self.place;
        let begun = server.passkeys()?.party.begin_authentication();
        let (options, state) = begun.inspect_err(|e| tracing::error!(why = e.0, "no ceremony")).ok()?;
        let ceremony = server.settings.ambient.entropy.identifier();
        let begin = |session: &mut Session| {
            session.ceremonies.begin(ceremony.clone(), Ceremony::Authentication(state.clone()), visit.now);
        };
        // Without a ceremony there is the password.
        session.change(begin).await.inspect_err(|lost| tracing::error!(?lost, "no ceremony")).ok()?;
        Some(context! { options, ceremony })
    }

    /// The users of a demonstration.
    fn shown(&self) -> Vec<Value> {
        let users = self.place.server.users.shown().iter();
        users
            .map(|one| context! { login => &one.login, password => &one.password, code => &one.code })
            .collect()
    }

    /// The networks that somebody may come from. Without them there is the password.
    async fn networks(&self) -> Vec<Value> {
        let Some(social) = self.place.server.users.social() else { return Vec::new() };
        let networks = social.networks().await.unwrap_or_else(|e| {
            tracing::warn!(source = e.0, "no social network is offered");
            Vec::new()
        });
        let shown = |network: &Network| {
            context! { path => network.sns.protocol_name(), name => name(network.sns) }
        };
        networks.iter().map(shown).collect()
    }

    pub(in crate::routes) async fn sign_in(&self, why: Why) -> Response {
        let hint =
            self.interaction.request().and_then(|request| request.login_hint.clone()).unwrap_or_default();
        let why = match why {
            Why::Nobody => "nobody",
            Why::Again => "again",
            Why::SomebodyElse => "somebody_else",
        };
        let door = Door::Interaction(self.place.id.to_owned());
        let told = self.place.session.change_lightly(|session| session.social.told(&door)).await;
        self.sign_in_with(StatusCode::OK, context! { why, login => hint, problem => told }).await
    }

    /// OpenID Connect Core §3.1.2.1: what the client guesses somebody may be known by.
    pub(in crate::routes) fn sign_up(&self) -> Response {
        let hint = self.interaction.request().and_then(|request| request.login_hint.clone());
        self.show("sign_up.html", StatusCode::OK, context! { login => hint.unwrap_or_default() })
    }

    pub(in crate::routes) async fn sign_in_with(&self, status: StatusCode, more: Value) -> Response {
        let to = match &self.interaction.purpose {
            Purpose::Account(path) if path.starts_with("/device") => "sign_in.to_device",
            Purpose::Account(path) if path.starts_with("/inbox") => "sign_in.to_inbox",
            Purpose::Account(path) if path.starts_with("/passkeys") => "sign_in.to_passkeys",
            Purpose::Account(path) if path.starts_with("/offer") => "sign_in.to_offer",
            _ => "sign_in.to_account",
        };
        let more = context! { shown => self.shown(), to, networks => self.networks().await, ..more };
        self.show_with("sign_in.html", (status, self.passkey().await), more)
    }

    pub(in crate::routes) async fn second_factor(&self, status: StatusCode, more: Value) -> Response {
        let login = self.place.session.login();
        let has_code = login.as_ref().is_some_and(|login| login.user.has_second_factor);
        let passkey = match login.filter(|login| login.has_passkey) {
            Some(_) => self.passkey().await,
            None => None,
        };
        let more = context! { shown => self.shown(), has_code, ..more };
        self.show_with("second_factor.html", (status, passkey), more)
    }
}
