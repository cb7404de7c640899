//! Passkeys at the authorization server, on an engine in the same process: what comes of an authenticator's answers, right
//! and wrong.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

#[path = "common/authenticator.rs"]
mod authenticator;
mod common;
#[path = "common/world.rs"]
mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use authenticator::Authenticator;
use axum::http::StatusCode;
use common::Dir;
use placet_authserver::users::{BoxFuture, Keyring, Keyrings, Saved, Unavailable, UserHandle};
use placet_authserver::{Budgets, ListedUsers, Settings, User, Users};
use placet_base::Ttl;
use placet_sdk::types::{Client, Scope, Service};
use serde_json::{Value, json};
use world::{Answer, Browser, World, claims};

const SECOND_FACTOR: &str = "urn:placet:acr:second-factor";
/// John's.
const CODE: &str = "123456";
const REFUSED: &str = "This passkey was not accepted.";
const OVER: &str = "That took too long, or was sent twice.";

/// Users with passkeys.
async fn world_of(
    name: &str,
    service: impl FnOnce(&mut Service),
    change: impl FnOnce(&mut Settings),
) -> World {
    let dir = Dir::new(name);
    let users = ListedUsers::demo().unwrap().with_passkeys(&dir.0.join("passkeys.json")).unwrap();
    let users = |budgets: &Budgets, _| Arc::new(users.within(budgets));
    let change = |_: &mut Client, settings: &mut Settings| change(settings);
    World::with_users(dir, "https://as.example", service, (change, users)).await
}

/// What makes an authenticator wrong.
type Change = fn(&mut Authenticator);

/// What the page brings for the authenticator, and the name of the ceremony.
fn ceremony(page: &Answer) -> (Value, String) {
    let part = |after: &str| page.body.split(after).nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let options =
        part("data-options=\"").replace("&quot;", "\"").replace("&#x2f;", "/").replace("&#x27;", "'");
    (serde_json::from_str(&options).unwrap(), part("name=\"ceremony\" value=\"").to_owned())
}

/// Answers the ceremony of a page.
async fn answered(
    world: &World,
    browser: &mut Browser,
    page: &Answer,
    ceremony: &str,
    credential: &str,
) -> Answer {
    let pairs = [("ceremony", ceremony), ("credential", credential), ("label", "my phone")];
    browser.post(world, page, "passkey", &pairs).await
}

/// Signs in with the passkey that was made last.
async fn used(world: &World, browser: &mut Browser, page: &Answer, device: &mut Authenticator) -> Answer {
    let (options, id) = ceremony(page);
    answered(world, browser, page, &id, &device.get(&options)).await
}

/// The page that makes a passkey, for whoever is signed in: who has a code is asked for it.
async fn at_new(world: &World, browser: &mut Browser) -> Answer {
    let page = browser.get(world, "/passkeys/new").await;
    match page.heading() {
        "One more step" => browser.post(world, &page, "second-factor", &[("code", CODE)]).await,
        _ => page,
    }
}

/// Adds a passkey for whoever is signed in.
async fn added(world: &World, browser: &mut Browser, device: &mut Authenticator) -> Answer {
    let page = at_new(world, browser).await;
    let (options, id) = ceremony(&page);
    answered(world, browser, &page, &id, &device.create(&options)).await
}

async fn signed_in(world: &World, login: &str) -> Browser {
    let mut browser = Browser::default();
    let page = browser.get(world, "/passkeys").await;
    let page = browser.post(world, &page, "sign-in", &[("login", login), ("password", login)]).await;
    assert_eq!(page.heading(), "Passkeys", "{}", page.body);
    browser
}

/// John has a passkey.
async fn with_passkey(world: &World) -> Authenticator {
    let mut device = Authenticator::default();
    let list = added(world, &mut signed_in(world, "john").await, &mut device).await;
    assert_eq!((list.status, list.heading()), (StatusCode::OK, "Passkeys"), "{}", list.body);
    device
}

