//! THE TABLE of what the server grants: everything that somebody's input can multiply, and what happens beyond. What an
//! operator may want to change is a setting of the same name. `docs/operating.md` shows the same table, held against
//! this one by a test; the engine's own is in `engine/src/budgets.rs`.

use std::time::Duration;

use crate::config::Config;

/// A limit.
pub struct Budget {
    /// The name of the setting, or of what cannot be set.
    pub name: &'static str,
    /// What it bounds.
    pub bounds: &'static str,
    /// What happens beyond it.
    pub beyond: &'static str,
    pub value: Value,
}

/// What the limit is.
pub enum Value {
    /// A number in the configuration, and what it may be.
    Setting {
        read: fn(&Config) -> usize,
        write: fn(&mut Config, usize),
        least: usize,
        most: usize,
    },
    Fixed(usize),
}

impl Budget {
    /// What the limit is in a configuration.
    pub fn of(&self, config: &Config) -> usize {
        match self.value {
            Value::Setting { read, .. } => read(config),
            Value::Fixed(value) => value,
        }
    }
}

/// The setting of this name, if it is one of the table.
pub(crate) fn setting(name: &str) -> Option<&'static Budget> {
    BUDGETS.iter().find(|budget| budget.name == name && matches!(budget.value, Value::Setting { .. }))
}

const fn fixed(name: &'static str, bounds: &'static str, beyond: &'static str, value: usize) -> Budget {
    Budget { name, bounds, beyond, value: Value::Fixed(value) }
}

/// A row: name, what is bounded, what happens beyond, the place in the configuration, how a number gets there and back,
/// and what it may be.
macro_rules! row {
    ($name:literal, $bounds:literal, $beyond:literal, $($place:ident).+, $unit:ident, $least:literal..=$most:literal) => {
        Budget {
            name: $name,
            bounds: $bounds,
            beyond: $beyond,
            value: Value::Setting {
                read: |config| $unit::read(config.$($place).+),
                write: |config, number| config.$($place).+ = $unit::write(number),
                least: $least,
                most: $most,
            },
        }
    };
}

mod count {
    pub(super) fn read(number: usize) -> usize {
        number
    }
    pub(super) fn write(number: usize) -> usize {
        number
    }
}

mod seconds {
    use super::Duration;
    pub(super) fn read(span: Duration) -> usize {
        usize::try_from(span.as_secs()).unwrap_or(usize::MAX)
    }
    pub(super) fn write(number: usize) -> Duration {
        Duration::from_secs(number as u64)
    }
}

mod millis {
    use super::Duration;
    pub(super) fn read(span: Duration) -> usize {
        usize::try_from(span.as_millis()).unwrap_or(usize::MAX)
    }
    pub(super) fn write(number: usize) -> Duration {
        Duration::from_millis(number as u64)
    }
}

