//! The command line, from which help, man pages and completions are made.

pub(crate) mod best;
pub(crate) mod device;
pub(crate) mod gallery;
pub(crate) mod immich;
#[cfg(feature = "pick")]
pub(crate) mod pick;
pub(crate) mod pictures;
#[cfg(feature = "server")]
pub(crate) mod serve;
pub(crate) mod shared;
mod suggest;
pub(crate) mod timeline;
pub(crate) mod words;

pub(crate) use best::BestArgs;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use device::DeviceArgs;
use gallery::GalleryCommand;
use pictures::PicturesArgs;
use shared::{
    EffortArgs, Faces, GalleryChoice, OverwriteArgs, SearchArgs, SourceArgs, at_least_one,
};
use std::net::SocketAddr;
use std::path::PathBuf;
pub(crate) use suggest::with_suggestion;
use timeline::TimelineArgs;

/// Finds the pictures that make the same face as the one in your photo.
///
/// moue detects faces, turns each expression (not whose it is) into 64 numbers and finds the
/// nearest pictures in a gallery: its own drawings, or your collection. Networks and drawings are in
/// this one file. moue uses the network only if you name a collection, a server, or an address to
/// serve.
#[derive(Debug, Parser)]
#[command(
    name = "moue",
    version,
    after_help = "\
Examples:
  moue find me.jpg                          three of the built-in drawings that match
  moue find me.jpg --sheet sheet.png        the same, as a picture
  moue gallery add my.moue ~/Pictures       make a gallery of your own pictures
  moue find me.jpg --gallery my.moue --json

Exit codes: 0 all found, 1 a picture had no face or no match, 2 an error, 130 interrupted. \
If the reader of a pipe ends first, as `head` does, a command that only prints ends with 0; \
requested files are still written.
moue overwrites only files that it wrote itself; --force overwrites any."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find the nearest pictures to the face in a photo.
    Find(FindArgs),
    /// Find faces and print where they are.
    Detect(DetectArgs),
    /// Print the 64 numbers of each face's expression.
    Embed(EmbedArgs),
    /// Rank the pictures of a burst: eyes open, faces sharp, the expression you ask for.
    Best(BestArgs),
    /// Make faces at your camera and see what matches, live.
    Live(LiveArgs),
    /// Open a small window with your face and the pictures that match; a key copies one.
    #[cfg(feature = "pick")]
    Pick(pick::PickArgs),
    /// Open a small window to copy a match from (not in this build).
    #[cfg(not(feature = "pick"))]
    Pick {
        /// What it would be given.
        #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<std::ffi::OsString>,
    },
    /// Find the expressive moments of a video, each with its reaction picture.
    Timeline(TimelineArgs),
    /// Run a graph of calculators from a `.pbtxt` file, MediaPipe's format.
    Run(RunArgs),
    /// Check a graph and draw it.
    Graph(GraphArgs),
    /// Create, change and inspect galleries.
    Gallery {
        #[command(subcommand)]
        command: GalleryCommand,
    },
    /// Serve a gallery over HTTP: a page and an API.
    #[cfg(feature = "server")]
    Serve(serve::ServeArgs),
    /// Serve a gallery over HTTP (not in this build).
    #[cfg(not(feature = "server"))]
    Serve {
        /// What it would be given.
        #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<std::ffi::OsString>,
    },
    /// Check the installation: version, processor, models, gallery, helper programs and windows.
    Doctor(DoctorArgs),
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the JSON Schema of what a command prints with `--json`.
    Schema(SchemaArgs),
    /// Write man pages into a folder.
    #[cfg(feature = "man")]
    Man(ManArgs),
    /// Write man pages into a folder (not in this build).
    #[cfg(not(feature = "man"))]
    Man {
        /// What it would be given.
        #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<std::ffi::OsString>,
    },
    /// Hold what `--copy` copied until something else is copied.
    #[cfg(all(feature = "clipboard", target_os = "linux"))]
    #[command(hide = true)]
    HoldClipboard,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  moue schema
  moue schema find
  moue schema moue.gallery.list/1           as the key `schema` of the output has it")]
