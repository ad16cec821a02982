//! Where a face is in its thumbnail.

use moue::gallery::{StoredFace, thumbnail_square};
use moue::{BoundingBox, Point};

/// The face with coordinates of its thumbnail. The picture's shape is not stored, but a detector's
/// boxes are square in pixels, so a box that is twice as high as wide, relative to the picture, is
/// in one that is twice as wide as high. `None` for a box that is not finite.
pub(super) fn in_thumbnail(face: &StoredFace) -> Option<StoredFace> {
    // A face crop is all of its picture, of which the thumbnail has the middle.
    if face.key_points.is_empty() {
        return Some(face.clone());
    }
    // The picture's height is 1 here.
    let width = face.bounding_box.height / face.bounding_box.width;
    let [left, top, side] = thumbnail_square(width, 1.0, &face.bounding_box)?;
    let x = |x: f32| (x * width - left) / side;
    let y = |y: f32| (y - top) / side;
    let b = face.bounding_box;
    let moved = |[px, py]: &Point| [x(*px), y(*py)];
    Some(StoredFace {
        bounding_box: BoundingBox {
            xmin: x(b.xmin),
            ymin: y(b.ymin),
            width: b.width * width / side,
            height: b.height / side,
        },
        key_points: face.key_points.iter().map(moved).collect(),
        ..face.clone()
    })
}
