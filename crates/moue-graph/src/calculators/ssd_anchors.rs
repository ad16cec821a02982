//! The anchor boxes of a single-shot detector.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::options::Options;
use crate::packet::Packet;
use crate::types::Anchor;

/// Writes the anchors of a single-shot detector as a side packet.
#[derive(Default)]
pub(super) struct SsdAnchorsCalculator;

impl Calculator for SsdAnchorsCalculator {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract.output_side_packets.one::<Vec<Anchor>>("");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let anchors = Packet::new(anchors(cx.options())?);
        cx.output_side_packet("", anchors);
        Ok(())
    }

    fn process(&mut self, _: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        Ok(Flow::Stop)
    }
}

/// The most anchors that options may ask for.
const MOST_ANCHORS: usize = 1 << 20;

/// Layers of one stride share a grid, as in the SSD paper's single-shot heads (Liu et al. 2016).
fn anchors(options: &Options) -> Result<Vec<Anchor>, CalculatorError> {
    let strides: Vec<i64> = options.get_or("strides", Vec::new());
    let layers = options.get_or("num_layers", strides.len() as i64);
    if layers as usize != strides.len() || strides.iter().any(|s| *s < 1) {
        return Err(format!(
            "num_layers is {layers}, and there are {} strides above 0",
            strides.len()
        )
        .into());
    }
    let size = [
        options.get_or("input_size_width", 0i64),
        options.get_or("input_size_height", 0i64),
    ];
    let offset = [
        options.get_or("anchor_offset_x", 0.5f32),
        options.get_or("anchor_offset_y", 0.5f32),
    ];
    let mut all = Vec::new();
    let mut layer = 0;
    while layer < strides.len() {
        let stride = strides[layer];
        let same = strides[layer..]
            .iter()
            .take_while(|s| **s == stride)
            .count();
        let shapes: Vec<[f32; 2]> = (layer..layer + same)
            .flat_map(|l| shapes(options, l, strides.len()))
            .collect();
        let cells = size.map(|s| ((s as f32 / stride as f32).ceil()) as usize);
        if cells[0] * cells[1] * shapes.len() + all.len() > MOST_ANCHORS {
            return Err(format!("more than {MOST_ANCHORS} anchors").into());
        }
        for cell in 0..cells[0] * cells[1] {
            let at = [cell % cells[0], cell / cells[0]];
            let center = std::array::from_fn(|i| (at[i] as f32 + offset[i]) / cells[i] as f32);
            all.extend(shapes.iter().map(|size| Anchor {
                center,
                size: *size,
            }));
        }
        layer += same;
    }
    Ok(all)
}

/// Widths and heights of a layer's anchors at each cell.
fn shapes(options: &Options, layer: usize, layers: usize) -> Vec<[f32; 2]> {
    let (low, high) = (
        options.get_or("min_scale", 0.2f32),
        options.get_or("max_scale", 0.95f32),
    );
    let scale = |l: usize| match layers {
        1 => f32::midpoint(low, high),
        _ => low + (high - low) * l as f32 / (layers as f32 - 1.0),
    };
    let aspects: Vec<f32> = options.get_or("aspect_ratios", Vec::new());
    let mut sizes: Vec<(f32, f32)> = Vec::new();
    if layer == 0 && options.get_or("reduce_boxes_in_lowest_layer", false) {
        sizes.extend([(1.0, 0.1), (2.0, scale(0)), (0.5, scale(0))]);
    } else {
        sizes.extend(aspects.iter().map(|a| (*a, scale(layer))));
        let between = options.get_or("interpolated_scale_aspect_ratio", 1.0f32);
        if between > 0.0 {
            let next = if layer + 1 == layers {
                1.0
            } else {
                scale(layer + 1)
            };
            sizes.push((between, (scale(layer) * next).sqrt()));
        }
    }
    let fixed = options.get_or("fixed_anchor_size", false);
    let shape = |(aspect, scale): (f32, f32)| {
        if fixed {
            [1.0; 2]
        } else {
            [scale * aspect.sqrt(), scale / aspect.sqrt()]
        }
    };
    sizes.into_iter().map(shape).collect()
}
