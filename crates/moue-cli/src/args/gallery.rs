//! The command line of `moue gallery`.

use super::shared::{EffortArgs, FilterArgs};
use clap::{Args as ClapArgs, Subcommand};
use std::path::PathBuf;

/// A part of a job array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    pub(crate) index: u32,
    pub(crate) count: u32,
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text
            .split_once('/')
            .and_then(|(i, n)| Some((i.parse::<u32>().ok()?, n.parse::<u32>().ok()?)));
        match parts {
            Some((index, count)) if (1..=count).contains(&index) => Ok(Self {
                index: index - 1,
                count,
            }),
            _ => Err("write I/N with I from 1 to N, for instance 3/16".into()),
        }
    }
}

/// What goes in and how.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  moue gallery add my.moue ~/Pictures/memes
  moue gallery add my.moue one.jpg clip.gif pack.zip --tag cats --json
  moue gallery add part3.moue /pictures --shard 3/16       one job of sixteen; then `gallery merge`
  moue gallery add my.moue imgflip                          fetches pictures from the network

Animations, videos and all faces of a picture go in; of a sequence the expressions that differ. Captions come from
PICTURE.json or PICTURE.jpg.json beside a picture, from PNG texts and XMP. Folders may hold .moueignore files.
Only `imgflip` and `memegen` use the network: they fetch the listing and pictures of api.imgflip.com or
api.memegen.link into GALLERY.pictures/.

Exit codes: 0 all went in, 1 something was rejected or nothing was new, 2 the gallery can't be
written, 130 interrupted (what was reported as added stays).")]
pub(crate) struct AddArgs {
    /// The gallery's file, usually called NAME.moue.
    pub(crate) gallery: PathBuf,
    /// Pictures, animations, videos, ZIP files, and folders that are searched for them; or imgflip
    /// or memegen.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Print one JSON object for each picture once it is safely stored or rejected.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) how: IngestArgs,
    /// Take only part I of N, for job arrays; which one a picture belongs to depends on its path
    /// alone.
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<Shard>,
    /// Where pictures of a collection are fetched to, instead of GALLERY.pictures/.
    #[arg(long, value_name = "DIR")]
    pub(crate) pictures: Option<PathBuf>,
    /// Fetch at most so many pictures of a collection.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub(crate) most: usize,
    /// Another address of a collection's listing.
    #[arg(long, value_name = "URL")]
    pub(crate) listing: Option<String>,
    /// Let a collection lie at private and loopback addresses, and be fetched without TLS.
    #[arg(long)]
    pub(crate) allow_private: bool,
}

