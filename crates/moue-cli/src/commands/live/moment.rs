//! The picture of a moment as a file.

use crate::files::{Kind, Outputs};
use crate::raster;
use anyhow::{Context, Result};
use moue_graph::Image;
use std::path::PathBuf;

/// Pictures that are saved in one folder: enough for an evening, and few enough to search for a
/// free name.
const MAX_PICTURES: usize = 9999;

/// Writes the picture under a free name into the current folder; returns the name.
pub(super) fn save(picture: &Image) -> Result<String> {
    let name = free_name().context("there are too many moue-….png in this folder")?;
    let outputs = Outputs::new(false, [""; 0]);
    let file = outputs.file("s", &PathBuf::from(&name), Kind::Picture)?;
    file.save(&raster::image_of(picture))?;
    Ok(name)
}

fn free_name() -> Option<String> {
    let mut names = (1..=MAX_PICTURES).map(|number| format!("moue-{number}.png"));
    names.find(|name| std::fs::symlink_metadata(name).is_err())
}