fn says(page: &Answer, text: &str) -> bool {
    page.status == StatusCode::UNPROCESSABLE_ENTITY && page.body.contains(text)
}

#[tokio::test]
async fn a_passkey_is_a_login_of_two_factors() {
    let world = world_of("passkey", |_| {}, |_| {}).await;
    let mut browser = Browser::default();
    let code = browser.code(&world).await;
    let id_token = world.redeemed(&code).await["id_token"].as_str().unwrap().to_owned();
    assert_eq!(claims(&id_token)["amr"], json!(["pwd"]));
    let mut device = Authenticator::default();
    let list = added(&world, &mut browser, &mut device).await;
    assert!(list.body.contains("The passkey was added.") && list.body.contains("my phone"), "{}", list.body);
    assert!(list.body.contains("never"), "{}", list.body);

    let mut other = Browser::default();
    let page = other.get(&world, &world.request(&[("acr_values", SECOND_FACTOR)])).await;
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("; script-src https://as.example/assets/passkey.js") && !policy.contains("unsafe"),
        "{policy}"
    );
    let answer = used(&world, &mut other, &page, &mut device).await;
    let code = answer.parameter("code").unwrap_or_else(|| panic!("{}", answer.body));
    let tokens = world.redeemed(&code).await;
    let told = claims(tokens["id_token"].as_str().unwrap());
    assert_eq!((&told["sub"], &told["acr"]), (&json!("john"), &json!(SECOND_FACTOR)));
    assert_eq!(told["amr"], json!(["pop", "user", "mfa"]));
    let list = other.get(&world, "/passkeys").await;
    assert!(!list.body.contains("never"), "{}", list.body);
    // Pages without an authenticator run nothing.
    assert!(!list.header("content-security-policy").contains("script-src"));
}

#[tokio::test]
async fn an_answer_is_looked_at_once_and_in_its_browser() {
    let world = world_of("passkey-once", |_| {}, |_| {}).await;
    let mut device = with_passkey(&world).await;
    let (mut browser, mut other) = (Browser::default(), Browser::default());
    let page = browser.get(&world, &world.request(&[])).await;
    let (options, id) = ceremony(&page);
    // Whatever came first has used it up.
    let again = answered(&world, &mut browser, &page, &id, "{}").await;
    assert!(says(&again, REFUSED), "{}", again.body);
    let replayed = answered(&world, &mut browser, &page, &id, &device.get(&options)).await;
    assert!(says(&replayed, OVER), "{}", replayed.body);
    // What another browser has begun is over before it begins here.
    let page = browser.get(&world, &world.request(&[])).await;
    let (options, id) = ceremony(&page);
    let theirs = other.get(&world, &world.request(&[])).await;
    let foreign = answered(&world, &mut other, &theirs, &id, &device.get(&options)).await;
    assert!(says(&foreign, OVER), "{}", foreign.body);
    // Its challenge does not do for the ceremony of this one either.
    let (_, own) = ceremony(&theirs);
    let crossed = answered(&world, &mut other, &theirs, &own, &device.get(&options)).await;
    assert!(says(&crossed, REFUSED), "{}", crossed.body);
    // A ceremony to make a passkey is none to use one.
    let mut john = signed_in(&world, "john").await;
    let (_, making) = ceremony(&at_new(&world, &mut john).await);
    let page = john.get(&world, &world.request(&[("prompt", "login")])).await;
    let (options, _) = ceremony(&page);
    let mixed = answered(&world, &mut john, &page, &making, &device.get(&options)).await;
    assert!(says(&mixed, OVER), "{}", mixed.body);
    // It is good for as long as its page.
    let page = browser.get(&world, &world.request(&[])).await;
    world.clock.advance(Ttl::secs(3500));
    assert_eq!(used(&world, &mut browser, &page, &mut device).await.heading(), "Shop asks for access");
}

