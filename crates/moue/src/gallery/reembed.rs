//! New expressions for all faces of a gallery, after the weights have changed.

use super::api::Gallery;
use super::database::WriteTxn;
use super::error::{Fault, GalleryError};
use super::hidden_list;
use super::near_duplicates;
use super::perceptual_hash::PictureHash;
use super::tables::{BANDS, ROWS, meta};
use super::write;
use crate::embed::Expression;
use redb::ReadableTable;
use std::collections::HashMap;

/// After other weights.
impl Gallery {
    /// Gives every face a new expression, made with the weights of this fingerprint, usually
    /// [`expression_fingerprint`](crate::weights::expression_fingerprint). Everything else stays: ids, descriptions, thumbnails, and which
    /// pictures are near-duplicates. The gallery may be of other weights before; see
    /// [`Gallery::open_with_other_weights`]. A hidden picture that was removed is known again by its
    /// content alone from then on.
    ///
    /// ```
    /// use moue::gallery::{Gallery, MemoryStorage, NewPicture};
    /// use moue::{Expression, Face};
    /// let [mut old, mut new] = [Expression([0.0; 64]); 2];
    /// (old.0[0], new.0[1]) = (1.0, 1.0);
    /// let gallery = Gallery::with_storage(MemoryStorage::default(), "memory")?;
    /// gallery.add(&[NewPicture {
    ///     faces: vec![(Face::whole(), old).into()],
    ///     ..NewPicture::default()
    /// }])?;
    /// let (id, _) = gallery.expressions()?[0];
    /// let fingerprint = moue::weights::expression_fingerprint();
    /// gallery.replace_expressions(&[(id, new)].into(), fingerprint)?;
    /// assert_eq!(gallery.expressions()?, [(id, new)]);
    /// # Ok::<(), moue::gallery::GalleryError>(())
    /// ```
    ///
    /// # Errors
    /// [`GalleryError::Damaged`] if `expressions` lacks a face; then, and after any other error,
    /// nothing was changed.
    pub fn replace_expressions(
        &self,
        expressions: &HashMap<u64, Expression>,
        fingerprint: &str,
    ) -> Result<(), GalleryError> {
        let mut hashes = Vec::new();
        self.for_each_picture(|picture| {
            let first = picture.faces.first().map(|face| face.id);
            hashes.extend(
                first
                    .zip(picture.perceptual_hash)
                    .map(|(face, hash)| Hashed {
                        picture: picture.id,
                        face,
                        hash,
                    }),
            );
            Ok::<(), GalleryError>(())
        })?;
        self.write(|writing| {
            replace(writing, expressions)?;
            replace_bands(writing, &hashes, expressions)?;
            replace_hidden(writing, &hashes, expressions)?;
            writing.set(meta::FINGERPRINT, fingerprint.as_bytes())
        })
    }
}

/// A picture with a perceptual hash, and its first face.
struct Hashed {
    picture: u64,
    face: u64,
    hash: PictureHash,
}

fn new_expression(expressions: &HashMap<u64, Expression>, face: u64) -> Result<Expression, Fault> {
    let missing = || Fault::damaged(format_args!("face {face} has no new expression"));
    expressions.get(&face).copied().ok_or_else(missing)
}

fn replace(writing: &WriteTxn, expressions: &HashMap<u64, Expression>) -> Result<(), Fault> {
    let mut numbers = Vec::new();
    for chunk in writing.table(ROWS)?.iter()? {
        numbers.push(chunk?.0.value());
    }
    for number in numbers {
        let mut faces = write::read_chunk(writing, number)?;
        for face in &mut faces {
            face.expression = new_expression(expressions, face.id)?;
        }
        write::put_chunk(writing, number, &faces)?;
    }
    Ok(())
}

/// The bands hold the first face's expression, with which later pictures are compared.
fn replace_bands(
    writing: &WriteTxn,
    hashes: &[Hashed],
    expressions: &HashMap<u64, Expression>,
) -> Result<(), Fault> {
    let mut bands = writing.table(BANDS)?;
    for hashed in hashes {
        let expression = new_expression(expressions, hashed.face)?;
        near_duplicates::remove(&mut bands, hashed.picture, &hashed.hash)?;
        // What it finds does not count: groups stay as they are.
        near_duplicates::insert(&mut bands, hashed.picture, &hashed.hash, &expression)?;
    }
    Ok(())
}

/// Hidden pictures are known again by their first face's expression too.
fn replace_hidden(
    writing: &WriteTxn,
    hashes: &[Hashed],
    expressions: &HashMap<u64, Expression>,
) -> Result<(), Fault> {
    let by_picture: HashMap<u64, &Hashed> = hashes.iter().map(|h| (h.picture, h)).collect();
    let mut hidden = hidden_list::load(writing)?;
    hidden.replace_similar(|picture| {
        let hashed = by_picture.get(&picture)?;
        Some((&hashed.hash, *expressions.get(&hashed.face)?))
    });
    hidden_list::store(writing, &hidden)
}
