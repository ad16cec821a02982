//! The command line of `moue gallery`.

use super::device::DeviceArgs;
use super::immich::{ImmichArgs, TagImmichArgs};
use super::shared::{EffortArgs, EmotionArgs, FilterArgs, OverwriteArgs};
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
    /// List the faces, one a line.
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
    /// Show how many faces and pictures there are and which weights embedded them.
    Info(ReadArgs),
    /// Count what a gallery holds: sources, tags, near-duplicates, bytes.
    Stats(ReadArgs),
    /// Check every page, record and vector of a gallery.
    Verify(VerifyArgs),
    /// Embed all pictures again, for a gallery that was made with other weights.
    Reembed(ReembedArgs),
    /// Write a gallery anew: without unused space, and without a trace of what was removed.
    Compact(CompactArgs),
    /// Add all pictures of other galleries to one; repeating it changes nothing.
    Merge(MergeArgs),
    /// Add the Parquet files that `add --parquet`, moue.parts, moue.ray and Spark write.
    Load(LoadArgs),
    /// Write a gallery as pictures.jsonl and expressions.npy into a folder.
    Export(ExportArgs),
    /// Add what `export` wrote.
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
  moue gallery add --parquet rows --shard 3/16 /pictures   the same as a Parquet file; then `gallery load`
  moue gallery add postgres://me@db/faces /pictures        a gallery on a server
  moue gallery add my.moue memes --read-text               also the words in them; then `find --text`
  moue gallery add my.moue imgflip                          fetches pictures from the network
  moue gallery add my.moue immich --url https://photos.example --key-env IMMICH_KEY

Every face of a picture is added. Of an animation or video, the faces are added whose expressions
differ. Captions come from PICTURE.json or PICTURE.jpg.json beside a picture, from PNG text chunks
and from XMP. Folders may hold .moueignore files.
Only `imgflip`, `memegen` and `immich` use the network: they fetch the listing and the pictures of
api.imgflip.com or api.memegen.link, or the previews of your Immich server, into GALLERY.pictures/.
(Builds with the feature `collections`.) Of an Immich server a second run fetches what is new or has
changed; one at a private address needs --allow-private.

Exit codes: 0 all were added, 1 something was rejected or nothing was new, 2 the gallery cannot be
written or moue has a fault, 130 interrupted (what was reported as added stays).")]
pub(crate) struct AddArgs {
    /// The gallery's file, usually called NAME.moue, or its address on a server; with --parquet there
    /// is none.
    pub(crate) gallery: PathBuf,
    /// Pictures, animations, videos, ZIP files, and folders that are searched for them; or imgflip,
    /// memegen or immich.
    #[arg(required_unless_present = "parquet", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Write a Parquet file into this folder instead of a gallery, one for each part; a part that is
    /// there is not done again. It is read on one core: run as many parts as there are cores. (Builds
    /// with the feature `stores`.)
    #[arg(long, value_name = "DIR")]
    pub(crate) parquet: Option<PathBuf>,
    /// Print one JSON object for each picture once it is stored on the disk or rejected.
    #[arg(long)]
    pub(crate) json: bool,
    /// List the files that are left out because they are neither pictures nor videos; the last line
    /// counts them.
    #[arg(long, short)]
    pub(crate) verbose: bool,
    #[command(flatten)]
    pub(crate) ingest: IngestArgs,
    /// Take only part I of N, for job arrays; the path of a picture alone decides its part.
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
    #[arg(long, value_name = "TAG")]
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
    /// The gallery's file, `builtin` or `emoji`.
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
    /// The gallery's file.
    pub(crate) gallery: PathBuf,
    /// Paths as `list` shows them, or numbers of faces; without any, all pictures that the filter
    /// selects.
    #[arg(value_name = "PATH|ID")]
    pub(crate) selectors: Vec<OsString>,
    /// A tag to add; may be given several times.
    #[arg(long, value_name = "TAG")]
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

Hidden pictures stay in the gallery, and `find`, `live`, `timeline`, `map` and graphs leave them out.
Near-duplicates are hidden with them. They are known by their content and by what they show, so they
stay hidden when they are moved, changed, removed and added again, embedded again, compacted, exported
and imported, or merged into another gallery; one that another gallery has already stays there as it is.")]
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
    /// The gallery's file.
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
    /// The gallery's file, `builtin` or `emoji`.
    pub(crate) gallery: PathBuf,
    /// Print a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct VerifyArgs {
    /// The gallery's file.
    pub(crate) gallery: PathBuf,
    /// Repair it: keep what can be read and rebuild what is derived. Of a file with damaged pages,
    /// all that can be read goes into a new file in its place; the damaged one is kept as
    /// GALLERY.damaged.
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

Each face is embedded from its picture, a member of its ZIP, or the frame of its animation or video;
where that is gone or has changed, from the thumbnail in the gallery. Ids, tags, captions, labels and
times stay. The new gallery is written beside the old one and then takes its place, so that a run that
is interrupted changes nothing. A gallery of the current weights is left alone.")]
pub(crate) struct ReembedArgs {
    /// The gallery's file.
    pub(crate) gallery: PathBuf,
    /// Leave out pictures of which neither the file nor a thumbnail is left, instead of stopping.
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
pub(crate) struct CompactArgs {
    /// The gallery's file.
    pub(crate) gallery: PathBuf,
    /// Print a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct MergeArgs {
    /// The gallery that is added to; it is created if there is none.
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
    /// The gallery's file, `builtin` or `emoji`.
    pub(crate) gallery: PathBuf,
    /// The folder; it is created if there is none.
    pub(crate) folder: PathBuf,
    #[command(flatten)]
    pub(crate) overwrite: OverwriteArgs,
    /// For passing it on: names made of the contents in the place of paths, and of labels that are
    /// files' names. Files that were rejected are never exported.
    #[arg(long)]
    pub(crate) share: bool,
    /// Print a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ImportArgs {
    /// The gallery's file; it is created if there is none.
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

What is there already is not added again, so a load that was interrupted is simply repeated. Parts that
were made with other weights are refused. On a server the index of expressions is made at the end, from
100,000 faces on.")]
pub(crate) struct LoadArgs {
    /// The gallery's file, or its address on a server; it is created if there is none.
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
    /// The page.
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
