//! The pictures of matches: shown from their file, the member of their ZIP or their thumbnail, and
//! saved only if they still are what the gallery knows.

use crate::files::OutputFolder;
use crate::stores::{self, Store};
use crate::{emoji, raster};
use anyhow::{Context, Result, bail, ensure};
use image::RgbImage;
use moue::cancel::CancelToken;
use moue::digest;
use moue::frame::DecodeOptions;
use moue::video::Animation;
use moue::{Frame, Match};
use moue_drawings::Drawing;
use moue_index::Archive;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long reading a frame of a video may take before its thumbnail is shown instead: longer than
/// from any position with an index, shorter than a film without one.
const FRAME_TIME: Duration = Duration::from_secs(15);

/// A picture of a match.
pub(crate) struct Shown {
    pub(crate) image: RgbImage,
    /// Whether it is the picture in which the face has its box.
    pub(crate) is_whole: bool,
    /// Why the thumbnail of the face is shown instead of that picture.
    pub(crate) instead: Option<anyhow::Error>,
}

/// The picture of a match as far as it can be shown: the drawing, the file, the member of a ZIP or
/// the frame of a video; of what is no longer there, the thumbnail of the face. An emoji looks as
/// the system's font has it, where there is one.
pub(crate) fn image(gallery: &Store, m: &Match) -> Result<Shown> {
    if let Some(image) = m.emoji.as_deref().and_then(emoji::picture) {
        // The box of the face is that of our drawing.
        return Ok(Shown {
            image,
            is_whole: false,
            instead: None,
        });
    }
    match require_unchanged(gallery, m).and_then(|()| original(m)) {
        Ok(image) => Ok(Shown {
            image,
            is_whole: true,
            instead: None,
        }),
        Err(reason) => match thumbnail(gallery, m)? {
            Some(image) => Ok(Shown {
                image,
                is_whole: false,
                instead: Some(reason),
            }),
            None => Err(reason),
        },
    }
}

/// Refuses a picture whose file was replaced since it was added: another one would be shown, with the box of
/// a face that it does not have. Videos are not read as a whole for that.
fn require_unchanged(gallery: &Store, m: &Match) -> Result<()> {
    let Place::File(path) = Place::of(&m.path) else {
        return Ok(());
    };
    let picture = stores::record(gallery, m.id)?;
    match picture.filter(|_| !moue::video::is_video(&path)) {
        Some(picture) => require_content(File::open(regular(&path)?)?, &picture.hash),
        None => Ok(()),
    }
}

/// Refuses another content than the one with this hash.
fn require_content(mut source: impl Read, hash: &str) -> Result<()> {
    is_known(digest::sha256_of(&mut source)?, hash)
}

fn is_known(found: [u8; 32], hash: &str) -> Result<()> {
    ensure!(
        digest::hex(&found) == hash,
        "its content is not the one that the gallery knows"
    );
    Ok(())
}

/// The picture in which the face of a match was found.
pub(crate) fn original(m: &Match) -> Result<RgbImage> {
    match m.time {
        Some(time) => frame(&m.path, time),
        None => by_path(&m.path),
    }
}

/// An animation that a match was found in.
#[cfg(any(feature = "pick", feature = "server"))]
pub(crate) enum AnimationOf {
    File(PathBuf),
    /// The bytes of a member of a ZIP file.
    Member(Vec<u8>),
}

/// The file of a match that is a still picture in a file of its own.
#[cfg(feature = "pick")]
pub(crate) fn picture_file(m: &Match) -> Option<PathBuf> {
    match Place::of(&m.path) {
        Place::File(path) if !moue::video::is_video(&path) => path.canonicalize().ok(),
        _ => None,
    }
}

/// The animation that a match was found in, if it is one; a video is none.
#[cfg(any(feature = "pick", feature = "server"))]
pub(crate) fn animation(m: &Match) -> Result<Option<AnimationOf>> {
    match Place::of(&m.path) {
        Place::Drawing(_) => Ok(None),
        Place::Member(zip, name) => {
            let bytes = read_member(&zip, name)?;
            let is_one = Animation::decode(bytes.clone())?.is_some();
            Ok(is_one.then_some(AnimationOf::Member(bytes)))
        }
        Place::File(path) if moue::video::is_video(&path) => Ok(None),
        Place::File(path) => {
            let is_one = Animation::open(regular(&path)?)?.is_some();
            Ok(is_one.then_some(AnimationOf::File(path)))
        }
    }
}

/// The stored picture of the face alone.
pub(crate) fn thumbnail(gallery: &Store, m: &Match) -> Result<Option<RgbImage>> {
    let jpeg = gallery.thumbnail(m.id)?;
    jpeg.map(|jpeg| decoded(&jpeg)).transpose()
}

/// The frame of an animation or video that is shown at a time.
fn frame(path: &str, time: Duration) -> Result<RgbImage> {
    let options = DecodeOptions {
        cancel: CancelToken::with_timeout(FRAME_TIME),
        ..DecodeOptions::default()
    };
    let timed = match Place::of(path) {
        Place::Drawing(drawing) => return raster::render(&drawing?),
        Place::File(path) => moue::video::frame_at(regular(&path)?, time, &options)?,
        Place::Member(zip, name) => {
            let animation = Animation::decode_with(read_member(&zip, name)?, &options)?;
            let mut animation = animation.context("it is no animation")?;
            moue::video::frame_of(&mut animation, time, &options)?
        }
    };
    let timed = timed.with_context(|| format!("it ends before {:.2} s", time.as_secs_f64()))?;
    Ok(raster::image_of(&timed.frame))
}

