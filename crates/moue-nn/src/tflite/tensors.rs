//! Reads tensors and their constants.

use super::flatbuffer::Table;
use super::schema::{buffer, quantization, subgraph, tensor, tensor_type};
use super::sparsity::Sparsity;
use crate::budget::Budget;
use crate::error::{Error, Result, format_error};
use crate::graph::{Constant, MAX_RANK, Quantization, Tensor};
use crate::kernels::BLOCK;
use crate::layout::Layout;
use crate::limits::MAX_ELEMENTS;
use half::f16;
use std::collections::HashMap;
use std::sync::Arc;

/// Reads tensors, widening half-precision weights; a buffer that several tensors share is read
/// once.
pub(super) struct TensorReader<'a, 'b> {
    buffers: &'b [Table<'a>],
    budget: &'b mut Budget,
    /// Constants by buffer and type.
    shared: HashMap<(usize, u8), Constant>,
}

impl<'a, 'b> TensorReader<'a, 'b> {
    pub(super) fn new(buffers: &'b [Table<'a>], budget: &'b mut Budget) -> Self {
        Self {
            buffers,
            budget,
            shared: HashMap::new(),
        }
    }

    pub(super) fn all(mut self, main: &Table<'_>) -> Result<Vec<Tensor>> {
        let tables = main.tables(subgraph::TENSORS)?;
        if tables.len() > self.budget.limits().nodes {
            return Err(Error::Limit(format!("{} tensors", tables.len())));
        }
        tables.iter().map(|table| self.tensor(table)).collect()
    }

    fn tensor(&mut self, table: &Table<'_>) -> Result<Tensor> {
        let name = table.string(tensor::NAME)?;
        let shape = self.shape(&name, &table.ints(tensor::SHAPE)?)?;
        let element_type = table.u8(tensor::TYPE, 0)?;
        let constant = match table.table(tensor::SPARSITY)? {
            Some(sparsity) => self.sparse(table, &sparsity, element_type, &name, &shape)?,
            None => self.shared(table, element_type, &name)?,
        };
        let is_int8 = element_type == tensor_type::INT8;
        let quantization = is_int8.then(|| read_quantization(table, &name, &shape));
        let quantization = quantization.transpose()?.flatten();
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
        if let Some(dim) = dims.iter().find(|d| **d <= 0) {
            return format_error(format!("tensor '{name}' has a dimension of {dim}"));
        }
        let shape: Vec<usize> = dims.iter().map(|d| *d as usize).collect();
        let elements = shape.iter().try_fold(1usize, |all, d| all.checked_mul(*d));
        let limits = self.budget.limits();
        // Rows of one channel take eight times their elements, as they are padded.
        let stored = Layout::checked_len(&shape).filter(|len| *len / BLOCK <= MAX_ELEMENTS);
        match stored.and(elements) {
            Some(elements) if elements <= limits.activation.max(limits.weights) => Ok(shape),
            _ => Err(Error::Limit(format!("tensor '{name}' has shape {dims:?}"))),
        }
    }

    /// The bytes of the tensor's buffer, and its number; an empty one marks an activation.
    fn buffer(&self, table: &Table<'_>, name: &str) -> Result<(usize, &'a [u8])> {
        let index = table.u32(tensor::BUFFER, 0)? as usize;
        match self.buffers.get(index) {
            Some(holder) => Ok((index, holder.borrowed_bytes(buffer::DATA)?)),
            None => format_error(format!(
                "tensor '{name}' names buffer {index}, which does not exist"
            )),
        }
    }

    /// The constant that the tensor's buffer holds, which other tensors may share.
    fn shared(
        &mut self,
        table: &Table<'_>,
        element_type: u8,
        name: &str,
    ) -> Result<Option<Constant>> {
        let (index, data) = self.buffer(table, name)?;
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

    /// The constant whose buffer holds only the values that `sparsity` places.
    fn sparse(
        &mut self,
        table: &Table<'_>,
        sparsity: &Table<'_>,
        element_type: u8,
        name: &str,
        shape: &[usize],
    ) -> Result<Option<Constant>> {
        let (_, data) = self.buffer(table, name)?;
        let sparsity = Sparsity::read(sparsity, shape)?;
        // Before it is allocated: a few values may be spread over any number of elements.
        self.budget.spend_memory(shape.iter().product())?;
        Ok(Some(match self.constant(element_type, data, name)? {
            Constant::Floats(values) => Constant::Floats(Arc::new(sparsity.densify(&values)?)),
            Constant::Ints(values) => Constant::Ints(Arc::new(sparsity.densify(&values)?)),
            Constant::Int8(values) => Constant::Int8(Arc::new(sparsity.densify(&values)?)),
        }))
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
        self.budget.spend_memory(data.len() / width)?;
        if !data.len().is_multiple_of(width) {
            return format_error(format!("tensor '{name}' ends inside a value"));
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
        // Half precision is computed in single precision: it is what DENSIFY makes of weights.
        let is_float = matches!(element_type, tensor_type::FLOAT32 | tensor_type::FLOAT16);
        if is_float || tensor.scale().is_some() {
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
