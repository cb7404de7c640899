//! A configuration that is read again while the server runs.

use crate::api::Api;
use crate::config::Config;
use crate::master_key;
use crate::observe::Logging;

/// Where the configuration comes from.
pub type Source = Box<dyn Fn() -> Result<Config, Vec<String>>>;

/// What changes while the server runs. The rest is what it was built on: addresses, threads, memory, the store.
const LIVE: &[&str] = &[
    "inspector.age_seconds",
    "inspector.calls",
    "inspector.texts",
    "limits.service_calls_per_second",
    "limits.token_calls_per_second",
    "log.decisions",
    "log.level",
    "sweep.batch",
    "sweep.pause_milliseconds",
    "sweep.retention_seconds",
];

fn is_live(name: &str) -> bool {
    LIVE.contains(&name) || name.starts_with("master_key.")
}

/// A running server's configuration.
pub(crate) struct Running<'a> {
    pub(crate) api: &'a Api,
    pub(crate) logging: &'a Logging,
    /// As it was when the server started, and what of it has changed since.
    pub(crate) config: Config,
}

impl Running<'_> {
    /// Takes over what can be; a configuration that is wrong changes nothing. The log says what became of it.
    pub(crate) fn reload(&mut self, source: &Source) -> Option<Config> {
        let read = match source() {
            Ok(read) => read,
            Err(problems) => {
                for problem in problems {
                    tracing::error!(problem, "the configuration is wrong, and stays as it was");
                }
                return None;
            }
        };
        let differing = self.config.differing(&read);
        let (taken, left): (Vec<_>, Vec<_>) = differing.into_iter().partition(|name| is_live(name));
        if let Err(problem) = self.logging.set_level(&read.log_level) {
            tracing::error!(problem, "the level of the log stays as it was");
        }
        self.api.take_over(&read);
        for name in &taken {
            match read.given.get(name) {
                Some(text) => drop(self.config.given.insert(name.clone(), text.clone())),
                None => drop(self.config.given.remove(name)),
            }
        }
        if !left.is_empty() {
            tracing::warn!(settings = left.join(" "), "these settings count when the server is started anew");
        }
        tracing::warn!(settings = taken.join(" "), "the configuration was read again");
        Some(read)
    }

    /// Takes over the master keys that are known now: what a file has may be another, whatever was set before.
    pub(crate) async fn learn(&mut self, read: Config) {
        let directory = self.config.directory.clone();
        match master_key::load(&Config { directory, ..read.clone() }, true).await {
            Ok(masters) => {
                self.api.engine().learn(masters);
                self.config.master_key = read.master_key;
            }
            Err(problem) => tracing::error!(%problem, "the master keys stay as they were"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_is_named_as_it_is_in_the_file() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operating.md");
        let page = std::fs::read_to_string(page).unwrap();
        let names: Vec<_> = LIVE.iter().map(|name| format!("`{name}`")).collect();
        let (last, others) = names.split_last().unwrap();
        let list = format!("{} and {last}", others.join(", "));
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words(&page).contains(&list), "docs/operating.md lacks {list}");
    }
}
