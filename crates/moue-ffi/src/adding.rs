//! Pictures into a gallery.

use crate::cancellation::{Cancellation, token};
use crate::error::MoueError;
use crate::finder::Finder;
use crate::frame::Frame;
use moue::finder::{FaceChoice, FindOptions};
use moue::gallery::{NewFace, NewPicture, PictureHash, SearchOptions, thumbnail};
use std::sync::Arc;

/// Hears how far a long call is.
#[uniffi::export(with_foreign)]
pub trait Progress: Send + Sync {
    /// So many of all are done. It is called on the thread of the long call, after each picture.
    fn progressed(&self, done: u64, total: u64);
}

/// A picture file to add.
#[derive(Debug, Clone, uniffi::Record)]
pub struct PictureFile {
    /// Where it is, which is also what matches say.
    pub path: String,
    /// What to call it.
    pub label: String,
    /// A description to find it by.
    #[uniffi(default = None)]
    pub caption: Option<String>,
    /// Words to filter by.
    #[uniffi(default = [])]
    pub tags: Vec<String>,
}

#[uniffi::export]
impl Finder {
    /// Adds a picture to the finder's gallery: `file` is its content, which it is recognized by, and
    /// `frame` its pixels. Returns the number of its faces: 0 if it has none and was not added, -1
    /// if its content is there already.
    ///
    /// Errors: `Network`, `Gallery`.
    pub fn add(&self, file: &[u8], frame: &Frame, picture: PictureFile) -> Result<i32, MoueError> {
        let hash = moue::digest::sha256(file);
        self.add_hashed(hash, picture, || Ok(frame.inner().clone()), None)
    }

    /// Reads picture files and adds them to the finder's gallery. Returns for each what `add` does,
    /// or -2 if it cannot be read as a picture. Those before a cancellation are kept.
    ///
    /// Errors: `Network`, `Gallery`, `Cancelled`.
    pub fn add_files(
        &self,
        files: Vec<PictureFile>,
        progress: Option<Arc<dyn Progress>>,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<Vec<i32>, MoueError> {
        let token = token(cancellation.as_ref());
        let total = files.len() as u64;
        let mut counts = Vec::with_capacity(files.len());
        for picture in files {
            token.check()?;
            counts.push(self.add_file(picture, cancellation.as_ref())?);
            if let Some(progress) = &progress {
                progress.progressed(counts.len() as u64, total);
            }
        }
        Ok(counts)
    }
}

/// What `add_files` returns for a file that is no picture.
const UNREADABLE: i32 = -2;

/// What `add` returns for a content that is there.
const KNOWN: i32 = -1;

impl Finder {
    fn add_file(
        &self,
        picture: PictureFile,
        cancellation: Option<&Arc<Cancellation>>,
    ) -> Result<i32, MoueError> {
        let Ok(bytes) = std::fs::read(&picture.path) else {
            return Ok(UNREADABLE);
        };
        let hash = moue::digest::sha256(&bytes);
        let decode = || Ok(moue::Frame::decode(&bytes)?);
        match self.add_hashed(hash, picture, decode, cancellation) {
            Err(MoueError::Decode(_)) => Ok(UNREADABLE),
            other => other,
        }
    }

    fn add_hashed(
        &self,
        hash: [u8; 32],
        picture: PictureFile,
        decode: impl FnOnce() -> Result<moue::Frame<'static>, MoueError>,
        cancellation: Option<&Arc<Cancellation>>,
    ) -> Result<i32, MoueError> {
        // Asked before the work, which takes a hundred times as long.
        if self.gallery.inner.contains(&hash)? {
            return Ok(KNOWN);
        }
        let frame = decode()?;
        let faces = self.new_faces(&frame, cancellation)?;
        let count = i32::try_from(faces.len()).unwrap_or(i32::MAX);
        if count > 0 {
            self.gallery.inner.add(&[NewPicture {
                hash,
                faces,
                path: picture.path,
                label: picture.label,
                caption: picture.caption,
                tags: picture.tags,
                perceptual_hash: Some(PictureHash::of(&frame)),
                ..NewPicture::default()
            }])?;
        }
        Ok(count)
    }

    /// All faces that have an expression, with their thumbnails, as `moue gallery add` takes them.
    fn new_faces(
        &self,
        frame: &moue::Frame<'_>,
        cancellation: Option<&Arc<Cancellation>>,
    ) -> Result<Vec<NewFace>, MoueError> {
        let found = self.with(|finder| {
            finder.options = expressions_alone(cancellation);
            finder.find(frame)
        })?;
        // A face that is too small for an expression cannot be found by one.
        let new = found.into_iter().filter_map(|found| {
            Some(NewFace {
                thumbnail: thumbnail(frame, &found.face),
                expression: found.expression.ok()?,
                face: found.face,
                time: None,
            })
        });
        Ok(new.collect())
    }
}

/// The options with which nothing is searched for.
fn expressions_alone(cancellation: Option<&Arc<Cancellation>>) -> FindOptions {
    let mut options = FindOptions {
        choice: FaceChoice::All,
        search: SearchOptions::nearest(0),
        ..FindOptions::default()
    };
    options.detect.cancel = token(cancellation);
    options
}
