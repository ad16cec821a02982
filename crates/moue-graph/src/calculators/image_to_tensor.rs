//! A rotated rectangle of an image, scaled to a network's input.

use super::ports::{declare_image_input, declare_tensor_output, image_input, write_tensors};
use super::value_range::ValueRange;
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;
use crate::types::{Image, LetterboxPadding, NormRect, ProjectionMatrix, Tensor};

/// Samples the rectangle at `NORM_RECT`, or the whole image, into a tensor of the shape
/// `[1, height, width, 3]`.
#[derive(Default)]
pub(super) struct ImageToTensorCalculator {
    width: usize,
    height: usize,
    keep_aspect_ratio: bool,
    /// Whether the image's border continues beyond it; otherwise it is 0 there.
    replicate_border: bool,
    range: Option<ValueRange>,
}

/// The longest side of a tensor.
// Chosen by hand: several times the input of the networks that such graphs run, and small enough
// that the 3 × 4096 × 4096 floats of a mistyped size can still be allocated.
const MAX_TENSOR_SIDE: i64 = 4096;

const WHOLE_IMAGE: NormRect = NormRect {
    x_center: 0.5,
    y_center: 0.5,
    width: 1.0,
    height: 1.0,
    rotation: 0.0,
};

impl Calculator for ImageToTensorCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        declare_image_input(contract, node);
        contract.inputs.optional::<NormRect>("NORM_RECT");
        declare_tensor_output(contract, node);
        contract
            .outputs
            .optional::<LetterboxPadding>("LETTERBOX_PADDING")
            .optional::<ProjectionMatrix>("MATRIX");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let options = cx.options();
        self.width = tensor_side(options.get_or("output_tensor_width", 0))?;
        self.height = tensor_side(options.get_or("output_tensor_height", 0))?;
        self.keep_aspect_ratio = options.get_or("keep_aspect_ratio", false);
        // MediaPipe replicates the border by default.
        self.replicate_border = options.get_enum("border_mode").as_deref() != Some("BORDER_ZERO");
        for range in ["output_tensor_int_range", "output_tensor_uint_range"] {
            if options.has(range) {
                return Err(format!("{range} is set, and tensors hold floats").into());
            }
        }
        let range = options.message("output_tensor_float_range");
        let low = range.get_or("min", 0.0);
        let high = range.get_or("max", 1.0);
        self.range = Some(ValueRange::range(low, high)?);
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let (Some(image), Some(range)) = (image_input(cx), self.range) else {
            return Ok(Flow::Continue);
        };
        let rect = match cx.input::<NormRect>("NORM_RECT") {
            Some(rect) => *rect,
            // A frame without a rectangle, such as one without a face, has no tensor.
            None if cx.has_input("NORM_RECT") => return Ok(Flow::Continue),
            None => WHOLE_IMAGE,
        };
        let (rect, padding) = self.pad(image, rect);
        let shape = vec![1, self.height, self.width, 3];
        let values = self.sample(image, &rect, range);
        write_tensors(cx, vec![Tensor { shape, values }]);
        cx.output("MATRIX", Packet::new(projection(image, &rect)));
        cx.output("LETTERBOX_PADDING", Packet::new(padding));
        Ok(Flow::Continue)
    }
}

/// Where the points of a tensor that was sampled from `rect` lie in the image: the offset from the
/// tensor's center, scaled to the rectangle's pixels, rotated, moved to its center, and divided by
/// the image's sides again.
fn projection(image: &Image, rect: &NormRect) -> ProjectionMatrix {
    let size = [image.width() as f32, image.height() as f32];
    let (sin, cos) = rect.rotation.sin_cos();
    let width = rect.width * size[0];
    let height = rect.height * size[1];
    let rows = [
        [
            width * cos / size[0],
            -height * sin / size[0],
            rect.x_center,
        ],
        [width * sin / size[1], height * cos / size[1], rect.y_center],
    ];
    let mut matrix = [0.0; 16];
    for (to, [x, y, center]) in matrix.chunks_exact_mut(4).zip(rows) {
        to[..2].copy_from_slice(&[x, y]);
        to[3] = center - (x + y) / 2.0;
    }
    // Depth is scaled as the width is, of which tensors with depth are shares.
    matrix[10] = rect.width;
    matrix[15] = 1.0;
    matrix
}

