//! The anchor boxes of a single-shot detector.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::options::Options;
use crate::packet::Packet;
use crate::types::Anchor;

/// Writes the anchors of a single-shot detector as a side packet.
///
/// The anchors are those of SSD (Liu et al. 2016, section 2.2): each layer of the network has a
/// grid of cells, each cell a few boxes of different aspect ratios, and the scales grow linearly
/// from layer to layer.
#[derive(Default)]
pub(super) struct SsdAnchorsCalculator;

impl Calculator for SsdAnchorsCalculator {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract.output_side_packets.one::<Vec<Anchor>>("");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let anchors = AnchorOptions::read(cx.options())?.anchors()?;
        cx.output_side_packet("", Packet::new(anchors));
        Ok(())
    }

    fn process(&mut self, _: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        // Without input streams this is a source; it has no packets.
        Ok(Flow::Stop)
    }
}

/// The most anchors that options may ask for.
// Chosen by hand: hundreds of times those of real detectors, which have thousands. A stride of 1
// on a large input would otherwise take all memory.
const MAX_ANCHORS: usize = 1 << 20;

/// The most layers that options may ask for; each may have as many boxes as there are aspect
/// ratios.
const MAX_LAYERS: usize = 64;

struct AnchorOptions {
    /// Width and height of the network's input, in pixels.
    input_size: [i64; 2],
    /// Pixels from one cell of a layer's grid to the next, for each layer.
    strides: Vec<i64>,
    /// The center of an anchor inside its cell, in cells.
    offset: [f32; 2],
    min_scale: f32,
    max_scale: f32,
    aspect_ratios: Vec<f32>,
    interpolated_aspect_ratio: f32,
    reduce_lowest_layer: bool,
    fixed_size: bool,
}

impl AnchorOptions {
    fn read(options: &Options) -> Result<Self, CalculatorError> {
        let strides: Vec<i64> = options.get_or("strides", Vec::new());
        let layers = options.get_or("num_layers", strides.len() as i64);
        if layers as usize != strides.len() || strides.iter().any(|s| *s < 1) {
            let count = strides.len();
            return Err(
                format!("num_layers is {layers}, and there are {count} strides above 0").into(),
            );
        }
        if strides.len() > MAX_LAYERS {
            return Err(format!("num_layers is {layers}, and {MAX_LAYERS} is the most").into());
        }
        Ok(Self {
            input_size: ["input_size_width", "input_size_height"].map(|n| options.get_or(n, 0)),
            strides,
            offset: ["anchor_offset_x", "anchor_offset_y"].map(|n| options.get_or(n, 0.5)),
            // MediaPipe demands both scales. Without them these are used: the 0.2 of the SSD paper,
            // and the 0.95 that is usual with it in configurations of SSD detectors.
            min_scale: options.get_or("min_scale", 0.2),
            max_scale: options.get_or("max_scale", 0.95),
            aspect_ratios: options.get_or("aspect_ratios", Vec::new()),
            interpolated_aspect_ratio: options.get_or("interpolated_scale_aspect_ratio", 1.0),
            reduce_lowest_layer: options.get_or("reduce_boxes_in_lowest_layer", false),
            fixed_size: options.get_or("fixed_anchor_size", false),
        })
    }

    /// The anchors, layer by layer, row by row, in the order of the network's outputs.
    fn anchors(&self) -> Result<Vec<Anchor>, CalculatorError> {
        let mut anchors = Vec::new();
        let mut layer = 0;
        // Layers of one stride share a grid: all their boxes of a cell follow one another.
        for same_stride in self.strides.chunk_by(|a, b| a == b) {
            let layers = layer..layer + same_stride.len();
            layer = layers.end;
            let sizes: Vec<[f32; 2]> = layers.flat_map(|l| self.sizes(l)).collect();
            let cells = self.cells(same_stride[0]);
            // Sides of 2³¹ cells, a stride apart, are what options can state.
            let count = cells[0]
                .checked_mul(cells[1])
                .and_then(|count| count.checked_mul(sizes.len()))
                .and_then(|count| count.checked_add(anchors.len()));
            if count.is_none_or(|count| count > MAX_ANCHORS) {
                let [width, height] = self.input_size;
                return Err(format!(
                    "input_size_width {width}, input_size_height {height} and strides of {} make \
                     more than {MAX_ANCHORS} anchors",
                    same_stride[0]
                )
                .into());
            }
            for cell in 0..cells[0] * cells[1] {
                let center = self.center([cell % cells[0], cell / cells[0]], cells);
                anchors.extend(sizes.iter().map(|size| Anchor {
                    center,
                    size: *size,
                }));
            }
        }
        Ok(anchors)
    }

