//! One file: its faces, its perceptual hash, its metadata.

use crate::metadata::{Metadata, metadata_of};
use crate::sequence::{Sequence, SequenceKind};
use moue::cancel::{CancelToken, Cancelled};
use moue::detect::{DetectError, DetectOptions};
use moue::embed::{EmbedError, per_face};
use moue::frame::{DecodeError, DecodeLimit, DecodeOptions};
use moue::gallery::{NewFace, PictureHash, thumbnail};
use moue::network::NetworkError;
use moue::video::{Animation, Ffmpeg, FrameSource, SourceError, TimedFrame};
use moue::{Effort, ExpressionEmbedder, Face, FaceDetector, Frame};
use std::path::Path;
use std::time::Duration;

/// How faces are extracted from a file.
///
/// ```
/// use moue_index::ExtractOptions;
/// let options = ExtractOptions { thumbnails: false, ..ExtractOptions::default() };
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtractOptions {
    /// Store a thumbnail of every face; see [`thumbnail`].
    pub thumbnails: bool,
    /// Effort of detection in stills and animations. Frames of videos are always searched with
    /// [`Effort::Live`].
    pub effort: Effort,
    /// A large JPEG may be decoded at a fraction of its size, as long as its longer side keeps this
    /// many pixels; 0 decodes all at full size.
    pub longer_side: u16,
    /// Frames of an animation or video that are decoded at most.
    pub max_frames: usize,
}

impl Default for ExtractOptions {
    fn default() -> Self {
        Self {
            thumbnails: true,
            effort: Effort::Thorough,
            // A JPEG is decoded at 1/2, 1/4 or 1/8 in a fraction of the time. 1280 pixels keep
            // faces that take a fiftieth of the picture above the 24 pixels that detection needs.
            longer_side: 1280,
            // An hour at 25 frames a second is 90,000. A GIF of a few
            // megabytes can hold more, and would keep a thread busy without end.
            max_frames: 100_000,
        }
    }
}

/// What was extracted from a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Extracted {
    /// Its faces, at least one; of an animation or video those whose expressions differ.
    pub faces: Vec<NewFace>,
    /// The perceptual hash of the picture, or of the first frame.
    pub perceptual_hash: PictureHash,
    /// Label, caption and tags that the file itself has.
    pub metadata: Metadata,
    /// Which part of it was left out, if one was.
    pub note: Option<String>,
}

/// Why a file has nothing for a gallery.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExtractError {
    /// It has no face.
    #[error("no face found")]
    NoFace,
    /// It has faces, but none could be embedded. The error is that of the last one.
    #[error(transparent)]
    NoExpression(EmbedError),
    /// It cannot be read or decoded.
    #[error(transparent)]
    Source(SourceError),
    /// A network failed.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A detection failed.
    #[error(transparent)]
    Detect(DetectError),
    /// The extraction was canceled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl From<SourceError> for ExtractError {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Decode(DecodeError::Cancelled(cancelled)) => Self::Cancelled(cancelled),
            other => Self::Source(other),
        }
    }
}

impl From<DetectError> for ExtractError {
    fn from(error: DetectError) -> Self {
        match error {
            DetectError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            other => Self::Detect(other),
        }
    }
}

impl From<DecodeError> for ExtractError {
    fn from(error: DecodeError) -> Self {
        SourceError::from(error).into()
    }
}

/// Detects and embeds the faces of pictures, animations and videos, for one thread. Clones share
/// the weights and have working memory of their own.
///
/// ```no_run
/// use moue_index::{ExtractOptions, FaceExtractor};
/// let mut extractor = FaceExtractor::new(ExtractOptions::default())?;
/// let extracted = extractor.extract(&std::fs::read("me.jpg")?)?;
/// println!("{} faces", extracted.faces.len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct FaceExtractor {
    detector: FaceDetector,
    embedder: ExpressionEmbedder,
    options: ExtractOptions,
    decoding: DecodeOptions,
    cancel: CancelToken,
}

