//! Where users come from. A real user store is plugged in here.

mod asking;
mod callback;
mod demo;
mod developers;
mod hashing;
mod keyring_file;
mod keyrings;
mod listed;
mod social;

use std::future::Future;
use std::pin::Pin;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use callback::CallbackUsers;
pub(crate) use developers::{Developer, Developers, Who};
pub use keyrings::{Credential, Keyring, Keyrings, Passkey, Saved, UserHandle};
pub use listed::ListedUsers;
pub use social::{FromNetwork, Network, Social};

/// What the methods of [`Users`] return, so that stores can be trait objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The user store does not answer, or has too much to do; the text is for the log.
#[derive(Debug)]
pub struct Unavailable(pub String);

/// A user, as far as pages and tokens need to know.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct User {
    /// What the user is known by in tokens: 1 to 100 ASCII characters that never change and never name
    /// somebody else (OpenID Connect Core §2).
    pub subject: String,
    /// How pages address the user.
    pub name: String,
    /// Whether the user can confirm a login with a second factor.
    pub has_second_factor: bool,
    /// Claims by name, with a language tag where there is one: `name`, `name#ja` (OpenID Connect Core §5.2).
    pub claims: Map<String, Value>,
}

impl User {
    /// The values that are there of the named claims; a name without a tag is looked up in the languages first.
    /// OpenID Connect Core §5.5: a claim that there is no value for is left out.
    pub fn chosen(&self, names: &[String], locales: &[String]) -> Map<String, Value> {
        let tagged = |name: &str| locales.iter().find_map(|tag| self.claims.get(&format!("{name}#{tag}")));
        let value = |name: &str| tagged(name).or_else(|| self.claims.get(name));
        names.iter().filter_map(|name| Some((name.clone(), value(name)?.clone()))).collect()
    }
}

/// A store of users.
pub trait Users: Send + Sync {
    /// The user that login name and password belong to; `None` for a wrong pair. It takes the same time whether
    /// there is such a name or not. Guessing is slowed down by the caller.
    fn sign_in<'a>(
        &'a self,
        login: &'a str,
        password: &'a str,
    ) -> BoxFuture<'a, Result<Option<User>, Unavailable>>;

    /// Whether the code is the user's second factor.
    fn second_factor<'a>(
        &'a self,
        subject: &'a str,
        code: &'a str,
    ) -> BoxFuture<'a, Result<bool, Unavailable>>;

    /// The user of a subject; `None` when there is none any more.
    fn find<'a>(&'a self, subject: &'a str) -> BoxFuture<'a, Result<Option<User>, Unavailable>>;

    /// The user whom a client means by a login hint (OpenID Connect CIBA Core §7.1); `None` for nobody. A store takes
    /// hints for subjects, unless it knows more of its users.
    fn hinted<'a>(&'a self, hint: &'a str) -> BoxFuture<'a, Result<Option<User>, Unavailable>> {
        self.find(hint)
    }

    /// Where accounts are made, if this store can: then `prompt=create` is served (Initiating User Registration via
    /// OpenID Connect 1.0). A store cannot, unless it says so.
    fn accounts(&self) -> Option<&dyn Accounts> {
        None
    }

    /// Where passkeys are kept, if this store can: then people can make passkeys, and sign in with them. A store cannot,
    /// unless it says so.
    fn passkeys(&self) -> Option<&dyn Keyrings> {
        None
    }

    /// Who comes by way of a social network, if this store takes such a network's word. A store does not, unless it says so.
    fn social(&self) -> Option<&dyn Social> {
        None
    }

    /// Login names, passwords and second factors to show on the sign-in page: of a demonstration only.
    fn shown(&self) -> &[Shown] {
        &[]
    }
}

/// A store that can make accounts.
pub trait Accounts: Send + Sync {
    /// Makes an account, if the store agrees to it.
    fn create<'a>(&'a self, wanted: &'a NewAccount) -> BoxFuture<'a, Result<Created, Unavailable>>;
}

/// What somebody wants to be known by.
pub struct NewAccount {
    /// The login name, without blanks around it.
    pub login: String,
    /// The password.
    pub password: String,
    /// The full name; may be empty.
    pub name: String,
}

/// What became of a wish for an account.
#[derive(Clone, Debug)]
pub enum Created {
    /// It was made.
    Account(User),
    /// Somebody has this login name.
    Taken,
    /// The login name is none.
    LoginUnfit,
    /// The password is too short, or too long.
    PasswordUnfit,
}

/// What the sign-in page of a demonstration shows.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The login name.
    pub login: String,
    /// The password.
    pub password: String,
    /// Empty for none.
    pub code: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_comes_in_the_language_that_is_there() {
        let claims = json!({ "name": "Hanako", "name#ja": "花子", "email": "h@example.com" });
        let user = User { claims: claims.as_object().unwrap().clone(), ..User::default() };
        let names = ["name", "name#ja", "name#fr", "phone_number"].map(str::to_owned);
        let chosen = |locales: &[&str]| {
            Value::Object(
                user.chosen(&names, &locales.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>()),
            )
        };
        assert_eq!(chosen(&[]), json!({ "name": "Hanako", "name#ja": "花子" }));
        assert_eq!(chosen(&["fr", "ja"]), json!({ "name": "花子", "name#ja": "花子" }));
    }
}
