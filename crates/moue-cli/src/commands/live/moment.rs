//! A moment as a file and in the clipboard.

use crate::files::{Kind, Outputs};
use crate::raster;
use anyhow::{Context, Result};
use moue::Match;
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

/// Puts a match into the clipboard.
#[cfg(feature = "clipboard")]
pub(super) fn copy(found: &Match) -> Result<()> {
    crate::clipboard::copy(None, found)
}

/// Without the feature there is no clipboard.
#[cfg(not(feature = "clipboard"))]
pub(super) fn copy(_: &Match) -> Result<()> {
    anyhow::bail!("this moue was built without the clipboard")
}

fn free_name() -> Option<String> {
    let mut names = (1..=MAX_PICTURES).map(|number| format!("moue-{number}.png"));
    names.find(|name| std::fs::symlink_metadata(name).is_err())
}