/// Faces of one frame, and the last error of one that could not be embedded.
struct FrameFaces {
    faces: Vec<NewFace>,
    rejected: Option<EmbedError>,
}

impl FaceExtractor {
    /// An extractor with the compiled-in networks.
    ///
    /// # Errors
    /// [`NetworkError`] if they cannot be loaded, which moue's tests rule out.
    pub fn new(options: ExtractOptions) -> Result<Self, NetworkError> {
        Ok(Self {
            detector: FaceDetector::new()?,
            embedder: ExpressionEmbedder::new()?,
            options,
            decoding: DecodeOptions::default(),
            cancel: CancelToken::default(),
        })
    }

    /// Ends an extraction once `cancel` is canceled: it is checked between the frames of a sequence,
    /// between the runs of networks, and while another program decodes.
    #[must_use]
    pub fn with_cancel(self, cancel: CancelToken) -> Self {
        Self { cancel, ..self }
    }

    /// Decodes within these limits instead of the default ones; what [`ExtractOptions`] and
    /// [`FaceExtractor::with_cancel`] set is taken from there.
    #[must_use]
    pub fn with_decoding(self, decoding: DecodeOptions) -> Self {
        Self { decoding, ..self }
    }

    /// Extracts the faces of a picture or animation, given as the bytes of its file.
    ///
    /// # Errors
    /// [`ExtractError`] if it cannot be decoded, is larger than [`DecodeOptions`] allow, or has no
    /// face that can be embedded.
    pub fn extract(&mut self, bytes: &[u8]) -> Result<Extracted, ExtractError> {
        check_size_within(bytes, self.decoding.max_file_bytes)?;
        let metadata = metadata_of(bytes);
        if may_be_animation(bytes)
            && let Some(mut animation) =
                Animation::decode_with(bytes.to_vec(), &self.decode_options())?
        {
            return self.extract_sequence(&mut animation, SequenceKind::Animation, metadata);
        }
        let frame = Frame::decode_with(bytes, &self.decode_options())?;
        self.extract_still(&frame, metadata)
    }

    fn extract_still(
        &mut self,
        frame: &Frame<'_>,
        metadata: Metadata,
    ) -> Result<Extracted, ExtractError> {
        let found = self.frame_faces(frame, self.options.effort, None)?;
        if found.faces.is_empty() {
            return Err(no_face(found.rejected));
        }
        Ok(Extracted {
            faces: found.faces,
            perceptual_hash: PictureHash::of(frame),
            metadata,
            note: None,
        })
    }

    /// Extracts the distinct expressions of a video file, which the program `ffmpeg` decodes.
    ///
    /// # Errors
    /// [`ExtractError`] if there is no `ffmpeg`, it cannot decode the file, or no frame has a face
    /// that can be embedded.
    pub fn extract_video(&mut self, path: impl AsRef<Path>) -> Result<Extracted, ExtractError> {
        let mut video = Ffmpeg::file_with(path, &self.decode_options())?;
        self.extract_sequence(&mut video, SequenceKind::Video, Metadata::default())
    }

    fn decode_options(&self) -> DecodeOptions {
        DecodeOptions {
            min_longer_side: Some(self.options.longer_side).filter(|side| *side > 0),
            cancel: self.cancel.clone(),
            ..self.decoding.clone()
        }
    }

    fn extract_sequence(
        &mut self,
        source: &mut dyn FrameSource,
        kind: SequenceKind,
        metadata: Metadata,
    ) -> Result<Extracted, ExtractError> {
        let mut sequence = Sequence::new(kind);
        let note = self.read_sequence(source, &mut sequence)?;
        let perceptual_hash = sequence.first_hash.take().ok_or(ExtractError::NoFace)?;
        if sequence.faces.is_empty() {
            return Err(no_face(sequence.rejected));
        }
        Ok(Extracted {
            faces: sequence.faces,
            perceptual_hash,
            metadata,
            note,
        })
    }

