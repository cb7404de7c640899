//! The table `[telemetry]` of the configuration.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use reqwest::Url;

/// Where spans and metrics go, and how many.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What stands before `/v1/traces` and `/v1/metrics`; without it nothing goes anywhere.
    pub endpoint: Option<String>,
    /// Headers of each request, one a line: what the collector knows its senders by.
    pub headers_file: Option<PathBuf>,
    /// PEM file of authorities that vouch for the collector, besides the system's.
    pub ca_file: Option<PathBuf>,
    /// `service.name` of what is sent.
    pub service_name: String,
    pub traces: bool,
    pub metrics: bool,
    /// Of the traces that begin here.
    pub sampled: Ratio,
    /// Between two times that metrics are sent.
    pub interval: Duration,
    /// How long the collector may take to answer.
    pub timeout: Duration,
    /// Spans that wait.
    pub queue: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            endpoint: None,
            headers_file: None,
            ca_file: None,
            service_name: "placet".to_owned(),
            traces: true,
            metrics: true,
            sampled: Ratio(1.0),
            interval: Duration::from_secs(60),
            timeout: Duration::from_secs(5),
            queue: 8_192,
        }
    }
}

/// A number from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio(f64);

impl Ratio {
    /// Of 2^64 numbers so many, all with the last.
    pub(super) fn threshold(self) -> u64 {
        // Casts of what is too large end at the largest.
        (self.0 * 18_446_744_073_709_551_616.0) as u64
    }
}

impl FromStr for Ratio {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let ratio = text.parse().ok().filter(|ratio| plain && (0.0..=1.0).contains(ratio));
        ratio.map(Self).ok_or("expected a number from 0 to 1, such as \"0.05\"")
    }
}

pub(crate) type Set = fn(&mut Settings, &str) -> Result<(), &'static str>;

/// The settings of the table that are no limits.
pub(crate) const SETTINGS: &[(&str, Set)] = &[
    ("telemetry.endpoint", |to, text| endpoint(text).map(|read| to.endpoint = Some(read))),
    ("telemetry.headers_file", |to, text| file(text).map(|read| to.headers_file = Some(read))),
    ("telemetry.ca_file", |to, text| file(text).map(|read| to.ca_file = Some(read))),
    ("telemetry.service_name", |to, text| service_name(text).map(|read| to.service_name = read)),
    ("telemetry.traces", |to, text| on(text).map(|read| to.traces = read)),
    ("telemetry.metrics", |to, text| on(text).map(|read| to.metrics = read)),
    ("telemetry.sampling_ratio", |to, text| text.parse().map(|read| to.sampled = read)),
];

fn endpoint(text: &str) -> Result<String, &'static str> {
    let expected = "expected a URL such as \"http://127.0.0.1:4318\", without user, query and fragment";
    let url = Url::parse(text).map_err(|_| expected)?;
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if !(plain && ["http", "https"].contains(&url.scheme())) {
        return Err(expected);
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn file(text: &str) -> Result<PathBuf, &'static str> {
    if text.is_empty() { Err("expected the path of a file") } else { Ok(PathBuf::from(text)) }
}

fn service_name(text: &str) -> Result<String, &'static str> {
    if text.is_empty() || text.len() > 255 {
        return Err("expected a name of at most 255 bytes");
    }
    Ok(text.to_owned())
}

fn on(text: &str) -> Result<bool, &'static str> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("expected on or off"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_has_no_secrets_in_it() {
        assert_eq!(endpoint("http://127.0.0.1:4318/").unwrap(), "http://127.0.0.1:4318");
        assert_eq!(endpoint("https://in.example/otlp").unwrap(), "https://in.example/otlp");
        for wrong in
            ["", "127.0.0.1:4318", "ftp://a", "http://u:p@a", "http://u@a", "http://a/?k=v", "http://a/#b"]
        {
            assert!(endpoint(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_ratio_is_a_part() {
        let threshold = |text: &str| text.parse::<Ratio>().map(Ratio::threshold);
        assert_eq!(threshold("0"), Ok(0));
        assert_eq!(threshold("1"), Ok(u64::MAX));
        assert_eq!(threshold("0.5"), Ok(1 << 63));
        for wrong in ["", "1.1", "-0.5", "nan", "inf", "1e-3", "half", "."] {
            assert!(threshold(wrong).is_err(), "{wrong}");
        }
    }
}
