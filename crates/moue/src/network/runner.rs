//! Networks where they run: on the processor or on a graphics card.

#[cfg(feature = "gpu")]
use super::card;
use super::{Network, NetworkError};
use moue_nn::{Model, Session, TensorInfo};

/// A network that is loaded to where it runs: the processor, or with the feature `gpu` what `run_on` has
/// chosen.
///
/// ```no_run
/// use moue::network::Loaded;
///
/// let mut runner = Loaded::load(&std::fs::read("model.tflite")?)?.runner()?;
/// runner.run(&[&[1.0, 2.0, 3.0]])?;
/// println!("{:?}", runner.output(0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Loaded {
    /// On the processor.
    Cpu(Model),
    /// On a graphics card.
    #[cfg(feature = "gpu")]
    Gpu(moue_nn::gpu::Model),
}

impl Loaded {
    /// Loads a `.tflite` file.
    ///
    /// # Errors
    /// [`NetworkError`] if the file is damaged or the graphics card refuses it.
    pub fn load(bytes: &[u8]) -> Result<Self, NetworkError> {
        let model = Model::load(bytes)?;
        #[cfg(feature = "gpu")]
        if let Some(model) = card::placed(&model, |d| moue_nn::gpu::Model::load(d, bytes))? {
            return Ok(Self::Gpu(model));
        }
        Ok(Self::Cpu(model))
    }

    /// As [`Model::load_from`].
    #[cfg(feature = "compiled-weights")]
    pub(crate) fn load_from(
        bytes: &[u8],
        tensor: &str,
        batch: usize,
    ) -> Result<Self, NetworkError> {
        let model = Model::load_from(bytes, tensor, batch)?;
        #[cfg(feature = "gpu")]
        if let Some(model) = card::placed(&model, |device| {
            moue_nn::gpu::Model::load_from(device, bytes, tensor, batch)
        })? {
            return Ok(Self::Gpu(model));
        }
        Ok(Self::Cpu(model))
    }

    /// One that runs, with activations of its own.
    ///
    /// # Errors
    /// [`NetworkError`] if the graphics card has no memory for it.
    pub fn runner(&self) -> Result<Runner, NetworkError> {
        Ok(match self {
            Self::Cpu(model) => Runner::Cpu(model.session()),
            #[cfg(feature = "gpu")]
            Self::Gpu(model) => Runner::Gpu(model.session(1)?),
        })
    }
}

/// A session of a network that is [`Loaded`].
#[non_exhaustive]
pub enum Runner {
    /// On the processor.
    Cpu(Session),
    /// On a graphics card.
    #[cfg(feature = "gpu")]
    Gpu(moue_nn::gpu::Session),
}

impl Runner {
    /// The inputs, in the order in which [`Runner::run`] takes them.
    pub fn inputs(&self) -> Vec<TensorInfo> {
        match self {
            Self::Cpu(session) => session.model().inputs(),
            #[cfg(feature = "gpu")]
            Self::Gpu(session) => session.model().inputs(),
        }
    }

    /// The outputs, in the order of [`Runner::output`].
    pub fn outputs(&self) -> Vec<TensorInfo> {
        match self {
            Self::Cpu(session) => session.model().outputs(),
            #[cfg(feature = "gpu")]
            Self::Gpu(session) => session.model().outputs(),
        }
    }

    /// Runs the network on dense inputs, one slice for each.
    ///
    /// # Errors
    /// [`NetworkError`] if the inputs do not fit, or the graphics card fails.
    pub fn run(&mut self, inputs: &[&[f32]]) -> Result<(), NetworkError> {
        let ran = match self {
            Self::Cpu(session) => session.run(inputs),
            #[cfg(feature = "gpu")]
            Self::Gpu(session) => session.run(inputs),
        };
        Ok(ran?)
    }

    /// The values of output `index` after the last run.
    pub fn output(&self, index: usize) -> &[f32] {
        match self {
            Self::Cpu(session) => session.output(index),
            #[cfg(feature = "gpu")]
            Self::Gpu(session) => session.output(index),
        }
    }
}

impl Network for Runner {
    fn input_len(&self) -> usize {
        self.inputs().first().map_or(0, elements)
    }

    fn output_lens(&self) -> Vec<usize> {
        self.outputs().iter().map(elements).collect()
    }

    fn run(&mut self, input: &[f32]) -> Result<(), NetworkError> {
        Runner::run(self, &[input])
    }

    fn run_pixels(&mut self, pixels: &[u8]) -> Result<(), NetworkError> {
        match self {
            Self::Cpu(session) => session.run_pixels(pixels),
            #[cfg(feature = "gpu")]
            Self::Gpu(session) => Ok(session.run(&[&super::centered(pixels)])?),
        }
    }

    fn output(&self, index: usize) -> &[f32] {
        Runner::output(self, index)
    }

    fn duplicate(&self) -> Box<dyn Network> {
        match self {
            Self::Cpu(session) => session.duplicate(),
            // There is no error to return; who runs the copy gets it.
            #[cfg(feature = "gpu")]
            Self::Gpu(session) => match session.model().session(1) {
                Ok(session) => Box::new(Self::Gpu(session)),
                Err(error) => Box::new(card::Unusable::new(self, error.into())),
            },
        }
    }
}

/// Values of an input or output.
fn elements(info: &TensorInfo) -> usize {
    info.shape.iter().product()
}
