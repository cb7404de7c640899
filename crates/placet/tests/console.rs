//! The console of `placet dev`, as a browser without scripts sees it.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::process::{Command, Stdio};

use common::console::{Browser, World, field, text};
use common::{Connection, Dir};
use placet_sdk::form;
use serde_json::{Value, json};

#[test]
fn the_link_that_is_printed_signs_in_once() {
    let world = World::new("console-link");
    let link = world
        .placet
        .greeting
        .iter()
        .find(|line| line.contains("/console/sign-in?code="))
        .unwrap()
        .trim()
        .to_owned();
    let path = link.strip_prefix(world.placet.value("AUTHLETE_BASE_URL")).unwrap();
    let mut browser = Browser::new(&world.placet);
    // Looking at it, as programs do that look at links, uses nothing up.
    assert_eq!((browser.get(path).status, browser.get(path).status), (200, 200));
    let page = browser.get(path);
    let code = field(&page, "code");
    let home = browser.post("/console/sign-in", &[("code", &code)]);
    assert!(home.body.contains("<h1>Home</h1>") && home.body.contains("Demo service"), "{}", home.body);
    assert!(!home.body.contains(world.placet.value("AUTHLETE_ORG_TOKEN")));
    let mut other = Browser::new(&world.placet);
    let again = other.post("/console/sign-in", &[("code", &code)]);
    assert_eq!(again.status, 422);
    assert!(again.body.contains("This link was used"), "{}", again.body);
    let cookie = browser.posted_from(&browser.origin.clone(), "/console/sign-in", &[("code", "x")]);
    assert!(!cookie.headers.contains_key("set-cookie"));
}

/// Pages of a service.
const OF_SERVICE: &[&str] = &[
    "",
    "/settings",
    "/settings?group=dpop",
    "/settings?q=pkce",
    "/settings?changed=1",
    "/profile",
    "/profile/fapi-2",
    "/keys",
    "/scopes",
    "/scopes?scope=openid",
    "/tokens",
    "/clients",
    "/clients?q=demo",
    "/clients/new",
    "/clients/new?template=fapi2",
    "/delete",
    "/transactions",
    "/transactions?failed=1&all=1",
    "/usage",
    "/issued",
    "/issued?subject=john&all=1",
    "/grants",
    "/grants?subject=john",
];

/// Groups of texts.
const TEXTS: &[&str] = &[
    "group.",
    "told.",
    "demand.",
    "check.",
    "settings.",
    "tokens.",
    "keys.",
    "scopes.",
    "template.",
    "role.",
    "transactions.",
    "codes.",
    "issued.",
    "usage.",
    "instance.",
    "lint.",
    "grants.",
];

#[test]
fn every_page_is_there_in_both_languages() {
    let world = World::new("console-pages");
    let mut browser = world.owner();
    let client = world.placet.value("DEMO_CLIENT_ID").to_owned();
    let mut paths: Vec<_> = OF_SERVICE.iter().map(|path| world.at(path)).collect();
    paths.extend(
        ["", "/settings", "?uri=https%3A%2F%2Fa.example%2F"]
            .map(|path| world.at(&format!("/clients/{client}{path}"))),
    );
    paths.extend(
        [
            "",
            "/services",
            "/tokens",
            "/members",
            "/audit",
            "/palette",
            "/codes",
            "/codes/A008306",
            "/instance",
        ]
        .map(|path| format!("/console{path}")),
    );
    for language in ["en", "ja"] {
        browser.language = language;
        for path in &paths {
            let page = browser.get(path);
            assert_eq!(page.status, 200, "{path}: {}", page.body);
            assert!(page.body.contains(&format!("<html lang=\"{language}\">")), "{path}");
            assert!(page.headers["content-security-policy"].contains("default-src 'none'"), "{path}");
            assert!(page.headers["cache-control"] == "no-store" && !page.body.contains(" style="), "{path}");
            assert!(!page.body.contains("<script>") && !page.body.contains(" onclick"), "{path}");
            // A text that is missing stands there by its name.
            for part in TEXTS {
                let named = format!(">{part}");
                assert!(!page.body.contains(&named), "{path}: {part}");
            }
        }
    }
    let english = browser.get("/console?lang=en");
    assert!(english.body.contains("<h1>Home</h1>"));
    assert!(browser.get("/console").body.contains("<h1>Home</h1>"), "it is remembered");
    assert_eq!(browser.get("/console/no-such").status, 404);
    assert_eq!(browser.get("/console/services/7").status, 404);
    for asset in ["style.css", "theme.js", "console.js", "live.js"] {
        assert_eq!(browser.get(&format!("/console/assets/{asset}")).status, 200);
    }
}

