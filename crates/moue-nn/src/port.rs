//! Inputs and outputs of a model: from the caller's dense values into the arena and back.

use crate::bordered_input::BorderedInput;
use crate::byte_scale::ByteScale;
use crate::error::{Error, Result, format_error};
use crate::graph::{Graph, Scale};
use crate::kernels::rows;
use crate::layout::{Layout, copy};
use bytemuck::{cast_slice, cast_slice_mut};
use std::sync::Arc;

/// The name and shape of an input or output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    /// Its name in the file.
    pub name: String,
    /// Sizes: batch, height, width, channels where there are four.
    pub shape: Vec<usize>,
}

/// An input or output and where it lies in the arena.
pub(crate) struct Port {
    pub(crate) info: TensorInfo,
    layout: Layout,
    pub(crate) tensor: usize,
    /// An output that the file fixes, as dense values.
    pub(crate) constant: Option<Arc<Vec<f32>>>,
    /// Present where it holds int8 codes.
    scale: Option<Scale>,
}

impl Port {
    /// Values of one run.
    pub(crate) fn elements(&self) -> usize {
        self.info.shape.iter().product()
    }

    /// Puts dense real values into the arena, inside a border if the plan has one.
    pub(crate) fn write(
        &self,
        values: &[f32],
        stored: &mut [f32],
        bordered: Option<&BorderedInput>,
    ) {
        let Some(scale) = self.scale else {
            return self.spread(values, stored, 0.0, bordered, copy);
        };
        let convert = |from: &[f32], to: &mut [u8]| rows::quantize(from, scale, to);
        self.spread(values, codes(stored), scale.zero_byte(), bordered, convert);
    }

    /// As [`Port::write`], for what bytes stand for.
    pub(crate) fn write_bytes(
        &self,
        bytes: &[u8],
        real: ByteScale,
        stored: &mut [f32],
        bordered: Option<&BorderedInput>,
    ) {
        let Some(scale) = self.scale else {
            let convert = |from: &[u8], to: &mut [f32]| rows::real_values(from, real, to);
            return self.spread(bytes, stored, 0.0, bordered, convert);
        };
        let convert = |from: &[u8], to: &mut [u8]| rows::quantize_bytes(from, real, scale, to);
        self.spread(bytes, codes(stored), scale.zero_byte(), bordered, convert);
    }

    fn spread<S, T: Copy>(
        &self,
        dense: &[S],
        stored: &mut [T],
        zero: T,
        bordered: Option<&BorderedInput>,
        convert: impl Fn(&[S], &mut [T]),
    ) {
        match bordered {
            None => self.layout.spread(dense, stored, convert),
            Some(bordered) => bordered.spread(dense, stored, zero, convert),
        }
    }

    /// Takes dense real values out of the arena.
    pub(crate) fn read(&self, stored: &[f32], values: &mut [f32]) {
        match self.scale {
            None => self.layout.gather(stored, values, copy),
            Some(scale) => self.layout.gather(cast_slice(stored), values, |from, to| {
                rows::dequantize(from, scale, to)
            }),
        }
    }
}

/// Codes lie four to a float of the arena, which is read as bytes.
fn codes(stored: &mut [f32]) -> &mut [u8] {
    cast_slice_mut(stored)
}

pub(crate) fn ports<O>(graph: &Graph<O>, tensors: &[usize]) -> Result<Vec<Port>> {
    tensors.iter().map(|t| port(graph, *t)).collect()
}

fn port<O>(graph: &Graph<O>, tensor: usize) -> Result<Port> {
    let t = &graph.tensors[tensor];
    // A file may return a constant; no step computes it, so that sessions are made with its values.
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

/// There must be one slice for each input.
pub(crate) fn check_input_count<T>(needed: usize, inputs: &[&[T]]) -> Result<()> {
    let given = inputs.len();
    if given != needed {
        let what = format!("{given} inputs given, {needed} needed");
        return Err(Error::Input(what));
    }
    Ok(())
}

/// There must be one slice for each input, of its length.
pub(crate) fn check_inputs<T>(ports: &[Port], inputs: &[&[T]]) -> Result<()> {
    check_input_count(ports.len(), inputs)?;
    for (port, values) in ports.iter().zip(inputs) {
        let needed = port.elements();
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
