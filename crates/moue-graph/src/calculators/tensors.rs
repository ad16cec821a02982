//! Pictures to numbers, numbers through a network, numbers out.

use super::image::{picture, takes_picture};
use crate::Options;
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;
use crate::registry::Registry;
use crate::types::{Detection, Image, LetterboxPadding, NormRect, Tensor, Tensors};
use moue::embed::Alignment;
use moue::finder::FaceChoice;
use moue_nn::{Model, Session};

pub(super) fn register(registry: &mut Registry) {
    for name in ["TfLiteConverterCalculator", "TensorConverterCalculator"] {
        registry.register::<Converter>(name);
    }
    for name in [
        "TfLiteInferenceCalculator",
        "InferenceCalculator",
        "InferenceCalculatorCpu",
    ] {
        registry.register::<Inference>(name);
    }
    for name in [
        "TfLiteTensorsToFloatsCalculator",
        "TensorsToFloatsCalculator",
    ] {
        registry.register::<ToFloats>(name);
    }
    registry.register::<ImageToTensor>("ImageToTensorCalculator");
    registry.register::<FaceToTensor>("FaceToTensorCalculator");
}

/// Declares tensors in or out; `TENSORS_GPU` carries the same.
fn tensors_tag(ports: &[crate::Port]) -> &'static str {
    if ports.iter().any(|p| p.tag == "TENSORS_GPU") {
        "TENSORS_GPU"
    } else {
        "TENSORS"
    }
}

fn takes_tensors(contract: &mut Contract, node: &NodeConfig) {
    contract.inputs.one::<Tensors>(tensors_tag(&node.inputs));
}

fn gives_tensors(contract: &mut Contract, node: &NodeConfig) {
    contract.outputs.one::<Tensors>(tensors_tag(&node.outputs));
}

pub(super) fn tensors<'a>(cx: &Context<'a>) -> Option<&'a Tensors> {
    cx.input("TENSORS").or_else(|| cx.input("TENSORS_GPU"))
}

fn give_tensors(cx: &mut Context<'_>, tensors: Tensors) {
    let tag = tensors_tag(&cx.node().outputs);
    cx.output(tag, Packet::new(tensors));
}

/// How bytes become numbers.
#[derive(Debug, Clone, Copy)]
enum Scale {
    /// [-1, 1].
    Centerd,
    /// `low` to `high`.
    Range(f32, f32),
    /// Divided by the first, less the second.
    Custom(f32, f32),
}

impl Scale {
    fn of(options: &Options) -> Result<Self, CalculatorError> {
        let range = options.message("output_tensor_float_range");
        if options.get_or("use_custom_normalization", false) {
            let (divide, less) = (
                options.get_or("custom_div", -1.0f32),
                options.get_or("custom_sub", -1.0f32),
            );
            return if divide > 0.0 && less >= 0.0 {
                Ok(Self::Custom(divide, less))
            } else {
                Err("custom_div must be above 0 and custom_sub at least 0".into())
            };
        }
        match (range.get::<f32>("min"), range.get::<f32>("max")) {
            (Some(low), Some(high)) => Self::range(low, high),
            _ if options.get_or("zero_center", true) => Ok(Self::Centerd),
            _ => Ok(Self::Range(0.0, 1.0)),
        }
    }

    fn range(low: f32, high: f32) -> Result<Self, CalculatorError> {
        match (low, high) {
            (-1.0, 1.0) => Ok(Self::Centerd),
            (low, high) if low < high => Ok(Self::Range(low, high)),
            _ => Err(format!("the range of the tensor, {low} to {high}, is empty").into()),
        }
    }

    fn apply(self, byte: f32) -> f32 {
        match self {
            Self::Centerd => byte / 127.5 - 1.0,
            Self::Range(low, high) => byte / 255.0 * (high - low) + low,
            Self::Custom(divide, less) => byte / divide - less,
        }
    }
}

/// A whole picture as one tensor, row by row.
#[derive(Default)]
struct Converter {
    table: Vec<f32>,
    flip: bool,
}

