//! Light letters with a dark rim, which captions have so that they are readable on any picture.
//!
//! Connected components of near-white pixels are letters if what surrounds them closely is dark and
//! they are not too large. The sky between leaves and a shirt's folds are near-white too, but their
//! surroundings are not.

use crate::frame::Frame;
use std::collections::VecDeque;

/// The darkest channel of near-white pixels is this or lighter.
const LIGHT: u8 = 225;

/// The lightest channel of dark pixels is this or darker. A rim one pixel wide, blurred by a JPEG and
/// enlarged, is no blacker.
const DARK: u8 = 140;

/// Which pixels around a component are looked at, by their distance: blurred edges come before.
const RIM: std::ops::RangeInclusive<u8> = 2..=5;

/// Least share of dark ones among them.
const DARK_SHARE: f32 = 0.65;

/// Components lower than this many pixels are noise; dots of an i have more.
const MIN_HEIGHT: usize = 3;

/// Largest height and width of a letter, as shares of the picture's.
const MAX_HEIGHT_SHARE: f32 = 0.3;
const MAX_WIDTH_SHARE: f32 = 0.5;

/// Light and dark letters' edges: how far around a letter its gray levels are kept, so that its edge
/// stays smooth.
const EDGE: u8 = 2;

/// No component.
const NONE: u32 = 0;

/// A component of near-white pixels.
struct Component {
    left: usize,
    right: usize,
    top: usize,
    bottom: usize,
    /// Pixels of its rim, and how many of them are dark.
    rim: u32,
    dark: u32,
}

/// The letters alone, dark on white, as gray levels of the picture's size; `None` if there are none.
pub(super) fn rimmed(frame: &Frame<'_>) -> Option<Vec<u8>> {
    let mut map = Map::new(frame);
    let mut components = map.components();
    map.measure_rims(&mut components);
    let size = (frame.width(), frame.height());
    let letters: Vec<_> = components.iter().map(|c| c.is_letter(size)).collect();
    letters.contains(&true).then(|| map.draw(&letters))
}

impl Component {
    fn at(x: usize, y: usize) -> Self {
        Self {
            left: x,
            right: x,
            top: y,
            bottom: y,
            rim: 0,
            dark: 0,
        }
    }

    fn include(&mut self, x: usize, y: usize) {
        self.left = self.left.min(x);
        self.right = self.right.max(x);
        self.top = self.top.min(y);
        self.bottom = self.bottom.max(y);
    }

    fn is_letter(&self, (width, height): (usize, usize)) -> bool {
        let [own_width, own_height] = [self.right - self.left + 1, self.bottom - self.top + 1];
        own_height >= MIN_HEIGHT
            && own_height as f32 <= MAX_HEIGHT_SHARE * height as f32
            && own_width as f32 <= MAX_WIDTH_SHARE * width as f32
            && self.dark as f32 >= DARK_SHARE * self.rim as f32
            // A component that others enclose has none.
            && self.rim > 0
    }
}

/// The picture's pixels with the component that each belongs to or is near to.
struct Map {
    width: usize,
    height: usize,
    /// The darkest channel.
    low: Vec<u8>,
    /// The lightest channel.
    high: Vec<u8>,
    /// Number of the component from 1.
    label: Vec<u32>,
    /// Distance from it in steps to any of the eight neighbors; 0 within.
    distance: Vec<u8>,
}

impl Map {
    fn new(frame: &Frame<'_>) -> Self {
        let pixels = frame.pixels().chunks_exact(3);
        let (low, high): (Vec<_>, Vec<_>) = pixels
            .map(|p| (p[0].min(p[1]).min(p[2]), p[0].max(p[1]).max(p[2])))
            .unzip();
        Self {
            width: frame.width(),
            height: frame.height(),
            label: vec![NONE; low.len()],
            distance: vec![0; low.len()],
            low,
            high,
        }
    }