pub const BUDGETS: &[Budget] = &[
    row!(
        "limits.connections",
        "connections at a time",
        "503 with `Retry-After`, and closed",
        serving.connections,
        count,
        1..=1_000_000
    ),
    row!(
        "limits.connections_per_address",
        "the same from one address (IPv6: one /64)",
        "503 with `Retry-After`, and closed",
        serving.connections_per_address,
        count,
        1..=1_000_000
    ),
    row!(
        "limits.calls",
        "calls that threads take on in one round of their connections, each its part, 16 at least; down to an eighth while there are more",
        "503, `A900231`",
        calls,
        count,
        16..=1_000_000
    ),
    row!("limits.head_bytes", "the head of a request", "431", serving.head_bytes, count, 8_192..=1_048_576),
    row!(
        "limits.head_seconds",
        "from the first byte of a head to its last",
        "closed",
        serving.head_time,
        seconds,
        1..=3_600
    ),
    row!(
        "limits.idle_seconds",
        "rest between requests, and before the first",
        "closed, at most half as much later",
        serving.idle_time,
        seconds,
        1..=86_400
    ),
    row!(
        "limits.token_calls_per_second",
        "calls of one API token; 1000000 is no limit",
        "429, `A900211`",
        rates.per_token,
        count,
        1..=1_000_000
    ),
    row!(
        "limits.service_calls_per_second",
        "calls about one service; 1000000 is no limit",
        "429, `A900211`",
        rates.per_service,
        count,
        1..=1_000_000
    ),
    row!(
        "limits.body_bytes",
        "the body of a request",
        "413, `A900205`",
        body_bytes,
        count,
        1_024..=67_108_864
    ),
    row!(
        "limits.body_seconds",
        "how long a body may take to arrive",
        "408, `A900233`",
        serving.body_time,
        seconds,
        1..=3_600
    ),
    row!(
        "limits.bodies_bytes",
        "bodies that are arriving, together",
        "503, `A900231`",
        serving.bodies_bytes,
        count,
        1_048_576..=17_179_869_184
    ),
    row!(
        "limits.answer_seconds",
        "how long an answer may wait to be read",
        "closed",
        serving.answer_time,
        seconds,
        1..=3_600
    ),
    row!(
        "limits.answers_bytes",
        "unread answers of a connection, beside the one being made",
        "no more of its requests are read",
        serving.answers_bytes,
        count,
        8_192..=16_777_216
    ),
    row!("long.threads", "lists and bulk work at a time", "waits", long.threads, count, 1..=64),
    row!("long.queue", "lists and bulk work that wait", "503, `A900231`", long.queue, count, 1..=100_000),
    row!(
        "hardware.threads",
        "calls of one HSM at a time, each with a session of its own",
        "waits",
        hardware.threads,
        count,
        1..=256
    ),
    row!(
        "hardware.queue",
        "calls of one HSM that wait",
        "503, `A940104`",
        hardware.queue,
        count,
        1..=100_000
    ),
    row!(
        "hardware.timeout_milliseconds",
        "how long a call of an HSM may take, with its waiting",
        "503, `A940103`",
        hardware.timeout,
        millis,
        1..=60_000
    ),
    row!(
        "sweep.batch",
        "rows that one commit of the sweeper removes",
        "the next commit",
        sweep.batch,
        count,
        1..=100_000
    ),
    row!(
        "fetch.bytes",
        "a fetched document",
        "as if it could not be had",
        fetch.bytes,
        count,
        1_024..=1_048_576
    ),
    row!(
        "fetch.milliseconds",
        "how long a fetch may take, and may wait for a place before",
        "as if it could not be had",
        fetch.time,
        millis,
        100..=60_000
    ),
    row!(
        "fetch.concurrency",
        "fetches at a time, a quarter of them at most for strangers (entity statements, client metadata documents)",
        "waits",
        fetch.concurrency,
        count,
        1..=10_000
    ),
    row!(
        "fetch.concurrency_per_host",
        "the same at one host",
        "waits",
        fetch.concurrency_per_host,
        count,
        1..=10_000
    ),
    row!(
        "telemetry.queue",
        "spans that wait for the collector",
        "dropped, and counted",
        telemetry.queue,
        count,
        512..=1_000_000
    ),
    row!(
        "telemetry.timeout_milliseconds",
        "how long the collector may take to answer",
        "sent again up to three times, then dropped",
        telemetry.timeout,
        millis,
        100..=60_000
    ),
    row!(
        "telemetry.interval_seconds",
        "between two times that metrics are sent",
        "one request at a time",
        telemetry.interval,
        seconds,
        1..=3_600
    ),
    row!(
        "inspector.age_seconds",
        "how long a call is shown by the inspector",
        "shown no more",
        inspector.age,
        seconds,
        60..=604_800
    ),
    fixed(
        "inspected calls",
        "calls of one service that are kept of a second, and as many again of those that were refused",
        "counted: `leftOut`",
        crate::inspector::OF_SERVICE as usize,
    ),
    fixed(
        "inspected calls waiting",
        "those of all services that wait to be kept",
        "left out",
        crate::inspector::WAITING,
    ),
    fixed(
        "inspected bytes",
        "bytes of a request or an answer that is kept",
        "only that there was one is kept",
        crate::inspector::LARGEST,
    ),
    fixed(
        "telemetry batch",
        "spans of one request to the collector, which has one at a time",
        "the next request",
        crate::telemetry::BATCH,
    ),
    fixed(
        "telemetry spans",
        "spans within one call",
        "left out; `placet.spans_left_out` counts them",
        crate::telemetry::CHILDREN,
    ),
    fixed(
        "database connections",
        "connections of one node to PostgreSQL, for reading, inserting, other changes, lists, and to hear of changes",
        "waits",
        placet_store_postgres::CONNECTIONS,
    ),
    fixed(
        "database queue",
        "what waits for those of one purpose",
        "503, `A900231`",
        placet_store_postgres::WAITING,
    ),
    fixed(
        "database patience",
        "seconds that any of it waits",
        "503, `A900231`",
        placet_store_postgres::PATIENCE_SECONDS,
    ),
    fixed(
        "writer queue",
        "what waits for the embedded store to write",
        "503, `A900231`",
        placet_store_sqlite::WAITING,
    ),
    fixed(
        "connection backlog",
        "connections that nobody has accepted yet, or as many as the system lets there be",
        "the system asks again after a second",
        placet_serving::BACKLOG as usize,
    ),
    fixed(
        "refused connections",
        "connections without a place that are kept, half a second at most, until they have read so",
        "closed at once",
        placet_serving::REFUSED,
    ),
    fixed("header fields", "fields of a head", "431", 100),
    fixed("farewell seconds", "requests in flight when the server stops", "closed", 10),
];

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn the_documentation_shows_this_table() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operating.md");
        let page = std::fs::read_to_string(page).unwrap();
        let config = Config::new(PathBuf::new());
        let rows: Vec<_> = BUDGETS
            .iter()
            .map(|budget| {
                let name = match budget.value {
                    Value::Setting { .. } => format!("`{}`", budget.name),
                    Value::Fixed(_) => budget.name.to_owned(),
                };
                format!("| {name} | {} | {} | {} |", budget.of(&config), budget.bounds, budget.beyond)
            })
            .collect();
        assert!(page.contains(&rows.join("\n")), "docs/operating.md lacks\n{}", rows.join("\n"));
    }

    #[test]
    fn the_documentation_shows_the_engines_table() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operating.md");
        let page = std::fs::read_to_string(page).unwrap();
        let row = |budget: &placet_engine::budgets::Budget| {
            let what = budget.what.trim_end_matches('.');
            format!("| {what} | {} {} | {} |", budget.limit, budget.unit, budget.beyond)
        };
        let rows = placet_engine::budgets::all().map(row).collect::<Vec<_>>().join("\n");
        assert!(page.contains(&rows), "docs/operating.md lacks\n{rows}");
    }

    #[test]
    fn defaults_are_what_a_setting_may_be() {
        for budget in BUDGETS {
            if let Value::Setting { read, write, least, most } = budget.value {
                let mut config = Config::new(PathBuf::new());
                assert!((least..=most).contains(&read(&config)), "{}", budget.name);
                for number in [least, most] {
                    write(&mut config, number);
                    assert_eq!(read(&config), number, "{}", budget.name);
                }
            }
        }
    }
}
