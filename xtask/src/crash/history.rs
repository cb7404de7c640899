//! What was asked, when, and what was answered; and how often.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use placet_ambient::Stopwatch;
use serde_json::json;

use crate::faults::service::Said;

/// Of one worker; times are since it began.
pub(super) struct History {
    clock: Stopwatch,
    events: Vec<Event>,
}

struct Event {
    /// Worker, grant, round.
    of: (usize, usize, usize),
    what: &'static str,
    sent: Duration,
    ended: Duration,
    said: String,
}

impl Default for History {
    fn default() -> Self {
        Self { clock: Stopwatch::start(), events: Vec::new() }
    }
}

impl History {
    pub(super) fn begin(&self) -> Duration {
        self.clock.elapsed()
    }

    /// How long it took.
    pub(super) fn end(
        &mut self,
        of: (usize, usize, usize),
        what: &'static str,
        sent: Duration,
        said: &Said,
    ) -> Duration {
        let said = match said {
            Said::Yes(_) => "done".to_owned(),
            Said::No(code) => code.clone(),
            Said::Nothing => "not answered".to_owned(),
        };
        let ended = self.clock.elapsed();
        self.events.push(Event { of, what, sent, ended, said });
        ended - sent
    }

    /// One line for each.
    pub(super) fn lines(&self) -> String {
        self.events.iter().fold(String::new(), |mut text, event| {
            let (worker, grant, round) = event.of;
            let line = json!({
                "worker": worker, "grant": grant, "round": round, "asked": event.what, "answered": event.said,
                "sent_us": event.sent.as_micros(), "ended_us": event.ended.as_micros(),
            });
            let _ = writeln!(text, "{line}");
            text
        })
    }
}

/// How often something was done, refused, and not answered.
#[derive(Clone, Default)]
pub(super) struct Tally(BTreeMap<&'static str, [u64; 3]>);

impl Tally {
    pub(super) fn count(&mut self, what: &'static str, said: &Said) {
        let [done, refused, unanswered] = self.0.entry(what).or_default();
        *match said {
            Said::Yes(_) => done,
            Said::No(_) => refused,
            Said::Nothing => unanswered,
        } += 1;
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (what, counts) in &other.0 {
            let sum = self.0.entry(what).or_default();
            sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
    }

    pub(super) fn total(&self) -> [u64; 3] {
        self.0.values().fold([0; 3], |[a, b, c], [d, e, f]| [a + d, b + e, c + f])
    }

    pub(super) fn table(&self, title: &str) -> String {
        let mut text = format!("| {title} | done | refused | not answered |\n|---|---:|---:|---:|\n");
        for (what, [done, refused, unanswered]) in &self.0 {
            let _ = writeln!(text, "| {what} | {done} | {refused} | {unanswered} |");
        }
        text
    }
}
