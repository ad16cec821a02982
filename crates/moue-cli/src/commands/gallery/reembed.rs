//! `moue gallery reembed`.

use crate::args::gallery::ReembedArgs;
use crate::inputs::require_writable;
use crate::output::{counted, message, print_result};
use crate::report::Outcome;
use crate::{interrupt, progress, raster};
use anyhow::Result;
use moue::frame::PixelFormat;
use moue::{Frame, Gallery};
use moue_index::{Origin, ReembedError, ReembedOptions, ReembedSummary, Reembedded, reembed};
use std::path::Path;

/// Pixels along a side of a drawing that is embedded again: well above what a face crop has.
const DRAWING_SIZE: u32 = 256;

/// Pictures that are not as they were and are named; the others are only counted. A collection that
/// was deleted has thousands.
const MAX_NAMED: u64 = 20;

pub(super) fn run(args: &ReembedArgs) -> Result<Outcome> {
    require_writable(&args.gallery)?;
    let options = ReembedOptions {
        threads: args.threads,
        drop_missing: args.drop_missing,
        draw: Some(draw),
        cancel: interrupt::token(),
    };
    let bar = progress::bar(pictures(&args.gallery), "pictures");
    let mut named = 0;
    let result = reembed(&args.gallery, &options, |picture| {
        bar.inc(1);
        if picture.origin != Origin::Picture {
            named += 1;
            if named <= MAX_NAMED {
                bar.suspend(|| name(&picture));
            }
        }
    });
    bar.finish_and_clear();
    if named > MAX_NAMED {
        message(&format!("and {} more", named - MAX_NAMED));
    }
    match result {
        Ok(summary) => print_summary(args, &summary),
        Err(ReembedError::Cancelled(_)) => Ok(Outcome::Interrupted),
        Err(error) => Err(error.into()),
    }
}

/// The number of pictures, for the bar; an error is reported by the work itself.
fn pictures(gallery: &Path) -> usize {
    let count = Gallery::open_with_other_weights(gallery).and_then(|g| g.picture_count());
    count.map_or(0, |count| usize::try_from(count).unwrap_or(0))
}

/// The drawing that a stored path names.
fn draw(path: &str) -> Option<Frame<'static>> {
    let pixels = raster::drawing_of(path)?.ok()?.render(DRAWING_SIZE);
    let size = DRAWING_SIZE as usize;
    let frame = Frame::from_raw(&pixels, size, size, size * 3, PixelFormat::Rgb).ok()?;
    Some(frame.into_owned())
}

fn name(picture: &Reembedded) {
    let from = match picture.origin {
        Origin::Picture => return,
        Origin::Thumbnail => "taken from its thumbnail",
        Origin::Missing => "cannot be read and has no thumbnail",
    };
    let detail = picture.detail.as_deref().unwrap_or("unknown");
    message(&format!("{}: {from}: {detail}", picture.path));
}

fn print_summary(args: &ReembedArgs, summary: &ReembedSummary) -> Result<Outcome> {
    let mut object = serde_json::to_value(summary)?;
    object["schema"] = "moue.gallery.reembed/1".into();
    object["gallery"] = args.gallery.to_string_lossy().into();
    object["changed"] = summary.is_changed().into();
    print_result(args.json, &object, &text(summary))?;
    Ok(if summary.failed > 0 {
        Outcome::Error
    } else {
        Outcome::Found
    })
}

fn text(summary: &ReembedSummary) -> String {
    if !summary.is_changed() {
        let faces = counted(summary.faces, "face");
        let were = if summary.faces == 1 { "was" } else { "were" };
        return format!("nothing to do: its {faces} {were} made with this program's weights");
    }
    let dropped = match summary.dropped {
        0 => String::new(),
        count => format!(", {} left out", counted(count, "picture")),
    };
    format!(
        "{} embedded again, {} from thumbnails{dropped}",
        counted(summary.faces, "face"),
        summary.from_thumbnails
    )
}
