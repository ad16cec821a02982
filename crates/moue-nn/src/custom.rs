//! Operators of the caller's own, by the names that files give them.

use std::collections::HashMap;
use std::sync::Arc;

/// What an operator is told of an operand when a model is loaded.
#[derive(Debug, Clone, Copy)]
pub struct OperandInfo<'a> {
    /// Sizes: batch, height, width, channels where there are four.
    pub shape: &'a [usize],
    /// The values, if the file fixes them.
    pub constant: Option<&'a [f32]>,
}

/// The code of an operator: the dense values of all operands in, constant ones included, and the
/// dense result out.
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
    /// Checks the operands and the options, the bytes that the file has for the operator, and says
    /// what it makes of them.
    ///
    /// # Errors
    /// A text that says what is wrong; the model is then refused with it.
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
/// use moue_nn::{OperandInfo, Operators, Prepared};
/// let double = |operands: &[OperandInfo<'_>], _: &[u8]| {
///     let shape = operands.first().ok_or("an operand is missing")?.shape.to_vec();
///     let run = |values: &[&[f32]], out: &mut [f32]| out.iter_mut().zip(values[0]).for_each(|(o, v)| *o = 2.0 * v);
///     Ok(Prepared { shape, run: Box::new(run) })
/// };
/// let operators = Operators::default().with("Double", double);
/// ```
#[derive(Clone, Default)]
pub struct Operators(HashMap<String, Arc<dyn Operator>>);

impl Operators {
    /// The same with one more; a later one of the same name replaces it.
    pub fn with(mut self, name: impl Into<String>, operator: impl Operator + 'static) -> Self {
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
