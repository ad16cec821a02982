//! What a worker does with a picture: decode, detect, embed.

use crate::config::Limits;
use crate::problem::{Kind, Problem};
use moue::cancel::CancelToken;
use moue::detect::DetectOptions;
use moue::embed::{EmbedError, per_face};
use moue::finder::{FaceChoice, chosen};
use moue::frame::DecodeOptions;
use moue::network::NetworkError;
use moue::{Effort, Expression, ExpressionEmbedder, Face, FaceDetector, Frame};
use moue_index::{ExtractError, ExtractOptions, Extracted, FaceExtractor};
use std::sync::Arc;

/// Pixels that the longer side of a JPEG keeps for [`Effort::Live`]. Its detector sees 128, and
/// what is refined and embedded of a face that it finds is seldom larger than this allows; a photo
/// of 12 megapixels is decoded in a third of the time.
const LIVE_SIDE: u16 = 640;

/// What begins files that other programs decode: the box that HEIF files start with, and the two
/// forms of JPEG XL.
fn needs_program(bytes: &[u8]) -> bool {
    bytes.get(4..8) == Some(b"ftyp")
        || bytes.starts_with(b"\xFF\x0A")
        || bytes.starts_with(b"\0\0\0\x0CJXL ")
}

/// How the faces of a picture are found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct How {
    pub(crate) effort: Effort,
    pub(crate) choice: FaceChoice,
    /// The picture is a face crop.
    pub(crate) cropped: bool,
}

/// A face, and its expression or why it has none.
pub(crate) struct Embedded {
    pub(crate) face: Face,
    pub(crate) expression: Result<Expression, EmbedError>,
}

/// From now on the JPEG decoder does all its work on the calling thread. Else it hands every row to rayon's
/// threads, which compete with the workers for the same cores: that took a tenth of a search's processor
/// time, and the worker waited until they had their turn.
pub(crate) fn stay_on_thread() {
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1);
    // Fails only on a thread of rayon's own.
    if let Err(error) = alone.use_current_thread().build() {
        tracing::warn!(error = %error, "pictures are decoded on several threads");
    }
}

/// The networks of a worker.
#[derive(Clone)]
pub(crate) struct Engine {
    detector: FaceDetector,
    embedder: ExpressionEmbedder,
    /// Made for the first upload; most workers of a server that is only searched need none.
    extractor: Option<FaceExtractor>,
    limits: Arc<Limits>,
}

impl Engine {
    pub(crate) fn new(limits: &Limits) -> Result<Self, NetworkError> {
        Ok(Self {
            detector: FaceDetector::new()?,
            embedder: ExpressionEmbedder::new()?,
            extractor: None,
            limits: Arc::new(limits.clone()),
        })
    }

    /// Decodes a picture within the limits.
    pub(crate) fn decode(
        &self,
        bytes: &[u8],
        effort: Effort,
        cancel: &CancelToken,
    ) -> Result<Frame<'static>, Problem> {
        self.check_format(bytes)?;
        let options = DecodeOptions {
            min_longer_side: (effort == Effort::Live).then_some(LIVE_SIDE),
            ..self.limits.decoding(cancel)
        };
        Ok(Frame::decode_with(bytes, &options)?)
    }

    fn check_format(&self, bytes: &[u8]) -> Result<(), Problem> {
        if needs_program(bytes) && !self.limits.other_programs {
            let detail = "this server reads JPEG, PNG, WebP, GIF, BMP and TIFF";
            return Err(Problem::new(Kind::NotAPicture, detail));
        }
        Ok(())
    }

    /// The faces of a picture, those with the highest score first.
    pub(crate) fn detect(
        &mut self,
        frame: &Frame<'_>,
        how: How,
        cancel: &CancelToken,
    ) -> Result<Vec<Face>, Problem> {
        if how.cropped {
            return Ok(vec![Face::whole()]);
        }
        let options = DetectOptions {
            cancel: cancel.clone(),
            ..how.effort.into()
        };
        let faces = self.detector.detect_with(frame, &options)?;
        Ok(chosen(faces, how.choice))
    }

    /// The faces of a picture with their expressions.
    pub(crate) fn embed(
        &mut self,
        frame: &Frame<'_>,
        how: How,
        cancel: &CancelToken,
    ) -> Result<Vec<Embedded>, Problem> {
        let faces = self.detect(frame, how, cancel)?;
        let embed = |face| {
            let expression = if how.cropped {
                self.embedder.embed_cropped(frame)
            } else {
                self.embedder.embed(frame, &face)
            };
            let expression = per_face(expression)?;
            Ok(Embedded { face, expression })
        };
        faces.into_iter().map(embed).collect()
    }

    /// What the gallery stores of a picture or animation.
    pub(crate) fn extract(
        &mut self,
        bytes: &[u8],
        cancel: &CancelToken,
    ) -> Result<Extracted, Problem> {
        self.check_format(bytes)?;
        let extractor = match self.extractor.take() {
            Some(extractor) => extractor,
            None => FaceExtractor::new(ExtractOptions::default())?,
        };
        let mut extractor = extractor
            .with_decoding(self.limits.decoding(cancel))
            .with_cancel(cancel.clone());
        let extracted = extractor.extract(bytes);
        self.extractor = Some(extractor);
        extracted.map_err(|error: ExtractError| error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_stays_on_the_thread() {
        let thread = std::thread::spawn(|| {
            stay_on_thread();
            let this = std::thread::current().id();
            // Both halves of a join, and what a scope spawns, as the decoder does.
            let ids = rayon::join(
                || std::thread::current().id(),
                || std::thread::current().id(),
            );
            let mut spawned = None;
            rayon::in_place_scope(|scope| {
                scope.spawn(|_| spawned = Some(std::thread::current().id()));
            });
            assert_eq!([Some(ids.0), Some(ids.1), spawned], [Some(this); 3]);
        });
        thread.join().unwrap();
    }
}