#[test]
fn a_setting_is_changed_and_shows_how_else() {
    let world = World::new("console-settings");
    let mut browser = world.owner();
    let page = browser.get(&world.at("/settings?group=requests"));
    let (csrf, version) = (field(&page, "csrf"), field(&page, "version"));
    let change = [
        ("csrf", &*csrf),
        ("version", &*version),
        ("group", "requests"),
        ("s.pkceRequired", "true"),
        ("s.parRequired", ""),
    ];
    let done = browser.post(&world.at("/settings"), &change);
    assert!(done.body.contains("Changed: pkceRequired"), "{}", done.body);
    assert!(
        done.body.contains("curl -X PATCH") && done.body.contains("pkce_required = true"),
        "{}",
        done.body
    );
    assert_eq!(world.get("service/get")["pkceRequired"], true);
    assert!(
        !browser.get(&world.at("/settings?group=requests")).body.contains("Changed: pkceRequired"),
        "it is told once"
    );

    // The version has gone on: nothing is done, and what was typed is there still.
    let stale = [
        ("csrf", &*csrf),
        ("version", &*version),
        ("group", "requests"),
        ("s.authorizationCodeDuration", "77"),
    ];
    let refused = browser.post(&world.at("/settings"), &stale);
    assert_eq!(refused.status, 409);
    assert!(
        refused.body.contains("value=\"77\"") && refused.body.contains("somebody else has changed this"),
        "{}",
        refused.body
    );
    assert!(world.get("service/get").get("authorizationCodeDuration").is_none_or(|known| known != 77));
    let version = field(&refused, "version");
    let fresh = [
        ("csrf", &*csrf),
        ("version", &*version),
        ("group", "requests"),
        ("s.authorizationCodeDuration", "77"),
    ];
    assert_eq!(browser.post(&world.at("/settings"), &fresh).status, 200);
    assert_eq!(world.get("service/get")["authorizationCodeDuration"], 77);

    // What cannot be meant, here or to the API, is said, and kept.
    let version = field(&browser.get(&world.at("/settings?group=requests")), "version");
    for (value, status) in [("soon", 422), ("-5", 400)] {
        let wrong = [
            ("csrf", &*csrf),
            ("version", &*version),
            ("group", "requests"),
            ("s.authorizationCodeDuration", value),
        ];
        let refused = browser.post(&world.at("/settings"), &wrong);
        assert_eq!(refused.status, status, "{value}");
        assert!(refused.body.contains(&format!("value=\"{value}\"")), "{}", refused.body);
    }
}

