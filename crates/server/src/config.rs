//! Configuration: a TOML file, then environment variables over it, compiled once. Every wrong key and
//! value is named with its place, all at once. This is the only place that reads the environment.

mod console;
mod hsm;

pub use console::ConsoleSettings;
pub use hsm::Module;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use placet_ambient::Ambient;
use placet_base::Ttl;
use toml::de::{DeTable, DeValue};

use placet_serving::Limits;
use placet_store_postgres::PostgresConfig;

use crate::budgets::{self, BUDGETS, Value};
use crate::inspector;
use crate::jobs::Sweep;
use crate::lane::LaneLimits;
use crate::master_key::{FORMER_VARIABLE, Hidden, Source, VARIABLE};
use crate::observe::LogFormat;
use crate::outside::{FetchLimits, Origin};
use crate::rates::RateLimits;
use crate::telemetry;

#[derive(Clone, Debug)]
pub struct Config {
    pub listen: SocketAddr,
    /// Where `/metrics` is; nowhere without it.
    pub metrics_listen: Option<SocketAddr>,
    pub directory: PathBuf,
    /// The database that many nodes share; without it the store is a file of the directory, and of this process alone.
    pub postgres: Option<PostgresConfig>,
    /// Where the master keys are.
    pub master_key: Source,
    /// Whether the paths and credentials of Version 2 of the API are taken.
    pub version2: bool,
    pub threads: usize,
    pub log_level: String,
    pub log_format: LogFormat,
    /// Whether each call has a line in the log.
    pub log_decisions: bool,
    pub inspector: inspector::Settings,
    pub body_bytes: usize,
    pub serving: Limits,
    /// Calls that all threads together take on at once, beyond which they are shed.
    pub calls: usize,
    pub rates: RateLimits,
    pub long: LaneLimits,
    pub sweep: Sweep,
    pub fetch: FetchLimits,
    /// The modules that hold keys of services.
    pub hsms: Vec<Module>,
    pub hardware: placet_hsm::Limits,
    pub telemetry: telemetry::Settings,
    pub console: ConsoleSettings,
    /// What was set, by name, as it was written.
    pub given: BTreeMap<String, String>,
    /// Not of the file: clock and randomness, the system's unless a test gives others.
    pub ambient: Ambient,
}

