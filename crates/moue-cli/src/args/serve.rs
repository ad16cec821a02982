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

It listens on this machine alone unless there is a key. Uploaded pictures go into a folder beside the
gallery, my.uploads of my.moue; a gallery on a server needs --uploads to take some. Other programs may
use the gallery meanwhile. Logs are JSON lines on standard error, without pictures, vectors, keys or
names. Ctrl-C ends it once what is under way is done. The API is described at /openapi.json."
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
    /// Serve the web app that `cargo xtask web` has built into this folder, instead of the one that
    /// is compiled in or of the small page.
    #[arg(long, value_name = "DIR", alias = "page")]
    pub(crate) web: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// Bounds on what clients can take.
#[derive(Debug, ClapArgs)]
pub(crate) struct LimitArgs {
    /// Megabytes of a request's body.
    #[arg(long, value_name = "MB", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) max_body: u32,
    /// Threads that decode, detect and search; one for each core unless given.
    #[arg(long, value_name = "N")]
    pub(crate) workers: Option<NonZero<usize>>,
    /// Requests that wait for them; more are refused.
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
    /// Ask a running server on this machine whether it runs; exit code 0 if it does.
    Check {
        /// Its address; of one that listens on all, any of them.
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
        address: SocketAddr,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key and print it; it is stored nowhere.
    Add {
        /// What to call it: letters, digits, dots, dashes, underscores.
        name: String,
        /// What it allows: read (search and see), write (add, change, remove) or admin (all, and the
        /// metrics); may be given several times.
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
    /// List the keys: names and what they allow.
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