#[tokio::test]
async fn an_assertion_that_is_wrong_signs_nobody_in() {
    let world = world_of("passkey-wrong", |_| {}, |_| {}).await;
    let mut device = with_passkey(&world).await;
    let mut browser = Browser::default();
    let wrong: [(&str, Change); 4] = [
        ("another origin", |device| device.origin = "https://as.example.evil.example"),
        ("another port", |device| device.origin = "https://as.example:8443"),
        ("a frame", |device| device.in_frame = true),
        ("no user verification", |device| device.verifies = false),
    ];
    for (what, change) in wrong {
        change(&mut device);
        let page = browser.get(&world, &world.request(&[])).await;
        let answer = used(&world, &mut browser, &page, &mut device).await;
        assert!(says(&answer, REFUSED), "{what}: {}", answer.body);
        assert!(browser.get(&world, "/apps").await.heading() == "Sign in", "{what}");
        (device.origin, device.in_frame, device.verifies) = ("https://as.example", false, true);
    }
    // A passkey that nobody has added, for a user who is there.
    let mut unknown = Authenticator::default();
    let mut john = signed_in(&world, "john").await;
    let page = at_new(&world, &mut john).await;
    unknown.create(&ceremony(&page).0);
    let page = browser.get(&world, &world.request(&[])).await;
    assert!(says(&used(&world, &mut browser, &page, &mut unknown).await, REFUSED));
    // A counter that goes back, or stands still, is of a copy.
    let page = browser.get(&world, &world.request(&[])).await;
    let consent = used(&world, &mut browser, &page, &mut device).await;
    assert_eq!(consent.heading(), "Shop asks for access");
    for back in [1, 2] {
        device.key().counter -= back;
        let page = Browser::default().get(&world, &world.request(&[])).await;
        assert_eq!(page.heading(), "Sign in");
        let page = browser.get(&world, &world.request(&[("prompt", "login")])).await;
        let answer = used(&world, &mut browser, &page, &mut device).await;
        assert!(says(&answer, REFUSED), "{back}: {}", answer.body);
    }
    device.key().counter += 9;
    let page = browser.get(&world, &world.request(&[("prompt", "login")])).await;
    assert_eq!(used(&world, &mut browser, &page, &mut device).await.heading(), "Shop asks for access");
}

#[tokio::test]
async fn a_passkey_that_is_wrong_is_not_added() {
    let world = world_of("passkey-adding", |_| {}, |_| {}).await;
    let mut device = with_passkey(&world).await;
    let mut jane = signed_in(&world, "jane").await;
    let page = jane.get(&world, "/passkeys/new").await;
    let (options, id) = ceremony(&page);
    // The passkey of somebody else.
    let taken = answered(&world, &mut jane, &page, &id, &device.create_with_last(&options)).await;
    assert!(says(&taken, "The passkey was not added."), "{}", taken.body);
    let wrong: [Change; 3] = [
        |device| device.verifies = false,
        |device| device.origin = "https://evil.example",
        |device| device.in_frame = true,
    ];
    for change in wrong {
        let mut device = Authenticator::default();
        change(&mut device);
        let answer = added(&world, &mut jane, &mut device).await;
        assert!(says(&answer, "The passkey was not added."), "{}", answer.body);
    }
    let page = jane.get(&world, "/passkeys/new").await;
    let (options, id) = ceremony(&page);
    let mut device = Authenticator::default();
    let sent = device.create(&options);
    let large = "a".repeat(16 * 1024);
    let refused = answered(&world, &mut jane, &page, &id, &large).await;
    assert!(says(&refused, "The passkey was not added."));
    assert!(says(&answered(&world, &mut jane, &page, &id, &sent).await, OVER));
    let huge = answered(&world, &mut jane, &page, &id, &"a".repeat(64 * 1024)).await;
    assert_eq!(huge.status, StatusCode::PAYLOAD_TOO_LARGE);
    let pairs = [("ceremony", id.as_str()), ("credential", sent.as_str())];
    for path in ["/passkeys/new", "/passkeys/remove"] {
        let forged = jane.send_form(&world, path, &pairs).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN, "{path}");
    }
    jane.origin = Some("https://evil.example");
    let forged = answered(&world, &mut jane, &page, &id, &sent).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    jane.origin = None;
    assert!(jane.get(&world, "/passkeys").await.body.contains("You have no passkey yet."));
}

