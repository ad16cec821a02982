//! Files that `moue find` writes: the sheet and the matched pictures.

use crate::args::FindArgs;
use crate::files::{Kind, OutputFile, OutputFolder, Outputs};
use crate::inputs::Input;
use crate::output::{counted, message, note, shown};
use crate::sheet::{Caption, Picture, Sheet, Tile};
use crate::stores::Store;
use crate::{captions, emotions, matched, raster, report};
use anyhow::Result;
use moue::gallery::shown_path;
use moue::{Found, Match};
use std::path::Path;

/// A face that is searched for.
pub(super) struct Query<'a> {
    pub(super) path: &'a Path,
    /// What the sheet shows of it.
    pub(super) picture: Option<Picture>,
    /// The number of the face, if the picture has several.
    pub(super) number: Option<usize>,
}

/// Where results go beside standard output.
pub(super) struct ResultFiles {
    sheet: Option<(OutputFile, Sheet)>,
    /// The folder of the matched pictures.
    matches: Option<OutputFolder>,
    /// Number of faces so far, which the names of saved matches begin with.
    faces: usize,
}

impl ResultFiles {
    pub(super) fn new(args: &FindArgs, sheet: Option<&Path>, pictures: &[Input]) -> Result<Self> {
        let inputs = pictures.iter().map(|picture| &picture.path);
        let inputs = inputs.chain(&args.search.nearness.not);
        let outputs = Outputs::new(
            args.overwrite.force,
            inputs.chain([&args.search.gallery.gallery]),
        );
        let sheet_file = outputs.optional("--sheet", sheet, Kind::Picture)?;
        let folder = args.save.as_deref();
        Ok(Self {
            sheet: sheet_file.map(|file| {
                let sheet = Sheet::new(file.longest_side());
                (file, sheet)
            }),
            matches: folder
                .map(|path| outputs.folder("--save", path))
                .transpose()?,
            faces: 0,
        })
    }

    /// Adds the face to the sheet, with its picture, and saves its matches, as far as the options
    /// request it. Returns whether all of them could be saved.
    pub(super) fn add(&mut self, gallery: &Store, query: Query<'_>, found: &Found) -> bool {
        self.faces += 1;
        let path = query.path;
        if let (Some((_, sheet)), Some(picture)) = (&mut self.sheet, query.picture) {
            let title = title(path, query.number);
            sheet.add(|| row(gallery, query_tile(picture, title, found), found));
        }
        match &self.matches {
            Some(folder) => self.save_matches(gallery, path, found, folder),
            None => true,
        }
    }

    /// A match that cannot be saved is reported; the others are saved.
    fn save_matches(
        &self,
        gallery: &Store,
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

    /// Returns whether there was a face to show; without one nothing is written.
    pub(super) fn write_sheet(&self) -> Result<bool> {
        let Some((file, sheet)) = self.sheet.as_ref().filter(|(_, sheet)| !sheet.is_empty()) else {
            return Ok(false);
        };
        file.save(&sheet.image())?;
        if sheet.left_out() > 0 {
            let shown = sheet.len();
            let all = counted(shown + sheet.left_out(), "face");
            note(&format!(
                "the sheet has place for the first {shown} of {all}; search for fewer pictures at a time, or use --save"
            ));
        }
        Ok(true)
    }
}

/// A query and its matches.
fn row(gallery: &Store, query: Tile, found: &Found) -> impl Iterator<Item = Tile> {
    let matches = found.matches.iter().map(|m| match_tile(gallery, m));
    std::iter::once(query).chain(matches)
}

/// The name of a query's file, with the number of the face.
fn title(path: &Path, number: Option<usize>) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    let name = name.to_string_lossy();
    match number {
        Some(number) => format!("{number}: {name}"),
        None => name.into_owned(),
    }
}

/// The face with its title and what people would call its expression.
fn query_tile(mut picture: Picture, title: String, found: &Found) -> Tile {
    let text = match &found.expression {
        Ok(expression) => {
            let emotions = expression.emotions();
            picture.draw_emotions(&emotions);
            emotions::leading(&emotions)
        }
        Err(error) => error.to_string(),
    };
    let caption = Caption {
        title,
        text,
        ..Caption::default()
    };
    Tile::new(picture, &caption)
}

/// The picture of a match with the face that matches marked, and what is written about it.
fn match_tile(gallery: &Store, m: &Match) -> Tile {
    let picture = match_picture(gallery, m);
    let text = captions::description(&m.label, m.caption.as_deref());
    let caption = Caption {
        title: captions::drawn_title(m),
        text: text.unwrap_or_default().to_owned(),
        tags: captions::tags(&m.path, &m.tags),
    };
    Tile::new(picture, &caption)
}

fn match_picture(gallery: &Store, m: &Match) -> Picture {
    let Ok(shown) = matched::image(gallery, m) else {
        return Picture::missing();
    };
    let mut picture = Picture::of(&shown.image);
    if let Some(reason) = &shown.instead {
        note_thumbnail(m, reason);
    }
    // A drawing has one face.
    if shown.is_whole && raster::drawing_of(&m.path).is_none() {
        picture.mark(&m.bounding_box);
    }
    picture
}

/// The user sees a small picture of the face alone, and learns why.
fn note_thumbnail(m: &Match, reason: &anyhow::Error) {
    let path = shown(&shown_path(&m.path));
    let time = captions::time(m);
    let reason = report::chain(reason);
    message(&format!("{path}{time}: its thumbnail is shown: {reason}"));
}
