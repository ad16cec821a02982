//! The places of items in their rows, whose order is known.

use super::items::{Items, Kind};
use super::order::positions;

/// Space around the drawing.
pub(super) const MARGIN: f32 = 24.0;
/// Space between neighbors of a row.
const GAP: f32 = 14.0;
/// Passes down and up. A line through twenty rows is straight after some two hundred; with many
/// items there are fewer, so that a graph of thousands of nodes is drawn in a second.
const PASSES: usize = 240;
const MAX_MOVES: usize = 400_000;
/// How much more a line that passes resists to be bent than a box to be moved.
const STRAIGHTNESS: f32 = 6.0;
/// Pixels between lines at an edge of a box, at most.
const PORT_GAP: f32 = 28.0;

/// For each link, how far from the middle of its box it starts or ends.
pub(super) struct Ports {
    /// At the lower edge of the upper item.
    pub(super) lower_edge: Vec<f32>,
    /// At the upper edge of the lower item.
    pub(super) upper_edge: Vec<f32>,
}

impl Ports {
    /// Lines leave a box in the order of their other ends, so that they do not cross there.
    pub(super) fn of(items: &Items) -> Self {
        let positions = positions(items);
        let links = items.links.iter();
        let uppers: Vec<[usize; 2]> = links
            .clone()
            .map(|l| [l.upper, positions[l.lower]])
            .collect();
        let lowers: Vec<[usize; 2]> = links.map(|l| [l.lower, positions[l.upper]]).collect();
        Self {
            lower_edge: spread(items, &uppers),
            upper_edge: spread(items, &lowers),
        }
    }
}

/// Spreads links over an edge of their box; `ends` has the box of each and the place of its other
/// end.
fn spread(items: &Items, ends: &[[usize; 2]]) -> Vec<f32> {
    let mut of_item: Vec<Vec<usize>> = vec![Vec::new(); items.all.len()];
    for (link, [item, _]) in ends.iter().enumerate() {
        of_item[*item].push(link);
    }
    let mut offsets = vec![0.0; ends.len()];
    for (item, links) in of_item.iter_mut().enumerate() {
        if !items.all[item].is_box() {
            continue;
        }
        links.sort_by_key(|link| ends[*link][1]);
        let width = items.all[item].left + items.all[item].right;
        let step = PORT_GAP.min(width / (links.len() + 1) as f32);
        let first = -step * (links.len().saturating_sub(1)) as f32 / 2.0;
        for (i, link) in links.iter().enumerate() {
            offsets[*link] = first + step * i as f32;
        }
    }
    offsets
}

/// Places all items, the leftmost at the margin.
pub(super) fn place(items: &mut Items, ports: &Ports) {
    for row in 0..items.rows.len() {
        let target = vec![[0.0, 1.0]; items.rows[row].len()];
        place_row(items, row, &target);
    }
    let pulls = Pulls::of(items, ports);
    let passes = (MAX_MOVES / items.all.len().max(1)).min(PASSES);
    for pass in 0..passes {
        let count = items.rows.len();
        for i in 0..count {
            let row = if pass % 2 == 0 { i } else { count - 1 - i };
            let target: Vec<[f32; 2]> = items.rows[row]
                .iter()
                .map(|item| pulls.preferred_place(items, *item))
                .collect();
            place_row(items, row, &target);
        }
    }
    let edges = items.all.iter().map(|item| item.x - item.left);
    let left = edges.fold(f32::INFINITY, f32::min);
    for item in &mut items.all {
        item.x += MARGIN - left;
    }
}

/// What draws items towards their neighbors.
struct Pulls {
    /// For each item, its neighbors with how far left of them it wants to be, and how much.
    of_item: Vec<Vec<Pull>>,
}

struct Pull {
    to: usize,
    offset: f32,
    weight: f32,
}

impl Pulls {
    fn of(items: &Items, ports: &Ports) -> Self {
        let mut of_item: Vec<Vec<Pull>> = (0..items.all.len()).map(|_| Vec::new()).collect();
        for (index, link) in items.links.iter().enumerate() {
            let offset = ports.lower_edge[index] - ports.upper_edge[index];
            let passes = |item: usize| matches!(items.all[item].kind, Kind::Bend | Kind::Name(_));
            let is_long = passes(link.upper) && passes(link.lower);
            // A loop back follows the graph and does not bend it.
            let short = if link.is_back_edge { 0.2 } else { 1.0 };
            let weight = if is_long { STRAIGHTNESS } else { short };
            for (from, to, offset) in [
                (link.lower, link.upper, offset),
                (link.upper, link.lower, -offset),
            ] {
                of_item[from].push(Pull { to, offset, weight });
            }
        }
        Self { of_item }
    }

    /// Where an item wants to be, and how much.
    fn preferred_place(&self, items: &Items, item: usize) -> [f32; 2] {
        let pulls = &self.of_item[item];
        let weight: f32 = pulls.iter().map(|pull| pull.weight).sum();
        if weight == 0.0 {
            return [items.all[item].x, 0.01];
        }
        let places = pulls
            .iter()
            .map(|pull| pull.weight * (items.all[pull.to].x + pull.offset));
        [places.sum::<f32>() / weight, weight]
    }
}

/// Items that touch, and move together.
struct Block {
    place: f32,
    weight: f32,
    length: usize,
}

/// Places a row as near to where its items want to be as their order and widths allow: the least
/// weighted sum of squares, by pooling adjacent violators (Ayer et al. 1955). `target` has a place
/// and a weight for each item.
fn place_row(items: &mut Items, row: usize, target: &[[f32; 2]]) {
    let row = &items.rows[row];
    // The place of each item if all touched, from the first one's on.
    let mut packed = vec![0.0; row.len()];
    for i in 1..row.len() {
        let between = items.all[row[i - 1]].right + GAP + items.all[row[i]].left;
        packed[i] = packed[i - 1] + between;
    }
    let mut blocks: Vec<Block> = Vec::new();
    for ([place, weight], packed) in target.iter().zip(&packed) {
        let mut block = Block {
            place: place - packed,
            weight: *weight,
            length: 1,
        };
        // Blocks that would overlap move together, to the mean of what their items want.
        while let Some(last) = blocks.pop_if(|last| last.place >= block.place) {
            let weight = last.weight + block.weight;
            block = Block {
                place: (last.place * last.weight + block.place * block.weight) / weight,
                weight,
                length: last.length + block.length,
            };
        }
        blocks.push(block);
    }
    let places = blocks
        .iter()
        .flat_map(|block| std::iter::repeat_n(block.place, block.length));
    for ((item, place), packed) in row.clone().into_iter().zip(places).zip(packed) {
        items.all[item].x = place + packed;
    }
}

#[cfg(test)]
mod tests {
    use super::super::items::Item;
    use super::*;

    #[test]
    fn a_row_is_as_near_to_what_is_wanted_as_it_can_be() {
        let graph = crate::GraphConfig::default()
            .input("a")
            .input("b")
            .input("c");
        let library = crate::Library::default();
        let registry = crate::Registry::standard();
        let graph = crate::Graph::new(&graph, &library, &registry).unwrap();
        let mut items = Items::of(&graph);
        let wide = |item: &Item| item.left + item.right + GAP;
        let step = wide(&items.all[0]);
        place_row(&mut items, 0, &[[0.0, 1.0], [0.0, 1.0], [900.0, 1.0]]);
        let places: Vec<f32> = items.all.iter().map(|item| item.x).collect();
        assert_eq!(places, [-step / 2.0, step / 2.0, 900.0]);
    }
}
