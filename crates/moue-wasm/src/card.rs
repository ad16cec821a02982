//! The expression network on a graphics card, through WebGPU.

use crate::engine::Engine;
use crate::error::{Error, per_face};
use crate::input;
use crate::output::{FaceOut, js};
use crate::picture::Picture;
use moue::embed::{Alignment, EXPRESSION_LEN, EmbedError};
use moue::network::NetworkError;
use moue::{Expression, Face, Frame};
use moue_nn::gpu::{Device, Model, Session};
use wasm_bindgen::prelude::*;

/// The expression network on a card, which embeds many faces at once. Faces are found on the
/// processor and wait here until `embed` is called: a run takes little longer for 64 than for one.
#[wasm_bindgen]
pub struct Card {
    session: Session,
    /// Side of the network's input, in pixels.
    size: usize,
    /// The crops of the faces that wait, one after the other.
    crops: Vec<f32>,
}

#[wasm_bindgen]
impl Card {
    /// Opens the browser's card and uploads `expression_int8.tflite`, for `batch` faces a run.
    ///
    /// # Errors
    /// `network` without WebGPU, if the file is damaged or another network, or if the card has no
    /// memory for so many.
    pub async fn open(expression: Vec<u8>, batch: usize) -> Result<Card, JsValue> {
        Ok(Self::load(&expression, batch).await?)
    }

    /// The name that the browser gives the card; may be empty.
    #[wasm_bindgen(getter)]
    pub fn name(&self) -> String {
        self.session.model().device().name().to_owned()
    }

    /// Number of faces that wait.
    #[wasm_bindgen(getter)]
    pub fn waiting(&self) -> usize {
        self.crops.len() / self.crop_len()
    }

    /// Finds the faces of a picture with the networks of `engine` and has those wait that can be
    /// embedded; the others have an `error`.
    ///
    /// # Errors
    /// As for `detect` of the engine.
    pub fn add(
        &mut self,
        engine: &mut Engine,
        picture: &Picture,
        options: JsValue,
    ) -> Result<JsValue, JsValue> {
        let frame = picture.frame();
        let mut out = Vec::new();
        let options: input::Detect = input::options(options)?;
        let cropped = options.cropped;
        for face in engine.faces(frame, options)? {
            let crop = alignment(frame, &face, cropped);
            let crop = per_face(crop)?.map(|crop| self.push(frame, &crop));
            out.push(FaceOut::from(&face).with_error(crop.err()));
        }
        Ok(js(&out)?)
    }

    /// The expressions of all faces that wait, 64 numbers each, in their order; none waits any more.
    ///
    /// # Errors
    /// `network` if the card fails; the faces wait on.
    pub async fn embed(&mut self) -> Result<Vec<f32>, JsValue> {
        Ok(self.expressions().await?)
    }
}

impl Card {
    async fn load(expression: &[u8], batch: usize) -> Result<Self, Error> {
        let device = Device::open().await.map_err(NetworkError::from)?;
        let model = Model::load(&device, expression).map_err(NetworkError::from)?;
        let size = input_size(&model)?;
        Ok(Self {
            session: model.session(batch).map_err(NetworkError::from)?,
            size,
            crops: Vec::new(),
        })
    }

    fn crop_len(&self) -> usize {
        self.size * self.size
    }

    fn push(&mut self, frame: &Frame<'_>, crop: &Alignment) {
        let start = self.crops.len();
        self.crops.resize(start + self.crop_len(), 0.0);
        crop.sample(frame, self.size, &mut self.crops[start..]);
    }

    async fn expressions(&mut self) -> Result<Vec<f32>, Error> {
        let run = self.crop_len() * self.session.batch();
        let mut out = Vec::with_capacity(self.waiting() * EXPRESSION_LEN);
        for crops in self.crops.chunks(run) {
            let done = self.session.run_async(&[crops]).await;
            done.map_err(NetworkError::from)?;
            append(&mut out, self.session.output(0))?;
        }
        self.crops.clear();
        Ok(out)
    }
}

/// Appends the unit vectors of the network's `values`.
fn append(out: &mut Vec<f32>, values: &[f32]) -> Result<(), NetworkError> {
    for values in values.as_chunks::<EXPRESSION_LEN>().0 {
        let expression = Expression::normalized(*values)?;
        out.extend_from_slice(&expression.0);
    }
    Ok(())
}

/// Which part of the picture is the face.
fn alignment(frame: &Frame<'_>, face: &Face, cropped: bool) -> Result<Alignment, EmbedError> {
    if cropped {
        return Ok(Alignment::whole(frame));
    }
    Alignment::of(frame, face)
}

/// Side of the square input of a network that embeds expressions.
fn input_size(model: &Model) -> Result<usize, NetworkError> {
    let elements = |shape: &[usize]| shape.iter().product::<usize>();
    let inputs: Vec<_> = model.inputs().iter().map(|i| elements(&i.shape)).collect();
    let outputs: Vec<_> = model.outputs().iter().map(|o| elements(&o.shape)).collect();
    match inputs[..] {
        [input] if input > 0 && input.isqrt().pow(2) == input && outputs == [EXPRESSION_LEN] => {
            Ok(input.isqrt())
        }
        _ => Err(NetworkError::Shape(format!(
            "an embedder with inputs {inputs:?} and outputs {outputs:?}"
        ))),
    }
}
