//! The table `[budgets]`.

use std::time::Duration;

use crate::Budgets;
use serde::Deserialize;

/// What is left out has its default.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BudgetsConfig {
    strangers: Option<usize>,
    logins: Option<usize>,
    logins_of_one: Option<usize>,
    tabs: Option<usize>,
    clients: Option<usize>,
    guesses: Option<usize>,
    hashes: Option<usize>,
    hashes_waiting: Option<usize>,
    hash_milliseconds: Option<u64>,
    registrations: Option<u32>,
    accounts: Option<u32>,
    requests: Option<u32>,
    codes: Option<u32>,
    offers: Option<u32>,
    social: Option<u32>,
    inbox: Option<usize>,
    inbox_of_one: Option<usize>,
    deferred: Option<usize>,
    passkeys: Option<usize>,
    clients_of_developer: Option<usize>,
    addresses: Option<usize>,
}

impl BudgetsConfig {
    pub(super) fn read(&self) -> Result<Budgets, String> {
        let other = Budgets::default();
        let budgets = Budgets {
            strangers: self.strangers.unwrap_or(other.strangers),
            logins: self.logins.unwrap_or(other.logins),
            logins_of_one: self.logins_of_one.unwrap_or(other.logins_of_one),
            tabs: self.tabs.unwrap_or(other.tabs),
            clients: self.clients.unwrap_or(other.clients),
            guesses: self.guesses.unwrap_or(other.guesses),
            hashes: self.hashes.unwrap_or(other.hashes),
            hashes_waiting: self.hashes_waiting.unwrap_or(other.hashes_waiting),
            hash_time: self.hash_milliseconds.map_or(other.hash_time, Duration::from_millis),
            registrations: self.registrations.unwrap_or(other.registrations),
            accounts: self.accounts.unwrap_or(other.accounts),
            requests: self.requests.unwrap_or(other.requests),
            codes: self.codes.unwrap_or(other.codes),
            offers: self.offers.unwrap_or(other.offers),
            social: self.social.unwrap_or(other.social),
            inbox: self.inbox.unwrap_or(other.inbox),
            inbox_of_one: self.inbox_of_one.unwrap_or(other.inbox_of_one),
            deferred: self.deferred.unwrap_or(other.deferred),
            passkeys: self.passkeys.unwrap_or(other.passkeys),
            clients_of_developer: self.clients_of_developer.unwrap_or(other.clients_of_developer),
            addresses: self.addresses.unwrap_or(other.addresses),
        };
        budgets.checked()
    }
}
