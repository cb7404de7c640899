//! Users of a file, and of a demonstration.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{BoxFuture, Shown, Unavailable, User, Users};

/// Users of a list, with Argon2 hashes of their passwords.
pub struct ListedUsers {
    users: Vec<Known>,
    shown: Vec<Shown>,
    /// Verified in place of a hash where there is no such user.
    nobody: String,
}

struct Known {
    login: String,
    password: String,
    code: Option<String>,
    user: User,
}

/// A file of users: `[[user]]` tables.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    user: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    login: String,
    /// The login, where it says nothing else.
    subject: Option<String>,
    /// In PHC form: `$argon2id$v=19$m=…`.
    password_hash: String,
    code_hash: Option<String>,
    #[serde(default)]
    claims: Map<String, Value>,
}

impl ListedUsers {
    /// Reads TOML: `[[user]]` tables with `login`, `password_hash` (Argon2, PHC form), and, as they apply, `subject`,
    /// `code_hash` (of a second factor) and a table `claims`.
    ///
    /// # Errors
    /// Says what is wrong with the text, and with whose hash.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|e| e.to_string())?;
        let known = |entry: Entry| {
            for hash in entry.code_hash.iter().chain([&entry.password_hash]) {
                PasswordHash::new(hash).map_err(|e| format!("user {}: {e}", entry.login))?;
            }
            let subject = entry.subject.unwrap_or_else(|| entry.login.clone());
            Ok::<_, String>(Known::new(
                entry.login,
                subject,
                entry.password_hash,
                entry.code_hash,
                entry.claims,
            ))
        };
        let users = file.user.into_iter().map(known).collect::<Result<_, _>>()?;
        Ok(Self { users, shown: Vec::new(), nobody: hash("nobody")? })
    }

    /// Three made-up users, whose passwords the sign-in page shows.
    ///
    /// # Errors
    /// When the system has no randomness for the salts.
    pub fn demo() -> Result<Self, String> {
        let people = [
            ("john", "john", "123456", john()),
            ("jane", "jane", "", jane()),
            ("hanako", "hanako", "654321", hanako()),
        ];
        let (mut users, mut shown) = (Vec::new(), Vec::new());
        for (login, password, code, claims) in people {
            let hashed = (!code.is_empty()).then(|| hash(code)).transpose()?;
            users.push(Known::new(login.to_owned(), login.to_owned(), hash(password)?, hashed, claims));
            let [login, password, code] = [login, password, code].map(str::to_owned);
            shown.push(Shown { login, password, code });
        }
        Ok(Self { users, shown, nobody: hash("nobody")? })
    }

    fn of_login(&self, login: &str) -> Option<&Known> {
        self.users.iter().find(|known| known.login == login)
    }

    fn of_subject(&self, subject: &str) -> Option<&Known> {
        self.users.iter().find(|known| known.user.subject == subject)
    }
}

impl Known {
    fn new(
        login: String,
        subject: String,
        password: String,
        code: Option<String>,
        claims: Map<String, Value>,
    ) -> Self {
        let name = claims.get("name").and_then(Value::as_str).unwrap_or(&login).to_owned();
        let user = User { subject, name, has_second_factor: code.is_some(), claims };
        Self { login, password, code, user }
    }
}

impl Users for ListedUsers {
    fn sign_in<'a>(
        &'a self,
        login: &'a str,
        password: &'a str,
    ) -> BoxFuture<'a, Result<Option<User>, Unavailable>> {
        Box::pin(async move {
            let known = self.of_login(login);
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
            let Some(hash) = self.of_subject(subject).and_then(|known| known.code.clone()) else {
                return Ok(false);
            };
            matches(hash, code.to_owned()).await
        })
    }

    fn find<'a>(&'a self, subject: &'a str) -> BoxFuture<'a, Result<Option<User>, Unavailable>> {
        Box::pin(async move { Ok(self.of_subject(subject).map(|known| known.user.clone())) })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_has_users_with_hashes() {
        let text = format!(
            "[[user]]\nlogin = \"max\"\nsubject = \"7\"\npassword_hash = \"{}\"\n[user.claims]\nname = \"Max\"",
            hash("secret").unwrap()
        );
        let users = ListedUsers::parse(&text).unwrap();
        let user = users.sign_in("max", "secret").await.unwrap().unwrap();
        assert_eq!((user.subject.as_str(), user.name.as_str(), user.has_second_factor), ("7", "Max", false));
        assert!(users.sign_in("max", "wrong").await.unwrap().is_none());
        assert!(users.sign_in("nobody", "nobody").await.unwrap().is_none());
        assert!(users.find("7").await.unwrap().is_some() && users.find("max").await.unwrap().is_none());
        assert!(!users.second_factor("7", "").await.unwrap());
        assert!(ListedUsers::parse("[[user]]\nlogin = \"a\"\npassword_hash = \"plain\"").is_err());
    }
}
