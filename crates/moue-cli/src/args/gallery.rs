//! The command line of `moue gallery`.

use super::device::DeviceArgs;
use super::immich::{ImmichArgs, TagImmichArgs};
use super::shared::{EffortArgs, EmotionArgs, FilterArgs, OverwriteArgs, tag};
use super::words::WordArgs;
use clap::{Args as ClapArgs, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum GalleryCommand {
    /// Add pictures and folders of pictures; creates the gallery if there is none.
    Add(AddArgs),
    /// Keep a gallery in step with folders until interrupted: new pictures are added, deleted ones
    /// removed.
    Watch(WatchArgs),
    /// List the faces, one per line.
    List(ListArgs),
    /// Show everything that is stored about pictures.
    Show(SelectArgs),
    /// Add tags to pictures or remove them.
    Tag(TagArgs),
    /// Change the label of a picture, and its caption with --caption.
    Rename(RenameArgs),
    /// Hide pictures: no search shows them again.
    Hide(HideArgs),
    /// Show hidden pictures again.
    Unhide(HideArgs),
    /// Remove pictures by their path or by the number that `list` shows; their files stay.
    Remove(RemoveArgs),
    /// Show the number of faces and pictures, and which weights embedded them.
    Info(ReadArgs),
    /// Count what a gallery holds: sources, tags, near-duplicates, bytes.
    Stats(ReadArgs),
    /// Check every page, record and vector of a gallery.
    Verify(VerifyArgs),
    /// Embed all pictures again, for a gallery that was made with other weights.
    Reembed(ReembedArgs),
    /// Rewrite a gallery without unused space and without what was removed.
    Compact(CompactArgs),
    /// Add all pictures of other galleries to one; repeating it changes nothing.
    Merge(MergeArgs),
    /// Add Parquet files that `add --parquet` or the Python package wrote.
    Load(LoadArgs),
    /// Write a gallery as pictures.jsonl and expressions.npy into a folder.
    Export(ExportArgs),
    /// Add a folder that `export` wrote.
    Import(ImportArgs),
    /// Draw all faces, arranged by expression, into one HTML page.
    Map(MapArgs),
    /// Write the tags of a gallery's pictures to the Immich server that they came from.
    TagImmich(TagImmichArgs),
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  moue gallery add my.moue ~/Pictures/memes
  moue gallery add my.moue one.jpg clip.gif pack.zip --tag cats --json
  moue gallery add part3.moue /pictures --shard 3/16       one job of sixteen; then `gallery merge`
  moue gallery add --parquet rows --shard 3/16 /pictures   as a Parquet file; then `gallery load`
  moue gallery add postgres://me@db/faces /pictures        a gallery on a server
  moue gallery add my.moue memes --read-text               also the words in them; `find --text`
  moue gallery add my.moue imgflip                         fetches pictures from the network
  moue gallery add my.moue immich --url https://photos.example --key-env IMMICH_KEY

Every face of a picture is added; of an animation or video, the faces whose expressions differ. \
Captions come from PICTURE.json or PICTURE.jpg.json beside a picture (in ZIP files they are not read), \
from PNG text chunks and from XMP. .ignore and .moueignore files in folders, written as .gitignore files, leave files out. \
`imgflip`, `memegen` and `immich` use the network: they fetch the listing and the pictures of \
api.imgflip.com or api.memegen.link, or the previews of your Immich server, into GALLERY.pictures/. \
(Builds with the feature `collections`.) From an Immich server a second run fetches what is new or has \
changed; a server at a private address needs --allow-private.

Exit codes: 0 something was new, 1 nothing was or a file could not be read, 2 the gallery cannot be \
written or moue has a fault, 130 interrupted (what was reported as added stays).")]
pub(crate) struct AddArgs {
    /// The gallery: a file, usually NAME.moue, or an address such as postgres://me@host/database;
    /// with --parquet there is none.
    pub(crate) gallery: PathBuf,
    /// Pictures, animations, videos, ZIP files, and folders that are searched for them; or imgflip,
    /// memegen or immich.
    #[arg(required_unless_present = "parquet", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Write a Parquet file for each part into this folder instead of a gallery. A finished part is
    /// skipped. A part uses one core: run as many parts at a time as there are cores. (Builds with the
    /// feature `stores`.)
    #[arg(long, value_name = "DIR")]
    pub(crate) parquet: Option<PathBuf>,
    /// Print one JSON object for each picture once it is stored on the disk or rejected.
    #[arg(long)]
    pub(crate) json: bool,
    /// List all pictures without a face, and the files that are neither pictures nor videos.
    #[arg(long, short)]
    pub(crate) verbose: bool,
    #[command(flatten)]
    pub(crate) ingest: IngestArgs,
    /// Take only part I of N, for job arrays; the path of a picture decides its part.
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<Shard>,
    /// Fetch the pictures of a collection into this folder instead of GALLERY.pictures/.
    #[arg(long, value_name = "DIR")]
    pub(crate) pictures: Option<PathBuf>,
    /// Fetch at most N pictures of a collection.
    #[arg(long = "most", value_name = "N", default_value_t = 1000)]
    pub(crate) max_pictures: usize,
    /// Read a collection's listing from this address.
    #[arg(long, value_name = "URL")]
    pub(crate) listing: Option<String>,
    /// Allow a collection at private and loopback addresses, and without TLS.
    #[arg(long)]
    pub(crate) allow_private: bool,
    #[command(flatten)]
    pub(crate) immich: ImmichArgs,
}

/// How faces are extracted from pictures.
#[derive(Debug, ClapArgs)]
pub(crate) struct IngestArgs {
    /// Tag every added picture; may be given several times.
    #[arg(long, value_name = "TAG", value_parser = tag)]
    pub(crate) tag: Vec<String>,
    /// Store no thumbnails of the faces.
    #[arg(long)]
    pub(crate) no_thumbnails: bool,
    /// Decode large JPEGs at full size, which is slower and finds smaller faces.
    #[arg(long)]
    pub(crate) full_size: bool,
    #[command(flatten)]
    pub(crate) words: WordArgs,
    #[command(flatten)]
    pub(crate) effort: EffortArgs,
    #[command(flatten)]
    pub(crate) device: DeviceArgs,
    /// Threads; 0 is one for each core.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) threads: usize,
}

/// A part of a job array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    /// From 0.
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

#[derive(Debug, ClapArgs)]
pub(crate) struct WatchArgs {
    /// The gallery's file.
    pub(crate) gallery: PathBuf,
    /// Folders to follow.
    #[arg(required = true, value_name = "DIR")]
    pub(crate) folders: Vec<PathBuf>,
    /// Print one JSON object for each change once it is stored.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) ingest: IngestArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ListArgs {
    /// The gallery: a file, `builtin`, `emoji`, or an address on a server.
    pub(crate) gallery: PathBuf,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    #[command(flatten)]
    pub(crate) emotions: EmotionArgs,
    /// List the hidden pictures instead of the others.
    #[arg(long)]
    pub(crate) hidden: bool,
    /// Print one JSON object for each face.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SelectArgs {
    /// The gallery's file, `builtin` or `emoji`.
    pub(crate) gallery: PathBuf,
    /// Paths as `list` shows them, or numbers of faces.
    #[arg(required = true, value_name = "PATH|ID")]
    pub(crate) selectors: Vec<OsString>,
    /// Print one JSON object for each picture.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct TagArgs {
    /// The gallery: a file, or an address on a server.
    pub(crate) gallery: PathBuf,
    /// Paths as `list` shows them, or numbers of faces; without any, all pictures that the filter
    /// selects.
    #[arg(value_name = "PATH|ID")]
    pub(crate) selectors: Vec<OsString>,
    /// A tag to add; may be given several times.
    #[arg(long, value_name = "TAG", value_parser = tag)]
    pub(crate) add: Vec<String>,
    /// A tag to remove; may be given several times.
    #[arg(long, value_name = "TAG")]
    pub(crate) drop: Vec<String>,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// Print a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RenameArgs {
    /// The gallery's file.
    pub(crate) gallery: PathBuf,
    /// Path as `list` shows it, or number of a face.
    #[arg(value_name = "PATH|ID")]
    pub(crate) selector: OsString,
    /// The new label.
    pub(crate) label: String,
    /// The new caption; an empty one removes the caption.
    #[arg(long, value_name = "TEXT")]
    pub(crate) caption: Option<String>,
    /// Print a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  moue gallery hide my.moue ~/Pictures/boss.jpg
  moue gallery hide my.moue 17 \"Success Kid\"
  moue gallery list my.moue --hidden
  moue gallery unhide my.moue 17

Hidden pictures stay in the gallery, but `find`, `live`, `timeline`, `map` and graphs leave them out. \
Near-duplicates are hidden with them. The gallery recognizes hidden pictures by their content and by what \
they show, so they stay hidden when they are moved, changed, removed and added again, embedded again, \
compacted, exported and imported, or merged into another gallery. A picture that is already in the other \
gallery is left unchanged there.")]
pub(crate) struct HideArgs {
    /// The gallery's file.
    pub(crate) gallery: PathBuf,
    /// Labels, paths or numbers of faces, as `list` and `find` show them.
    #[arg(required = true, value_name = "NAME|ID")]
    pub(crate) selectors: Vec<OsString>,
    /// Print a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RemoveArgs {
    /// The gallery: a file, or an address on a server.
    pub(crate) gallery: PathBuf,
    /// Paths as `list` shows them, or numbers of faces.
    #[arg(required = true, value_name = "PATH|ID")]
    pub(crate) selectors: Vec<OsString>,
    /// Print a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ReadArgs {
    /// The gallery: a file, `builtin`, `emoji`, or an address on a server.
    pub(crate) gallery: PathBuf,
    /// Print a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct VerifyArgs {
    /// The gallery's file.
    pub(crate) gallery: PathBuf,
    /// Repair it: keep what can be read and rebuild what is derived. If pages are damaged, all that can
    /// be read goes into a new file in its place, and the damaged file is kept as GALLERY.damaged.
    #[arg(long)]
    pub(crate) repair: bool,
    /// Print a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  moue gallery reembed my.moue
  moue gallery reembed my.moue --drop-missing    leave out what can no longer be read

Each face is embedded from its picture, the member of its ZIP, or the frame of its animation or video; \
if that is gone or has changed, from the thumbnail in the gallery. Ids, tags, captions, labels and \
times stay. The new gallery is written beside the old one and then replaces it, so that an interrupted \
run changes nothing. A gallery of the current weights is not changed.")]
pub(crate) struct ReembedArgs {
    /// The gallery's file.
    pub(crate) gallery: PathBuf,
    /// Leave out pictures that have neither a file nor a thumbnail any more, instead of stopping.
    #[arg(long)]
    pub(crate) drop_missing: bool,
    /// Threads; 0 is one for each core.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) threads: usize,
    /// Print a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Nothing of removed pictures is left in the file, except the hashes and the one expression by which a \
hidden picture is recognized. Files in GALLERY.pictures/ and a GALLERY.damaged of a repair stay.")]
pub(crate) struct CompactArgs {
    /// The gallery's file.
    pub(crate) gallery: PathBuf,
    /// Print a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct MergeArgs {
    /// The gallery that is added to, a file or an address on a server; it is created if there is none.
    pub(crate) gallery: PathBuf,
    /// The galleries that are added.
    #[arg(required = true, value_name = "GALLERY")]
    pub(crate) others: Vec<PathBuf>,
    /// Print a JSON object for each.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ExportArgs {
    /// The gallery: a file, `builtin`, `emoji`, or an address on a server.
    pub(crate) gallery: PathBuf,
    /// The folder; it is created if there is none.
    pub(crate) folder: PathBuf,
    #[command(flatten)]
    pub(crate) overwrite: OverwriteArgs,
    /// For giving it to others: replace paths, and labels that are file names, by names made of the
    /// contents. Rejected files are never exported.
    #[arg(long)]
    pub(crate) share: bool,
    /// Print a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ImportArgs {
    /// The gallery: a file, or an address on a server; it is created if there is none.
    pub(crate) gallery: PathBuf,
    /// The folder with pictures.jsonl and expressions.npy.
    pub(crate) folder: PathBuf,
    /// Print a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  moue gallery load all.moue rows
  moue gallery load postgres://me@db/faces rows

Pictures that are there already are not added again, so repeat an interrupted load. Parts that were made \
with other weights are refused. On PostgreSQL the index of expressions is made at the end, from 100,000 \
faces on.")]
pub(crate) struct LoadArgs {
    /// The gallery: a file, or an address on a server; it is created if there is none.
    pub(crate) gallery: PathBuf,
    /// The folder with part-*.parquet.
    pub(crate) folder: PathBuf,
    /// Print a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct MapArgs {
    /// The gallery's file, `builtin` or `emoji`.
    pub(crate) gallery: PathBuf,
    /// The page to write.
    #[arg(short, long, value_name = "FILE", default_value = "map.html")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) overwrite: OverwriteArgs,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    #[command(flatten)]
    pub(crate) emotions: EmotionArgs,
    /// Print a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
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