impl Config {
    /// Everything at its default, for a data directory.
    pub fn new(directory: PathBuf) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7400)),
            metrics_listen: None,
            directory,
            postgres: None,
            master_key: Source::default(),
            version2: false,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            log_level: "info".to_owned(),
            log_format: LogFormat::Json,
            log_decisions: false,
            inspector: inspector::Settings::default(),
            body_bytes: 1024 * 1024,
            serving: Limits::default(),
            calls: 512,
            rates: RateLimits { per_token: RateLimits::NONE, per_service: RateLimits::NONE },
            long: LaneLimits { threads: 2, queue: 64 },
            sweep: Sweep { pause: Duration::from_secs(1), batch: 1000, retention: Ttl::secs(24 * 60 * 60) },
            fetch: FetchLimits::default(),
            hsms: Vec::new(),
            hardware: placet_hsm::Limits::default(),
            telemetry: telemetry::Settings::default(),
            console: ConsoleSettings::default(),
            given: BTreeMap::new(),
            ambient: Ambient::default(),
        }
    }

    /// The names of the settings that are others in `other`, in their order.
    pub(crate) fn differing(&self, other: &Self) -> Vec<String> {
        let names = self.given.keys().chain(other.given.keys()).collect::<BTreeSet<_>>();
        let differs = |name: &&&String| self.given.get(**name) != other.given.get(**name);
        names.iter().filter(differs).map(|name| (*name).clone()).collect()
    }

    /// Reads `path`, if there is one, and `environment`.
    pub fn load(
        path: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Vec<String>> {
        let mut config = Self::new(PathBuf::new());
        let mut problems = Vec::new();
        if let Some(path) = path {
            match std::fs::read_to_string(path) {
                Ok(text) => config.read_file(&path.display().to_string(), &text, &mut problems),
                Err(e) => problems.push(format!("{}: {e}", path.display())),
            }
        }
        config.read_environment(environment, &mut problems);
        if config.directory.as_os_str().is_empty() && problems.is_empty() {
            problems.push("directory: missing; expected the path of the data directory".to_owned());
        }
        if config.postgres.as_ref().is_some_and(|postgres| postgres.url.is_empty()) {
            problems.push(
                "postgres.url: missing; the other settings of the database are nothing without it".to_owned(),
            );
        }
        if config.telemetry.endpoint.is_none()
            && config.given.keys().any(|name| name.starts_with("telemetry."))
        {
            problems.push(
                "telemetry.endpoint: missing; the other settings of telemetry are nothing without it"
                    .to_owned(),
            );
        }
        problems.extend(config.console.problems());
        problems.extend(config.master_key.problems());
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }

    fn read_file(&mut self, name: &str, text: &str, problems: &mut Vec<String>) {
        let file = File { name, text };
        match DeTable::parse(text) {
            Ok(table) => self.read_table(&file, "", table.get_ref(), problems),
            Err(e) => problems.push(format!("{}: {}", file.place(e.span().unwrap_or_default()), e.message())),
        }
    }

    fn read_table(&mut self, file: &File<'_>, above: &str, table: &DeTable<'_>, problems: &mut Vec<String>) {
        for (key, value) in table {
            let full = format!("{above}{}", key.get_ref());
            if full == hsm::NAME {
                self.hsms = hsm::read(file, value, problems);
                self.given.insert(full, format!("{:?}", self.hsms));
                continue;
            }
            if let DeValue::Table(inner) = value.get_ref()
                && names().any(|known| known.starts_with(&format!("{full}.")))
            {
                self.read_table(file, &format!("{full}."), inner, problems);
                continue;
            }
            let Some(setting) = Setting::of(&full) else {
                problems.push(format!("{}: {full}: there is no such setting", file.place(key.span())));
                continue;
            };
            let plain = match value.get_ref() {
                DeValue::String(text) => Some(text.to_string()),
                DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().replace('_', "")),
                _ => None,
            };
            let result = plain
                .ok_or("expected a string or an integer")
                .map_err(str::to_owned)
                .and_then(|plain| self.set(&setting, &full, plain));
            if let Err(expected) = result {
                problems.push(format!("{}: {full}: {expected}", file.place(value.span())));
            }
        }
    }

    fn set(&mut self, setting: &Setting, name: &str, text: String) -> Result<(), String> {
        setting.set(self, &text)?;
        self.given.insert(name.to_owned(), text);
        Ok(())
    }

    fn read_environment(
        &mut self,
        environment: impl IntoIterator<Item = (String, String)>,
        problems: &mut Vec<String>,
    ) {
        for (name, value) in environment {
            let Some(rest) = name.strip_prefix(PREFIX) else { continue };
            // These alone are secrets, and in no file and no list of settings.
            match name.as_str() {
                VARIABLE => self.master_key.variable = Some(Hidden::new(value)),
                FORMER_VARIABLE => self.master_key.former_variable = Some(Hidden::new(value)),
                _ => self.read_variable(&name, rest, value, problems),
            }
        }
    }

    fn read_variable(&mut self, name: &str, rest: &str, value: String, problems: &mut Vec<String>) {
        let known = names().find(|known| known.replace('.', "_").to_uppercase() == rest);
        match known.and_then(Setting::of) {
            None => problems.push(format!("environment: {name}: there is no such setting")),
            Some(setting) => {
                if let Err(expected) = self.set(&setting, known.unwrap_or_default(), value) {
                    problems.push(format!("environment: {name}: {expected}"));
                }
            }
        }
    }
}

/// Environment variables of ours start with this: `listen` is `PLACET_LISTEN`, `log.level` is
/// `PLACET_LOG_LEVEL`.
const PREFIX: &str = "PLACET_";

/// The names of all settings.
fn names() -> impl Iterator<Item = &'static str> {
    let numbers = BUDGETS.iter().filter(|budget| matches!(budget.value, Value::Setting { .. }));
    let telemetry = telemetry::SETTINGS.iter().map(|(name, _)| *name);
    SETTINGS.iter().map(|(name, _)| *name).chain(telemetry).chain(numbers.map(|budget| budget.name))
}

/// How the text of a setting becomes a value.
enum Setting {
    Text(Set),
    Telemetry(telemetry::Set),
    /// A limit, which is a number.
    Limit {
        write: fn(&mut Config, usize),
        least: usize,
        most: usize,
    },
}

impl Setting {
    fn of(name: &str) -> Option<Self> {
        if let Some((_, set)) = SETTINGS.iter().find(|(known, _)| *known == name) {
            return Some(Self::Text(*set));
        }
        if let Some((_, set)) = telemetry::SETTINGS.iter().find(|(known, _)| *known == name) {
            return Some(Self::Telemetry(*set));
        }
        match budgets::setting(name)?.value {
            Value::Setting { write, least, most, .. } => Some(Self::Limit { write, least, most }),
            Value::Fixed(_) => None,
        }
    }

