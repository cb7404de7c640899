//! `placet federation`: an anchor, an intermediate below it, a relying party below that, and a service that registers it.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;
#[path = "common/entity.rs"]
mod entity;

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use common::{Dir, Placet};
use data_encoding::BASE64URL_NOPAD;
use entity::Entity;
use placet_sdk::form;
use placet_server::keys::key_set;
use serde_json::{Value, json};

const GOOD: &str = "https://marks.example/good";

/// A running authority, ended with the value.
struct Authority {
    child: Child,
    dir: Dir,
    id: String,
    /// Its public keys.
    jwks: String,
}

impl Authority {
    fn start(name: &str, port: u16, (file, more): (&str, &[&str])) -> Self {
        let dir = Dir::new(name);
        std::fs::write(dir.0.join("federation.toml"), file).unwrap();
        let log = std::fs::File::create(dir.0.join("log")).unwrap();
        let mut command = Self::command(&dir, port);
        let mut child = command.args(more).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let greeting: Vec<_> = lines.take_while(|line| !line.contains("Ctrl-C")).collect();
        let said = |name: &str| {
            let line = greeting.iter().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_default().trim().to_owned()
        };
        let (id, jwks) = (said("Entity"), said("Keys"));
        Self { child, dir, id, jwks }
    }

    fn command(dir: &Dir, port: u16) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_placet"));
        command.args(["federation", "--tls", "--listen", &format!("127.0.0.1:{port}"), "--dir"]).arg(&dir.0);
        command.arg("--file").arg(dir.0.join("federation.toml"));
        command
    }

    /// Waits until the log says this.
    async fn logs(&self, what: &str) {
        let said = || std::fs::read_to_string(self.dir.0.join("log")).unwrap();
        for _ in 0..600 {
            if said().contains(what) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{what}: {}", said());
    }

    fn ca(&self) -> String {
        self.dir.0.join("tls/ca.pem").display().to_string()
    }

    /// Status, type and text of an answer.
    async fn get(&self, path: &str, query: &[(&str, &str)]) -> (u16, String, String) {
        let url = format!("{}/{path}?{}", self.id, form::encode(query.iter().copied()));
        Self::answered(self.client().get(url)).await
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> (u16, String, String) {
        let request = self.client().post(format!("{}/{path}", self.id));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        Self::answered(request.body(form::encode(form.iter().copied()))).await
    }

    fn client(&self) -> reqwest::Client {
        let ca = reqwest::Certificate::from_pem(&std::fs::read(self.ca()).unwrap()).unwrap();
        reqwest::Client::builder().add_root_certificate(ca).build().unwrap()
    }

    async fn answered(request: reqwest::RequestBuilder) -> (u16, String, String) {
        let answer = request.send().await.unwrap();
        let content_type =
            answer.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned());
        let content_type = content_type.unwrap_or_default();
        (answer.status().as_u16(), content_type, answer.text().await.unwrap())
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn claims(jwt: &str) -> Value {
    let payload = BASE64URL_NOPAD.decode(jwt.split('.').nth(1).unwrap().as_bytes()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// An anchor, and an intermediate whose subordinate is the relying party.
fn federation(test: &str, rp: &Entity) -> (Authority, Authority) {
    let port = free_port();
    let below = format!(
        r#"authority_hints = ["https://localhost:{port}"]
[[subordinates]]
entity_id = "{}"
jwks = {{ keys = [{}] }}
entity_types = ["openid_relying_party"]
trust_marks = ["{GOOD}"]
[subordinates.metadata_policy.openid_relying_party]
client_name = {{ value = "By the intermediate" }}
"#,
        rp.id,
        toml_of(&rp.jwks()["keys"][0])
    );
    let intermediate = Authority::start(&format!("{test}-intermediate"), free_port(), (&below, &[]));
    let jwks: Value = serde_json::from_str(&intermediate.jwks).unwrap();
    let above = format!(
        r#"organization_name = "Example federation"
[trust_mark_issuers]
"{GOOD}" = ["{}"]
[[subordinates]]
entity_id = "{}"
jwks = {{ keys = [{}] }}
entity_types = ["federation_entity"]
intermediate = true
constraints = {{ max_path_length = 1, naming_constraints = {{ permitted = ["localhost", "rp.example"] }} }}
"#,
        intermediate.id,
        intermediate.id,
        toml_of(&jwks["keys"][0])
    );
    (
        Authority::start(&format!("{test}-anchor"), port, (&above, &["--trust", &intermediate.ca()])),
        intermediate,
    )
}

/// A flat object as an inline table.
fn toml_of(jwk: &Value) -> String {
    let members = jwk.as_object().unwrap().iter().map(|(name, value)| format!("{name} = {value}"));
    format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
}

#[tokio::test]
async fn a_client_registers_by_a_chain_of_such_authorities() {
    let rp = Entity::new("https://rp.example");
    let (anchor, intermediate) = federation("registers", &rp);
    let service_dir = Dir::new("fed-service");
    let placet = Placet::dev_with(&service_dir, &["--trust", &anchor.ca(), "--trust", &intermediate.ca()]);
    let mut connection = placet.connect();
    let path = format!("/api/{}/service/update", placet.value("AUTHLETE_SERVICE_ID"));
    let service = json!({
        "serviceName": "OP", "issuer": "https://as.example", "federationEnabled": true,
        "federationJwks": key_set(&["ES256"]).unwrap(), "authorityHints": [anchor.id],
        "federationRegistrationEndpoint": "https://as.example/federation/register",
        "supportedClientRegistrationTypes": ["EXPLICIT"], "jwks": key_set(&["ES256"]).unwrap(),
        "trustAnchors": [{ "entityId": anchor.id, "jwks": anchor.jwks, "trustMarkTypes": [GOOD] }],
    });
    let updated = connection.post(&path, placet.value("AUTHLETE_ORG_TOKEN"), &service);
    assert_eq!(updated.status, 200, "{}", updated.body);
    // The intermediate has given the relying party its trust mark, and takes it away again.
    let asked = [("trust_mark_type", GOOD), ("sub", rp.id.as_str())];
    let (status, content_type, mark) = intermediate.get("trust_mark", &asked).await;
    assert_eq!((status, content_type.as_str()), (200, "application/trust-mark+jwt"), "{mark}");
    let file = intermediate.dir.0.join("federation.toml");
    let given = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, given.replace(GOOD, "https://marks.example/other")).unwrap();
    intermediate.logs("read again").await;
    let mut registered = |mark: &str| {
        let own = json!({
            "aud": "https://as.example", "jwks": rp.jwks(), "authority_hints": [intermediate.id],
            "metadata": {
                "openid_relying_party": { "redirect_uris": ["https://rp.example/cb"], "client_name": "RP" }
            },
            "trust_marks": [{ "trust_mark_type": GOOD, "trust_mark": mark }],
        });
        let configuration = rp.states(&rp.id, claims(mark)["iat"].as_i64().unwrap(), &own);
        let asks = json!({ "entityConfiguration": configuration });
        placet.call(&mut connection, "federation/registration", &asks).json()
    };
    let answer = registered(&mark);
    assert_eq!(
        (&answer["action"], &answer["resultCode"]),
        (&json!("BAD_REQUEST"), &json!("A908325")),
        "{answer}"
    );
    std::fs::write(&file, given).unwrap();
    let (mut status, mut again) = (0, String::new());
    while status != 200 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        (status, _, again) = intermediate.get("trust_mark", &asked).await;
    }
    let answer = registered(&again);
    assert_eq!(answer["action"], "OK", "{answer}");
    assert_eq!(answer["client"]["clientName"], "By the intermediate");
    assert_eq!(answer["client"]["trustAnchorId"], anchor.id.as_str());
}

#[tokio::test]
async fn an_authority_answers_what_the_specification_asks_it() {
    let rp = Entity::new("https://rp.example");
    let (anchor, intermediate) = federation("answers", &rp);
    let (status, content_type, own) = anchor.get(".well-known/openid-federation", &[]).await;
    assert_eq!((status, content_type.as_str()), (200, "application/entity-statement+jwt"));
    let own = claims(&own);
    assert_eq!((own["iss"].as_str(), own["sub"].as_str()), (Some(&*anchor.id), Some(&*anchor.id)));
    assert_eq!(own["metadata"]["federation_entity"]["organization_name"], "Example federation");
    assert!(own.get("authority_hints").is_none());
    let (status, _, about) = anchor.get("fetch", &[("sub", &intermediate.id)]).await;
    assert_eq!(status, 200);
    assert_eq!(claims(&about)["constraints"]["max_path_length"], 1);
    for (path, query, status, error) in [
        ("fetch", vec![("sub", "https://nobody.example")], 404, "not_found"),
        ("fetch", vec![("sub", anchor.id.as_str())], 400, "invalid_request"),
        ("fetch", vec![], 400, "invalid_request"),
        ("resolve", vec![("sub", intermediate.id.as_str())], 400, "invalid_request"),
        (
            "resolve",
            vec![("sub", intermediate.id.as_str()), ("trust_anchor", "https://other.example")],
            404,
            "invalid_trust_anchor",
        ),
        (
            "resolve",
            vec![("sub", "https://localhost:1"), ("trust_anchor", anchor.id.as_str())],
            400,
            "invalid_trust_chain",
        ),
        ("trust_mark", vec![("sub", intermediate.id.as_str()), ("trust_mark_type", GOOD)], 404, "not_found"),
    ] {
        let answer = anchor.get(path, &query).await;
        let said: Value = serde_json::from_str(&answer.2).unwrap();
        assert_eq!((answer.0, said["error"].as_str()), (status, Some(error)), "{path} {query:?} {said}");
    }
    for (query, expected) in [
        (vec![], 1),
        (vec![("intermediate", "true")], 1),
        (vec![("intermediate", "false")], 0),
        (vec![("entity_type", "openid_provider")], 0),
        (vec![("entity_type", "openid_provider"), ("entity_type", "federation_entity")], 1),
        (vec![("trust_marked", "true")], 0),
    ] {
        let (_, _, all) = anchor.get("list", &query).await;
        let all: Value = serde_json::from_str(&all).unwrap();
        assert_eq!(all.as_array().unwrap().len(), expected, "{query:?}");
    }
    // Resolved by the anchor, whose subordinate it fetches.
    let asked = [("sub", intermediate.id.as_str()), ("trust_anchor", anchor.id.as_str())];
    let (status, content_type, resolved) = anchor.get("resolve", &asked).await;
    assert_eq!((status, content_type.as_str()), (200, "application/resolve-response+jwt"), "{resolved}");
    let resolved = claims(&resolved);
    assert_eq!(resolved["iss"], anchor.id.as_str());
    assert_eq!(resolved["trust_chain"].as_array().unwrap().len(), 3);
    let fetch = &resolved["metadata"]["federation_entity"]["federation_fetch_endpoint"];
    assert_eq!(fetch, &format!("{}/fetch", intermediate.id));
}

/// §8.3 of the anchor itself: asked of it, and of another to which it is an anchor as well.
#[tokio::test]
async fn an_anchor_is_resolved_to_what_it_says_of_itself() {
    let anchor = Authority::start("top", free_port(), ("organization_name = \"Example federation\"\n", &[]));
    let jwks: Value = serde_json::from_str(&anchor.jwks).unwrap();
    let known = format!(
        "[[trust_anchors]]\nentity_id = \"{}\"\njwks = {{ keys = [{}] }}\n",
        anchor.id,
        toml_of(&jwks["keys"][0])
    );
    let other = Authority::start("beside", free_port(), (&known, &["--trust", &anchor.ca()]));
    for authority in [&anchor, &other] {
        let asked = [("sub", anchor.id.as_str()), ("trust_anchor", anchor.id.as_str())];
        let (status, _, resolved) = authority.get("resolve", &asked).await;
        assert_eq!(status, 200, "{resolved}");
        let resolved = claims(&resolved);
        assert_eq!((&resolved["iss"], &resolved["sub"]), (&json!(authority.id), &json!(anchor.id)));
        let chain = resolved["trust_chain"].as_array().unwrap();
        assert_eq!(chain.len(), 1);
        let own = claims(chain[0].as_str().unwrap());
        assert_eq!((&own["sub"], &own["exp"]), (&json!(anchor.id), &resolved["exp"]));
        assert_eq!(resolved["metadata"]["federation_entity"], own["metadata"]["federation_entity"]);
    }
    let other = [
        ("sub", anchor.id.as_str()),
        ("trust_anchor", anchor.id.as_str()),
        ("entity_type", "openid_provider"),
    ];
    let (_, _, resolved) = anchor.get("resolve", &other).await;
    assert_eq!(claims(&resolved)["metadata"], json!({}));
}

#[tokio::test]
async fn an_authority_says_of_its_trust_marks_what_they_are_now() {
    let one = |name: &str, marks: &str| {
        format!(
            "[[subordinates]]\nentity_id = \"https://{name}.example\"\njwks = {{ keys = [] }}\ntrust_marks = [{marks}]\n"
        )
    };
    let good = format!("\"{GOOD}\"");
    let brief = |subordinates: &str| format!("lifetime_seconds = 3\n{subordinates}");
    let authority = Authority::start("marks", free_port(), (&brief(&(one("a", &good) + &one("b", ""))), &[]));
    let other = Authority::start("others", free_port(), (&one("a", &good), &[]));
    for (query, expected) in [
        (vec![("trust_mark_type", GOOD)], r#"["https://a.example"]"#),
        (vec![("trust_mark_type", GOOD), ("sub", "https://a.example")], r#"["https://a.example"]"#),
        (vec![("trust_mark_type", GOOD), ("sub", "https://b.example")], "[]"),
        (vec![("trust_mark_type", "https://marks.example/other")], "[]"),
    ] {
        assert_eq!(authority.get("trust_mark_list", &query).await.2, expected, "{query:?}");
    }
    assert_eq!(authority.get("trust_mark_list", &[]).await.0, 400);
    let asked = [("trust_mark_type", GOOD), ("sub", "https://a.example")];
    let mark = authority.get("trust_mark", &asked).await.2;
    let (status, content_type, said) = authority.post("trust_mark_status", &[("trust_mark", &mark)]).await;
    assert_eq!(
        (status, content_type.as_str()),
        (200, "application/trust-mark-status-response+jwt"),
        "{said}"
    );
    let said = claims(&said);
    assert_eq!((said["iss"].as_str(), said["trust_mark"].as_str()), (Some(&*authority.id), Some(&*mark)));
    assert_eq!(said["status"], "active");
    // What it has not issued, and what is no mark.
    let others = other.get("trust_mark", &asked).await.2;
    for (form, status) in [
        (vec![("trust_mark", others.as_str())], 404),
        (vec![("trust_mark", "mark")], 404),
        (vec![("sub", "https://a.example"), ("trust_mark_type", GOOD)], 400),
        (vec![("trust_mark", mark.as_str()), ("trust_mark", mark.as_str())], 400),
    ] {
        assert_eq!(authority.post("trust_mark_status", &form).await.0, status, "{form:?}");
    }
    let long = "x".repeat(66_560);
    assert_eq!(authority.post("trust_mark_status", &[("trust_mark", &long)]).await.0, 413);
    assert_eq!(authority.get("trust_mark_status", &[("trust_mark", &mark)]).await.0, 405);
    let said = async |mark: &str| {
        let answer = authority.post("trust_mark_status", &[("trust_mark", mark)]).await;
        claims(&answer.2)["status"].as_str().unwrap().to_owned()
    };
    let forged = format!("{}A", mark.rsplit_once('.').unwrap().0.to_owned() + "." + &"A".repeat(85));
    assert_eq!(said(&forged).await, "invalid");
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(said(&mark).await, "expired");
    let mark = authority.get("trust_mark", &asked).await.2;
    std::fs::write(authority.dir.0.join("federation.toml"), brief(&one("a", ""))).unwrap();
    authority.logs("read again").await;
    assert_eq!(said(&mark).await, "revoked");
}

#[tokio::test]
async fn a_file_that_changes_is_taken_where_it_can_be_read() {
    let one = |name: &str| {
        format!("[[subordinates]]\nentity_id = \"https://{name}.example\"\njwks = {{ keys = [] }}\n")
    };
    let authority = Authority::start("changes", free_port(), (&one("a"), &[]));
    let file = authority.dir.0.join("federation.toml");
    let listed = async || authority.get("list", &[]).await.2;
    assert_eq!(listed().await, r#"["https://a.example"]"#);
    std::fs::write(&file, one("a") + &one("b")).unwrap();
    authority.logs("read again").await;
    assert_eq!(listed().await, r#"["https://a.example","https://b.example"]"#);
    assert_eq!(authority.get("fetch", &[("sub", "https://b.example")]).await.0, 200);
    // One that cannot be read, and one that says what is no statement.
    for (broken, said) in [
        ("subordinate = 1".to_owned(), "federation.toml: TOML parse error at line 1"),
        (one("C"), "https://C.example: The 'sub'"),
    ] {
        std::fs::write(&file, broken).unwrap();
        authority.logs(said).await;
        assert_eq!(listed().await, r#"["https://a.example","https://b.example"]"#);
    }
    std::fs::write(&file, one("b")).unwrap();
    authority.logs("subordinates=1").await;
    assert_eq!(listed().await, r#"["https://b.example"]"#);
    assert_eq!(authority.get("fetch", &[("sub", "https://a.example")]).await.0, 404);
}

#[test]
fn a_file_that_says_nothing_readable_is_refused() {
    for (name, file, expected) in [
        ("unknown", "subordinate = 1", "unknown field"),
        ("keyless", "[[subordinates]]\nentity_id = \"https://a.example\"", "one of jwks and jwks_file"),
        (
            "unnamed",
            "[[subordinates]]\nentity_id = \"https://A.example\"\njwks = { keys = [] }",
            "https://A.example: The 'sub'",
        ),
        (
            "constrained",
            "[[subordinates]]\nentity_id = \"https://a.example\"\njwks = { keys = [] }\nconstraints = { max_path_length = -1 }",
            "'constraints'",
        ),
    ] {
        let dir = Dir::new(&format!("fed-{name}"));
        std::fs::write(dir.0.join("federation.toml"), file).unwrap();
        let ended = Authority::command(&dir, 0).output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(!ended.status.success() && said.contains(expected), "{name}: {said}");
    }
}
