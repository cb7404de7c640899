//! One authorization request, from the moment that a person is asked until the answer goes out.

use std::sync::Arc;

use placet_sdk::registry::Prompt;
use placet_sdk::types::AuthorizationResponse;
use serde::{Deserialize, Serialize};

use crate::session::Login;
use crate::settings::{Settings, Strength};

/// What the pages are for.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Purpose {
    /// An authorization request, as the API described it.
    Request(Arc<AuthorizationResponse>),
    /// A request that was made on another device (RFC 8628): what it asks for, as an authorization request would say it,
    /// and the code that the person has read there.
    Device(Arc<AuthorizationResponse>, String),
    /// A request that a client has made behind the person's back (CIBA Core), and its name in the inbox.
    Backchannel(Arc<AuthorizationResponse>, String),
    /// A page of the account; the path to go to after the login.
    Account(String),
}

impl Purpose {
    /// Without what no page shows: there may be many, from strangers.
    fn kept(self) -> Self {
        match self {
            Self::Request(request) => {
                let request = Arc::unwrap_or_clone(request);
                let (service, request_object_payload) = (None, None);
                Self::Request(Arc::new(AuthorizationResponse { service, request_object_payload, ..request }))
            }
            other => other,
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Interaction {
    pub(crate) purpose: Purpose,
    /// Seconds since the epoch.
    pub(crate) opened_at: i64,
    /// Somebody has signed in on these pages.
    pub(crate) signed_in: bool,
    /// Somebody wants to sign in as somebody else.
    pub(crate) switching: bool,
    /// Somebody has said which account it is to be.
    pub(crate) account_chosen: bool,
    /// Somebody is to make an account (`prompt=create`), and has not said that they have one.
    pub(crate) signing_up: bool,
    /// The scopes that the user has granted to this client before; `None` until asked.
    pub(crate) granted: Option<Vec<String>>,
    /// Where answers of this client may go, for the pages' content security policy.
    pub(crate) form_targets: Vec<String>,
    /// The client has the attribute `first_party`: it belongs to whoever runs the service.
    pub(crate) first_party: bool,
    /// The client hears of logouts, so that its ID tokens name the session.
    pub(crate) hears_of_logouts: bool,
    /// How old the login may be that a page of the account asks for, in seconds.
    pub(crate) no_older: Option<i64>,
    /// Any other application could take the client's place: it is public, and its answers go to an address that
    /// nobody owns (RFC 8252 §8.6).
    pub(crate) impersonable: bool,
}

/// What has to happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    SignIn(Why),
    SignUp,
    SecondFactor,
    SelectAccount,
    Consent,
    /// Nothing: the request can be granted.
    Ready,
    Fail(Failure),
}

/// Why a login page is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    Nobody,
    /// `prompt=login`, or the login is older than `max_age`.
    Again,
    /// The request is for another user than the one who is signed in.
    SomebodyElse,
}

/// Why a request cannot be granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    DifferentSubject,
    AcrNotSatisfied,
}

impl Interaction {
    pub(crate) fn new(purpose: Purpose, now: i64) -> Self {
        Self {
            purpose: purpose.kept(),
            opened_at: now,
            signed_in: false,
            switching: false,
            account_chosen: false,
            signing_up: false,
            granted: None,
            form_targets: Vec::new(),
            first_party: false,
            hears_of_logouts: false,
            no_older: None,
            impersonable: false,
        }
    }

    /// Somebody has signed in on these pages: what was known of somebody else is void.
    pub(crate) fn now_signed_in(&mut self) {
        self.signed_in = true;
        self.switching = false;
        self.signing_up = false;
        self.account_chosen = true;
        self.granted = None;
    }

    /// Somebody else is to sign in.
    pub(crate) fn as_somebody_else(&mut self) {
        self.account_chosen = true;
        self.switching = true;
        self.signed_in = false;
    }

    /// Whoever has signed in has confirmed it: nothing else has changed.
    pub(crate) fn now_stronger(&mut self) {
        self.account_chosen = true;
    }

    /// The request; `None` for a page of the account.
    pub(crate) fn request(&self) -> Option<&AuthorizationResponse> {
        match &self.purpose {
            Purpose::Request(request) | Purpose::Device(request, _) | Purpose::Backchannel(request, _) => {
                Some(request)
            }
            Purpose::Account(_) => None,
        }
    }

    /// The code that connects a device.
    pub(crate) fn user_code(&self) -> Option<&str> {
        match &self.purpose {
            Purpose::Device(_, code) => Some(code),
            Purpose::Request(_) | Purpose::Backchannel(..) | Purpose::Account(_) => None,
        }
    }

    /// The name of a request of the inbox.
    pub(crate) fn inbox_id(&self) -> Option<&str> {
        match &self.purpose {
            Purpose::Backchannel(_, id) => Some(id),
            Purpose::Request(_) | Purpose::Device(..) | Purpose::Account(_) => None,
        }
    }