fn tensor_side(side: i64) -> Result<usize, CalculatorError> {
    if (1..=MAX_TENSOR_SIDE).contains(&side) {
        Ok(side as usize)
    } else {
        Err(format!("a tensor's side of {side} is out of range: 1 to {MAX_TENSOR_SIDE}").into())
    }
}

impl ImageToTensorCalculator {
    /// The rectangle extended along one side, so that it has the tensor's aspect ratio, and the
    /// padding that this adds.
    fn pad(&self, image: &Image, rect: NormRect) -> (NormRect, LetterboxPadding) {
        if !self.keep_aspect_ratio {
            return (rect, [0.0; 4]);
        }
        // Height over width, in pixels.
        let rect_aspect = rect.height * image.height() as f32 / (rect.width * image.width() as f32);
        let aspect = self.height as f32 / self.width as f32;
        if aspect > rect_aspect {
            let bar = (1.0 - rect_aspect / aspect) / 2.0;
            let height = rect.height * aspect / rect_aspect;
            (NormRect { height, ..rect }, [0.0, bar, 0.0, bar])
        } else {
            let bar = (1.0 - aspect / rect_aspect) / 2.0;
            let width = rect.width * rect_aspect / aspect;
            (NormRect { width, ..rect }, [bar, 0.0, bar, 0.0])
        }
    }

    /// Bilinear samples; the rectangle's corners lie on the tensor's corners.
    // That is how MediaPipe's converter for OpenCV places them. Sampling at pixel centers would
    // shift everything by half a pixel of the tensor, and networks are trained for one of the two.
    fn sample(&self, image: &Image, rect: &NormRect, range: ValueRange) -> Vec<f32> {
        let size = [image.width() as f32, image.height() as f32];
        let area = Area {
            center: [rect.x_center * size[0], rect.y_center * size[1]],
            span: [rect.width * size[0], rect.height * size[1]],
            steps: [self.width, self.height],
        };
        let sampler = Sampler {
            image,
            range,
            replicate_border: self.replicate_border,
        };
        if rect.rotation == 0.0 {
            sampler.upright(&area)
        } else {
            sampler.rotated(&area, rect.rotation)
        }
    }
}

/// The area that is sampled, in pixels of the image.
struct Area {
    center: [f32; 2],
    span: [f32; 2],
    /// Samples across and down.
    steps: [usize; 2],
}

impl Area {
    /// The distance of a sample from the center along an axis, before rotation.
    fn offset(&self, index: usize, axis: usize) -> f32 {
        (index as f32 / self.steps[axis] as f32 - 0.5) * self.span[axis]
    }
}

struct Sampler<'a> {
    image: &'a Image,
    range: ValueRange,
    replicate_border: bool,
}

