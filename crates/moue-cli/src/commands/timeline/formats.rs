//! Moments as a table (CSV) and as subtitles (SubRip).

use super::moments::{Moments, Row};
use crate::emotions;
use crate::files::CSV_MARK;
use crate::text::{csv_cell, subtitle};
use anyhow::Result;
use std::fmt::Write;
use std::time::Duration;

/// How long a subtitle is shown, unless the next one comes earlier: long enough to read a label.
const SUBTITLE_TIME: Duration = Duration::from_secs(2);

/// Seconds with the digits of whole microseconds, as JSON shows them; CSV has milliseconds.
pub(super) fn seconds(time: Duration) -> f64 {
    time.as_micros() as f64 / 1e6
}

/// `00:01:02.345`
pub(super) fn clock(time: Duration, separator: char) -> String {
    let millis = time.as_millis();
    let [hours, minutes, seconds] = [millis / 3_600_000, millis / 60_000 % 60, millis / 1000 % 60];
    format!(
        "{hours:02}:{minutes:02}:{seconds:02}{separator}{:03}",
        millis % 1000
    )
}

/// `1:02.3`, as people read it: hours only where there are some.
pub(super) fn short_clock(time: Duration) -> String {
    let tenths = time.as_millis() / 100;
    let [hours, minutes, seconds] = [tenths / 36_000, tenths / 600 % 60, tenths / 10 % 60];
    let tenth = tenths % 10;
    match hours {
        0 => format!("{minutes}:{seconds:02}.{tenth}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}.{tenth}"),
    }
}

/// A line for each moment; the cells of its match are empty if it has none.
pub(super) fn csv(rows: &[Row]) -> Result<String> {
    let emotions = emotions::csv_header(false);
    let mut out = format!("{CSV_MARK},{emotions},person\n");
    for row in rows {
        let found = row.matches.first().map_or(",,".into(), |best| {
            let [label, path] = [&best.label, &best.path].map(|text| csv_cell(text));
            format!("{label},{path},{:.4}", best.distance)
        });
        writeln!(
            out,
            "{:.3},{:.4},{found},{},{}",
            seconds(row.time),
            row.strength,
            emotions::csv_cells(Some(&row.expression), false),
            row.person
        )?;
    }
    Ok(out)
}

pub(super) fn srt(moments: &Moments<'_>) -> Result<String> {
    let rows = &moments.rows;
    let mut out = String::new();
    for (number, row) in rows.iter().enumerate() {
        let start = row.time;
        // Two people may have a moment in one frame.
        let next = rows[number..].iter().find(|next| next.time > start);
        let end = (start + SUBTITLE_TIME).min(next.map_or(Duration::MAX, |row| row.time));
        let label = subtitle(&moments.words(row));
        writeln!(out, "{}", number + 1)?;
        writeln!(out, "{} --> {}", clock(start, ','), clock(end, ','))?;
        writeln!(out, "{label}\n")?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_players_read_them() {
        assert_eq!(
            clock(Duration::from_micros(3_725_042_000), ','),
            "01:02:05,042"
        );
        assert_eq!(clock(Duration::ZERO, '.'), "00:00:00.000");
        assert_eq!(short_clock(Duration::from_millis(62_399)), "1:02.3");
        assert_eq!(short_clock(Duration::from_secs(3_725)), "1:02:05.0");
    }
}