    /// Labels the components; the first one's number is 1.
    fn components(&mut self) -> Vec<Component> {
        let mut components = Vec::new();
        let mut stack = Vec::new();
        for start in 0..self.low.len() {
            if self.low[start] < LIGHT || self.label[start] != NONE {
                continue;
            }
            let number = components.len() as u32 + 1;
            let mut component = Component::at(start % self.width, start / self.width);
            self.label[start] = number;
            stack.push(start);
            // A stack of our own: a recursion would overflow the thread's in a white picture.
            while let Some(pixel) = stack.pop() {
                component.include(pixel % self.width, pixel / self.width);
                for neighbor in self.neighbors(pixel) {
                    if self.low[neighbor] >= LIGHT && self.label[neighbor] == NONE {
                        self.label[neighbor] = number;
                        stack.push(neighbor);
                    }
                }
            }
            components.push(component);
        }
        components
    }

    /// Gives the pixels around components to the nearest one (breadth-first search) and counts the
    /// dark ones of its rim.
    fn measure_rims(&mut self, components: &mut [Component]) {
        // All components at once, so that a pixel between two letters is given to the nearer one.
        let labeled = (0..self.label.len()).filter(|&pixel| self.label[pixel] != NONE);
        let mut queue: VecDeque<_> = labeled.collect();
        while let Some(pixel) = queue.pop_front() {
            let distance = self.distance[pixel] + 1;
            // The queue is ordered by distance.
            if distance > *RIM.end() {
                break;
            }
            for neighbor in self.neighbors(pixel) {
                if self.label[neighbor] == NONE {
                    self.label[neighbor] = self.label[pixel];
                    self.distance[neighbor] = distance;
                    queue.push_back(neighbor);
                    if RIM.contains(&distance) {
                        let component = &mut components[self.label[pixel] as usize - 1];
                        component.rim += 1;
                        component.dark += u32::from(self.high[neighbor] <= DARK);
                    }
                }
            }
        }
    }

    /// Letters with their edges, dark on white.
    fn draw(&self, letters: &[bool]) -> Vec<u8> {
        let pixels = self.label.iter().zip(&self.distance).zip(&self.low);
        pixels
            .map(|((&label, &distance), &low)| {
                let is_drawn = label != NONE && distance <= EDGE && letters[label as usize - 1];
                // The dark rim becomes the paper: white around black letters.
                if is_drawn { 255 - low } else { 255 }
            })
            .collect()
    }

    /// The eight pixels around one, fewer at the picture's edge.
    fn neighbors(&self, pixel: usize) -> impl Iterator<Item = usize> + use<> {
        let (x, y) = (pixel % self.width, pixel / self.width);
        let width = self.width;
        let columns = x.saturating_sub(1)..=(x + 1).min(self.width - 1);
        let rows = y.saturating_sub(1)..=(y + 1).min(self.height - 1);
        rows.flat_map(move |y| columns.clone().map(move |x| y * width + x))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of 100 × 100 pixels of this gray level with rectangles: left, top, width, height, gray
    /// level.
    fn picture(ground: u8, rectangles: &[[usize; 5]]) -> Frame<'static> {
        let mut pixels = vec![ground; 30_000];
        for &[left, top, width, height, gray] in rectangles {
            for y in top..top + height {
                let start = 3 * (100 * y + left);
                pixels[start..start + 3 * width].fill(gray as u8);
            }
        }
        Frame::from_pixels(pixels, 100, 100).unwrap()
    }

    #[test]
    fn light_pixels_with_a_dark_rim_are_letters() {
        let letters = rimmed(&picture(
            180,
            &[[34, 34, 22, 22, 20], [40, 40, 10, 10, 250]],
        ))
        .unwrap();
        assert_eq!((letters[100 * 45 + 45], letters[100 * 10 + 10]), (5, 255));
    }

    #[test]
    fn light_pixels_without_one_are_not() {
        assert_eq!(rimmed(&picture(180, &[[40, 40, 10, 10, 250]])), None);
        // A window in a dark room is too large for a letter, a spark too small.
        assert_eq!(rimmed(&picture(20, &[[10, 10, 40, 40, 250]])), None);
        assert_eq!(rimmed(&picture(20, &[[10, 10, 2, 2, 250]])), None);
    }

    #[test]
    fn a_letter_is_found_beside_what_is_none() {
        let rectangles = [
            [0, 0, 100, 50, 250],
            [60, 60, 30, 30, 20],
            [70, 70, 8, 9, 255],
        ];
        let letters = rimmed(&picture(180, &rectangles)).unwrap();
        assert_eq!((letters[100 * 75 + 75], letters[100 * 20 + 50]), (0, 255));
    }
}
