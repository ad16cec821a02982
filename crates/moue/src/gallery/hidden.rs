//! Pictures that no search returns, and by what they are known again.

use super::near_duplicates::{self, BandValue};
use super::perceptual_hash::{PictureHash, same_picture};
use super::records::NewPicture;
use crate::embed::Expression;
use std::collections::HashSet;

/// Bytes of a stored entry: content hash, picture's id, whether a perceptual hash follows, and that
/// hash with the first face's expression.
const ENTRY: usize = 32 + 8 + 1 + size_of::<BandValue>();

/// A hidden picture.
#[derive(Debug, Clone, PartialEq)]
struct HiddenPicture {
    content: [u8; 32],
    /// Its id, also after it was removed: ids are never used twice.
    id: u64,
    /// By these it is known again in another size or compression.
    similar: Option<BandValue>,
}

/// All hidden pictures of a gallery, those that were removed from it too: a picture that comes back
/// must not show up again.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Hidden {
    pictures: Vec<HiddenPicture>,
}

impl Hidden {
    /// The list as it is stored; `None` if it is no such list.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        // Of one size each, so that a list that is cut off is noticed.
        let (entries, rest) = bytes.as_chunks::<ENTRY>();
        rest.is_empty().then(|| Self {
            pictures: entries.iter().map(HiddenPicture::from_bytes).collect(),
        })
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        self.pictures
            .iter()
            .flat_map(HiddenPicture::to_bytes)
            .collect()
    }

    /// The ids of all hidden pictures.
    pub(super) fn ids(&self) -> HashSet<u64> {
        self.pictures.iter().map(|picture| picture.id).collect()
    }

    /// Whether a picture that is added is to be hidden: because it says so, or because its content
    /// or a near-duplicate of it is hidden here.
    pub(super) fn covers(&self, new: &NewPicture) -> bool {
        let first = new.faces.first().map(|face| &face.expression);
        let similar = new.perceptual_hash.as_ref().zip(first);
        // One after the other: people hide some hundreds, and a comparison takes nanoseconds.
        new.hidden
            || self.pictures.iter().any(|picture| {
                picture.content == new.hash || similar.is_some_and(|new| picture.is_similar(new))
            })
    }

    /// Whether a content is hidden.
    pub(super) fn contains(&self, content: &[u8; 32]) -> bool {
        self.pictures
            .iter()
            .any(|picture| picture.content == *content)
    }

    /// Adds a picture, or gives one that is known by its content another id.
    pub(super) fn insert(
        &mut self,
        content: [u8; 32],
        id: u64,
        similar: Option<(&PictureHash, &Expression)>,
    ) {
        // Once for each content: `remove` would leave the other one.
        self.remove(&content);
        self.pictures.push(HiddenPicture {
            content,
            id,
            similar: similar.map(|(hash, expression)| near_duplicates::encode(hash, expression)),
        });
    }

    /// Adds a picture that is being added to the gallery.
    pub(super) fn insert_new(&mut self, new: &NewPicture, id: u64) {
        let first = new.faces.first().map(|face| &face.expression);
        self.insert(new.hash, id, new.perceptual_hash.as_ref().zip(first));
    }

    /// After other weights: what each picture is known again by, by its id. One that is not in the gallery
    /// any more has no new expression, and is known by its content alone.
    pub(super) fn replace_similar<'a>(
        &mut self,
        similar: impl Fn(u64) -> Option<(&'a PictureHash, Expression)>,
    ) {
        for picture in &mut self.pictures {
            picture.similar = similar(picture.id)
                .map(|(hash, expression)| near_duplicates::encode(hash, &expression));
        }
    }

    pub(super) fn remove(&mut self, content: &[u8; 32]) {
        self.pictures.retain(|picture| picture.content != *content);
    }
}

impl HiddenPicture {
    fn from_bytes(bytes: &[u8; ENTRY]) -> Self {
        let id = std::array::from_fn(|i| bytes[32 + i]);
        let similar = std::array::from_fn(|i| bytes[41 + i]);
        Self {
            content: std::array::from_fn(|i| bytes[i]),
            id: u64::from_le_bytes(id),
            similar: (bytes[40] != 0).then_some(similar),
        }
    }

    fn to_bytes(&self) -> [u8; ENTRY] {
        // Zeros where there is no perceptual hash, so that all entries have one size.
        let mut bytes = [0; ENTRY];
        bytes[..32].copy_from_slice(&self.content);
        bytes[32..40].copy_from_slice(&self.id.to_le_bytes());
        if let Some(similar) = &self.similar {
            bytes[40] = 1;
            bytes[41..].copy_from_slice(similar);
        }
        bytes
    }

    fn is_similar(&self, new: (&PictureHash, &Expression)) -> bool {
        self.similar.as_ref().is_some_and(|own| {
            // Drawings of one character have like hashes; the expression tells them apart.
            let (hash, expression) = near_duplicates::decode(own);
            same_picture(new, (&hash, &expression))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Face;

    fn picture(content: u8, perceptual: u8) -> NewPicture {
        NewPicture {
            hash: [content; 32],
            perceptual_hash: Some(PictureHash([perceptual; 32])),
            faces: vec![(Face::whole(), Expression([0.125; 64])).into()],
            ..NewPicture::default()
        }
    }

    #[test]
    fn hidden_pictures_are_known_by_content_and_by_what_they_show() {
        let mut hidden = Hidden::default();
        hidden.insert_new(&picture(1, 0), 7);
        hidden.insert([2; 32], 9, None);
        assert!(hidden.covers(&picture(1, 99)), "the same content");
        assert!(hidden.covers(&picture(5, 0)), "a near-duplicate");
        assert!(hidden.covers(&picture(2, 99)));
        assert!(!hidden.covers(&picture(5, 99)));
        let marked = NewPicture {
            hidden: true,
            ..picture(6, 99)
        };
        assert!(hidden.covers(&marked));

        let bytes = hidden.to_bytes();
        assert_eq!(Hidden::from_bytes(&bytes), Some(hidden.clone()));
        assert_eq!(Hidden::from_bytes(&bytes[1..]), None);
        assert_eq!(hidden.ids(), [7, 9].into());
        hidden.insert_new(&picture(1, 0), 12);
        assert_eq!(hidden.ids(), [12, 9].into());
        hidden.remove(&[1; 32]);
        assert!(!hidden.covers(&picture(1, 99)));
    }
}
