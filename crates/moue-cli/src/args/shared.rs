//! Options that several commands have.

use crate::dates;
use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::parser::ValueSource;
use clap::{Arg, Args as ClapArgs, Command, ValueEnum};
use moue::embed::EmotionFilter;
use moue::gallery::SearchOptions;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::str::FromStr;

/// Pixels along a side of a raw frame: as much as moue decodes of a file.
const MAX_RAW_SIDE: usize = 16_384;

/// Frames per second where none are given, as most cameras have.
const DEFAULT_RATE: f64 = 30.0;

/// Which faces of a picture are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Faces {
    /// The largest one; one that may be no face counts less.
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

/// How thoroughly faces are detected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Effort {
    /// The picture as a whole: upright faces that are not small.
    Live,
    /// Tiles at several scales, and rotated pictures if no face is upright; several times slower.
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

/// How faces are detected.
#[derive(Debug, ClapArgs)]
pub(crate) struct EffortArgs {
    /// How thoroughly to search for faces.
    #[arg(long, value_enum, default_value_t = Effort::Thorough)]
    pub(crate) effort: Effort,
}

/// The gallery that is searched unless another one is named.
const BUILT_IN: &str = "builtin";

/// The gallery to search.
#[derive(Debug, ClapArgs)]
pub(crate) struct GalleryChoice {
    /// Gallery to search: a file, `builtin` for moue's own drawings, `emoji` for face emoji, or an
    /// address such as postgres://me@host/database. `./emoji` is a file of that name.
    #[arg(
        long,
        value_name = "FILE",
        env = "MOUE_GALLERY",
        default_value = BUILT_IN,
        value_parser = GalleryParser
    )]
    pub(crate) gallery: PathBuf,
}

/// A path; an empty variable of the environment is none.
#[derive(Clone)]
struct GalleryParser;

impl TypedValueParser for GalleryParser {
    type Value = PathBuf;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<PathBuf, clap::Error> {
        PathBufValueParser::new().parse_ref(command, arg, value)
    }

    fn parse_ref_(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
        source: ValueSource,
    ) -> Result<PathBuf, clap::Error> {
        if value.is_empty() && source == ValueSource::EnvVariable {
            return Ok(BUILT_IN.into());
        }
        self.parse_ref(command, arg, value)
    }
}

/// In which order pictures are shown.
#[derive(Debug, Clone, Copy, ClapArgs)]
pub(crate) struct RankingArgs {
    /// Show the plain list of the nearest. Without it, expressions differ where several are about as
    /// near, and pictures that match everybody are ranked lower: the distances need not grow.
    #[arg(long)]
    pub(crate) pure: bool,
}

impl RankingArgs {
    /// The setting of a search.
    pub(crate) fn options(self) -> SearchOptions {
        let varied = SearchOptions::varied();
        if self.pure {
            SearchOptions::nearest(varied.limit)
        } else {
            varied
        }
    }
}

/// Which pictures are used.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct FilterArgs {
    /// Only pictures with this tag; may be given several times.
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Vec<String>,
    /// Only pictures whose label, caption or words contain this, in upper or lower case.
    #[arg(long, visible_alias = "label", value_name = "TEXT")]
    pub(crate) text: Option<String>,
    /// Only pictures of this source: folder, zip, imgflip, memegen …
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
            text,
            source,
            since,
            until,
        } = args.clone();
        Self {
            tags: tag,
            text,
            source,
            since,
            until,
        }
    }
}

/// Which faces are used, by what people would call their expressions.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct EmotionArgs {
    /// Only faces whose strongest emotion is this one, or with more or less than a share of it:
    /// happiness, 'surprise>0.5', 'neutral<0.3'; may be given several times.
    #[arg(long, value_name = "EMOTION")]
    pub(crate) emotion: Vec<EmotionFilter>,
}

/// How near to the face, and how different from each other, the pictures are.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct NearnessArgs {
    /// Show only pictures within this distance, 0 to 2.
    #[arg(long, value_name = "DISTANCE", value_parser = distance, allow_negative_numbers = true)]
    pub(crate) max_distance: Option<f32>,
    /// Show only expressions that are at least this far from each other, even if far from yours; 0.35
    /// unless a distance is given.
    // Without a number, the distance below which the index takes two frames of a sequence for one
    // expression. `--diverse 0.5` would take a picture for the number, hence `=`.
    #[arg(long, value_name = "DISTANCE", num_args = 0..=1, default_missing_value = "0.35", require_equals = true, value_parser = distance)]
    pub(crate) diverse: Option<f32>,
    /// Exclude faces that are nearer to the face in this picture than to yours; may be given several
    /// times.
    #[arg(long, value_name = "PICTURE")]
    pub(crate) not: Vec<PathBuf>,
}

