//! Renders labeled heads for training and evaluation, by the ICT face model.
//!
//! ```console
//! cargo run --release -p moue-heads -- write ict_facekit.npz heads.npz --count 2000
//! cargo run --release -p moue-heads -- sheet ict_facekit.npz sheet.png
//! ```

mod background;
mod expression;
mod extras;
mod film;
mod hair;
mod head;
mod math;
mod mesh;
mod model;
mod npz;
mod output;
mod paint;
mod pens;
mod person;
mod photo;
mod random;
mod raster;
mod sets;
mod shadow;
mod truth;

use clap::{Parser, Subcommand};
use sets::Selection;
use std::path::PathBuf;

/// Renders labeled heads for training and evaluation, by the ICT face model.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Write heads with their labels as an .npz file: PNG bytes (`data`, `starts`), `marks` (score,
    /// box, six key points), `blendshapes` (52), `pose` (yaw, pitch, roll), `style`, `prototype`,
    /// `group`, `covered` and `index`.
    Write {
        /// `ict_facekit.npz`.
        model: PathBuf,
        /// The file to write.
        out: PathBuf,
        #[command(flatten)]
        selection: Selection,
    },
    /// Write heads side by side as one PNG, to look at.
    Sheet {
        /// `ict_facekit.npz`.
        model: PathBuf,
        /// The file to write.
        out: PathBuf,
        /// Heads in a row.
        #[arg(long, default_value_t = 8)]
        columns: usize,
        /// Mark boxes and key points.
        #[arg(long)]
        marks: bool,
        #[command(flatten)]
        selection: Selection,
    },
    /// Write the first head of a selection as a JPEG.
    One {
        /// `ict_facekit.npz`.
        model: PathBuf,
        /// The file to write.
        out: PathBuf,
        #[command(flatten)]
        selection: Selection,
    },
}

fn main() -> anyhow::Result<()> {
    match Args::parse().task {
        Task::Write {
            model,
            out,
            selection,
        } => output::write(&model, &out, &selection),
        Task::Sheet {
            model,
            out,
            columns,
            marks,
            selection,
        } => output::sheet(&model, &out, columns, marks, &selection),
        Task::One {
            model,
            out,
            selection,
        } => output::one(&model, &out, &selection),
    }
}
