//! Finding near-duplicates among many pictures by locality-sensitive hashing.
//!
//! The coarse 64 bits of a perceptual hash are cut into 4 bands of 16 bits; pictures that share a
//! band are compared. By the pigeonhole principle two hashes that differ in at most 3 coarse bits
//! share a band. (Banding as in Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", §3.4.)

use super::error::Fault;
use super::perceptual_hash::{PictureHash, same_picture};
use super::records::Shortlisted;
use crate::embed::{EXPRESSION_LEN, Expression};
use std::collections::{BTreeMap, HashMap};

/// Bands of 2 bytes each: fewer miss more copies, more bring more pictures to compare.
pub(super) const BANDS: usize = 4;
/// Pictures that are compared within one band at most. All flat pictures share their bands, so
/// without a limit adding the n-th of them would take n comparisons.
const MAX_COMPARED: usize = 256;
/// The int8 code of 1 in a stored expression.
const CODE_OF_ONE: f32 = 127.0;

/// The band's number, its 2 bytes, and the picture's id, big-endian so that keys sort by band.
pub(super) type BandKey = [u8; 11];
/// The whole hash and the first face's expression in int8 codes.
pub(super) type BandValue = [u8; 96];

/// A sorted map of bands: a table of the file or a map in memory.
pub(super) trait Bands {
    /// Calls `body` with at most `limit` entries from key `from` to `to`, both included.
    fn visit(
        &self,
        from: &BandKey,
        to: &BandKey,
        limit: usize,
        body: &mut dyn FnMut(&BandKey, &BandValue),
    ) -> Result<(), Fault>;

    fn put(&mut self, key: BandKey, value: BandValue) -> Result<(), Fault>;

    fn delete(&mut self, key: &BandKey) -> Result<(), Fault>;
}

impl Bands for BTreeMap<BandKey, BandValue> {
    fn visit(
        &self,
        from: &BandKey,
        to: &BandKey,
        limit: usize,
        body: &mut dyn FnMut(&BandKey, &BandValue),
    ) -> Result<(), Fault> {
        self.range::<BandKey, _>(from..=to)
            .take(limit)
            .for_each(|(key, value)| body(key, value));
        Ok(())
    }

    fn put(&mut self, key: BandKey, value: BandValue) -> Result<(), Fault> {
        self.insert(key, value);
        Ok(())
    }

    fn delete(&mut self, key: &BandKey) -> Result<(), Fault> {
        self.remove(key);
        Ok(())
    }
}

/// Inserts a picture into its bands. Returns the latest picture there of which it is a
/// near-duplicate.
pub(super) fn insert(
    bands: &mut impl Bands,
    picture: u64,
    hash: &PictureHash,
    expression: &Expression,
) -> Result<Option<u64>, Fault> {
    let mut found = None;
    for band in 0..BANDS {
        let from = key(band, hash, 0);
        let to = key(band, hash, u64::MAX);
        // Before the picture itself is put there, lest it be its own near-duplicate.
        bands.visit(&from, &to, MAX_COMPARED, &mut |key, value| {
            let (other, other_expression) = decode(value);
            if same_picture((hash, expression), (&other, &other_expression)) {
                // The latest, as its group leads on to the first.
                found = found.max(Some(picture_of(key)));
            }
        })?;
        bands.put(key(band, hash, picture), encode(hash, expression))?;
    }
    Ok(found)
}

/// Removes a picture from its bands.
pub(super) fn remove(
    bands: &mut impl Bands,
    picture: u64,
    hash: &PictureHash,
) -> Result<(), Fault> {
    (0..BANDS).try_for_each(|band| bands.delete(&key(band, hash, picture)))
}

