//! A graphics card as a target: each step is a shader with its parameters.

use super::{Fuse, Lowering, Target};
use crate::error::Result;
use crate::graph::{Clamp, Node, Scale};

/// Constants are addressed as vectors of so many floats.
pub(crate) const LANES: usize = 4;

/// What a graph lowered for a card has beside its steps.
#[derive(Default)]
pub(crate) struct Gpu {
    /// Weights, biases and tables of all steps, each at a multiple of [`LANES`].
    pub(crate) constants: Vec<f32>,
}

/// The shaders, named as their files are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shader {
    Binary,
    Conv,
    Crop,
    DepthToSpace,
    Depthwise,
    Landmarks,
    Matrix,
    Pool,
    Reduce,
    Repack,
    Resize,
    Rows,
    Unary,
    View,
}

/// How many threads a step takes: `lanes` for each `group` items of all runs of a batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Grid {
    /// Items of one run, as the shader counts them.
    pub(crate) items: usize,
    pub(crate) group: usize,
    pub(crate) lanes: usize,
}

impl Grid {
    /// A thread for each item.
    pub(crate) fn of(items: usize) -> Self {
        Self {
            items,
            group: 1,
            lanes: 1,
        }
    }
}

/// What happens to a sum before it is stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Epilogue {
    pub(crate) first: Clamp,
    pub(crate) second: Clamp,
    /// Quantization of the result, if its tensor has one.
    pub(crate) scale: Option<Scale>,
    /// Where the slopes of negative sums start in the constants, in vectors.
    pub(crate) slopes: Option<usize>,
}

impl Epilogue {
    pub(crate) fn new(clamp: Clamp, scale: Option<Scale>) -> Self {
        Self {
            first: clamp,
            second: Clamp::NONE,
            scale,
            slopes: None,
        }
    }

    fn words(&self) -> Words {
        let (scale, zero) = quantization(self.scale);
        Words::default()
            .clamp(self.first)
            .clamp(self.second)
            .floats([scale, zero])
            .sizes([usize::from(self.slopes.is_some()), self.slopes.unwrap_or(0)])
    }
}

/// Scale and zero point as the shaders take them: a scale of 0 for none.
pub(crate) fn quantization(scale: Option<Scale>) -> (f32, f32) {
    scale.map_or((0.0, 0.0), |s| (s.scale, s.zero_point as f32))
}

/// A step: which shader, with which parameters.
#[derive(Clone, Debug)]
pub(crate) struct GpuWork {
    pub(crate) shader: Shader,
    pub(crate) grid: Grid,
    /// Present where the step may take in the operators after it.
    pub(crate) epilogue: Option<Epilogue>,
    pub(crate) words: Words,
}

impl GpuWork {
    pub(crate) fn new(shader: Shader, items: usize, words: Words) -> Self {
        Self {
            shader,
            grid: Grid::of(items),
            epilogue: None,
            words,
        }
    }

    /// The parameters, as the shader has them behind its operands.
    pub(crate) fn parameters(&self) -> Vec<u32> {
        let epilogue = self.epilogue.map(|e| e.words().0).unwrap_or_default();
        [epilogue, self.words.0.clone()].concat()
    }
}

impl Target for Gpu {
    type Work = GpuWork;
}

impl Fuse for GpuWork {
    fn append_clamp(&mut self, clamp: Clamp, has_residual: bool) -> bool {
        // A quantized result is clamped in codes, whose scale need not be that of the clamp's result.
        let Some(epilogue) = self.epilogue.as_mut().filter(|e| e.scale.is_none()) else {
            return false;
        };
        // Slopes come behind the first clamp, and before the residual.
        let last = if has_residual || epilogue.slopes.is_some() {
            &mut epilogue.second
        } else {
            &mut epilogue.first
        };
        *last = last.then(clamp);
        true
    }

    fn clamp_residual(&mut self, clamp: Clamp) -> bool {
        let unclamped = |e: &&mut Epilogue| e.scale.is_none() && e.second == Clamp::NONE;
        match self.epilogue.as_mut().filter(unclamped) {
            Some(epilogue) => epilogue.second = clamp,
            None => return false,
        }
        true
    }
}

/// Parameters of a shader, one after the other, 32 bits each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words(Vec<u32>);

impl Words {
    pub(crate) fn sizes(mut self, values: impl IntoIterator<Item = usize>) -> Self {
        // No tensor has so many elements that a size would not fit: see `MAX_ELEMENTS`.
        self.0.extend(values.into_iter().map(|v| v as u32));
        self
    }

    pub(crate) fn steps(mut self, values: impl IntoIterator<Item = isize>) -> Self {
        self.0.extend(values.into_iter().map(|v| v as i32 as u32));
        self
    }

    pub(crate) fn floats(mut self, values: impl IntoIterator<Item = f32>) -> Self {
        self.0.extend(values.into_iter().map(f32::to_bits));
        self
    }

    /// The bounds; shading languages may have no infinities.
    pub(crate) fn clamp(self, clamp: Clamp) -> Self {
        self.floats([clamp.low.max(f32::MIN), clamp.high.min(f32::MAX)])
    }
}

impl Lowering<'_, Gpu> {
    /// Adds constants and returns where they start, in vectors.
    ///
    /// # Errors
    /// [`Error::Limit`](crate::Error::Limit) where a model has too many.
    pub(crate) fn add_constants(&mut self, values: &[f32]) -> Result<usize> {
        self.budget.spend_memory(values.len())?;
        let constants = &mut self.target.constants;
        let start = constants.len() / LANES;
        constants.extend_from_slice(values);
        constants.resize(constants.len().next_multiple_of(LANES), 0.0);
        Ok(start)
    }

    /// The constant operand `i`, padded as activations are; returns where it starts, in vectors.
    ///
    /// # Errors
    /// As for [`Lowering::stored_constant`].
    pub(crate) fn add_operand(&mut self, node: &Node, i: usize) -> Result<usize> {
        let stored = self.stored_constant(node, i)?;
        self.add_constants(&stored)
    }

    /// Makes negative results of the convolution that writes `input` a multiple of themselves, in the
    /// channel's proportion of the constants at `slopes`; the convolution writes `output` then. Returns
    /// whether that was possible.
    pub(crate) fn fuse_slopes(&mut self, input: usize, slopes: usize, output: usize) -> bool {
        let Some(producer) = self.private_producer(input) else {
            return false;
        };
        let Some(step) = &mut self.steps[producer] else {
            return false;
        };
        // Behind a residual there is no place for them.
        let plain = |e: &&mut Epilogue| e.scale.is_none() && e.slopes.is_none();
        let epilogue = step.work.epilogue.as_mut().filter(plain);
        match epilogue.filter(|_| step.inputs[1].is_none()) {
            Some(epilogue) => epilogue.slopes = Some(slopes),
            None => return false,
        }
        step.output = output;
        self.producers.insert(output, producer);
        true
    }
}
