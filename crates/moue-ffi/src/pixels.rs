//! Cameras' pixels as red, green, blue.
//!
//! Rows are converted as whole arrays of one channel first, in loops without branches, which
//! compilers turn into vector instructions of every processor; channels are interleaved last.

use crate::error::MoueError;

/// The order of the bytes of a pixel, in a buffer of one plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum PixelFormat {
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue, alpha (not premultiplied), as Android's bitmaps have it in memory.
    Rgba,
    /// Blue, green, red, alpha (not premultiplied), as `kCVPixelFormatType_32BGRA` has it.
    Bgra,
}

/// How far a buffer is turned clockwise to be upright. For a phone's camera it is what
/// `CameraCharacteristics.SENSOR_ORIENTATION` and the display's rotation amount to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, uniffi::Enum)]
pub enum Rotation {
    /// It is upright.
    #[default]
    Upright,
    /// By 90 degrees clockwise.
    Clockwise90,
    /// By 180 degrees.
    Half,
    /// By 270 degrees clockwise.
    Clockwise270,
}

/// Which levels the samples of a YUV picture use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, uniffi::Enum)]
pub enum YuvRange {
    /// 0 to 255, as JPEG has it: Android's cameras, `…BiPlanarFullRange` of iOS.
    #[default]
    Full,
    /// 16 to 235 (luma) and 16 to 240 (chroma): most videos, `…BiPlanarVideoRange` of iOS.
    Video,
}

/// The weights of red and blue in luma.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, uniffi::Enum)]
pub enum YuvMatrix {
    /// ITU-R BT.601: Android's cameras, JPEG.
    #[default]
    Bt601,
    /// ITU-R BT.709: videos in high definition, iPhones' cameras.
    Bt709,
}

/// A buffer of one plane: its size, the order of its bytes, and how to turn it.
#[derive(Debug, Clone, Copy, uniffi::Record)]
pub struct PackedLayout {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Bytes from one row to the next; 0 where rows follow each other without a gap.
    #[uniffi(default = 0)]
    pub stride: u32,
    /// The order of the bytes.
    pub format: PixelFormat,
    /// How far it is turned to be upright; none if it is.
    #[uniffi(default = None)]
    pub rotation: Option<Rotation>,
    /// Whether the upright picture is also mirrored left to right.
    #[uniffi(default = false)]
    pub mirrored: bool,
}

/// A YUV picture with half as many chroma samples in each direction (4:2:0): NV12, NV21 and planar
/// YUV420 differ in where the planes start and how far apart their samples are.
///
/// | format | u | v | `chroma_step` |
/// |---|---|---|---|
/// | NV12 | the plane of pairs | that plane from its second byte on | 2 |
/// | NV21 | the plane of pairs from its second byte on | that plane | 2 |
/// | YUV420 planar (I420) | the second plane | the third | 1 |
/// | Android's `YUV_420_888` | `planes[1]` | `planes[2]` | `planes[1].pixelStride` |
#[derive(Debug, Clone, Copy, uniffi::Record)]
pub struct PlanarLayout {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Bytes from one row of luma to the next.
    pub luma_stride: u32,
    /// Bytes from one row of chroma to the next.
    pub chroma_stride: u32,
    /// Bytes from one chroma sample to the next in its row: 1 or 2.
    pub chroma_step: u32,
    /// Which levels the samples use; none for `Full`.
    #[uniffi(default = None)]
    pub range: Option<YuvRange>,
    /// The weights of red and blue in luma; none for `Bt601`.
    #[uniffi(default = None)]
    pub matrix: Option<YuvMatrix>,
    /// How far it is turned to be upright; none if it is.
    #[uniffi(default = None)]
    pub rotation: Option<Rotation>,
    /// Whether the upright picture is also mirrored left to right.
    #[uniffi(default = false)]
    pub mirrored: bool,
}

/// The planes of a picture in YUV.
pub(crate) struct Planes<'a> {
    pub(crate) luma: &'a [u8],
    pub(crate) u: &'a [u8],
    pub(crate) v: &'a [u8],
}

/// Pixels of one frame at most: beyond any camera's, and as many as files may have.
const MAX_PIXELS: u64 = 120_000_000;