impl Calculator for Converter {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        takes_picture(contract, node);
        gives_tensors(contract, node);
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let scale = Scale::of(cx.options())?;
        self.table = (0..=255u8).map(|v| scale.apply(f32::from(v))).collect();
        self.flip = cx.options().get_or("flip_vertically", false);
        match cx.options().get_or("max_num_channels", 3) {
            3 | 4 => Ok(()),
            other => Err(format!(
                "pictures have 3 channels; max_num_channels: {other} is not supported"
            )
            .into()),
        }
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let Some(image) = picture(cx) else {
            return Ok(Flow::Continue);
        };
        let number = |byte: &u8| self.table[usize::from(*byte)];
        let values = if self.flip {
            image
                .pixels()
                .chunks(image.width() * 3)
                .rev()
                .flatten()
                .map(number)
                .collect()
        } else {
            image.pixels().iter().map(number).collect()
        };
        give_tensors(
            cx,
            vec![Tensor {
                shape: vec![1, image.height(), image.width(), 3],
                values,
            }],
        );
        Ok(Flow::Continue)
    }
}

/// Runs a `.tflite` file.
#[derive(Default)]
struct Inference {
    session: Option<Session>,
    path: String,
}

impl Calculator for Inference {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        takes_tensors(contract, node);
        gives_tensors(contract, node);
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        self.path = cx
            .options()
            .get("model_path")
            .ok_or("model_path is missing in its options")?;
        let bytes = cx.resources().read(&self.path)?;
        let model = Model::load(&bytes).map_err(|e| format!("{}: {e}", self.path))?;
        self.session = Some(model.session());
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let (Some(given), Some(session)) = (tensors(cx), &mut self.session) else {
            return Ok(Flow::Continue);
        };
        let wanted = session.model().inputs();
        let fits = |(given, wanted): (&Tensor, &moue_nn::TensorInfo)| given.shape == wanted.shape;
        if given.len() != wanted.len() || !given.iter().zip(&wanted).all(fits) {
            let shapes = |s: Vec<&Vec<usize>>| {
                s.iter()
                    .map(|v| format!("{v:?}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            return Err(format!(
                "{} takes {}, and was given {}",
                self.path,
                shapes(wanted.iter().map(|t| &t.shape).collect()),
                shapes(given.iter().map(|t| &t.shape).collect())
            )
            .into());
        }
        let inputs: Vec<&[f32]> = given.iter().map(|t| t.values.as_slice()).collect();
        session.run(&inputs)?;
        let outputs = session.model().outputs();
        let tensor = |(i, info): (usize, moue_nn::TensorInfo)| Tensor {
            shape: info.shape,
            values: session.output(i).to_vec(),
        };
        give_tensors(cx, outputs.into_iter().enumerate().map(tensor).collect());
        Ok(Flow::Continue)
    }
}

/// The first tensor as plain numbers.
#[derive(Default)]
struct ToFloats {
    sigmoid: bool,
}

impl Calculator for ToFloats {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        takes_tensors(contract, node);
        contract
            .outputs
            .optional::<Vec<f32>>("FLOATS")
            .optional::<f32>("FLOAT");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        self.sigmoid = cx.options().get_enum("activation").as_deref() == Some("SIGMOID");
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let Some(tensor) = tensors(cx).and_then(|t| t.first()) else {
            return Ok(Flow::Continue);
        };
        let activate = |v: &f32| {
            if self.sigmoid {
                1.0 / (1.0 + (-v).exp())
            } else {
                *v
            }
        };
        let values: Vec<f32> = tensor.values.iter().map(activate).collect();
        if cx.has_output("FLOAT") {
            let [value] = values[..] else {
                return Err(format!("FLOAT is for one number, not {}", values.len()).into());
            };
            cx.output("FLOAT", Packet::new(value));
        }
        cx.output("FLOATS", Packet::new(values));
        Ok(Flow::Continue)
    }
}

/// A part of a picture, scaled to a network's input.
#[derive(Default)]
struct ImageToTensor {
    width: usize,
    height: usize,
    keep_aspect: bool,
    replicate: bool,
    scale: Option<Scale>,
}

