//! Users of a file, and of a demonstration.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use argon2::password_hash::phc::PasswordHash;
use placet_ambient::Entropy;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::demo::{hanako, jane, john};
use super::hashing::{Hashing, hash};
use super::keyring_file::KeyringFile;
use super::keyrings::Keyrings;
use super::{Accounts, BoxFuture, Created, NewAccount, Shown, Unavailable, User, Users};
use crate::budgets::Budgets;

/// Accounts that a demonstration makes; they live in memory.
const MADE: usize = 1000;
/// Characters of a password, at least and at most.
const PASSWORD: std::ops::RangeInclusive<usize> = 8..=200;
const LOGIN: std::ops::RangeInclusive<usize> = 1..=64;

/// Users of a list, with Argon2 hashes of their passwords.
pub struct ListedUsers {
    users: Vec<Arc<Known>>,
    /// Made by people themselves: in a demonstration.
    made: Option<RwLock<Vec<Arc<Known>>>>,
    shown: Vec<Shown>,
    /// Verified in place of a hash where there is no such user.
    nobody: String,
    hashing: Hashing,
    /// Makes the subjects of those who make their accounts.
    entropy: Entropy,
    /// Their passkeys, where a file was named for them.
    keyrings: Option<KeyringFile>,
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
            Ok::<_, String>(Arc::new(Known::new(
                entry.login,
                subject,
                entry.password_hash,
                entry.code_hash,
                entry.claims,
            )))
        };
        let users = file.user.into_iter().map(known).collect::<Result<_, _>>()?;
        Self::of(users, None, Vec::new())
    }

    /// Three made-up users, whose passwords the sign-in page shows; people can make accounts of their own, which are
    /// gone when the process ends.
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
            let known = Known::new(login.to_owned(), login.to_owned(), hash(password)?, hashed, claims);
            users.push(Arc::new(known));
            let [login, password, code] = [login, password, code].map(str::to_owned);
            shown.push(Shown { login, password, code });
        }
        Self::of(users, Some(RwLock::default()), shown)
    }

    fn of(
        users: Vec<Arc<Known>>,
        made: Option<RwLock<Vec<Arc<Known>>>>,
        shown: Vec<Shown>,
    ) -> Result<Self, String> {
        let hashing = Hashing::within(&Budgets::default());
        let (nobody, entropy) = (hash("nobody")?, Entropy::system());
        Ok(Self { users, made, shown, nobody, hashing, entropy, keyrings: None })
    }

    /// With other places for hashing than the defaults.
    #[must_use]
    pub fn within(self, budgets: &Budgets) -> Self {
        Self { hashing: Hashing::within(budgets), ..self }
    }

    /// With passkeys, which are kept in a file of their own, one of JSON that is made where there is none. Those of users
    /// who are not on the list any more are forgotten.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn with_passkeys(self, file: &Path) -> Result<Self, String> {
        let keyrings = KeyringFile::open(file, |subject| self.of_subject(subject).is_some())?;
        Ok(Self { keyrings: Some(keyrings), ..self })
    }

    fn known(&self, is_wanted: impl Fn(&Known) -> bool) -> Option<Arc<Known>> {
        let listed = self.users.iter().find(|known| is_wanted(known)).cloned();
        listed.or_else(|| {
            let made = self.made.as_ref()?.read().unwrap_or_else(PoisonError::into_inner);
            made.iter().find(|known| is_wanted(known)).cloned()
        })
    }

    fn of_login(&self, login: &str) -> Option<Arc<Known>> {
        self.known(|known| known.login == login)
    }

    fn of_subject(&self, subject: &str) -> Option<Arc<Known>> {
        self.known(|known| known.user.subject == subject)
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

    /// The subject is nobody else's, also after the process has started anew (OpenID Connect Core §2).
    fn made(wanted: &NewAccount, hash: String, subject: String) -> Self {
        let mut claims = Map::new();
        claims.insert("preferred_username".to_owned(), wanted.login.as_str().into());
        let name: String = wanted.name.trim().chars().take(200).collect();
        if !name.is_empty() {
            claims.insert("name".to_owned(), name.into());
        }
        Self::new(wanted.login.clone(), subject, hash, None, claims)
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
            let hash = known.as_ref().map_or(&self.nobody, |known| &known.password).clone();
            let right = self.hashing.matches(hash, password.to_owned()).await?;
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
            self.hashing.matches(hash, code.to_owned()).await
        })
    }

    fn find<'a>(&'a self, subject: &'a str) -> BoxFuture<'a, Result<Option<User>, Unavailable>> {
        Box::pin(async move { Ok(self.of_subject(subject).map(|known| known.user.clone())) })
    }

    /// By login name or mail address.
    fn hinted<'a>(&'a self, hint: &'a str) -> BoxFuture<'a, Result<Option<User>, Unavailable>> {
        let is_meant = |known: &Known| {
            known.login == hint || known.user.claims.get("email").and_then(|mail| mail.as_str()) == Some(hint)
        };
        let found = self.known(is_meant).or_else(|| self.of_subject(hint));
        Box::pin(async move { Ok(found.map(|known| known.user.clone())) })
    }

    fn accounts(&self) -> Option<&dyn Accounts> {
        self.made.is_some().then_some(self)
    }

    fn passkeys(&self) -> Option<&dyn Keyrings> {
        self.keyrings.as_ref().map(|keyrings| keyrings as &dyn Keyrings)
    }

    fn shown(&self) -> &[Shown] {
        &self.shown
    }
}

