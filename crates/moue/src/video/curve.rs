//! The curve of a clip and its peaks.

use super::moment::{Moment, TimelineOptions};
use super::motion::Motion;
use super::smoothing::smoothed;
use std::ops::Range;
use std::time::Duration;

/// A part of a peak's height from which a frame belongs to the same expression, and the farthest
/// time from the peak at which it is taken; chosen by hand.
const PLATEAU: f32 = 0.9;
const REACH: Duration = Duration::from_millis(400);
/// How long an expression is held at least that the clip's start or end cuts off: its rise alone
/// may be the beginning of a word or a movement.
const CUT_PLATEAU: Duration = Duration::from_millis(400);
/// Frames whose strengths differ by less are as strong, and the stillest is taken.
const AS_STRONG: f32 = 0.04;

/// Strengths, before and after smoothing.
pub(super) struct Curve<'a> {
    strengths: &'a [(Duration, f32)],
    pub(super) smooth: Vec<f32>,
    options: &'a TimelineOptions,
}

impl<'a> Curve<'a> {
    pub(super) fn of(strengths: &'a [(Duration, f32)], options: &'a TimelineOptions) -> Self {
        let values: Vec<_> = strengths.iter().map(|(t, s)| (*t, [*s])).collect();
        let smooth = smoothed(&values, options.smoothing);
        Self {
            strengths,
            smooth: smooth.into_iter().map(|[s]| s).collect(),
            options,
        }
    }

    /// The moments in the order of their times; with the motion of the face, only those of
    /// expressions. The highest are taken first, each apart from those before it.
    pub(super) fn moments(&self, motion: Option<&Motion>) -> Vec<Moment> {
        let is_high = |i: &usize| self.smooth[*i] >= self.options.min_strength;
        let mut found: Vec<Moment> = (0..self.smooth.len())
            .filter(|i| is_high(i) && is_peak(&self.smooth, *i))
            .filter_map(|peak| self.moment(peak, motion))
            .filter(|moment| motion.is_none_or(|m| m.is_expression(moment.index)))
            .collect();
        found.sort_by(|a, b| b.strength.total_cmp(&a.strength));
        let mut kept: Vec<Moment> = Vec::new();
        for moment in found {
            let apart = |k: &Moment| k.time.abs_diff(moment.time) >= self.options.min_separation;
            if kept.len() < self.options.limit && kept.iter().all(apart) {
                kept.push(moment);
            }
        }
        kept.sort_by_key(|m| m.index);
        kept
    }

    /// The moment of a peak that stands out enough.
    fn moment(&self, peak: usize, motion: Option<&Motion>) -> Option<Moment> {
        let prominence = prominence(&self.smooth, peak);
        if prominence < self.options.min_prominence {
            return None;
        }
        let plateau = self.plateau(peak);
        if self.is_cut_off(peak) && self.length(&plateau) < CUT_PLATEAU {
            return None;
        }
        let index = self.best_frame(peak, plateau, motion)?;
        Some(Moment {
            index,
            time: self.strengths[index].0,
            strength: self.smooth[index],
            prominence,
        })
    }

    /// Whether the clip starts or ends before the curve has come down from a peak on both sides.
    fn is_cut_off(&self, peak: usize) -> bool {
        let foot = self.smooth[peak] - self.options.min_prominence;
        let comes_down = |side: &[f32]| side.iter().any(|s| *s <= foot);
        !comes_down(&self.smooth[..peak]) || !comes_down(&self.smooth[peak + 1..])
    }

    /// The frames around a peak that are nearly as high.
    fn plateau(&self, peak: usize) -> Range<usize> {
        let belongs = |i: &usize| self.smooth[*i] >= PLATEAU * self.smooth[peak];
        let before = (0..peak).rev().take_while(belongs).count();
        let after = (peak..self.smooth.len()).take_while(belongs).count();
        peak - before..peak + after
    }

    fn length(&self, range: &Range<usize>) -> Duration {
        let [first, last] = [range.start, range.end - 1].map(|frame| self.strengths[frame].0);
        last.saturating_sub(first)
    }

    /// The frame of a peak that shows it best: of its plateau's strongest ones, before smoothing,
    /// the stillest. `None` if all of that is too near to the clip's start or end.
    fn best_frame(
        &self,
        peak: usize,
        plateau: Range<usize>,
        motion: Option<&Motion>,
    ) -> Option<usize> {
        let first = self.strengths.first()?.0 + self.options.margin;
        let last = self.strengths.last()?.0.checked_sub(self.options.margin)?;
        let time = |i: usize| self.strengths[i].0;
        let is_inside = |i: &usize| {
            (first..=last).contains(&time(*i)) && time(*i).abs_diff(time(peak)) <= REACH
        };
        let frames: Vec<usize> = plateau.filter(is_inside).collect();
        let strength = |i: usize| self.strengths[i].1;
        let highest = frames.iter().map(|i| strength(*i)).fold(0.0, f32::max);
        let Some(motion) = motion else {
            return frames.into_iter().rev().find(|i| strength(*i) >= highest);
        };
        let strong = frames
            .into_iter()
            .filter(|i| strength(*i) >= highest - AS_STRONG);
        strong.min_by(|a, b| motion.unrest(*a).total_cmp(&motion.unrest(*b)))
    }
}

/// Higher than what comes before and no lower than what comes after; the ends count too.
fn is_peak(curve: &[f32], i: usize) -> bool {
    let before = i.checked_sub(1).map(|b| curve[b]);
    before.is_none_or(|b| b < curve[i]) && curve.get(i + 1).is_none_or(|a| *a <= curve[i])
}

/// How far one must go down before it goes up to something higher, on the side where that is less.
fn prominence(curve: &[f32], peak: usize) -> f32 {
    let height = curve[peak];
    let is_higher = |v: &f32| *v > height;
    let before = &curve[..peak];
    let after = &curve[peak + 1..];
    let start = before.iter().rposition(is_higher);
    let end = after.iter().position(is_higher);
    let lowest = |side: &[f32]| side.iter().copied().fold(height, f32::min);
    let left = lowest(&before[start.map_or(0, |s| s + 1)..]);
    let right = lowest(&after[..end.unwrap_or(after.len())]);
    // A side that ends with the clip is no valley: what lies beyond is unknown. The highest peak
    // has two such sides, of which the deeper one counts.
    let valley = match (start, end) {
        (None, None) => left.min(right),
        (None, Some(_)) => right,
        (Some(_), None) => left,
        (Some(_), Some(_)) => left.max(right),
    };
    height - valley
}