impl Calculator for ImageToTensor {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        takes_picture(contract, node);
        contract.inputs.optional::<NormRect>("NORM_RECT");
        gives_tensors(contract, node);
        contract
            .outputs
            .optional::<LetterboxPadding>("LETTERBOX_PADDING");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let options = cx.options();
        let side = |name: &str| options.get_or(name, 0i64);
        let (width, height) = (side("output_tensor_width"), side("output_tensor_height"));
        if !(1..=4096).contains(&width) || !(1..=4096).contains(&height) {
            return Err(format!(
                "a tensor of {width}×{height} is out of range; sides go from 1 to 4096"
            )
            .into());
        }
        (self.width, self.height) = (width as usize, height as usize);
        self.keep_aspect = options.get_or("keep_aspect_ratio", false);
        self.replicate = options.get_enum("border_mode").as_deref() != Some("BORDER_ZERO");
        let range = options.message("output_tensor_float_range");
        self.scale = Some(Scale::range(
            range.get_or("min", 0.0),
            range.get_or("max", 1.0),
        )?);
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let (Some(image), Some(scale)) = (picture(cx), self.scale) else {
            return Ok(Flow::Continue);
        };
        let whole = NormRect {
            x_center: 0.5,
            y_center: 0.5,
            width: 1.0,
            height: 1.0,
            rotation: 0.0,
        };
        let rect = match cx.input::<NormRect>("NORM_RECT") {
            Some(rect) => *rect,
            None if cx.has_input("NORM_RECT") => return Ok(Flow::Continue),
            None => whole,
        };
        let (rect, padding) = self.padded(image, rect);
        let values = self.sample(image, &rect, scale);
        give_tensors(
            cx,
            vec![Tensor {
                shape: vec![1, self.height, self.width, 3],
                values,
            }],
        );
        cx.output("LETTERBOX_PADDING", Packet::new(padding));
        Ok(Flow::Continue)
    }
}

impl ImageToTensor {
    /// The rectangle made larger along one side, so that it has the tensor's shape, and the bars
    /// this adds.
    fn padded(&self, image: &Image, rect: NormRect) -> (NormRect, LetterboxPadding) {
        if !self.keep_aspect {
            return (rect, [0.0; 4]);
        }
        let shape = rect.height * image.height() as f32 / (rect.width * image.width() as f32);
        let wanted = self.height as f32 / self.width as f32;
        if wanted > shape {
            let bar = (1.0 - shape / wanted) / 2.0;
            (
                NormRect {
                    height: rect.height * wanted / shape,
                    ..rect
                },
                [0.0, bar, 0.0, bar],
            )
        } else {
            let bar = (1.0 - wanted / shape) / 2.0;
            (
                NormRect {
                    width: rect.width * shape / wanted,
                    ..rect
                },
                [bar, 0.0, bar, 0.0],
            )
        }
    }

    /// Bilinear samples, the corners of the rectangle on the corners of the tensor.
    fn sample(&self, image: &Image, rect: &NormRect, scale: Scale) -> Vec<f32> {
        let size = [image.width() as f32, image.height() as f32];
        let center = [rect.x_center * size[0], rect.y_center * size[1]];
        let span = [rect.width * size[0], rect.height * size[1]];
        let along =
            |i: usize, count: usize, axis: usize| (i as f32 / count as f32 - 0.5) * span[axis];
        let (across, down) = (0..self.width, 0..self.height);
        if rect.rotation == 0.0 {
            // Columns and rows are independent then: each position is worked out once.
            let column =
                |x: usize| Neighbors::of(center[0] + along(x, self.width, 0), image.width());
            let columns: Vec<Neighbors> = across.map(column).collect();
            let rows =
                down.map(|y| Neighbors::of(center[1] + along(y, self.height, 1), image.height()));
            return rows
                .flat_map(|y| {
                    columns
                        .iter()
                        .flat_map(move |x| self.mix(image, x, &y, scale))
                })
                .collect();
        }
        let (sin, cos) = rect.rotation.sin_cos();
        let turned = |i: usize| {
            let (u, v) = (
                along(i % self.width, self.width, 0),
                along(i / self.width, self.height, 1),
            );
            let (x, y) = (center[0] + cos * u - sin * v, center[1] + sin * u + cos * v);
            self.mix(
                image,
                &Neighbors::of(x, image.width()),
                &Neighbors::of(y, image.height()),
                scale,
            )
        };
        (0..self.width * self.height).flat_map(turned).collect()
    }

