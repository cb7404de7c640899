//! How far long work is: a bar on standard error where that is a terminal, and nothing where it is not.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::clean;

/// How often what moves is drawn anew.
const TICK: Duration = Duration::from_millis(120);

const COUNTED: &str = "{spinner} {msg} [{bar:30}] {human_pos} of {human_len}, {eta} left";
const UNCOUNTED: &str = "{spinner} {msg} {human_pos}, {elapsed}";
const WAITED_FOR: &str = "{spinner} {msg}, {elapsed}";

/// A bar that goes away with it.
pub struct Progress(ProgressBar);

impl Progress {
    /// Of so many things, or of as many as will be found.
    pub fn of(what: &str, total: Option<usize>) -> Self {
        let progress = Self::styled(what, if total.is_some() { COUNTED } else { UNCOUNTED });
        if let Some(total) = total {
            progress.0.set_length(total as u64);
        }
        progress
    }

    /// Of what says nothing until it is done.
    pub fn waiting(what: &str) -> Self {
        Self::styled(what, WAITED_FOR)
    }

    fn styled(what: &str, template: &str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_style(style(template));
        bar.set_message(clean(what));
        // What is hidden needs no thread that draws it.
        if !bar.is_hidden() {
            bar.enable_steady_tick(TICK);
        }
        Self(bar)
    }

    /// Another one is done.
    pub fn step(&self) {
        self.0.inc(1);
    }

    /// So many are done; of how many, where that is known by now.
    pub fn set(&self, done: usize, total: Option<usize>) {
        if let Some(total) = total.filter(|total| self.0.length() != Some(*total as u64)) {
            self.0.set_style(style(COUNTED));
            self.0.set_length(total as u64);
        }
        self.0.set_position(done as u64);
    }

    /// A line on standard error, above the bar where there is one.
    pub fn say(&self, line: &str) {
        match self.0.is_hidden() {
            true => eprintln!("{}", clean(line)),
            false => self.0.println(clean(line)),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.progress_chars("=> ").tick_chars("|/-\\ ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_can_be_read() {
        for template in [COUNTED, UNCOUNTED, WAITED_FOR] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }

    #[test]
    fn what_becomes_known_is_counted() {
        let progress = Progress::of("clients", None);
        progress.set(3, None);
        assert_eq!((progress.0.position(), progress.0.length()), (3, None));
        progress.set(5, Some(9));
        progress.step();
        assert_eq!((progress.0.position(), progress.0.length()), (6, Some(9)));
    }
}
