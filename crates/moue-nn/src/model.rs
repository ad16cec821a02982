//! Loading models and running them.

use crate::aligned::Aligned;
use crate::bordered_input::BorderedInput;
use crate::budget::Budget;
use crate::byte_scale::ByteScale;
use crate::custom::Operators;
use crate::error::Result;
use crate::kernels::{Isa, Kernels, ThreadPool};
use crate::limits::Limits;
use crate::ops;
use crate::plan::Plan;
use crate::port::{Port, TensorInfo, check_inputs, ports};
use crate::{passes, tflite};
use std::sync::Arc;

/// What all clones of a model share.
struct Shared {
    plan: Plan,
    kernels: Kernels,
    isa: Isa,
    inputs: Vec<Port>,
    outputs: Vec<Port>,
    description: String,
}

impl Shared {
    /// Puts the inputs into the arena by `write`; an input that no step reads has no place there.
    fn write<T>(
        &self,
        inputs: &[&[T]],
        arena: &mut [f32],
        write: impl Fn(&Port, &[T], &mut [f32], Option<&BorderedInput>),
    ) {
        for (port, values) in self.inputs.iter().zip(inputs) {
            if let Some(place) = self.plan.places.get(&port.tensor) {
                let bordered = self.plan.bordered.get(&port.tensor);
                write(port, values, &mut arena[place.clone()], bordered);
            }
        }
    }

    /// Takes the outputs out of the arena; a constant one is as it was when the session was made.
    fn read(&self, arena: &[f32], outputs: &mut [Vec<f32>]) {
        for (port, dense) in self.outputs.iter().zip(outputs) {
            if let Some(place) = self.plan.places.get(&port.tensor) {
                port.read(&arena[place.clone()], dense);
            }
        }
    }
}

/// A model, checked, with its weights packed for this processor. Cheap to clone and to share
/// between threads.
///
/// ```
/// use moue_nn::Model;
///
/// // y = 2 × x + 1, for three numbers.
/// let model = Model::load(&std::fs::read("examples/tiny.tflite")?)?;
/// assert_eq!(model.inputs()[0].shape, [1, 3]);
///
/// let mut session = model.session();
/// session.run(&[&[1.0, 2.0, 3.0]])?;
/// assert_eq!(session.output(0), [3.0, 5.0, 7.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Model(Arc<Shared>);

impl Model {
    /// Loads a `.tflite` file for the fastest instruction set at hand, within the default
    /// [`Limits`].
    ///
    /// # Errors
    /// [`Error::Format`](crate::Error::Format) and [`Error::Graph`](crate::Error::Graph) for
    /// damaged files, [`Error::Unsupported`](crate::Error::Unsupported) for operators that are not
    /// here, [`Error::Limit`](crate::Error::Limit) for files that need too much.
    pub fn load(bytes: &[u8]) -> Result<Self> {
        Self::load_with(bytes, &Limits::default(), Isa::best())
    }