#[tokio::test]
async fn making_a_passkey_takes_a_login_of_just_now() {
    let world = world_of("passkey-recent", |_| {}, |_| {}).await;
    let mut john = signed_in(&world, "john").await;
    let old = at_new(&world, &mut john).await;
    world.clock.advance(Ttl::secs(301));
    assert_eq!(john.get(&world, "/passkeys").await.heading(), "Passkeys");
    // Neither the page begins a ceremony, nor a form that goes wrong.
    let answer = answered(&world, &mut john, &old, "made up", "{}").await;
    assert_eq!(answer.heading(), "Sign in", "{}", answer.body);
    let page = john.get(&world, "/passkeys/new").await;
    assert!(page.heading() == "Sign in" && page.body.contains("Please sign in again"), "{}", page.body);
    let page = john.post(&world, &page, "sign-in", &[("login", "john"), ("password", "john")]).await;
    assert_eq!(page.heading(), "One more step");
    let page = john.post(&world, &page, "second-factor", &[("code", CODE)]).await;
    assert_eq!(page.heading(), "Add a passkey");
    // Nobody is signed in: no page, no passkey.
    assert_eq!(Browser::default().get(&world, "/passkeys/new").await.heading(), "Sign in");
    let answer = Browser::default().send_form(&world, "/passkeys/new", &[("credential", "{}")]).await;
    assert_eq!(answer.header("location"), "/passkeys/new");
}

#[tokio::test]
async fn a_password_alone_makes_no_second_factor() {
    let world = world_of("passkey-weak", |_| {}, |_| {}).await;
    // John has a code.
    let mut john = signed_in(&world, "john").await;
    assert_eq!(john.get(&world, "/passkeys/new").await.heading(), "One more step");
    let answer = john.send_form(&world, "/passkeys/new", &[("credential", "{}")]).await;
    assert_ne!(answer.status, StatusCode::OK);
    // Jane has none; her first passkey is all that there is, and speaks for the next.
    let (mut jane, mut device) = (signed_in(&world, "jane").await, Authenticator::default());
    added(&world, &mut jane, &mut device).await;
    let mut thief = signed_in(&world, "jane").await;
    let page = thief.get(&world, "/passkeys/new").await;
    assert!(page.heading() == "One more step" && !page.body.contains("id=\"code\""), "{}", page.body);
    let page = jane.get(&world, "/passkeys/new").await;
    let page = used(&world, &mut jane, &page, &mut device).await;
    assert_eq!(page.heading(), "Add a passkey", "{}", page.body);
}

#[tokio::test]
async fn a_user_has_so_many_passkeys() {
    let world = world_of("passkey-many", |_| {}, |settings| settings.budgets.passkeys = 2).await;
    let (mut john, mut device) = (signed_in(&world, "john").await, Authenticator::default());
    added(&world, &mut john, &mut device).await;
    // Begun before there were too many.
    let page = at_new(&world, &mut john).await;
    let (options, id) = ceremony(&page);
    added(&world, &mut john, &mut device).await;
    let full = answered(&world, &mut john, &page, &id, &Authenticator::default().create(&options)).await;
    assert!(full.body.contains("as many passkeys as one account can have"), "{}", full.body);
    assert_eq!(full.body.matches("my phone").count(), 2);
    assert_eq!(john.get(&world, "/passkeys/new").await.heading(), "Passkeys");
}

