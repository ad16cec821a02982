//! One file: its faces, how it looks, what it says about itself.

use crate::metadata::{Metadata, metadata_of};
use crate::sequence::Sequence;
use crate::thumbnail::thumbnail;
use moue::embed::EmbedError;
use moue::frame::{DecodeError, DecodeLimits};
use moue::gallery::{NewFace, PictureHash};
use moue::network::NetworkError;
use moue::video::{Animation, Ffmpeg, FrameSource, SourceError};
use moue::{Effort, ExpressionEmbedder, FaceDetector, Frame};
use std::path::Path;
use std::time::Duration;

/// What to make of each picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtractOptions {
    /// Keep a small picture of every face.
    pub thumbnails: bool,
    /// How closely stills and animations are looked at; videos are looked at once a frame.
    pub effort: Effort,
    /// A large JPEG may be decoded smaller if its longer side keeps so many pixels; 0 decodes all
    /// in full.
    pub longer_side: u16,
    /// Frames of an animation or video that are decoded at most.
    pub most_frames: usize,
}

impl Default for ExtractOptions {
    fn default() -> Self {
        Self {
            thumbnails: true,
            effort: Effort::Thorough,
            longer_side: 1280,
            most_frames: 100_000,
        }
    }
}

/// What was found in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Extracted {
    /// Its faces; of an animation or video those whose expressions differ.
    pub faces: Vec<NewFace>,
    /// How it looks; of an animation or video its first frame.
    pub looks: PictureHash,
    /// What it says about itself.
    pub texts: Metadata,
    /// What was left out, if something was.
    pub note: Option<String>,
}

/// Why a file has nothing for a gallery.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExtractError {
    /// There is no face in it.
    #[error("no face found")]
    NoFace,
    /// There are faces, but none has an expression.
    #[error(transparent)]
    NoExpression(EmbedError),
    /// It cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A network failed.
    #[error(transparent)]
    Network(#[from] NetworkError),
}

impl From<DecodeError> for ExtractError {
    fn from(error: DecodeError) -> Self {
        Self::Source(error.into())
    }
}

/// Detector and embedder for one thread; cloning shares the weights.
#[derive(Clone)]
pub struct FaceExtractor {
    detector: FaceDetector,
    embedder: ExpressionEmbedder,
    options: ExtractOptions,
}

impl FaceExtractor {
    /// With the compiled-in networks.
    ///
    /// # Errors
    /// [`NetworkError`] if they do not load, which moue's tests rule out.
    pub fn new(options: ExtractOptions) -> Result<Self, NetworkError> {
        Ok(Self {
            detector: FaceDetector::new()?,
            embedder: ExpressionEmbedder::new()?,
            options,
        })
    }

    /// Looks at a picture or animation in memory.
    ///
    /// # Errors
    /// [`ExtractError`] says why it has nothing for a gallery.
    pub fn picture(&mut self, bytes: &[u8]) -> Result<Extracted, ExtractError> {
        if bytes.len() as u64 > DecodeLimits::default().file {
            return Err(DecodeError::TooLarge(format!(
                "more than {} MB",
                DecodeLimits::default().file >> 20
            ))
            .into());
        }
        let texts = metadata_of(bytes);
        if may_be_animation(bytes)
            && let Some(mut animation) = Animation::decode(bytes.to_vec())?
        {
            return self.sequence(&mut animation, false, texts);
        }
        let frame = match self.options.longer_side {
            0 => Frame::decode(bytes)?,
            longer => Frame::decode_reduced(bytes, longer)?,
        };
        let (mut faces, mut reason) = (Vec::new(), ExtractError::NoFace);
        self.faces(&frame, self.options.effort, None, &mut reason, |face| {
            faces.push(face)
        })?;
        if faces.is_empty() {
            return Err(reason);
        }
        Ok(Extracted {
            faces,
            looks: PictureHash::of(&frame),
            texts,
            note: None,
        })
    }

    /// Looks at a video file, with the program `ffmpeg`.
    ///
    /// # Errors
    /// As for [`FaceExtractor::picture`].
    pub fn video(&mut self, path: &Path) -> Result<Extracted, ExtractError> {
        let mut video = Ffmpeg::file(path).map_err(SourceError::from)?;
        self.sequence(&mut video, true, Metadata::default())
    }

    fn sequence(
        &mut self,
        source: &mut dyn FrameSource,
        video: bool,
        texts: Metadata,
    ) -> Result<Extracted, ExtractError> {
        let (mut sequence, mut looks, mut reason, mut note) =
            (Sequence::new(video), None, ExtractError::NoFace, None);
        for number in 0.. {
            if number >= self.options.most_frames || sequence.is_full() {
                note = Some(format!("only the first {number} frames were looked at"));
                break;
            }
            let timed = match source.next_frame() {
                Ok(Some(timed)) => timed,
                Ok(None) => break,
                // What was decoded of a damaged animation counts.
                Err(error) if looks.is_some() => {
                    note = Some(format!("damaged after {number} frames: {error}"));
                    break;
                }
                Err(error) => return Err(error.into()),
            };
            looks.get_or_insert_with(|| PictureHash::of(&timed.frame));
            if sequence.wants(&timed.frame, timed.time) {
                let effort = if video {
                    Effort::Live
                } else {
                    self.options.effort
                };
                self.faces(
                    &timed.frame,
                    effort,
                    Some(timed.time),
                    &mut reason,
                    |face| sequence.offer(face),
                )?;
            }
        }
        let (faces, Some(looks)) = (sequence.into_faces(), looks) else {
            return Err(ExtractError::NoFace);
        };
        if faces.is_empty() {
            Err(reason)
        } else {
            Ok(Extracted {
                faces,
                looks,
                texts,
                note,
            })
        }
    }

    fn faces(
        &mut self,
        frame: &Frame<'_>,
        effort: Effort,
        time: Option<Duration>,
        reason: &mut ExtractError,
        mut keep: impl FnMut(NewFace),
    ) -> Result<(), ExtractError> {
        for face in self.detector.detect_with(frame, effort)? {
            match self.embedder.embed(frame, &face) {
                Ok(expression) => {
                    let thumbnail = self
                        .options
                        .thumbnails
                        .then(|| thumbnail(frame, &face))
                        .flatten();
                    keep(NewFace {
                        face,
                        expression,
                        time,
                        thumbnail,
                    });
                }
                Err(EmbedError::Network(error)) => return Err(error.into()),
                Err(error) => *reason = ExtractError::NoExpression(error),
            }
        }
        Ok(())
    }
}

/// Whether the bytes begin as GIF, WebP or PNG do, of which some move.
fn may_be_animation(bytes: &[u8]) -> bool {
    bytes.starts_with(b"GIF8") || bytes.starts_with(b"\x89PNG") || bytes.get(8..12) == Some(b"WEBP")
}
