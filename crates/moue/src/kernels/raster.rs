//! Values that are sampled between their places.

/// Rows of values. Behind the last one are a row and two values more, so that the neighbors to the
/// right and below can be read everywhere; at the edge their weight is 0.
pub(crate) struct Raster {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) values: Vec<f32>,
}

impl Raster {
    /// A raster of zeros; neither side is 0.
    pub(crate) fn new(width: usize, height: usize) -> Self {
        let values = vec![0.0; (height + 1) * width + 2];
        Self {
            width,
            height,
            values,
        }
    }

    /// Its rows, from the top.
    pub(crate) fn rows_mut(&mut self) -> impl Iterator<Item = &mut [f32]> {
        self.values.chunks_exact_mut(self.width).take(self.height)
    }

    /// Whether floats count its sides and 32 bits its values, so that a clamped position is in it.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn has_exact_positions(&self) -> bool {
        const FLOATS: usize = 1 << 24;
        self.width.max(self.height) < FLOATS && i32::try_from(self.values.len()).is_ok()
    }

    /// The bilinear value at a position whose integers are the middles of values; beyond the edge it
    /// is that of the edge.
    // Called for each sample: as a call of its own it more than doubles the time of a crop.
    #[inline(always)]
    pub(super) fn at(&self, x: f32, y: f32) -> f32 {
        let x = x.clamp(0.0, (self.width - 1) as f32);
        let y = y.clamp(0.0, (self.height - 1) as f32);
        let x0 = x as usize;
        let y0 = y as usize;
        let fx = x - x0 as f32;
        let fy = y - y0 as f32;
        let upper = &self.values[y0 * self.width + x0..];
        let lower = &upper[self.width..];
        let top = upper[0] * (1.0 - fx) + upper[1] * fx;
        let bottom = lower[0] * (1.0 - fx) + lower[1] * fx;
        top * (1.0 - fy) + bottom * fy
    }
}

/// Where the samples of a square of values lie in a raster.
pub(crate) struct Samples<'a> {
    /// Position of the square's top left corner.
    pub(crate) origin: [f32; 2],
    /// A step of one value along a row.
    pub(crate) across: [f32; 2],
    /// A step of one value down.
    pub(crate) down: [f32; 2],
    /// Where the samples of a value lie along either step, from its middle on, in shares of it.
    pub(crate) offsets: &'a [f32],
    /// What the sum of a value's samples is multiplied with; then 1 is subtracted.
    pub(crate) scale: f32,
    /// Values along a side.
    pub(crate) size: usize,
}
