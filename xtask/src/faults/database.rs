//! A database of a program's own, on the server of a URL.

use std::process::Command;

use placet_ambient::Ambient;

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
    use super::beside;

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
