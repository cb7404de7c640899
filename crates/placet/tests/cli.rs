//! The commands that talk to a running server, against a real one.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use common::browser::Browser;
use common::{Connection, Dir, Placet};
use placet_ambient::Stopwatch;
use serde_json::{Value, json};

/// A server, and commands that find it in the environment.
struct Shell {
    dir: Dir,
    placet: Placet,
}

/// What a command has said.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {} {}", self.out, self.err))
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        Self { code: output.status.code().unwrap(), out, err }
    }
}

impl Shell {
    fn new(name: &str) -> Self {
        let dir = Dir::new(name);
        let placet = Placet::dev(&dir);
        Self { dir, placet }
    }

    /// With nothing of the environment that the test runs in.
    fn bare(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_placet"));
        command.args(arguments).env_clear().env("HOME", &self.dir.0).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare(arguments);
        command.envs(self.placet.env.iter().filter(|(name, _)| name.starts_with("AUTHLETE_")));
        command
    }

    fn said(&self, arguments: &[&str]) -> Said {
        self.command(arguments).output().unwrap().into()
    }

    /// What it brings, which it must.
    fn brings(&self, arguments: &[&str]) -> Value {
        let said = self.said(&[arguments, &["-o", "json"]].concat());
        assert_eq!(said.code, 0, "{arguments:?}: {}", said.err);
        said.json()
    }