#[test]
fn forms_of_others_are_refused_with_a_way_on() {
    let world = World::new("console-forms");
    let mut browser = world.owner();
    let page = browser.get(&world.at("/settings?group=requests"));
    let (csrf, version) = (field(&page, "csrf"), field(&page, "version"));
    let fields = [("csrf", &*csrf), ("version", &*version), ("group", "requests"), ("s.parRequired", "true")];
    let path = world.at("/settings");

    let foreign = browser.posted_from("https://evil.example", &path, &fields);
    assert_eq!(foreign.status, 403);
    assert!(
        foreign.body.contains("The form came from another site") && !foreign.body.contains("parRequired")
    );
    let site = "Sec-Fetch-Site: cross-site\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    assert_eq!(browser.send("POST", &path, site, &form::encode(fields)).status, 403);

    let wrong = [
        ("csrf", "wrong"),
        ("version", &*version),
        ("group", "requests"),
        ("s.parRequired", "true"),
        ("secret.jwks", "k3y"),
    ];
    let old = browser.posted_from(&browser.origin.clone(), &path, &wrong);
    assert_eq!(old.status, 403);
    assert!(
        old.body.contains("s.parRequired")
            && old.body.contains("Send it once more")
            && !old.body.contains("k3y"),
        "{}",
        old.body
    );
    assert_ne!(world.get("service/get")["parRequired"], true);
    // The page has what it takes to go on.
    let again = [
        ("csrf", &*field(&old, "csrf")),
        ("version", &*field(&old, "version")),
        ("group", "requests"),
        ("s.parRequired", "true"),
    ];
    assert!(browser.post(&path, &again).body.contains("Changed: parRequired"));

    let mut stranger = Browser::new(&world.placet);
    let signed_out = stranger.posted_from(&stranger.origin.clone(), &path, &fields);
    assert_eq!(signed_out.status, 401);
    assert!(signed_out.body.contains("You are not signed in") && signed_out.body.contains("s.parRequired"));
    let sent = stranger.get(&path);
    assert!(sent.headers["location"].starts_with("/console/sign-in?to="), "{:?}", sent.headers);

    // A session that was signed out is none, whoever has kept its cookie.
    let kept = browser.cookies.clone();
    browser.post("/console/sign-out", &[("csrf", &csrf)]);
    browser.cookies = kept;
    assert_eq!(browser.get("/console").status, 303);
}

#[test]
fn a_token_may_do_here_what_it_may() {
    let world = World::new("console-rights");
    let body = json!({ "serviceId": world.service.parse::<i64>().unwrap(), "description": "looks", "permissions": ["view_service"] });
    let made = world.call("/api/servicetoken/create", &body);
    let mut viewer = Browser::new(&world.placet);
    let home = viewer.sign_in(made["accessToken"].as_str().unwrap());
    assert!(
        home.body.contains("Demo service") && !home.body.contains("href=\"/console/members\""),
        "{}",
        home.body
    );
    for page in ["/settings?group=requests", "/keys", "/clients"] {
        let page = text(&viewer.get(&world.at(page)));
        assert!(
            page.contains("may-not") && page.contains("modify_service") != page.contains("create_client"),
            "{page}"
        );
        assert!(page.matches("method=\"post\"").count() == 1, "only the way out is a form: {page}");
    }
    let page = text(&viewer.get(&world.at("")));
    for hidden in ["/delete", "/clone", "/issued", "/grants", "/tokens"] {
        assert!(!page.contains(&world.at(hidden)), "{hidden}: {page}");
    }
    // Whoever sends a form that no page has offers is told why nothing comes of it.
    let version = field(&world.owner().get(&world.at("/settings?group=requests")), "version");
    let csrf = field(&viewer.get(&world.at("")), "csrf");
    let fields = [("csrf", &*csrf), ("version", &*version), ("s.parRequired", "true")];
    let refused = viewer.post(&world.at("/settings"), &fields);
    assert_eq!(refused.status, 403);
    assert!(
        refused.body.contains("Your token may not do this") && refused.body.contains("[A"),
        "{}",
        refused.body
    );
    assert_eq!(viewer.get("/console/members").status, 403);
    let organization: i64 = world.placet.value("AUTHLETE_ORGANIZATION_ID").parse().unwrap();
    let body = json!({ "organizationId": organization, "permissions": ["view_audit_log"] });
    let made = world.call("/api/organizationtoken/create", &body);
    let mut auditor = Browser::new(&world.placet);
    let home = auditor.sign_in(made["accessToken"].as_str().unwrap());
    assert!(
        home.status == 200 && home.body.contains("There is no service that you may see"),
        "{}",
        home.body
    );
    assert!(!home.body.contains("href=\"/console/services\""), "{}", home.body);
    assert_eq!(auditor.get("/console/audit").status, 200);
    assert_eq!(auditor.get("/console/palette").status, 200);
    let mut nobody = Browser::new(&world.placet);
    assert_eq!(nobody.sign_in("not-a-token").status, 422);
    assert!(!nobody.cookies.iter().any(|(name, _)| name == "placet-console"));
}