/// The groups of the pictures of these faces, which are in the order of their ids: for each picture
/// that is a near-duplicate of an earlier one, that one's group.
///
/// Every face is compared, where a file compares the first one of each picture: a shortlist may have
/// any face of a picture, and of a copy's faces the twin of that one is as near to the query.
pub(super) fn groups(faces: &[Shortlisted]) -> HashMap<u64, u64> {
    let mut bands: HashMap<(usize, [u8; 2]), Vec<usize>> = HashMap::new();
    let mut groups = HashMap::new();
    for (place, face) in faces.iter().enumerate() {
        let Some(hash) = &face.picture.perceptual_hash else {
            continue;
        };
        let mut found = None;
        for band in 0..BANDS {
            let others = bands.entry((band, bytes_of(band, hash))).or_default();
            let is_copy = |other: &&usize| is_copy(face, &faces[**other]);
            // The latest, as its group leads on to the first.
            found = found.max(others.iter().filter(is_copy).max().copied());
            if others.len() < MAX_COMPARED {
                others.push(place);
            }
        }
        if let Some(other) = found {
            let other = faces[other].picture.id;
            let group = groups.get(&other).copied().unwrap_or(other);
            groups.entry(face.picture.id).or_insert(group);
        }
    }
    groups
}

fn is_copy(face: &Shortlisted, other: &Shortlisted) -> bool {
    let hashes = face.picture.perceptual_hash.as_ref();
    let hashes = hashes.zip(other.picture.perceptual_hash.as_ref());
    face.picture.id != other.picture.id
        && hashes.is_some_and(|(a, b)| same_picture((a, &face.expression), (b, &other.expression)))
}

/// The bytes of a hash that a band compares.
fn bytes_of(band: usize, hash: &PictureHash) -> [u8; 2] {
    [hash.0[band * 2], hash.0[band * 2 + 1]]
}

fn key(band: usize, hash: &PictureHash, picture: u64) -> BandKey {
    // Big-endian, so that a band's pictures are one range of keys, by id.
    let id = picture.to_be_bytes();
    let own = bytes_of(band, hash);
    std::array::from_fn(|i| match i {
        0 => band as u8,
        1 | 2 => own[i - 1],
        _ => id[i - 3],
    })
}

fn picture_of(key: &BandKey) -> u64 {
    u64::from_be_bytes(std::array::from_fn(|i| key[3 + i]))
}

/// A perceptual hash and an expression as they are stored.
pub(super) fn encode(hash: &PictureHash, expression: &Expression) -> BandValue {
    // Values are between -1 and 1, so one scale serves all: no scale is stored.
    std::array::from_fn(|i| match i {
        0..32 => hash.0[i],
        _ => int8_code(expression.0[i - 32]).cast_unsigned(),
    })
}

fn int8_code(value: f32) -> i8 {
    (value * CODE_OF_ONE)
        .round()
        .clamp(-CODE_OF_ONE, CODE_OF_ONE) as i8
}

/// What [`encode`] has stored.
pub(super) fn decode(value: &BandValue) -> (PictureHash, Expression) {
    let float = |i: usize| f32::from(value[32 + i].cast_signed()) / CODE_OF_ONE;
    let expression: [f32; EXPRESSION_LEN] = std::array::from_fn(float);
    (
        PictureHash(std::array::from_fn(|i| value[i])),
        Expression(expression),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_duplicates_are_found_until_they_are_removed() {
        let hash = |first: u8| PictureHash(std::array::from_fn(|i| if i == 0 { first } else { 9 }));
        let expression = Expression([0.125; EXPRESSION_LEN]);
        let far = Expression([-0.125; EXPRESSION_LEN]);
        let mut bands = BTreeMap::new();
        assert_eq!(insert(&mut bands, 1, &hash(0), &expression).unwrap(), None);
        assert_eq!(insert(&mut bands, 2, &hash(0), &far).unwrap(), None);
        assert_eq!(
            insert(&mut bands, 3, &hash(7), &expression).unwrap(),
            Some(1)
        );
        assert_eq!(
            insert(&mut bands, 4, &hash(3), &expression).unwrap(),
            Some(3)
        );
        remove(&mut bands, 3, &hash(7)).unwrap();
        assert_eq!(
            insert(&mut bands, 5, &hash(1), &expression).unwrap(),
            Some(4)
        );
        assert_eq!(bands.len(), 4 * BANDS);
    }
}