/// Which pictures of which gallery answer a face.
#[derive(Debug, ClapArgs)]
pub(crate) struct SearchArgs {
    #[command(flatten)]
    pub(crate) gallery: GalleryChoice,
    #[command(flatten)]
    pub(crate) ranking: RankingArgs,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    #[command(flatten)]
    pub(crate) emotions: EmotionArgs,
    #[command(flatten)]
    pub(crate) nearness: NearnessArgs,
}

impl SearchArgs {
    /// What the options ask for, but for expressions of `--not`, which have yet to be read.
    pub(crate) fn options(&self, limit: usize) -> SearchOptions {
        SearchOptions {
            limit,
            filter: (&self.filter).into(),
            emotions: self.emotions.emotion.clone(),
            max_distance: self.nearness.max_distance,
            min_separation: self.nearness.diverse,
            ..self.ranking.options()
        }
    }
}

/// A distance of two expressions.
pub(crate) fn distance(text: &str) -> Result<f32, String> {
    let distance = text.parse::<f32>().ok();
    distance
        .filter(|distance| (0.0..=2.0).contains(distance))
        .ok_or_else(|| "write a distance from 0, the same, to 2".to_owned())
}

/// A number of things, of which there has to be one.
pub(crate) fn at_least_one<N: FromStr + Default + PartialOrd>(text: &str) -> Result<N, String> {
    let count = text.parse().ok();
    count
        .filter(|count| *count > N::default())
        .ok_or_else(|| "write a number from 1 on".to_owned())
}

/// A tag that can be seen and given again.
pub(crate) fn tag(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("the tag is empty".to_owned()),
        _ => Ok(text.to_owned()),
    }
}

/// Seconds from 1970 to the start of a day, UTC.
fn day(text: &str) -> Result<u64, String> {
    dates::start_of(text).ok_or_else(|| format!("{text} is no day; write YYYY-MM-DD"))
}

/// Whether files of others are overwritten.
#[derive(Debug, ClapArgs)]
pub(crate) struct OverwriteArgs {
    /// Overwrite files that moue did not write, even inputs and galleries.
    #[arg(long)]
    pub(crate) force: bool,
}

/// A source of frames.
#[derive(Debug, Clone, ClapArgs)]
#[group(multiple = false)]
pub(crate) struct SourceArgs {
    /// The camera's number, or its name where the system names cameras.
    #[arg(long, value_name = "N|NAME", default_value = "0")]
    pub(crate) camera: String,
    /// A video, GIF, animated WebP, APNG or picture instead of a camera. The view closes when a
    /// video ends; of other files the last frame stays until you press q.
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
        let (size, rate) = match text.split_once('@') {
            Some((size, rate)) => (size, parse_rate(rate)?),
            None => (text, DEFAULT_RATE),
        };
        let (width, height) = size
            .split_once('x')
            .ok_or("write WIDTHxHEIGHT, for instance 640x480@30")?;
        Ok(Self {
            width: parse_side(width)?,
            height: parse_side(height)?,
            rate,
        })
    }
}

fn parse_side(text: &str) -> Result<usize, String> {
    let side = text.parse().ok();
    side.filter(|side| (1..=MAX_RAW_SIDE).contains(side))
        .ok_or_else(|| format!("{text} is no side"))
}

/// From a frame in a hundred seconds to a thousand frames a second: the time of a frame is then
/// some number of microseconds.
fn parse_rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok();
    rate.filter(|rate| (0.01..=1000.0).contains(rate))
        .ok_or_else(|| format!("{text} is no rate"))
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

    #[test]
    fn numbers_have_bounds() {
        assert_eq!((distance("0.5"), at_least_one("3")), (Ok(0.5), Ok(3)));
        for text in ["-1", "2.5", "NaN", "x", ""] {
            assert!(
                distance(text).is_err() && at_least_one::<usize>(text).is_err(),
                "{text}"
            );
        }
        assert!(at_least_one::<u8>("0").is_err());
    }
}