#[tokio::test]
async fn a_login_is_confirmed_with_a_passkey_of_the_same_user() {
    let classes = |service: &mut Service| service.supported_acrs = Some(vec![SECOND_FACTOR.to_owned()]);
    let world = world_of("passkey-step-up", classes, |_| {}).await;
    let mut device = Authenticator::default();
    // Jane has no code: without a passkey nothing would do.
    let mut jane = signed_in(&world, "jane").await;
    let request = world.request(&[("acr_values", SECOND_FACTOR)]);
    assert_eq!(jane.get(&world, &request).await.heading(), "Shop asks for access");
    added(&world, &mut jane, &mut device).await;
    let page = jane.get(&world, &request).await;
    assert!(page.heading() == "One more step" && !page.body.contains("id=\"code\""), "{}", page.body);
    let mut johns = with_passkey(&world).await;
    let other = used(&world, &mut jane, &page, &mut johns).await;
    assert!(says(&other, REFUSED) && other.heading() == "One more step", "{}", other.body);
    let consent = used(&world, &mut jane, &other, &mut device).await;
    assert_eq!(consent.heading(), "Shop asks for access", "{}", consent.body);
    let answer = jane.post(&world, &consent, "consent", &[("decision", "allow")]).await;
    let tokens = world.redeemed(&answer.parameter("code").unwrap()).await;
    let told = claims(tokens["id_token"].as_str().unwrap());
    assert_eq!((&told["sub"], &told["acr"]), (&json!("jane"), &json!(SECOND_FACTOR)));
    // John has both, and may choose.
    let page = signed_in(&world, "john").await.get(&world, &request).await;
    assert!(page.body.contains("id=\"code\"") && page.body.contains("id=\"use-passkey\""), "{}", page.body);
}

// OpenID Connect Core §3.1.2.1: nobody is asked anything, and what would be asked is the same.
#[tokio::test]
async fn what_a_login_is_good_for_does_not_depend_on_the_pages_that_were_seen() {
    let classes = |service: &mut Service| service.supported_acrs = Some(vec![SECOND_FACTOR.to_owned()]);
    let world = world_of("passkey-silent", classes, |_| {}).await;
    let voluntary = [("acr_values", SECOND_FACTOR)];
    let silent = world.request(&[voluntary[0], ("prompt", "none")]);
    // Without a passkey Jane could not be surer: she has consented, and so gets a code.
    let mut jane = Browser::default();
    let page = jane.get(&world, &world.request(&voluntary)).await;
    let page = jane.post(&world, &page, "sign-in", &[("login", "jane"), ("password", "jane")]).await;
    let allowed = [("decision", "allow"), ("scope", "email")];
    assert!(jane.post(&world, &page, "consent", &allowed).await.parameter("code").is_some());
    assert!(jane.get(&world, &silent).await.parameter("code").is_some());
    // With one she could, in each of her browsers, whichever of them has made it or was asked for it.
    let (mut other, mut device) = (signed_in(&world, "jane").await, Authenticator::default());
    added(&world, &mut signed_in(&world, "jane").await, &mut device).await;
    for browser in [&mut jane, &mut other] {
        let answer = browser.get(&world, &silent).await;
        assert!(answer.parameter("error").is_some(), "{}", answer.header("location"));
        let page = browser.get(&world, &world.request(&voluntary)).await;
        assert_eq!(page.heading(), "One more step", "{}", page.body);
        let again = browser.get(&world, &silent).await;
        assert_eq!(again.parameter("error"), answer.parameter("error"));
    }
}

