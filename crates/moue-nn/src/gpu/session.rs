//! Runs: buffers, bindings and one command buffer.

use super::device::failed;
use super::model::{Model, Place, Shared, Step};
use super::shaders::THREADS;
use crate::error::{Error, Result};
use crate::lower::Grid;
use crate::port::{Port, check_input_count};
use futures_channel::oneshot;
use std::ops::Range;
use wgpu::BufferUsages;

/// Bytes between the parameters of two steps: what every card can bind at.
const PARAMETERS: usize = 256;

/// A step with what is bound to its shader.
struct Dispatch {
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    grid: Grid,
}

/// The activations of a batch on a card. Running it allocates nothing there.
///
/// ```no_run
/// # use moue_nn::gpu::{Device, Model};
/// # let model = Model::load(&Device::new()?, &std::fs::read("examples/tiny.tflite")?)?;
/// let mut session = model.session(2)?;
/// session.run(&[&[1.0, 2.0, 3.0]])?;
/// assert_eq!(session.output(0), [3.0, 5.0, 7.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Session {
    model: Model,
    batch: usize,
    arena: wgpu::Buffer,
    /// How many runs a dispatch is for.
    runs: wgpu::Buffer,
    readback: wgpu::Buffer,
    dispatches: Vec<Dispatch>,
    outputs: Vec<Vec<f32>>,
}

impl Model {
    /// A session with activations for up to `batch` runs at once.
    ///
    /// # Errors
    /// [`Error::Limit`] above [`Model::max_batch`] and for 0, [`Error::Device`] if the card has not
    /// so much memory.
    pub fn session(&self, batch: usize) -> Result<Session> {
        let most = self.max_batch();
        if !(1..=most).contains(&batch) {
            let what = format!("a batch of {batch}, where the card takes 1 to {most}");
            return Err(Error::Limit(what));
        }
        Session::new(self.clone(), batch)
    }
}

impl Session {
    fn new(model: Model, batch: usize) -> Result<Self> {
        let shared = &*model.0;
        let arena = BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC;
        let arena = buffer(shared, "activations", shared.arena * batch, arena);
        let runs = BufferUsages::UNIFORM | BufferUsages::COPY_DST;
        let runs = buffer(shared, "runs", 1, runs);
        let read = BufferUsages::MAP_READ | BufferUsages::COPY_DST;
        let readback = buffer(shared, "outputs", read_floats(shared) * batch, read);
        let parameters = parameters(shared, batch);
        let bound = [&parameters, &shared.constants, &arena, &runs];
        let steps = shared.steps.iter().enumerate();
        let dispatches = steps.map(|(i, step)| dispatch(shared, i, step, bound));
        let dispatches = dispatches.collect();
        shared.device.check()?;
        Ok(Self {
            outputs: shared.outputs.iter().map(constant).collect(),
            arena,
            runs,
            readback,
            dispatches,
            batch,
            model,
        })
    }

    /// Runs the model on as many inputs as are given, up to the session's batch: each slice has the
    /// dense values of one input of the model for all runs, one after the other.
    ///
    /// # Errors
    /// [`Error::Input`] if the number or length of the inputs is wrong, [`Error::Device`] if the card
    /// fails.
    #[cfg(not(target_family = "wasm"))]
    pub fn run(&mut self, inputs: &[&[f32]]) -> Result<()> {
        pollster::block_on(self.run_async(inputs))
    }

    /// As [`Session::run`], for browsers, where nothing may block. Elsewhere it blocks its thread all
    /// the same. After an error it may be called again, unless the device is lost.
    ///
    /// # Errors
    /// As for [`Session::run`].
    pub async fn run_async(&mut self, inputs: &[&[f32]]) -> Result<()> {
        let shared = &*self.model.0;
        let runs = self.runs_of(inputs)?;
        let queue = shared.device.queue();
        queue.write_buffer(&self.runs, 0, bytemuck::bytes_of(&(runs as u32)));
        for ((place, port), values) in shared.inputs.iter().zip(inputs) {
            if let Some(place) = place {
                self.write(place, port.elements(), values);
            }
        }
        queue.submit([self.commands(runs)]);
        self.read(runs).await
    }

