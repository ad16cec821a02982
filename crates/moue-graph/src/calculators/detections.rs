//! Anchors, boxes measured from them, labels, and the way back out of a letterbox.

use super::tensors::tensors;
use crate::Options;
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;
use crate::registry::Registry;
use crate::types::{Anchor, Detection, LetterboxPadding, Tensors};
use moue::{BoundingBox, Point};
use std::sync::Arc;

pub(super) fn register(registry: &mut Registry) {
    registry.register::<SsdAnchors>("SsdAnchorsCalculator");
    for name in [
        "TfLiteTensorsToDetectionsCalculator",
        "TensorsToDetectionsCalculator",
    ] {
        registry.register::<ToDetections>(name);
    }
    registry.register::<LabelIdToText>("DetectionLabelIdToTextCalculator");
    registry.register::<LetterboxRemoval>("DetectionLetterboxRemovalCalculator");
}

/// Writes the anchors of a single-shot detector as a side packet.
#[derive(Default)]
struct SsdAnchors;

impl Calculator for SsdAnchors {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract.output_sides.one::<Vec<Anchor>>("");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let anchors = Packet::new(anchors(cx.options())?);
        cx.output_side("", anchors);
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

/// Boxes and scores of a network to detections, relative to its input.
#[derive(Default)]
struct ToDetections {
    boxes: usize,
    coords: usize,
    classes: usize,
    box_offset: usize,
    point_offset: usize,
    points: usize,
    point_values: usize,
    scale: [f32; 4],
    exponential: bool,
    reverse: bool,
    ignored: Vec<i64>,
    sigmoid: bool,
    clip: Option<f32>,
    flip: bool,
    least: Option<f32>,
    most: usize,
    anchors: Arc<Vec<Anchor>>,
}

impl Calculator for ToDetections {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        let gpu = node.inputs.iter().any(|p| p.tag == "TENSORS_GPU");
        contract
            .inputs
            .one::<Tensors>(if gpu { "TENSORS_GPU" } else { "TENSORS" });
        contract.input_sides.one::<Vec<Anchor>>("ANCHORS");
        contract.outputs.one::<Vec<Detection>>("DETECTIONS");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let options = cx.options();
        let count =
            |name: &str, default: i64| usize::try_from(options.get_or(name, default)).unwrap_or(0);
        *self = Self {
            boxes: count("num_boxes", 0),
            coords: count("num_coords", 0),
            classes: count("num_classes", 0),
            box_offset: count("box_coord_offset", 0),
            point_offset: count("keypoint_coord_offset", 0),
            points: count("num_keypoints", 0),
            point_values: count("num_values_per_keypoint", 2),
            scale: ["x_scale", "y_scale", "w_scale", "h_scale"].map(|n| options.get_or(n, 0.0)),
            exponential: options.get_or("apply_exponential_on_box_size", false),
            reverse: options.get_or("reverse_output_order", false),
            ignored: options.get_or("ignore_classes", Vec::new()),
            sigmoid: options.get_or("sigmoid_score", false),
            clip: options.get("score_clipping_thresh"),
            flip: options.get_or("flip_vertically", false),
            least: options.get("min_score_thresh"),
            most: usize::try_from(options.get_or("max_results", -1i64)).unwrap_or(usize::MAX),
            anchors: cx
                .side("ANCHORS")
                .ok_or("the side packet ANCHORS is missing")?,
        };
        self.check()
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let Some(given) = tensors(cx) else {
            return Ok(Flow::Continue);
        };
        let (boxes, scores) = self.find(given)?;
        let rows = boxes
            .chunks_exact(self.coords)
            .zip(scores.chunks_exact(self.classes))
            .zip(self.anchors.iter());
        let all =
            rows.filter_map(|((values, scores), anchor)| self.detection(values, scores, anchor));
        let found: Vec<Detection> = all.take(self.most).collect();
        cx.output("DETECTIONS", Packet::new(found));
        Ok(Flow::Continue)
    }
}

impl ToDetections {
    fn check(&self) -> Result<(), CalculatorError> {
        let points_end = self.point_offset + self.points * self.point_values;
        let fits =
            self.box_offset + 4 <= self.coords && (self.points == 0 || points_end <= self.coords);
        if self.classes == 0 || !fits || (self.points > 0 && self.point_values < 2) {
            return Err("num_classes, num_coords and the offsets do not fit together".into());
        }
        if self.anchors.len() != self.boxes {
            return Err(format!(
                "num_boxes is {}, and there are {} anchors",
                self.boxes,
                self.anchors.len()
            )
            .into());
        }
        if self.scale.contains(&0.0) {
            return Err("x_scale, y_scale, w_scale and h_scale must be given".into());
        }
        Ok(())
    }

