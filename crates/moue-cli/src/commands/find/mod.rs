//! `moue find`.

mod files;
mod print;

use crate::args::FindArgs;
use crate::output::{message, reject_picture, shown};
use crate::report::Outcome;
use crate::sheet::Picture;
use crate::{inputs, panics};
use anyhow::{Context, Result, ensure};
use files::{Query, ResultFiles};
use moue::finder::FindOptions;
use moue::gallery::SearchOptions;
use moue::{Expression, FindError, Finder, Found, Gallery, Match};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Pictures that are searched for at the same time, and then printed in order; fewer would leave
/// cores idle at the end of each batch. Each thread has one decoded picture in memory.
const BATCH: usize = 32;

pub(crate) fn run(args: &FindArgs) -> Result<Outcome> {
    let mut search = Search::new(args)?;
    if args.together {
        return search.together();
    }
    let mut outcome = Outcome::Found;
    for batch in args.pictures.chunks(BATCH) {
        for (path, lookup) in batch.iter().zip(search.look_up(batch)) {
            let one = match lookup {
                Ok(looked) => search.report(path, looked)?,
                Err(reason) => reject_picture(print::SCHEMA, path, &reason, args.json)?,
            };
            outcome = outcome.max(one);
        }
    }
    search.files.write_sheet()?;
    search.copy_best()?;
    Ok(outcome)
}

/// What is kept of a picture: its pixels would fill the memory.
struct Looked {
    width: usize,
    height: usize,
    found: Result<Vec<Found>, FindError>,
    /// What a sheet shows of each face; nothing without a sheet.
    pictures: Vec<Picture>,
}

/// A picture that was searched for, or why it cannot be read.
type Lookup = Result<Looked, String>;

/// A run over several pictures.
struct Search<'a> {
    args: &'a FindArgs,
    /// The one that the finder searches: pictures of matches are from it.
    gallery: Arc<Gallery>,
    finder: Finder,
    files: ResultFiles,
    /// The nearest match of the first face that has one.
    best: Option<Match>,
}

impl<'a> Search<'a> {
    fn new(args: &'a FindArgs) -> Result<Self> {
        // Before any work: what cannot be written is an error at once.
        let files = ResultFiles::new(args)?;
        let gallery = Arc::new(inputs::open_gallery(&args.gallery.gallery)?);
        let mut finder = Finder::new(Arc::clone(&gallery))?.with_options(options(args));
        // The pictures to avoid are searched for faces with the same options.
        finder.options.search.negatives = expressions_of_all(&mut finder, &args.not, args.cropped)?;
        Ok(Self {
            args,
            gallery,
            finder,
            files,
            best: None,
        })
    }

    /// Searches for several pictures on all cores. The answers are in the order of the paths.
    fn look_up(&mut self, paths: &[PathBuf]) -> Vec<Lookup> {
        let how = How {
            cropped: self.args.cropped,
            keeps_picture: self.args.sheet.is_some(),
        };
        // A copy of the networks' memory for a single picture would be in vain.
        if let [path] = paths {
            return vec![look_up(&mut self.finder, path, how)];
        }
        // As many finders as threads, not as pictures: each has working memory for its networks.
        let share = paths.len().div_ceil(rayon::current_num_threads());
        let mut finders = vec![self.finder.clone(); paths.len().div_ceil(share)];
        paths
            .par_chunks(share)
            .zip(finders.par_iter_mut())
            .flat_map_iter(|(paths, finder)| look_up_all(finder, paths, how))
            .collect()
    }

