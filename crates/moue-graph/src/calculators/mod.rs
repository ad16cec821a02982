//! Calculators under MediaPipe's names and options. They are thin: the work is `moue`'s.

mod closest;
mod detections;
mod flow;
mod image;
mod rects;
mod render;
mod suppression;
mod tensors;
mod tracking;

pub use render::Canvas;

use crate::registry::Registry;

/// Adds all of them.
pub(crate) fn register(registry: &mut Registry) {
    flow::register(registry);
    image::register(registry);
    tensors::register(registry);
    detections::register(registry);
    suppression::register(registry);
    rects::register(registry);
    closest::register(registry);
    render::register(registry);
    tracking::register(registry);
}
