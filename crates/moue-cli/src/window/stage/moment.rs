//! A moment of `moue live`, as it is sent to the window.

use crate::emotions;
use crate::raster;
use crate::view::{self, Scene, View};
use crate::window::ui::Moment;
use moue::embed::{Emotion, Emotions};
use moue_graph::{Detection, Image};
use std::sync::Arc;

/// Pixels of the longer side of what is shown of a frame.
const CAMERA_SIDE: u32 = 1280;

/// All that the window shows of a moment.
pub(in crate::window) struct LiveMoment {
    pub(super) camera: Moment,
    pub(super) scene: LiveScene,
}

/// What is shown beside the camera.
pub(super) struct LiveScene {
    /// Of each emotion its color and its share; the shares sum to 1.
    pub(super) emotions: Vec<([u8; 3], f32)>,
    pub(super) cards: Vec<Card>,
    /// Matches for which there is place.
    pub(super) limit: usize,
    pub(super) placeholder: &'static str,
    pub(super) status: String,
}

/// A match.
pub(super) struct Card {
    /// Of the face.
    pub(super) id: u64,
    pub(super) picture: Arc<Image>,
    pub(super) caption: String,
    /// 0 to 1.
    pub(super) nearness: f32,
}

impl LiveMoment {
    pub(in crate::window) fn new(view: &mut View, scene: &Scene<'_>) -> Self {
        let shown = &scene.camera;
        let boxes = shown.faces.iter().map(corner_and_size);
        let words = |all: &Emotions| (emotions::leading(all), emotions::color(all.top()));
        let shares = shown.emotions.into_iter().flat_map(Emotions::iter);
        Self {
            camera: Moment {
                picture: raster::within(&raster::image_of(shown.frame), CAMERA_SIDE),
                faces: boxes.collect(),
                emotion: shown.emotions.map(words),
            },
            scene: LiveScene {
                emotions: shares.map(colored).collect(),
                cards: cards(view, scene),
                limit: scene.limit.max(1),
                placeholder: scene.placeholder(),
                status: scene.status_line().to_owned(),
            },
        }
    }
}

fn cards(view: &mut View, scene: &Scene<'_>) -> Vec<Card> {
    let shown = scene.shown.iter().take(scene.limit);
    let cards = shown.map(|found| Card {
        id: found.id,
        picture: Arc::clone(view.tile(found)),
        caption: view::caption(found).to_owned(),
        nearness: view::nearness(found.distance),
    });
    cards.collect()
}

fn colored((emotion, share): (Emotion, f32)) -> ([u8; 3], f32) {
    (emotions::color(emotion), share)
}

/// Left, top, width and height.
fn corner_and_size(face: &Detection) -> [f32; 4] {
    let b = &face.bounding_box;
    [b.xmin, b.ymin, b.width, b.height]
}
