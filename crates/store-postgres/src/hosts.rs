//! The hosts that a database may be on, each asked for itself: one that is silent must not use up the time of the others.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_postgres::Config;
use tokio_postgres::config::Host;

pub(crate) struct Hosts {
    /// Each with one host.
    configs: Vec<Config>,
    /// The one that was found to write when somebody last connected.
    found: AtomicUsize,
}

impl Hosts {
    pub(crate) fn of(config: &Config) -> Self {
        Self { configs: apart(config), found: AtomicUsize::new(0) }
    }

    /// All of them with their numbers, the one that was found last first.
    pub(crate) fn in_turn(&self) -> impl Iterator<Item = (usize, &Config)> {
        let first = self.found.load(Ordering::Relaxed);
        let (before, from) = self.configs.split_at(first.min(self.configs.len()));
        (first..).zip(from).chain((0..).zip(before))
    }

    pub(crate) fn found(&self, number: usize) {
        self.found.store(number, Ordering::Relaxed);
    }
}

fn apart(config: &Config) -> Vec<Config> {
    let (hosts, addresses, ports) = (config.get_hosts(), config.get_hostaddrs(), config.get_ports());
    let count = hosts.len().max(addresses.len());
    let lists_agree = [hosts.len(), addresses.len()].iter().all(|length| [0, count].contains(length))
        && (ports.len() <= 1 || ports.len() == count);
    // The driver says what is wrong with those that do not.
    if count <= 1 || !lists_agree {
        return vec![config.clone()];
    }
    let one = |number| {
        let mut one = without_hosts(config);
        match hosts.get(number) {
            Some(Host::Tcp(name)) => drop(one.host(name)),
            #[cfg(unix)]
            Some(Host::Unix(path)) => drop(one.host_path(path)),
            None => {}
        }
        if let Some(address) = addresses.get(number) {
            one.hostaddr(*address);
        }
        if let Some(port) = ports.get(number).or(ports.first()) {
            one.port(*port);
        }
        one
    };
    (0..count).map(one).collect()
}

/// Everything else. The password is added for each connection.
fn without_hosts(config: &Config) -> Config {
    let mut other = Config::new();
    config.get_user().map(|user| other.user(user));
    config.get_dbname().map(|name| other.dbname(name));
    config.get_options().map(|options| other.options(options));
    config.get_application_name().map(|name| other.application_name(name));
    other.ssl_mode(config.get_ssl_mode()).ssl_negotiation(config.get_ssl_negotiation());
    other.channel_binding(config.get_channel_binding());
    other.target_session_attrs(config.get_target_session_attrs());
    other.load_balance_hosts(config.get_load_balance_hosts());
    timed(&mut other, config);
    other
}

fn timed(other: &mut Config, config: &Config) {
    other.keepalives(config.get_keepalives()).keepalives_idle(config.get_keepalives_idle());
    config.get_keepalives_interval().map(|interval| other.keepalives_interval(interval));
    config.get_keepalives_retries().map(|retries| other.keepalives_retries(retries));
    config.get_connect_timeout().map(|timeout| other.connect_timeout(*timeout));
    config.get_tcp_user_timeout().map(|timeout| other.tcp_user_timeout(*timeout));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

    use super::*;

    fn hosts(url: &str) -> Hosts {
        Hosts::of(&url.parse().unwrap())
    }

    #[test]
    fn each_host_has_all_of_the_rest() {
        let rest = "user=a dbname=b options=-cx=y application_name=c sslmode=require channel_binding=require \
            target_session_attrs=read-write load_balance_hosts=random keepalives_idle=3 keepalives_interval=4 \
            keepalives_retries=5 connect_timeout=6 tcp_user_timeout=7 sslnegotiation=direct";
        for (many, each) in [
            ("host=one,/two port=1,2", ["host=one port=1", "host=/two port=2"]),
            (
                "host=one,two hostaddr=10.0.0.1,10.0.0.2 port=3",
                ["host=one hostaddr=10.0.0.1 port=3", "host=two hostaddr=10.0.0.2 port=3"],
            ),
        ] {
            let apart = hosts(&format!("{many} {rest}"));
            let expected = each.map(|one| format!("{one} {rest}").parse::<Config>().unwrap());
            assert_eq!(apart.configs, expected, "{many}");
        }
        assert_eq!(hosts("host=one,two port=1,2,3").configs.len(), 1);
        assert_eq!(hosts("host=one").configs, ["host=one".parse::<Config>().unwrap()]);
    }

    #[test]
    fn the_one_that_was_found_is_asked_first() {
        let hosts = hosts("host=a,b,c");
        let order = || hosts.in_turn().map(|(number, _)| number).collect::<Vec<_>>();
        assert_eq!(order(), [0, 1, 2]);
        hosts.found(1);
        assert_eq!(order(), [1, 2, 0]);
    }
}
