//! Days of the calendar as people read and write them.

pub(crate) const SECONDS_PER_DAY: u64 = 86_400;

/// Days from March 1 of the year 0 to January 1, 1970.
const DAYS_TO_1970: u64 = 719_468;

/// Days in four hundred years, after which the Gregorian calendar repeats itself.
const DAYS_PER_ERA: u64 = 146_097;

/// The day, UTC, of a time in seconds since 1970, as `YYYY-MM-DD`.
pub(crate) fn day_of(seconds: u64) -> String {
    // Years begin in March, so that leap days come last.
    let days = seconds / SECONDS_PER_DAY + DAYS_TO_1970;
    let in_era = days % DAYS_PER_ERA;
    let leap_days = in_era / 1460 + in_era / 146_096 - in_era / 36_524;
    let years = (in_era - leap_days) / 365;
    let in_year = in_era - (365 * years + years / 4 - years / 100);
    // Months from March on have `(153 * month + 2) / 5` days before them.
    let month = (5 * in_year + 2) / 153;
    let day = in_year - (153 * month + 2) / 5 + 1;
    let is_next_year = month >= 10;
    let year = years + days / DAYS_PER_ERA * 400 + u64::from(is_next_year);
    let month = if is_next_year { month - 9 } else { month + 3 };
    format!("{year:04}-{month:02}-{day:02}")
}

/// Seconds from 1970 to the start of a day, UTC, that is written as `YYYY-MM-DD`.
pub(crate) fn start_of(day: &str) -> Option<u64> {
    let [year, month, day] = parse_date(day)?;
    let seconds = days_since_1970(year, month, day) * SECONDS_PER_DAY;
    // The 30th of February would be a day of March.
    (day_of(seconds) == format!("{year:04}-{month:02}-{day:02}")).then_some(seconds)
}

/// Year, month and day of `YYYY-MM-DD`; the month may be shorter.
fn parse_date(text: &str) -> Option<[u64; 3]> {
    let parts: Result<Vec<u64>, _> = text.split('-').map(str::parse).collect();
    let [year, month, day] = parts.ok()?[..] else {
        return None;
    };
    let valid =
        (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    valid.then_some([year, month, day])
}

/// Days of the Gregorian calendar. Years are counted from March, so that leap days come last, and
/// months before a given one have `(153 * month + 2) / 5` days.
fn days_since_1970(year: u64, month: u64, day: u64) -> u64 {
    // January and February belong to the year before.
    let years = if month > 2 { year } else { year - 1 };
    let months = (month + 9) % 12;
    let leap_days = years / 4 - years / 100 + years / 400;
    365 * years + leap_days + (153 * months + 2) / 5 + day - 1 - DAYS_TO_1970
}

#[cfg(test)]
mod tests {
    use super::{day_of, start_of};

    #[test]
    fn days_are_those_of_calendars() {
        for (seconds, day) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_795_392_000 + 86_399, "2026-11-23"),
            (4_107_542_400, "2100-03-01"),
            (4_133_894_400, "2100-12-31"),
        ] {
            assert_eq!(day_of(seconds), day);
            assert_eq!(start_of(day), Some(seconds - seconds % 86_400));
        }
    }

    #[test]
    fn days_that_no_month_has_are_refused() {
        for day in [
            "2026-02-29",
            "2026-02-30",
            "2026-04-31",
            "2026-13-01",
            "1969-12-31",
        ] {
            assert_eq!(start_of(day), None, "{day}");
        }
        assert_eq!(start_of("2028-02-29"), start_of("2028-2-29"));
    }
}