    /// Prints what was found for a picture and writes it into files.
    fn report(&mut self, path: &Path, looked: Looked) -> Result<Outcome> {
        let name = path.to_string_lossy();
        let found = looked.found?;
        for error in found.iter().filter_map(|f| f.expression.as_ref().err()) {
            message(&format!("{}: {error}", shown(&name)));
        }
        if self.args.json {
            print::object(&name, [looked.width, looked.height], &found)?;
        } else {
            print::text(&name, &found)?;
        }
        let mut saved = true;
        let mut pictures = looked.pictures.into_iter();
        for (i, face) in found.iter().enumerate() {
            self.keep_best(&face.matches);
            let query = Query {
                path,
                picture: pictures.next(),
                number: (found.len() > 1).then_some(i + 1),
            };
            saved &= self.files.add(&self.gallery, query, face);
        }
        let missing = found.is_empty() || found.iter().any(|face| face.matches.is_empty());
        // The user asked for files that are not there.
        let outcome = if saved {
            Outcome::Found
        } else {
            Outcome::Error
        };
        Ok(outcome.max(Outcome::found_if(!missing)))
    }

    fn keep_best(&mut self, matches: &[Match]) {
        if self.best.is_none() {
            self.best = matches.first().cloned();
        }
    }

    /// Puts the best match into the clipboard, if the options request it and there is one.
    #[cfg(feature = "clipboard")]
    fn copy_best(&self) -> Result<()> {
        match &self.best {
            Some(best) if self.args.copy => crate::clipboard::copy(best),
            _ => Ok(()),
        }
    }

    /// A program without the feature has no such option.
    #[cfg(not(feature = "clipboard"))]
    fn copy_best(&self) -> Result<()> {
        let _ = &self.best;
        Ok(())
    }

    /// Searches for the pictures that are near to the faces of all pictures.
    fn together(&mut self) -> Result<Outcome> {
        let pictures = &self.args.pictures;
        let targets = expressions_of_all(&mut self.finder, pictures, self.args.cropped)?;
        let options = &self.finder.options.search;
        let matches = self.finder.gallery().search(&targets, options)?;
        print::together(pictures, &matches, self.args.json)?;
        self.keep_best(&matches);
        self.copy_best()?;
        Ok(Outcome::found_if(!matches.is_empty()))
    }
}

fn options(args: &FindArgs) -> FindOptions {
    FindOptions {
        search: SearchOptions {
            max_distance: args.max_distance,
            min_separation: args.diverse,
            filter: (&args.filter).into(),
            emotions: args.emotions.emotion.clone(),
            limit: args.limit,
            ..args.ranking.options()
        },
        choice: args.face.into(),
        detect: moue::Effort::from(args.effort.effort).into(),
    }
}

/// How a picture is searched for.
#[derive(Clone, Copy)]
struct How {
    cropped: bool,
    keeps_picture: bool,
}

fn look_up_all(finder: &mut Finder, paths: &[PathBuf], how: How) -> Vec<Lookup> {
    paths
        .iter()
        .map(|path| look_up(finder, path, how))
        .collect()
}

/// A panic is a reason to reject this picture; the others are searched for all the same.
fn look_up(finder: &mut Finder, path: &Path, how: How) -> Lookup {
    panics::caught(|| {
        let frame = inputs::open_picture(path).map_err(|error| error.to_string())?;
        let found = if how.cropped {
            finder.find_cropped(&frame).map(|found| vec![found])
        } else {
            finder.find(&frame)
        };
        let faces = found.as_ref().ok().filter(|_| how.keeps_picture);
        Ok(Looked {
            width: frame.width(),
            height: frame.height(),
            pictures: faces.map_or_else(Vec::new, |found| Picture::of_faces(&frame, found)),
            found,
        })
    })
    .flatten()
}

/// The expressions of pictures, each of which must have one.
fn expressions_of_all(
    finder: &mut Finder,
    paths: &[PathBuf],
    cropped: bool,
) -> Result<Vec<Expression>> {
    let mut all = Vec::new();
    for path in paths {
        let frame = inputs::open_picture(path).with_context(|| path.display().to_string())?;
        let expressions = finder.expressions(&frame, cropped)?;
        ensure!(!expressions.is_empty(), "{}: no face found", path.display());
        all.extend(expressions);
    }
    Ok(all)
}
