//! A `placet dev` of a test's own, and just enough HTTP to talk to it.

#![allow(dead_code, unreachable_pub, clippy::allow_attributes, reason = "every test uses a part of it")]

pub mod at;
pub mod browser;
pub mod console;
pub mod proxy;

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// A directory that is removed with the value.
pub struct Dir(pub PathBuf);

impl Dir {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("placet-test-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running server, ended with the value.
pub struct Placet {
    child: Child,
    pub address: String,
    pub env: HashMap<String, String>,
    pub greeting: Vec<String>,
}

impl Placet {
    pub fn dev(dir: &Dir) -> Self {
        Self::dev_with(dir, &[])
    }

    /// The command that [`dev_with`](Self::dev_with) runs.
    pub fn dev_command(dir: &Dir, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_placet"));
        command.args(["dev", "--listen", "127.0.0.1:0", "--dir"]).arg(&dir.0).args(arguments);
        command.stdout(Stdio::piped());
        command
    }

    /// With further arguments.
    pub fn dev_with(dir: &Dir, arguments: &[&str]) -> Self {
        let mut child = Self::dev_command(dir, arguments).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut greeting = Vec::new();
        while let Some(Ok(line)) = lines.next() {
            let last = line.contains("Ctrl-C");
            greeting.push(line);
            if last {
                break;
            }
        }
        let text = std::fs::read_to_string(dir.0.join("env")).unwrap();
        let pairs = text.lines().filter_map(|line| line.split_once('='));
        let env: HashMap<_, _> = pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        let address = env["AUTHLETE_BASE_URL"].strip_prefix("http://").unwrap().to_owned();
        Self { child, address, env, greeting }
    }

    pub fn value(&self, name: &str) -> &str {
        &self.env[name]
    }

    pub fn id(&self) -> String {
        self.child.id().to_string()
    }

    /// As if the plug were pulled.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// As an operator ends it; whether it ended well.
    pub fn terminate(mut self) -> bool {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().unwrap();
        self.child.wait().unwrap().success()
    }

    pub fn connect(&self) -> Connection {
        Connection { stream: BufReader::new(TcpStream::connect(&self.address).unwrap()) }
    }

    /// A call about the demo service, as the demo authorization server makes it.
    pub fn call(&self, connection: &mut Connection, path: &str, body: &Value) -> Answer {
        let path = format!("/api/{}/{path}", self.value("AUTHLETE_SERVICE_ID"));
        connection.post(&path, self.value("AUTHLETE_API_TOKEN"), body)
    }

    /// A token request of the demo client.
    pub fn token(&self, connection: &mut Connection, parameters: &str) -> Value {
        let (id, secret) = (self.value("DEMO_CLIENT_ID"), self.value("DEMO_CLIENT_SECRET"));
        let body = json!({ "parameters": parameters, "clientId": id, "clientSecret": secret });
        self.call(connection, "auth/token", &body).json()
    }

    /// A code for the demo client.
    pub fn code(&self, connection: &mut Connection) -> String {
        let client = self.value("DEMO_CLIENT_ID");
        let body =
            json!({ "parameters": format!("response_type=code&scope=orders:read&client_id={client}") });
        let ticket = self.call(connection, "auth/authorization", &body).json()["ticket"].clone();
        let body = json!({ "ticket": ticket, "subject": "john" });
        let issued = self.call(connection, "auth/authorization/issue", &body).json();
        issued["authorizationCode"].as_str().unwrap().to_owned()
    }

    pub fn introspect(&self, connection: &mut Connection, token: &str) -> Value {
        self.call(connection, "auth/introspection", &json!({ "token": token })).json()
    }
}

impl Drop for Placet {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub struct Answer {
    pub status: u16,
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    pub fn code(&self) -> String {
        self.json()["resultCode"].as_str().unwrap_or_default().to_owned()
    }
}

pub struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    /// Waits until somebody listens.
    pub fn to(address: &str) -> Self {
        for _ in 0..500 {
            if let Ok(stream) = TcpStream::connect(address) {
                return Self { stream: BufReader::new(stream) };
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("nobody listens on {address}");
    }

    pub fn post(&mut self, path: &str, token: &str, body: &Value) -> Answer {
        let headers = format!("Authorization: Bearer {token}\r\nContent-Type: application/json\r\n");
        self.send("POST", path, &headers, body.to_string().as_bytes()).unwrap()
    }

    /// Sends a request; `None` when the connection ends without an answer.
    pub fn send(&mut self, method: &str, path: &str, headers: &str, body: &[u8]) -> Option<Answer> {
        let length =
            if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}{length}\r\n");
        self.raw(&[head.as_bytes(), body].concat())
    }

    pub fn raw(&mut self, bytes: &[u8]) -> Option<Answer> {
        self.write(bytes);
        self.read()
    }

    pub fn write(&mut self, bytes: &[u8]) {
        // A server that refuses early may close while the rest is being sent.
        let _ = self.stream.get_mut().write_all(bytes);
    }

    pub fn read(&mut self) -> Option<Answer> {
        let mut line = String::new();
        self.stream.read_line(&mut line).ok()?;
        let status = line.split(' ').nth(1)?.parse().ok()?;
        let mut headers = HashMap::new();
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.insert(name.to_lowercase(), value.to_owned());
        }
        let length = headers.get("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).ok()?;
        Some(Answer { status, headers, body: String::from_utf8(body).ok()? })
    }
}
