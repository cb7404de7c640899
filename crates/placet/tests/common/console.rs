//! A browser at the console of a `placet dev`.

use placet_sdk::form;
use serde_json::Value;

use super::{Answer, Connection, Dir, Placet};

/// A browser: it keeps cookies, and says where its forms come from.
pub struct Browser {
    pub connection: Connection,
    pub cookies: Vec<(String, String)>,
    pub origin: String,
    pub language: &'static str,
}

impl Browser {
    pub fn new(placet: &Placet) -> Self {
        let origin = placet.value("AUTHLETE_BASE_URL").to_owned();
        Self { connection: placet.connect(), cookies: Vec::new(), origin, language: "en" }
    }

    pub fn send(&mut self, method: &str, path: &str, more: &str, body: &str) -> Answer {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let headers =
            format!("Cookie: {}\r\nAccept-Language: {}\r\n{more}", cookies.join("; "), self.language);
        let answer = self.connection.send(method, path, &headers, body.as_bytes()).unwrap();
        if let Some(cookie) = answer.headers.get("set-cookie") {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        answer
    }

    pub fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, "", "")
    }

    /// Sends a form from a page of this origin, and follows where it leads.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.posted_from(&self.origin.clone(), path, fields);
        match answer.headers.get("location") {
            Some(location) => self.get(&location.clone()),
            None => answer,
        }
    }

    pub fn posted_from(&mut self, origin: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let headers = format!("Origin: {origin}\r\nContent-Type: application/x-www-form-urlencoded\r\n");
        self.send("POST", path, &headers, &form::encode(fields.iter().copied()))
    }

    pub fn sign_in(&mut self, token: &str) -> Answer {
        self.post("/console/sign-in", &[("secret.token", token)])
    }
}

/// The page with the slashes that templates write as references.
pub fn text(answer: &Answer) -> String {
    answer.body.replace("&#x2f;", "/")
}

/// The value of a hidden field.
pub fn field(answer: &Answer, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let rest = answer.body.split(&start).nth(1).unwrap_or_else(|| panic!("no {name} in\n{}", answer.body));
    rest.split('"').next().unwrap().replace("&quot;", "\"").replace("&#x2f;", "/")
}

pub struct World {
    pub placet: Placet,
    _dir: Dir,
    pub service: String,
}

impl World {
    pub fn new(name: &str) -> Self {
        let dir = Dir::new(name);
        let placet = Placet::dev(&dir);
        let service = placet.value("AUTHLETE_SERVICE_ID").to_owned();
        Self { placet, _dir: dir, service }
    }

    pub fn owner(&self) -> Browser {
        let mut browser = Browser::new(&self.placet);
        let home = browser.sign_in(self.placet.value("AUTHLETE_ORG_TOKEN"));
        assert_eq!(home.status, 200);
        assert!(home.body.contains("<h1>Home</h1>"), "{}", home.body);
        browser
    }

    pub fn at(&self, path: &str) -> String {
        format!("/console/services/{}{path}", self.service)
    }

    pub fn get(&self, path: &str) -> Value {
        let headers = format!("Authorization: Bearer {}\r\n", self.placet.value("AUTHLETE_ORG_TOKEN"));
        let path = format!("/api/{}/{path}", self.service);
        self.placet.connect().send("GET", &path, &headers, b"").unwrap().json()
    }

    pub fn call(&self, path: &str, body: &Value) -> Value {
        self.placet.connect().post(path, self.placet.value("AUTHLETE_ORG_TOKEN"), body).json()
    }
}