    /// The request was made somewhere else than in this browser.
    pub(crate) fn is_from_elsewhere(&self) -> bool {
        self.user_code().is_some() || self.inbox_id().is_some()
    }

    pub(crate) fn client_name(&self) -> &str {
        let client = self.request().and_then(|request| request.client.as_ref());
        client.and_then(|client| client.client_name.as_deref()).unwrap_or_default()
    }

    /// Whether somebody is to prove now who they are, whatever was before (OpenID Connect Core §3.1.2.1).
    pub(crate) fn wants_new_login(&self) -> bool {
        let has_age = self.request().is_some_and(|request| request.max_age.is_some_and(|age| age > 0));
        self.prompts(Prompt::Login) || has_age || self.no_older.is_some()
    }

    fn prompts(&self, prompt: Prompt) -> bool {
        self.request().is_some_and(|request| request.prompts.iter().flatten().any(|p| *p == prompt))
    }

    /// The order of the pages: who, how surely, which account, what for.
    pub(crate) fn step(&self, login: Option<&Login>, settings: &Settings, now: i64) -> Step {
        if self.signing_up && !self.signed_in {
            return Step::SignUp;
        }
        let Some(login) = login.filter(|_| !self.switching || self.signed_in) else {
            return Step::SignIn(Why::Nobody);
        };
        let Some(request) = self.request() else { return self.step_of_account(login, now) };
        if !self.signed_in && (self.prompts(Prompt::Login) || is_older(request, login, now)) {
            return Step::SignIn(Why::Again);
        }
        if self.prompts(Prompt::SelectAccount) && !self.account_chosen && !self.signed_in {
            return Step::SelectAccount;
        }
        if request.subject.as_ref().is_some_and(|subject| *subject != login.user.subject) {
            return match self.signed_in {
                true => Step::Fail(Failure::DifferentSubject),
                false => Step::SignIn(Why::SomebodyElse),
            };
        }
        match surely(request, login, settings) {
            // A password would be surer than what a network says.
            Some(Step::Fail(_)) if login.strength() == Strength::Elsewhere && !self.signed_in => {
                Step::SignIn(Why::Again)
            }
            Some(step) => step,
            None if self.needs_consent(request) => Step::Consent,
            None => Step::Ready,
        }
    }

    /// A page of the account asks who is there. One that changes what somebody signs in with asks anew, and as surely as this
    /// user can tell (NIST SP 800-63B-4 §4.1.2): else a password alone would make what stands for two factors.
    fn step_of_account(&self, login: &Login, now: i64) -> Step {
        let Some(most) = self.no_older else { return Step::Ready };
        match login.is_strongest() {
            _ if now - login.auth_time > most && !self.signed_in => Step::SignIn(Why::Again),
            false => Step::SecondFactor,
            true => Step::Ready,
        }
    }

    /// Whether something is asked for that the user has not granted to this client before
    /// (OpenID Connect Core §3.1.2.4).
    pub(crate) fn needs_consent(&self, request: &AuthorizationResponse) -> bool {
        // RFC 8628 §5.4, CIBA Core §14: whoever has made the request may be anybody; only the person can tell.
        if self.prompts(Prompt::Consent) || self.is_from_elsewhere() {
            return true;
        }
        if self.first_party {
            return false;
        }
        let details = request.authorization_details.as_ref().and_then(|details| details.elements.as_ref());
        let special =
            details.is_some_and(|elements| !elements.is_empty()) || request.dynamic_scopes.is_some();
        if self.impersonable || special {
            return true;
        }
        let Some(granted) = &self.granted else { return true };
        let mut asked = request.scopes.iter().flatten().filter_map(|scope| scope.name.as_ref());
        let more = asked.any(|scope| !granted.contains(scope));
        more || granted.is_empty() || request.id_token_claims.is_some() || request.user_info_claims.is_some()
    }
}

/// Whether the login is older than the request allows. A `maxAge` of 0 stands for no limit; a wish for a new
/// login comes as a prompt.
pub(crate) fn is_older(request: &AuthorizationResponse, login: &Login, now: i64) -> bool {
    request.max_age.is_some_and(|max_age| max_age > 0 && now - login.auth_time > i64::from(max_age))
}

/// OpenID Connect Core §5.5.1.1: what it takes to reach a class that the request names; `None` when the login is
/// enough.
fn surely(request: &AuthorizationResponse, login: &Login, settings: &Settings) -> Option<Step> {
    let asked = request.acrs.as_ref()?;
    let essential = request.acr_essential == Some(true);
    // The first that can be reached is the one that is preferred.
    let wanted = asked.iter().find_map(|acr| settings.strength(acr));
    match wanted {
        Some(wanted) if wanted <= login.strength() => None,
        Some(Strength::SecondFactor) if login.user.has_second_factor || login.has_passkey => {
            Some(Step::SecondFactor)
        }
        _ if essential && satisfied(asked, login, settings).is_none() => {
            Some(Step::Fail(Failure::AcrNotSatisfied))
        }
        _ => None,
    }
}