    /// Reads frames until the sequence has enough; returns which part was left out.
    fn read_sequence(
        &mut self,
        source: &mut dyn FrameSource,
        sequence: &mut Sequence,
    ) -> Result<Option<String>, ExtractError> {
        for number in 0..self.options.max_frames {
            if sequence.is_full() {
                return Ok(Some(partial_note(number)));
            }
            // What a canceled extraction has found so far is not the file's content.
            self.cancel.check()?;
            match source.next_frame() {
                Ok(Some(timed)) => self.add_frame(sequence, &timed)?,
                Ok(None) => return Ok(None),
                Err(SourceError::Decode(DecodeError::Cancelled(cancelled))) => {
                    return Err(cancelled.into());
                }
                // The frames before the damage are as good as those of a whole file.
                Err(error) if number > 0 => {
                    return Ok(Some(format!("damaged after {number} frames: {error}")));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Some(partial_note(self.options.max_frames)))
    }

    fn add_frame(
        &mut self,
        sequence: &mut Sequence,
        timed: &TimedFrame,
    ) -> Result<(), ExtractError> {
        let frame = &timed.frame;
        if sequence.first_hash.is_none() {
            sequence.first_hash = Some(PictureHash::of(frame));
        }
        if !sequence.selects(frame, timed.time) {
            return Ok(());
        }
        let effort = match sequence.kind {
            SequenceKind::Animation => self.options.effort,
            // A video has hundreds of selected frames, and a face that one misses is usually in
            // the next.
            SequenceKind::Video => Effort::Live,
        };
        let found = self.frame_faces(frame, effort, Some(timed.time))?;
        for face in found.faces {
            sequence.offer(face);
        }
        sequence.rejected = found.rejected.or(sequence.rejected.take());
        Ok(())
    }

    fn frame_faces(
        &mut self,
        frame: &Frame<'_>,
        effort: Effort,
        time: Option<Duration>,
    ) -> Result<FrameFaces, ExtractError> {
        let mut found = FrameFaces {
            faces: Vec::new(),
            rejected: None,
        };
        let options = DetectOptions {
            cancel: self.cancel.clone(),
            ..effort.into()
        };
        for face in self.detector.detect_with(frame, &options)? {
            match per_face(self.embedder.embed(frame, &face))? {
                Ok(expression) => found.faces.push(NewFace {
                    thumbnail: self.thumbnail(frame, &face),
                    face,
                    expression,
                    time,
                }),
                Err(error) => found.rejected = Some(error),
            }
        }
        Ok(found)
    }

    fn thumbnail(&self, frame: &Frame<'_>, face: &Face) -> Option<Vec<u8>> {
        if self.options.thumbnails {
            thumbnail(frame, face)
        } else {
            None
        }
    }
}

/// How stills and frames are decoded for faces.
pub(crate) fn decode_options(longer_side: u16, cancel: &CancelToken) -> DecodeOptions {
    DecodeOptions {
        min_longer_side: Some(longer_side).filter(|side| *side > 0),
        cancel: cancel.clone(),
        ..DecodeOptions::default()
    }
}

pub(crate) fn check_size(bytes: &[u8]) -> Result<(), DecodeError> {
    check_size_within(bytes, DecodeOptions::default().max_file_bytes)
}

fn check_size_within(bytes: &[u8], limit: u64) -> Result<(), DecodeError> {
    let asked = bytes.len() as u64;
    if asked > limit {
        let resource = DecodeLimit::FileBytes;
        return Err(DecodeError::TooLarge {
            resource,
            asked,
            limit,
        });
    }
    Ok(())
}

fn no_face(rejected: Option<EmbedError>) -> ExtractError {
    rejected.map_or(ExtractError::NoFace, ExtractError::NoExpression)
}

fn partial_note(frames: usize) -> String {
    let frames = match frames {
        1 => "frame was".to_owned(),
        frames => format!("{frames} frames were"),
    };
    format!("only the first {frames} searched")
}

/// Whether the bytes begin as GIF, WebP or PNG, which can hold animations.
fn may_be_animation(bytes: &[u8]) -> bool {
    bytes.starts_with(b"GIF8") || bytes.starts_with(b"\x89PNG") || bytes.get(8..12) == Some(b"WEBP")
}
