//! A picture into a gallery.

use crate::engine::{Engine, check_weights};
use crate::error::Error;
use crate::gallery::Gallery;
use crate::input::{self, Description, Detect};
use crate::picture::Picture;
use moue::Frame;
use moue::gallery::{NewFace, NewPicture, PictureHash, thumbnail};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
impl Engine {
    /// Adds a picture to a gallery: `file` is its content, `picture` its pixels. Returns the number
    /// of its faces, 0 if it has none and was not added, -1 if its content is there already.
    ///
    /// # Errors
    /// `options`, `network`, `gallery`, `other-weights`.
    pub fn add(
        &mut self,
        gallery: &Gallery,
        file: &[u8],
        picture: &Picture,
        description: JsValue,
    ) -> Result<i32, JsValue> {
        let description: Description = input::options(description)?;
        Ok(self.add_picture(gallery, file, picture.frame(), description)?)
    }
}

impl Engine {
    fn add_picture(
        &mut self,
        gallery: &Gallery,
        file: &[u8],
        frame: &Frame<'_>,
        description: Description,
    ) -> Result<i32, Error> {
        check_weights(self.embedder.has_builtin_weights())?;
        let hash = moue::digest::sha256(file);
        // Asked before the work, which takes a hundred times as long.
        if gallery.inner.contains(&hash)? {
            return Ok(-1);
        }
        let faces = self.new_faces(frame)?;
        let count = faces.len();
        if count > 0 {
            gallery.inner.add(&[NewPicture {
                hash,
                faces,
                perceptual_hash: Some(PictureHash::of(frame)),
                ..described(description)
            }])?;
        }
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }

    /// All faces that have an expression, with their thumbnails, as `moue gallery add` takes them.
    fn new_faces(&mut self, frame: &Frame<'_>) -> Result<Vec<NewFace>, Error> {
        let mut faces = Vec::new();
        for (face, expression) in self.embedded(frame, Detect::all())? {
            // A face that is too small for an expression cannot be found by one.
            let Ok(expression) = expression else { continue };
            faces.push(NewFace {
                thumbnail: thumbnail(frame, &face),
                expression,
                face,
                time: None,
            });
        }
        Ok(faces)
    }
}

fn described(description: Description) -> NewPicture {
    NewPicture {
        path: description.path,
        label: description.label,
        caption: description.caption,
        tags: description.tags,
        source: description.source,
        added: description.added as u64,
        ..NewPicture::default()
    }
}