impl Sampler<'_> {
    // Without a rotation, columns and rows are independent: the two neighbors of each position are
    // computed once for a column and once for a row, not for each sample.
    fn upright(&self, area: &Area) -> Vec<f32> {
        let [across, down] = area.steps;
        let columns: Vec<Neighbors> = (0..across)
            .map(|x| Neighbors::of(area.center[0] + area.offset(x, 0), self.image.width()))
            .collect();
        let mut values = Vec::with_capacity(across * down * 3);
        for y in 0..down {
            let position = area.center[1] + area.offset(y, 1);
            let row = Neighbors::of(position, self.image.height());
            for column in &columns {
                values.extend(self.interpolate(column, &row));
            }
        }
        values
    }

    fn rotated(&self, area: &Area, rotation: f32) -> Vec<f32> {
        let [across, down] = area.steps;
        let (sin, cos) = rotation.sin_cos();
        let mut values = Vec::with_capacity(across * down * 3);
        for i in 0..across * down {
            let dx = area.offset(i % across, 0);
            let dy = area.offset(i / across, 1);
            let x = area.center[0] + cos * dx - sin * dy;
            let y = area.center[1] + sin * dx + cos * dy;
            let column = Neighbors::of(x, self.image.width());
            let row = Neighbors::of(y, self.image.height());
            values.extend(self.interpolate(&column, &row));
        }
        values
    }

    /// Mixes the four pixels around a position by their distances from it.
    fn interpolate(&self, x: &Neighbors, y: &Neighbors) -> [f32; 3] {
        let corners = [
            self.corner(x, y, 0, 0),
            self.corner(x, y, 1, 0),
            self.corner(x, y, 0, 1),
            self.corner(x, y, 1, 1),
        ];
        let weights = [
            (1.0 - x.weight) * (1.0 - y.weight),
            x.weight * (1.0 - y.weight),
            (1.0 - x.weight) * y.weight,
            x.weight * y.weight,
        ];
        [0, 1, 2].map(|channel| {
            let mixed = (0..4).map(|i| corners[i][channel] * weights[i]).sum();
            self.range.apply(mixed)
        })
    }

    fn corner(&self, x: &Neighbors, y: &Neighbors, a: usize, b: usize) -> [f32; 3] {
        if !(self.replicate_border || x.inside[a] && y.inside[b]) {
            return [0.0; 3];
        }
        let start = (y.index[b] * self.image.width() + x.index[a]) * 3;
        let pixel = &self.image.pixels()[start..start + 3];
        [0, 1, 2].map(|channel| f32::from(pixel[channel]))
    }
}

/// The two pixels on either side of a position along an axis.
struct Neighbors {
    index: [usize; 2],
    inside: [bool; 2],
    /// The weight of the second one, 0 to 1.
    weight: f32,
}

impl Neighbors {
    fn of(position: f32, length: usize) -> Self {
        let floor = position.floor();
        // A rectangle from a network can be anywhere, also at NaN: the cast saturates, and the
        // indices are clamped, so that any position reads inside the image.
        let first = floor as i64;
        let both = [first, first.saturating_add(1)];
        let last = length as i64 - 1;
        Self {
            index: both.map(|p| p.clamp(0, last) as usize),
            inside: both.map(|p| (0..=last).contains(&p)),
            weight: position - floor,
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
            replicate_border: replicate,
            ..ImageToTensorCalculator::default()
        };
        let rect = NormRect {
            x_center: 0.5,
            y_center: 0.5,
            width: 1.0,
            height: 1.0,
            rotation,
        };
        let values = node.sample(
            &image,
            &rect,
            ValueRange::Range {
                low: 0.0,
                high: 255.0,
            },
        );
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
    fn the_projection_maps_corners_to_the_rectangle() {
        let image = Frame::from_raw(&[0; 60], 5, 4, 15, PixelFormat::Rgb).unwrap();
        let image = image.into_owned();
        let at = |m: &ProjectionMatrix, x: f32, y: f32| {
            [m[0] * x + m[1] * y + m[3], m[4] * x + m[5] * y + m[7]]
        };
        let near = |a: [f32; 2], b: [f32; 2]| (a[0] - b[0]).abs() + (a[1] - b[1]).abs() < 1e-6;
        let identity = projection(&image, &WHOLE_IMAGE);
        assert!(near(at(&identity, 0.3, 0.9), [0.3, 0.9]));
        let rect = NormRect {
            x_center: 0.4,
            width: 0.2,
            height: 0.5,
            ..WHOLE_IMAGE
        };
        assert!(near(at(&projection(&image, &rect), 0.0, 1.0), [0.3, 0.75]));
        // A quarter turn clockwise: the tensor's right is the image's bottom, a pixel below the
        // center for each pixel of width.
        let turned = NormRect {
            rotation: std::f32::consts::FRAC_PI_2,
            ..rect
        };
        let right = at(&projection(&image, &turned), 1.0, 0.5);
        assert!(near(right, [0.4, 0.5 + 0.1 * 5.0 / 4.0]), "{right:?}");
    }

    #[test]
    fn impossible_positions_stay_inside() {
        for position in [f32::NAN, f32::INFINITY, -1e30, 1e30] {
            assert!(Neighbors::of(position, 7).index.iter().all(|p| *p < 7));
        }
    }
}
