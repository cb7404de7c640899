//! Users for trying things, with hashes as a real store would have them.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use serde_json::{Map, Value, json};

use super::{BoxFuture, Shown, Unavailable, User, Users};

/// Three users whose passwords the sign-in page shows.
pub struct DemoUsers {
    users: Vec<Known>,
    shown: Vec<Shown>,
    /// Verified in place of a hash where there is no such user.
    nobody: String,
}

struct Known {
    login: &'static str,
    password: String,
    code: Option<String>,
    user: User,
}

impl DemoUsers {
    /// # Errors
    /// When the system has no randomness for the salts.
    pub fn new() -> Result<Self, String> {
        let people = [
            ("john", "john", "123456", john()),
            ("jane", "jane", "", jane()),
            ("hanako", "hanako", "654321", hanako()),
        ];
        let (mut users, mut shown) = (Vec::new(), Vec::new());
        for (login, password, code, claims) in people {
            let hashed = (!code.is_empty()).then(|| hash(code)).transpose()?;
            let name = claims.get("name").and_then(Value::as_str).unwrap_or(login).to_owned();
            let has_second_factor = hashed.is_some();
            let user = User { subject: login.to_owned(), name, has_second_factor, claims };
            users.push(Known { login, password: hash(password)?, code: hashed, user });
            let [login, password, code] = [login, password, code].map(str::to_owned);
            shown.push(Shown { login, password, code });
        }
        Ok(Self { users, shown, nobody: hash("nobody")? })
    }

    fn known(&self, login: &str) -> Option<&Known> {
        self.users.iter().find(|known| known.login == login)
    }
}

impl Users for DemoUsers {
    fn sign_in<'a>(
        &'a self,
        login: &'a str,
        password: &'a str,
    ) -> BoxFuture<'a, Result<Option<User>, Unavailable>> {
        Box::pin(async move {
            let known = self.known(login);
            let hash = known.map_or(&self.nobody, |known| &known.password);
            let right = matches(hash.clone(), password.to_owned()).await?;
            Ok(known.filter(|_| right).map(|known| known.user.clone()))
        })
    }

    fn second_factor<'a>(
        &'a self,
        subject: &'a str,
        code: &'a str,
    ) -> BoxFuture<'a, Result<bool, Unavailable>> {
        Box::pin(async move {
            let Some(hash) = self.known(subject).and_then(|known| known.code.clone()) else {
                return Ok(false);
            };
            matches(hash, code.to_owned()).await
        })
    }

    fn find<'a>(&'a self, subject: &'a str) -> BoxFuture<'a, Result<Option<User>, Unavailable>> {
        Box::pin(async move { Ok(self.known(subject).map(|known| known.user.clone())) })
    }

    fn shown(&self) -> &[Shown] {
        &self.shown
    }
}

/// Argon2id with the memory and passes that OWASP names for it: 19 MiB, two.
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

fn hash(secret: &str) -> Result<String, String> {
    argon2().hash_password(secret.as_bytes()).map(|hash| hash.to_string()).map_err(|e| e.to_string())
}

/// Off the threads that answer requests: hashing takes tens of milliseconds by design.
async fn matches(hash: String, secret: String) -> Result<bool, Unavailable> {
    let work = move || {
        let hash = PasswordHash::new(&hash).map_err(|e| Unavailable(e.to_string()))?;
        Ok(argon2().verify_password(secret.as_bytes(), &hash).is_ok())
    };
    tokio::task::spawn_blocking(work).await.map_err(|e| Unavailable(e.to_string()))?
}

fn claims(claims: Value) -> Map<String, Value> {
    match claims {
        Value::Object(claims) => claims,
        _ => Map::new(),
    }
}

fn john() -> Map<String, Value> {
    claims(json!({
        "name": "John Smith", "given_name": "John", "family_name": "Smith", "nickname": "Johnny",
        "preferred_username": "john", "email": "john@example.com", "email_verified": true,
        "phone_number": "+1 555 0100", "phone_number_verified": true, "birthdate": "1984-02-29", "gender": "male",
        "zoneinfo": "America/New_York", "locale": "en-US", "website": "https://john.example.com/",
        "profile": "https://john.example.com/about", "picture": "https://john.example.com/me.png",
        "middle_name": "Q", "updated_at": 1_767_225_600,
        "address": {
            "formatted": "1 Main Street\nSpringfield, IL 62701\nUSA", "street_address": "1 Main Street",
            "locality": "Springfield", "region": "IL", "postal_code": "62701", "country": "US",
        },
    }))
}

fn jane() -> Map<String, Value> {
    claims(json!({
        "name": "Jane Doe", "given_name": "Jane", "family_name": "Doe", "preferred_username": "jane",
        "email": "jane@example.com", "email_verified": false, "birthdate": "1990-11-05", "gender": "female",
        "zoneinfo": "Europe/Berlin", "locale": "de-DE", "updated_at": 1_767_225_600,
    }))
}

fn hanako() -> Map<String, Value> {
    claims(json!({
        "name": "Hanako Yamada", "name#ja": "山田花子", "given_name": "Hanako", "given_name#ja": "花子",
        "family_name": "Yamada", "family_name#ja": "山田", "preferred_username": "hanako",
        "email": "hanako@example.com", "email_verified": true, "phone_number": "+81 3 5550 0100",
        "phone_number_verified": false, "birthdate": "1979-07-07", "gender": "female", "zoneinfo": "Asia/Tokyo",
        "locale": "ja-JP", "updated_at": 1_767_225_600,
        "address": { "locality": "Chiyoda-ku", "region": "Tokyo", "postal_code": "100-0001", "country": "JP" },
    }))
}
