//! Operator fusion of PAD: zeros around a picture become part of the convolution that reads them.

use crate::error::Result;
use crate::graph::{Border, Graph, Operands};
use crate::ops::{BoxedOp, Pad};

/// Removes each PAD of rows and columns whose result one convolution alone reads.
pub(super) fn fuse_padding(graph: &mut Graph<BoxedOp>) -> Result<()> {
    let uses = graph.uses();
    let mut i = 0;
    while i < graph.nodes.len() {
        let (node, op) = &graph.nodes[i];
        if op.is::<Pad>() && uses[node.output()] == 1 && fuse(graph, i)? {
            graph.nodes.remove(i);
        } else {
            i += 1;
        }
    }
    Ok(())
}

/// Makes the PAD at node `pad` the border of its reader, if that has one. Returns whether it does.
fn fuse(graph: &mut Graph<BoxedOp>, pad: usize) -> Result<bool> {
    let (node, _) = &graph.nodes[pad];
    let input = node.input(0)?;
    let output = node.output();
    let Some(padding) = border(Operands::new(node, &graph.tensors))? else {
        return Ok(false);
    };
    // The result may also be the weights of a convolution, which have no border.
    let reader = graph.nodes.iter_mut().find(|(n, _)| n.reads(output));
    let Some((reader, op)) = reader.filter(|(n, _)| n.inputs[0] == Some(output)) else {
        return Ok(false);
    };
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
