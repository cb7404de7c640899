//! Two processes of an authorization server on one database, as an operator runs them. `interop/postgres/run` starts the
//! database.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::collections::HashMap;
use std::process::{Child, Command, Stdio};

use common::Dir;
use common::at::{At, free};
use placet_sdk::form;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use serde_json::{Value, json};

const CALLBACK: &str = "https://client.example/cb";

/// A database of its own; nothing where there is no server, unless there has to be one.
#[expect(clippy::disallowed_methods, reason = "whatever runs the tests says where the server is")]
fn database() -> Option<String> {
    let Some(server) = std::env::var("POSTGRES_SERVER").ok() else {
        assert!(std::env::var_os("POSTGRES_REQUIRED").is_none(), "POSTGRES_SERVER is not set");
        eprintln!("SKIPPED: no POSTGRES_SERVER; interop/postgres/run sets it");
        return None;
    };
    let name = format!("authserver_{}", std::process::id());
    let made = Command::new("psql").args([&server, "-qc", &format!("CREATE DATABASE {name}")]).status();
    assert!(made.unwrap().success());
    Some(server.replace("dbname=postgres", &format!("dbname={name}")))
}

/// One process.
struct Process {
    child: Child,
    at: String,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Setting<'a> {
    dir: &'a Dir,
    api: String,
    service: String,
    token: String,
    database: String,
}

impl Setting<'_> {
    fn command(&self, name: &str, key: &str) -> (Command, String) {
        let at = free();
        let path = self.dir.0.join(format!("{name}.toml"));
        let key_file = self.dir.0.join(format!("{name}.key"));
        std::fs::write(&key_file, key.repeat(32)).unwrap();
        let text = format!(
            "listen = {at:?}\nissuer = \"https://as.localhost\"\n[api]\nurl = \"http://{}\"\nservice = {}\n\
             token = {:?}\n[users]\ndemo = true\n[shared]\nurl = {:?}\nkey_file = {key_file:?}\n",
            self.api, self.service, self.token, self.database
        );
        std::fs::write(&path, text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_placet"));
        command.arg("authserver").arg("--config").arg(&path);
        (command, at)
    }

    fn start(&self, name: &str) -> Process {
        let (mut command, at) = self.command(name, "0a");
        Process { child: command.stderr(Stdio::null()).spawn().unwrap(), at }
    }
}

/// A browser with cookies, which says which process it goes to.
struct Browser {
    http: reqwest::Client,
    cookies: HashMap<String, String>,
}

struct Page {
    status: u16,
    location: String,
    body: String,
}

