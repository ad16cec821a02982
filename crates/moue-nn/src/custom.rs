//! Custom operators of the caller, by their names in files.

use std::collections::HashMap;
use std::sync::Arc;

/// An operand of a custom operator, as far as it is known when a model is loaded.
#[derive(Debug, Clone, Copy)]
pub struct OperandInfo<'a> {
    /// Sizes: batch, height, width, channels where there are four.
    pub shape: &'a [usize],
    /// The values, if the file fixes them.
    pub constant: Option<&'a [f32]>,
}

/// The code of an operator: from the dense values of all operands, constant ones included, to the
/// dense result.
pub type OperatorFn = Box<dyn Fn(&[&[f32]], &mut [f32]) + Send + Sync>;

/// An operator in its place in a graph.
pub struct Prepared {
    /// The shape of the result; it must be the one that the file states.
    pub shape: Vec<usize>,
    /// Computes the result. It is run by every session, possibly at the same time.
    pub run: OperatorFn,
}

/// An operator of the caller's own; closures with this signature are operators too.
pub trait Operator: Send + Sync {
    /// Checks operands and options, which are the bytes that the file has for the operator, and
    /// returns the shape of the result with the code that computes it. Called once for each node
    /// when a model is loaded.
    ///
    /// # Errors
    /// A message; the model is then refused with it.
    fn prepare(
        &self,
        operands: &[OperandInfo<'_>],
        options: &[u8],
    ) -> std::result::Result<Prepared, String>;
}

impl<F> Operator for F
where
    F: Fn(&[OperandInfo<'_>], &[u8]) -> std::result::Result<Prepared, String> + Send + Sync,
{
    fn prepare(
        &self,
        operands: &[OperandInfo<'_>],
        options: &[u8],
    ) -> std::result::Result<Prepared, String> {
        self(operands, options)
    }
}

/// Operators by name, for [`Model::load_extended`](crate::Model::load_extended). They may have one
/// result and up to two operands that are not constant.
///
/// ```
/// use moue_nn::{Isa, Limits, Model, OperandInfo, Operators, Prepared};
///
/// fn double(operands: &[OperandInfo<'_>], _options: &[u8]) -> Result<Prepared, String> {
///     let shape = operands.first().ok_or("an operand is missing")?.shape.to_vec();
///     let run = |values: &[&[f32]], out: &mut [f32]| {
///         out.iter_mut().zip(values[0]).for_each(|(o, v)| *o = 2.0 * v);
///     };
///     Ok(Prepared { shape, run: Box::new(run) })
/// }
///
/// let operators = Operators::default().with("Double", double);
/// let bytes = std::fs::read("examples/tiny.tflite")?;
/// let model = Model::load_extended(&bytes, &Limits::default(), Isa::best(), &operators)?;
/// # assert_eq!(model.outputs().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Operators(HashMap<String, Arc<dyn Operator>>);

impl Operators {
    /// The same with one more; a later one of the same name replaces it.
    pub fn with(mut self, name: impl Into<String>, operator: impl Operator + 'static) -> Self {
        // Shared, as clones of a model's operators and all its sessions run the same code.
        self.0.insert(name.into(), Arc::new(operator));
        self
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Arc<dyn Operator>> {
        self.0.get(name)
    }
}

impl std::fmt::Debug for Operators {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
