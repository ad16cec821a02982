//! Chores of the project: `cargo xtask --help`.

mod bench;
mod bindings;
mod debian;
#[cfg(feature = "references")]
mod descriptors;
mod drawings;
mod gallery;
mod paths;
mod peers;
mod shape;
mod web;
mod xcframework;

use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Chores of the project.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Write all drawings as PNG with their parameters and faces, for training and inspection.
    Drawings {
        /// Folder to write to.
        folder: PathBuf,
        /// Pixels along a side.
        #[arg(long, default_value_t = 192)]
        size: u32,
        /// Every character in the pose of every emoji instead, from which the emoji are embedded.
        #[arg(long)]
        emoji: bool,
    },
    /// Compile the graph's `.proto` files into the descriptors that moue-graph reads; needed after
    /// every change of them.
    #[cfg(feature = "references")]
    Descriptors,
    /// Embed drawings and emoji again and write the compiled-in galleries; needed after new weights
    /// and new poses.
    Gallery,
    /// Fetch the peers that tests and benchmarks compare with (npm and PyPI) into the target
    /// directory, `peers/`.
    Peers,
    /// Measure speed beside LiteRT, onnxruntime, OpenVINO, MediaPipe, tract and rten (fetched from npm
    /// and PyPI, and as crates) and print tables.
    Bench(bench::Options),
    /// Build the npm package `moue` and the web app into the target directory, `web/`. Needs `npm`,
    /// and rustup's target `wasm32-unknown-unknown` or Debian's `cargo-web rustc-web rust-web-src
    /// lld-19`.
    Web(web::Options),
    /// Generate the sources of the Swift package and the Kotlin library from the library for phones.
    Bindings(bindings::Options),
    /// Build the library for Apple's systems, assemble `MoueFFI.xcframework` and its zip in
    /// `bindings/swift`, and check them. Needs rustup's five targets, or Debian's `cargo-web
    /// rustc-web rust-web-src`.
    Xcframework(xcframework::Options),
    /// Measure the shape of the code: lengths, why-comments, old words, import circles.
    Shape(shape::Options),
}

fn main() -> anyhow::Result<()> {
    match Args::parse().task {
        Task::Drawings {
            folder,
            size,
            emoji,
        } => drawings::write(&folder, size, emoji),
        #[cfg(feature = "references")]
        Task::Descriptors => descriptors::write(),
        Task::Gallery => gallery::write(),
        Task::Peers => peers::fetch(),
        Task::Bench(options) => bench::run(&options),
        Task::Web(options) => web::build(&options),
        Task::Bindings(options) => bindings::write(&options),
        Task::Xcframework(options) => xcframework::write(&options),
        Task::Shape(options) => shape::run(&options),
    }
}
