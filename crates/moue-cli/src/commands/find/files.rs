//! Files that `moue find` writes: the sheet and the matched pictures.

use crate::args::FindArgs;
use crate::files::{Kind, OutputFile, OutputFolder, Outputs};
use crate::output::{message, shown};
use crate::sheet::Sheet;
use crate::{raster, report};
use anyhow::{Context, Result};
use image::{Rgb, RgbImage};
use moue::{Found, Frame, Match};
use std::path::{Path, PathBuf};

/// The picture on the sheet for a match whose file cannot be read.
const MISSING_COLOR: Rgb<u8> = Rgb([200; 3]);

/// Where results go beside standard output.
pub(super) struct ResultFiles {
    sheet_file: Option<OutputFile>,
    sheet: Sheet,
    /// The folder of the matched pictures.
    matches: Option<OutputFolder>,
    /// Number of faces so far, which the names of saved matches begin with.
    faces: usize,
}

impl ResultFiles {
    pub(super) fn new(args: &FindArgs) -> Result<Self> {
        let inputs = args.pictures.iter().chain(&args.not);
        let outputs = Outputs::new(args.overwrite.force, inputs.chain([&args.gallery.gallery]));
        let sheet_file = outputs.optional("--sheet", args.sheet.as_deref(), Kind::Picture)?;
        let folder = args.save.as_deref();
        Ok(Self {
            sheet_file,
            sheet: Sheet::new(),
            matches: folder
                .map(|path| outputs.folder("--save", path))
                .transpose()?,
            faces: 0,
        })
    }

    /// Adds the face to the sheet, with its picture, and saves its matches, as far as the options
    /// request it.
    pub(super) fn add(&mut self, path: &Path, picture: Option<&Frame<'_>>, found: &Found) {
        self.faces += 1;
        if let Some(picture) = picture.filter(|_| self.sheet_file.is_some()) {
            self.add_to_sheet(picture, found);
        }
        if let Some(folder) = &self.matches {
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
    fn save_matches(&self, path: &Path, found: &Found, folder: &OutputFolder) {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        for (rank, m) in found.matches.iter().enumerate() {
            let prefix = format!("{stem}-{}-{}", self.faces, rank + 1);
            if let Err(error) = save_match(m, folder, &prefix) {
                message(&format!("{}: {}", shown(&m.path), report::chain(&error)));
            }
        }
    }

    pub(super) fn write_sheet(&self) -> Result<()> {
        match &self.sheet_file {
            Some(out) => out.save(&self.sheet.image()),
            None => Ok(()),
        }
    }
}

fn load_or_gray(path: &str) -> RgbImage {
    raster::load(path).unwrap_or_else(|_| RgbImage::from_pixel(8, 8, MISSING_COLOR))
}

/// Writes a matched picture: a drawing as PNG, a file as it is.
fn save_match(m: &Match, folder: &OutputFolder, prefix: &str) -> Result<()> {
    if raster::drawing_of(&m.path).is_some() {
        let image = raster::load(&m.path)?.into();
        return folder.save(&format!("{prefix}-{}.png", drawing_name(m)), &image);
    }
    // The prefix keeps equal names of different folders apart.
    let source = PathBuf::from(&m.path);
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    let bytes = std::fs::read(&source).context("it cannot be read")?;
    folder.write(format!("{prefix}-{name}"), &bytes)
}

/// A drawing's name as a part of a file's name; of an emoji its short name, as not every system
/// shows the character.
fn drawing_name(m: &Match) -> String {
    if m.emoji.is_some() {
        return m.label.replace(' ', "-");
    }
    let (_, name) = m.path.split_once(':').unwrap_or_default();
    name.to_owned()
}