    /// As [`Model::load`], with bounds and an instruction set of the caller's choice. An
    /// instruction set that the processor does not have is replaced by its best one.
    ///
    /// # Errors
    /// As for [`Model::load`].
    ///
    /// ```
    /// use moue_nn::{Isa, Limits, Model};
    ///
    /// let bytes = std::fs::read("examples/tiny.tflite")?;
    /// let model = Model::load_with(&bytes, &Limits::default(), Isa::Portable)?;
    /// assert_eq!(model.isa(), Isa::Portable);
    ///
    /// let few = Limits { nodes: 1, ..Limits::default() };
    /// assert!(Model::load_with(&bytes, &few, Isa::best()).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn load_with(bytes: &[u8], limits: &Limits, isa: Isa) -> Result<Self> {
        Self::load_extended(bytes, limits, isa, &Operators::default())
    }

    /// As [`Model::load_with`], with operators of the caller's own for those that the file calls
    /// custom.
    ///
    /// # Errors
    /// As for [`Model::load`]; [`Error::Graph`](crate::Error::Graph) with an operator's own message
    /// where it refuses its operands.
    pub fn load_extended(
        bytes: &[u8],
        limits: &Limits,
        isa: Isa,
        operators: &Operators,
    ) -> Result<Self> {
        Self::build(bytes, limits, isa, operators, None)
    }

    /// As [`Model::load`], but only the part of the graph that follows the activation `tensor`, which
    /// becomes the only input, with `batch` in place of the first dimension that the file states.
    ///
    /// # Errors
    /// As for [`Model::load`]; [`Error::Format`](crate::Error::Format) if there is no such activation,
    /// [`Error::Graph`](crate::Error::Graph) if the part reads something else that is computed, or
    /// cannot have this batch.
    ///
    /// ```
    /// use moue_nn::Model;
    ///
    /// // Of y = 2 × x + 1 what follows the product, for two rows.
    /// let bytes = std::fs::read("examples/tiny.tflite")?;
    /// let mut session = Model::load_from(&bytes, "product", 2)?.session();
    /// session.run(&[&[2.0, 4.0, 6.0, 0.0, 0.0, 1.0]])?;
    /// assert_eq!(session.output(0), [3.0, 5.0, 7.0, 1.0, 1.0, 2.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn load_from(bytes: &[u8], tensor: &str, batch: usize) -> Result<Self> {
        let part = passes::Part {
            start: tensor,
            batch,
        };
        let operators = &Operators::default();
        Self::build(
            bytes,
            &Limits::default(),
            Isa::best(),
            operators,
            Some(&part),
        )
    }

    fn build(
        bytes: &[u8],
        limits: &Limits,
        isa: Isa,
        operators: &Operators,
        part: Option<&passes::Part<'_>>,
    ) -> Result<Self> {
        // Sets are ordered by speed, so that what the processor does not have is above its best.
        let isa = isa.min(Isa::best());
        let kernels = Kernels::of(isa);
        let budget = &mut Budget::new(limits);
        let mut graph = tflite::parse(bytes, budget, |raw| ops::read(raw, operators))?;
        passes::run(&mut graph, part, budget)?;
        let lowered = ops::lower(&graph, budget, &kernels)?;
        let plan = Plan::new(&graph, lowered, budget)?;
        Ok(Self(Arc::new(Shared {
            plan,
            kernels,
            isa,
            inputs: ports(&graph, &graph.inputs)?,
            outputs: ports(&graph, &graph.outputs)?,
            description: graph.description,
        })))
    }

    /// The inputs, in the order in which [`Session::run`] takes them.
    pub fn inputs(&self) -> Vec<TensorInfo> {
        self.0.inputs.iter().map(|p| p.info.clone()).collect()
    }

    /// The outputs, in the order of [`Session::output`].
    pub fn outputs(&self) -> Vec<TensorInfo> {
        self.0.outputs.iter().map(|p| p.info.clone()).collect()
    }

    /// The instruction set whose kernels the model was packed for.
    pub fn isa(&self) -> Isa {
        self.0.isa
    }

    /// Multiply-adds of convolutions and fully connected layers in one run.
    pub fn multiply_adds(&self) -> u64 {
        self.0.plan.multiply_adds
    }

    /// Bytes that each session needs for activations.
    pub fn arena_bytes(&self) -> usize {
        self.0.plan.arena * size_of::<f32>()
    }

    /// The description that the file carries.
    pub fn description(&self) -> &str {
        &self.0.description
    }

    /// A session with activations of its own, which runs on the calling thread. Sessions of one
    /// model share its weights.
    pub fn session(&self) -> Session {
        let dense = |port: &Port| match &port.constant {
            Some(values) => values.to_vec(),
            None => vec![0.0; port.info.shape.iter().product()],
        };
        let outputs = self.0.outputs.iter().map(dense).collect();
        Session {
            model: self.clone(),
            arena: Aligned::zeros(self.0.plan.arena),
            outputs,
            pool: None,
        }
    }

    /// A session whose runs share their work among `threads` threads, the calling one included. The
    /// others are started here and parked between runs.
    ///
    /// Results are those of one thread, to the bit. One thread, or a model of fewer than 5 million
    /// multiply-adds, for which handing over costs more than it gives, is as [`Model::session`].
    ///
    /// ```
    /// # let model = moue_nn::Model::load(&std::fs::read("examples/tiny.tflite")?)?;
    /// let session = model.session_with_threads(4);
    /// assert_eq!(session.threads(), 1, "three numbers are not worth four threads");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn session_with_threads(&self, threads: usize) -> Session {
        /// Below it, handing steps over costs more than it gives.
        const MIN_MULTIPLY_ADDS: u64 = 5_000_000;
        let is_shared = threads > 1 && self.multiply_adds() >= MIN_MULTIPLY_ADDS;
        Session {
            pool: is_shared.then(|| ThreadPool::new(threads)),
            ..self.session()
        }
    }
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model")
            .field("inputs", &self.inputs())
            .field("outputs", &self.outputs())
            .finish_non_exhaustive()
    }
}

