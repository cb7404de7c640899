//! Others who lock rows of the log: in the order that a node does not, for longer than anything takes, and at times for longer
//! than a node waits.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::dice::Dice;

/// Of so many rows that came last some are locked.
const RECENT: usize = 400;
/// At a time; then there is a pause, in which a node takes what is next.
const TOGETHER: usize = 50;

/// One that locks rows, as long as it is told to.
pub(crate) struct Holder(Child);

impl Holder {
    /// Locks rows, waits `pause`, locks others, and lets go after `held`.
    pub(crate) fn start(url: &str, dice: &Dice, pause: Duration, held: Duration) -> Result<Self, String> {
        let first = dice.below(RECENT - 2 * TOGETHER);
        let script = format!(
            "BEGIN; {}; SELECT pg_sleep({}); {}; SELECT pg_sleep({}); COMMIT",
            rows(first),
            pause.as_secs_f64(),
            rows(first + TOGETHER),
            held.as_secs_f64(),
        );
        let mut command = Command::new("psql");
        command.args([url, "-qc", &script]).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().map(Self).map_err(|e| format!("psql: {e}"))
    }

    /// Waits until it has let go. Where two wait for each other the database ends one, which may be this.
    pub(crate) fn ended(mut self) -> Result<(), String> {
        self.0.wait().map(drop).map_err(|e| e.to_string())
    }
}

/// Nodes lock rows of a kind by rising numbers.
fn rows(after: usize) -> String {
    format!(
        "SELECT count(*) FROM (SELECT 1 FROM log WHERE (service, kind, number) IN (SELECT service, kind, number
            FROM log ORDER BY number DESC LIMIT {TOGETHER} OFFSET {after})
            ORDER BY kind DESC, number DESC FOR UPDATE) AS locked"
    )
}