/// How pictures are looked at.
#[derive(Debug, ClapArgs)]
pub(crate) struct IngestArgs {
    /// Tag all of it; may be given several times.
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Vec<String>,
    /// Keep no small pictures of the faces.
    #[arg(long)]
    pub(crate) no_thumbnails: bool,
    /// Decode large JPEGs in full, which is slower and lets smaller faces be found.
    #[arg(long)]
    pub(crate) full_size: bool,
    #[command(flatten)]
    pub(crate) effort: EffortArgs,
    /// Threads; 0 is one for each core.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) threads: usize,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GalleryCommand {
    /// Add pictures and folders of pictures; makes the gallery if there is none.
    Add(AddArgs),
    /// Keep a gallery like a folder: what comes goes in, what goes comes out, until interrupted.
    Watch {
        /// The gallery's file.
        gallery: PathBuf,
        /// Folders to follow.
        #[arg(required = true, value_name = "DIR")]
        folders: Vec<PathBuf>,
        /// Print one JSON object for each change once it is stored.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        how: IngestArgs,
    },
    /// List the faces, one a line.
    List {
        /// The gallery's file, or `builtin`.
        gallery: PathBuf,
        #[command(flatten)]
        filter: FilterArgs,
        /// Print one JSON object for each face.
        #[arg(long)]
        json: bool,
    },
    /// Show all that is known of pictures.
    Show {
        /// The gallery's file, or `builtin`.
        gallery: PathBuf,
        /// Paths as `list` shows them, or numbers of faces.
        #[arg(required = true, value_name = "PATH|ID")]
        what: Vec<String>,
        /// Print one JSON object for each picture.
        #[arg(long)]
        json: bool,
    },
    /// Add tags to pictures, or take them away.
    Tag {
        /// The gallery's file.
        gallery: PathBuf,
        /// Paths as `list` shows them, or numbers of faces; without any, all that the filter lets
        /// through.
        #[arg(value_name = "PATH|ID")]
        what: Vec<String>,
        /// A tag to add; may be given several times.
        #[arg(long, value_name = "TAG")]
        add: Vec<String>,
        /// A tag to take away; may be given several times.
        #[arg(long, value_name = "TAG")]
        drop: Vec<String>,
        #[command(flatten)]
        filter: FilterArgs,
        /// Print a JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Give a picture another label, and a caption if you like.
    Rename {
        /// The gallery's file.
        gallery: PathBuf,
        /// Path as `list` shows it, or number of a face.
        #[arg(value_name = "PATH|ID")]
        what: String,
        /// What to call it.
        label: String,
        /// What to say about it; an empty one takes the caption away.
        #[arg(long, value_name = "TEXT")]
        caption: Option<String>,
        /// Print a JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Remove pictures by their path or by the number that `list` shows; their files stay.
    Remove {
        /// The gallery's file.
        gallery: PathBuf,
        /// Paths as `list` shows them, or numbers of faces.
        #[arg(required = true, value_name = "PATH|ID")]
        what: Vec<String>,
        /// Print a JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Show how many faces and pictures there are and which weights made them.
    Info {
        /// The gallery's file, or `builtin`.
        gallery: PathBuf,
        /// Print a JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Count what a gallery holds: sources, tags, near-duplicates, bytes.
    Stats {
        /// The gallery's file, or `builtin`.
        gallery: PathBuf,
        /// Print a JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Check that every page, record and vector of a gallery is whole.
    Verify {
        /// The gallery's file.
        gallery: PathBuf,
        /// Mend it: drop what cannot be read and write anew what is derived.
        #[arg(long)]
        repair: bool,
        /// Print a JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Give unused space back to the file system.
    Compact {
        /// The gallery's file.
        gallery: PathBuf,
        /// Print a JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Add all of other galleries to one; doing it again changes nothing.
    Merge {
        /// The gallery that is added to; it is made if there is none.
        gallery: PathBuf,
        /// The galleries that are added.
        #[arg(required = true, value_name = "GALLERY")]
        others: Vec<PathBuf>,
        /// Print a JSON object for each.
        #[arg(long)]
        json: bool,
    },
    /// Write a gallery as pictures.jsonl and expressions.npy into a folder.
    Export {
        /// The gallery's file, or `builtin`.
        gallery: PathBuf,
        /// The folder; it is made if there is none.
        folder: PathBuf,
        /// Print a JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Add what `export` wrote.
    Import {
        /// The gallery's file; it is made if there is none.
        gallery: PathBuf,
        /// The folder with pictures.jsonl and expressions.npy.
        folder: PathBuf,
        /// Print a JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Draw all faces by expression into one page to look at in a browser.
    Map {
        /// The gallery's file, or `builtin`.
        gallery: PathBuf,
        /// The page.
        #[arg(short, long, value_name = "FILE", default_value = "map.html")]
        output: PathBuf,
        #[command(flatten)]
        filter: FilterArgs,
        /// Print a JSON object.
        #[arg(long)]
        json: bool,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_count_from_one() {
        assert_eq!(
            "3/16".parse(),
            Ok(Shard {
                index: 2,
                count: 16
            })
        );
        assert!(
            "0/4".parse::<Shard>().is_err()
                && "5/4".parse::<Shard>().is_err()
                && "4".parse::<Shard>().is_err()
        );
    }
}
