//! Embeds a gallery's pictures again, after the weights have changed.

mod options;
mod pixels;
mod place;
mod worker;

pub use options::{Origin, ReembedError, ReembedOptions, ReembedSummary, Reembedded};

use crate::threads::thread_count;
use moue::embed::Expression;
use moue::gallery::{GalleryError, Picture};
use moue::weights::expression_fingerprint;
use moue::{ExpressionEmbedder, Gallery};
use pixels::Pixels;
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc;
use worker::Worker;

/// Messages that wait for this thread. Each is small, and without a bound they could pile up.
const WAITING: usize = 1024;

/// Gives every face of a gallery's file a new expression, made with this program's weights, from
/// the picture that it was found in: a file, a member of a ZIP, a frame of an animation or video.
/// Where that is gone or has changed, the stored thumbnail is taken. Ids, tags, captions, labels
/// and times stay. `on_event` is called on this thread for each picture.
///
/// The new gallery is written beside the old one and renamed when it is whole: if the work ends
/// early, by an error, the token or a power cut, the gallery is as it was. A gallery of the current
/// weights is left alone.
///
/// # Errors
/// [`ReembedError`]; then nothing was changed.
///
/// # Examples
/// ```no_run
/// use moue_index::{ReembedOptions, reembed};
/// let summary = reembed("my.moue", &ReembedOptions::default(), |picture| {
///     println!("{}: {:?}", picture.path, picture.origin);
/// })?;
/// println!("{} faces", summary.faces);
/// # Ok::<(), moue_index::ReembedError>(())
/// ```
pub fn reembed(
    gallery: impl AsRef<Path>,
    options: &ReembedOptions,
    on_event: impl FnMut(Reembedded),
) -> Result<ReembedSummary, ReembedError> {
    let path = gallery.as_ref();
    // Open for writing, though only read: nobody adds pictures meanwhile, which would be lost.
    let old = Gallery::open_with_other_weights(path)?;
    let summary = ReembedSummary {
        from: old.fingerprint()?,
        to: expression_fingerprint().to_owned(),
        pictures: old.picture_count()?,
        ..ReembedSummary::default()
    };
    if summary.from == summary.to {
        return Ok(ReembedSummary {
            faces: old.len()?,
            ..summary
        });
    }
    let embedded = embed_all(&old, options, summary, on_event)?;
    // The lock of the file would keep some systems from reading or replacing it.
    drop(old);
    options.cancel.check()?;
    replace(path, &embedded, options)?;
    Ok(embedded.summary)
}

/// The result of all pictures.
struct Embedded {
    summary: ReembedSummary,
    expressions: HashMap<u64, Expression>,
    /// Pictures that cannot be embedded.
    missing: HashSet<u64>,
}

fn embed_all(
    gallery: &Gallery,
    options: &ReembedOptions,
    summary: ReembedSummary,
    mut on_event: impl FnMut(Reembedded),
) -> Result<Embedded, ReembedError> {
    let mut pictures: Vec<Picture> = Vec::new();
    gallery.for_each_picture(|picture| {
        pictures.push(picture);
        Ok::<(), ReembedError>(())
    })?;
    let embedder = ExpressionEmbedder::new()?;
    let next = AtomicUsize::new(0);
    let shared = Pixels::new(gallery, &options.cancel);
    let mut embedded = Embedded {
        summary,
        expressions: HashMap::new(),
        missing: HashSet::new(),
    };
    let (sender, receiver) = mpsc::sync_channel(WAITING);
    std::thread::scope(|scope| {
        for _ in 0..thread_count(options.threads, pictures.len()) {
            let worker = Worker {
                pixels: &shared,
                options,
                embedder: embedder.clone(),
                pictures: &pictures,
                next: &next,
                sender: sender.clone(),
            };
            scope.spawn(move || worker.run());
        }
        // Only workers hold senders now, so the loop ends with the last of them.
        drop(sender);
        for (picture, result) in receiver {
            on_event(embedded.count(picture, result?));
        }
        Ok::<(), ReembedError>(())
    })?;
    options.cancel.check()?;
    if embedded.missing.is_empty() || options.drop_missing {
        return Ok(embedded);
    }
    Err(ReembedError::Missing {
        pictures: embedded.missing.len(),
        of: pictures.len(),
    })
}

impl Embedded {
    fn count(&mut self, picture: &Picture, result: worker::Processed) -> Reembedded {
        let faces = picture.faces.len() as u64;
        match result.origin {
            Origin::Picture => self.summary.from_pictures += faces,
            Origin::Thumbnail => self.summary.from_thumbnails += faces,
            Origin::Missing => {
                self.missing.insert(picture.id);
                self.summary.dropped += 1;
            }
        }
        self.summary.failed += u64::from(result.panicked);
        self.summary.faces += result.expressions.len() as u64;
        self.expressions.extend(result.expressions);
        Reembedded {
            path: picture.path.clone(),
            faces: picture.faces.len(),
            origin: result.origin,
            detail: result.detail,
        }
    }
}

/// Writes the new gallery beside the old one and renames it.
fn replace(path: &Path, embedded: &Embedded, options: &ReembedOptions) -> Result<(), ReembedError> {
    let copy = beside(path);
    let written = write(path, &copy, embedded, options);
    if written.is_err() {
        // Nothing refers to it; the next run would replace it.
        let _ = std::fs::remove_file(&copy);
    }
    written
}

fn write(
    path: &Path,
    copy: &Path,
    embedded: &Embedded,
    options: &ReembedOptions,
) -> Result<(), ReembedError> {
    let failed = |error| ReembedError::Write {
        path: copy.to_owned(),
        error,
    };
    // A copy of all, so that what is not replaced stays as it is.
    std::fs::copy(path, copy).map_err(failed)?;
    replace_in(copy, embedded)?;
    options.cancel.check()?;
    std::fs::rename(copy, path).map_err(failed)
}

/// Puts the new expressions into a copy of the gallery, and closes it.
fn replace_in(copy: &Path, embedded: &Embedded) -> Result<(), GalleryError> {
    let mut new = Gallery::open_with_other_weights(copy)?;
    new.remove(|picture| embedded.missing.contains(&picture.id))?;
    new.replace_expressions(&embedded.expressions, &embedded.summary.to)?;
    // The old vectors' pages are free now.
    new.compact()?;
    Ok(())
}

/// The name of the new gallery until it is whole. It is always the same, so that a killed run
/// leaves one file at most.
fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".reembedding");
    path.with_file_name(name)
}
