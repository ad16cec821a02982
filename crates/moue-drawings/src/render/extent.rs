//! How far what is drawn reaches, so that layers are no larger than that.

use super::terms::{built, pen, turn};
use crate::commands::Command;
use tiny_skia::{Path, Rect};

/// The bounds of what a group draws, in the group's own units; `None` if that is nothing. `commands` are those
/// behind the one that opened it.
pub(super) fn of_group(commands: &[Command]) -> Option<Rect> {
    until_end(&mut commands.iter())
}

/// The bounds of a group of which only the inside of a path is kept.
pub(super) fn clipped(group: Option<Rect>, path: Option<&Path>) -> Option<Rect> {
    let [group, inside] = [group?, path?.compute_tight_bounds()?];
    Rect::from_ltrb(
        group.left().max(inside.left()),
        group.top().max(inside.top()),
        group.right().min(inside.right()),
        group.bottom().min(inside.bottom()),
    )
}

/// The bounds of all up to the end of the group, which is taken too.
fn until_end<'a>(commands: &mut impl Iterator<Item = &'a Command>) -> Option<Rect> {
    let mut all = None;
    loop {
        let next = match commands.next() {
            None | Some(Command::End) => return all,
            Some(Command::Fill { path, .. }) => built(path).and_then(|p| p.compute_tight_bounds()),
            Some(Command::Stroke {
                path,
                width,
                is_round,
                ..
            }) => {
                // Corners and caps reach farther than half of the width.
                let pen = pen(*width, *is_round);
                let line = built(path).and_then(|path| path.stroke(&pen, 1.0));
                line.and_then(|line| line.compute_tight_bounds())
            }
            Some(Command::Turn { degrees, around }) => {
                let turn = turn(*degrees, *around);
                until_end(commands).and_then(|group| group.transform(turn))
            }
            Some(Command::Layer { .. }) => until_end(commands),
            Some(Command::Clip { path }) => clipped(until_end(commands), built(path).as_ref()),
        };
        all = joined(all, next);
    }
}

fn joined(a: Option<Rect>, b: Option<Rect>) -> Option<Rect> {
    let both = a.zip(b).and_then(|(first, second)| {
        Rect::from_ltrb(
            first.left().min(second.left()),
            first.top().min(second.top()),
            first.right().max(second.right()),
            first.bottom().max(second.bottom()),
        )
    });
    both.or(a).or(b)
}
