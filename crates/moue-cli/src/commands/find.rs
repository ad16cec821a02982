//! `moue find`.

use super::open_gallery;
use crate::args::FindArgs;
use crate::output::{FaceObject, PictureLine, print_json, print_line, shown};
use crate::pictures;
use crate::raster::{self, Sheet};
use crate::report::Outcome;
use anyhow::{Context, Result};
use image::RgbImage;
use moue::{Finder, Found, Frame, Match};
use std::path::{Path, PathBuf};

const SCHEMA: &str = "moue.find/1";

pub(crate) fn run(args: &FindArgs) -> Result<Outcome> {
    let mut search = Search::new(args)?;
    let mut outcome = Outcome::Found;
    for path in &args.pictures {
        let one = match pictures::open(path) {
            Ok(frame) => search.picture(path, &frame)?,
            Err(error) => pictures::reject(SCHEMA, path, &error.to_string(), args.json)?,
        };
        outcome = outcome.max(one);
    }
    search.finish()?;
    Ok(outcome)
}

/// A run over several pictures.
struct Search<'a> {
    args: &'a FindArgs,
    finder: Finder,
    sheet: Sheet,
    /// Number of faces looked up so far.
    faces: usize,
}

impl<'a> Search<'a> {
    fn new(args: &'a FindArgs) -> Result<Self> {
        let mut finder = Finder::new(open_gallery(&args.gallery.gallery)?)?;
        finder.top = args.top;
        finder.choice = args.face.into();
        if let Some(folder) = &args.save {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        Ok(Self { args, finder, sheet: Sheet::new(), faces: 0 })
    }

    fn picture(&mut self, path: &Path, frame: &Frame<'_>) -> Result<Outcome> {
        let found = if self.args.cropped { vec![self.finder.find_cropped(frame)?] } else { self.finder.find(frame)? };
        let name = path.to_string_lossy();
        for error in found.iter().filter_map(|f| f.expression.as_ref().err()) {
            eprintln!("moue: {}: {error}", shown(&name));
        }
        if self.args.json {
            print_json(&line(&name, frame, &found))?;
        } else {
            print_text(&name, &found)?;
        }
        for face in &found {
            self.faces += 1;
            self.keep(path, frame, face)?;
        }
        let missing = found.is_empty() || found.iter().any(|f| f.matches.is_empty());
        Ok(if missing { Outcome::Missing } else { Outcome::Found })
    }

    /// Adds to the sheet and saves the matches, where wanted.
    fn keep(&mut self, path: &Path, frame: &Frame<'_>, found: &Found) -> Result<()> {
        if self.args.sheet.is_some() {
            let mut query = raster::image_of(frame);
            raster::mark(&mut query, &found.face);
            let grey = || RgbImage::from_pixel(8, 8, image::Rgb([200; 3]));
            let matches: Vec<RgbImage> =
                found.matches.iter().map(|m| raster::load(&m.path).unwrap_or_else(|_| grey())).collect();
            self.sheet.add(&query, &matches);
        }
        if let Some(folder) = &self.args.save {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            for (rank, m) in found.matches.iter().enumerate() {
                let prefix = format!("{stem}-{}-{}", self.faces, rank + 1);
                if let Err(error) = save_match(m, folder, &prefix) {
                    eprintln!("moue: {}: {error:#}", shown(&m.path));
                }
            }
        }
        Ok(())
    }

    fn finish(&self) -> Result<()> {
        match &self.args.sheet {
            Some(out) => raster::save(&self.sheet.image(), out),
            None => Ok(()),
        }
    }
}

fn line(name: &str, frame: &Frame<'_>, found: &[Found]) -> PictureLine {
    let object = |f: &Found| {
        let error = f.expression.as_ref().err().map(ToString::to_string);
        FaceObject { matches: Some(f.matches.clone()), error, ..FaceObject::new(&f.face) }
    };
    PictureLine {
        schema: SCHEMA,
        picture: name.to_owned(),
        width: Some(frame.width()),
        height: Some(frame.height()),
        faces: found.iter().map(object).collect(),
        error: None,
    }
}

fn print_text(name: &str, found: &[Found]) -> Result<()> {
    if found.is_empty() {
        return print_line(&format!("{}: no face", shown(name)));
    }
    for (number, face) in found.iter().enumerate() {
        let which = if found.len() > 1 { format!(", face {}", number + 1) } else { String::new() };
        let empty = if face.matches.is_empty() { ": no match" } else { "" };
        print_line(&format!("{}{which}{empty}", shown(name)))?;
        for m in &face.matches {
            print_line(&format!("  {:.3}  {:<26}  {}", m.distance, shown(&m.label), shown(&m.path)))?;
        }
    }
    Ok(())
}

/// Writes a matched picture: a drawing as PNG, a file as it is.
fn save_match(m: &Match, folder: &Path, prefix: &str) -> Result<()> {
    if let Some(name) = m.path.strip_prefix("builtin:") {
        return raster::save(&raster::load(&m.path)?, &folder.join(format!("{prefix}-{name}.png")));
    }
    let source = PathBuf::from(&m.path);
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    let target = folder.join(format!("{prefix}-{name}"));
    std::fs::copy(&source, &target).with_context(|| format!("cannot be copied to {}", target.display()))?;
    Ok(())
}
