//! What a request can multiply, through the API: as much as the table of budgets says is taken, and one more is not.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use std::iter::repeat_n;

use placet_api::{EndpointId, PathValues};
use placet_base::registry::JwsAlg;
use placet_engine::budgets;
use placet_testkit::{Case, Covered, World, run};
use serde_json::{Map, Value, json};

struct Limited {
    world: World,
    client: String,
    secret: String,
}

impl Limited {
    fn new() -> Self {
        let (world, client, secret) = World::with_service_and_client();
        Self { world, client, secret }
    }

    fn call(&self, endpoint: EndpointId, request: &Value) -> Value {
        let path = PathValues { client: Some(&self.client), ..PathValues::default() };
        let token = Some(self.world.organization_token.as_str());
        self.world.call(endpoint, token, path, request.as_object().unwrap()).body
    }

    /// A protocol request of the client.
    fn protocol(&self, endpoint: EndpointId, parameters: &str) -> Value {
        let (client, secret) = (&self.client, &self.secret);
        self.call(endpoint, &json!({ "parameters": parameters, "clientId": client, "clientSecret": secret }))
    }

    fn authorization(&self, more: &str) -> Value {
        let parameters = format!("client_id={}&response_type=code&{more}", self.client);
        self.call(EndpointId::authorization, &json!({ "parameters": parameters }))
    }

    /// A stored document with one member changed.
    fn with(&self, read: EndpointId, update: EndpointId, member: &str, value: Value) -> Value {
        let mut document = self.call(read, &json!({}));
        document[member] = value;
        self.call(update, &document)
    }

    fn client_with(&self, member: &str, value: Value) -> Value {
        self.with(EndpointId::client_get, EndpointId::client_update, member, value)
    }

    fn service_with(&self, member: &str, value: Value) -> Value {
        self.with(EndpointId::service_get, EndpointId::service_update, member, value)
    }
}

/// `answer` is that to a request with so many of something; beyond the limit it has the result code `beyond`, and at the
/// limit it is what `fine` says.
fn bounded(limit: usize, beyond: &str, answer: impl Fn(usize) -> Value, fine: impl Fn(&Value) -> bool) {
    let (most, more) = (answer(limit), answer(limit + 1));
    assert!(fine(&most), "{limit}: {most}");
    assert_eq!(more["resultCode"], beyond, "{}: {more}", limit + 1);
}

fn action(name: &'static str) -> impl Fn(&Value) -> bool {
    move |answer| answer["action"] == name
}

fn stored(answer: &Value) -> bool {
    answer.get("resultCode").is_none()
}

fn joined(one: impl Fn(usize) -> String, count: usize, by: &str) -> String {
    (0..count).map(one).collect::<Vec<_>>().join(by)
}

