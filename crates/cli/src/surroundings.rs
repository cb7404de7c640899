//! What a command finds where it runs. It is handed in: this crate reads neither environment nor clock.

use std::collections::BTreeMap;
use std::path::PathBuf;

use placet_sdk::Ambient;

/// The environment's variables, clock and randomness.
#[derive(Clone, Default)]
pub struct Surroundings {
    variables: BTreeMap<String, String>,
    /// The clock, and where randomness comes from.
    pub ambient: Ambient,
}

impl Surroundings {
    /// With the variables of the process.
    pub fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { variables: variables.into_iter().collect(), ambient: Ambient::default() }
    }

    /// A variable; one that is empty is not there.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Where this user's programs keep their configuration, by the XDG Base Directory Specification.
    pub fn config_directory(&self) -> Option<PathBuf> {
        self.directory("XDG_CONFIG_HOME", ".config")
    }

    /// Where they keep their data.
    pub fn data_directory(&self) -> Option<PathBuf> {
        self.directory("XDG_DATA_HOME", ".local/share")
    }

    fn directory(&self, name: &str, below_home: &str) -> Option<PathBuf> {
        let named = self.variable(name).map(PathBuf::from);
        named.or_else(|| Some(PathBuf::from(self.variable("HOME")?).join(below_home)))
    }
}
