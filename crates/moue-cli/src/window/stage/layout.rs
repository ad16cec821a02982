//! Where the parts of the window are.

use egui::{Pos2, Rect, Vec2, pos2, vec2};

/// The size of a window at first, in points.
pub(super) const USUAL: [f32; 2] = [1080.0, 580.0];

/// Points between parts, and around all of them.
pub(super) const GAP: f32 = 12.0;
const MARGIN: f32 = 16.0;

const STATUS_HEIGHT: f32 = 18.0;
/// Of the bar of emotions.
const BAR_HEIGHT: f32 = 8.0;

/// Windows at least so much wider than high have the matches beside the camera, others below it.
const WIDE_FROM: f32 = 1.15;
/// The share of the width that the matches have beside the camera, and of the height below it.
const BESIDE: f32 = 0.38;
const BELOW: f32 = 0.46;
/// A match's picture is no larger, however large the window is.
const HIGHEST_CARD: f32 = 320.0;

/// The places of all parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub(super) camera: Rect,
    pub(super) emotions: Rect,
    pub(super) cards: Rect,
    pub(super) status: Rect,
}

impl Layout {
    pub(super) fn of(window: Rect) -> Self {
        let all = window.shrink(MARGIN);
        let status = Rect::from_min_max(pos2(all.min.x, all.max.y - STATUS_HEIGHT), all.max);
        let room = Rect::from_min_max(all.min, pos2(all.max.x, status.min.y - GAP / 2.0));
        let [mut camera, cards] = if window.aspect_ratio() >= WIDE_FROM {
            beside(room)
        } else {
            below(room)
        };
        let emotions =
            Rect::from_min_max(pos2(camera.min.x, camera.max.y - BAR_HEIGHT), camera.max);
        camera.max.y = emotions.min.y - GAP / 2.0;
        Self {
            camera,
            emotions,
            cards,
            status,
        }
    }
}

fn beside(room: Rect) -> [Rect; 2] {
    let width = (room.width() * BESIDE).floor();
    let edge = room.max.x - width;
    [
        Rect::from_min_max(room.min, pos2(edge - GAP, room.max.y)),
        Rect::from_min_max(pos2(edge, room.min.y), room.max),
    ]
}

fn below(room: Rect) -> [Rect; 2] {
    let edge = room.max.y - (room.height() * BELOW).floor();
    [
        Rect::from_min_max(room.min, pos2(room.max.x, edge - GAP)),
        Rect::from_min_max(pos2(room.min.x, edge), room.max),
    ]
}

/// The places of so many matches, one below the other.
pub(super) fn rows(place: Rect, count: usize) -> impl Iterator<Item = Rect> {
    let gaps = GAP * (count as f32 - 1.0);
    let height = ((place.height() - gaps) / count as f32).clamp(1.0, HIGHEST_CARD);
    (0..count).map(move |row| {
        let corner = place.min + vec2(0.0, row as f32 * (height + GAP));
        Rect::from_min_size(corner, Vec2::new(place.width(), height))
    })
}

/// The parts of a bar by their shares.
pub(super) fn parts(bar: Rect, shares: impl Iterator<Item = f32>) -> Vec<Rect> {
    let mut before = 0.0;
    let parts = shares.map(|share| {
        let at = |share: f32| bar.min.x + share.clamp(0.0, 1.0) * bar.width();
        let start = at(before);
        before += share;
        Rect::from_min_max(
            Pos2::new(start, bar.min.y),
            Pos2::new(at(before), bar.max.y),
        )
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_lie_in_the_window_and_do_not_overlap() {
        for size in [USUAL, [320.0, 320.0], [390.0, 844.0], [2560.0, 1400.0]] {
            let window = Rect::from_min_size(Pos2::ZERO, Vec2::from(size));
            let l = Layout::of(window);
            let parts = [l.camera, l.emotions, l.cards, l.status];
            for (number, part) in parts.iter().enumerate() {
                assert!(
                    window.contains_rect(*part) && part.is_positive(),
                    "{part:?}"
                );
                let mut others = parts[number + 1..].iter();
                assert!(others.all(|other| !other.intersects(*part)), "{size:?}");
            }
            for count in [1, 3, 9] {
                let rows: Vec<Rect> = rows(l.cards, count).collect();
                assert!(
                    rows.iter()
                        .all(|row| l.cards.expand(0.5).contains_rect(*row))
                );
            }
        }
    }

    #[test]
    fn shares_fill_their_bar() {
        let bar = Rect::from_min_size(Pos2::ZERO, vec2(200.0, 8.0));
        let parts = parts(bar, [0.25, 0.5, 0.25].into_iter());
        assert_eq!(parts[1].x_range(), egui::Rangef::new(50.0, 150.0));
        assert_eq!(parts[2].max, bar.max);
    }
}