#[test]
fn authorization_requests() {
    let limited = Limited::new();
    let interaction = || action("INTERACTION");
    // Two parameters are there already.
    let parameters = |n| limited.authorization(&joined(|i| format!("x{i}=1"), n - 2, "&"));
    bounded(budgets::PARAMETERS, "A004202", parameters, interaction());
    let scopes = |n| limited.authorization(&format!("scope={}", joined(|i| format!("s{i}"), n, "+")));
    bounded(budgets::REQUESTED_SCOPES, "A901341", scopes, interaction());
    let resources = |n| limited.authorization(&joined(|i| format!("resource=https://r.example/{i}"), n, "&"));
    bounded(budgets::RESOURCES, "A251307", resources, interaction());
    let details = |n| {
        let elements = joined(|_| r#"{"type":"payment"}"#.to_owned(), n, ",");
        limited.authorization(&format!("authorization_details=[{elements}]"))
    };
    bounded(budgets::AUTHORIZATION_DETAILS, "A249304", details, interaction());
}

#[test]
fn pushed_requests() {
    let limited = Limited::new();
    let pushed = |n: usize| {
        let parameters = "response_type=code&x=";
        let filler = "x".repeat(n - parameters.len());
        limited.protocol(EndpointId::pushed_auth_req, &format!("{parameters}{filler}"))
    };
    let (most, more) = (pushed(budgets::PARAMETERS_TEXT), pushed(budgets::PARAMETERS_TEXT + 1));
    assert_eq!(most["action"], "CREATED", "{most}");
    assert_eq!(more["action"], "PAYLOAD_TOO_LARGE", "{more}");
}

/// As a case, since keys have to be proven; it says what comes of a payload of so many bytes for each of five keys.
fn credentials(payload: usize, expected: &str) -> String {
    let keys = joined(|i| format!("key k{i} ES256"), 5, "\n");
    let typ = "header.typ=openid4vci-proof+jwt header.kid=-";
    let proof =
        |i| format!("jwt p{i} key=k{i} {typ} header.jwk={{k{i}.jwk}} aud=https://issuer.example iat=now");
    let (proofs, shown) = (joined(proof, 5, "\n"), joined(|i| format!("\"{{p{i}}}\""), 5, ","));
    let filler = "x".repeat(payload - r#"{"a":""}"#.len());
    format!(
        r#"key issuer ES256
{keys}
{proofs}
service verifiableCredentialsEnabled=true oid4vciVersion=$1.0 credentialJwks={{issuer.own}} credentialIssuerMetadata='{{"credentialIssuer":"https://issuer.example","credentialEndpoint":"https://issuer.example/c","batchSize":5,"credentialsSupported":"{{\"id\":{{\"format\":\"dc+sd-jwt\",\"vct\":\"urn:id\",\"proof_types_supported\":{{\"jwt\":{{\"proof_signing_alg_values_supported\":[\"ES256\"]}}}}}}}}"}}'
client c1
call vci_offer_create credentialConfigurationIds='["id"]' preAuthorizedCodeGrantIncluded=true subject=john
save code=info.preAuthorizedCode
call token parameters=grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Apre-authorized_code&pre-authorized_code={{code}} clientId=${{c1.id}} clientSecret={{c1.secret}}
save at=accessToken
call vci_single_parse accessToken={{at}} requestContent='${{"credential_configuration_id":"id","proofs":{{"jwt":[{shown}]}}}}'
save request=info.identifier
call vci_single_issue accessToken={{at}} order='{{"requestIdentifier":"{{request}}","credentialPayload":"{{\"a\":\"{filler}\"}}"}}'
expect {expected}
"#
    )
}

#[test]
fn credentials_of_one_order() {
    let each = budgets::CREDENTIAL_PAYLOADS / 5;
    for (payload, expected) in
        [(each, "action=OK content.credentials.4.credential=*"), (each + 1, "reason=CredentialPayloadUnfit")]
    {
        let text = credentials(payload, expected);
        let case = Case { name: "credentials of one order", text: &text };
        let outcome = run(&case, &mut Covered::default(), &Map::new(), &|_| None);
        assert!(outcome.is_ok(), "{}", outcome.err().map_or(String::new(), |failure| failure.0));
    }
}

#[test]
fn backchannel_requests() {
    let limited = Limited::new();
    limited.client_with("bcDeliveryMode", json!("PING"));
    limited.client_with("bcNotificationEndpoint", json!("https://client.example/ping"));
    let request = |more: String| {
        let parameters = format!("scope=openid&login_hint=john&{more}");
        limited.protocol(EndpointId::backchannel_authentication, &parameters)
    };
    let fine = || action("USER_IDENTIFICATION");
    let message = |n| request(format!("client_notification_token=t&binding_message={}", "m".repeat(n)));
    bounded(budgets::BINDING_MESSAGE, "A930309", message, fine());
    let token = |n| request(format!("client_notification_token={}", "t".repeat(n)));
    bounded(budgets::NOTIFICATION_TOKEN, "A155302", token, fine());
}

#[test]
fn a_code_outlasts_so_many_wrong_verifiers() {
    let limited = Limited::new();
    let redeemed = |wrong: usize| {
        let challenge =
            "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
        let ticket = limited.authorization(challenge)["ticket"].clone();
        let issued =
            limited.call(EndpointId::authorization_issue, &json!({ "ticket": ticket, "subject": "john" }));
        let code = issued["authorizationCode"].as_str().unwrap().to_owned();
        let redeem = |verifier: &str| {
            let parameters = format!("grant_type=authorization_code&code={code}&code_verifier={verifier}");
            limited.protocol(EndpointId::token, &parameters)
        };
        repeat_n("x".repeat(43), wrong).for_each(|verifier| {
            assert_eq!(redeem(&verifier)["action"], "BAD_REQUEST");
        });
        redeem("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")["action"].clone()
    };
    assert_eq!(redeemed(budgets::WRONG_VERIFIERS), "OK");
    assert_eq!(redeemed(budgets::WRONG_VERIFIERS + 1), "BAD_REQUEST");
}

#[test]
fn registrations() {
    let limited = Limited::new();
    limited.service_with("dynamicRegistrationSupported", json!(true));
    let answer = |n: usize| {
        let around = r#"{"redirect_uris":["https://c.example/cb"],"x":""}"#;
        let metadata = around.replace(r#""x":"""#, &format!(r#""x":"{}""#, "x".repeat(n - around.len())));
        limited.call(EndpointId::client_registration, &json!({ "json": metadata }))
    };
    bounded(budgets::REGISTRATION_METADATA, "A922302", answer, action("CREATED"));
}

#[test]
fn documents_of_clients() {
    let limited = Limited::new();
    let uri = |n: usize| {
        let start = "https://client.example/";
        limited.client_with("redirectUris", json!([format!("{start}{}", "x".repeat(n - start.len()))]))
    };
    bounded(budgets::REDIRECT_URI, "A031207", uri, stored);
    let attributes = |n: usize| {
        let empty = json!([{ "key": "k", "value": "" }]).to_string().len();
        limited.client_with("attributes", json!([{ "key": "k", "value": "v".repeat(n - empty) }]))
    };
    bounded(budgets::ATTRIBUTES, "A039231", attributes, stored);
    let alias = |n| limited.client_with("clientIdAlias", json!("a".repeat(n)));
    bounded(budgets::CLIENT_ALIAS, "A031202", alias, stored);
    let keys = |n| {
        let keys = joined(|i| format!(r#"{{"kty":"oct","kid":"{i}","k":"AA"}}"#), n, ",");
        limited.client_with("jwks", json!(format!(r#"{{"keys":[{keys}]}}"#)))
    };
    bounded(placet_jose::budgets::KEYS, "A031215", keys, stored);
    let secret =
        |n| limited.call(EndpointId::client_secret_update, &json!({ "clientSecret": "s".repeat(n) }));
    bounded(budgets::CLIENT_SECRET, "A149601", secret, |answer| answer["newClientSecret"].is_string());
}

#[test]
fn patterns_of_a_service() {
    let limited = Limited::new();
    let scopes = |n| {
        let scope = |i| json!({ "name": format!("s{i}"), "attributes": [{ "key": "regex", "value": format!("s{i}:.*") }] });
        limited.service_with("supportedScopes", json!((0..n).map(scope).collect::<Vec<_>>()))
    };
    bounded(budgets::SERVICE_PATTERNS, "A920250", scopes, stored);
}

#[test]
fn pages_of_lists() {
    let limited = Limited::new();
    for _ in 0..budgets::LIST_PAGE {
        limited.call(EndpointId::client_create, &json!({}));
    }
    let list = limited.call(EndpointId::client_get_list, &json!({ "start": "0", "end": "100000" }));
    assert_eq!(list["clients"].as_array().unwrap().len(), budgets::LIST_PAGE);
    assert_eq!(list["totalCount"], budgets::LIST_PAGE + 1);
    // A service with as many clients as one commit deletes, and one more, goes whole.
    let service = json!({ "serviceId": limited.world.service, "organizationId": limited.world.organization });
    limited.call(EndpointId::organization_service_remove, &service);
    let gone = limited.call(EndpointId::service_get, &json!({}));
    assert!(gone["apiKey"].is_null(), "{gone}");
}

#[test]
fn levels_of_json() {
    let limited = Limited::new();
    limited.service_with("dynamicRegistrationSupported", json!(true));
    let answer = |n: usize| {
        let (open, close) = ("[".repeat(n - 1), "]".repeat(n - 1));
        let metadata = format!(r#"{{"redirect_uris":["https://c.example/cb"],"x":{open}{close}}}"#);
        limited.call(EndpointId::client_registration, &json!({ "json": metadata }))
    };
    bounded(budgets::JSON_DEPTH, "A203303", answer, action("CREATED"));
}

#[test]
fn grants_of_a_user() {
    let limited = Limited::new();
    let issue = |subject: &str| {
        let asked = limited.authorization("scope=read&grant_management_action=create");
        let request = json!({ "ticket": asked["ticket"], "subject": subject });
        limited.call(EndpointId::authorization_issue, &request)
    };
    for _ in 0..budgets::GRANTS {
        assert!(issue("john")["authorizationCode"].is_string());
    }
    assert_eq!(issue("john")["resultCode"], "A934306");
    assert!(issue("jane")["authorizationCode"].is_string());
    // What the operator ends is ended whole, and there is room again.
    let gone = limited.call(EndpointId::client_authorization_delete_post, &json!({ "subject": "john" }));
    assert_eq!(gone["resultCode"], "A137001", "{gone}");
    assert!(issue("john")["authorizationCode"].is_string());
}

#[test]
fn batches_that_wait_are_bounded() {
    let limited = Limited::new();
    let client: i64 = limited.client.parse().unwrap();
    let batch = |number: usize| {
        let item = json!({ "grantType": "CLIENT_CREDENTIALS", "clientId": client, "accessToken": number.to_string() });
        limited.call(EndpointId::token_create_batch, &json!({ "items": [item] }))
    };
    for number in 0..budgets::WAITING_BATCHES {
        assert!(batch(number)["requestId"].is_string());
    }
    assert_eq!(batch(budgets::WAITING_BATCHES)["resultCode"], "A902218");
    // One that is known is none more.
    assert!(batch(0)["requestId"].is_string());
    while limited.world.work().unwrap() {}
    assert!(batch(budgets::WAITING_BATCHES)["requestId"].is_string());
}

#[test]
fn a_batch_that_cannot_go_on_does_not_hold_up_the_others() {
    let limited = Limited::new();
    limited.client_with("inScopeForTokenMigration", true.into());
    let key = placet_jose::generate(JwsAlg::Es256).unwrap();
    limited.service_with("jwks", json!({ "keys": [key] }).to_string().into());
    limited.service_with("accessTokenSignAlg", "ES256".into());
    let client: i64 = limited.client.parse().unwrap();
    let batch = |value: String, dry: bool| {
        let item = json!({ "grantType": "CLIENT_CREDENTIALS", "clientId": client, "accessToken": value });
        let request = json!({ "items": [item], "dryRun": dry });
        limited.call(EndpointId::token_create_batch, &request)["requestId"].clone()
    };
    let result = |batch: &Value| {
        let path = PathValues { batch: batch.as_str(), ..PathValues::default() };
        let token = Some(limited.world.organization_token.as_str());
        let status = limited.world.call(EndpointId::token_create_batch_status, token, path, &Map::new());
        status.body["status"]["result"].clone()
    };
    let stuck: Vec<_> = (0..4).map(|n| batch(format!("s{n}"), false)).collect();
    limited.world.work().unwrap();
    limited.world.switch_signing(false);
    let judged: Vec<_> = (0..4).map(|n| batch(format!("j{n}"), true)).collect();
    assert!(limited.world.work().is_err());
    assert!(judged.iter().all(|batch| result(batch) == "SUCCEEDED"));
    assert!(stuck.iter().all(|batch| result(batch).is_null()));
    // What passes with time is made up for.
    limited.world.switch_signing(true);
    while limited.world.work().unwrap() {}
    assert!(stuck.iter().all(|batch| result(batch) == "SUCCEEDED"));
}

#[test]
fn a_batch_is_as_many_commits_as_its_tokens_need() {
    let limited = Limited::new();
    limited.client_with("inScopeForTokenMigration", true.into());
    let client: i64 = limited.client.parse().unwrap();
    let total = budgets::BATCH_STEP * 2 + 1;
    let item = |number| json!({ "grantType": "CLIENT_CREDENTIALS", "clientId": client, "accessToken": format!("t{number}") });
    let items: Vec<Value> = (0..total).map(item).collect();
    let batch = limited.call(EndpointId::token_create_batch, &json!({ "items": items }))["requestId"].clone();
    let status = || {
        let path = PathValues { batch: batch.as_str(), ..PathValues::default() };
        let token = Some(limited.world.organization_token.as_str());
        let status = limited.world.call(EndpointId::token_create_batch_status, token, path, &Map::new());
        status.body["status"].clone()
    };
    let mut counts = Vec::new();
    while limited.world.work().unwrap() {
        counts.push(status()["tokenCount"].as_u64().unwrap() as usize);
    }
    // Three commits judge, three make.
    assert_eq!(counts, [0, 0, 0, budgets::BATCH_STEP, budgets::BATCH_STEP * 2, total]);
    assert_eq!(status()["result"], "SUCCEEDED");
    let last = json!({ "token": format!("t{}", total - 1) });
    assert_eq!(limited.call(EndpointId::introspection, &last)["action"], "OK");
}

#[test]
fn clients_that_are_known_by_their_documents_are_bounded() {
    let limited = Limited::new();
    limited.service_with("clientIdMetadataDocumentSupported", true.into());
    let asked = |number: usize| {
        let url = format!("https://{number}.example/");
        let document = json!({ "client_id": url, "redirect_uris": ["https://client.example/cb"] });
        limited.world.publish(&url, Some(&document.to_string()));
        // Nobody is asked anything: what is wrong with the request is said when the client is known.
        let parameters = format!("client_id=https%3A%2F%2F{number}.example%2F&response_type=nothing");
        limited.call(EndpointId::authorization, &json!({ "parameters": parameters }))["resultCode"].clone()
    };
    for number in 0..budgets::DISCOVERED_CLIENTS {
        assert_ne!(asked(number), "A913308");
    }
    assert_eq!(asked(budgets::DISCOVERED_CLIENTS), "A913308");
    // Those that are known stay known.
    assert_ne!(asked(0), "A913308");
}

#[test]
fn a_client_whose_chain_is_long_over_makes_room() {
    let step = |name: &str| std::fs::read_to_string(format!("tests/steps/{name}.steps")).ok();
    let met = |number: usize| {
        let said =
            format!(r#"{{"client_id":"https://{number}.example/","redirect_uris":["https://c.example/"]}}"#);
        let asks = format!("client_id=https%3A%2F%2F{number}.example%2F&response_type=nothing");
        format!("document https://{number}.example/ '{said}'\ncall authorization parameters={asks}\n")
    };
    let all = budgets::DISCOVERED_CLIENTS;
    let others: String = (1..all).map(met).collect();
    // Each second another part of all is looked through.
    let seconds = all / budgets::OUTLIVED_CLIENTS;
    let more = |from: usize| -> String {
        (from..from + seconds).map(|n| format!("advance 1\n{}", met(n))).collect()
    };
    let (early, late) = (more(all), more(all + seconds));
    let text = format!(
        r#"do federation-keys
let rp.of='{{"openid_relying_party":{{"redirect_uris":["https://rp.example/cb"],"jwks":{{"keys":[]}}}}}}'
do federation
service federationEnabled=true federationJwks='${{"keys":[{{f1.private}}]}}' trustAnchors='[{{"entityId":"https://anchor.example","jwks":{{ta.quoted}}}}]' federationRegistrationEndpoint=https://as.example/federation/register supportedClientRegistrationTypes='["EXPLICIT"]' clientIdMetadataDocumentSupported=true
call federation_registration entityConfiguration={{rp.asks}}
expect action=OK
save number=client.clientId
{others}advance 2592000
{early}call client_get_list
expect totalCount={all}
call client_get @{{number}}
expect status=200
advance 3601
{late}call client_get_list
expect totalCount={all}
call client_get @{{number}}
expect status=404
"#
    );
    let case = Case { name: "room", text: &text };
    let outcome = run(&case, &mut Covered::default(), &Map::new(), &step);
    assert!(outcome.is_ok(), "{}", outcome.err().map_or(String::new(), |failure| failure.0));
}

#[test]
fn clients_of_one_superior_leave_places_to_those_of_others() {
    // So many anchors that few places are to be filled.
    let anchors = 100;
    let of_anchor = budgets::DISCOVERED_CLIENTS / anchors;
    let part = of_anchor / budgets::SUPERIOR_PARTS;
    let others: String = (2..anchors)
        .map(|n| format!(r#",{{"entityId":"https://a{n}.example","jwks":{{tb.quoted}}}}"#))
        .collect();
    let about = |anchor: &str, key: &str, sub: &str| {
        format!("statement s.{sub} key={key} iss=https://{anchor} sub=https://{sub} jwks={{im.jwks}}\n")
    };
    // A client whose chain is the rest of this, `by` being its own superior.
    let comes = |name: &str, (by, key): (&str, &str), above: &str, reason: &str| {
        format!(
            r#"statement own key=rp iss=https://{name} sub=https://{name} aud=https://as.example jwks={{rp.jwks}} authority_hints='["https://{by}"]' metadata={{rp.of}}
statement of key={key} iss=https://{by} sub=https://{name} jwks={{rp.jwks}}
call federation_registration trustChain='$["{{own}}","{{of}}"{above}]'
expect reason={reason}
"#
        )
    };
    let (ok, full) = ("ExplicitlyRegistered", "SuperiorClientsExcessive");
    let bad = ("im.example", "im");
    let through = |name: &str| format!(r#","{{s.{name}}}""#);
    let first: String =
        (0..part).map(|n| comes(&format!("b{n}.example"), bad, &through("im.example"), ok)).collect();
    let beyond = comes("beyond.example", bad, &through("im.example"), full);
    // Superiors that the bad one makes up do not multiply its part.
    let deeper = about("im.example", "im", "puppet.example");
    let above = through("puppet.example") + &through("im.example");
    let puppet = comes("beyond.example", ("puppet.example", "im"), &above, full);
    // Others: below another superior, below the anchor itself until all its places are taken, below another anchor.
    let good = comes("good.example", ("good-im.example", "im"), &through("good-im.example"), ok);
    let direct: String = (part + 1..of_anchor)
        .map(|n| comes(&format!("d{n}.example"), ("anchor.example", "ta"), "", ok))
        .collect();
    let last = comes("last.example", ("anchor.example", "ta"), "", full);
    let other = comes("other.example", ("b.example", "tb"), "", ok);
    let (im, good_im) =
        (about("anchor.example", "ta", "im.example"), about("anchor.example", "ta", "good-im.example"));
    // Who was there long enough makes room: among those of the same superior.
    let fresh =
        |name: &str, reason: &str| format!("{im}{}", comes(name, bad, &through("im.example"), reason));
    let (soon, later) = (fresh("new.example", full), fresh("new.example", ok));
    let text = format!(
        r#"do federation-keys
key tb ES256 kid=tb
let rp.of='{{"openid_relying_party":{{"redirect_uris":["https://rp.example/cb"],"jwks":{{"keys":[]}}}}}}'
service federationEnabled=true federationJwks='${{"keys":[{{f1.private}}]}}' federationRegistrationEndpoint=https://as.example/federation/register supportedClientRegistrationTypes='["EXPLICIT"]' trustAnchors='[{{"entityId":"https://anchor.example","jwks":{{ta.quoted}}}},{{"entityId":"https://b.example","jwks":{{tb.quoted}}}}{others}]'
{im}{good_im}{deeper}{first}{beyond}{puppet}{good}{direct}{last}{other}advance 2500000
{soon}advance 100000
{later}"#
    );
    let case = Case { name: "superiors", text: &text };
    let outcome = run(&case, &mut Covered::default(), &Map::new(), &|_| {
        std::fs::read_to_string("tests/steps/federation-keys.steps").ok()
    });
    assert!(outcome.is_ok(), "{}", outcome.err().map_or(String::new(), |failure| failure.0));
}

#[test]
fn members_are_bounded() {
    let limited = Limited::new();
    let invite = |number: usize| {
        let request = json!({
            "organizationId": limited.world.organization, "email": format!("{number}@example.com"), "role": "VIEWER",
        });
        limited.call(EndpointId::member_invite, &request)
    };
    for number in 0..budgets::MEMBERS {
        assert!(invite(number)["invitationCode"].is_string());
    }
    assert_eq!(invite(budgets::MEMBERS)["resultCode"], "A920260");
}