    /// The values of output `index` after the last run, dense, of all its runs one after the other;
    /// empty where there is no such output. A constant output is there once.
    pub fn output(&self, index: usize) -> &[f32] {
        self.outputs.get(index).map_or(&[], Vec::as_slice)
    }

    /// Most runs at once.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// The model that this session runs.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// How many runs the inputs are for.
    fn runs_of(&self, inputs: &[&[f32]]) -> Result<usize> {
        let ports: Vec<&Port> = self.model.0.inputs.iter().map(|(_, port)| port).collect();
        check_input_count(ports.len(), inputs)?;
        let first = ports.first().zip(inputs.first());
        let runs = first.map_or(1, |(port, values)| values.len() / port.elements().max(1));
        if !(1..=self.batch).contains(&runs) {
            let most = self.batch;
            return Err(Error::Input(format!("{runs} runs, where 1 to {most} fit")));
        }
        let mut pairs = ports.into_iter().zip(inputs);
        match pairs.find(|(port, values)| Some(values.len()) != port.elements().checked_mul(runs)) {
            Some((port, values)) => Err(Error::Input(format!(
                "'{}' has {} values, which are not {runs} runs",
                port.info.name,
                values.len()
            ))),
            None => Ok(runs),
        }
    }

    /// Uploads the dense values of an input.
    fn write(&self, place: &Range<usize>, elements: usize, values: &[f32]) {
        let queue = self.model.0.device.queue();
        let start = place.start * self.batch;
        // Runs follow each other without a gap where their length is a multiple of eight.
        if place.len() == elements {
            queue.write_buffer(&self.arena, bytes(start), bytemuck::cast_slice(values));
            return;
        }
        for (run, values) in values.chunks_exact(elements).enumerate() {
            let start = bytes(start + run * place.len());
            queue.write_buffer(&self.arena, start, bytemuck::cast_slice(values));
        }
    }

    /// All dispatches, and the copies of the outputs.
    fn commands(&self, runs: usize) -> wgpu::CommandBuffer {
        let shared = &*self.model.0;
        let device = shared.device.device();
        let mut encoder = device.create_command_encoder(&Default::default());
        self.compute(&mut encoder, runs);
        let mut to = 0;
        for place in shared
            .outputs
            .iter()
            .filter_map(|(place, _)| place.as_ref())
        {
            let from = bytes(place.start * self.batch);
            let len = bytes(place.len() * runs);
            encoder.copy_buffer_to_buffer(&self.arena, from, &self.readback, to, len);
            to += len;
        }
        encoder.finish()
    }

    fn compute(&self, encoder: &mut wgpu::CommandEncoder, runs: usize) {
        // All steps write to one buffer, so that each waits for those before it without being told.
        let mut pass = encoder.begin_compute_pass(&Default::default());
        for dispatch in &self.dispatches {
            pass.set_pipeline(&dispatch.pipeline);
            pass.set_bind_group(0, &dispatch.bindings, &[]);
            let [x, y] = workgroups(dispatch.grid, runs);
            pass.dispatch_workgroups(x, y, 1);
        }
    }

    /// Waits for the outputs.
    async fn read(&mut self, runs: usize) -> Result<()> {
        let device = self.model.0.device.clone();
        let read = read_floats(&self.model.0) * runs;
        if read == 0 {
            return device.check();
        }
        // What went wrong before leaves nothing to map.
        device.check()?;
        let slice = self.readback.slice(..bytes(read));
        let (done, mapped) = oneshot::channel();
        // Nobody waits any more where sending fails.
        slice.map_async(wgpu::MapMode::Read, move |result| drop(done.send(result)));
        let mapping = Mapping(&self.readback);
        device.wait()?;
        if let Err(error) = mapped.await.map_err(failed)? {
            // Nothing is mapped, and undoing it would be an error too.
            std::mem::forget(mapping);
            device.check()?;
            return Err(failed(error));
        }
        device.check()?;
        let view = slice.get_mapped_range().map_err(failed)?;
        take(
            &self.model.0,
            runs,
            bytemuck::cast_slice(&view),
            &mut self.outputs,
        );
        Ok(())
    }
}

/// A buffer that is mapped, or will be: the next run cannot copy to it until this is undone.
struct Mapping<'a>(&'a wgpu::Buffer);

