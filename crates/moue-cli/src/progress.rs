//! Progress on a terminal. Where standard error is a pipe or a file, nothing is printed.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::time::{Duration, Instant};

/// A bar that counts to `length`.
pub(crate) fn bar(length: usize, unit: &str) -> ProgressBar {
    let template = format!("{{bar:30}} {{pos}}/{{len}} {unit}{{rate}}{{left}}");
    let style =
        ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let left = |state: &ProgressState, out: &mut dyn Write| {
        if state.elapsed() >= TOLD_AFTER {
            let _ = write!(out, "{}", left(state.pos(), state.eta()));
        }
    };
    ProgressBar::new(length as u64)
        .with_style(style.with_key("rate", write_rate).with_key("left", left))
}

/// A spinner that counts up, with a message behind the count. Its line goes however the work ends, also
/// by an error.
pub(crate) fn spinner(unit: &str) -> ProgressBar {
    let template = format!("{{spinner}} {{pos}} {unit}{{rate}}, {{msg}}");
    let style = ProgressStyle::with_template(&template)
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::new_spinner().with_style(style.with_key("rate", write_rate))
}

fn write_rate(state: &ProgressState, out: &mut dyn Write) {
    // Nothing can be done about a terminal that has gone.
    let _ = write!(out, "{}", rate(state.per_sec()));
}

/// How many in a second, with two digits or more; nothing before the first.
fn rate(per_second: f64) -> String {
    match per_second {
        rate if rate < 0.05 => String::new(),
        rate if rate < 9.95 => format!(", {rate:.1}/s"),
        rate => format!(", {rate:.0}/s"),
    }
}

/// The time that is left; nothing as long as nothing has been done from which it could be told.
fn left(done: u64, time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        _ if done == 0 => String::new(),
        0..90 => format!(", {seconds} s left"),
        90..5400 => format!(", {} min left", (seconds + 30) / 60),
        _ => {
            let minutes = (seconds + 30) / 60;
            format!(", {} h {} min left", minutes / 60, minutes % 60)
        }
    }
}

/// How long a batch takes before the time that is left is told: the first pictures take longer, as every
/// thread loads its networks.
const TOLD_AFTER: Duration = Duration::from_secs(4);

/// How long a batch takes before its progress is shown: who waits less needs none.
const SHOWN_AFTER: Duration = Duration::from_secs(2);

/// The progress of a batch that prints while it works.
pub(crate) struct BatchBar {
    bar: ProgressBar,
    start: Instant,
}

impl BatchBar {
    /// A bar that counts to `length`; it shows only on a terminal, and from two seconds on.
    pub(crate) fn new(length: usize, unit: &str) -> Self {
        let bar = bar(length, unit);
        bar.set_draw_target(ProgressDrawTarget::hidden());
        Self {
            bar,
            start: Instant::now(),
        }
    }

    /// Counts one.
    pub(crate) fn inc(&self) {
        if self.bar.is_hidden() && self.start.elapsed() >= SHOWN_AFTER {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.inc(1);
    }

    /// Prints something above the bar.
    pub(crate) fn above<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }
}

impl Drop for BatchBar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_times_are_rounded() {
        let rates = [0.0, 0.3456, 9.94, 12.3456].map(rate);
        assert_eq!(rates, ["", ", 0.3/s", ", 9.9/s", ", 12/s"]);
        let times = [0, 59, 90, 5399, 5400, 9000].map(|s| left(1, Duration::from_secs(s)));
        assert_eq!(
            times,
            [
                ", 0 s left",
                ", 59 s left",
                ", 2 min left",
                ", 90 min left",
                ", 1 h 30 min left",
                ", 2 h 30 min left"
            ]
        );
        assert_eq!(left(0, Duration::from_secs(9)), "");
    }
}
