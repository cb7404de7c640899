//! The numbers as people read them.

use std::fmt::Write;

use super::load::Measured;

#[derive(Default)]
pub(crate) struct Report {
    measurements: String,
    figures: String,
}

impl Report {
    pub(crate) fn measurement(&mut self, name: &str, m: &Measured) {
        let cpu = m.cpu.map(|cpu| format!("{cpu:.1?}")).unwrap_or_default();
        let Measured { per_second, p50, p99, p999, .. } = m;
        let _ = writeln!(
            self.measurements,
            "| {name} | {per_second:.0} | {p50:.2?} | {p99:.2?} | {p999:.2?} | {cpu} |"
        );
    }

    /// How often something is done without any HTTP.
    pub(crate) fn bare(&mut self, name: &str, per_second: f64) {
        let _ = writeln!(self.measurements, "| {name} | {per_second:.0} | | | | |");
    }

    /// How much of a ceiling there is.
    pub(crate) fn part(&mut self, name: &str, part: f64, aim: &str) {
        self.figure(name, &format!("{part:.2}"), aim);
    }

    pub(crate) fn ratio(&mut self, name: &str, (a, b): (&Measured, &Measured), aim: &str) {
        self.figure(name, &format!("{:.2}", a.per_second / b.per_second), aim);
    }

    /// How much of what the signature alone would allow is there: the time of the same without it, and the
    /// bare signature on top.
    pub(crate) fn signed(&mut self, name: &str, with: &Measured, without: &Measured, bare: f64) {
        let name = format!("{name}: to the same without it, and the bare signature added");
        self.part(&name, with.per_second / one_after_the_other(without, bare), "0.7 or more");
    }

    /// How much of what the bare HTTP stack would allow is there, if the store's bare work were all that is behind it: both take
    /// the same processors.
    pub(crate) fn stored(&mut self, name: &str, (with, stack): (&Measured, &Measured), bare: f64) {
        let name = format!("{name} added to the bare stack");
        self.part(&name, with.per_second / one_after_the_other(stack, bare), "0.8 or more");
    }

    pub(crate) fn figure(&mut self, name: &str, value: &str, aim: &str) {
        let _ = writeln!(self.figures, "| {name} | {value} | {aim} |");
    }

    pub(crate) fn text(&self) -> String {
        let (measurements, figures) = (&self.measurements, &self.figures);
        format!(
            "| measurement | each second | p50 | p99 | p99.9 | processors |\n|---|---:|---:|---:|---:|---:|\n{measurements}\n\
             | ratio or figure | value | aim |\n|---|---:|---:|\n{figures}"
        )
    }

    pub(crate) fn document(&self) -> String {
        format!("{HEAD}{}{TAIL}", self.text())
    }
}

/// How often two things are done that take their times one after the other.
fn one_after_the_other(first: &Measured, second: f64) -> f64 {
    1.0 / (1.0 / first.per_second + 1.0 / second)
}

const HEAD: &str = "\
# Performance

Written by `interop/postgres/run sh -c 'cargo xtask bench --write --postgres \"$POSTGRES_SERVER\"'`; run it to get the figures of
your machine (without `--postgres` the embedded store alone is measured). It builds with the
profile `measured` (one unit, linked whole; `cargo build --release` is quicker to build, and some hundredths slower
to run), starts that binary on loopback, with 64 connections from one thread of the same machine, and measures everything in
one run, the server and the bare stack in turns, five rounds of each, of which the median counts. Absolute
figures are those of a noisy machine with two cores that server, load and database share; ratios hold better, to some
hundredths. *Processors* is what one conversation takes of them in the server's process, kernel included. To compare with another build, keep its binary, and measure both in turns with `--binary PATH`.

";

const TAIL: &str = "
- *bare HTTP stack*: hyper on the same runtimes, reading a body and answering one of the same size, so
  the ceiling for whatever is built on it. *With* a signature, it makes or verifies that signature too, and
  nothing else: what the signatures of an answer would allow.
- *alone, all cores*: the signature in a loop on every core, without HTTP and without load beside it.
- *of ten claims*: credentials made in a loop on every core, each with its salts, digests and signature; in the
  formats that hide claims each has a digest of its own.
- *a trust chain of five*: a leaf, three intermediates and an anchor. *Put together* of the nine statements that they
  publish, which are at hand and all verified; *brought whole*, as requests do. *The request of a client behind* it: an authorization
  request with a signed request object, on an engine whose store is in memory; where the chain is not known it is found, the client
  registered, and each of the statements is at hand when it is asked for.
- *commits of a row*: as many callers as the server has connections commit a row of the log each, again and again, without HTTP.
- *a row selected*, *a row inserted*: the same on a table of the same form by the driver that the server uses, on eight connections.
- *added to the bare stack*: what would be if a request cost nothing but HTTP and that; ratios to a commit or a row alone, which has no
  HTTP and no load beside it, stand above.
- */as/…*: endpoints of the authorization server of `placet dev`, which is in the same process as the engine.
- *embedded store*, *PostgreSQL*: `placet serve` on either, with a service and a client of its own.
- *nothing stored*: the same server on a store that forgets what is added to its log.
- *durable*: an answer is sent when its record is synced (SQLite, `synchronous=FULL`).
- *to the same without it, and the bare signature added*: what would be if a signature cost nothing but itself.
- *code flow*: `auth/authorization`, `auth/authorization/issue` and `auth/token` one after the other, with
  three durable commits and an ID token; its figures are of whole flows.
- *pending*: device codes (RFC 8628) and backchannel requests (CIBA) that nobody has answered, each polled in turn.
- *token exchange*: `auth/token`, which judges it, and `auth/token/create`, which the authorization server calls then.
- *in batches*: `auth/token/create/batch`, from the first call to the end of the last batch.
- Resident memory after introspection includes the store's file as far as it is mapped (up to 256 MiB,
  counted once for each thread that reads); the kernel takes it back when it is needed elsewhere.
";
