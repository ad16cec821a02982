//! What the views of a picture show, for the passes over the turned picture: they search the same
//! squares, and turning a crop by a quarter takes less time than cutting it out again.

use super::pyramid::Pyramid;
use super::view::{Quarter, View};

/// Crops that are kept: the whole picture, that with a margin, and the four largest tiles. Smaller tiles
/// are not searched in turned pictures.
const MAX_CROPS: usize = 6;

/// Upright crops of one picture.
pub(super) struct UprightCrops {
    /// Side of a crop in pixels.
    size: usize,
    crops: Vec<(View, Vec<u8>)>,
}

impl UprightCrops {
    pub(super) fn new(size: usize) -> Self {
        let crops = Vec::with_capacity(MAX_CROPS);
        Self { size, crops }
    }

    /// What a view shows of the turned picture, RGB.
    pub(super) fn turned(
        &mut self,
        picture: &Pyramid<'_>,
        view: &View,
        quarter: Quarter,
    ) -> Vec<u8> {
        let known = self.crops.iter().find(|(known, _)| known == view);
        if let Some((_, crop)) = known {
            return quarter.turned(crop, self.size);
        }
        let crop = picture.crop(view, self.size);
        if quarter == Quarter::Upright && self.crops.len() < MAX_CROPS {
            self.crops.push((*view, crop.clone()));
        }
        match quarter {
            Quarter::Upright => crop,
            _ => quarter.turned(&crop, self.size),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Frame;

    #[test]
    fn crops_are_kept_and_turned() {
        let pixels = (0..40 * 40 * 3).map(|i| (i * 7) as u8).collect();
        let frame = Frame::from_pixels(pixels, 40, 40).unwrap();
        let picture = Pyramid::flat(&frame);
        let view = View::new([20.0, 20.0], 24.0);
        let mut crops = UprightCrops::new(12);
        let upright = crops.turned(&picture, &view, Quarter::Upright);
        assert_eq!(upright, view.crop(&frame, 12));
        let twice = crops.turned(&picture, &view, Quarter::Twice);
        assert_eq!(twice, Quarter::Twice.turned(&upright, 12));
        assert_eq!(crops.crops.len(), 1);
        for side in 2..20 {
            let other = View::new([20.0, 20.0], side as f32);
            crops.turned(&picture, &other, Quarter::Upright);
        }
        assert_eq!(crops.crops.len(), MAX_CROPS);
    }
}