    /// Boxes and scores, in whichever order the network gives them.
    fn find<'a>(&self, tensors: &'a Tensors) -> Result<(&'a [f32], &'a [f32]), CalculatorError> {
        let of = |length: usize| {
            tensors
                .iter()
                .find(|t| t.values.len() == length)
                .map(|t| t.values.as_slice())
        };
        of(self.boxes * self.coords)
            .zip(of(self.boxes * self.classes))
            .ok_or_else(|| {
                let shapes: Vec<String> =
                    tensors.iter().map(|t| format!("{:?}", t.shape)).collect();
                let (boxes, coords, classes) = (self.boxes, self.coords, self.classes);
                format!(
                    "wants {boxes}×{coords} and {boxes}×{classes} numbers, and was given {}",
                    shapes.join(", ")
                )
                .into()
            })
    }

    /// The best class of a box, if it is good enough and the box is not empty.
    fn detection(&self, values: &[f32], scores: &[f32], anchor: &Anchor) -> Option<Detection> {
        let wanted = scores
            .iter()
            .enumerate()
            .filter(|(class, _)| !self.ignored.contains(&(*class as i64)));
        let (class, score) = wanted
            .map(|(class, logit)| (class, self.score(*logit)))
            .max_by(|a, b| a.1.total_cmp(&b.1))?;
        if self.least.is_some_and(|least| score < least) {
            return None;
        }
        let bounding_box = self.bounding_box(values, anchor);
        let valid = bounding_box.width > 0.0 && bounding_box.height > 0.0;
        let key_points = (0..self.points)
            .map(|i| self.point(values, i, anchor))
            .collect();
        valid.then(|| Detection {
            score,
            label_id: vec![class as i32],
            label: Vec::new(),
            bounding_box,
            key_points,
        })
    }

    fn score(&self, logit: f32) -> f32 {
        if !self.sigmoid {
            return logit;
        }
        let logit = self
            .clip
            .map_or(logit, |clip| logit.clamp(-clip.abs(), clip.abs()));
        1.0 / (1.0 + (-logit).exp())
    }

    /// Two numbers as x and y, whichever comes first in the network's output.
    fn ordered(&self, values: &[f32]) -> [f32; 2] {
        if self.reverse {
            [values[0], values[1]]
        } else {
            [values[1], values[0]]
        }
    }

    fn center(&self, values: &[f32], anchor: &Anchor) -> Point {
        let value = self.ordered(values);
        let mut center: Point =
            std::array::from_fn(|i| value[i] / self.scale[i] * anchor.size[i] + anchor.center[i]);
        if self.flip {
            center[1] = 1.0 - center[1];
        }
        center
    }

    fn bounding_box(&self, values: &[f32], anchor: &Anchor) -> BoundingBox {
        let values = &values[self.box_offset..];
        let center = self.center(values, anchor);
        let size = self.ordered(&values[2..]);
        let size: [f32; 2] = std::array::from_fn(|i| {
            let side = size[i] / self.scale[2 + i];
            (if self.exponential { side.exp() } else { side }) * anchor.size[i]
        });
        BoundingBox {
            xmin: center[0] - size[0] / 2.0,
            ymin: center[1] - size[1] / 2.0,
            width: size[0],
            height: size[1],
        }
    }

    fn point(&self, values: &[f32], index: usize, anchor: &Anchor) -> Point {
        self.center(
            &values[self.point_offset + index * self.point_values..],
            anchor,
        )
    }
}

/// Gives classes their names.
#[derive(Default)]
struct LabelIdToText {
    labels: Vec<String>,
    keep: bool,
}

impl Calculator for LabelIdToText {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract.inputs.one::<Vec<Detection>>("");
        contract.outputs.one::<Vec<Detection>>("");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        self.labels = cx.options().get_or("label", Vec::new());
        self.keep = cx.options().get_or("keep_label_id", false);
        if let Some(path) = cx.options().get::<String>("label_map_path") {
            let bytes = cx.resources().read(&path)?;
            let text = std::str::from_utf8(&bytes).map_err(|e| format!("{path}: {e}"))?;
            self.labels = text
                .lines()
                .map(|line| line.trim_end().to_owned())
                .collect();
        }
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let Some(found) = cx.input::<Vec<Detection>>("") else {
            return Ok(Flow::Continue);
        };
        let named: Vec<Detection> = found.iter().map(|d| self.name(d)).collect();
        cx.output("", Packet::new(named));
        Ok(Flow::Continue)
    }
}

impl LabelIdToText {
    fn name(&self, detection: &Detection) -> Detection {
        let mut named = detection.clone();
        let label = |id: &i32| {
            usize::try_from(*id)
                .ok()
                .and_then(|id| self.labels.get(id))
                .cloned()
        };
        if let Some(labels) = detection
            .label_id
            .iter()
            .map(label)
            .collect::<Option<Vec<_>>>()
        {
            named.label = labels;
            if !self.keep {
                named.label_id.clear();
            }
        }
        named
    }
}

/// Coordinates of a fitted picture to those of the picture itself.
#[derive(Default)]
struct LetterboxRemoval;

impl Calculator for LetterboxRemoval {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract
            .inputs
            .one::<Vec<Detection>>("DETECTIONS")
            .one::<LetterboxPadding>("LETTERBOX_PADDING");
        contract.outputs.one::<Vec<Detection>>("DETECTIONS");
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let found = cx.input::<Vec<Detection>>("DETECTIONS");
        let (Some(found), Some(bars)) = (found, cx.input::<LetterboxPadding>("LETTERBOX_PADDING"))
        else {
            return Ok(Flow::Continue);
        };
        let moved: Vec<Detection> = found.iter().map(|d| without_bars(d, bars)).collect();
        cx.output("DETECTIONS", Packet::new(moved));
        Ok(Flow::Continue)
    }
}

fn without_bars(detection: &Detection, bars: &LetterboxPadding) -> Detection {
    let scale = [1.0 - (bars[0] + bars[2]), 1.0 - (bars[1] + bars[3])];
    let point = |p: &Point| -> Point { std::array::from_fn(|i| (p[i] - bars[i]) / scale[i]) };
    let b = detection.bounding_box;
    let [xmin, ymin] = point(&[b.xmin, b.ymin]);
    let bounding_box = BoundingBox {
        xmin,
        ymin,
        width: b.width / scale[0],
        height: b.height / scale[1],
    };
    Detection {
        bounding_box,
        key_points: detection.key_points.iter().map(point).collect(),
        ..detection.clone()
    }
}
