//! The endpoints of a service that has no authorization server in front of it, as its clients see them, and as somebody
//! does who should not get in.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;
#[path = "common/dpop.rs"]
mod dpop;

use common::{Answer, Dir, Placet};
use data_encoding::BASE64;
use dpop::Key;
use placet_sdk::form;
use serde_json::{Value, json};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

const AUTHORIZATION: &str = "/api/auth/authorization/direct/";
const TOKEN: &str = "/api/auth/token/direct/";
const REVOCATION: &str = "/api/auth/revocation/direct/";
const INTROSPECTION: &str = "/api/auth/introspection/direct/";
const USERINFO: &str = "/api/auth/userinfo/direct/";
const JWKS: &str = "/api/service/jwks/get/direct/";

/// The setting of each, and a method that it has.
const ENDPOINTS: [(&str, &str, &str); 6] = [
    ("directAuthorizationEndpointEnabled", AUTHORIZATION, "GET"),
    ("directTokenEndpointEnabled", TOKEN, "POST"),
    ("directRevocationEndpointEnabled", REVOCATION, "POST"),
    ("directIntrospectionEndpointEnabled", INTROSPECTION, "POST"),
    ("directUserInfoEndpointEnabled", USERINFO, "GET"),
    ("directJwksEndpointEnabled", JWKS, "GET"),
];

const PAGE: &str = "https://as.example/authorize?theme=dark";
const AT: &str = "https://api.example";

struct Service {
    placet: Placet,
    id: String,
    _dir: Dir,
}

impl Service {
    /// With every endpoint switched off.
    fn closed(name: &str) -> Self {
        let dir = Dir::new(name);
        let placet = Placet::dev(&dir);
        let id = placet.value("AUTHLETE_SERVICE_ID").to_owned();
        Self { placet, id, _dir: dir }
    }

    /// With every endpoint switched on.
    fn open(name: &str) -> Self {
        let service = Self::closed(name);
        let mut settings = json!({
            "authorizationEndpoint": PAGE,
            "tokenEndpoint": format!("{AT}{TOKEN}{}", service.id),
            "userInfoEndpoint": format!("{AT}{USERINFO}{}", service.id),
        });
        for (setting, ..) in ENDPOINTS {
            settings[setting] = true.into();
        }
        service.set(&settings);
        service
    }

