//! moue's galleries over HTTP: search by picture, by vector and by text, with keys and limits.
//!
//! A [`Server`] is made of a [`ServerConfig`] and runs until it is told to stop. It serves one
//! gallery, which other programs may read and write meanwhile: it follows what they write, and holds
//! the writer's lock only while it writes itself.
//!
//! ```no_run
//! use moue_server::{GallerySource, Server, ServerConfig};
//! let config = ServerConfig {
//!     gallery: GallerySource::File("my.moue".into()),
//!     ..ServerConfig::default()
//! };
//! Server::bind(config)?.run(moue_server::stop_signals())?;
//! # Ok::<(), moue_server::ServerError>(())
//! ```
//!
//! # What is safe by default
//!
//! It listens on this machine alone unless there is a key ([`keys`]). `Host` has to be one of its
//! names, and pages of other origins may not use it. Clients name pictures by numbers, never by paths
//! or addresses. [`Limits`] bounds bodies, pixels, memory, time, connections and waiting requests;
//! what is beyond is refused at once. Neither logs nor answers have paths, pictures, vectors or keys
//! that they need not have.
//!
//! # The API
//!
//! [`openapi`] describes it, and so does every server at `/openapi.json`. JSON objects are those that
//! the program `moue` prints with `--json`, but that a path is only the name of a file.

mod app;
mod arrangement;
mod body;
mod check;
mod config;
mod connection;
mod content;
mod engine;
mod error;
mod files;
mod guard;
mod jobs;
mod key_ring;
pub mod keys;
mod layer;
mod lock;
mod objects;
mod options;
mod params;
mod problem;
mod routes;
mod serve;
mod stills;
mod store;
mod telemetry;
mod upload;
mod web;

pub use check::check;
pub use config::{GallerySource, Limits, ServerConfig, SharedStore, TlsFiles};
pub use error::ServerError;
pub use routes::openapi;
pub use serve::{Server, stop_signals};
pub use telemetry::log_json;
