//! Plans a run: gives every tensor of the lowered steps its place in the arena.

mod arena;
mod live_range;
mod step;

pub(crate) use step::Step;

use crate::bordered_input::BorderedInput;
use crate::budget::Budget;
use crate::error::{Error, Result};
use crate::graph::{Graph, Tensor};
use crate::layout::Layout;
use crate::lower::{Aliases, Lowered, PendingStep, Target};
use live_range::live_ranges;
pub(crate) use live_range::storage;
use std::collections::HashMap;
use std::ops::Range;

/// Where each stored tensor lies in the arena.
pub(crate) type Places = HashMap<usize, Range<usize>>;

/// The finished plan of a model.
pub(crate) struct Plan {
    pub(crate) steps: Vec<Step>,
    /// Where each tensor that has a place lies.
    pub(crate) places: Places,
    /// The inputs that are stored inside a border.
    pub(crate) bordered: HashMap<usize, BorderedInput>,
    /// Length of the arena in floats.
    pub(crate) arena: usize,
    pub(crate) multiply_adds: u64,
}

impl Plan {
    pub(crate) fn new<O>(graph: &Graph<O>, lowered: Lowered, budget: &mut Budget) -> Result<Self> {
        let size = |t: usize| floats(&graph.tensors[t], lowered.target.bordered.get(&t));
        let (mut places, arena) = places(graph, &lowered, size);
        check_memory(graph, arena, budget)?;
        let Lowered {
            steps,
            aliases,
            target,
        } = lowered;
        let steps = steps.into_iter();
        let steps = steps.map(|step| resolve(step, &aliases, &places)).collect();
        place_ports(graph, &aliases, &mut places);
        Ok(Self {
            steps,
            places,
            bordered: target.bordered,
            arena,
            multiply_adds: budget.multiply_adds(),
        })
    }
}

/// The places of all stored tensors, by `size` in floats, and the length of the arena.
pub(crate) fn places<O, T: Target>(
    graph: &Graph<O>,
    lowered: &Lowered<T>,
    size: impl Fn(usize) -> usize,
) -> (Places, usize) {
    // Constant outputs have no place: sessions hold their values from the start.
    let is_computed = |t: &usize| graph.tensors[*t].constant.is_none();
    let computed: Vec<usize> = graph.outputs.iter().copied().filter(is_computed).collect();
    let ranges = live_ranges(&lowered.steps, &lowered.aliases, &graph.inputs, &computed);
    let sized: Vec<_> = ranges.iter().map(|(t, range)| (size(*t), *range)).collect();
    let placed = arena::place(&sized);
    let located = ranges.iter().zip(placed.starts);
    let places = located
        .map(|((t, _), start)| (*t, start..start.saturating_add(size(*t))))
        .collect();
    (places, placed.total)
}

/// Gives inputs and outputs of the graph, which may be aliases, the places of what they share.
pub(crate) fn place_ports<O>(graph: &Graph<O>, aliases: &Aliases, places: &mut Places) {
    for tensor in graph.inputs.iter().chain(&graph.outputs) {
        if let Some(place) = places.get(&storage(aliases, *tensor)).cloned() {
            places.insert(*tensor, place);
        }
    }
}

/// Counts what a session holds. Each output is copied out of the arena, and a file may list one
/// tensor as many outputs.
pub(crate) fn check_memory<O>(graph: &Graph<O>, arena: usize, budget: &mut Budget) -> Result<()> {
    let elements = graph.outputs.iter().map(|t| graph.tensors[*t].elements());
    let outputs = elements.fold(0usize, usize::saturating_add);
    budget.spend_elements(outputs)?;
    let held = arena.saturating_add(outputs);
    if held > budget.limits().arena {
        return Err(Error::Limit(format!(
            "activations and outputs hold {held} values at once"
        )));
    }
    Ok(())
}

/// Floats of the arena that a tensor occupies; int8 codes lie four to a float.
fn floats(tensor: &Tensor, bordered: Option<&BorderedInput>) -> usize {
    let elements = match bordered {
        Some(bordered) => bordered.len(),
        None => Layout::of(&tensor.shape).len(),
    };
    if tensor.is_int8() {
        elements.div_ceil(size_of::<f32>())
    } else {
        elements
    }
}

/// Replaces a step's tensors by their places.
fn resolve(step: PendingStep, aliases: &Aliases, places: &Places) -> Step {
    let place = |t: usize| places[&storage(aliases, t)].clone();
    Step {
        work: step.work,
        inputs: step.inputs.map(|t| t.map(place)),
        output: place(step.output),
    }
}
