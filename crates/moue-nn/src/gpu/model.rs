//! Loading models onto a card.

use super::device::Device;
use super::ports;
use crate::budget::Budget;
use crate::custom::Operators;
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::layout::Layout;
use crate::limits::Limits;
use crate::lower::{Gpu, GpuWork, Lowered, PendingStep};
use crate::ops::BoxedOp;
use crate::plan::{check_memory, place_ports, places, storage};
use crate::port::{self, Port, TensorInfo};
use crate::{ops, passes, tflite};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use wgpu::util::DeviceExt;

/// Where an input or output lies in the arena, in floats.
pub(super) type Place = Option<Range<usize>>;

/// A step of a run; places are those of one run in the arena, in floats.
pub(super) struct Step {
    pub(super) work: GpuWork,
    pub(super) inputs: [Place; 2],
    pub(super) output: Range<usize>,
}

/// What all clones of a model share.
pub(super) struct Shared {
    pub(super) device: Device,
    pub(super) steps: Vec<Step>,
    /// Floats of the activations of one run.
    pub(super) arena: usize,
    pub(super) constants: wgpu::Buffer,
    /// Inputs and outputs, and where their dense values lie; `None` for constant outputs.
    pub(super) inputs: Vec<(Place, Port)>,
    pub(super) outputs: Vec<(Place, Port)>,
    multiply_adds: u64,
}

/// A model, checked, with its weights on a card. Cheap to clone and to share between threads.
///
/// ```no_run
/// use moue_nn::gpu::{Device, Model};
///
/// let model = Model::load(&Device::new()?, &std::fs::read("examples/tiny.tflite")?)?;
/// assert_eq!(model.inputs()[0].shape, [1, 3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Model(pub(super) Arc<Shared>);

impl Model {
    /// Loads a `.tflite` file, within the default [`Limits`].
    ///
    /// # Errors
    /// As for [`crate::Model::load`], and [`Error::Device`] if the card fails.
    pub fn load(device: &Device, bytes: &[u8]) -> Result<Self> {
        Self::load_with(device, bytes, &Limits::default())
    }

    /// As [`Model::load`], with bounds of the caller's choice, which are for one run of a batch.
    ///
    /// # Errors
    /// As for [`Model::load`].
    pub fn load_with(device: &Device, bytes: &[u8], limits: &Limits) -> Result<Self> {
        Self::build(device, bytes, limits, None)
    }

    /// As [`Model::load`], but only the part of the graph that follows the activation `tensor`, as
    /// [`crate::Model::load_from`] takes it.
    ///
    /// # Errors
    /// As for [`crate::Model::load_from`], and [`Error::Device`] if the card fails.
    pub fn load_from(device: &Device, bytes: &[u8], tensor: &str, batch: usize) -> Result<Self> {
        let part = passes::Part {
            start: tensor,
            batch,
        };
        Self::build(device, bytes, &Limits::default(), Some(&part))
    }

    fn build(
        device: &Device,
        bytes: &[u8],
        limits: &Limits,
        part: Option<&passes::Part<'_>>,
    ) -> Result<Self> {
        let budget = &mut Budget::new(limits);
        let operators = Operators::default();
        let mut graph = tflite::parse(bytes, budget, |raw| ops::read(raw, &operators))?;
        passes::run(&mut graph, part, budget)?;
        let inputs = port::ports(&graph, &graph.inputs)?;
        let outputs = port::ports(&graph, &graph.outputs)?;
        // The ports keep the shapes that the file states, which the graph has no more after this.
        ports::make_dense(&mut graph);
        let lowered = ops::lower_gpu(&graph, budget)?;
        let placed = Placed::new(&graph, lowered, budget)?;
        Ok(Self(Arc::new(Shared {
            constants: upload(device, &placed.constants)?,
            device: device.clone(),
            steps: placed.steps,
            arena: placed.arena,
            inputs: placed.inputs.into_iter().zip(inputs).collect(),
            outputs: placed.outputs.into_iter().zip(outputs).collect(),
            multiply_adds: budget.multiply_adds(),
        })))
    }

    /// The inputs, in the order in which [`Session::run`] takes them.
    pub fn inputs(&self) -> Vec<TensorInfo> {
        self.0.inputs.iter().map(|p| p.1.info.clone()).collect()
    }

    /// The outputs, in the order of [`Session::output`].
    pub fn outputs(&self) -> Vec<TensorInfo> {
        self.0.outputs.iter().map(|p| p.1.info.clone()).collect()
    }

    /// Multiply-adds of convolutions and fully connected layers in one run.
    pub fn multiply_adds(&self) -> u64 {
        self.0.multiply_adds
    }

    /// How many dispatches a run takes, for any batch.
    pub fn steps(&self) -> usize {
        self.0.steps.len()
    }

    /// The card that it is on.
    pub fn device(&self) -> &Device {
        &self.0.device
    }

    /// Most runs at once whose activations fit into one buffer of the card.
    pub fn max_batch(&self) -> usize {
        let run = (self.0.arena * size_of::<f32>()).max(1) as u64;
        usize::try_from(self.0.device.max_buffer() / run).unwrap_or(usize::MAX)
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model")
            .field("device", self.device())
            .field("inputs", &self.inputs())
            .field("outputs", &self.outputs())
            .finish_non_exhaustive()
    }
}

/// A lowered graph whose tensors have their places.
struct Placed {
    constants: Vec<f32>,
    steps: Vec<Step>,
    arena: usize,
    inputs: Vec<Place>,
    outputs: Vec<Place>,
}

impl Placed {
    fn new(graph: &Graph<BoxedOp>, lowered: Lowered<Gpu>, budget: &mut Budget) -> Result<Self> {
        let size = |t: usize| Layout::of(&graph.tensors[t].shape).len();
        let (mut places, arena) = places(graph, &lowered, size);
        // For one run, as the limits are; what a batch takes the card itself limits.
        check_memory(graph, arena, budget)?;
        let place = |t: usize| places[&storage(&lowered.aliases, t)].clone();
        let steps = lowered.steps.into_iter();
        let steps = steps.map(|step| resolve(step, place)).collect();
        place_ports(graph, &lowered.aliases, &mut places);
        let found = |ports: &[usize]| ports.iter().map(|t| places.get(t).cloned()).collect();
        Ok(Self {
            constants: lowered.target.constants,
            steps,
            arena,
            inputs: found(&graph.inputs),
            outputs: found(&graph.outputs),
        })
    }
}

/// Replaces a step's tensors by their places.
fn resolve(step: PendingStep<GpuWork>, place: impl Fn(usize) -> Range<usize>) -> Step {
    Step {
        work: step.work,
        inputs: step.inputs.map(|t| t.map(&place)),
        output: place(step.output),
    }
}

/// The constants as a buffer of the card.
fn upload(device: &Device, constants: &[f32]) -> Result<wgpu::Buffer> {
    /// No buffer may be empty.
    const NOTHING: &[f32] = &[0.0; 4];
    let bytes = size_of_val(constants) as u64;
    if bytes > device.max_buffer() {
        let what = format!("{bytes} bytes of weights in one buffer of the card");
        return Err(Error::Limit(what));
    }
    let contents = if constants.is_empty() {
        NOTHING
    } else {
        constants
    };
    let descriptor = wgpu::util::BufferInitDescriptor {
        label: Some("constants"),
        contents: bytemuck::cast_slice(contents),
        usage: wgpu::BufferUsages::STORAGE,
    };
    let buffer = device.device().create_buffer_init(&descriptor);
    // Cards tell of memory that they do not have by no return value.
    device.check()?;
    Ok(buffer)
}
