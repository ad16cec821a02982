//! Progress on a terminal. Where standard error is a pipe or a file, nothing is printed.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::{Duration, Instant};

/// A bar that counts to `length`.
pub(crate) fn bar(length: usize, unit: &str) -> ProgressBar {
    let template = format!("{{bar:30}} {{pos}}/{{len}} {unit}, {{per_sec}}, {{eta}} left");
    let style =
        ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length as u64).with_style(style)
}

/// A spinner that counts up, with a message behind the count.
pub(crate) fn spinner(unit: &str) -> ProgressBar {
    let template = format!("{{spinner}} {{pos}} {unit}, {{per_sec}}, {{msg}}");
    let style = ProgressStyle::with_template(&template)
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::new_spinner().with_style(style)
}

/// How long a batch takes before its progress is shown: who waits less needs none.
const PATIENCE: Duration = Duration::from_secs(2);

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
        if self.bar.is_hidden() && self.start.elapsed() >= PATIENCE {
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