/// Refuses sizes of no pixels and of more than any camera has, before memory is taken for them.
pub(crate) fn check_size(width: u32, height: u32) -> Result<(), MoueError> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || pixels > MAX_PIXELS {
        return Err(MoueError::Options(format!(
            "a frame of {width}×{height} pixels: 1 to {MAX_PIXELS} are possible"
        )));
    }
    Ok(())
}

/// Fixed-point weights with 13 bits after the point: products of 8-bit samples stay within 23 bits,
/// and their errors within a twentieth of a level.
const POINT: i32 = 13;

/// How luma and chroma make red, green and blue.
struct Weights {
    /// What black's luma is.
    black: i32,
    luma: i32,
    red_v: i32,
    green_u: i32,
    green_v: i32,
    blue_u: i32,
}

impl Weights {
    fn of(range: YuvRange, matrix: YuvMatrix) -> Self {
        let fixed = |value: f64| (value * f64::from(1 << POINT)).round() as i32;
        // The shares of red and blue in luma: ITU-R BT.601-7 section 2.5.1, BT.709-6 item 3.2.
        let [red, blue] = match matrix {
            YuvMatrix::Bt601 => [0.299, 0.114],
            YuvMatrix::Bt709 => [0.2126, 0.0722],
        };
        // Video levels use 219 of 255 steps for luma and 224 for chroma.
        let [black, luma, chroma] = match range {
            YuvRange::Full => [0.0, 1.0, 1.0],
            YuvRange::Video => [16.0, 255.0 / 219.0, 255.0 / 224.0],
        };
        let green = 1.0 - red - blue;
        let from_v = 2.0 * (1.0 - red) * chroma;
        let from_u = 2.0 * (1.0 - blue) * chroma;
        Self {
            black: black as i32,
            luma: fixed(luma),
            red_v: fixed(from_v),
            green_u: fixed(-from_u * blue / green),
            green_v: fixed(-from_v * red / green),
            blue_u: fixed(from_u),
        }
    }
}

/// A row of each chroma plane, one sample for each pixel.
struct ChromaRow {
    u: Vec<u8>,
    v: Vec<u8>,
}

impl ChromaRow {
    /// Repeats each sample for the two pixels that share it.
    fn fill(&mut self, u: &[u8], v: &[u8], step: usize) {
        widen(&mut self.u, u, step);
        widen(&mut self.v, v, step);
    }
}

fn widen(out: &mut [u8], samples: &[u8], step: usize) {
    for (pair, sample) in out.chunks_mut(2).zip(samples.iter().step_by(step)) {
        pair.fill(*sample);
    }
}

/// The picture as rows of red, green, blue without gaps.
///
/// # Errors
/// [`MoueError::Options`] if a plane is too short for the layout.
pub(crate) fn yuv_to_rgb(planes: &Planes<'_>, layout: &PlanarLayout) -> Result<Vec<u8>, MoueError> {
    check_size(layout.width, layout.height)?;
    check_planes(planes, layout)?;
    let width = layout.width as usize;
    let step = layout.chroma_step as usize;
    let weights = Weights::of(
        layout.range.unwrap_or_default(),
        layout.matrix.unwrap_or_default(),
    );
    let mut chroma = ChromaRow {
        u: vec![0; width],
        v: vec![0; width],
    };
    let mut out = vec![0; 3 * width * layout.height as usize];
    for (y, row) in out.chunks_exact_mut(3 * width).enumerate() {
        let luma = &planes.luma[y * layout.luma_stride as usize..][..width];
        if y % 2 == 0 {
            let start = y / 2 * layout.chroma_stride as usize;
            chroma.fill(&planes.u[start..], &planes.v[start..], step);
        }
        convert_row(luma, &chroma, &weights, row);
    }
    Ok(out)
}

/// Every index that the conversion reads lies within its plane.
fn check_planes(planes: &Planes<'_>, layout: &PlanarLayout) -> Result<(), MoueError> {
    let width = u64::from(layout.width);
    let height = u64::from(layout.height);
    let step = u64::from(layout.chroma_step);
    if !(1..=2).contains(&step) {
        return Err(MoueError::Options(format!(
            "a chroma step of {step}: 1 and 2 are possible"
        )));
    }
    let chroma_row = (width.div_ceil(2) - 1) * step + 1;
    let chroma_rows = height.div_ceil(2);
    let chroma_stride = u64::from(layout.chroma_stride);
    check_plane(
        "luma",
        planes.luma,
        width,
        height,
        layout.luma_stride.into(),
    )?;
    check_plane("u", planes.u, chroma_row, chroma_rows, chroma_stride)?;
    check_plane("v", planes.v, chroma_row, chroma_rows, chroma_stride)
}

