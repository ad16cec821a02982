//! Operator fusion of PAD: zeros around a picture become part of the convolution that reads them.

use crate::error::Result;
use crate::graph::{Border, Graph, Operands};
use crate::ops::{BoxedOp, Pad};

/// Removes each PAD of rows and columns whose result one convolution alone reads.
pub(super) fn fuse_padding(graph: &mut Graph<BoxedOp>) -> Result<()> {
    let uses = graph.uses();
    let mut readers = vec![None; graph.tensors.len()];
    for (reader, (node, _)) in graph.nodes.iter().enumerate() {
        let operands = node.inputs.iter().flatten();
        operands.for_each(|t| readers[*t] = Some(reader));
    }
    let numbered = graph.nodes.iter().enumerate();
    let pads = numbered.filter(|(_, (node, op))| op.is::<Pad>() && uses[node.output()] == 1);
    let pads = pads.filter_map(|(pad, (node, _))| Some((pad, readers[node.output()]?)));
    let pads: Vec<(usize, usize)> = pads.collect();
    let mut fused = vec![false; graph.nodes.len()];
    for (pad, reader) in pads {
        fused[pad] = fuse(graph, pad, reader)?;
    }
    let mut fused = fused.iter();
    graph.nodes.retain(|_| fused.next() != Some(&true));
    Ok(())
}

/// Makes the PAD at node `pad` the border of node `reader`, if that has one. Returns whether it
/// does.
fn fuse(graph: &mut Graph<BoxedOp>, pad: usize, reader: usize) -> Result<bool> {
    let (node, _) = &graph.nodes[pad];
    let input = node.input(0)?;
    let output = node.output();
    let Some(padding) = border(Operands::new(node, &graph.tensors))? else {
        return Ok(false);
    };
    let (reader, op) = &mut graph.nodes[reader];
    // The result may also be the weights of a convolution, which have no border.
    if reader.inputs[0] != Some(output) {
        return Ok(false);
    }
    let Some(border) = op.border_mut() else {
        return Ok(false);
    };
    *border = padding;
    reader.inputs[0] = Some(input);
    Ok(true)
}

/// The rows and columns that a PAD adds; `None` if it pads a constant, or the batch or channels.
fn border(operands: Operands<'_>) -> Result<Option<Border>> {
    if operands.tensor(0)?.constant.is_some() {
        return Ok(None);
    }
    Ok(match Pad::paddings(operands)?[..] {
        [[0, 0], rows, columns, [0, 0]] => Some([rows, columns]),
        _ => None,
    })
}