#[tokio::test]
async fn a_passkey_that_was_removed_does_not_work_any_more() {
    let world = world_of("passkey-removed", |_| {}, |_| {}).await;
    let mut device = with_passkey(&world).await;
    let mut john = signed_in(&world, "john").await;
    let list = john.get(&world, "/passkeys").await;
    let id =
        list.body.split("name=\"passkey\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    // Somebody else's are none of Jane's business.
    let mut jane = signed_in(&world, "jane").await;
    let theirs = jane.get(&world, "/passkeys").await;
    let csrf = jane.get(&world, "/passkeys/new").await.form("passkey").1;
    jane.send_form(&world, "/passkeys/remove", &[("csrf", &csrf), ("passkey", &id)]).await;
    assert!(theirs.body.contains("You have no passkey yet."));
    assert!(john.get(&world, "/passkeys").await.body.contains("my phone"));
    // A password alone takes nothing off the list.
    let step = john.post(&world, &list, "remove-1", &[("passkey", &id)]).await;
    assert_eq!(step.heading(), "One more step", "{}", step.body);
    assert!(step.body.contains("Before what you sign in with changes"), "{}", step.body);
    let list = john.post(&world, &step, "second-factor", &[("code", CODE)]).await;
    assert!(list.body.contains("my phone"), "{}", list.body);
    let list = john.post(&world, &list, "remove-1", &[("passkey", &id)]).await;
    assert!(list.body.contains("The passkey was removed."), "{}", list.body);
    let mut browser = Browser::default();
    let page = browser.get(&world, &world.request(&[])).await;
    assert!(says(&used(&world, &mut browser, &page, &mut device).await, REFUSED));
}

/// A browser in which John has signed in with his passkey.
async fn with(world: &World, device: &mut Authenticator) -> Browser {
    let mut browser = Browser::default();
    let page = browser.get(world, "/apps").await;
    let page = used(world, &mut browser, &page, device).await;
    assert_eq!(page.heading(), "Connected apps", "{}", page.body);
    browser
}

async fn is_signed_in(world: &World, browser: &mut Browser) -> bool {
    browser.get(world, "/apps").await.heading() == "Connected apps"
}

#[tokio::test]
async fn what_a_passkey_has_opened_ends_with_it() {
    let world = world_of("passkey-ended", |_| {}, |_| {}).await;
    let mut device = with_passkey(&world).await;
    let mut thief = with(&world, &mut device).await;
    let mut by_password = signed_in(&world, "john").await;
    let mut john = with(&world, &mut device).await;
    let list = john.get(&world, "/passkeys").await;
    let id =
        list.body.split("name=\"passkey\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let list = john.post(&world, &list, "remove-1", &[("passkey", &id)]).await;
    assert!(list.body.contains("The passkey was removed."), "{}", list.body);
    assert!(!is_signed_in(&world, &mut thief).await);
    // Whoever has removed it stays, and so does whoever came in another way.
    assert!(is_signed_in(&world, &mut john).await && is_signed_in(&world, &mut by_password).await);
}

#[tokio::test]
async fn what_devices_share_ends_with_the_passkey_that_has_opened_it() {
    let native = |service: &mut Service| {
        service.native_sso_supported = Some(true);
        let scope = Scope { name: Some("device_sso".to_owned()), ..Scope::default() };
        service.supported_scopes.as_mut().unwrap().push(scope);
    };
    let world = world_of("passkey-shared", native, |_| {}).await;
    let mut device = with_passkey(&world).await;
    let mut phone = with(&world, &mut device).await;
    let request = world.request(&[]).replace("openid+email", "openid+email+device_sso");
    let page = phone.get(&world, &request).await;
    let allowed = [("decision", "allow"), ("scope", "email"), ("scope", "device_sso")];
    let answer = phone.post(&world, &page, "consent", &allowed).await;
    let tokens = world.redeemed(&answer.parameter("code").unwrap()).await;
    let active = async || {
        let pairs = [("token", tokens["access_token"].as_str().unwrap())];
        let answer = world.post("/introspect", &world.basic(), &pairs).await;
        serde_json::from_str::<Value>(&answer.body).unwrap()["active"].as_bool().unwrap()
    };
    assert!(tokens["device_secret"].is_string() && active().await, "{tokens}");
    let mut john = with(&world, &mut device).await;
    let list = john.get(&world, "/passkeys").await;
    let id = list.body.split("name=\"passkey\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    john.post(&world, &list, "remove-1", &[("passkey", id)]).await;
    assert!(!active().await && !is_signed_in(&world, &mut phone).await);
}

#[tokio::test]
async fn a_user_has_so_many_logins() {
    let world = world_of("passkey-logins", |_| {}, |settings| settings.budgets.logins_of_one = 2).await;
    let mut device = with_passkey(&world).await;
    let mut jane = signed_in(&world, "jane").await;
    let mut first = with(&world, &mut device).await;
    let (mut second, mut third) = (with(&world, &mut device).await, with(&world, &mut device).await);
    assert!(!is_signed_in(&world, &mut first).await && is_signed_in(&world, &mut second).await);
    assert!(is_signed_in(&world, &mut third).await && is_signed_in(&world, &mut jane).await);
}

/// Users who can be taken away, and their passkeys.
struct Fleeting {
    users: ListedUsers,
    gone: AtomicBool,
    /// The passkeys have been removed, after the handle was looked up.
    removed: AtomicBool,
}

impl Keyrings for Fleeting {
    fn of_subject<'a>(&'a self, subject: &'a str) -> BoxFuture<'a, Result<Option<Keyring>, Unavailable>> {
        match self.removed.load(Ordering::Relaxed) {
            true => Box::pin(async { Ok(None) }),
            false => self.users.passkeys().unwrap().of_subject(subject),
        }
    }

    fn of_handle(&self, handle: UserHandle) -> BoxFuture<'_, Result<Option<Keyring>, Unavailable>> {
        self.users.passkeys().unwrap().of_handle(handle)
    }

    fn save(&self, keyring: Keyring) -> BoxFuture<'_, Result<Saved, Unavailable>> {
        self.users.passkeys().unwrap().save(keyring)
    }
}

impl Users for Fleeting {
    fn sign_in<'a>(
        &'a self,
        login: &'a str,
        password: &'a str,
    ) -> BoxFuture<'a, Result<Option<User>, Unavailable>> {
        self.users.sign_in(login, password)
    }

    fn second_factor<'a>(
        &'a self,
        subject: &'a str,
        code: &'a str,
    ) -> BoxFuture<'a, Result<bool, Unavailable>> {
        self.users.second_factor(subject, code)
    }

    fn find<'a>(&'a self, subject: &'a str) -> BoxFuture<'a, Result<Option<User>, Unavailable>> {
        match self.gone.load(Ordering::Relaxed) {
            true => Box::pin(async { Ok(None) }),
            false => self.users.find(subject),
        }
    }

    fn passkeys(&self) -> Option<&dyn Keyrings> {
        Some(self)
    }
}

