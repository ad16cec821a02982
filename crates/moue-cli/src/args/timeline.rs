//! The options of `moue timeline`.

use super::shared::{GalleryChoice, OverwriteArgs, RankingArgs, at_least_one};
use crate::inputs::MAX_VIDEO_FRAMES;
use clap::{Args as ClapArgs, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  moue timeline match.mp4
  moue timeline match.mp4 --html highlights.html
  moue timeline match.mp4 --srt reactions.srt --csv moments.csv
  moue timeline match.mp4 --json | jq '.moments[].time'
  moue timeline match.mp4 --reel reel.mp4 --layout corner
  moue timeline match.mp4 --reel reel.mp4 --only 1,3,4
  moue timeline match.mp4 --clips moments/ --markers markers.edl

The moments are the peaks of the strength of an expression: the share of people who would not call it \
neutral, or its distance from the person's own neutral face.

A person is a face that is followed within one shot; after a cut everybody is new. If there are several \
people, each moment names its person, and a mark shows the person in a reel.

A reel and clips are H.264 in MP4, 1280x720, written by ffmpeg; the sound is kept. The ending of the name \
chooses the format of markers: .edl for DaVinci Resolve, .fcpxml for Final Cut, .csv for Premiere, .txt \
for the chapters of a YouTube description.")]
pub(crate) struct TimelineArgs {
    /// A video, GIF, animated WebP or APNG.
    #[arg(value_name = "VIDEO")]
    pub(crate) video: PathBuf,
    #[command(flatten)]
    pub(crate) gallery: GalleryChoice,
    #[command(flatten)]
    pub(crate) ranking: RankingArgs,
    /// Show the N strongest moments.
    // Of more than a thousand the strongest thousand: a page with more would not be looked at, and
    // their small pictures take 80 MB.
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = at_least_one::<usize>, allow_negative_numbers = true)]
    pub(crate) moments: usize,
    /// Read the first N frames.
    #[arg(long, value_name = "N", default_value_t = MAX_VIDEO_FRAMES, value_parser = at_least_one::<u64>, allow_negative_numbers = true)]
    pub(crate) frames: u64,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write a table.
    #[arg(long, value_name = "OUT.csv")]
    pub(crate) csv: Option<PathBuf>,
    /// Write subtitles.
    #[arg(long, value_name = "OUT.srt")]
    pub(crate) srt: Option<PathBuf>,
    /// Write a page with thumbnails and curves, on which the parts of a reel can be ticked.
    #[arg(long, visible_alias = "page", value_name = "OUT.html")]
    pub(crate) html: Option<PathBuf>,
    /// Keep only the moments with these numbers, which the command prints without this option.
    #[arg(long, value_name = "N,N…", value_delimiter = ',')]
    pub(crate) only: Vec<usize>,
    /// Write a video of all moments, each with its picture.
    #[arg(long, value_name = "OUT.mp4")]
    pub(crate) reel: Option<PathBuf>,
    /// Write each moment with its picture as a video of its own.
    #[arg(long, value_name = "DIR")]
    pub(crate) clips: Option<PathBuf>,
    /// Where the picture is in a reel and in clips.
    #[arg(long, value_enum, default_value_t = Layout::Beside)]
    pub(crate) layout: Layout,
    /// Write the moments as markers for a video editor.
    #[arg(long, value_name = "OUT.edl|fcpxml|csv|txt")]
    pub(crate) markers: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) overwrite: OverwriteArgs,
}

/// Where the picture of a moment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Layout {
    /// In the right half, from the moment on.
    Beside,
    /// Over the lower right corner, from the moment on.
    Corner,
    /// Alone on the screen, after the moment.
    Cutaway,
}