fn check_plane(
    name: &str,
    plane: &[u8],
    row: u64,
    rows: u64,
    stride: u64,
) -> Result<(), MoueError> {
    // Both below 2^32: no product overflows.
    let needed = stride * (rows - 1) + row;
    if stride < row || (plane.len() as u64) < needed {
        let bytes = plane.len();
        return Err(MoueError::Options(format!(
            "the plane {name} of {bytes} bytes with a stride of {stride} does not hold {rows} rows \
             of {row} bytes"
        )));
    }
    Ok(())
}

/// Pixels that are converted at once: their channels fit into the first level of cache.
const BLOCK: usize = 64;

fn convert_row(luma: &[u8], chroma: &ChromaRow, weights: &Weights, out: &mut [u8]) {
    let blocks = luma.chunks(BLOCK).zip(chroma.u.chunks(BLOCK));
    let blocks = blocks.zip(chroma.v.chunks(BLOCK));
    for (((luma, u), v), out) in blocks.zip(out.chunks_mut(3 * BLOCK)) {
        convert_block(luma, u, v, weights, out);
    }
}

/// A block of a known length, whose loop is unrolled into vectors.
fn full_block(plane: &[u8]) -> [u8; BLOCK] {
    let mut block = [128; BLOCK];
    block[..plane.len()].copy_from_slice(plane);
    block
}

fn convert_block(luma: &[u8], u: &[u8], v: &[u8], w: &Weights, out: &mut [u8]) {
    let mut red = [0; BLOCK];
    let mut green = [0; BLOCK];
    let mut blue = [0; BLOCK];
    let half = 1 << (POINT - 1);
    let level = |value: i32| ((value + half) >> POINT).clamp(0, 255) as u8;
    let [luma, u, v] = [luma, u, v].map(full_block);
    for i in 0..BLOCK {
        let y = (i32::from(luma[i]) - w.black) * w.luma;
        let u = i32::from(u[i]) - 128;
        let v = i32::from(v[i]) - 128;
        red[i] = level(y + w.red_v * v);
        green[i] = level(y + w.green_u * u + w.green_v * v);
        blue[i] = level(y + w.blue_u * u);
    }
    let channels = red.iter().zip(&green).zip(&blue);
    for (pixel, ((r, g), b)) in out.as_chunks_mut::<3>().0.iter_mut().zip(channels) {
        *pixel = [*r, *g, *b];
    }
}

/// Where a pixel of the upright picture is among the turned ones, whose last is at `last`.
fn origin([x, y]: [usize; 2], last: [usize; 2], rotation: Rotation) -> [usize; 2] {
    match rotation {
        Rotation::Upright => [x, y],
        Rotation::Half => [last[0] - x, last[1] - y],
        Rotation::Clockwise90 => [y, last[1] - x],
        Rotation::Clockwise270 => [last[0] - y, x],
    }
}

/// An upright picture of turned pixels: width, height and rows of red, green, blue.
pub(crate) fn turned(
    pixels: Vec<u8>,
    [width, height]: [usize; 2],
    rotation: Rotation,
    mirrored: bool,
) -> ([usize; 2], Vec<u8>) {
    if rotation == Rotation::Upright && !mirrored {
        return ([width, height], pixels);
    }
    let source = pixels.as_chunks::<3>().0;
    let last = [width - 1, height - 1];
    let size = match rotation {
        Rotation::Upright | Rotation::Half => [width, height],
        Rotation::Clockwise90 | Rotation::Clockwise270 => [height, width],
    };
    let mut out = vec![0; pixels.len()];
    let rows = out.as_chunks_mut::<3>().0.chunks_exact_mut(size[0]);
    for (y, row) in rows.enumerate() {
        for (x, pixel) in row.iter_mut().enumerate() {
            // Mirroring is of the upright picture, so its x is mirrored first.
            let x = if mirrored { size[0] - 1 - x } else { x };
            let [from_x, from_y] = origin([x, y], last, rotation);
            *pixel = source[from_y * width + from_x];
        }
    }
    (size, out)
}

#[cfg(test)]
mod tests;