impl Page {
    /// Where a form goes, and its token.
    fn form(&self, end: &str) -> (String, String) {
        let body = self.body.replace("&#x2f;", "/");
        let actions = body.split("action=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
        let action = actions.into_iter().find(|action| action.ends_with(end));
        let csrf = body.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        (action.unwrap_or_else(|| panic!("no {end} in {body}")), csrf.unwrap().to_owned())
    }
}

impl Browser {
    async fn send(&mut self, process: &Process, path: &str, body: Option<String>) -> Page {
        let url = format!("http://{}{path}", process.at);
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut tries = 0;
        let response = loop {
            let request = match &body {
                Some(body) => self
                    .http
                    .post(&url)
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(body.clone()),
                None => self.http.get(&url),
            };
            match request.header(COOKIE, cookies.join("; ")).send().await {
                Ok(response) => break response,
                // It has not begun to listen.
                Err(e) if e.is_connect() && tries < 200 => {
                    tries += 1;
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                }
                Err(e) => panic!("{url}: {e}"),
            }
        };
        for cookie in response.headers().get_all(SET_COOKIE) {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let location =
            response.headers().get(LOCATION).map_or("", |value| value.to_str().unwrap()).to_owned();
        let status = response.status().as_u16();
        Page { status, location, body: response.text().await.unwrap() }
    }

    async fn get(&mut self, process: &Process, path: &str) -> Page {
        self.send(process, path, None).await
    }

    async fn post(&mut self, process: &Process, (page, end): (&Page, &str), more: &[(&str, &str)]) -> Page {
        let (action, csrf) = page.form(end);
        let body = form::encode([("csrf", csrf.as_str())].into_iter().chain(more.iter().copied()));
        self.send(process, &action, Some(body)).await
    }
}

fn made(api: &mut common::Connection, token: &str, path: &str, body: &Value) -> Value {
    let answer = api.post(path, token, body);
    assert!(answer.status < 300, "{path}: {}", answer.body);
    answer.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_are_one_server() {
    let Some(database) = database() else { return };
    let dir = Dir::new("authserver-postgres");
    let engine = At::new(&dir);
    let token = engine.found();
    let mut serving = engine.serve();
    let service = json!({ "serviceName": "One", "issuer": "https://as.localhost",
        "supportedGrantTypes": ["AUTHORIZATION_CODE"], "supportedResponseTypes": ["CODE"],
        "supportedScopes": [{ "name": "email" }], "supportedTokenAuthMethods": ["CLIENT_SECRET_POST"] });
    let service = made(&mut serving.connection, &token, "/api/service/create", &service);
    let number = service["apiKey"].to_string();
    let client = json!({ "clientName": "Shop", "clientType": "CONFIDENTIAL", "redirectUris": [CALLBACK],
        "grantTypes": ["AUTHORIZATION_CODE"], "responseTypes": ["CODE"],
        "tokenAuthMethod": "CLIENT_SECRET_POST" });
    let client = made(&mut serving.connection, &token, &format!("/api/{number}/client/create"), &client);
    let (id, secret) = (client["clientId"].to_string(), client["clientSecret"].as_str().unwrap().to_owned());
    let setting = Setting { dir: &dir, api: engine.listen.clone(), service: number, token, database };
    // Both are the first to come.
    let (one, other) = (setting.start("one"), setting.start("other"));
    let http = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
    let mut browser = Browser { http, cookies: HashMap::new() };
    let wish = form::encode([
        ("response_type", "code"),
        ("client_id", &id),
        ("redirect_uri", CALLBACK),
        ("scope", "email"),
    ]);
    let begun = browser.get(&one, &format!("/authorize?{wish}")).await;
    let page = browser.get(&other, &begun.location).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let john = [("login", "john"), ("password", "john")];
    let signed_in = browser.post(&one, (&page, "/sign-in"), &john).await;
    let page = browser.get(&other, &signed_in.location).await;
    // One is killed in the middle, and another takes its place.
    drop(one);
    let one = setting.start("one");
    let answer = browser.post(&one, (&page, "/consent"), &[("decision", "allow"), ("scope", "email")]).await;
    let again = browser.post(&other, (&page, "/consent"), &[("decision", "allow"), ("scope", "email")]).await;
    assert!(answer.location.contains("code="), "{} {}", answer.status, answer.body);
    assert_eq!(answer.location, again.location);
    let code = answer.location.split("code=").nth(1).unwrap().split('&').next().unwrap();
    let body = form::encode([
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("client_id", &id),
        ("client_secret", &secret),
    ]);
    let redeemed = browser.send(&other, "/token", Some(body)).await;
    assert!(redeemed.body.contains("access_token"), "{}", redeemed.body);
    // Who signs out at one is gone at the other, with the cookie too.
    let kept = browser.cookies.clone();
    let page = browser.get(&one, "/logout").await;
    let left = browser.post(&one, (&page, "/logout/confirm"), &[("decision", "yes")]).await;
    assert!(left.body.contains("signed out"), "{}", left.body);
    browser.cookies = kept;
    let silent = browser.get(&other, &format!("/authorize?{wish}&prompt=none")).await;
    assert!(silent.location.contains("error=login_required"), "{} {}", silent.status, silent.location);
    // A process with another key does not come up, and says why.
    let (mut command, _) = setting.command("third", "0b");
    let refused = command.output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("not the key"), "{said}");
}