impl Drop for Mapping<'_> {
    fn drop(&mut self) {
        self.0.unmap();
    }
}

/// Takes the dense values of all outputs out of what was read.
fn take(shared: &Shared, runs: usize, mut values: &[f32], outputs: &mut [Vec<f32>]) {
    for ((place, port), dense) in shared.outputs.iter().zip(outputs) {
        let Some(place) = place else { continue };
        let (own, rest) = values.split_at(place.len() * runs);
        dense.clear();
        // Runs lie a multiple of eight floats apart.
        let padded = own.chunks_exact(place.len());
        padded.for_each(|run| dense.extend_from_slice(&run[..port.elements()]));
        values = rest;
    }
}

/// The values of a constant output, which no run changes.
fn constant((_, port): &(Place, Port)) -> Vec<f32> {
    let values = port.constant.as_deref();
    values.cloned().unwrap_or_default()
}

/// Floats of all outputs of one run.
fn read_floats(shared: &Shared) -> usize {
    let places = shared.outputs.iter().flat_map(|(place, _)| place);
    places.map(Range::len).sum()
}

fn bytes(floats: usize) -> u64 {
    floats as u64 * size_of::<f32>() as u64
}

/// A buffer of so many floats, and of four at least, as none may be empty.
fn buffer(shared: &Shared, label: &str, floats: usize, usage: BufferUsages) -> wgpu::Buffer {
    shared
        .device
        .device()
        .create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: bytes(floats.max(4)),
            usage,
            mapped_at_creation: false,
        })
}

/// The parameters of all steps in one buffer.
fn parameters(shared: &Shared, batch: usize) -> wgpu::Buffer {
    let floats = shared.steps.len() * PARAMETERS / size_of::<f32>();
    let usage = BufferUsages::UNIFORM | BufferUsages::COPY_DST;
    let buffer = buffer(shared, "parameters", floats, usage);
    for (i, step) in shared.steps.iter().enumerate() {
        let words = [operands(step, batch), step.work.parameters()].concat();
        let at = (i * PARAMETERS) as u64;
        let queue = shared.device.queue();
        queue.write_buffer(&buffer, at, bytemuck::cast_slice(&words));
    }
    buffer
}

/// The words that all shaders begin with. The runs of a batch follow each other in each tensor.
fn operands(step: &Step, batch: usize) -> Vec<u32> {
    let words = |place: &Range<usize>| [(place.start * batch) as u32, place.len() as u32];
    let [a, b] = step
        .inputs
        .each_ref()
        .map(|i| i.as_ref().map_or([0; 2], words));
    let rest = [
        step.work.grid.items as u32,
        u32::from(step.inputs[1].is_some()),
    ];
    [a, b, words(&step.output), rest].concat()
}

fn dispatch(shared: &Shared, index: usize, step: &Step, bound: [&wgpu::Buffer; 4]) -> Dispatch {
    let mut resources = bound.map(wgpu::Buffer::as_entire_buffer_binding);
    // Of the parameters only those of the step.
    resources[0].offset = (index * PARAMETERS) as u64;
    resources[0].size = wgpu::BufferSize::new(PARAMETERS as u64);
    let resources = resources.map(wgpu::BindingResource::Buffer);
    let entry = |(binding, resource)| wgpu::BindGroupEntry { binding, resource };
    let entries: Vec<_> = (0..).zip(resources).map(entry).collect();
    let descriptor = wgpu::BindGroupDescriptor {
        label: None,
        layout: shared.device.layout(),
        entries: &entries,
    };
    Dispatch {
        pipeline: shared.device.pipeline(step.work.shader),
        bindings: shared.device.device().create_bind_group(&descriptor),
        grid: step.work.grid,
    }
}

/// Workgroups across and down.
fn workgroups(grid: Grid, runs: usize) -> [u32; 2] {
    /// What every card takes in one dimension.
    const MAX_ACROSS: usize = 65_535;
    let threads = (grid.items * runs).div_ceil(grid.group) * grid.lanes;
    let groups = threads.div_ceil(THREADS).max(1);
    let across = groups.min(MAX_ACROSS);
    [across as u32, groups.div_ceil(across) as u32]
}
