//! The pixels that a stored picture's faces are in, and the faces' expressions in them.

use super::place;
use crate::archive::is_archive;
use crate::extract::{ExtractOptions, check_size, decode_options};
use crate::files::{container_of, hash_file, read_at_most, stored_path};
use crate::kinds::is_video_file;
use crate::walk::{Candidate, CandidateKind, walk};
use moue::cancel::CancelToken;
use moue::frame::DecodeOptions;
use moue::gallery::{GalleryError, Picture, StoredFace, path_of};
use moue::video::{Animation, Ffmpeg, FrameSource};
use moue::{Expression, ExpressionEmbedder, Frame, Gallery};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// By how much a frame's time may differ from the one stored, which has whole microseconds.
const TIME_TOLERANCE: Duration = Duration::from_micros(500);

/// The new expressions of a picture's faces, with their ids.
pub(super) type Expressions = Vec<(u64, Expression)>;

/// The members of a ZIP by their stored paths.
type Members = Arc<HashMap<String, Candidate>>;

/// Reads what the faces of a gallery were found in.
pub(super) struct Pixels<'a> {
    gallery: &'a Gallery,
    /// As for pictures that are added.
    options: ExtractOptions,
    cancel: &'a CancelToken,
    /// ZIP files that are open. The lock is held while a directory is read, so that it is read
    /// once.
    archives: Mutex<HashMap<PathBuf, Members>>,
}

impl<'a> Pixels<'a> {
    pub(super) fn new(gallery: &'a Gallery, cancel: &'a CancelToken) -> Self {
        Self {
            gallery,
            options: ExtractOptions::default(),
            cancel,
            archives: Mutex::default(),
        }
    }

    /// The expressions of a picture's faces from the picture itself, or why it has none.
    pub(super) fn embed(
        &self,
        embedder: &mut ExpressionEmbedder,
        picture: &Picture,
        draw: Option<fn(&str) -> Option<Frame<'static>>>,
    ) -> Result<Expressions, String> {
        if let Some(frame) = draw.and_then(|draw| draw(&picture.path)) {
            return embed_all(embedder, &frame, &picture.faces);
        }
        let path = path_of(&picture.path);
        let path = path.as_path();
        if is_video_file(path) {
            let hash = hash_file(path, self.cancel).map_err(|e| unreadable(&e))?;
            check_hash(picture, &hash)?;
            let mut video =
                Ffmpeg::file_with(path, &self.decode_options()).map_err(|e| e.to_string())?;
            return self.embed_frames(embedder, &mut video, picture);
        }
        let bytes = self.bytes(picture)?;
        check_hash(picture, &moue::digest::sha256(&bytes))?;
        check_size(&bytes).map_err(|e| e.to_string())?;
        if picture.faces.iter().any(|face| face.time.is_some()) {
            let animation = Animation::decode_with(bytes, &self.decode_options());
            let animation = animation.map_err(|e| e.to_string())?;
            let mut animation = animation.ok_or("it is no animation")?;
            return self.embed_frames(embedder, &mut animation, picture);
        }
        let frame = Frame::decode_with(&bytes, &self.decode_options());
        let frame = frame.map_err(|e| e.to_string())?;
        embed_all(embedder, &frame, &picture.faces)
    }

    fn decode_options(&self) -> DecodeOptions {
        decode_options(self.options.longer_side, self.cancel)
    }

    /// The content of a file or a member of a ZIP.
    fn bytes(&self, picture: &Picture) -> Result<Vec<u8>, String> {
        let path = path_of(&picture.path);
        let path = path.as_path();
        if path.exists() {
            // One byte more than a picture may have shows that it has too many.
            let limit = DecodeOptions::default().max_file_bytes + 1;
            return read_at_most(path, limit).map_err(|e| unreadable(&e));
        }
        let archive = container_of(&picture.path);
        if !is_archive(&archive) || !archive.exists() {
            return Err("the file is gone".into());
        }
        let members = self.members(&archive);
        match members.get(&picture.path).map(|member| &member.kind) {
            Some(CandidateKind::Member(archive, index)) => {
                archive.read(*index).map_err(|e| e.to_string())
            }
            Some(CandidateKind::Problem(reason)) => Err(reason.clone()),
            _ => Err("the ZIP no longer has it".into()),
        }
    }

    fn members(&self, zip: &Path) -> Members {
        // A panic while one is read leaves the others.
        let mut archives = self.archives.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || {
            let members = walk(&[zip]).into_iter();
            Arc::new(members.map(|m| (stored_path(&m.path), m)).collect())
        };
        archives.entry(zip.into()).or_insert_with(read).clone()
    }

    /// Embeds each face in the frame that is shown at its time.
    fn embed_frames(
        &self,
        embedder: &mut ExpressionEmbedder,
        source: &mut dyn FrameSource,
        picture: &Picture,
    ) -> Result<Expressions, String> {
        let mut faces: Vec<&StoredFace> = picture.faces.iter().collect();
        faces.sort_by_key(|face| face.time);
        let mut waiting = faces.into_iter().peekable();
        let mut expressions = Expressions::new();
        for _ in 0..self.options.max_frames {
            if waiting.peek().is_none() {
                return Ok(expressions);
            }
            let Some(timed) = source.next_frame().map_err(|e| e.to_string())? else {
                break;
            };
            let shown = timed.time + TIME_TOLERANCE;
            while let Some(face) = waiting.next_if(|f| f.time.unwrap_or_default() <= shown) {
                expressions.push((face.id, embed(embedder, &timed.frame, face)?));
            }
        }
        match waiting.next() {
            None => Ok(expressions),
            Some(_) => Err("a frame with a face is missing".into()),
        }
    }

    /// The stored thumbnails of a picture's faces, in their order; fewer if some have none.
    pub(super) fn thumbnails(
        &self,
        picture: &Picture,
    ) -> Result<Vec<Option<Vec<u8>>>, GalleryError> {
        let faces = picture.faces.iter();
        faces.map(|face| self.gallery.thumbnail(face.id)).collect()
    }

    /// A face's expression from its thumbnail.
    pub(super) fn embed_thumbnail(
        &self,
        embedder: &mut ExpressionEmbedder,
        face: &StoredFace,
        jpeg: &Option<Vec<u8>>,
    ) -> Option<Expression> {
        let frame = Frame::decode(jpeg.as_ref()?).ok()?;
        embed(embedder, &frame, &place::in_thumbnail(face)?).ok()
    }
}

fn embed_all(
    embedder: &mut ExpressionEmbedder,
    frame: &Frame<'_>,
    faces: &[StoredFace],
) -> Result<Expressions, String> {
    let embedded = faces
        .iter()
        .map(|face| Ok((face.id, embed(embedder, frame, face)?)));
    embedded.collect()
}

/// The expression of a face at its stored place. No face is searched for: the gallery keeps its
/// faces, whatever a detector of today would find.
fn embed(
    embedder: &mut ExpressionEmbedder,
    frame: &Frame<'_>,
    stored: &StoredFace,
) -> Result<Expression, String> {
    let face = stored.face();
    let expression = if face.key_points.is_none() {
        // Pictures that were face crops already have no key points.
        embedder.embed_cropped(frame)
    } else {
        embedder.embed(frame, &face)
    };
    expression.map_err(|error| error.to_string())
}

fn check_hash(picture: &Picture, hash: &[u8; 32]) -> Result<(), String> {
    if moue::digest::hex(hash) == picture.hash {
        Ok(())
    } else {
        Err("the file has changed".into())
    }
}

fn unreadable(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "the file is gone".into(),
        _ => format!("the file cannot be read: {error}"),
    }
}
