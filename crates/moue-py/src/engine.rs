//! The networks, and work on many pictures.

use crate::errors::Failure;
use crate::interrupt::interruptible;
use crate::options::{self, OnError};
use crate::picture::Picture;
use moue::cancel::CancelToken;
use moue::detect::DetectOptions;
use moue::embed::{EmbedError, per_face};
use moue::finder::{FaceChoice, chosen};
use moue::frame::DecodeOptions;
use moue::{Effort, Expression, ExpressionEmbedder, Face, FaceDetector, Frame};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Detector and embedder of one thread.
#[derive(Clone)]
pub(crate) struct Engine {
    pub(crate) detector: FaceDetector,
    pub(crate) embedder: ExpressionEmbedder,
}

/// Engines between two calls: making one takes milliseconds, as long as a small picture.
static IDLE: Mutex<Vec<Engine>> = Mutex::new(Vec::new());

/// Engines that are kept; each has some megabytes of working memory.
const MAX_IDLE: usize = 16;

impl Engine {
    /// An idle engine, or a new one.
    pub(crate) fn take() -> Result<Self, Failure> {
        // Without waiting: in the child of a fork, a lock that another thread held stays locked.
        if let Ok(mut idle) = IDLE.try_lock()
            && let Some(engine) = idle.pop()
        {
            return Ok(engine);
        }
        Ok(Self {
            detector: FaceDetector::new()?,
            embedder: ExpressionEmbedder::new()?,
        })
    }

    /// Keeps an engine for the next call.
    pub(crate) fn put_back(self) {
        if let Ok(mut idle) = IDLE.try_lock()
            && idle.len() < MAX_IDLE
        {
            idle.push(self);
        }
    }

    /// Runs `work` with an engine.
    pub(crate) fn with<T>(
        work: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut engine = Self::take()?;
        let result = work(&mut engine);
        engine.put_back();
        result
    }
}

/// How faces of a picture are found and embedded.
#[derive(Clone)]
pub(crate) struct Reading {
    /// How much work detection does.
    pub(crate) effort: Effort,
    /// At most so many faces are found.
    pub(crate) max_faces: usize,
    /// Whether the whole picture is a face.
    pub(crate) cropped: bool,
    /// Ends the work early.
    pub(crate) cancel: CancelToken,
}

impl Reading {
    /// From the keywords of a call.
    pub(crate) fn of(
        effort: &str,
        max_faces: Option<usize>,
        cropped: bool,
        cancel: &CancelToken,
    ) -> PyResult<Self> {
        Ok(Self {
            effort: options::effort(effort)?,
            max_faces: max_faces.unwrap_or(DetectOptions::default().max_faces),
            cropped,
            cancel: cancel.clone(),
        })
    }

    pub(crate) fn frame<'a>(&self, picture: &'a Picture) -> Result<Frame<'a>, Failure> {
        picture.frame(&DecodeOptions {
            cancel: self.cancel.clone(),
            ..DecodeOptions::default()
        })
    }

    /// The faces of a picture, those with the highest score first.
    pub(crate) fn faces(
        &self,
        engine: &mut Engine,
        frame: &Frame<'_>,
    ) -> Result<Vec<Face>, Failure> {
        if self.cropped {
            return Ok(vec![Face::whole()]);
        }
        let options = DetectOptions {
            max_faces: self.max_faces,
            cancel: self.cancel.clone(),
            ..self.effort.into()
        };
        engine
            .detector
            .detect_with(frame, &options)
            .map_err(Failure::detect)
    }

    pub(crate) fn embed(
        &self,
        engine: &mut Engine,
        frame: &Frame<'_>,
        face: &Face,
    ) -> Result<Expression, EmbedError> {
        if self.cropped {
            engine.embedder.embed_cropped(frame)
        } else {
            engine.embedder.embed(frame, face)
        }
    }

    /// The expression of a picture's largest face.
    pub(crate) fn expression(
        &self,
        engine: &mut Engine,
        picture: &Picture,
    ) -> Result<Expression, Failure> {
        let frame = self.frame(picture)?;
        let faces = self.faces(engine, &frame)?;
        let face = chosen(faces, FaceChoice::Largest)
            .pop()
            .ok_or_else(|| Failure::NoFace(picture.name.clone()))?;
        per_face(self.embed(engine, &frame, &face))?
            .map_err(|error| Failure::Embed(picture.name.clone(), error))
    }
}