impl Accounts for ListedUsers {
    fn create<'a>(&'a self, wanted: &'a NewAccount) -> BoxFuture<'a, Result<Created, Unavailable>> {
        Box::pin(async move {
            let is_plain = |c: char| c.is_alphanumeric() || "._-@".contains(c);
            if !LOGIN.contains(&wanted.login.chars().count()) || !wanted.login.chars().all(is_plain) {
                return Ok(Created::LoginUnfit);
            }
            if !PASSWORD.contains(&wanted.password.chars().count()) {
                return Ok(Created::PasswordUnfit);
            }
            if self.of_login(&wanted.login).is_some() {
                return Ok(Created::Taken);
            }
            let hash = self.hashing.hash(wanted.password.clone()).await?;
            self.keep(Known::made(wanted, hash, self.entropy.identifier()))
        })
    }
}

impl ListedUsers {
    /// Somebody else may have taken the name while the password was hashed.
    fn keep(&self, known: Known) -> Result<Created, Unavailable> {
        let full = || Unavailable(format!("there are {MADE} accounts already"));
        let made = self.made.as_ref().ok_or_else(full)?;
        let mut made = made.write().unwrap_or_else(PoisonError::into_inner);
        if made.iter().any(|other| other.login == known.login) {
            return Ok(Created::Taken);
        }
        if made.len() >= MADE {
            return Err(full());
        }
        let user = known.user.clone();
        made.push(Arc::new(known));
        Ok(Created::Account(user))
    }
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
        assert!(users.accounts().is_none());
        assert!(ListedUsers::parse("[[user]]\nlogin = \"a\"\npassword_hash = \"plain\"").is_err());
    }

    #[tokio::test]
    async fn a_demonstration_makes_accounts() {
        let users = ListedUsers::demo().unwrap();
        let made = async |login: &str, password: &str| {
            let [login, password] = [login, password].map(str::to_owned);
            let wanted = NewAccount { login, password, name: " Mia Müller ".to_owned() };
            users.accounts().unwrap().create(&wanted).await.unwrap()
        };
        let Created::Account(mia) = made("mia", "long enough").await else { panic!("not made") };
        assert_eq!(
            (mia.name.as_str(), mia.claims["preferred_username"].as_str()),
            ("Mia Müller", Some("mia"))
        );
        assert!(users.find(&mia.subject).await.unwrap().is_some() && mia.subject.len() <= 100);
        assert!(users.sign_in("mia", "long enough").await.unwrap().is_some());
        assert!(users.sign_in("mia", "wrong enough").await.unwrap().is_none());
        assert!(matches!(made("mia", "long enough").await, Created::Taken));
        assert!(matches!(made("john", "long enough").await, Created::Taken));
        assert!(matches!(made("max", "short").await, Created::PasswordUnfit));
        assert!(matches!(made("max", &"long".repeat(51)).await, Created::PasswordUnfit));
        for login in ["", "a b", "<script>", &"m".repeat(65)] {
            assert!(matches!(made(login, "long enough").await, Created::LoginUnfit), "{login}");
        }
    }

    #[test]
    fn a_demonstration_has_an_end_to_its_accounts() {
        let users = ListedUsers::demo().unwrap();
        let known = |n: usize| {
            let wanted =
                NewAccount { login: format!("user{n}"), password: String::new(), name: String::new() };
            Known::made(&wanted, String::new(), n.to_string())
        };
        assert!((0..MADE).all(|n| matches!(users.keep(known(n)), Ok(Created::Account(_)))));
        assert!(matches!(users.keep(known(0)), Ok(Created::Taken)));
        assert!(users.keep(known(MADE)).is_err());
    }
}
