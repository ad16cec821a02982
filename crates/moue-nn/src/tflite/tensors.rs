//! Reads tensors and their constants.

use super::flatbuffer::Table;
use super::schema::{buffer, quantization, subgraph, tensor, tensor_type};
use crate::error::{Error, Result, format_error};
use crate::graph::{Constant, MAX_RANK, Quantization, Tensor};
use crate::limits::Limits;
use half::f16;
use std::collections::HashMap;
use std::sync::Arc;

/// Reads tensors, widening half-precision weights; a buffer that several tensors share is read
/// once.
pub(super) struct TensorReader<'a, 'b> {
    buffers: &'b [Table<'a>],
    limits: &'b Limits,
    /// Elements of all constants so far.
    read: usize,
    /// Constants by buffer and type.
    shared: HashMap<(usize, u8), Constant>,
}

impl<'a, 'b> TensorReader<'a, 'b> {
    pub(super) fn new(buffers: &'b [Table<'a>], limits: &'b Limits) -> Self {
        Self {
            buffers,
            limits,
            read: 0,
            shared: HashMap::new(),
        }
    }

    pub(super) fn all(mut self, main: &Table<'_>) -> Result<Vec<Tensor>> {
        let tables = main.tables(subgraph::TENSORS)?;
        if tables.len() > self.limits.nodes {
            return Err(Error::Limit(format!("{} tensors", tables.len())));
        }
        tables.iter().map(|table| self.tensor(table)).collect()
    }

    fn tensor(&mut self, table: &Table<'_>) -> Result<Tensor> {
        let name = table.string(tensor::NAME)?;
        let shape = self.shape(&name, &table.ints(tensor::SHAPE)?)?;
        let element_type = table.u8(tensor::TYPE, 0)?;
        let constant = self.buffer_of(table, element_type, &name)?;
        let quantization = match element_type {
            tensor_type::INT8 => read_quantization(table, &name, &shape)?,
            _ => None,
        };
        let tensor = Tensor {
            name,
            shape,
            constant,
            quantization,
        };
        check_type(&tensor, element_type)?;
        Ok(tensor)
    }

    /// Sizes must be positive: a hostile file may multiply up to anything, so that the product is
    /// checked before it is used.
    fn shape(&self, name: &str, dims: &[i32]) -> Result<Vec<usize>> {
        if dims.len() > MAX_RANK {
            return format_error(format!("tensor '{name}' has {} dimensions", dims.len()));
        }
        let mut elements = 1usize;
        for &dim in dims {
            let Some(size) = usize::try_from(dim).ok().filter(|d| *d > 0) else {
                return format_error(format!("tensor '{name}' has a dimension of {dim}"));
            };
            elements = elements.saturating_mul(size);
        }
        if elements > self.limits.activation.max(self.limits.weights) {
            return Err(Error::Limit(format!("tensor '{name}' has shape {dims:?}")));
        }
        Ok(dims.iter().map(|d| *d as usize).collect())
    }

    /// The constant that the tensor's buffer holds; an empty buffer marks an activation.
    fn buffer_of(
        &mut self,
        table: &Table<'_>,
        element_type: u8,
        name: &str,
    ) -> Result<Option<Constant>> {
        let index = table.u32(tensor::BUFFER, 0)? as usize;
        let Some(holder) = self.buffers.get(index) else {
            return format_error(format!(
                "tensor '{name}' names buffer {index}, which does not exist"
            ));
        };
        let data = holder.bytes(buffer::DATA)?;
        if data.is_empty() {
            return Ok(None);
        }
        // By type too: a file may read one buffer as floats and as integers.
        if let Some(constant) = self.shared.get(&(index, element_type)) {
            return Ok(Some(constant.clone()));
        }
        let constant = self.constant(element_type, data, name)?;
        self.shared.insert((index, element_type), constant.clone());
        Ok(Some(constant))
    }

    fn constant(&mut self, element_type: u8, data: &[u8], name: &str) -> Result<Constant> {
        let width = match element_type {
            tensor_type::FLOAT32 | tensor_type::INT32 => 4,
            tensor_type::FLOAT16 => 2,
            tensor_type::INT8 => 1,
            other => {
                return format_error(format!(
                    "tensor '{name}' has type {other}, which is not supported"
                ));
            }
        };
        self.read += data.len() / width;
        if self.read > self.limits.weights || !data.len().is_multiple_of(width) {
            return Err(Error::Limit(format!(
                "constants up to '{name}' hold {} values",
                self.read
            )));
        }
        Ok(match element_type {
            tensor_type::FLOAT32 => Constant::Floats(elements(data, f32::from_le_bytes)),
            tensor_type::FLOAT16 => {
                Constant::Floats(elements(data, |b| f16::from_le_bytes(b).to_f32()))
            }
            tensor_type::INT8 => Constant::Int8(elements(data, i8::from_le_bytes)),
            _ => Constant::Ints(elements(data, i32::from_le_bytes)),
        })
    }
}

fn elements<T, const N: usize>(data: &[u8], of: impl Fn([u8; N]) -> T) -> Arc<Vec<T>> {
    Arc::new(data.as_chunks().0.iter().map(|bytes| of(*bytes)).collect())
}

/// A constant must have one value for each element, and an activation a type that kernels have.
fn check_type(tensor: &Tensor, element_type: u8) -> Result<()> {
    let name = &tensor.name;
    let Some(constant) = &tensor.constant else {
        if element_type == tensor_type::FLOAT32 || tensor.scale().is_some() {
            return Ok(());
        }
        return format_error(format!(
            "activation '{name}' has type {element_type}, only f32, and i8 with one scale, are \
             supported"
        ));
    };
    if constant.len() == tensor.elements() {
        return Ok(());
    }
    format_error(format!(
        "tensor '{name}' has {} values for shape {:?}",
        constant.len(),
        tensor.shape
    ))
}

/// The quantization of an int8 tensor, per tensor or per channel; `None` where the file states
/// none.
fn read_quantization(
    table: &Table<'_>,
    name: &str,
    shape: &[usize],
) -> Result<Option<Quantization>> {
    let Some(stated) = table.table(tensor::QUANTIZATION)? else {
        return Ok(None);
    };
    let scales = stated.floats(quantization::SCALE)?;
    if scales.is_empty() {
        return Ok(None);
    }
    let stated_axis = stated.i32(quantization::QUANTIZED_DIMENSION, 0)?;
    let axis = usize::try_from(stated_axis).unwrap_or(usize::MAX);
    let slices = match scales.len() {
        1 => 1,
        _ => shape.get(axis).copied().unwrap_or(0),
    };
    let mut zero_points = stated.longs(quantization::ZERO_POINT)?;
    if zero_points.is_empty() {
        zero_points = vec![0; scales.len()];
    }
    // A scale of 0 would divide by it, a zero point outside of int8 overflow the codes.
    let sound = scales.iter().all(|s| s.is_finite() && *s > 0.0)
        && zero_points.iter().all(|z| (-128..=127).contains(z));
    if !sound || scales.len() != slices || zero_points.len() != slices {
        return format_error(format!(
            "tensor '{name}' has scales or zero points that do not fit it"
        ));
    }
    Ok(Some(Quantization {
        scales,
        zero_points: zero_points.iter().map(|z| *z as i32).collect(),
        axis: axis.min(shape.len()),
    }))
}