/// Nobody is offered what the API would refuse: to hand on, renew or take away more than their own token may.
#[test]
fn a_token_hands_on_no_more_than_it_has() {
    let world = World::new("console-own-rights");
    let organization: i64 = world.placet.value("AUTHLETE_ORGANIZATION_ID").parse().unwrap();
    let until = 4_102_444_800_000_i64;
    let token = |permissions: &[&str], until: i64| {
        let body = json!({ "organizationId": organization, "permissions": permissions, "expiresAt": until, "description": "of a test" });
        world.call("/api/organizationtoken/create", &body)["accessToken"].as_str().unwrap().to_owned()
    };
    let mut administrator = Browser::new(&world.placet);
    let home = administrator.sign_in(&token(&["admin"], until));
    assert!(home.body.contains("<span>of a test</span>"), "{}", home.body);
    let page = text(&administrator.get("/console/tokens"));
    assert!(!page.contains("value=\"auditor\"") && page.contains("value=\"admin\""), "{page}");
    assert!(page.contains("It may what your token may not"), "the owner's token: {page}");
    assert!(page.contains("as yours: 2100-01-01"), "{page}");
    world.call(
        "/api/organization/member/invite",
        &json!({ "organizationId": organization, "email": "o@example.com", "role": "OWNER" }),
    );
    let page = text(&administrator.get("/console/members"));
    assert!(page.contains("This role may what yours may not") && !page.contains("value=\"OWNER\""), "{page}");
    // What lives longer stays too, whatever it may.
    let soon = administrator.sign_in(&token(&["admin", "view_audit_log"], until - 1));
    assert_eq!(soon.status, 200);
    let page = text(&administrator.get("/console/tokens"));
    assert!(page.contains("It lives longer than your token") && page.contains("value=\"auditor\""), "{page}");
}

