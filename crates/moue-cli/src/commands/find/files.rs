//! Files that `moue find` writes: the sheet and the matched pictures.

use crate::args::FindArgs;
use crate::output::shown;
use crate::raster;
use crate::sheet::Sheet;
use anyhow::{Context, Result};
use image::{Rgb, RgbImage};
use moue::{Found, Frame, Match};
use std::path::{Path, PathBuf};

/// The picture on the sheet for a match whose file cannot be read.
const MISSING_COLOR: Rgb<u8> = Rgb([200; 3]);

/// Where results go beside standard output.
pub(super) struct ResultFiles<'a> {
    args: &'a FindArgs,
    sheet: Sheet,
    /// Number of faces so far, which the names of saved matches begin with.
    faces: usize,
}

impl<'a> ResultFiles<'a> {
    pub(super) fn new(args: &'a FindArgs) -> Result<Self> {
        if let Some(folder) = &args.save {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot create {}", folder.display()))?;
        }
        Ok(Self {
            args,
            sheet: Sheet::new(),
            faces: 0,
        })
    }

    /// Adds the face to the sheet and saves its matches, as far as the options request it.
    pub(super) fn add(&mut self, path: &Path, frame: &Frame<'_>, found: &Found) {
        self.faces += 1;
        if self.args.sheet.is_some() {
            self.add_to_sheet(frame, found);
        }
        if let Some(folder) = &self.args.save {
            self.save_matches(path, found, folder);
        }
    }

    fn add_to_sheet(&mut self, frame: &Frame<'_>, found: &Found) {
        let mut query = raster::image_of(frame);
        raster::mark(&mut query, &found.face);
        let matches = found.matches.iter();
        let matches: Vec<RgbImage> = matches.map(|m| load_or_gray(&m.path)).collect();
        self.sheet.add(&query, &matches);
    }

    /// A match that cannot be saved is reported; the others are saved.
    fn save_matches(&self, path: &Path, found: &Found, folder: &Path) {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        for (rank, m) in found.matches.iter().enumerate() {
            let prefix = format!("{stem}-{}-{}", self.faces, rank + 1);
            if let Err(error) = save_match(m, folder, &prefix) {
                eprintln!("moue: {}: {error:#}", shown(&m.path));
            }
        }
    }

    pub(super) fn write_sheet(&self) -> Result<()> {
        match &self.args.sheet {
            Some(out) => raster::save(&self.sheet.image(), out),
            None => Ok(()),
        }
    }
}

fn load_or_gray(path: &str) -> RgbImage {
    raster::load(path).unwrap_or_else(|_| RgbImage::from_pixel(8, 8, MISSING_COLOR))
}

/// Writes a matched picture: a drawing as PNG, a file as it is.
fn save_match(m: &Match, folder: &Path, prefix: &str) -> Result<()> {
    if let Some(name) = m.path.strip_prefix("builtin:") {
        let target = folder.join(format!("{prefix}-{name}.png"));
        return raster::save(&raster::load(&m.path)?, &target);
    }
    // The prefix keeps equal names of different folders apart.
    let source = PathBuf::from(&m.path);
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    let target = folder.join(format!("{prefix}-{name}"));
    std::fs::copy(&source, &target)
        .with_context(|| format!("cannot be copied to {}", target.display()))?;
    Ok(())
}
