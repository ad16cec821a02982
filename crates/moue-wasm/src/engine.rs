//! The networks, and one picture through them.

use crate::error::{Error, per_face};
use crate::gallery::Gallery;
use crate::input::{self, Detect, Search};
use crate::output::{FaceOut, js};
use crate::picture::Picture;
use moue::video::VideoEmbedder;
use moue::{Expression, ExpressionEmbedder, Face, FaceDetector, Frame, finder};
use wasm_bindgen::prelude::*;

/// A face with its expression, or why it has none.
pub(crate) type Embedded = (Face, Result<Expression, String>);

/// The three networks. Weights are the files of `crates/moue/models`.
#[wasm_bindgen]
pub struct Engine {
    pub(crate) detector: FaceDetector,
    pub(crate) embedder: ExpressionEmbedder,
    pub(crate) video: VideoEmbedder,
}

/// Refuses weights other than the compiled-in ones. Their embeddings cannot be compared with those of
/// galleries, and would be answered with pictures that have nothing to do with the face.
pub(crate) fn check_weights(are_builtin: bool) -> Result<(), Error> {
    if are_builtin {
        Ok(())
    } else {
        Err(Error::OtherWeights)
    }
}

#[wasm_bindgen]
impl Engine {
    /// Loads `face_int8.tflite`, `refine_int8.tflite` and `expression_int8.tflite`. With another
    /// expression network the engine embeds, but neither searches nor adds: galleries hold
    /// embeddings of this one.
    ///
    /// # Errors
    /// `network` if a file is damaged or another network.
    #[wasm_bindgen(constructor)]
    pub fn new(face: &[u8], refine: &[u8], expression: &[u8]) -> Result<Engine, JsValue> {
        Ok(Self::load(face, refine, expression)?)
    }

    /// The faces of a picture, the most certain first.
    ///
    /// # Errors
    /// `options`, `network`.
    pub fn detect(&mut self, picture: &Picture, options: JsValue) -> Result<JsValue, JsValue> {
        let frame = picture.frame();
        let faces = self.faces(frame, input::options(options)?)?;
        Ok(js(&faces.iter().map(FaceOut::from).collect::<Vec<_>>())?)
    }

    /// The faces of a picture with their expressions.
    ///
    /// # Errors
    /// As for `detect`.
    pub fn embed(&mut self, picture: &Picture, options: JsValue) -> Result<JsValue, JsValue> {
        let frame = picture.frame();
        let faces = self.embedded(frame, input::options(options)?)?;
        let out = faces.iter().map(|(face, e)| FaceOut::embedded(face, e));
        Ok(js(&out.collect::<Vec<_>>())?)
    }

    /// The faces of a picture with the pictures that make the same face.
    ///
    /// # Errors
    /// As for `detect`, and `gallery`, `other-weights`.
    pub fn find(
        &mut self,
        picture: &Picture,
        gallery: &Gallery,
        detect: JsValue,
        search: JsValue,
    ) -> Result<JsValue, JsValue> {
        check_weights(self.embedder.has_builtin_weights())?;
        let frame = picture.frame();
        let faces = self.embedded(frame, input::options(detect)?)?;
        let search: Search = input::options(search)?;
        let mut out = Vec::with_capacity(faces.len());
        for (face, expression) in &faces {
            let matches = gallery.matches(expression, search.clone())?;
            out.push(FaceOut::embedded(face, expression).with_matches(&matches));
        }
        Ok(js(&out)?)
    }
}

impl Engine {
    fn load(face: &[u8], refine: &[u8], expression: &[u8]) -> Result<Self, Error> {
        Ok(Self {
            detector: FaceDetector::from_models(face, refine)?,
            embedder: ExpressionEmbedder::from_model(expression)?,
            video: VideoEmbedder::from_model(expression)?,
        })
    }

    /// The chosen faces of a picture.
    pub(crate) fn faces(&mut self, frame: &Frame<'_>, detect: Detect) -> Result<Vec<Face>, Error> {
        if detect.cropped {
            return Ok(vec![Face::whole()]);
        }
        let faces = self.detector.detect_with(frame, &detect.options())?;
        Ok(finder::chosen(faces, detect.choice()))
    }

    /// The chosen faces of a picture with their expressions.
    pub(crate) fn embedded(
        &mut self,
        frame: &Frame<'_>,
        detect: Detect,
    ) -> Result<Vec<Embedded>, Error> {
        let faces = self.faces(frame, detect)?;
        let mut out = Vec::with_capacity(faces.len());
        for face in faces {
            // A crop has no key points to align it by.
            let expression = if detect.cropped {
                self.embedder.embed_cropped(frame)
            } else {
                self.embedder.embed(frame, &face)
            };
            out.push((face, per_face(expression)?));
        }
        Ok(out)
    }
}
