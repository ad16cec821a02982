//! A rotated rectangle of an image, scaled to a network's input.

use super::ports::{give_tensors, gives_tensors, picture, takes_picture};
use super::value_range::Scale;
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;
use crate::types::{Image, LetterboxPadding, NormRect, Tensor};

/// A part of a picture, scaled to a network's input.
#[derive(Default)]
pub(super) struct ImageToTensorCalculator {
    width: usize,
    height: usize,
    keep_aspect: bool,
    replicate: bool,
    scale: Option<Scale>,
}

impl Calculator for ImageToTensorCalculator {
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

impl ImageToTensorCalculator {
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
        let node = ImageToTensorCalculator {
            width: 4,
            height: 4,
            replicate,
            ..ImageToTensorCalculator::default()
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
