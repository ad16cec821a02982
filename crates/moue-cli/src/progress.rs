//! Progress on a terminal. Where standard error is a pipe or a file, nothing is printed.

use indicatif::{ProgressBar, ProgressStyle};

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