pub(crate) struct SchemaArgs {
    /// The name of a schema: find, detect, gallery.list …; without it all names are printed.
    pub(crate) name: Option<String>,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  moue find me.jpg
  moue find party.jpg --face all --top 1
  moue find *.jpg --json | jq -r '.faces[0].matches[0].path'
  moue find me.jpg --gallery my.moue --tag cats --max-distance 0.8
  moue find me.jpg --emotion 'surprise>0.5'
  moue find me.jpg --diverse --not bored.jpg
  moue find me.jpg --pure --top 20          the nearest by distance alone
  moue find me.jpg --save reactions/
  moue find photos/ --json                  every picture of a folder
  moue find me.jpg --open                   the sheet, in your picture viewer
  moue find me.jpg --gallery emoji --copy   the emoji of your face, ready to be pasted
  moue find --paste                         the picture that you copied elsewhere

A terminal shows the matches as pictures: with the graphics of kitty or iTerm2 or with sixels if it has \
them, otherwise with colored half blocks. For more than 24 pictures only text is printed, unless \
--pictures tells how to show them.")]
pub(crate) struct FindArgs {
    /// Pictures, and folders of pictures; `-` reads one from standard input.
    #[cfg_attr(feature = "clipboard", arg(required_unless_present = "paste"))]
    #[cfg_attr(not(feature = "clipboard"), arg(required = true))]
    #[arg(value_name = "PICTURE")]
    pub(crate) pictures: Vec<PathBuf>,
    /// How many pictures to show for each face.
    #[arg(long = "top", value_name = "N", default_value_t = 3, value_parser = at_least_one::<usize>, allow_negative_numbers = true)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) search: SearchArgs,
    /// Search once, for pictures that are near to the faces of all PICTUREs together.
    #[arg(long, conflicts_with_all = ["sheet", "save"])]
    pub(crate) together: bool,
    /// Which faces to search for.
    #[arg(long, value_enum, default_value_t = Faces::Largest)]
    pub(crate) face: Faces,
    #[command(flatten)]
    pub(crate) effort: EffortArgs,
    /// The pictures are face crops already: skip detection.
    #[arg(long)]
    pub(crate) cropped: bool,
    /// Print one JSON object for each picture.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) show: PicturesArgs,
    /// Use the picture or the files in the clipboard as PICTUREs.
    #[cfg(feature = "clipboard")]
    #[arg(long)]
    pub(crate) paste: bool,
    /// Copy the best match of the first face to the clipboard: an emoji as text, others as a picture.
    #[cfg(feature = "clipboard")]
    #[arg(long)]
    pub(crate) copy: bool,
    /// Write queries and matches side by side into one picture.
    #[arg(long, value_name = "OUT.png")]
    pub(crate) sheet: Option<PathBuf>,
    /// Open the sheet in your picture viewer; without --sheet it is a temporary file.
    #[arg(long, conflicts_with = "together")]
    pub(crate) open: bool,
    /// Write the matched pictures into a folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) save: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) overwrite: OverwriteArgs,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  moue detect party.jpg
  moue detect party.jpg --draw faces.png
  moue detect party.jpg --emotions
  moue detect *.jpg --json --effort live    several times faster; misses small and turned faces")]
pub(crate) struct DetectArgs {
    /// Pictures, and folders of pictures; `-` reads one from standard input.
    #[arg(required = true, value_name = "PICTURE")]
    pub(crate) pictures: Vec<PathBuf>,
    /// Print one JSON object for each picture.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) effort: EffortArgs,
    /// Show shares of eight emotions for each face: what people would call its expression.
    #[arg(long)]
    pub(crate) emotions: bool,
    /// Draw boxes and key points into a copy; with several pictures the later copies are numbered.
    /// In a folder that is read, files of these names that moue wrote are copies of an earlier run and are not
    /// read.
    #[arg(long, value_name = "OUT.png")]
    pub(crate) draw: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) overwrite: OverwriteArgs,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  moue embed me.jpg
  moue embed face.png --cropped --json
  moue embed clips/*.png --csv > faces.csv  emotions of many pictures, for a spreadsheet
  moue embed party.jpg --crops seen/        what the network is given of each face")]
pub(crate) struct EmbedArgs {
    /// Pictures, and folders of pictures; `-` reads one from standard input.
    #[arg(required = true, value_name = "PICTURE")]
    pub(crate) pictures: Vec<PathBuf>,
    /// The pictures are face crops already: skip detection.
    #[arg(long)]
    pub(crate) cropped: bool,
    /// Print one JSON object for each picture.
    #[arg(long, group = "form")]
    pub(crate) json: bool,
    /// Print a table: file, number, box, score and shares of eight emotions of each face.
    #[arg(long, group = "form")]
    pub(crate) csv: bool,
    /// Add the 64 numbers to the table.
    #[arg(long, requires = "csv")]
    pub(crate) numbers: bool,
    #[command(flatten)]
    pub(crate) effort: EffortArgs,
    #[command(flatten)]
    pub(crate) device: DeviceArgs,
    /// Write the gray, upright crop of each face into a folder, as PICTURE-FACE.png.
    #[arg(long, value_name = "DIR")]
    pub(crate) crops: Option<PathBuf>,
    /// Side of those crops in pixels.
    // 64 is what the network sees; 1024 shows all that a photo has of a face.
    #[arg(long, value_name = "PIXELS", default_value_t = 64, requires = "crops", value_parser = clap::value_parser!(u32).range(8..=1024))]
    pub(crate) crop_size: u32,
    #[command(flatten)]
    pub(crate) overwrite: OverwriteArgs,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  moue live
  moue live --gallery emoji
  moue live --gallery my.moue --tag cats --emotion 'surprise>0.3'
  moue live --video clip.mp4 --terminal
  moue live --video clip.mp4 --json > matches.jsonl
  ffmpeg -i clip.mp4 -f rawvideo -pix_fmt rgb24 - | moue live --raw 640x480 --json
  moue live --overlay 8091                       a browser source for OBS: http://127.0.0.1:8091/

q or Esc closes the view, s saves the last two seconds with their matches as moue-N.gif, c \
copies the best match. Frames that come too fast are dropped, never queued; with --json every frame of \
a file is used. What the camera sees is not sent anywhere, and only s saves it. \
Videos and cameras need the program ffmpeg.")]
pub(crate) struct LiveArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) device: DeviceArgs,
    #[command(flatten)]
    pub(crate) search: SearchArgs,
    /// How many pictures to show.
    // Six panels are as high as a usual screen.
    #[arg(long = "top", value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=6))]
    pub(crate) limit: u8,
    /// Show it in a window (the default where there is a desktop).
    #[arg(long, group = "view")]
    pub(crate) window: bool,
    /// Show it in the terminal.
    #[arg(long, group = "view")]
    pub(crate) terminal: bool,
    /// Print one JSON object for each frame.
    #[arg(long, group = "view")]
    pub(crate) json: bool,
    /// Put the 64 numbers of each frame's expression into the JSON.
    #[arg(long, requires = "json")]
    pub(crate) log_embeddings: bool,
    /// Show a new match at once if its score is better than that of the shown one by this much.
    #[arg(long, value_name = "SCORE", default_value_t = moue::video::StabilizerOptions::default().margin, value_parser = shared::distance)]
    pub(crate) margin: f32,
    /// Show a new match after it has been better for this many milliseconds.
    #[arg(long, value_name = "MS", default_value_t = moue::video::StabilizerOptions::default().hold.as_millis() as u64)]
    pub(crate) hold: u64,
    /// Stop after N frames; with --json and a video the default is 1000000.
    #[arg(long, value_name = "N")]
    pub(crate) frames: Option<u64>,
    /// What the key s saves: the last two seconds, or a picture of the whole view.
    #[arg(long, value_enum, default_value_t = MomentForm::Gif)]
    pub(crate) save_as: MomentForm,
    /// Serve the shown picture as a page with a transparent background, for a browser source of OBS:
    /// a port of this machine, or an address with a port. (Builds with the feature `server`.)
    #[arg(long, value_name = "[ADDRESS:]PORT", value_parser = overlay_address)]
    pub(crate) overlay: Option<SocketAddr>,
}

/// A port alone is one of this machine, which nobody else reaches.
fn overlay_address(text: &str) -> Result<SocketAddr, String> {
    let text = text.replace("localhost", "127.0.0.1");
    if let Ok(port) = text.parse() {
        return Ok(SocketAddr::from(([127, 0, 0, 1], port)));
    }
    let wrong = |_| "neither a port such as 8091 nor an address such as 127.0.0.1:8091".to_owned();
    text.parse().map_err(wrong)
}

/// The form of a saved moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MomentForm {
    /// An animation of the last two seconds.
    Gif,
    /// A picture.
    Png,
}

/// A graph and its subgraphs.
#[derive(Debug, ClapArgs)]
pub(crate) struct GraphFiles {
    /// A `.pbtxt` file, or `builtin:facial_search`, `builtin:face_detection`,
    /// `builtin:face_embedding`.
    #[arg(value_name = "GRAPH")]
    pub(crate) graph: String,
    /// A folder or file with subgraphs, in addition to moue's own; without it, those beside GRAPH.
    #[arg(long, value_name = "DIR|FILE")]
    pub(crate) graphs: Vec<PathBuf>,
    /// Which of two files of one subgraph to take, by the ending of its name.
    #[arg(long, value_enum, default_value_t = Variant::Cpu)]
    pub(crate) variant: Variant,
}

/// Endings of subgraph files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Variant {
    /// `_cpu.pbtxt`
    Cpu,
    /// `_gpu.pbtxt`
    Gpu,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  moue run builtin:facial_search --input input_frame=me.jpg --output memes
  moue run builtin:facial_search --input input_frame=clip.mp4 --side embeddings_collection=my.moue \\
      --side collection_labels=my.moue
  moue run face_detection_front_cpu.pbtxt --models models/ --input input_video=me.jpg
  moue run search.pbtxt --input input_frame=clip.mp4 --trace trace.json

Output packets are printed as JSON lines:
{\"schema\":\"moue.run/1\",\"stream\":…,\"timestamp\":…,\"value\":…}, the timestamp in microseconds.
A picture is one packet with the timestamp 0. The exit code is 0 if the graph ended cleanly, even \
without a detection.")]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) graph: GraphFiles,
    /// Feed a stream from a picture, animation or video, or from a camera: `camera:N`.
    #[arg(long, value_name = "STREAM=SOURCE")]
    pub(crate) input: Vec<String>,
    /// A stream to print; may be given several times. Default: all outputs of the graph.
    #[arg(long, value_name = "STREAM")]
    pub(crate) output: Vec<String>,
    /// A side packet: a `.moue` gallery, `builtin` or `emoji` (vectors or labels), `.npy` vectors, or
    /// a text file with one label a line.
    #[arg(long = "side", value_name = "NAME=FILE")]
    pub(crate) side_packets: Vec<String>,
    /// The folder of the files that the options of calculators name, such as models.
    #[arg(long, value_name = "DIR")]
    pub(crate) models: Option<PathBuf>,
    /// Threads; 0 runs everything on one thread, one frame after the other. Default: `num_threads` of
    /// the graph.
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Write a trace for Chrome or Perfetto: time, queue length and drops of each node.
    #[arg(long, value_name = "OUT.json")]
    pub(crate) trace: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) device: DeviceArgs,
    #[command(flatten)]
    pub(crate) overwrite: OverwriteArgs,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  moue graph search.pbtxt
  moue graph builtin:facial_search --svg > search.svg
  moue graph search.pbtxt --dot | dot -Tpdf > search.pdf
  moue graph --calculators                  the nodes that a graph can have")]
pub(crate) struct GraphArgs {
    #[command(flatten)]
    pub(crate) graph: Option<GraphFiles>,
    /// List all calculators with their ports and options.
    #[arg(long, exclusive = true)]
    pub(crate) calculators: bool,
    /// Print it as text for Graphviz.
    #[arg(long, group = "form")]
    pub(crate) dot: bool,
    /// Print it as an SVG picture.
    #[arg(long, group = "form")]
    pub(crate) svg: bool,
}

#[cfg(feature = "man")]
#[derive(Debug, ClapArgs)]
pub(crate) struct ManArgs {
    /// The folder; it is created if there is none.
    pub(crate) folder: PathBuf,
    #[command(flatten)]
    pub(crate) overwrite: OverwriteArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) gallery: GalleryChoice,
    /// Print a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}