/// The picture that a path of a gallery leads to.
pub(crate) fn by_path(path: &str) -> Result<RgbImage> {
    match Place::of(path) {
        Place::Drawing(drawing) => raster::render(&drawing?),
        Place::Member(zip, name) => decoded(&read_member(&zip, name)?),
        Place::File(path) if moue::video::is_video(&path) => bail!("it is a video"),
        Place::File(path) => Ok(raster::image_of(&Frame::open(regular(&path)?)?)),
    }
}

/// Writes the picture of a match into a folder: a drawing and the frame of a video as PNG, another
/// as it is, provided that its content is the one that the gallery has seen. A gallery may come from
/// someone else, and its paths lead anywhere.
pub(crate) fn save(gallery: &Store, m: &Match, folder: &OutputFolder, prefix: &str) -> Result<()> {
    if let Place::Drawing(drawing) = Place::of(&m.path) {
        let image = raster::render(&drawing?)?.into();
        return folder.save(&format!("{prefix}-{}.png", drawing_name(m)), &image);
    }
    let picture = stores::record(gallery, m.id)?;
    let hash = picture.context("it is not in the gallery")?.hash;
    let mut name = std::ffi::OsString::from(format!("{prefix}-"));
    match Place::of(&m.path) {
        Place::Member(zip, member) => {
            let bytes = read_member(&zip, member)?;
            is_known(digest::sha256(&bytes), &hash)?;
            name.push(last_part(member));
            folder.write(&name, &bytes)
        }
        Place::File(path) if moue::video::is_video(&path) => {
            let source = File::open(regular(&path)?).context("it cannot be read")?;
            require_content(source, &hash)?;
            let seconds = m.time.unwrap_or_default().as_secs_f64();
            name.push(path.file_stem().unwrap_or_default());
            name.push(format!("-{seconds:.2}s.png"));
            folder.save(&name.to_string_lossy(), &original(m)?.into())
        }
        Place::File(path) => {
            name.push(path.file_name().unwrap_or_default());
            let mut source = File::open(regular(&path)?).context("it cannot be read")?;
            let mut copy = folder.copy(&name)?;
            require_content(Tee(&mut source, &mut copy), &hash)?;
            copy.finish()
        }
        Place::Drawing(_) => Ok(()),
    }
}

/// What a path of a gallery names.
enum Place<'a> {
    Drawing(Result<Drawing>),
    /// A member of a ZIP file, by its name there.
    Member(PathBuf, &'a str),
    File(PathBuf),
}

impl<'a> Place<'a> {
    fn of(path: &'a str) -> Self {
        if let Some(drawing) = raster::drawing_of(path) {
            return Self::Drawing(drawing);
        }
        match moue_index::Place::of(path) {
            moue_index::Place::File(file) => Self::File(file),
            moue_index::Place::Member(zip, name) => Self::Member(zip, name),
        }
    }
}

fn decoded(bytes: &[u8]) -> Result<RgbImage> {
    Ok(raster::image_of(&Frame::decode(bytes)?))
}

fn read_member(zip: &Path, name: &str) -> Result<Vec<u8>> {
    let content = Archive::open(zip)?.read_named(name)?;
    content.with_context(|| format!("{} has no such member", zip.display()))
}

/// Opening a pipe waits for a writer, and a device may never end.
fn regular(path: &Path) -> Result<&Path> {
    let meta = std::fs::metadata(path).context("it cannot be read")?;
    ensure!(meta.is_file(), "it is not a regular file");
    let is_picture = !moue::video::is_video(path);
    let limit = DecodeOptions::default().max_file_bytes;
    ensure!(
        !is_picture || meta.len() <= limit,
        "it is larger than {limit} bytes"
    );
    Ok(path)
}

/// Reads and copies what it reads, so that what is written is what was hashed.
struct Tee<'a, R, W>(&'a mut R, &'a mut W);

impl<R: Read, W: Write> Read for Tee<'_, R, W> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let read = self.0.read(out)?;
        self.1.write_all(&out[..read])?;
        Ok(read)
    }
}

/// A drawing's name as a part of a file's name; of an emoji its short name, as not every system
/// shows the character.
fn drawing_name(m: &Match) -> String {
    if m.emoji.is_some() {
        return last_part(&m.label).replace(' ', "-");
    }
    let (_, name) = m.path.split_once(':').unwrap_or_default();
    last_part(name).to_owned()
}

/// What follows the last separator of any system: the folders of a name from a gallery, which somebody
/// else may have made, lead nowhere here.
fn last_part(name: &str) -> &str {
    name.rsplit(['/', '\\', ':']).next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_a_gallery_leads_out_of_no_folder() {
        assert_eq!(last_part("a/b.jpg"), "b.jpg");
        assert_eq!(last_part(r"..\..\x.bat"), "x.bat");
        assert_eq!(last_part("c:x.bat"), "x.bat");
        assert_eq!(last_part("plain.png"), "plain.png");
    }
}
