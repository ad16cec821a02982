//! How sharp a face is: the variance of the Laplacian.

use crate::embed::Alignment;
use crate::{Face, Frame};

/// Pixels along a side of the aligned crop. A larger face is read at this size, at which motion blur
/// of a hundredth of a face still shows; a smaller one at its own, as enlarging it would blur it.
const MAX_SIDE: usize = 160;
/// Fewer pixels have no inner part.
const MIN_SIDE: usize = 16;
/// Part of the crop that is left out at each side: hair and background lie there.
const MARGIN: f32 = 0.2;

/// How sharp a face is: the variance of the Laplacian of its gray levels (Pech-Pacheco et al. 2000),
/// divided by their own variance, so that light does not count. 0 and more; 0 if the face has no eyes
/// to align it by. Only pictures of the same scene are comparable.
pub fn sharpness(frame: &Frame<'_>, face: &Face) -> f32 {
    let Ok(alignment) = Alignment::of(frame, face) else {
        return 0.0;
    };
    let [across, along] = alignment.across;
    let pixels = (across * across + along * along).sqrt();
    let side = (pixels as usize).clamp(MIN_SIDE, MAX_SIDE);
    let mut grays = vec![0.0; side * side];
    alignment.sample(frame, side, &mut grays);
    of_crop(&grays, side)
}

fn of_crop(grays: &[f32], side: usize) -> f32 {
    let margin = ((MARGIN * side as f32) as usize).max(1);
    let inner = margin..side - margin;
    let places = inner
        .clone()
        .flat_map(|y| inner.clone().map(move |x| y * side + x));
    let laplacian = |at: usize| {
        grays[at - 1] + grays[at + 1] + grays[at - side] + grays[at + side] - 4.0 * grays[at]
    };
    let contrast = variance(places.clone().map(|at| grays[at]));
    if contrast > 0.0 {
        variance(places.map(laplacian)) / contrast
    } else {
        0.0
    }
}

fn variance(values: impl Iterator<Item = f32> + Clone) -> f32 {
    let count = values.clone().count().max(1) as f32;
    let mean = values.clone().sum::<f32>() / count;
    values.map(|v| (v - mean) * (v - mean)).sum::<f32>() / count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blurred_edge_is_less_sharp_whatever_the_light() {
        let side = 32;
        let edge = |width: f32, light: f32| -> Vec<f32> {
            let value = |x: usize| ((x as f32 - 16.0) / width).clamp(-1.0, 1.0) * light;
            (0..side * side).map(|i| value(i % side)).collect()
        };
        let sharp = of_crop(&edge(1.0, 1.0), side);
        assert!(sharp > 4.0 * of_crop(&edge(6.0, 1.0), side));
        assert!((sharp - of_crop(&edge(1.0, 0.3), side)).abs() < 1e-3 * sharp);
        assert_eq!(of_crop(&vec![0.5; side * side], side), 0.0);
    }
}