/// The activations of one model. Running it allocates nothing, unless the model has custom
/// operators. The first run on a thread allocates scratch memory, at most 4 MB, which the thread keeps:
/// for convolutions of floats with 3×3 taps, and for int8 codes on AMX.
///
/// ```
/// # let model = moue_nn::Model::load(&std::fs::read("examples/tiny.tflite")?)?;
/// let mut session = model.session();
/// for x in [0.0, 1.0] {
///     session.run(&[&[x; 3]])?;
///     println!("{x} becomes {:?}", session.output(0));
/// }
/// # assert_eq!(session.output(0), [3.0; 3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Session {
    model: Model,
    arena: Aligned,
    outputs: Vec<Vec<f32>>,
    pool: Option<ThreadPool>,
}

impl Session {
    /// Runs the model on dense inputs, one slice for each, in the order of [`Model::inputs`]. They
    /// are real numbers also where the file has int8 codes, and so are the outputs; [`Session::run_bytes`]
    /// takes bytes.
    ///
    /// # Errors
    /// [`Error::Input`](crate::Error::Input) if the number or length of the inputs is wrong.
    pub fn run(&mut self, inputs: &[&[f32]]) -> Result<()> {
        let shared = &*self.model.0;
        check_inputs(&shared.inputs, inputs)?;
        shared.write(inputs, &mut self.arena, Port::write);
        self.run_steps();
        Ok(())
    }

    /// As [`Session::run`], for inputs that are pictures: each byte stands for the number that `scale`
    /// says. A network of 8 bits need not see them as floats, so this takes less time.
    ///
    /// ```
    /// use moue_nn::ByteScale;
    /// # let model = moue_nn::Model::load(&std::fs::read("examples/tiny.tflite")?)?;
    /// let mut session = model.session();
    /// // Bytes that stand for 0 to 51; y = 2 × x + 1.
    /// let scale = ByteScale { divisor: 5.0, offset: 0.0 };
    /// session.run_bytes(&[&[5, 10, 255]], scale)?;
    /// assert_eq!(session.output(0), [3.0, 5.0, 103.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Session::run`].
    pub fn run_bytes(&mut self, inputs: &[&[u8]], scale: ByteScale) -> Result<()> {
        let shared = &*self.model.0;
        check_inputs(&shared.inputs, inputs)?;
        shared.write(inputs, &mut self.arena, |port, bytes, stored, bordered| {
            port.write_bytes(bytes, scale, stored, bordered)
        });
        self.run_steps();
        Ok(())
    }

    /// Runs the steps on the inputs that lie in the arena.
    fn run_steps(&mut self) {
        let shared = &*self.model.0;
        let arena: &mut [f32] = &mut self.arena;
        if let Some(pool) = &self.pool {
            pool.unpark();
        }
        for step in &shared.plan.steps {
            step.run(arena, &shared.kernels, self.pool.as_mut());
        }
        shared.read(arena, &mut self.outputs);
    }

    /// The values of output `index` after the last run, dense; empty where there is no such output.
    pub fn output(&self, index: usize) -> &[f32] {
        self.outputs.get(index).map_or(&[], Vec::as_slice)
    }

    /// How many threads share a run.
    pub fn threads(&self) -> usize {
        self.pool.as_ref().map_or(1, ThreadPool::threads)
    }

    /// The model that this session runs.
    pub fn model(&self) -> &Model {
        &self.model
    }
}
