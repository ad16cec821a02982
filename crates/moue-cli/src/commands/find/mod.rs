//! `moue find`.

mod files;
mod print;
mod queries;
mod sheet_file;
mod show;

use crate::args::FindArgs;
use crate::inputs::Input;
use crate::output::{message, reject_picture, shown};
use crate::panics::Worker;
use crate::report::Outcome;
use crate::sheet::Picture;
use crate::stores::{self, Store};
use crate::{desktop, panics, parallel, progress};
use anyhow::{Context, Result, ensure};
use files::{Query, ResultFiles};
use moue::finder::FindOptions;
use moue::{Expression, FindError, Finder, Found, Match};
use sheet_file::SheetPath;
use show::Printer;
use std::path::Path;
use std::sync::Arc;

pub(crate) fn run(args: &FindArgs) -> Result<Outcome> {
    let pictures = queries::of(args)?;
    let mut search = Search::new(args, &pictures)?;
    if args.together {
        return search.together(&pictures);
    }
    let outcome = search.all(&pictures)?;
    let is_written = search.report.files.write_sheet()?;
    search.report.copy_best()?;
    match &search.sheet {
        Some(sheet) if !is_written => sheet.note_absence(),
        Some(sheet) if args.open => desktop::open(sheet.path())?,
        _ => {}
    }
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
    finder: Finder,
    report: Report<'a>,
    /// Where the sheet goes.
    sheet: Option<SheetPath>,
}

impl<'a> Search<'a> {
    fn new(args: &'a FindArgs, pictures: &[Input]) -> Result<Self> {
        let sheet = SheetPath::of(args)?;
        // Before any work: what cannot be written is an error at once.
        let files = ResultFiles::new(args, sheet.as_ref().map(SheetPath::path), pictures)?;
        let gallery = stores::open(&args.search.gallery.gallery)?;
        let mut finder = Finder::new(stores::searched(&gallery))?.with_options(options(args));
        // The pictures to avoid are searched for faces with the same options.
        let negatives = args
            .search
            .nearness
            .not
            .iter()
            .map(|path| Input::file(path.clone()));
        let negatives: Vec<Input> = negatives.collect();
        finder.options.search.negatives =
            expressions_of_all(&mut finder, &negatives, args.cropped)?;
        let report = Report {
            args,
            gallery,
            printer: Printer::new(args, pictures.len()),
            files,
            best: None,
        };
        Ok(Self {
            args,
            finder,
            report,
            sheet,
        })
    }

    /// Searches for all pictures, on all cores, and reports them in their order.
    fn all(&mut self, pictures: &[Input]) -> Result<Outcome> {
        let how = How {
            cropped: self.args.cropped,
            keeps_picture: self.sheet.is_some(),
        };
        let mut finders = panics::workers(&mut self.finder, pictures.len());
        let bar = progress::BatchBar::new(pictures.len(), "pictures");
        let mut outcome = Outcome::Found;
        let report = |picture: &Input, lookup: Lookup| {
            let one = bar.above(|| self.report.one(picture, lookup))?;
            outcome = outcome.max(one);
            Ok(())
        };
        let work = |finder: &mut Worker<'_, Finder>, picture: &Input| look_up(finder, picture, how);
        parallel::in_order(pictures, &mut finders, work, || bar.inc(), report)?;
        Ok(outcome)
    }

    /// Searches for the pictures that are near to the faces of all pictures.
    fn together(&mut self, pictures: &[Input]) -> Result<Outcome> {
        let targets = expressions_of_all(&mut self.finder, pictures, self.args.cropped)?;
        let options = &self.finder.options.search;
        let matches = self.finder.gallery().search(&targets, options)?;
        self.report.together(pictures, &matches)?;
        Ok(Outcome::found_if(!matches.is_empty()))
    }
}

/// Where answers go: to standard output, into files, into the clipboard.
struct Report<'a> {
    args: &'a FindArgs,
    /// The one that is searched: pictures of matches are from it.
    gallery: Arc<Store>,
    printer: Printer,
    files: ResultFiles,
    /// The nearest match of the first face that has one.
    best: Option<Match>,
}

impl Report<'_> {
    /// Reports what was found for a picture, or why it cannot be used.
    fn one(&mut self, picture: &Input, lookup: Lookup) -> Result<Outcome> {
        match lookup {
            Ok(looked) => self.found(&picture.path, looked),
            Err(reason) => reject_picture(print::SCHEMA, &picture.path, &reason, self.args.json),
        }
    }

    /// Prints what was found for a picture and writes it into files.
    fn found(&mut self, path: &Path, looked: Looked) -> Result<Outcome> {
        let name = path.to_string_lossy();
        let found = looked.found?;
        for error in found.iter().filter_map(|f| f.expression.as_ref().err()) {
            message(&format!("{}: {error}", shown(&name)));
        }
        if self.args.json {
            print::object(&name, [looked.width, looked.height], &found)?;
        } else {
            let print = |matches: &[Match]| self.printer.print(self.gallery.as_ref(), matches);
            print::text(&name, &found, print)?;
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
            saved &= self.files.add(self.gallery.as_ref(), query, face);
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
            Some(best) if self.args.copy => {
                crate::clipboard::copy(Some(self.gallery.as_ref()), best)
            }
            _ => Ok(()),
        }
    }

    /// A program without the feature has no such option.
    #[cfg(not(feature = "clipboard"))]
    fn copy_best(&self) -> Result<()> {
        let _ = &self.best;
        Ok(())
    }

    /// Prints the matches of several pictures together.
    fn together(&mut self, pictures: &[Input], matches: &[Match]) -> Result<()> {
        let names = pictures
            .iter()
            .map(|picture| picture.path.to_string_lossy());
        let names: Vec<String> = names.map(Into::into).collect();
        print::together(&names, matches, self.args.json)?;
        if !self.args.json {
            self.printer.print(self.gallery.as_ref(), matches)?;
        }
        self.keep_best(matches);
        self.copy_best()
    }
}

fn options(args: &FindArgs) -> FindOptions {
    FindOptions {
        search: args.search.options(args.limit),
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

/// A panic is a reason to reject this picture; the others are searched for all the same.
fn look_up(finder: &mut Worker<'_, Finder>, picture: &Input, how: How) -> Lookup {
    let looked = finder.caught(|finder| {
        let frame = picture.open().map_err(|error| error.to_string())?;
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
    });
    looked.flatten()
}

/// The expressions of pictures, each of which must have one.
fn expressions_of_all(
    finder: &mut Finder,
    pictures: &[Input],
    cropped: bool,
) -> Result<Vec<Expression>> {
    let mut all = Vec::new();
    for picture in pictures {
        let name = picture.path.display();
        let frame = picture.open().with_context(|| name.to_string())?;
        let expressions = finder.expressions(&frame, cropped)?;
        ensure!(!expressions.is_empty(), "{name}: no face found");
        all.extend(expressions);
    }
    Ok(all)
}