async fn fleeting(name: &str) -> (World, Arc<Fleeting>) {
    let dir = Dir::new(name);
    let users = ListedUsers::demo().unwrap().with_passkeys(&dir.0.join("passkeys.json")).unwrap();
    let (gone, removed) = (AtomicBool::new(false), AtomicBool::new(false));
    let users = Arc::new(Fleeting { users, gone, removed });
    let given = users.clone();
    let changes = (|_: &mut Client, _: &mut Settings| {}, |_: &Budgets, _| given);
    (World::with_users(dir, "https://as.example", |_| {}, changes).await, users)
}

#[tokio::test]
async fn a_passkey_that_is_removed_meanwhile_signs_nobody_in() {
    let (world, users) = fleeting("passkey-meanwhile").await;
    let mut device = with_passkey(&world).await;
    let mut browser = Browser::default();
    let page = browser.get(&world, "/apps").await;
    users.removed.store(true, Ordering::Relaxed);
    let page = used(&world, &mut browser, &page, &mut device).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{}", page.body);
    assert!(!is_signed_in(&world, &mut browser).await);
}

#[tokio::test]
async fn a_user_who_is_gone_does_not_sign_in() {
    let (world, users) = fleeting("passkey-gone").await;
    let mut device = with_passkey(&world).await;
    users.gone.store(true, Ordering::Relaxed);
    let mut browser = Browser::default();
    let page = browser.get(&world, &world.request(&[])).await;
    assert!(says(&used(&world, &mut browser, &page, &mut device).await, REFUSED));
    users.gone.store(false, Ordering::Relaxed);
    let page = browser.get(&world, &world.request(&[])).await;
    assert_eq!(used(&world, &mut browser, &page, &mut device).await.heading(), "Shop asks for access");
}
