//! The command line, from which help, man pages and completions are made.

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Finds the pictures that make the same face as the one in your photo.
///
/// moue looks for faces, turns each expression (not whose it is) into 64 numbers and finds the
/// nearest pictures in a gallery: its own drawings, or your collection. It works from this one
/// file, downloads nothing and sends nothing anywhere.
#[derive(Debug, Parser)]
#[command(
    name = "moue",
    version,
    after_help = "\
Examples:
  moue find me.jpg                          the three nearest of the built-in drawings
  moue find me.jpg --sheet sheet.png        the same, as a picture to look at
  moue gallery add my.moue ~/Pictures       make a gallery of your own pictures
  moue find me.jpg --gallery my.moue --json

Exit codes: 0 all found, 1 a picture had no face or no match, 2 an error, 130 interrupted."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find the nearest pictures to the face in a photo.
    Find(FindArgs),
    /// Find faces and say where they are.
    Detect(DetectArgs),
    /// Print the 64 numbers of each face's expression.
    Embed(EmbedArgs),
    /// Make, change and look into galleries.
    Gallery {
        #[command(subcommand)]
        command: GalleryCommand,
    },
    /// Show version, processor features, models and gallery, and check that all work.
    Doctor(DoctorArgs),
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Write man pages into a folder.
    Man {
        /// The folder.
        folder: PathBuf,
    },
}

/// Which faces of a picture count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Faces {
    /// The largest one.
    Largest,
    /// Every one.
    All,
}

impl From<Faces> for moue::FaceChoice {
    fn from(faces: Faces) -> Self {
        match faces {
            Faces::Largest => Self::Largest,
            Faces::All => Self::All,
        }
    }
}

/// The gallery to search.
#[derive(Debug, ClapArgs)]
pub(crate) struct GalleryChoice {
    /// Gallery to search; `builtin` is moue's own drawings.
    #[arg(long, value_name = "FILE", env = "MOUE_GALLERY", default_value = "builtin")]
    pub(crate) gallery: PathBuf,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  moue find me.jpg
  moue find party.jpg --face all --top 1
  moue find *.jpg --json | jq -r '.faces[0].matches[0].path'
  moue find me.jpg --save reactions/")]
pub(crate) struct FindArgs {
    /// Pictures to look at; `-` reads one from standard input.
    #[arg(required = true, value_name = "PICTURE")]
    pub(crate) pictures: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) gallery: GalleryChoice,
    /// How many pictures to show for each face.
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) top: usize,
    /// Which faces to look up.
    #[arg(long, value_enum, default_value_t = Faces::Largest)]
    pub(crate) face: Faces,
    /// The pictures are face crops already: skip detection.
    #[arg(long)]
    pub(crate) cropped: bool,
    /// Print one JSON object for each picture.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write queries and matches side by side into one picture.
    #[arg(long, value_name = "OUT.png")]
    pub(crate) sheet: Option<PathBuf>,
    /// Write the matched pictures into a folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) save: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  moue detect party.jpg
  moue detect party.jpg --draw faces.png
  moue detect *.jpg --json")]
pub(crate) struct DetectArgs {
    /// Pictures to look at; `-` reads one from standard input.
    #[arg(required = true, value_name = "PICTURE")]
    pub(crate) pictures: Vec<PathBuf>,
    /// Print one JSON object for each picture.
    #[arg(long)]
    pub(crate) json: bool,
    /// Draw boxes and key points into a copy; of several pictures the later ones get numbers.
    #[arg(long, value_name = "OUT.png")]
    pub(crate) draw: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  moue embed me.jpg
  moue embed face.png --cropped --json
  moue embed party.jpg --crops seen/        what the network sees of each face")]
pub(crate) struct EmbedArgs {
    /// Pictures to look at; `-` reads one from standard input.
    #[arg(required = true, value_name = "PICTURE")]
    pub(crate) pictures: Vec<PathBuf>,
    /// The pictures are face crops already: skip detection.
    #[arg(long)]
    pub(crate) cropped: bool,
    /// Print one JSON object for each picture.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the grey, upright crop of each face into a folder, as PICTURE-FACE.png.
    #[arg(long, value_name = "DIR")]
    pub(crate) crops: Option<PathBuf>,
    /// Pixels along a side of those crops.
    #[arg(long, value_name = "PIXELS", default_value_t = 64, requires = "crops", value_parser = clap::value_parser!(u32).range(8..=1024))]
    pub(crate) crop_size: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GalleryCommand {
    /// Add pictures and folders of pictures; makes the gallery if there is none.
    #[command(after_help = "\
Examples:
  moue gallery add my.moue ~/Pictures/memes
  moue gallery add my.moue one.jpg two.png --json

Exit codes: 0 all went in, 1 something was rejected or nothing was new, 2 the gallery can't be
written, 130 interrupted (what was reported as added stays).")]
    Add {
        /// The gallery's file, usually called NAME.moue.
        gallery: PathBuf,
        /// Pictures, and folders that are searched for pictures.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// Print one JSON object for each picture once it is safely stored or rejected.
        #[arg(long)]
        json: bool,
    },
    /// List the faces, one a line.
    List {
        /// The gallery's file, or `builtin`.
        gallery: PathBuf,
        /// Print one JSON object for each face.
        #[arg(long)]
        json: bool,
    },
    /// Remove pictures by their path or by the number that `list` shows.
    Remove {
        /// The gallery's file.
        gallery: PathBuf,
        /// Paths as `list` shows them, or numbers of faces.
        #[arg(required = true, value_name = "PATH|ID")]
        what: Vec<String>,
    },
    /// Show how many faces and pictures there are and which weights made them.
    Info {
        /// The gallery's file, or `builtin`.
        gallery: PathBuf,
        /// Print a JSON object.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) gallery: GalleryChoice,
    /// Print a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}
