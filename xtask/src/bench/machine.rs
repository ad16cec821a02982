//! On what and when a run measures.

use serde::Serialize;
use std::time::{SystemTime, UNIX_EPOCH};

/// The machine and the day of a run.
#[derive(Serialize)]
pub(super) struct Machine {
    /// What the processor calls itself, with its family, and the instruction sets that are measured.
    processor: String,
    cores: usize,
    /// The day in UTC, as ISO 8601 writes it.
    date: String,
}

impl Machine {
    pub(super) fn here(isas: &[&str]) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let days = since.map_or(0, |time| time.as_secs() / 86_400);
        Self {
            processor: format!("{} ({})", processor(), isas.join(", ")),
            cores,
            date: date(days),
        }
    }

    /// One line for above the tables.
    pub(super) fn line(&self) -> String {
        let Self {
            processor,
            cores,
            date,
        } = self;
        format!("{cores} cores of {processor}, {date}")
    }
}

/// As Linux names it; its architecture elsewhere.
fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let value = |key: &str| {
        let pairs = text.lines().filter_map(|line| line.split_once(':'));
        let mut values = pairs.filter(|(name, _)| name.trim() == key);
        values.next().map(|(_, value)| value.trim().to_owned())
    };
    match (value("model name"), value("cpu family")) {
        (Some(name), Some(family)) => format!("{name}, family {family}"),
        (Some(name), None) => name,
        _ => std::env::consts::ARCH.to_owned(),
    }
}

/// The date that is so many days after 1970-01-01.
fn date(mut days: u64) -> String {
    let mut year = 1970;
    while days >= days_of_year(year) {
        days -= days_of_year(year);
        year += 1;
    }
    let february = days_of_year(year) - 337;
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= months[month] {
        days -= months[month];
        month += 1;
    }
    format!("{year}-{:02}-{:02}", month + 1, days + 1)
}

fn days_of_year(year: u64) -> u64 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    365 + u64::from(is_leap)
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn days_are_dates() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(11_016), "2000-02-29");
        assert_eq!(date(11_017), "2000-03-01");
        assert_eq!(date(20_818), "2026-12-31");
        assert_eq!(date(20_819), "2027-01-01");
    }
}