    fn set(&self, config: &mut Config, text: &str) -> Result<(), String> {
        match *self {
            Self::Text(set) => set(config, text).map_err(str::to_owned),
            Self::Telemetry(set) => set(&mut config.telemetry, text).map_err(str::to_owned),
            Self::Limit { write, least, most } => {
                let expected = || format!("expected a number from {least} to {most}");
                write(config, number(text, least, most).ok_or_else(expected)?);
                Ok(())
            }
        }
    }
}

type Set = fn(&mut Config, &str) -> Result<(), &'static str>;

/// The settings that are no limits, and how their text becomes a value.
const SETTINGS: &[(&str, Set)] = &[
    ("listen", |config, text| {
        config.listen =
            text.parse().map_err(|_| "expected an address and port, such as \"127.0.0.1:7400\"")?;
        Ok(())
    }),
    ("metrics_listen", |config, text| {
        let address = text.parse().map_err(|_| "expected an address and port, such as \"127.0.0.1:7401\"")?;
        config.metrics_listen = Some(address);
        Ok(())
    }),
    ("directory", |config, text| {
        if text.is_empty() {
            return Err("expected the path of the data directory");
        }
        config.directory = PathBuf::from(text);
        Ok(())
    }),
    ("postgres.url", |config, text| {
        config.postgres.get_or_insert_default().url = text.to_owned();
        Ok(())
    }),
    ("postgres.password_file", |config, text| {
        config.postgres.get_or_insert_default().password_file = Some(PathBuf::from(text));
        Ok(())
    }),
    ("postgres.ca_file", |config, text| {
        config.postgres.get_or_insert_default().ca_file = Some(PathBuf::from(text));
        Ok(())
    }),
    ("master_key.file", |config, text| path(&mut config.master_key.file, text)),
    ("master_key.former_file", |config, text| path(&mut config.master_key.former_file, text)),
    ("master_key.aws_kms_file", |config, text| path(&mut config.master_key.aws_kms.file, text)),
    ("master_key.aws_kms_former_file", |config, text| path(&mut config.master_key.aws_kms.former_file, text)),
    ("master_key.aws_kms_region", |config, text| {
        config.master_key.aws_kms.region = Some(text.to_owned());
        Ok(())
    }),
    ("master_key.aws_kms_endpoint", |config, text| {
        if !hsm::is_private(text) {
            return Err("expected an https URL, or one on this machine");
        }
        config.master_key.aws_kms.endpoint = Some(text.to_owned());
        Ok(())
    }),
    ("postgres.row_security", |config, text| {
        config.postgres.get_or_insert_default().row_security = switch(text)?;
        Ok(())
    }),
    ("version2", |config, text| {
        config.version2 = switch(text)?;
        Ok(())
    }),
    ("console.enabled", |config, text| config.console.set_enabled(text)),
    ("console.origin", |config, text| config.console.set_origin(text)),
    ("console.openid_issuer", |config, text| config.console.set_issuer(text)),
    ("console.openid_client_id", |config, text| config.console.set_client(text)),
    ("console.openid_client_secret_file", |config, text| config.console.set_secret(text)),
    ("console.token_file", |config, text| config.console.set_token(text)),
    ("threads", |config, text| {
        config.threads = number(text, 1, 1024).ok_or("expected a number from 1 to 1024")?;
        Ok(())
    }),
    ("log.level", |config, text| {
        if !["error", "warn", "info", "debug", "trace"].contains(&text) {
            return Err("expected error, warn, info, debug or trace");
        }
        config.log_level = text.to_owned();
        Ok(())
    }),
    ("log.format", |config, text| {
        config.log_format = match text {
            "json" => LogFormat::Json,
            "text" => LogFormat::Text,
            _ => return Err("expected json or text"),
        };
        Ok(())
    }),
    ("log.decisions", |config, text| {
        config.log_decisions = switch(text)?;
        Ok(())
    }),
    ("inspector.calls", |config, text| {
        config.inspector.on = switch(text)?;
        Ok(())
    }),
    ("inspector.texts", |config, text| {
        config.inspector.texts = match text {
            "shown" => true,
            "hidden" => false,
            _ => return Err("expected shown or hidden"),
        };
        Ok(())
    }),
    ("sweep.pause_milliseconds", |config, text| {
        let millis = number(text, 10, 3_600_000).ok_or("expected a number from 10 to 3600000")?;
        config.sweep.pause = Duration::from_millis(millis as u64);
        Ok(())
    }),
    ("fetch.allowed_origins", |config, text| {
        let origins = text.split(' ').filter(|origin| !origin.is_empty()).map(Origin::parse);
        let expected = "expected origins such as \"http://10.0.0.5:8080\", with spaces between them";
        config.fetch.origins = origins.collect::<Option<_>>().ok_or(expected)?;
        Ok(())
    }),
    ("fetch.trusted_certificates", |config, text| {
        config.fetch.trusted = text.split(' ').filter(|path| !path.is_empty()).map(PathBuf::from).collect();
        Ok(())
    }),
    ("sweep.retention_seconds", |config, text| {
        let secs = number(text, 1, 315_360_000).ok_or("expected a number from 1 to 315360000")?;
        config.sweep.retention = Ttl::secs(i64::try_from(secs).unwrap_or(1));
        Ok(())
    }),
];