    fn mix(&self, image: &Image, x: &Neighbors, y: &Neighbors, scale: Scale) -> [f32; 3] {
        let corner = |a: usize, b: usize| -> [f32; 3] {
            if !(self.replicate || x.inside[a] && y.inside[b]) {
                return [0.0; 3];
            }
            let start = (y.at[b] * image.width() + x.at[a]) * 3;
            let pixel = &image.pixels()[start..start + 3];
            [0, 1, 2].map(|c| f32::from(pixel[c]))
        };
        let corners = [corner(0, 0), corner(1, 0), corner(0, 1), corner(1, 1)];
        let (fx, fy) = (x.share, y.share);
        let weights = [
            (1.0 - fx) * (1.0 - fy),
            fx * (1.0 - fy),
            (1.0 - fx) * fy,
            fx * fy,
        ];
        [0, 1, 2].map(|c| scale.apply((0..4).map(|i| corners[i][c] * weights[i]).sum()))
    }
}

/// The two pixels on either side of a position along an axis, and how near it is to the second.
struct Neighbors {
    at: [usize; 2],
    inside: [bool; 2],
    share: f32,
}

impl Neighbors {
    fn of(position: f32, length: usize) -> Self {
        let low = position.floor();
        let both = [low as i64, (low as i64).saturating_add(1)];
        let last = length as i64 - 1;
        Self {
            at: both.map(|p| p.clamp(0, last) as usize),
            inside: both.map(|p| (0..=last).contains(&p)),
            share: position - low,
        }
    }
}

/// The largest face of a picture, gray, upright, its eyes always in the same places: what moue's
/// expression network takes. Without a face, or if it is too small, there is no packet.
#[derive(Default)]
struct FaceToTensor {
    size: usize,
}

impl Calculator for FaceToTensor {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        takes_picture(contract, node);
        contract.inputs.one::<Vec<Detection>>("DETECTIONS");
        gives_tensors(contract, node);
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        self.size = usize::try_from(cx.options().get_or("size", 64i64))?;
        if (8..=1024).contains(&self.size) {
            Ok(())
        } else {
            Err("size goes from 8 to 1024".into())
        }
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let (Some(image), Some(found)) = (picture(cx), cx.input::<Vec<Detection>>("DETECTIONS"))
        else {
            return Ok(Flow::Continue);
        };
        let faces = found.iter().filter_map(Detection::as_face).collect();
        let Some(face) = moue::finder::chosen(faces, FaceChoice::Largest, image).pop() else {
            return Ok(Flow::Continue);
        };
        if let Ok(alignment) = Alignment::of(image, &face) {
            let mut values = vec![0.0; self.size * self.size];
            alignment.sample(image, self.size, &mut values);
            give_tensors(
                cx,
                vec![Tensor {
                    shape: vec![1, self.size, self.size, 1],
                    values,
                }],
            );
        }
        Ok(Flow::Continue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use moue::Frame;
    use moue::frame::PixelFormat;

    fn sampled(rotation: f32, replicate: bool) -> Vec<f32> {
        let pixels: Vec<u8> = (0..16u8).flat_map(|v| [v * 10; 3]).collect();
        let image = Frame::from_raw(&pixels, 4, 4, 12, PixelFormat::Rgb)
            .unwrap()
            .into_owned();
        let node = ImageToTensor {
            width: 4,
            height: 4,
            replicate,
            ..ImageToTensor::default()
        };
        let rect = NormRect {
            x_center: 0.5,
            y_center: 0.5,
            width: 1.0,
            height: 1.0,
            rotation,
        };
        let values = node.sample(&image, &rect, Scale::Range(0.0, 255.0));
        values.chunks(3).map(|p| p[0]).collect()
    }

    #[test]
    fn the_whole_picture_is_itself_and_a_half_turn_its_reverse() {
        let plain = sampled(0.0, true);
        assert!(
            plain
                .iter()
                .enumerate()
                .all(|(i, v)| (v - 10.0 * i as f32).abs() < 1e-3),
            "{plain:?}"
        );
        let turned = sampled(std::f32::consts::PI, true);
        assert!(
            (turned[5] - 150.0).abs() < 1e-2 && (turned[15] - 50.0).abs() < 1e-2,
            "{turned:?}"
        );
        assert!(
            (sampled(1e-6, true)[6] - plain[6]).abs() < 1e-2,
            "both ways agree"
        );
    }

    #[test]
    fn impossible_positions_stay_inside() {
        for position in [f32::NAN, f32::INFINITY, -1e30, 1e30] {
            assert!(Neighbors::of(position, 7).at.iter().all(|p| *p < 7));
        }
    }
}
