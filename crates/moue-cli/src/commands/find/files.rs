//! Files that `moue find` writes: the sheet and the matched pictures.

use crate::args::FindArgs;
use crate::files::{Kind, OutputFile, OutputFolder, Outputs};
use crate::output::{message, shown};
use crate::sheet::Sheet;
use crate::{matched, raster, report};
use anyhow::Result;
use image::{Rgb, RgbImage};
use moue::gallery::shown_path;
use moue::{Expression, Found, Frame, Gallery, Match};
use std::path::Path;

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
    /// request it. Returns whether all of them could be saved.
    pub(super) fn add(
        &mut self,
        gallery: &Gallery,
        path: &Path,
        picture: Option<&Frame<'_>>,
        found: &Found,
    ) -> bool {
        self.faces += 1;
        if let Some(picture) = picture.filter(|_| self.sheet_file.is_some()) {
            self.add_to_sheet(gallery, picture, found);
        }
        match &self.matches {
            Some(folder) => self.save_matches(gallery, path, found, folder),
            None => true,
        }
    }

    fn add_to_sheet(&mut self, gallery: &Gallery, frame: &Frame<'_>, found: &Found) {
        let mut query = raster::image_of(frame);
        raster::mark(&mut query, &found.face);
        let matches = found.matches.iter();
        let matches: Vec<RgbImage> = matches.map(|m| image_or_gray(gallery, m)).collect();
        let emotions = found.expression.as_ref().ok().map(Expression::emotions);
        self.sheet.add(&query, emotions.as_ref(), &matches);
    }

    /// A match that cannot be saved is reported; the others are saved.
    fn save_matches(
        &self,
        gallery: &Gallery,
        path: &Path,
        found: &Found,
        folder: &OutputFolder,
    ) -> bool {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let mut all = true;
        for (rank, m) in found.matches.iter().enumerate() {
            let prefix = format!("{stem}-{}-{}", self.faces, rank + 1);
            if let Err(error) = matched::save(gallery, m, folder, &prefix) {
                let path = shown(&shown_path(&m.path));
                message(&format!("{path}: not saved: {}", report::chain(&error)));
                all = false;
            }
        }
        all
    }

    pub(super) fn write_sheet(&self) -> Result<()> {
        match &self.sheet_file {
            Some(out) => out.save(&self.sheet.image()),
            None => Ok(()),
        }
    }
}

fn image_or_gray(gallery: &Gallery, m: &Match) -> RgbImage {
    matched::image(gallery, m).unwrap_or_else(|_| RgbImage::from_pixel(8, 8, MISSING_COLOR))
}
