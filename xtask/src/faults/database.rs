//! A database of a program's own, on the server of a URL.

use std::process::Command;
use std::time::Duration;

use placet_ambient::{Ambient, Stopwatch};

/// How long what a node has asked for may take to be done, or to be given up, once nothing is in the way.
const SETTLED: Duration = Duration::from_secs(30);
/// How long what has arrived at a database may lie there unread.
const MOMENT: Duration = Duration::from_millis(200);
/// What is being done for nodes now.
const BUSY: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
    AND application_name LIKE 'placet%' AND state <> 'idle'";

pub(crate) struct Database {
    server: String,
    name: String,
    pub(crate) url: String,
}

impl Database {
    /// Makes a database beside the one that the URL names.
    pub(crate) fn fresh(server: &str) -> Result<Self, String> {
        let name = format!("faults_{}_{}", std::process::id(), Ambient::default().clock.seconds());
        let database = Self { server: server.to_owned(), url: beside(server, &name)?, name };
        database.say("CREATE DATABASE").map(|()| database)
    }

    /// Removes it.
    pub(crate) fn remove(self) -> Result<(), String> {
        self.say("DROP DATABASE")
    }

    /// Waits until nothing is being done any more of what was asked: it may have changed something without an answer.
    pub(crate) fn settled(&self) -> Result<(), String> {
        let began = Stopwatch::start();
        // What has arrived may not have been begun.
        std::thread::sleep(MOMENT);
        while self.ask(BUSY)? != "0" {
            if began.elapsed() > SETTLED {
                return Err(format!("the database is busy after {SETTLED:?}"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// What it says of those who were in each other's way.
    pub(crate) fn in_the_way(&self) -> Result<String, String> {
        self.ask(
            "SELECT deadlocks || ' deadlocks and ' || xact_rollback || ' transactions that came to nothing'
            FROM pg_stat_database WHERE datname = current_database()",
        )
    }

    /// The one value that a query gives.
    pub(crate) fn ask(&self, sql: &str) -> Result<String, String> {
        let output = Command::new("psql").args([&self.url, "-qAtc", sql]).output();
        let output = output.map_err(|e| format!("psql: {e}"))?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
            false => Err(format!("psql: {}", String::from_utf8_lossy(&output.stderr).trim())),
        }
    }

    /// Host and port, where they are asked over TCP.
    pub(crate) fn address(&self) -> Result<String, String> {
        let (host, port) = place(&self.url);
        match host.as_deref() {
            None => Err(format!("{}: no host", self.url)),
            Some(host) if host.contains(',') => Err(format!("{}: more than one host", self.url)),
            // A server whose socket is in a folder listens on loopback too.
            Some(host) if host.starts_with('/') => Ok(format!("localhost:{port}")),
            Some(host) => Ok(format!("{host}:{port}")),
        }
    }

    /// The same database by way of a port of this machine.
    pub(crate) fn through(&self, port: u16) -> String {
        match self.url.split_once("://") {
            Some((scheme, rest)) => {
                let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
                let user = authority.rsplit_once('@').map_or(String::new(), |(user, _)| format!("{user}@"));
                format!("{scheme}://{user}127.0.0.1:{port}/{path}")
            }
            None => {
                let other = |word: &&str| !word.starts_with("host") && !word.starts_with("port=");
                let words: Vec<_> = self.url.split(' ').filter(other).collect();
                format!("host=127.0.0.1 port={port} {}", words.join(" "))
            }
        }
    }

    /// The same database, for those whose transactions have to have an order.
    pub(crate) fn serializable(&self) -> String {
        match self.url.split_once("://") {
            Some(_) => {
                let joint = if self.url.contains('?') { '&' } else { '?' };
                format!("{}{joint}options=-c%20default_transaction_isolation%3Dserializable", self.url)
            }
            None => format!("{} options='-c default_transaction_isolation=serializable'", self.url),
        }
    }

    fn say(&self, what: &str) -> Result<(), String> {
        let said =
            Command::new("psql").args([&self.server, "-qc", &format!("{what} {}", self.name)]).status();
        match said {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("{what}: psql has ended: {status}")),
            Err(e) => Err(format!("psql: {e}")),
        }
    }
}

/// The host of a URL, and its port.
fn place(url: &str) -> (Option<String>, String) {
    let word = |name: &str| url.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    let usual = || "5432".to_owned();
    let Some((_, rest)) = url.split_once("://") else {
        return (word("host").map(str::to_owned), word("port").map_or_else(usual, str::to_owned));
    };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = host.rsplit_once(':').map_or((host, usual()), |(host, port)| (host, port.to_owned()));
    (Some(host.to_owned()).filter(|host| !host.is_empty()), port)
}

/// The same server, and another database.
fn beside(url: &str, name: &str) -> Result<String, String> {
    let Some((scheme, rest)) = url.split_once("://") else {
        // Of words that stand twice, the last counts.
        return Ok(format!("{url} dbname={name}"));
    };
    let (place, options) = rest.split_once('?').map_or((rest, String::new()), |(p, o)| (p, format!("?{o}")));
    let host = place.split('/').next().filter(|host| !host.is_empty());
    host.map(|host| format!("{scheme}://{host}/{name}{options}")).ok_or(format!("{url}: no host"))
}

#[cfg(test)]
mod tests {
    use super::{Database, beside};

    #[test]
    fn a_database_is_reached_through_a_port() {
        let of = |url: &str| {
            let database = Database { server: String::new(), name: String::new(), url: url.to_owned() };
            (database.address(), database.through(7))
        };
        assert_eq!(
            of("postgresql://placet@localhost:5433/own?sslmode=disable"),
            (
                Ok("localhost:5433".to_owned()),
                "postgresql://placet@127.0.0.1:7/own?sslmode=disable".to_owned()
            )
        );
        assert_eq!(
            of("host=/run port=5433 user=placet dbname=postgres dbname=own"),
            (
                Ok("localhost:5433".to_owned()),
                "host=127.0.0.1 port=7 user=placet dbname=postgres dbname=own".to_owned()
            )
        );
        assert!(of("host=one,other user=placet").0.is_err() && of("user=placet").0.is_err());
    }

    #[test]
    fn both_forms_of_a_url_have_a_neighbour() {
        let found = beside("postgresql://placet@localhost:5432/postgres?sslmode=disable", "own");
        assert_eq!(found.as_deref(), Ok("postgresql://placet@localhost:5432/own?sslmode=disable"));
        assert_eq!(
            beside("host=/run dbname=postgres", "own").as_deref(),
            Ok("host=/run dbname=postgres dbname=own")
        );
        assert!(beside("postgresql:///postgres", "own").is_err());
    }
}