#[test]
fn services_and_clients_are_made_and_go() {
    let world = World::new("console-making");
    let mut browser = world.owner();
    let hostile = "<script>alert(1)</script>";
    let csrf = field(&browser.get("/console/services"), "csrf");
    let made = browser
        .post("/console/services", &[("csrf", &csrf), ("name", hostile), ("issuer", "https://as.example")]);
    assert!(
        made.body.contains("&lt;script&gt;alert(1)&lt;&#x2f;script&gt;") && !made.body.contains(hostile),
        "{}",
        made.body
    );
    let id = made.body.split("/console/services/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(
        !browser.get("/console").body.contains(hostile)
            && !browser.get("/console/audit").body.contains(hostile)
    );
    let at = |path: &str| format!("/console/services/{id}{path}");

    let uris = "https://client.example/cb\nhttp://127.0.0.1/cb";
    let fields = [("csrf", &*csrf), ("template", "web"), ("name", hostile), ("uris", uris)];
    let client = browser.post(&at("/clients"), &fields);
    assert!(client.body.contains("Client secret") && !client.body.contains(hostile), "{}", client.body);
    let secret = client.body.split("data-copy-me>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let client_id = client.body.split(&at("/clients/")).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let client_at = |path: &str| at(&format!("/clients/{client_id}{path}"));
    assert!(secret.len() > 20, "{secret}");
    for page in ["", "/settings", "/settings?q=clientSecret"] {
        assert!(!browser.get(&client_at(page)).body.contains(&secret), "{page}: it is shown once");
    }
    let tested = browser.get(&client_at("?uri=https%3A%2F%2Fclient.example%2Fcb%2F"));
    assert!(tested.body.contains("only a slash at the end differs"), "{}", tested.body);

    let rotated = browser.post(&client_at("/secret"), &[("csrf", &csrf)]);
    assert!(rotated.body.contains("The client has a new secret") && !rotated.body.contains(&secret));
    let locked = browser.post(&client_at("/lock"), &[("csrf", &csrf), ("locked", "true")]);
    assert!(locked.body.contains("The client is locked") && locked.body.contains("Unlock"));
    let version = field(&locked, "version");
    let wrong =
        browser.post(&client_at("/delete"), &[("csrf", &csrf), ("version", &version), ("name", "other")]);
    assert_eq!(wrong.status, 422);
    let gone =
        browser.post(&client_at("/delete"), &[("csrf", &csrf), ("version", &version), ("name", hostile)]);
    assert!(gone.body.contains("is gone"), "{}", gone.body);
    assert_eq!(browser.get(&client_at("")).status, 404);

    let version = field(&browser.get(&at("/delete")), "version");
    let gone = browser.post(&at("/delete"), &[("csrf", &csrf), ("version", &version), ("name", hostile)]);
    assert!(gone.body.contains("is gone"), "{}", gone.body);
    assert_eq!(browser.get(&at("")).status, 404);
}

#[test]
fn keys_take_the_place_of_others_and_their_private_parts_stay() {
    let world = World::new("console-keys");
    let mut browser = world.owner();
    let page = browser.get(&world.at("/keys"));
    let private: Value = serde_json::from_str(world.get("service/get")["jwks"].as_str().unwrap()).unwrap();
    let secrets: Vec<_> =
        private["keys"].as_array().unwrap().iter().map(|key| key["d"].as_str().unwrap().to_owned()).collect();
    let csrf = field(&page, "csrf");
    let act = |browser: &mut Browser, fields: &[(&str, &str)]| {
        let version = field(&browser.get(&world.at("/keys")), "version");
        let all = [&[("csrf", &*csrf), ("version", &*version)], fields].concat();
        browser.post(&world.at("/keys"), &all)
    };
    let added = act(&mut browser, &[("do", "generate"), ("alg", "ES256")]);
    let kid = added.body.split("The key ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    assert!(
        added.body.contains("waits to be activated") && added.body.contains("jwks&quot;:&quot;…&quot;"),
        "{}",
        added.body
    );
    let stale = browser.post(
        &world.at("/keys"),
        &[("csrf", &csrf), ("version", &field(&page, "version")), ("do", "remove"), ("kid", &kid)],
    );
    assert_eq!(stale.status, 409);
    let active = act(&mut browser, &[("do", "activate"), ("kid", &kid)]);
    assert!(
        active.body.contains("signs from now on") && active.body.contains("A former key is still published")
    );
    let set = world.get("service/get")["jwks"].as_str().unwrap().to_owned();
    assert!(serde_json::from_str::<Value>(&set).unwrap()["keys"][0]["kid"] == *kid);
    assert_eq!(act(&mut browser, &[("do", "remove"), ("kid", &kid)]).status, 422, "it is active");
    let removed = act(&mut browser, &[("do", "remove"), ("kid", &kid), ("typed", &kid)]);
    assert!(removed.body.contains("is gone"), "{}", removed.body);
    for path in ["/keys", "/settings?q=jwks", "/settings?changed=1", ""] {
        let page = browser.get(&world.at(path));
        assert!(secrets.iter().all(|secret| !page.body.contains(secret.as_str())), "{path}");
    }
}

#[test]
fn scopes_are_added_changed_and_taken_away_one_by_one() {
    let world = World::new("console-scopes");
    let mut browser = world.owner();
    let page = browser.get(&world.at("/scopes"));
    let csrf = field(&page, "csrf");
    let scopes = || world.get("service/get")["supportedScopes"].as_array().unwrap().clone();
    let before = scopes();
    let act = |browser: &mut Browser, fields: &[(&str, &str)]| {
        let version = field(&browser.get(&world.at("/scopes")), "version");
        let all = [&[("csrf", &*csrf), ("version", &*version)], fields].concat();
        browser.post(&world.at("/scopes"), &all)
    };
    let name = "till:<b>";
    let new = [
        ("do", "add"),
        ("name", name),
        ("description", "Tills"),
        ("attributes", "access_token.duration: 60\n"),
    ];
    let added = act(&mut browser, &new);
    assert!(added.body.contains("can be asked for") && !added.body.contains("<b>"), "{}", added.body);
    let of_it = || scopes().into_iter().find(|scope| scope["name"] == name).unwrap();
    assert_eq!(of_it()["attributes"], json!([{ "key": "access_token.duration", "value": "60" }]));
    assert_eq!((scopes().len(), &scopes()[..before.len()]), (before.len() + 1, &before[..]));
    assert_eq!(act(&mut browser, &new).status, 422, "there is one of this name");
    let wrong = act(&mut browser, &[("do", "save"), ("name", name), ("attributes", "no colon")]);
    assert!(wrong.status == 422 && wrong.body.contains("has no colon"), "{}", wrong.body);
    let stale = [("csrf", &*csrf), ("version", &*field(&page, "version")), ("do", "remove"), ("name", name)];
    assert_eq!(browser.post(&world.at("/scopes"), &stale).status, 409);
    let saved = [("do", "save"), ("name", name), ("descriptions", "ja: レジ"), ("default", "1")];
    assert!(act(&mut browser, &saved).body.contains("was changed"));
    assert_eq!(
        of_it(),
        json!({ "name": name, "defaultEntry": true, "descriptions": [{ "tag": "ja", "value": "レジ" }] })
    );
    let removed = act(&mut browser, &[("do", "remove"), ("name", name)]);
    assert!(
        removed.body.contains("asked for no more") && removed.body.contains("placet scope"),
        "{}",
        removed.body
    );
    assert_eq!(scopes(), before);
    assert_eq!(act(&mut browser, &[("do", "remove"), ("name", name)]).status, 404);
    assert_eq!(browser.get(&world.at("/scopes?scope=none")).status, 404);
}

#[test]
fn a_profile_is_shown_before_it_is_applied() {
    let world = World::new("console-profile");
    let mut browser = world.owner();
    let preview = browser.get(&world.at("/profile/fapi-2"));
    assert!(preview.body.contains("tightens") && preview.body.contains("FAPI2_SECURITY"), "{}", preview.body);
    assert!(preview.body.contains("Demo public client"), "it could not go on");
    assert!(world.get("service/get").get("fapiModes").is_none());
    let fields = [("csrf", &*field(&preview, "csrf")), ("version", &*field(&preview, "version"))];
    let applied = browser.post(&world.at("/profile/fapi-2"), &fields);
    assert!(applied.body.contains("The service is under FAPI 2.0 Security Profile"), "{}", applied.body);
    assert_eq!(world.get("service/get")["fapiModes"], json!(["FAPI2_SECURITY"]));
    assert_eq!(
        browser.posted_from(&browser.origin.clone(), &world.at("/profile/oauth-2-1"), &fields).status,
        409
    );
}

#[test]
fn tokens_of_the_api_and_members_are_made_once_and_listed() {
    let world = World::new("console-tokens");
    let mut browser = world.owner();
    let csrf = field(&browser.get(&world.at("/tokens")), "csrf");
    for (path, preset) in
        [(world.at("/tokens"), "resource_server"), ("/console/tokens".to_owned(), "auditor")]
    {
        let fields = [
            ("csrf", &*csrf),
            ("do", "make"),
            ("description", "for a test"),
            ("preset", preset),
            ("days", "30"),
        ];
        let made = browser.post(&path, &fields);
        assert!(made.body.contains("The token is made"), "{}", made.body);
        let value = made.body.split("data-copy-me>").nth(1).unwrap().split('<').next().unwrap().to_owned();
        let page = browser.get(&path);
        assert!(page.body.contains("for a test") && !page.body.contains(&value), "{path}");
        let id = page
            .body
            .split("for a test")
            .nth(1)
            .unwrap()
            .split("<code>")
            .nth(1)
            .unwrap()
            .split('<')
            .next()
            .unwrap()
            .to_owned();
        let rotated =
            browser.post(&path, &[("csrf", &csrf), ("do", "rotate"), ("id", &id), ("grace", "600")]);
        assert!(rotated.body.contains("has a new value") && !rotated.body.contains(&value));
        let revoked = browser.post(&path, &[("csrf", &csrf), ("do", "revoke"), ("id", &id)]);
        assert!(
            revoked.body.contains("is revoked") && !revoked.body.contains(&id)
                || revoked.body.matches(&id).count() == 2,
            "{}",
            revoked.body
        );
    }
    let invited = browser.post(
        "/console/members",
        &[("csrf", &csrf), ("do", "invite"), ("email", "ann@example.com"), ("role", "VIEWER")],
    );
    assert!(
        invited.body.contains("ann@example.com is invited")
            && invited.body.contains("The code of the invitation")
    );
    assert!(browser.get("/console/members").body.contains("ann@example.com"));
    let code = invited.body.split("data-copy-me>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let mut ann = Browser::new(&world.placet);
    let joined = ann.post("/console/sign-in", &[("secret.invitation", &code)]);
    assert!(
        joined.body.contains("You are a member") && joined.body.contains("ann@example.com"),
        "{}",
        joined.body
    );
    assert!(!ann.get("/console").body.contains("You are a member"));
    assert_eq!(ann.get("/console/members").status, 403);
    let mut late = Browser::new(&world.placet);
    assert_eq!(late.post("/console/sign-in", &[("secret.invitation", &code)]).status, 422, "it is good once");
    let audit = browser.get("/console/audit?q=ann@example.com");
    assert!(audit.body.contains("member_invite") && audit.body.contains("<details>"), "{}", audit.body);
}

/// `placet serve` has it where its configuration says so.
#[test]
fn a_server_has_the_console_if_it_is_told_to() {
    let dir = Dir::new("console-serve");
    let founded = command(&dir).args(["found-organization", "--name", "Bank"]).output().unwrap();
    let founded = String::from_utf8(founded.stdout).unwrap();
    let token = founded.lines().find_map(|line| line.strip_prefix("token ")).unwrap();
    for (enabled, status) in [("off", 404), ("on", 303)] {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let origin = "https://console.example";
        let mut server = command(&dir);
        server.arg("serve").env("PLACET_LISTEN", &address).env("PLACET_CONSOLE_ENABLED", enabled);
        let mut server = server.env("PLACET_CONSOLE_ORIGIN", origin).spawn().unwrap();
        let mut connection = Connection::to(&address);
        let page = connection.send("GET", "/console", "", b"").unwrap();
        let form = format!("Origin: {origin}\r\nContent-Type: application/x-www-form-urlencoded\r\n");
        let body = form::encode([("secret.token", token)]);
        let signed_in = connection.send("POST", "/console/sign-in", &form, body.as_bytes()).unwrap();
        let _ = server.kill();
        server.wait().unwrap();
        assert_eq!(page.status, status);
        if enabled == "on" {
            let cookie = &signed_in.headers["set-cookie"];
            assert!(cookie.starts_with("__Host-placet-console=") && cookie.contains("; Secure"), "{cookie}");
            assert!(signed_in.headers.contains_key("location") && cookie.contains("HttpOnly; SameSite=Lax"));
        }
    }
}

fn command(dir: &Dir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_placet"));
    command.env("PLACET_DIRECTORY", &dir.0).env("PLACET_LOG_LEVEL", "error").stdout(Stdio::piped());
    command
}
