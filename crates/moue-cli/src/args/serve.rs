//! The command line of `moue serve`.

use super::shared::GalleryChoice;
use clap::{Args as ClapArgs, Subcommand};
use moue_server::keys::Scope;
use std::net::SocketAddr;
use std::num::NonZero;
use std::path::PathBuf;

#[derive(Debug, ClapArgs)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  moue serve                                     the built-in drawings, http://127.0.0.1:8090
  moue serve --gallery my.moue                   your own; it is created if there is none
  moue serve --gallery postgres://me@localhost/faces --uploads pictures
  moue serve key add phone --keys keys.json      prints a key; --scope write lets it add pictures
  moue serve --gallery my.moue --keys keys.json --listen 0.0.0.0:8090 --host photos.home \\
      --tls-cert cert.pem --tls-key key.pem

The server listens on this machine alone unless there is a key. Uploaded pictures go into a folder beside \
the gallery, my.uploads for my.moue; for a gallery in a database name it with --uploads. Other programs \
may use the gallery meanwhile. Logs are JSON lines on standard error, without pictures, vectors or keys. \
After Ctrl-C the server finishes the requests under way. /openapi.json describes the API."
)]
pub(crate) struct ServeArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ServeCommand>,
    #[command(flatten)]
    pub(crate) gallery: GalleryChoice,
    /// Address and port; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    pub(crate) listen: SocketAddr,
    /// The file of keys; with it every request needs one.
    #[arg(long, value_name = "FILE", env = "MOUE_KEYS")]
    pub(crate) keys: Option<PathBuf>,
    /// A name by which clients reach the server, besides its address; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Vec<String>,
    /// An origin whose pages may use the server, such as https://photos.example; may be given
    /// several times.
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) allow_origin: Vec<String>,
    /// Serve HTTPS with this certificate, a PEM file.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The certificate's private key, a PEM file.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// The folder of uploaded pictures.
    #[arg(long, value_name = "DIR")]
    pub(crate) uploads: Option<PathBuf>,
    /// Serve the web app in this folder, which `cargo xtask web` has built, instead of the page that is
    /// compiled in.
    #[arg(long, value_name = "DIR", alias = "page")]
    pub(crate) web: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// Bounds on what clients can take.
#[derive(Debug, ClapArgs)]
pub(crate) struct LimitArgs {
    /// Largest body of a request, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) max_body: u32,
    /// Threads that decode, detect and search. Default: one for each core.
    #[arg(long, value_name = "N")]
    pub(crate) workers: Option<NonZero<usize>>,
    /// Requests that may wait for a thread; more are refused.
    #[arg(long, value_name = "N", default_value = "32")]
    pub(crate) queue: NonZero<usize>,
    /// Requests a second of one key, or of one address without a key; not from this machine.
    #[arg(long, value_name = "N", default_value = "20")]
    pub(crate) rate: NonZero<u32>,
    /// Let heif-convert and ffmpeg decode HEIC, AVIF and JPEG XL for clients.
    #[arg(long)]
    pub(crate) with_programs: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ServeCommand {
    /// Make, list and revoke keys.
    Key {
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Check whether a server runs on this machine; exit code 0 if it does.
    Check {
        /// Its address; any one if it listens on several.
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
        address: SocketAddr,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key and print it, once: the file has only its hash.
    Add {
        /// A name for the key: letters, digits, dots, dashes, underscores.
        name: String,
        /// What it allows: read (search and view), write (add, change, remove) or admin (all, keys and
        /// metrics); several are separated by commas.
        #[arg(
            long,
            value_name = "SCOPE",
            default_value = "read",
            value_delimiter = ','
        )]
        scope: Vec<Scope>,
        #[command(flatten)]
        file: KeysArgs,
    },
    /// List the names of the keys and what they allow.
    List {
        #[command(flatten)]
        file: KeysArgs,
    },
    /// Revoke a key; a running server refuses it within a second.
    Revoke {
        /// Its name.
        name: String,
        #[command(flatten)]
        file: KeysArgs,
    },
}

/// Where keys are.
#[derive(Debug, ClapArgs)]
pub(crate) struct KeysArgs {
    /// The file of keys; `add` creates it.
    #[arg(long, value_name = "FILE", env = "MOUE_KEYS")]
    pub(crate) keys: PathBuf,
}
