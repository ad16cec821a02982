//! Options that several commands have.

use clap::{Args as ClapArgs, ValueEnum};
use std::path::PathBuf;

/// Which faces of a picture count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Faces {
    /// The largest one.
    Largest,
    /// Every one.
    All,
}

impl From<Faces> for moue::finder::FaceChoice {
    fn from(faces: Faces) -> Self {
        match faces {
            Faces::Largest => Self::Largest,
            Faces::All => Self::All,
        }
    }
}

/// How closely pictures are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Effort {
    /// Once, as a whole: upright faces that are not small.
    Live,
    /// In parts, at several scales, turned where nothing is upright; several times the work.
    Thorough,
}

impl From<Effort> for moue::Effort {
    fn from(effort: Effort) -> Self {
        match effort {
            Effort::Live => Self::Live,
            Effort::Thorough => Self::Thorough,
        }
    }
}

/// How faces are looked for.
#[derive(Debug, ClapArgs)]
pub(crate) struct EffortArgs {
    /// How closely to look for faces.
    #[arg(long, value_enum, default_value_t = Effort::Thorough)]
    pub(crate) effort: Effort,
}

/// The gallery to search.
#[derive(Debug, ClapArgs)]
pub(crate) struct GalleryChoice {
    /// Gallery to search; `builtin` is moue's own drawings.
    #[arg(
        long,
        value_name = "FILE",
        env = "MOUE_GALLERY",
        default_value = "builtin"
    )]
    pub(crate) gallery: PathBuf,
}

/// Which pictures count.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct FilterArgs {
    /// Only pictures with this tag; may be given several times.
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Vec<String>,
    /// Only pictures whose label or caption contains this.
    #[arg(long, value_name = "TEXT")]
    pub(crate) label: Option<String>,
    /// Only pictures that came this way: folder, zip, imgflip, memegen …
    #[arg(long, value_name = "SOURCE")]
    pub(crate) source: Option<String>,
    /// Only pictures added on this day (UTC) or later.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub(crate) since: Option<u64>,
    /// Only pictures added before this day (UTC).
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub(crate) until: Option<u64>,
}

impl From<&FilterArgs> for moue::gallery::Filter {
    fn from(args: &FilterArgs) -> Self {
        let FilterArgs {
            tag,
            label,
            source,
            since,
            until,
        } = args.clone();
        Self {
            tags: tag,
            text: label,
            source,
            since,
            until,
        }
    }
}

/// Seconds from 1970 to the start of a day.
fn day(text: &str) -> Result<u64, String> {
    let usage = || format!("{text} is no day; write YYYY-MM-DD");
    let parts: Vec<i64> = text
        .split('-')
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|_| usage())?;
    let [year, month, day] = parts[..] else {
        return Err(usage());
    };
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return Err(usage());
    }
    // Days of the civil calendar, years beginning in March so that leap days come last.
    let (y, m) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
    Ok(days.max(0) as u64 * 86_400)
}

/// A source of frames.
#[derive(Debug, ClapArgs)]
#[group(multiple = false)]
pub(crate) struct SourceArgs {
    /// The camera: its number, or its name where the system has names.
    #[arg(long, value_name = "N|NAME", default_value = "0")]
    pub(crate) camera: String,
    /// A video, GIF, animated WebP, APNG or picture instead of a camera.
    #[arg(long, value_name = "FILE")]
    pub(crate) video: Option<PathBuf>,
    /// Raw RGB frames from standard input, WIDTHxHEIGHT or WIDTHxHEIGHT@RATE.
    #[arg(long, value_name = "SIZE")]
    pub(crate) raw: Option<RawSize>,
}

/// Size and rate of raw frames.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RawSize {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) rate: f64,
}

impl std::str::FromStr for RawSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (size, rate) = text.split_once('@').unwrap_or((text, "30"));
        let (width, height) = size
            .split_once('x')
            .ok_or("write WIDTHxHEIGHT, for instance 640x480@30")?;
        let side = |text: &str| {
            text.parse()
                .ok()
                .filter(|s| (1..=16_384).contains(s))
                .ok_or(format!("{text} is no side"))
        };
        let rate = rate
            .parse()
            .ok()
            .filter(|r| (0.01..=1000.0).contains(r))
            .ok_or(format!("{rate} is no rate"))?;
        Ok(Self {
            width: side(width)?,
            height: side(height)?,
            rate,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_calendars_do() {
        assert_eq!(day("1970-01-01"), Ok(0));
        assert_eq!(day("2000-03-01"), Ok(951_868_800));
        assert_eq!(day("2026-11-23"), Ok(1_795_392_000));
        assert!(day("2026-13-01").is_err() && day("yesterday").is_err());
    }
}