    /// Columns and rows of the grid of a stride.
    fn cells(&self, stride: i64) -> [usize; 2] {
        self.input_size
            .map(|side| (side as f32 / stride as f32).ceil() as usize)
    }

    fn center(&self, cell: [usize; 2], cells: [usize; 2]) -> [f32; 2] {
        std::array::from_fn(|i| (cell[i] as f32 + self.offset[i]) / cells[i] as f32)
    }

    /// Widths and heights of a layer's anchors in each cell: `s√a` and `s/√a` for the scale `s` and
    /// each aspect ratio `a` (Liu et al. 2016).
    fn sizes(&self, layer: usize) -> Vec<[f32; 2]> {
        let shapes = self.shapes(layer);
        if self.fixed_size {
            // The network then predicts a box's size itself, in shares of its input.
            return vec![[1.0; 2]; shapes.len()];
        }
        let size = |(aspect, scale): &(f32, f32)| [scale * aspect.sqrt(), scale / aspect.sqrt()];
        shapes.iter().map(size).collect()
    }

    /// Aspect ratios and scales of a layer's anchors.
    fn shapes(&self, layer: usize) -> Vec<(f32, f32)> {
        let scale = self.scale(layer);
        if layer == 0 && self.reduce_lowest_layer {
            // Three boxes instead of six in the finest grid, which has most of the cells. MediaPipe
            // fixes these ratios and the scale of the first.
            return vec![(1.0, 0.1), (2.0, scale), (0.5, scale)];
        }
        let ratios = self.aspect_ratios.iter();
        let mut shapes: Vec<(f32, f32)> = ratios.map(|aspect| (*aspect, scale)).collect();
        if self.interpolated_aspect_ratio > 0.0 {
            // One more box between this layer's scale and the next one's: their geometric mean.
            let next = if layer + 1 == self.strides.len() {
                1.0
            } else {
                self.scale(layer + 1)
            };
            shapes.push((self.interpolated_aspect_ratio, (scale * next).sqrt()));
        }
        shapes
    }

    /// The scale of a layer's boxes, relative to the input: linear between the two limits.
    fn scale(&self, layer: usize) -> f32 {
        match self.strides.len() {
            // The linear form divides by zero here; MediaPipe takes the middle.
            1 => f32::midpoint(self.min_scale, self.max_scale),
            layers => {
                let range = self.max_scale - self.min_scale;
                self.min_scale + range * layer as f32 / (layers as f32 - 1.0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(options: &str) -> Result<usize, String> {
        let node = NodeConfig::new("SsdAnchorsCalculator")
            .options("mediapipe.SsdAnchorsCalculatorOptions", options)
            .unwrap();
        let anchors = AnchorOptions::read(&node.options).and_then(|o| o.anchors());
        anchors.map(|a| a.len()).map_err(|e| e.to_string())
    }

    #[test]
    fn more_anchors_than_memory_has_are_refused() {
        let ratios = "aspect_ratios: 1 aspect_ratios: 2 aspect_ratios: 0.5";
        for side in [2_147_483_647, 1 << 20, 1 << 11] {
            let size = format!("input_size_width: {side} input_size_height: {side}");
            let error = count(&format!("{size} num_layers: 1 strides: 1 {ratios}")).unwrap_err();
            assert!(
                error.contains(&format!("input_size_width {side}")) && error.contains("anchors"),
                "{error}"
            );
        }
        assert_eq!(
            count(&format!(
                "input_size_width: 128 input_size_height: 128 num_layers: 1 strides: 8 {ratios}"
            )),
            Ok(16 * 16 * 4)
        );
        let layers = "strides: 1 ".repeat(100);
        assert!(count(&layers).unwrap_err().contains("num_layers is 100"));
    }
}
