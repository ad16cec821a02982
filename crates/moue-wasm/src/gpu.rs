//! The expression network on a GPU, through WebGPU.

use crate::engine::{Engine, check_weights};
use crate::error::{Error, per_face};
use crate::input;
use crate::output::{FaceOut, js};
use crate::picture::Picture;
use moue::embed::{Alignment, EXPRESSION_LEN, EmbedError, MIN_FACE_PIXELS};
use moue::network::NetworkError;
use moue::{Expression, ExpressionEmbedder, Face, Frame};
use moue_nn::gpu::{Device, Model, Session};
use wasm_bindgen::prelude::*;

/// Most faces in the queue: their crops take 16 kB each.
const MAX_QUEUED: usize = 4096;

/// The expression network on a GPU, which embeds many faces in one run. Faces are found on the CPU and
/// queued until `embed` is called. While `embed` is pending, no other method may be called.
#[wasm_bindgen]
pub struct GpuEmbedder {
    session: Session,
    /// Side of the network's input, in pixels.
    size: usize,
    /// The crops of the queued faces, one after the other.
    crops: Vec<f32>,
}

#[wasm_bindgen]
impl GpuEmbedder {
    /// Opens the browser's GPU and uploads `expression_int8.tflite`, for up to `batch` faces a run.
    ///
    /// # Errors
    /// `network` without WebGPU, if the file is damaged, or if the GPU has no memory for so many faces;
    /// `other-weights` for another network than the one that galleries are made with.
    pub async fn open(expression: Vec<u8>, batch: usize) -> Result<GpuEmbedder, JsValue> {
        Ok(Self::load(&expression, batch).await?)
    }

    /// The name that the browser gives the GPU; may be empty.
    #[wasm_bindgen(getter)]
    pub fn name(&self) -> String {
        self.session.model().device().name().to_owned()
    }

    /// Number of queued faces.
    #[wasm_bindgen(getter)]
    pub fn queued(&self) -> usize {
        self.crops.len() / self.crop_len()
    }

    /// Finds the faces of a picture with the networks of `engine`, and queues them. Those that cannot
    /// be embedded have an `error` and are not queued.
    ///
    /// # Errors
    /// As for `detect` of the engine; `options` if the queue is full.
    pub fn add(
        &mut self,
        engine: &mut Engine,
        picture: &Picture,
        options: JsValue,
    ) -> Result<JsValue, JsValue> {
        let options: input::Detect = input::options(options)?;
        let cropped = options.cropped;
        let frame = picture.frame();
        let faces = engine.faces(frame, options)?;
        self.check_room(faces.len())?;
        let mut out = Vec::with_capacity(faces.len());
        for face in &faces {
            let crop = per_face(alignment(frame, face, cropped))?;
            let crop = crop.map(|crop| self.push(frame, &crop));
            out.push(FaceOut::from(face).with_error(crop.err()));
        }
        Ok(js(&out)?)
    }

    /// The expressions of all queued faces in their order, 64 numbers each, and empties the queue. The
    /// numbers are NaN where the network returns nothing of use.
    ///
    /// # Errors
    /// `network` if the GPU fails; the faces stay queued.
    pub async fn embed(&mut self) -> Result<Vec<f32>, JsValue> {
        Ok(self.expressions().await?)
    }

    /// Empties the queue.
    pub fn clear(&mut self) {
        self.crops.clear();
    }
}

impl GpuEmbedder {
    async fn load(expression: &[u8], batch: usize) -> Result<Self, Error> {
        let embedder = ExpressionEmbedder::from_model(expression)?;
        check_weights(embedder.has_builtin_weights())?;
        let device = Device::open().await.map_err(NetworkError::from)?;
        let model = Model::load(&device, expression).map_err(NetworkError::from)?;
        let mut opened = Self {
            session: model.session(batch).map_err(NetworkError::from)?,
            size: embedder.input_size(),
            crops: Vec::new(),
        };
        // Browsers tell of memory that they do not have only after a run.
        opened.crops.resize(opened.crop_len(), 0.0);
        opened.expressions().await?;
        Ok(opened)
    }

    fn crop_len(&self) -> usize {
        self.size * self.size
    }

    fn check_room(&self, faces: usize) -> Result<(), Error> {
        if self.queued() + faces <= MAX_QUEUED {
            return Ok(());
        }
        let what = format!("more than {MAX_QUEUED} faces are queued: call `embed` before");
        Err(Error::Options(what))
    }

    fn push(&mut self, frame: &Frame<'_>, crop: &Alignment) {
        let start = self.crops.len();
        self.crops.resize(start + self.crop_len(), 0.0);
        crop.sample(frame, self.size, &mut self.crops[start..]);
    }

    async fn expressions(&mut self) -> Result<Vec<f32>, Error> {
        let run = self.crop_len() * self.session.batch();
        let mut out = Vec::with_capacity(self.queued() * EXPRESSION_LEN);
        for crops in self.crops.chunks(run) {
            let done = self.session.run_async(&[crops]).await;
            done.map_err(NetworkError::from)?;
            append(&mut out, self.session.output(0));
        }
        self.crops.clear();
        Ok(out)
    }
}

/// Appends the network's `values` as unit vectors.
fn append(out: &mut Vec<f32>, values: &[f32]) {
    for values in values.as_chunks::<EXPRESSION_LEN>().0 {
        let expression = Expression::normalized(*values);
        out.extend(expression.map_or([f32::NAN; EXPRESSION_LEN], |e| e.0));
    }
}

/// The part of the picture that is the face.
fn alignment(frame: &Frame<'_>, face: &Face, cropped: bool) -> Result<Alignment, EmbedError> {
    if !cropped {
        return Alignment::of(frame, face);
    }
    let pixels = frame.width().min(frame.height()) as f32;
    if pixels < MIN_FACE_PIXELS {
        return Err(EmbedError::TooSmall { pixels });
    }
    Ok(Alignment::whole(frame))
}
