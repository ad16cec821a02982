//! Adds folders, ZIP files and pictures to a gallery, and prints what was rejected:
//!
//! ```console
//! $ cargo run --release -p moue-index --example add_folder -- my.moue ~/Pictures pack.zip
//! ```

use moue::Gallery;
use moue_index::{AddOptions, Event, Status, add, walk};
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let path = args.next().ok_or("usage: add_folder GALLERY PATH…")?;
    let paths: Vec<PathBuf> = args.collect();

    let gallery = Gallery::open_or_create(path)?;
    let options = AddOptions {
        tags: vec!["example".into()],
        ..AddOptions::default()
    };
    let summary = add(&gallery, walk(&paths), &options, print)?;
    println!(
        "{} added, {} already there, {} without a face, {} unreadable",
        summary.added, summary.known, summary.no_face, summary.unreadable
    );
    Ok(())
}

/// Called for each picture once it is on the disk or rejected.
fn print(event: Event) {
    let path = event.path.display();
    match event.status {
        Status::Added => println!("{path}: {} faces", event.faces),
        Status::Known | Status::Moved | Status::WordsRead => {}
        Status::NoFace | Status::Unreadable | Status::Failed => {
            println!("{path}: {}", event.detail.unwrap_or_default());
        }
    }
}