fn path(to: &mut Option<PathBuf>, text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("expected a path");
    }
    *to = Some(PathBuf::from(text));
    Ok(())
}

/// `on` or `off`.
fn switch(text: &str) -> Result<bool, &'static str> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("expected on or off"),
    }
}

fn number(text: &str, least: usize, most: usize) -> Option<usize> {
    text.parse().ok().filter(|n| (least..=most).contains(n))
}

/// A file and its name, for telling places in it.
struct File<'a> {
    name: &'a str,
    text: &'a str,
}

impl File<'_> {
    /// Line and column, counted from 1.
    fn place(&self, span: std::ops::Range<usize>) -> String {
        let before = &self.text[..span.start.min(self.text.len())];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        format!("{}:{line}:{column}", self.name)
    }
}

/// The process's environment.
#[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Where a user's programs keep their data, by the XDG Base Directory Specification.
pub fn user_data_directory() -> Option<PathBuf> {
    let find = |wanted: &str| {
        environment().find(|(name, value)| name == wanted && !value.is_empty()).map(|(_, v)| v)
    };
    find("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(find("HOME")?).join(".local/share")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str, environment: &[(&str, &str)]) -> Vec<String> {
        let mut config = Config::new(PathBuf::from("/data"));
        let mut problems = Vec::new();
        config.read_file("c.toml", text, &mut problems);
        let environment = environment.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        config.read_environment(environment, &mut problems);
        problems
    }

    #[test]
    fn every_wrong_key_and_value_is_named_with_its_place() {
        let found = problems(
            "listen = \"nowhere\"\nthread = 2\n[log]\nlevel = \"loud\"\nformat = 3\n[swep]\nbatch = 1\n[postgres]\nurl = \"host=/run\"\nrow_security = true\n",
            &[("PLACET_THREADS", "0"), ("PLACET_NOTHING", "1"), ("HOME", "/root")],
        );
        let starts: Vec<_> =
            found.iter().map(|p| p.splitn(3, ": ").take(2).collect::<Vec<_>>().join(" ")).collect();
        let expected = [
            "c.toml:1:10 listen",
            "c.toml:4:9 log.level",
            "c.toml:5:10 log.format",
            "c.toml:6:2 swep",
            "c.toml:2:1 thread",
            "c.toml:10:16 postgres.row_security",
            "environment PLACET_THREADS",
            "environment PLACET_NOTHING",
        ];
        for place in expected {
            assert!(starts.iter().any(|start| start == place), "{place} is not among {found:#?}");
        }
        assert_eq!(found.len(), expected.len());
    }

    #[test]
    fn the_environment_goes_over_the_file() {
        let path = std::env::temp_dir().join(format!("placet-config-{}.toml", std::process::id()));
        std::fs::write(
            &path,
            "directory = \"/file\"\nthreads = 3\n[sweep]\nbatch = 7\n[limits]\nhead_seconds = 3\n",
        )
        .unwrap();
        let environment = [("PLACET_DIRECTORY".to_owned(), "/environment".to_owned())];
        let config = Config::load(Some(&path), environment).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(config.directory, PathBuf::from("/environment"));
        assert_eq!((config.threads, config.sweep.batch), (3, 7));
        assert_eq!(config.serving.head_time, Duration::from_secs(3));
        assert_eq!(Config::load(None, []).unwrap_err().len(), 1);
    }

    #[test]
    fn broken_toml_is_named_with_its_place() {
        assert!(problems("listen = \n", &[])[0].starts_with("c.toml:1:"));
    }
}
