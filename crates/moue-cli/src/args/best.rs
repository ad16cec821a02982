//! Options of `moue best`.

use super::shared::{EffortArgs, at_least_one};
use clap::Args as ClapArgs;
use clap::builder::PossibleValuesParser;
use moue::embed::Emotion;
use moue_drawings::POSES;
use std::collections::BTreeSet;
use std::path::PathBuf;

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  moue best burst/                            all pictures, the best first
  moue best burst/ --top 1 --expression laugh
  moue best *.jpg --like smile.jpg            the expression of a picture
  moue best burst/ --json | jq -r 'select(.rank == 1).picture'

The score is 0 to 1. It is the share of the people who are in the picture, times the geometric mean of \
three values over their faces: how open the eyes are (relative to those of the expression that you ask \
for), similarity to that expression, and sharpness relative to the sharpest face. Faces less than a \
third as wide as the widest do not count.

Exit codes: 0 a picture has a face, 1 none has, 2 a picture cannot be read.")]
pub(crate) struct BestArgs {
    /// Pictures of one scene, or folders of them.
    #[arg(required = true, value_name = "PICTURE")]
    pub(crate) pictures: Vec<PathBuf>,
    /// A picture whose expression the faces should make; may be given several times.
    #[arg(long, value_name = "PICTURE")]
    pub(crate) like: Vec<PathBuf>,
    /// An expression that the faces should make, the name of a drawing's pose or of an emotion, or an
    /// everyday word for one; may be given several times.
    #[arg(long, value_name = "NAME", value_parser = expression_names(), ignore_case = true)]
    pub(crate) expression: Vec<String>,
    /// Print only the best ones.
    #[arg(long = "top", value_name = "N", value_parser = at_least_one::<usize>)]
    pub(crate) limit: Option<usize>,
    /// Print one JSON object for each picture.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) effort: EffortArgs,
}

/// Names of the drawings' poses and of emotions, which --emotion of `find` has too.
fn expression_names() -> PossibleValuesParser {
    let emotions = Emotion::ALL.map(Emotion::name).into_iter();
    let words = Emotion::ALL.map(Emotion::words).into_iter().flatten();
    let poses = POSES.iter().map(|pose| pose.name);
    let names: BTreeSet<&'static str> = poses.chain(emotions).chain(words.copied()).collect();
    names.into_iter().collect::<Vec<_>>().into()
}
