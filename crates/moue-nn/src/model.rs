//! Loading models and running them.

use crate::aligned::Aligned;
use crate::bordered_input::BorderedInput;
use crate::custom::Operators;
use crate::error::{Error, Result, format_error};
use crate::graph::{Graph, Scale};
use crate::int8;
use crate::kernels::{Isa, Kernels, ThreadPool};
use crate::layout::{Layout, copy};
use crate::limits::Limits;
use crate::ops::{self, BoxedOp};
use crate::plan::Plan;
use crate::{passes, tflite};
use bytemuck::{cast_slice, cast_slice_mut};
use std::sync::Arc;

/// What is known of an input or output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    /// The name that the file gives it.
    pub name: String,
    /// Sizes: batch, height, width, channels where there are four.
    pub shape: Vec<usize>,
}

struct Shared {
    plan: Plan,
    kernels: Kernels,
    isa: Isa,
    inputs: Vec<Port>,
    outputs: Vec<Port>,
    description: String,
}

/// An input or output and where it lies in the arena.
struct Port {
    info: TensorInfo,
    layout: Layout,
    tensor: usize,
    /// An output that the file fixes, as dense values.
    constant: Option<Arc<Vec<f32>>>,
    /// Present where it holds int8 codes.
    scale: Option<Scale>,
}

impl Port {
    /// Puts dense real values into the arena, inside a border if the plan says so.
    fn write(&self, values: &[f32], stored: &mut [f32], bordered: Option<&BorderedInput>) {
        let Some(scale) = self.scale else {
            return match bordered {
                None => self.layout.spread(values, stored, copy),
                Some(bordered) => bordered.spread(values, stored, 0.0, copy),
            };
        };
        let codes: &mut [u8] = cast_slice_mut(stored);
        let convert = |from: &[f32], to: &mut [u8]| int8::quantize(from, scale, to);
        match bordered {
            None => self.layout.spread(values, codes, convert),
            Some(bordered) => bordered.spread(values, codes, scale.zero_byte(), convert),
        }
    }

    /// Takes dense real values out of the arena.
    fn read(&self, stored: &[f32], values: &mut [f32]) {
        match self.scale {
            None => self.layout.gather(stored, values, copy),
            Some(scale) => self.layout.gather(cast_slice(stored), values, |from, to| {
                int8::dequantize(from, scale, to)
            }),
        }
    }
}

/// A checked model with its weights packed for this processor. Cheap to clone and to share between
/// threads.
///
/// ```no_run
/// let bytes = std::fs::read("face.tflite")?;
/// let model = moue_nn::Model::load(&bytes)?;
/// let mut session = model.session();
/// let picture = vec![0.0; model.inputs()[0].shape.iter().product()];
/// session.run(&[&picture])?;
/// println!("{:?}", session.output(0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Model(Arc<Shared>);

impl Model {
    /// Loads a `.tflite` file for the fastest instruction set at hand, within the default
    /// [`Limits`].
    ///
    /// # Errors
    /// [`Error::Format`] and [`Error::Graph`] for damaged files, [`Error::Unsupported`] for
    /// operators that are not here, [`Error::Limit`] for files that ask for too much.
    pub fn load(bytes: &[u8]) -> Result<Self> {
        Self::load_with(bytes, &Limits::default(), Isa::best())
    }

    /// As [`Model::load`], with bounds and an instruction set of the caller's choice. An
    /// instruction set that the processor lacks is replaced by the best one that it has.
    ///
    /// # Errors
    /// As for [`Model::load`].
    pub fn load_with(bytes: &[u8], limits: &Limits, isa: Isa) -> Result<Self> {
        Self::load_extended(bytes, limits, isa, &Operators::default())
    }

    /// As [`Model::load_with`], with operators of the caller's own for those that the file calls
    /// custom.
    ///
    /// # Errors
    /// As for [`Model::load`]; [`Error::Graph`] with what an operator says against its operands.
    pub fn load_extended(
        bytes: &[u8],
        limits: &Limits,
        isa: Isa,
        operators: &Operators,
    ) -> Result<Self> {
        let isa = isa.min(Isa::best());
        let kernels = Kernels::of(isa);
        let mut graph = tflite::parse(bytes, limits, |raw| ops::read(raw, operators))?;
        passes::run(&mut graph, limits)?;
        let lowered = ops::lower(&graph, limits, &kernels)?;
        let plan = Plan::new(&graph, lowered, limits)?;
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

    /// A session with activations of its own. Sessions of one model share its weights.
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

    /// A session whose runs share their work among `threads` threads, which sleep between runs. One
    /// thread, or a model of fewer than 5 million multiply-adds, for which handing over costs more
    /// than it gives, is as [`Model::session`].
    ///
    /// Results are those of one thread, to the bit.
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

fn ports(graph: &Graph<BoxedOp>, tensors: &[usize]) -> Result<Vec<Port>> {
    tensors.iter().map(|t| port(graph, *t)).collect()
}

fn port(graph: &Graph<BoxedOp>, tensor: usize) -> Result<Port> {
    let t = &graph.tensors[tensor];
    let constant = t.floats().cloned();
    if constant.is_none() && t.constant.is_some() {
        return format_error(format!("output '{}' is no float tensor", t.name));
    }
    let info = TensorInfo {
        name: t.name.clone(),
        shape: t.shape.clone(),
    };
    Ok(Port {
        info,
        layout: Layout::of(&t.shape),
        tensor,
        constant,
        scale: t.scale(),
    })
}

/// The activations of one model; running it allocates nothing.
pub struct Session {
    model: Model,
    arena: Aligned,
    outputs: Vec<Vec<f32>>,
    pool: Option<ThreadPool>,
}

impl Session {
    /// Runs the model on dense inputs, one slice for each, in the order of [`Model::inputs`]. They
    /// are real numbers also where the file wants 8-bit ones, and so are the outputs.
    ///
    /// # Errors
    /// [`Error::Input`] if the number or length of the inputs is wrong.
    pub fn run(&mut self, inputs: &[&[f32]]) -> Result<()> {
        let shared = &*self.model.0;
        check_inputs(&shared.inputs, inputs)?;
        let arena: &mut [f32] = &mut self.arena;
        for (port, values) in shared.inputs.iter().zip(inputs) {
            if let Some(place) = shared.plan.places.get(&port.tensor) {
                port.write(
                    values,
                    &mut arena[place.clone()],
                    shared.plan.bordered.get(&port.tensor),
                );
            }
        }
        if let Some(pool) = &self.pool {
            pool.unpark();
        }
        for step in &shared.plan.steps {
            step.run(arena, &shared.kernels, self.pool.as_mut());
        }
        for (port, dense) in shared.outputs.iter().zip(&mut self.outputs) {
            if let Some(place) = shared.plan.places.get(&port.tensor) {
                port.read(&arena[place.clone()], dense);
            }
        }
        Ok(())
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

fn check_inputs(ports: &[Port], inputs: &[&[f32]]) -> Result<()> {
    if ports.len() != inputs.len() {
        return Err(Error::Input(format!(
            "{} inputs given, {} needed",
            inputs.len(),
            ports.len()
        )));
    }
    for (port, values) in ports.iter().zip(inputs) {
        let needed: usize = port.info.shape.iter().product();
        if values.len() != needed {
            return Err(Error::Input(format!(
                "'{}' takes {needed} values, {} given",
                port.info.name,
                values.len()
            )));
        }
    }
    Ok(())
}