/// Threads for so many pictures; 0 is one for each core.
fn thread_count(wanted: usize, pictures: usize) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let threads = if wanted == 0 { cores() } else { wanted };
    threads.clamp(1, pictures.max(1))
}

/// What was made of each of many inputs.
pub(crate) type Results<T> = Vec<Result<T, Failure>>;

/// Work on many inputs.
pub(crate) struct Batch<'a> {
    /// 0 is one for each core.
    pub(crate) threads: usize,
    pub(crate) on_error: OnError,
    pub(crate) cancel: &'a CancelToken,
}

impl<'a> Batch<'a> {
    /// From the keywords of a call.
    pub(crate) fn of(threads: usize, on_error: &str, cancel: &'a CancelToken) -> PyResult<Self> {
        Ok(Self {
            threads: checked_threads(threads)?,
            on_error: OnError::named(on_error)?,
            cancel,
        })
    }

    /// Runs `work` on every input, on threads that each have an engine. The order is that of the
    /// inputs.
    ///
    /// # Errors
    /// `KeyboardInterrupt`, the timeout, and with [`OnError::Raise`] the failure of the first input
    /// that fails.
    pub(crate) fn run<I: Sync, T: Send>(
        &self,
        py: Python<'_>,
        inputs: &[I],
        work: impl Fn(&mut Engine, &I) -> Result<T, Failure> + Sync,
    ) -> PyResult<Results<T>> {
        let results = interruptible(py, self.cancel, || self.on_threads(inputs, &work))?;
        let results = results.map_err(|failure| failure.raise(py))?;
        if self.on_error == OnError::Keep {
            // A timeout is that of the call, not of the pictures that it kept from being read.
            self.cancel
                .check()
                .map_err(|c| Failure::from(c).raise(py))?;
            return Ok(results);
        }
        let all: Result<Vec<T>, Failure> = results.into_iter().collect();
        let all = all.map_err(|failure| failure.raise(py))?;
        Ok(all.into_iter().map(Ok).collect())
    }

    fn on_threads<I: Sync, T: Send>(
        &self,
        inputs: &[I],
        work: &(impl Fn(&mut Engine, &I) -> Result<T, Failure> + Sync),
    ) -> Result<Results<T>, Failure> {
        let next = AtomicUsize::new(0);
        let failed = AtomicBool::new(false);
        let on_thread = || {
            let mut own = Vec::new();
            Engine::with(|engine| {
                // Inputs are given out in their order, so that of several failures the first is among
                // those that are known when the others stop.
                while !failed.load(Ordering::Relaxed)
                    && let number = next.fetch_add(1, Ordering::Relaxed)
                    && let Some(input) = inputs.get(number)
                {
                    let result = self.cancel.check().map_err(Failure::from);
                    let result = result.and_then(|()| work(engine, input));
                    let stops = result.is_err() && self.on_error == OnError::Raise;
                    failed.fetch_or(stops, Ordering::Relaxed);
                    own.push((number, result));
                }
                Ok(())
            })?;
            Ok(own)
        };
        let threads = thread_count(self.threads, inputs.len());
        let lists = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(on_thread)).collect();
            let joined = workers.into_iter().map(|worker| {
                let result = worker.join();
                result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            joined.collect::<Result<Vec<_>, Failure>>()
        })?;
        let mut all: Vec<_> = lists.into_iter().flatten().collect();
        all.sort_unstable_by_key(|(number, _)| *number);
        Ok(all.into_iter().map(|(_, result)| result).collect())
    }
}

/// Threads that a caller asks for.
///
/// # Errors
/// `ValueError` beyond 1,024: nobody has so many cores, but a mistake has any number.
pub(crate) fn checked_threads(threads: usize) -> PyResult<usize> {
    if threads > 1024 {
        return Err(PyValueError::new_err(format!(
            "threads is at most 1024, not {threads}"
        )));
    }
    Ok(threads)
}