    fn set(&self, settings: &Value) {
        let token = self.placet.value("AUTHLETE_ORG_TOKEN");
        let headers =
            format!("Authorization: Bearer {token}\r\nContent-Type: application/merge-patch+json\r\n");
        let path = format!("/api/{}/service/update", self.id);
        let answer = self.raw("PATCH", &path, &headers, &settings.to_string());
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    fn raw(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        self.placet.connect().send(method, path, headers, body.as_bytes()).unwrap()
    }

    fn send(&self, method: &str, endpoint: &str, headers: &str, body: &str) -> Answer {
        self.raw(method, &format!("{endpoint}{}", self.id), headers, body)
    }

    fn post(&self, endpoint: &str, headers: &str, body: &str) -> Answer {
        self.send("POST", endpoint, &format!("{FORM}{headers}"), body)
    }

    fn basic(&self) -> String {
        basic(self.placet.value("DEMO_CLIENT_ID"), self.placet.value("DEMO_CLIENT_SECRET"))
    }

    /// The answer of the token endpoint to the demo client.
    fn token(&self, body: &str) -> Answer {
        self.post(TOKEN, &self.basic(), body)
    }

    /// A code that a user has agreed to.
    fn code(&self, scope: &str) -> String {
        let mut connection = self.placet.connect();
        let (client, uri) = (self.placet.value("DEMO_CLIENT_ID"), self.placet.value("DEMO_REDIRECT_URI"));
        let parameters =
            [("response_type", "code"), ("scope", scope), ("client_id", client), ("redirect_uri", uri)];
        let asked = json!({ "parameters": form::encode(parameters) });
        let asked = self.placet.call(&mut connection, "auth/authorization", &asked).json();
        let issue = json!({ "ticket": asked["ticket"], "subject": "john", "sessionId": "s" });
        let issued = self.placet.call(&mut connection, "auth/authorization/issue", &issue).json();
        issued["authorizationCode"].as_str().unwrap_or_else(|| panic!("{issued}")).to_owned()
    }

    /// What the client gets for the code.
    fn redeemed(&self, scope: &str, headers: &str) -> Answer {
        let (code, uri) = (self.code(scope), self.placet.value("DEMO_REDIRECT_URI"));
        let body = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", uri)];
        self.post(TOKEN, &format!("{}{headers}", self.basic()), &form::encode(body))
    }

    fn users_token(&self, headers: &str) -> String {
        let answer = self.redeemed("openid", headers);
        answer.json()["access_token"].as_str().unwrap_or_else(|| panic!("{}", answer.body)).to_owned()
    }

    /// A token of the API for a service.
    fn api_token(&self, service: &str, rights: &[&str]) -> String {
        let request = json!({
            "organizationId": self.placet.value("AUTHLETE_ORGANIZATION_ID").parse::<i64>().unwrap(),
            "serviceId": service.parse::<i64>().unwrap(),
            "permissions": rights,
            "description": "d",
        });
        let token = self.placet.value("AUTHLETE_ORG_TOKEN");
        let made = self.placet.connect().post("/api/servicetoken/create", token, &request);
        made.json()["accessToken"].as_str().unwrap_or_else(|| panic!("{}", made.body)).to_owned()
    }

    /// Another service of the same organization.
    fn neighbour(&self) -> String {
        let token = self.placet.value("AUTHLETE_ORG_TOKEN");
        let made = self.placet.connect().post("/api/service/create", token, &json!({ "serviceName": "b" }));
        made.json()["apiKey"].to_string()
    }

    fn is_active(&self, token: &str) -> bool {
        let caller = bearer(&self.api_token(&self.id, &["use_introspection"]));
        let answer = self.post(INTROSPECTION, &caller, &format!("token={token}"));
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["active"] == true
    }
}

fn basic(id: &str, secret: &str) -> String {
    format!("Authorization: Basic {}\r\n", BASE64.encode(format!("{id}:{secret}").as_bytes()))
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

fn error(answer: &Answer) -> String {
    answer.json()["error"].as_str().unwrap_or_default().to_owned()
}

fn challenge(answer: &Answer) -> &str {
    answer.headers.get("www-authenticate").map_or("", String::as_str)
}

#[test]
fn what_is_switched_off_is_not_there() {
    let service = Service::closed("direct-off");
    let body = "grant_type=client_credentials";
    let ask = |endpoint: &str, method: &str, id: &str| {
        let headers = format!("{FORM}{}", service.basic());
        let answer = service.raw(method, &format!("{endpoint}{id}"), &headers, body);
        (answer.status, answer.body.replace(id, "{id}"))
    };
    let absent = |endpoint: &str, method: &str| {
        let off = ask(endpoint, method, &service.id);
        assert_eq!(off.0, 404, "{endpoint}");
        assert_eq!(off, ask(endpoint, method, "4711"), "{endpoint}");
    };
    for (_, endpoint, _) in ENDPOINTS {
        ["GET", "POST", "OPTIONS", "DELETE"].iter().for_each(|method| absent(endpoint, method));
    }
    // Each has a switch of its own.
    for (setting, on, _) in ENDPOINTS {
        service.set(&json!({ setting: true, "authorizationEndpoint": PAGE }));
        for (_, endpoint, method) in ENDPOINTS {
            let found = ask(endpoint, method, &service.id).0 != 404;
            assert_eq!(found, endpoint == on, "{endpoint} where {on} is on");
        }
        service.set(&json!({ setting: false }));
    }
    // There is no page to send browsers to, or none but this.
    let around = format!("https://api.example{AUTHORIZATION}1");
    for page in [Value::Null, "".into(), "/authorize".into(), "javascript:a".into(), around.into()] {
        service.set(&json!({ "directAuthorizationEndpointEnabled": true, "authorizationEndpoint": page }));
        assert_eq!(service.send("GET", AUTHORIZATION, "", "").status, 404, "{page}");
    }
}

// shows RFC6749 5.1/no-store
#[test]
fn a_token_lives_from_its_issue_to_its_end() {
    let service = Service::open("direct-life");
    let issued = service.token("grant_type=client_credentials&scope=orders:read");
    assert_eq!((issued.status, issued.headers["cache-control"].as_str()), (200, "no-store"));
    assert_eq!(issued.headers["content-type"], "application/json");
    let token = issued.json()["access_token"].as_str().unwrap().to_owned();
    assert!(service.is_active(&token));
    // Nobody's token is nobody's at the userinfo endpoint.
    let nobody = service.send("GET", USERINFO, &bearer(&token), "");
    assert_eq!(nobody.status, 403);
    assert!(challenge(&nobody).contains("insufficient_scope"), "{}", challenge(&nobody));
    let revoked = service.post(REVOCATION, &service.basic(), &format!("token={token}"));
    assert_eq!((revoked.status, revoked.body.as_str()), (200, ""));
    assert!(!service.is_active(&token));

    let token = service.users_token("");
    let user = service.send("GET", USERINFO, &bearer(&token), "");
    assert_eq!((user.status, user.json()), (200, json!({ "sub": "john" })));
    let user = service.post(USERINFO, "", &format!("access_token={token}"));
    assert_eq!((user.status, user.json()), (200, json!({ "sub": "john" })));
    assert_eq!(service.post(REVOCATION, &service.basic(), &format!("token={token}")).status, 200);
    let user = service.send("GET", USERINFO, &bearer(&token), "");
    assert_eq!(user.status, 401);
    assert!(challenge(&user).contains("invalid_token"), "{}", challenge(&user));
}

#[test]
fn anybody_may_read_the_public_keys_and_no_others() {
    let service = Service::open("direct-jwks");
    let path = format!("{JWKS}{}?includePrivateKeys=true", service.id);
    let answer = service.raw("GET", &path, "", "");
    assert_eq!((answer.status, answer.headers["cache-control"].as_str()), (200, "max-age=300"));
    assert_eq!(answer.headers["content-type"], "application/jwk-set+json");
    let keys = answer.json()["keys"].as_array().unwrap().clone();
    assert!(keys.len() == 5 && keys.iter().all(|key| key.get("d").is_none()), "{}", answer.body);
}

#[test]
fn clients_that_prove_nothing_get_nothing() {
    let service = Service::open("direct-clients");
    let (id, secret) = (service.placet.value("DEMO_CLIENT_ID"), service.placet.value("DEMO_CLIENT_SECRET"));
    let right = service.basic();
    // The tokens of the API are worth nothing to clients.
    let powerful = bearer(service.placet.value("AUTHLETE_ORG_TOKEN"));
    let wrong = [
        basic(id, "wrong"),
        basic("1", secret),
        powerful,
        format!("{right}{right}"),
        "Authorization: Basic x\r\n".into(),
    ];
    for endpoint in [TOKEN, REVOCATION] {
        for header in &wrong {
            let answer = service.post(endpoint, header, "grant_type=client_credentials&token=x");
            assert_eq!((answer.status, error(&answer).as_str()), (401, "invalid_client"), "{header}");
            assert!(challenge(&answer).starts_with("Basic realm="), "{header}");
        }
    }
    let answer = service.post(TOKEN, "", "grant_type=client_credentials");
    assert!(answer.status >= 400 && !error(&answer).is_empty(), "{}", answer.body);
}

#[test]
fn requests_of_every_wrong_kind_get_their_error() {
    let service = Service::open("direct-wrong");
    for (_, endpoint, _) in ENDPOINTS {
        let methods = match endpoint {
            AUTHORIZATION | USERINFO => "GET, POST",
            JWKS => "GET",
            _ => "POST",
        };
        for method in ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PURGE"] {
            let answer = service.send(method, endpoint, &format!("{FORM}{}", service.basic()), "");
            let has = methods.split(", ").any(|one| one == method);
            assert_eq!(answer.status != 405, has, "{method} {endpoint}: {}", answer.status);
            assert!(has || answer.headers["allow"] == methods, "{method} {endpoint}");
        }
        // Its answer has no body, whatever its head says of one.
        let head = format!("HEAD {endpoint}{} HTTP/1.1\r\nHost: a\r\n\r\n", service.id);
        assert_eq!(head_of(&service, &head), 405, "{endpoint}");
    }
    let caller = bearer(&service.api_token(&service.id, &["use_introspection"]));
    let large = format!("grant_type=client_credentials&token=x&x={}", "x".repeat(64 * 1024));
    for (endpoint, credentials) in
        [(TOKEN, service.basic()), (REVOCATION, service.basic()), (INTROSPECTION, caller)]
    {
        for kind in ["", "Content-Type: application/json\r\n", "Content-Type: text/plain\r\n"] {
            let body = "grant_type=client_credentials&token=x";
            let answer = service.send("POST", endpoint, &format!("{kind}{credentials}"), body);
            assert_eq!(
                (answer.status, error(&answer).as_str()),
                (415, "invalid_request"),
                "{endpoint} {kind}"
            );
        }
        let answer = service.post(endpoint, &credentials, &large);
        assert_eq!((answer.status, error(&answer).as_str()), (413, "invalid_request"), "{endpoint}");
        for body in
            ["", "x=y", "%", "grant_type=client_credentials&grant_type=client_credentials&token=a&token=a"]
        {
            let answer = service.post(endpoint, &credentials, body);
            assert_eq!(
                (answer.status, error(&answer).as_str()),
                (400, "invalid_request"),
                "{endpoint} {body}"
            );
        }
    }
}

/// The status of an answer without a body.
fn head_of(service: &Service, request: &str) -> u16 {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(&service.placet.address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).unwrap();
    std::str::from_utf8(&start[9..]).unwrap().parse().unwrap()
}

#[test]
fn grants_that_somebody_has_to_judge_are_not_given() {
    let service = Service::open("direct-grants");
    let password = service.token("grant_type=password&username=john&password=john&scope=openid");
    assert_eq!((password.status, error(&password).as_str()), (400, "invalid_request"), "{}", password.body);
    let token = service.users_token("");
    let exchange = format!(
        "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token={token}\
         &subject_token_type=urn:ietf:params:oauth:token-type:access_token"
    );
    let exchange = service.token(&exchange);
    assert_eq!(
        (exchange.status, error(&exchange).as_str()),
        (400, "unsupported_grant_type"),
        "{}",
        exchange.body
    );
    // Native SSO: nobody here knows whether the session of the device lives.
    let shared = service.redeemed("openid device_sso", "");
    assert_eq!((shared.status, error(&shared).as_str()), (400, "unsupported_grant_type"), "{}", shared.body);
    let list = format!("/api/{}/auth/token/get/list?subject=john", service.id);
    let list = service.raw("GET", &list, &bearer(service.placet.value("AUTHLETE_API_TOKEN")), "");
    assert_eq!(list.json()["totalCount"], 1, "{}", list.body);
}

#[test]
fn introspection_is_for_whoever_may_introspect_at_the_api() {
    let service = Service::open("direct-introspection");
    let token = service.token("grant_type=client_credentials").json()["access_token"].clone();
    let body = format!("token={}", token.as_str().unwrap());
    let neighbour = service.neighbour();
    let mine = |right: &str| bearer(&service.api_token(&service.id, &[right]));
    for right in ["use_introspection", "use_service", "modify_service"] {
        let answer = service.post(INTROSPECTION, &mine(right), &body);
        assert_eq!((answer.status, &answer.json()["active"]), (200, &json!(true)), "{right}");
    }
    let foreign = bearer(&service.api_token(&neighbour, &["use_introspection"]));
    for wrong in [foreign, mine("view_service"), bearer("x"), bearer(token.as_str().unwrap())] {
        let answer = service.post(INTROSPECTION, &wrong, &body);
        assert_eq!(answer.status, 401, "{wrong}");
        assert!(challenge(&answer).contains("invalid_token"), "{wrong}: {}", challenge(&answer));
    }
    let dpop = format!("Authorization: DPoP {}\r\n", service.api_token(&service.id, &["use_introspection"]));
    for none in [String::new(), service.basic(), dpop] {
        let answer = service.post(INTROSPECTION, &none, &body);
        assert_eq!((answer.status, challenge(&answer)), (401, "Bearer"), "{none}");
    }
    // Among the parameters it is none: what is asked about does not answer for who asks.
    let known = service.api_token(&service.id, &["use_introspection"]);
    assert_eq!(service.post(INTROSPECTION, "", &format!("{body}&access_token={known}")).status, 401);
    // A token of a neighbour's client is nothing here.
    assert!(!service.is_active("x"));
}

#[test]
fn proofs_are_held_against_the_addresses_of_the_service() {
    let service = Service::open("direct-dpop");
    let (key, other) = (Key::new(), Key::new());
    let at = |endpoint: &str| format!("{AT}{endpoint}{}", service.id);
    let proof = |key: &Key, method: &str, at: &str, token: Option<&str>| {
        format!("DPoP: {}\r\n", key.proof(method, at, token))
    };
    let elsewhere = proof(&key, "POST", &format!("http://localhost{TOKEN}{}", service.id), None);
    let refused =
        service.post(TOKEN, &format!("{}{elsewhere}", service.basic()), "grant_type=client_credentials");
    assert_eq!((refused.status, error(&refused).as_str()), (400, "invalid_dpop_proof"), "{}", refused.body);

    let first = proof(&key, "POST", &at(TOKEN), None);
    let token = service.users_token(&first);
    let again = service.post(TOKEN, &format!("{}{first}", service.basic()), "grant_type=client_credentials");
    assert_eq!(error(&again), "invalid_dpop_proof", "a proof is good once");
    let scheme = |scheme: &str, token: &str| format!("Authorization: {scheme} {token}\r\n");
    let shown = |key: &Key, method: &str| proof(key, method, &at(USERINFO), Some(&token));
    let plain = service.users_token("");
    for (what, headers, status) in [
        ("its key", scheme("DPoP", &token) + &shown(&key, "GET"), 200),
        ("no proof", scheme("DPoP", &token), 401),
        ("as a bearer token", scheme("Bearer", &token) + &shown(&key, "GET"), 401),
        ("another key", scheme("DPoP", &token) + &shown(&other, "GET"), 401),
        ("another method", scheme("DPoP", &token) + &shown(&key, "POST"), 401),
        ("bound to nothing", scheme("DPoP", &plain) + &proof(&key, "GET", &at(USERINFO), Some(&plain)), 401),
    ] {
        let answer = service.send("GET", USERINFO, &headers, "");
        assert_eq!(answer.status, status, "{what}: {}", challenge(&answer));
    }
    // Where nonces are demanded, the answer brings one.
    service.set(&json!({ "dpopNonceRequired": true }));
    let asked = proof(&key, "POST", &at(TOKEN), None);
    let answer = service.post(TOKEN, &format!("{}{asked}", service.basic()), "grant_type=client_credentials");
    assert_eq!(error(&answer), "use_dpop_nonce");
    assert!(!answer.headers["dpop-nonce"].is_empty());
    // Without an address nothing says what a proof was for.
    service.set(&json!({ "dpopNonceRequired": false, "tokenEndpoint": null }));
    let asked = proof(&key, "POST", &at(TOKEN), None);
    let answer = service.post(TOKEN, &format!("{}{asked}", service.basic()), "grant_type=client_credentials");
    assert!(answer.status >= 400 && answer.json().get("access_token").is_none(), "{}", answer.body);
}

#[test]
fn browsers_are_sent_on() {
    let service = Service::open("direct-authorization");
    let query = "client_id=1&state=%23%0d%0aSet-Cookie:a";
    let got = service.raw("GET", &format!("{AUTHORIZATION}{}?{query}", service.id), "", "");
    assert_eq!((got.status, got.headers["location"].as_str()), (303, &*format!("{PAGE}&{query}")));
    let posted = service.post(AUTHORIZATION, "", query);
    assert_eq!((posted.status, posted.headers["location"].as_str()), (303, &*format!("{PAGE}&{query}")));
    assert_eq!(service.send("GET", AUTHORIZATION, "", "").headers["location"], PAGE);
    for body in ["a=#b", "a=\r\nSet-Cookie: b=c", "a=b c", "a=\u{e9}"] {
        let answer = service.post(AUTHORIZATION, "", body);
        assert_eq!((answer.status, answer.headers.get("location")), (400, None), "{body}");
    }
    assert_eq!(service.send("POST", AUTHORIZATION, "Content-Type: text/plain\r\n", "a=b").status, 415);
}

/// What lies behind the endpoints is as closed as before.
#[test]
fn nothing_else_opens_with_them() {
    let service = Service::open("direct-attack");
    let id = &service.id;
    for (path, method) in [
        (format!("/api/{id}/auth/token"), "POST"),
        (format!("/api/{id}/auth/introspection"), "POST"),
        (format!("/api/{id}/service/get"), "GET"),
        (format!("/api/{id}/service/jwks/get"), "GET"),
        (format!("/api/{id}/auth/token/create"), "POST"),
        (format!("/api/{id}/client/get/list"), "GET"),
    ] {
        for headers in [
            "",
            "Authorization: Process\r\n",
            "Authorization: Bearer direct\r\n",
            "Authorization: Bearer \r\n",
        ] {
            let answer = service.raw(method, &path, &format!("{FORM}{headers}"), "parameters=a");
            assert_eq!(answer.status, 401, "{path} {headers}");
        }
    }
    let client = service.placet.value("DEMO_CLIENT_ID");
    for path in [
        format!("{TOKEN}{id}/"),
        format!("{TOKEN}{id}/create"),
        format!("{TOKEN}{id}/../../create"),
        format!("{TOKEN}{id}%2fcreate"),
        format!("{TOKEN}{id}/../../../../{id}/service/get"),
        format!("//{TOKEN}{id}"),
        format!("/api/auth/token/create/direct/{id}"),
        format!("/api/auth/userinfo/issue/direct/{id}"),
        format!("/api/service/get/direct/{id}"),
        format!("/api/service/configuration/direct/{id}"),
        format!("/api/client/get/direct/{id}/{client}"),
    ] {
        for method in ["GET", "POST"] {
            let answer = service.raw(
                method,
                &path,
                &format!("{FORM}{}", service.basic()),
                "grant_type=client_credentials",
            );
            assert_eq!(answer.status, 404, "{method} {path}: {}", answer.body);
        }
    }
    // A form is one member of the call behind the endpoint, whatever it has; the query is none of it.
    let chosen = "grant_type=client_credentials\",\"accessToken\":\"chosen-by-me\",\"x\":\"";
    for (query, body) in [
        ("", chosen),
        ("?accessToken=chosen-by-me", "grant_type=client_credentials"),
        ("", "grant_type=client_credentials&accessToken=chosen-by-me&clientSecret=x&properties=x"),
    ] {
        let path = format!("{TOKEN}{id}{query}");
        let answer = service.raw("POST", &path, &format!("{FORM}{}", service.basic()), body);
        assert!(!answer.body.contains("chosen-by-me") || answer.status >= 400, "{}", answer.body);
        assert!(!service.is_active("chosen-by-me"), "{body}");
    }
    // Another service's clients are no clients here.
    let neighbour = service.neighbour();
    let answer = service.raw(
        "POST",
        &format!("{TOKEN}{neighbour}"),
        &format!("{FORM}{}", service.basic()),
        "grant_type=client_credentials",
    );
    assert_eq!(answer.status, 404, "it has not switched anything on");
}
