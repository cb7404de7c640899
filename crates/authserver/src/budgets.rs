//! The table of budgets: everything that a stranger can fill, or have worked on.

use std::time::Duration;

/// The largest body of a request, in bytes: forms, and what clients register.
pub(crate) const BODY: usize = 64 * 1024;

/// What a browser may send of a passkey, in bytes: some hundreds are usual, and an attestation that nobody has asked for
/// may come with them.
pub(crate) const CREDENTIAL: usize = 16 * 1024;
/// The longest name of a passkey that authenticators give, in bytes (WebAuthn Level 3 §4).
pub(crate) const CREDENTIAL_ID: usize = 1023;
/// What is kept of a passkey, in bytes: one without attestation takes less than a thousand.
pub(crate) const KEPT: usize = 4096;
/// The longest name of a passkey that people give, in characters.
pub(crate) const LABEL: usize = 64;
/// The longest that a wallet waits before it asks again for a credential that comes later, in seconds: as long as the API lets it.
pub(crate) const LONGEST_INTERVAL: i64 = 24 * 60 * 60;
/// Ceremonies of passkeys that one browser can have begun at a time. The oldest goes.
pub(crate) const CEREMONIES: usize = 8;
/// How long a ceremony is good for: as long as its page may be answered.
pub(crate) const CEREMONY_SECONDS: i64 = 3600;

/// Sign-ins by way of a social network that one browser can have begun at a time. The oldest goes.
pub(crate) const SNS_ATTEMPTS: usize = 8;
/// How long such a sign-in may take, in seconds.
pub(crate) const SNS_SECONDS: i64 = 600;

/// What a stranger can make this server keep, or do at a time. Each has an end; `docs/authserver.md` says what happens
/// beyond it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budgets {
    /// Browsers without a login that are remembered. The least used go first, so that a flood of them costs nobody a
    /// login.
    pub strangers: usize,
    /// Logins that are remembered, and as many that the applications of a device share.
    pub logins: usize,
    /// The same, of one user. The oldest goes.
    pub logins_of_one: usize,
    /// Requests that one browser can have open at a time: its tabs. The oldest goes.
    pub tabs: usize,
    /// Clients that one login tells of its end.
    pub clients: usize,
    /// Names and addresses whose wrong passwords are counted. The least used go first.
    pub guesses: usize,
    /// Passwords that are hashed at a time: 19 MiB and tens of milliseconds each.
    pub hashes: usize,
    /// Passwords that wait to be hashed; one more is answered 503.
    pub hashes_waiting: usize,
    /// How long a password waits to be hashed before it is answered 503.
    pub hash_time: Duration,
    /// Clients that one address may register in an hour; one more is answered 429.
    pub registrations: u32,
    /// Accounts that one address may make in an hour; one more is answered 429.
    pub accounts: u32,
    /// Authorization requests that one address may make in an hour, at the authorization endpoint or pushed by a client
    /// that proves nothing; one more is answered 429. Each is stored until it is answered, or its time is up.
    pub requests: u32,
    /// Codes of devices that one address may type in in an hour; one more is answered 429.
    pub codes: u32,
    /// Credential offers that one address may make in an hour; one more is answered 429.
    pub offers: u32,
    /// Sign-ins by way of a social network that one address may begin in an hour; one more is answered 429.
    pub social: u32,
    /// Requests of clients that users are asked about on their own devices, of everybody together; one more is refused.
    pub inbox: usize,
    /// The same, of one user.
    pub inbox_of_one: usize,
    /// Credentials that come later, whose times are remembered. The least used go first, and wait anew.
    pub deferred: usize,
    /// Passkeys of one user; for one more there is no place.
    pub passkeys: usize,
    /// Clients that one developer may have made; for one more there is no place.
    pub clients_of_developer: usize,
    /// Addresses whose registrations, accounts, requests, codes, offers and sign-ins by way of a
    /// network are counted. The least used go first.
    pub addresses: usize,
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            strangers: 10_000,
            logins: 100_000,
            logins_of_one: 100,
            tabs: 8,
            clients: 256,
            guesses: 50_000,
            hashes: std::thread::available_parallelism().map_or(1, usize::from),
            hashes_waiting: 64,
            hash_time: Duration::from_secs(5),
            registrations: 100,
            accounts: 10,
            requests: 10_000,
            codes: 60,
            offers: 60,
            social: 300,
            inbox: 10_000,
            inbox_of_one: 10,
            deferred: 10_000,
            passkeys: 10,
            clients_of_developer: 100,
            addresses: 50_000,
        }
    }
}

/// Nothing that is counted is for nobody: a budget of zero would be a switch.
impl Budgets {
    /// # Errors
    /// Names what is zero.
    pub fn checked(self) -> Result<Self, String> {
        let all = [
            ("strangers", self.strangers),
            ("logins", self.logins),
            ("logins_of_one", self.logins_of_one),
            ("tabs", self.tabs),
            ("clients", self.clients),
            ("guesses", self.guesses),
            ("hashes", self.hashes),
            ("hashes_waiting", self.hashes_waiting),
            ("inbox", self.inbox),
            ("inbox_of_one", self.inbox_of_one),
            ("deferred", self.deferred),
            ("passkeys", self.passkeys),
            ("clients_of_developer", self.clients_of_developer),
            ("addresses", self.addresses),
        ];
        match all.into_iter().find(|(_, limit)| *limit == 0) {
            Some((name, _)) => Err(format!("budgets.{name}: expected a number above 0")),
            None => Ok(self),
        }
    }
}