    fn ends(&self, arguments: &[&str]) -> (i32, String) {
        let said = self.said(arguments);
        (said.code, said.err + &said.out)
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path: PathBuf = self.dir.0.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

#[test]
fn services_are_changed_by_what_differs_and_twice_is_once() {
    let shell = Shell::new("cli-service");
    assert_eq!(shell.brings(&["service", "list"])[0]["serviceName"], "Demo service");
    let said = shell.said(&["service", "get", "-o", "yaml"]);
    assert!(
        said.out.contains("serviceName: \"Demo service\"") && !said.out.contains("\\\"d\\\""),
        "{}",
        said.out
    );

    // Nobody can be asked, nothing is done; a dry run does nothing either.
    let set = ["service", "set", "pkceRequired=true", "accessTokenDuration=60"];
    assert_eq!(shell.ends(&set).0, 2);
    let (code, text) = shell.ends(&[&set[..], &["--dry-run"]].concat());
    assert!(code == 0 && text.contains("+ pkceRequired: true"), "{text}");
    assert!(shell.brings(&["service", "get"]).get("pkceRequired").is_none());
    assert!(shell.ends(&[&set[..], &["--yes"]].concat()).1.contains("changed"));
    assert_eq!(shell.brings(&["service", "get"])["accessTokenDuration"], 60);
    assert!(shell.ends(&[&set[..], &["--yes"]].concat()).1.contains("nothing to change"));

    let file = shell.file("s.yaml", &shell.said(&["service", "get", "--show-secrets", "-o", "yaml"]).out);
    assert_eq!(shell.ends(&["service", "diff", "-f", &file]).0, 0);
    let patch = shell.file("p.json", r#"{"accessTokenDuration":null,"description":"x"}"#);
    assert_eq!(shell.ends(&["service", "patch", "-f", &patch, "--yes"]).0, 0);
    let (code, text) = shell.ends(&["service", "diff", "-f", &file]);
    assert!(code == 7 && text.contains("+ accessTokenDuration: 60"), "{text}");
    let applied = shell.said(&["service", "apply", "-f", &file, "--exact", "--yes", "-o", "json"]);
    assert_eq!(applied.json().as_array().unwrap().len(), 2, "{}", applied.out);
    assert_eq!(shell.brings(&["service", "apply", "-f", &file, "--exact", "--yes"]), json!([]));

    // Another service's file, and one that is no service's.
    let other = shell.file("o.json", r#"{"apiKey":1,"description":"y"}"#);
    assert_eq!(shell.ends(&["service", "apply", "-f", &other, "--yes"]).0, 2);
    let (code, text) = shell.ends(&["service", "set", "pkceRequiredx=true", "--yes"]);
    assert!(code == 2 && text.contains("no member pkceRequiredx; is pkceRequired meant?"), "{text}");
}

#[test]
fn services_come_and_go() {
    let shell = Shell::new("cli-services");
    let made = shell.brings(&["service", "create", "serviceName=Another"]);
    let id = made["apiKey"].to_string();
    assert!(made["apiSecret"].as_str().unwrap().starts_with('•'), "{made}");
    let clone = shell.brings(&["service", "clone", "--name", "Like the demo", "description=d"]);
    let get = |id: &str| shell.brings(&["service", "get", "--show-secrets", "--service", id]);
    let (one, other) = (get(shell.placet.value("AUTHLETE_SERVICE_ID")), get(&clone["apiKey"].to_string()));
    assert_eq!(one["supportedGrantTypes"], other["supportedGrantTypes"]);
    assert_ne!(one["jwks"], other["jwks"], "a clone has keys of its own");
    assert_eq!(shell.ends(&["service", "delete", &id]).0, 2);
    assert_eq!(shell.ends(&["service", "delete", &id, "--yes"]).0, 0);
    assert_eq!(shell.brings(&["service", "list"]).as_array().unwrap().len(), 2);

    assert_eq!(shell.ends(&["service", "profile", "fapi2", "--yes"]).0, 0);
    let now = shell.brings(&["service", "profile"]);
    assert_eq!(now["fapiModes"], json!(["FAPI2_SECURITY"]));
    // One more takes nothing away; what would is not done unless it is said.
    assert_eq!(shell.ends(&["service", "profile", "fapi1-baseline", "--yes"]).0, 0);
    assert_eq!(shell.brings(&["service", "profile"])["fapiModes"].as_array().map(Vec::len), Some(2));
    let (code, text) = shell.ends(&["service", "profile", "basic", "--yes"]);
    assert!(code == 2 && text.contains("--loosen"), "{text}");
    assert_eq!(shell.ends(&["service", "profile", "basic", "--loosen", "--yes"]).0, 0);
    assert_eq!(shell.brings(&["service", "profile"])["fapiModes"], json!([]));
}

#[test]
fn clients_are_made_from_templates_and_kept_by_files() {
    let shell = Shell::new("cli-client");
    let template =
        ["client", "create", "--template", "web", "--name", "Shop", "--redirect-uri", "https://a.example/cb"];
    let made = shell.brings(&template);
    let id = made["clientId"].to_string();
    assert_eq!((&made["pkceRequired"], &made["clientType"]), (&json!(true), &json!("CONFIDENTIAL")));
    assert_eq!(shell.brings(&["client", "get", &id])["clientSecret"].as_str().unwrap(), "••••••");
    let rotated = shell.brings(&["client", "secret", "rotate", &id, "--yes"]);
    assert_ne!(rotated["clientSecret"], made["clientSecret"]);
    assert_eq!(shell.ends(&["client", "lock", &id, "--yes"]).0, 0);
    assert_eq!(shell.brings(&["client", "get", &id])["locked"], true);
    assert_eq!(shell.ends(&["client", "unlock", &id, "--yes"]).0, 0);
    assert_eq!(shell.ends(&["client", "set", &id, "clientName=Shop 2", "--yes"]).0, 0);

    // A file makes the client where there is none, and changes nothing the second time.
    let file = shell.file(
        "c.yaml",
        "clientIdAlias: shop\nclientName: Shop 3\nclientType: PUBLIC\ntokenAuthMethod: NONE\n",
    );
    assert_eq!(shell.ends(&["client", "apply", "-f", &file, "--yes"]).0, 0);
    let (code, text) = shell.ends(&["client", "apply", "-f", &file, "--yes"]);
    assert!(code == 0 && text.contains("nothing to change"), "{text}");
    assert_eq!(shell.ends(&["client", "diff", "shop", "-f", &file]).0, 0);
    assert_eq!(shell.brings(&["client", "list"]).as_array().unwrap().len(), 6);
    assert_eq!(shell.ends(&["client", "delete", "shop", "--yes"]).0, 0);
    let (code, text) = shell.ends(&["client", "get", "shop"]);
    assert!(code == 5 && text.contains("placet explain A001218"), "{text}");
}

#[test]
fn names_of_clients_are_shown_and_not_obeyed() {
    let shell = Shell::new("cli-hostile");
    let hostile = "\u{1b}[2J\u{9b}31m\u{202e}evil\r\nID 1";
    let file = shell.file("c.json", &json!({ "clientName": hostile, "description": hostile }).to_string());
    let made = shell.said(&["client", "create", "-f", &file, "-o", "json"]);
    let id = made.json()["clientId"].to_string();
    assert_eq!(made.json()["clientName"], hostile);
    for format in ["human", "json", "yaml"] {
        for arguments in [vec!["client", "list"], vec!["client", "get", &id]] {
            let said = shell.said(&[&arguments[..], &["-o", format]].concat());
            assert!(said.out.contains("evil"), "{format}: {}", said.out);
            let obeyed = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!said.out.contains(obeyed), "{format}: {:?}", said.out);
        }
    }
}

#[test]
fn keys_are_replaced_in_steps() {
    let shell = Shell::new("cli-key");
    let keys = || shell.brings(&["key", "list"]);
    let of = |state: &str| {
        let keys = keys();
        let found =
            keys.as_array().unwrap().iter().find(|key| key["alg"] == "ES256" && key["state"] == state);
        found.map(|key| key["kid"].as_str().unwrap().to_owned())
    };
    let first = of("active").unwrap();
    assert_eq!(shell.ends(&["key", "rotate", "ES256", "--yes"]).0, 0);
    let next = of("published").unwrap();
    assert_eq!(of("active").unwrap(), first);
    assert_eq!(shell.ends(&["key", "rotate", "ES256", "--activate", &next, "--yes"]).0, 0);
    assert_eq!((of("active").unwrap(), of("published").unwrap()), (next.clone(), first.clone()));
    assert_eq!(shell.ends(&["key", "remove", &first, "--yes"]).0, 0);
    assert_eq!((of("active"), of("published")), (Some(next), None));
    assert_eq!(shell.ends(&["key", "remove", &first, "--yes"]).0, 5);
    let made = Command::new(env!("CARGO_BIN_EXE_placet")).args(["generate-keys", "ES384"]).output().unwrap();
    let file = shell.file("k.json", &String::from_utf8(made.stdout).unwrap());
    assert_eq!(shell.ends(&["key", "import", &file, "--yes"]).0, 0);
    assert_eq!(shell.ends(&["key", "import", &file, "--yes"]).0, 2);
    let pem = shell.file("k.pem", &rcgen::KeyPair::generate().unwrap().serialize_pem());
    assert_eq!(shell.ends(&["key", "import", &pem, "--alg", "PS256", "--yes"]).0, 2, "the key is of a curve");
    assert_eq!(shell.ends(&["key", "import", &pem, "--yes"]).0, 0);
    assert!(!keys().to_string().contains("\"d\""));
}

#[test]
fn tokens_grants_and_scopes_are_looked_at_and_taken_away() {
    let shell = Shell::new("cli-token");
    let client = shell.placet.value("DEMO_CLIENT_ID");
    let issue = ["token", "issue", "--client", client, "--subject", "john", "--scope", "orders:read"];
    let token = shell.brings(&issue)["accessToken"].as_str().unwrap().to_owned();
    assert_eq!(shell.brings(&["token", "introspect", &token])["subject"], "john");
    let mut command = shell.command(&["token", "introspect", "-"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(token.as_bytes()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(shell.brings(&["token", "list", "--subject", "john"]).as_array().unwrap().len(), 1);
    let (code, text) = shell.ends(&["token", "introspect", &token, "--scope", "orders:write"]);
    assert!(code == 3 && text.contains("placet explain A"), "{text}");
    let granted = shell.brings(&["grant", "list", "--subject", "john"]);
    assert_eq!(granted[0]["clientId"].to_string(), client, "{granted}");
    assert_eq!(shell.ends(&["grant", "revoke", "--subject", "john", "--client", client, "--yes"]).0, 0);
    assert_eq!(shell.ends(&["token", "introspect", &token]).0, 3);
    shell.brings(&issue);
    let revoked = shell.brings(&["token", "revoke", "--subject", "john", "--yes"]);
    assert_eq!(revoked["count"], 1, "{revoked}");
    assert_eq!(shell.ends(&["token", "decode", "opaque"]).0, 2);

    let add = [
        "scope",
        "add",
        "cakes",
        "--description",
        "Bake",
        "--attribute",
        "access_token.duration=60",
        "--yes",
    ];
    assert_eq!(shell.ends(&add).0, 0);
    assert!(shell.said(&["scope", "list"]).out.contains("cakes"));
    assert!(shell.ends(&add).1.contains("nothing to change"));
    assert_eq!(shell.ends(&["scope", "remove", "cakes", "--yes"]).0, 0);
    assert_eq!(shell.ends(&["scope", "remove", "cakes", "--yes"]).0, 5);
}

#[test]
fn members_and_tokens_of_the_api_come_and_go() {
    let shell = Shell::new("cli-member");
    let invited = shell.brings(&["member", "invite", "a@example.com", "--role", "viewer"]);
    let code = shell.file("code", invited["invitationCode"].as_str().unwrap());
    let member = shell.brings(&["member", "accept", &code]);
    assert!(member["accessToken"].is_string(), "{member}");
    let id = member["memberId"].as_str().unwrap();
    assert_eq!(shell.ends(&["member", "role", id, "developer"]).0, 0);
    // John of the demonstration is one already.
    let members = shell.brings(&["member", "list"]);
    let changed = members.as_array().unwrap().iter().find(|one| one["memberId"] == id).unwrap();
    assert_eq!(changed["role"], "DEVELOPER");
    assert_eq!(shell.ends(&["member", "remove", id, "--yes"]).0, 0);
    assert_eq!(shell.brings(&["org", "show"])["services"][0]["name"], "Demo service");

    let made = shell.brings(&["api-token", "create", "--description", "d", "--preset", "resource-server"]);
    let token = made["tokenId"].as_str().unwrap();
    assert_eq!(made["permissions"], json!(["use_introspection"]));
    assert!(made["expiresAt"].is_number(), "{made}");
    let rotated = shell.brings(&["api-token", "rotate", token, "--yes"]);
    assert_ne!(rotated["accessToken"], made["accessToken"]);
    assert_eq!(shell.ends(&["api-token", "revoke", token, "--yes"]).0, 0);
    assert_eq!(shell.brings(&["api-token", "list"]).as_array().unwrap().len(), 1);
    let of_organization = shell.brings(&["api-token", "list", "--of-organization"]);
    assert!(!of_organization.as_array().unwrap().is_empty());
}

#[test]
fn what_goes_wrong_has_an_exit_code_of_its_own() {
    let shell = Shell::new("cli-exit");
    let wrong = shell.file("t", "wrong");
    let url = shell.placet.value("AUTHLETE_BASE_URL");
    let list = ["service", "list", "--url", url, "--token-file", &wrong];
    let refused: Said = shell.bare(&list).output().unwrap().into();
    assert!(refused.code == 3 && refused.err.contains("placet explain A"), "{}", refused.err);
    let away: Said = shell
        .bare(&["service", "list", "--url", "http://127.0.0.1:1", "--token-file", &wrong])
        .output()
        .unwrap()
        .into();
    assert_eq!(away.code, 4, "{}", away.err);
    // A token goes to no other server than its own.
    let elsewhere = shell.said(&["service", "list", "--url", "http://127.0.0.1:1"]);
    assert!(elsewhere.code == 2 && elsewhere.err.contains("has one for"), "{}", elsewhere.err);
    assert_eq!(shell.ends(&["service", "get", "--service", "1"]).0, 5);
    // Ids of the API may begin with a dash: they are asked for, and not taken for an option.
    for arguments in [["token", "revoke"], ["key", "remove"], ["api-token", "revoke"], ["member", "remove"]] {
        let (code, text) = shell.ends(&[&arguments[..], &["-Ab-cd", "--dry-run"]].concat());
        assert!([0, 5].contains(&code), "{arguments:?}: {text}");
    }
    assert_eq!(shell.ends(&["explain", "A999999"]).0, 5);
    assert!(shell.said(&["explain", "[A050305]"]).out.contains("invalid_grant"));
    assert_eq!(shell.ends(&["service", "get", "--profile", "none"]).0, 5);
}

#[test]
fn a_profile_is_kept_for_its_owner_alone() {
    let shell = Shell::new("cli-login");
    assert_eq!(shell.ends(&["login", "--profile", "here"]).0, 0);
    let listed: Said = shell.bare(&["login", "--list"]).output().unwrap().into();
    assert!(listed.out.contains("here") && !listed.out.contains(shell.placet.value("AUTHLETE_ORG_TOKEN")));
    let kept = shell.dir.0.join(".config/placet/profiles/here.json");
    let mode = std::os::unix::fs::PermissionsExt::mode(&kept.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let said: Said = shell.bare(&["service", "list", "--profile", "here"]).output().unwrap().into();
    assert_eq!(said.code, 0, "{}", said.err);
    let out: Said = shell.bare(&["logout", "--profile", "here"]).output().unwrap().into();
    assert_eq!((out.code, kept.exists()), (0, false));
}

#[test]
fn doubts_are_shown_with_their_clauses() {
    let shell = Shell::new("cli-lint");
    let said = shell.said(&["lint"]);
    assert!(said.code == 7 && said.out.contains("RFC 9700 §2.4"), "{}", said.out);
    let errors = shell.said(&["service", "lint", "--at-least", "error", "-o", "json"]);
    assert_eq!((errors.code, errors.json()), (0, json!([])));
    let doctor = shell.said(&["doctor", "-o", "json"]);
    let found = doctor.json();
    let states = found
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["what"].as_str().unwrap(), one["state"].as_str().unwrap()));
    let states: Vec<_> = states.collect();
    for what in ["server", "transport", "clock", "token", "rights", "service", "discovery"] {
        assert!(states.contains(&(what, "good")), "{what}: {found}");
    }
    assert_eq!((doctor.code, states.contains(&("lint", "doubtful"))), (7, true), "{found}");
}

#[test]
fn configuration_completions_and_manual_are_printed() {
    let shell = Shell::new("cli-env");
    for language in ["shell", "ts", "java", "python", "go", "terraform", "rust"] {
        let said = shell.said(&["env", language]);
        assert!(said.out.contains(shell.placet.value("AUTHLETE_BASE_URL")), "{language}: {}", said.out);
        let hidden = shell.said(&["env", language, "--hide-token"]).out;
        assert!(!hidden.contains(shell.placet.value("AUTHLETE_ORG_TOKEN")));
    }
    for name in ["bash", "zsh", "fish"] {
        assert!(shell.said(&["completion", name]).out.contains("api-token"), "{name}");
    }
    let folder = shell.dir.0.join("man");
    assert_eq!(shell.ends(&["man", folder.to_str().unwrap()]).0, 0);
    assert!(std::fs::read_to_string(folder.join("placet-client-create.1")).unwrap().contains("template"));
}

#[test]
fn calls_are_seen_as_they_happen() {
    let shell = Shell::new("cli-tail");
    assert_eq!(shell.ends(&["token", "introspect", "unknown"]).0, 3);
    let mut child = shell.command(&["tail", "--search", "introspection", "-o", "json"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut next = || -> Value {
        let mut line = String::new();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0);
        serde_json::from_str(&line).unwrap()
    };
    let before = next();
    assert_eq!(before["endpoint"], "introspection", "{before}");
    assert_eq!(shell.ends(&["token", "introspect", "another"]).0, 3);
    let after = next();
    assert_ne!(after["requestId"], before["requestId"]);
    child.kill().unwrap();
    child.wait().unwrap();
    let once = shell.said(&["tail", "--once", "--failed"]);
    assert!(once.code == 0 && once.out.contains("introspection"), "{} {}", once.out, once.err);
    let id = before["requestId"].as_str().unwrap();
    assert!(shell.said(&["tail", "--transaction", id]).out.contains("reason: "));
    assert_eq!(shell.ends(&["tail", "--transaction", "0"]).0, 5);
}

#[test]
fn what_an_error_page_shows_is_what_tail_asks_for() {
    let shell = Shell::new("cli-error-page");
    let issuer = shell.placet.value("DEMO_ISSUER").split_once("://").unwrap().1;
    let (host, base) = issuer.split_once('/').unwrap_or((issuer, ""));
    let path = format!("/{base}/authorize?response_type=code&client_id=1").replace("//", "/");
    let page = Connection::to(host).send("GET", &path, "", b"").unwrap();
    let id = page.body.split_once("id=\"transaction\">").unwrap().1.split('<').next().unwrap();
    // Calls are kept with a delay.
    let started = Stopwatch::start();
    let said = loop {
        let said = shell.said(&["tail", "--transaction", id]);
        if said.code == 0 || started.elapsed() > Duration::from_secs(20) {
            break said;
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    assert!(said.out.contains(id) && said.out.contains("reason: "), "{} {}", said.out, said.err);
}

/// `docs/cli.md` lists every command, and no other.
#[test]
fn the_documentation_lists_every_command() {
    let dir = Dir::new("cli-docs");
    let made = Command::new(env!("CARGO_BIN_EXE_placet")).arg("man").arg(&dir.0).output().unwrap();
    assert!(made.status.success());
    let documented = include_str!("../../../docs/cli.md");
    let rows = documented.lines().filter_map(|line| line.strip_prefix("| `placet ")?.split('`').next());
    let mut listed: Vec<_> = rows.map(|row| format!("placet-{}", row.replace(' ', "-"))).collect();
    let pages =
        std::fs::read_dir(&dir.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names = pages.filter_map(|page| page.strip_suffix(".1").map(str::to_owned));
    let names: Vec<_> = names.filter(|name| name != "placet" && !name.ends_with("-help")).collect();
    // Commands that have commands are their heads.
    let is_head = |name: &&String| {
        names.iter().any(|other| other.starts_with(&format!("{name}-")) && *other != format!("{name}-help"))
    };
    let mut expected: Vec<_> = names.iter().filter(|name| !is_head(name)).cloned().collect();
    listed.sort();
    expected.sort();
    assert_eq!(listed, expected);
    for (code, _) in placet_cli::exit::EXITS {
        assert!(documented.contains(&format!("| {code} |")), "{code}");
    }
}

#[test]
fn models_get_what_reads_and_nothing_else() {
    let shell = Shell::new("cli-mcp");
    let talk = |arguments: &[&str], messages: &[Value]| -> Vec<Value> {
        let mut child =
            shell.command(&[&["mcp", "serve"], arguments].concat()).stdin(Stdio::piped()).spawn().unwrap();
        let text: String = messages.iter().map(|message| format!("{message}\n")).collect();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let output = String::from_utf8(output.stdout).unwrap();
        output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let ask = |id: i32, method: &str, params: Value| json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
    let call = |id: i32, name: &str, arguments: Value| {
        ask(id, "tools/call", json!({ "name": name, "arguments": arguments }))
    };
    let client = shell.placet.value("DEMO_CLIENT_ID");
    let answers = talk(
        &[],
        &[
            ask(1, "initialize", json!({})),
            json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
            ask(2, "tools/list", json!({})),
            call(3, "client_get", json!({ "clientId": client })),
            call(4, "service_delete", json!({})),
            call(5, "client_get", json!({ "clientId": "none" })),
            ask(6, "nonsense", json!({})),
            call(7, "client_get", json!({})),
        ],
    );
    assert_eq!(answers.len(), 7, "{answers:?}");
    assert_eq!(answers[0]["result"]["serverInfo"]["name"], "placet");
    let tools = answers[1]["result"]["tools"].to_string();
    assert!(tools.contains("client_get_list") && !tools.contains("client_create"), "{tools}");
    let shown = answers[2]["result"]["content"][0]["text"].as_str().unwrap();
    assert!(
        shown.contains("Demo client") && !shown.contains(shell.placet.value("DEMO_CLIENT_SECRET")),
        "{shown}"
    );
    assert!(answers[3]["error"]["message"].as_str().unwrap().contains("--allow-writes"));
    assert_eq!(answers[4]["result"]["isError"], true);
    assert_eq!(answers[5]["error"]["code"], -32601);
    assert_eq!(answers[6]["result"]["isError"], true);
    let made = talk(
        &["--allow-writes"],
        &[call(1, "client_create", json!({ "request": { "clientName": "By a model" } }))],
    );
    assert_eq!(made[0]["result"]["isError"], false, "{made:?}");
}

#[tokio::test]
async fn the_code_flow_comes_back_to_this_machine() {
    let shell = Shell::new("cli-flow-code");
    let create = ["client", "create", "--template", "native", "--redirect-uri", "http://127.0.0.1/cb"];
    let client = shell.brings(&create)["clientId"].to_string();
    for flow in ["code", "par"] {
        let arguments =
            ["flow", flow, "--client", &client, "--scope", "openid,email,offline_access", "--wait", "60"];
        let mut child = shell.command(&arguments).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut url = String::new();
        while !url.starts_with("http") {
            url.clear();
            assert_ne!(lines.read_line(&mut url).unwrap(), 0);
        }
        let mut browser = Browser::default();
        let mut answer = browser.get(url.trim()).await;
        if answer.has("sign-in") {
            answer = browser.post(&answer, "sign-in", &[("login", "john"), ("password", "john")]).await;
        }
        if answer.has("consent") {
            answer = browser.post(&answer, "consent", &[("decision", "allow"), ("scope", "email")]).await;
        }
        assert!(answer.body.contains("The answer has arrived"), "{}", answer.body);
        let mut rest = String::new();
        lines.read_to_string(&mut rest).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{rest}");
        assert!(rest.contains("the ID token says") && rest.contains("sub: "), "{rest}");
        assert!(
            rest.contains("access_token: ") && rest.contains("characters)"),
            "tokens are shortened: {rest}"
        );
    }
}

/// The members of what the last credential of a run says.
fn credential(hops: &Value) -> Value {
    let last = hops.as_array().unwrap().last().unwrap();
    assert_eq!(last["from"], "the credential says", "{hops}");
    last["members"].clone()
}

#[test]
fn a_wallet_gets_each_kind_of_credential_by_an_offer() {
    let shell = Shell::new("cli-flow-vci");
    let client = shell.placet.value("DEMO_PUBLIC_CLIENT_ID");
    let flow = ["flow", "vci", "--client", client];
    let of = |name: &str, more: &[&str]| {
        let made = ["--credential", name, "--subject", "john"];
        shell.brings(&[&flow[..], &made, more].concat())
    };
    let identity = credential(&of("identity", &["--tx-code", "493536"]));
    assert_eq!(identity["claims"]["vct"], "urn:placet:demo:identity", "{identity}");
    assert!(
        identity["claims"]["given_name"].is_string() && identity["claims"]["cnf"].is_object(),
        "{identity}"
    );
    // Bound to a key: the token, and what is asked with it.
    assert_eq!(credential(&of("membership", &["--dpop"]))["header"]["alg"], "ES256");
    let licence = credential(&of("mdl", &[]));
    assert_eq!(licence["docType"], "org.iso.18013.5.1.mDL");
    assert!(licence["nameSpaces"]["org.iso.18013.5.1"]["family_name"].is_string(), "{licence}");
    // One that comes later is waited for.
    assert_eq!(credential(&of("diploma", &[]))["claims"]["vct"], "urn:placet:demo:diploma");
    let (code, text) =
        shell.ends(&[&flow[..], &["--credential", "diploma", "--subject", "john", "--wait", "1"]].concat());
    assert!(code == 4 && text.contains("The credential comes later"), "{code} {text}");
    let (code, text) = shell.ends(&[&flow[..], &["--credential", "identity"]].concat());
    assert!(code == 2 && text.contains("--subject"), "{code} {text}");
}

/// The offer of somebody else: a link, with a transaction code that the user was told.
#[test]
fn an_offer_is_handed_in_with_its_transaction_code() {
    let shell = Shell::new("cli-flow-offer");
    let client = shell.placet.value("DEMO_PUBLIC_CLIENT_ID");
    let issuer = shell.placet.value("DEMO_ISSUER");
    let request = json!({
        "credentialConfigurationIds": ["identity"], "preAuthorizedCodeGrantIncluded": true, "subject": "john",
        "txCode": "123456", "txCodeInputMode": "numeric",
    });
    let made = shell.placet.call(&mut shell.placet.connect(), "vci/offer/create", &request).json();
    let offer = format!("{issuer}/offers/{}", made["info"]["identifier"].as_str().unwrap());
    let reference = placet_sdk::form::encode([("credential_offer_uri", offer.as_str())]);
    let link = format!("openid-credential-offer://?{reference}");
    let flow = ["flow", "vci", "--client", client, "--offer", &link];
    let (code, text) = shell.ends(&flow);
    assert!(code == 2 && text.contains("--tx-code"), "{code} {text}");
    let (code, text) = shell.ends(&[&flow[..], &["--tx-code", "123456", "--credential", "none"]].concat());
    assert!(code == 2 && text.contains("identity"), "{code} {text}");
    let (code, text) = shell.ends(&[&flow[..], &["--tx-code", "654321"]].concat());
    assert!(code == 3 && text.contains("invalid_grant"), "{code} {text}");
    let said = shell.said(&[&flow[..], &["--tx-code", "123456"]].concat());
    assert!(said.code == 0 && said.out.contains("← the credential says"), "{} {}", said.out, said.err);
    let code = made["info"]["preAuthorizedCode"].as_str().unwrap();
    assert!(!said.out.contains(code) && said.out.contains("••••••"), "codes are not shown: {}", said.out);
    let file = shell.file("offer.json", "{}");
    assert_eq!(shell.ends(&["flow", "vci", "--client", client, "--offer", &file]).0, 1);
}

#[tokio::test]
async fn a_credential_is_got_by_the_code_flow() {
    let shell = Shell::new("cli-flow-vci-code");
    let create = ["client", "create", "--template", "native", "--redirect-uri", "http://127.0.0.1/cb"];
    let client = shell.brings(&create)["clientId"].to_string();
    let set = ["client", "set", &client, "authorizationDetailsTypes=openid_credential", "--yes"];
    assert_eq!(shell.ends(&set).0, 0);
    let arguments = [
        "flow",
        "vci",
        "--client",
        &client,
        "--credential",
        "identity",
        "--authorization-code",
        "--wait",
        "60",
    ];
    let mut child = shell.command(&arguments).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut url = String::new();
    while !url.starts_with("http") {
        url.clear();
        assert_ne!(lines.read_line(&mut url).unwrap(), 0);
    }
    let mut browser = Browser::default();
    let mut answer = browser.get(url.trim()).await;
    answer = browser.post(&answer, "sign-in", &[("login", "john"), ("password", "john")]).await;
    if answer.has("consent") {
        answer = browser.post(&answer, "consent", &[("detail", "0"), ("decision", "allow")]).await;
    }
    assert!(answer.body.contains("The answer has arrived"), "{}", answer.body);
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{rest}");
    assert!(rest.contains("credential_identifier: ") && rest.contains("← the credential says"), "{rest}");
}

#[tokio::test]
async fn the_device_flow_ends_when_the_user_has_agreed() {
    let shell = Shell::new("cli-flow-device");
    let client = shell.placet.value("DEMO_PUBLIC_CLIENT_ID");
    let arguments = ["flow", "device", "--client", client, "--scope", "orders:read", "--wait", "60"];
    let mut child = shell.command(&arguments).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("with the code in it: ") {
        line.clear();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0);
    }
    let url = line.trim().rsplit(' ').next().unwrap().to_owned();
    let mut browser = Browser::default();
    let mut answer = browser.get(&url).await;
    answer = browser.post(&answer, "sign-in", &[("login", "john"), ("password", "john")]).await;
    if answer.has("device") {
        let code = url.rsplit('=').next().unwrap();
        answer = browser.post(&answer, "device", &[("user_code", code)]).await;
    }
    answer = browser.post(&answer, "consent", &[("decision", "allow"), ("scope", "orders:read")]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{rest}");
    assert!(rest.contains("← 200") && rest.contains("access_token"), "{rest}");
}

/// A command at a terminal.
fn at_terminal(shell: &Shell, arguments: &[&str]) -> Command {
    let at_terminal = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
    let bare = shell.command(arguments);
    let mut command = Command::new("python3");
    command.args(["-c", at_terminal]).arg(bare.get_program()).args(bare.get_args());
    command.envs(bare.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// A command that asks at a terminal; what is to happen before the answer, and the answer.
fn asked(shell: &Shell, arguments: &[&str], before: impl FnOnce(), answer: &str) -> (i32, String) {
    let mut child = at_terminal(shell, arguments).spawn().unwrap();
    let (mut seen, mut out) = (Vec::new(), child.stdout.take().unwrap());
    let mut byte = [0];
    while !String::from_utf8_lossy(&seen).contains("[y/N]") {
        assert_ne!(out.read(&mut byte).unwrap(), 0, "{}", String::from_utf8_lossy(&seen));
        seen.push(byte[0]);
    }
    before();
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "{answer}").unwrap();
    out.read_to_end(&mut seen).unwrap();
    let code = child.wait().unwrap().code().unwrap();
    (code, String::from_utf8_lossy(&seen).into_owned())
}

#[test]
fn what_is_asked_is_done_only_on_a_yes_and_only_where_nothing_has_changed_meanwhile() {
    let shell = Shell::new("cli-asked");
    let set = ["service", "set", "serviceName=Renamed"];
    let name = || shell.brings(&["service", "get"])["serviceName"].as_str().unwrap().to_owned();
    let (code, text) = asked(&shell, &set, || {}, "no");
    assert!(code == 8 && text.contains("nothing was done") && name() == "Demo service", "{code} {text}");
    let faster = || assert_eq!(shell.ends(&["service", "set", "description=faster", "--yes"]).0, 0);
    let (code, text) = asked(&shell, &set, faster, "y");
    assert!(code == 6 && name() == "Demo service", "{code} {text}");
    let (code, text) = asked(&shell, &set, || {}, "y");
    assert!(code == 0 && name() == "Renamed", "{code} {text}");
}

#[test]
fn many_tokens_are_made_at_once_and_looked_on() {
    let shell = Shell::new("cli-batch");
    let client = shell.placet.value("DEMO_CLIENT_ID");
    let token = |number: usize| {
        json!({ "grantType": "CLIENT_CREDENTIALS", "clientId": client.parse::<i64>().unwrap(),
                "accessToken": format!("of-the-old-server-{number}") })
    };
    let tokens = |numbers: std::ops::Range<usize>| json!(numbers.map(token).collect::<Vec<_>>()).to_string();
    let (file, more) = (shell.file("tokens.json", &tokens(0..40)), shell.file("more.json", &tokens(40..80)));
    let batch = ["token", "batch", &file, "--yes"];
    let (code, text) = shell.ends(&batch);
    assert!(code == 3 && text.contains("placet explain A"), "the client is not marked: {code} {text}");
    let mark = ["client", "set", client, "inScopeForTokenMigration=true", "--yes"];
    assert_eq!(shell.ends(&mark).0, 0);
    let judged = shell.said(&["token", "batch", &file, "--dry-run"]);
    assert_eq!((judged.code, judged.out.as_str()), (0, "40 tokens would be made\n"), "{}", judged.err);
    assert_eq!(shell.ends(&["token", "introspect", "of-the-old-server-39"]).0, 3);
    let made = shell.said(&batch);
    assert_eq!((made.code, made.out.as_str(), made.err.as_str()), (0, "40 tokens are made\n", ""));
    assert_eq!(shell.ends(&["token", "introspect", "of-the-old-server-39"]).0, 0);
    let seen = at_terminal(&shell, &["token", "batch", &more, "--yes"]).output().unwrap();
    let seen = String::from_utf8_lossy(&seen.stdout).into_owned();
    assert!(seen.contains("making tokens [") && seen.contains("40 tokens are made"), "{seen:?}");
    let id = shell.brings(&["token", "batch", &more, "--yes", "--no-wait"])["requestId"].clone();
    assert!(id.is_string(), "{id}");
}

#[test]
fn long_work_shows_how_far_it_is_at_a_terminal_alone() {
    let shell = Shell::new("cli-progress");
    let clients = (0..20).map(|n| format!("[clients.c{n}]\n")).collect::<String>();
    let bundle = shell.file("b.toml", &format!("format = 1\n[service]\nserviceName = \"Many\"\n{clients}"));
    let silent = shell.said(&["import", &bundle, "--yes"]);
    let is_plain = !silent.err.contains("changing") && !silent.err.contains(['\u{1b}', '\r']);
    assert!(silent.code == 0 && silent.err.contains("done: + clients.c19") && is_plain, "{}", silent.err);
    let seen = at_terminal(&shell, &["import", &bundle, "--yes"]).output().unwrap();
    let seen = String::from_utf8_lossy(&seen.stdout).into_owned();
    assert!(seen.contains("changing the service [") && seen.contains("done: + clients.c19"), "{seen:?}");
    let export = shell.dir.0.join("e.toml");
    let export = ["export", "--to", export.to_str().unwrap()];
    let seen = at_terminal(&shell, &export).output().unwrap();
    assert!(String::from_utf8_lossy(&seen.stdout).contains("reading clients"), "{seen:?}");
    let copy = shell.dir.0.join("copy");
    let copy = ["backup", copy.to_str().unwrap()];
    let mut command = at_terminal(&shell, &copy);
    let seen = command.env("PLACET_DIRECTORY", &shell.dir.0).output().unwrap();
    assert!(String::from_utf8_lossy(&seen.stdout).contains("writing the store"), "{seen:?}");
}

/// docs/cli.md promises them to scripts.
#[test]
fn every_exit_code_has_a_command_that_ends_with_it() {
    let shell = Shell::new("cli-exits");
    let away = shell.file("t", "of nobody");
    let away = ["service", "list", "--url", "http://127.0.0.1:1", "--token-file", &away];
    let said_no = asked(&shell, &["service", "set", "description=x"], || {}, "n").0;
    let faster = || assert_eq!(shell.ends(&["service", "set", "description=faster", "--yes"]).0, 0);
    let too_late = asked(&shell, &["service", "set", "description=y"], faster, "y").0;
    let other = shell.file("s.json", r#"{"description":"z"}"#);
    let ended = [
        shell.ends(&["service", "list"]).0,
        shell.ends(&["service", "diff", "-f", "not-there.json"]).0,
        shell.ends(&["service", "create", "--no-such-option"]).0,
        shell.ends(&["token", "introspect", "made-up"]).0,
        Said::from(shell.bare(&away).output().unwrap()).code,
        shell.ends(&["client", "get", "none"]).0,
        too_late,
        shell.ends(&["service", "diff", "-f", &other]).0,
        said_no,
    ];
    let promised: Vec<i32> = placet_cli::exit::EXITS.iter().map(|(code, _)| i32::from(*code)).collect();
    assert_eq!(ended.to_vec(), promised);
}

#[test]
fn tokens_are_bound_to_a_key_of_the_run() {
    let shell = Shell::new("cli-flow-dpop");
    let client = shell.placet.value("DEMO_CLIENT_ID");
    let flow = ["flow", "client-credentials", "--client", client, "--scope", "orders:read"];
    let bound = |hops: &Value| hops.as_array().unwrap().last().unwrap()["body"]["token_type"].clone();
    assert_eq!(bound(&shell.brings(&flow)), "Bearer");
    assert_eq!(bound(&shell.brings(&[&flow[..], &["--dpop"]].concat())), "DPoP");
    // Where the client's tokens have to be, and where the server asks for a nonce first (RFC 9449 §8).
    assert_eq!(shell.ends(&["client", "set", client, "dpopRequired=true", "--yes"]).0, 0);
    assert_eq!(bound(&shell.brings(&flow)), "DPoP");
    let nonces = ["service", "set", "dpopNonceRequired=true", "dpopNonceDuration=60", "--yes"];
    assert_eq!(shell.ends(&nonces).0, 0);
    let hops = shell.brings(&flow);
    assert_eq!(hops[1]["body"]["error"], "use_dpop_nonce", "{hops}");
    assert_eq!((hops.as_array().map(Vec::len), bound(&hops)), (Some(4), json!("DPoP")), "{hops}");
}

/// RFC 8705: the certificate is the client's proof, and what its token is bound to.
#[test]
fn a_client_with_a_certificate_goes_to_the_addresses_for_it() {
    let dir = Dir::new("cli-flow-mtls");
    // The service names the addresses as they were said.
    let (one, two) = (common::at::free(), common::at::free());
    let placet = Placet::dev_with(&dir, &["--tls", "--tls-listen", &one, "--mtls-listen", &two]);
    let shell = Shell { dir, placet };
    let at = |name: &str| shell.dir.0.join("tls").join(name).to_str().unwrap().to_owned();
    let (ca, cert, key) = (at("ca.pem"), at("client.pem"), at("client.key"));
    let client = shell.placet.value("DEMO_CLIENT_ID");
    let set = [
        "tokenAuthMethod=TLS_CLIENT_AUTH",
        "tlsClientAuthSubjectDn=CN=placet demo client",
        "tlsClientCertificateBoundAccessTokens=true",
    ];
    let (code, text) = shell.ends(&[&["client", "set", client][..], &set, &["--yes"]].concat());
    assert_eq!(code, 0, "{text}");
    let flow = ["flow", "client-credentials", "--client", client, "--scope", "orders:read", "--trust", &ca];
    let (code, text) = shell.ends(&flow);
    assert!(code == 2 && text.contains("--cert"), "{text}");
    let (code, text) = shell.ends(&[&flow[..], &["--cert", &cert]].concat());
    assert!(code == 2 && text.contains("--key"), "{text}");
    let hops = shell.brings(&[&flow[..], &["--cert", &cert, "--key", &key, "--show-secrets"]].concat());
    let token = hops[1]["body"]["access_token"].as_str().unwrap();
    // Without the certificate, the token is worth nothing.
    let (code, text) = shell.ends(&["token", "introspect", token]);
    assert!(code == 3 && text.contains("certificate"), "{text}");
}

#[test]
fn flows_without_a_user_bring_tokens_or_say_why_not() {
    let shell = Shell::new("cli-flow");
    let client = shell.placet.value("DEMO_CLIENT_ID");
    let hops = shell.brings(&[
        "flow",
        "client-credentials",
        "--client",
        client,
        "--scope",
        "orders:read",
        "--show-secrets",
    ]);
    let token = hops[1]["body"]["access_token"].as_str().unwrap();
    let file = shell.file("token", token);
    let exchange = ["flow", "token-exchange", "--client", client, "--subject-token-file", &file];
    let said = shell.said(&exchange);
    assert!([0, 3].contains(&said.code) && said.out.contains("subject_token"), "{} {}", said.out, said.err);
    assert!(!said.out.contains(token), "{}", said.out);
    let said = shell.said(&["flow", "refresh", "--client", client, "--refresh-token-file", &file]);
    assert!(said.code == 3 && said.err.contains("invalid_grant"), "{}", said.err);
    assert_eq!(shell.ends(&["flow", "client-credentials"]).0, 2);
}
