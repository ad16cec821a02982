//! `moue find`.

use super::open_gallery;
use crate::args::FindArgs;
use crate::output::{FaceObject, PictureLine, print_json, print_line, shown};
use crate::pictures;
use crate::raster::{self, Sheet};
use crate::report::Outcome;
use anyhow::{Context, Result};
use image::RgbImage;
use moue::finder::FindOptions;
use moue::frame::DecodeError;
use moue::gallery::SearchOptions;
use moue::{Expression, FindError, Finder, Found, Frame, Match};
use rayon::prelude::*;
use std::path::{Path, PathBuf};

const SCHEMA: &str = "moue.find/1";

/// Pictures that are looked up at the same time, after which they are printed in order.
const BATCH: usize = 32;

pub(crate) fn run(args: &FindArgs) -> Result<Outcome> {
    let mut search = Search::new(args)?;
    if args.together {
        return search.together();
    }
    let mut outcome = Outcome::Found;
    for batch in args.pictures.chunks(BATCH) {
        for (path, looked) in batch.iter().zip(search.look_up(batch)) {
            let one = match looked {
                Ok((frame, found)) => search.picture(path, &frame, &found?)?,
                Err(error) => pictures::reject(SCHEMA, path, &error.to_string(), args.json)?,
            };
            outcome = outcome.max(one);
        }
    }
    search.finish()?;
    Ok(outcome)
}

/// A picture and what was found for it, or why it is none.
type Looked = Result<(Frame<'static>, Result<Vec<Found>, FindError>), DecodeError>;

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
        finder.options = FindOptions {
            search: SearchOptions {
                max_distance: args.max_distance,
                min_separation: args.diverse,
                filter: (&args.filter).into(),
                ..SearchOptions::nearest(args.top)
            },
            choice: args.face.into(),
            effort: args.effort.effort.into(),
        };
        finder.options.search.negatives = negatives(&mut finder, args)?;
        if let Some(folder) = &args.save {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        Ok(Self {
            args,
            finder,
            sheet: Sheet::new(),
            faces: 0,
        })
    }

    /// Looks up several pictures on all cores.
    fn look_up(&mut self, paths: &[PathBuf]) -> Vec<Looked> {
        let one = |finder: &mut Finder, path: &PathBuf| {
            let frame = pictures::open(path)?;
            let cropped = self.args.cropped;
            let found = if cropped {
                finder.find_cropped(&frame).map(|f| vec![f])
            } else {
                finder.find(&frame)
            };
            Ok((frame, found))
        };
        if let [path] = paths {
            return vec![one(&mut self.finder, path)];
        }
        let share = paths.len().div_ceil(rayon::current_num_threads());
        let mut finders = vec![self.finder.clone(); paths.len().div_ceil(share)];
        let shares = paths.par_chunks(share).zip(finders.par_iter_mut());
        shares
            .flat_map_iter(|(paths, finder)| {
                paths
                    .iter()
                    .map(|path| one(finder, path))
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    /// What is near to the faces of all pictures.
    fn together(&mut self) -> Result<Outcome> {
        let mut targets = Vec::new();
        for path in &self.args.pictures {
            targets.extend(expressions(&mut self.finder, path, self.args.cropped)?);
        }
        let options = &self.finder.options.search;
        let matches = self.finder.gallery().search(&targets, options)?;
        let names: Vec<String> = self
            .args
            .pictures
            .iter()
            .map(|p| p.to_string_lossy().into_owned())
            .collect();
        if self.args.json {
            print_json(
                &serde_json::json!({ "schema": "moue.find.together/1", "pictures": names, "matches": matches }),
            )?;
        } else {
            print_line(&shown(&names.join(" + ")))?;
            print_matches(&matches)?;
        }
        Ok(if matches.is_empty() {
            Outcome::Missing
        } else {
            Outcome::Found
        })
    }

    fn picture(&mut self, path: &Path, frame: &Frame<'_>, found: &[Found]) -> Result<Outcome> {
        let name = path.to_string_lossy();
        for error in found.iter().filter_map(|f| f.expression.as_ref().err()) {
            eprintln!("moue: {}: {error}", shown(&name));
        }
        if self.args.json {
            print_json(&line(&name, frame, found))?;
        } else {
            print_text(&name, found)?;
        }
        for face in found {
            self.faces += 1;
            self.keep(path, frame, face)?;
        }
        let missing = found.is_empty() || found.iter().any(|f| f.matches.is_empty());
        Ok(if missing {
            Outcome::Missing
        } else {
            Outcome::Found
        })
    }

    /// Adds to the sheet and saves the matches, where wanted.
    fn keep(&mut self, path: &Path, frame: &Frame<'_>, found: &Found) -> Result<()> {
        if self.args.sheet.is_some() {
            let mut query = raster::image_of(frame);
            raster::mark(&mut query, &found.face);
            let gray = || RgbImage::from_pixel(8, 8, image::Rgb([200; 3]));
            let matches: Vec<RgbImage> = found
                .matches
                .iter()
                .map(|m| raster::load(&m.path).unwrap_or_else(|_| gray()))
                .collect();
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
        FaceObject {
            matches: Some(f.matches.clone()),
            error,
            ..FaceObject::new(&f.face)
        }
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
        let which = if found.len() > 1 {
            format!(", face {}", number + 1)
        } else {
            String::new()
        };
        let empty = if face.matches.is_empty() {
            ": no match"
        } else {
            ""
        };
        print_line(&format!("{}{which}{empty}", shown(name)))?;
        print_matches(&face.matches)?;
    }
    Ok(())
}

fn print_matches(matches: &[Match]) -> Result<()> {
    for m in matches {
        let when = m
            .time
            .map_or(String::new(), |t| format!(" at {:.2} s", t.as_secs_f64()));
        print_line(&format!(
            "  {:.3}  {:<26}  {}{when}",
            m.distance,
            shown(&m.label),
            shown(&m.path)
        ))?;
    }
    Ok(())
}

/// The expressions of pictures that are not wanted.
fn negatives(finder: &mut Finder, args: &FindArgs) -> Result<Vec<Expression>> {
    let mut all = Vec::new();
    for path in &args.not {
        all.extend(expressions(finder, path, args.cropped)?);
    }
    Ok(all)
}

/// The expressions of a picture that must have some.
fn expressions(finder: &mut Finder, path: &Path, cropped: bool) -> Result<Vec<Expression>> {
    let frame = pictures::open(path).with_context(|| path.display().to_string())?;
    let found = finder.expressions(&frame, cropped)?;
    anyhow::ensure!(!found.is_empty(), "{}: no face found", path.display());
    Ok(found)
}

/// Writes a matched picture: a drawing as PNG, a file as it is.
fn save_match(m: &Match, folder: &Path, prefix: &str) -> Result<()> {
    if let Some(name) = m.path.strip_prefix("builtin:") {
        return raster::save(
            &raster::load(&m.path)?,
            &folder.join(format!("{prefix}-{name}.png")),
        );
    }
    let source = PathBuf::from(&m.path);
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    let target = folder.join(format!("{prefix}-{name}"));
    std::fs::copy(&source, &target)
        .with_context(|| format!("cannot be copied to {}", target.display()))?;
    Ok(())
}
