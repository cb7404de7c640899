//! The numbers as people read them.

use std::fmt::Write;
use std::time::Duration;

use super::load::Measured;

#[derive(Default)]
pub(crate) struct Report {
    pub(crate) tokens: usize,
    pub(crate) introspection: Measured,
    pub(crate) introspection_ceiling: Measured,
    pub(crate) issuance: Measured,
    pub(crate) issuance_ceiling: Measured,
    pub(crate) discarding: Measured,
    pub(crate) idle_mib: f64,
    pub(crate) loaded_mib: f64,
    pub(crate) start_empty: Duration,
    pub(crate) start_full: Duration,
}

impl Report {
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "| measurement | requests/s | p50 | p99 |");
        let _ = writeln!(out, "|---|---:|---:|---:|");
        let tokens = self.tokens;
        for (name, m) in [
            (format!("introspection, {tokens} live tokens"), &self.introspection),
            ("bare HTTP stack, sizes of introspection".to_owned(), &self.introspection_ceiling),
            ("client_credentials, opaque, durable".to_owned(), &self.issuance),
            ("client_credentials, nothing stored".to_owned(), &self.discarding),
            ("bare HTTP stack, sizes of issuance".to_owned(), &self.issuance_ceiling),
        ] {
            let _ = writeln!(out, "| {name} | {:.0} | {:.2?} | {:.2?} |", m.per_second, m.p50, m.p99);
        }
        let ratio = |a: &Measured, b: &Measured| a.per_second / b.per_second;
        let _ = writeln!(out, "\n| ratio or figure | value | aim |\n|---|---:|---:|");
        for (name, value, aim) in [
            (
                "introspection to the bare stack",
                ratio(&self.introspection, &self.introspection_ceiling),
                "0.6 or more",
            ),
            ("issuance to the bare stack", ratio(&self.issuance, &self.issuance_ceiling), ""),
            (
                "durable issuance to issuance with nothing stored",
                ratio(&self.issuance, &self.discarding),
                "0.5 or more",
            ),
        ] {
            let _ = writeln!(out, "| {name} | {value:.2} | {aim} |");
        }
        let _ = writeln!(out, "| resident memory, idle, MiB | {:.1} | under 60 |", self.idle_mib);
        let _ = writeln!(out, "| resident memory after introspection, MiB | {:.1} | |", self.loaded_mib);
        let _ = writeln!(out, "| ready, empty store | {:.0?} | within 200 ms |", self.start_empty);
        let _ = writeln!(out, "| ready, full store | {:.0?} | |", self.start_full);
        out
    }

    pub(crate) fn document(&self) -> String {
        format!("{HEAD}{}{TAIL}", self.text())
    }
}

const HEAD: &str = "\
# Performance

Written by `cargo xtask bench --write`; run it to get the figures of your machine. It starts the release
binary on loopback, with 64 connections from one thread of the same machine, and measures everything in
one run, the server and the bare stack in turns, five rounds of each, of which the median counts. Absolute
figures are those of a noisy machine with two cores that server and load share; ratios hold better, to some
hundredths.

";

const TAIL: &str = "
- *bare HTTP stack*: hyper on the same runtimes, reading a body and answering one of the same size, so
  the ceiling for whatever is built on it.
- *nothing stored*: the same server on a store that forgets what is added to its log.
- *durable*: an answer is sent when its record is synced (SQLite, `synchronous=FULL`).
- Resident memory after introspection includes the store's file as far as it is mapped (up to 256 MiB,
  counted once for each thread that reads); the kernel takes it back when it is needed elsewhere.
";