/// The class that the login is told to be of: the first of the request that it has reached, else its own, if it has one.
pub(crate) fn reached<'a>(
    asked: &'a AuthorizationResponse,
    login: &Login,
    settings: &'a Settings,
) -> Option<&'a str> {
    let acrs = asked.acrs.as_deref().unwrap_or_default();
    satisfied(acrs, login, settings).or_else(|| settings.acr(login.strength()))
}

/// The first class of the request that the login has reached.
fn satisfied<'a>(asked: &'a [String], login: &Login, settings: &Settings) -> Option<&'a str> {
    let reached = |acr: &&String| settings.strength(acr).is_some_and(|strength| strength <= login.strength());
    asked.iter().find(reached).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use placet_sdk::types::Scope;

    use super::*;
    use crate::means::Means;
    use crate::settings::Issuer;
    use crate::users::User;

    fn login(strength: Strength, has_second_factor: bool) -> Login {
        let user = User { subject: "john".to_owned(), has_second_factor, ..User::default() };
        let means = match strength {
            Strength::Elsewhere => Means::Network,
            Strength::Password => Means::Password,
            Strength::SecondFactor => Means::PasswordAndCode,
        };
        Login { user, auth_time: 100, means, has_passkey: false, sid: String::new() }
    }

    fn step(request: AuthorizationResponse, change: impl Fn(&mut Interaction), login: Option<Login>) -> Step {
        let settings = Settings::new(Issuer::parse("https://as.example").unwrap());
        let mut interaction = Interaction::new(Purpose::Request(Arc::new(request)), 200);
        interaction.granted = Some(vec!["openid".to_owned()]);
        change(&mut interaction);
        interaction.step(login.as_ref(), &settings, 200)
    }

    fn request() -> AuthorizationResponse {
        let scope = Scope { name: Some("openid".to_owned()), ..Scope::default() };
        AuthorizationResponse { scopes: Some(vec![scope]), ..AuthorizationResponse::default() }
    }

    #[test]
    fn pages_come_in_their_order() {
        let known = || Some(login(Strength::Password, true));
        let as_it_is = |_: &mut Interaction| {};
        assert_eq!(step(request(), as_it_is, None), Step::SignIn(Why::Nobody));
        assert_eq!(step(request(), as_it_is, known()), Step::Ready);
        assert_eq!(step(request(), |i| i.switching = true, known()), Step::SignIn(Why::Nobody));
        assert_eq!(step(request(), |i| i.signing_up = true, None), Step::SignUp);
        assert_eq!(step(request(), |i| i.signing_up = true, known()), Step::SignUp);
        assert_eq!(step(request(), |i| i.granted = None, known()), Step::Consent);
        // shows RFC8252 8.6/impersonation
        assert_eq!(step(request(), |i| i.impersonable = true, known()), Step::Consent);
        assert_eq!(step(request(), |i| i.granted = Some(Vec::new()), known()), Step::Consent);
        let with = |prompt| AuthorizationResponse { prompts: Some(vec![prompt]), ..request() };
        assert_eq!(step(with(Prompt::Login), as_it_is, known()), Step::SignIn(Why::Again));
        assert_eq!(step(with(Prompt::Login), |i| i.signed_in = true, known()), Step::Ready);
        // A second factor alone is no new login.
        assert_eq!(step(with(Prompt::Login), Interaction::now_stronger, known()), Step::SignIn(Why::Again));
        assert_eq!(step(with(Prompt::Consent), as_it_is, known()), Step::Consent);
        assert_eq!(step(with(Prompt::SelectAccount), as_it_is, known()), Step::SelectAccount);
        assert_eq!(step(with(Prompt::SelectAccount), |i| i.account_chosen = true, known()), Step::Ready);
        let aged = |max_age| AuthorizationResponse { max_age: Some(max_age), ..request() };
        let wants = |request| Interaction::new(Purpose::Request(Arc::new(request)), 0).wants_new_login();
        assert!(wants(aged(99)) && wants(with(Prompt::Login)) && !wants(aged(0)) && !wants(request()));
        assert_eq!(step(aged(99), as_it_is, known()), Step::SignIn(Why::Again));
        assert_eq!(step(aged(100), as_it_is, known()), Step::Ready);
        assert_eq!(step(aged(0), as_it_is, known()), Step::Ready);
    }

    #[test]
    fn a_page_of_the_account_may_ask_anew() {
        let settings = Settings::new(Issuer::parse("https://as.example").unwrap());
        let known = login(Strength::Password, false);
        let mut interaction = Interaction::new(Purpose::Account("/apps".to_owned()), 200);
        assert_eq!(interaction.step(Some(&known), &settings, 9000), Step::Ready);
        interaction.no_older = Some(100);
        assert_eq!(interaction.step(Some(&known), &settings, 200), Step::Ready);
        assert_eq!(interaction.step(Some(&known), &settings, 201), Step::SignIn(Why::Again));
        interaction.now_signed_in();
        assert_eq!(interaction.step(Some(&known), &settings, 9000), Step::Ready);
        // And as surely as can be.
        let by_password = login(Strength::Password, true);
        assert_eq!(interaction.step(Some(&by_password), &settings, 9000), Step::SecondFactor);
        let with_code = login(Strength::SecondFactor, true);
        assert_eq!(interaction.step(Some(&with_code), &settings, 9000), Step::Ready);
        let with_passkey = Login { has_passkey: true, ..login(Strength::Password, false) };
        assert_eq!(interaction.step(Some(&with_passkey), &settings, 9000), Step::SecondFactor);
    }

    // shows RFC8628 5.4/consent
    #[test]
    fn a_device_is_never_connected_unasked() {
        let settings = Settings::new(Issuer::parse("https://as.example").unwrap());
        let purpose = Purpose::Device(Arc::new(request()), "CODE".to_owned());
        let mut interaction = Interaction::new(purpose, 200);
        interaction.granted = Some(vec!["openid".to_owned()]);
        interaction.first_party = true;
        let known = login(Strength::Password, true);
        assert_eq!(interaction.step(Some(&known), &settings, 200), Step::Consent);
    }

    #[test]
    fn another_user_is_asked_for_and_then_refused() {
        let of_jane = || AuthorizationResponse { subject: Some("jane".to_owned()), ..request() };
        let john = || Some(login(Strength::Password, true));
        assert_eq!(step(of_jane(), |_| {}, john()), Step::SignIn(Why::SomebodyElse));
        assert_eq!(step(of_jane(), |i| i.signed_in = true, john()), Step::Fail(Failure::DifferentSubject));
    }

    #[test]
    fn a_class_is_reached_or_the_request_fails_if_it_is_essential() {
        let [password, second] = Settings::new(Issuer::parse("https://as.example").unwrap()).acrs;
        let asked = |acrs: &[&str], essential: bool| AuthorizationResponse {
            acrs: Some(acrs.iter().map(|acr| (*acr).to_owned()).collect()),
            acr_essential: Some(essential),
            ..request()
        };
        let anew = |request, login| step(request, |i| i.signed_in = true, Some(login));
        let step = |request, login| step(request, |_| {}, Some(login));
        let weak = || login(Strength::Password, true);
        let never = || login(Strength::Password, false);
        let unmet = Step::Fail(Failure::AcrNotSatisfied);
        assert_eq!(step(asked(&[&second], false), weak()), Step::SecondFactor);
        assert_eq!(step(asked(&[&second], true), weak()), Step::SecondFactor);
        assert_eq!(step(asked(&[&second], false), login(Strength::SecondFactor, true)), Step::Ready);
        assert_eq!(step(asked(&[&second], true), never()), unmet);
        assert_eq!(step(asked(&[&second], false), never()), Step::Ready);
        assert_eq!(step(asked(&[&second, &password], true), never()), Step::Ready);
        assert_eq!(step(asked(&[&password, &second], true), weak()), Step::Ready);
        // A passkey is two factors, also where there is no code.
        let passkey = || Login { has_passkey: true, ..never() };
        assert_eq!(step(asked(&[&second], true), passkey()), Step::SecondFactor);
        let by_passkey = || Login { means: Means::Passkey("a".to_owned()), ..never() };
        assert_eq!(step(asked(&[&second], true), by_passkey()), Step::Ready);
        // What a network says is of no class; a password would be.
        let foreign = || login(Strength::Elsewhere, false);
        assert_eq!(step(asked(&[&password], false), foreign()), Step::Ready);
        assert_eq!(step(asked(&[&password], true), foreign()), Step::SignIn(Why::Again));
        assert_eq!(anew(asked(&[&password], true), foreign()), unmet);
        assert_eq!(step(asked(&[&second], true), login(Strength::Elsewhere, true)), Step::SecondFactor);
        let settings = Settings::new(Issuer::parse("https://as.example").unwrap());
        assert_eq!(reached(&request(), &foreign(), &settings), None);
        assert_eq!(foreign().means.and_code().amr(), ["fed", "otp", "mfa"]);
        assert_eq!(step(asked(&["gold"], true), weak()), unmet);
        assert_eq!(step(asked(&["gold"], false), weak()), Step::Ready);
    }
}
