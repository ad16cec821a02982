//! A face as a row, and rows as the columns of a request.

use crate::collection::{MAX_ELEMENTS, MAX_TEXT};
use crate::wire::FieldData;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use moue::Expression;
use moue::digest;
use moue::embed::EXPRESSION_LEN;
use moue::gallery::{Filter, NewFace, NewPicture, Picture, StoredFace};
use moue_store::StoredPicture;

/// The names of fields.
pub(crate) mod field {
    /// Content hash and number of the face: two programs that add one picture write the same rows.
    pub(crate) const KEY: &str = "key";
    pub(crate) const EXPRESSION: &str = "expression";
    /// The face's id.
    pub(crate) const ID: &str = "id";
    /// The id of the picture's first face.
    pub(crate) const PICTURE: &str = "picture";
    // Numbers instead of texts: a text of any length has one, and no text becomes part of a filter.
    /// Number of the path.
    pub(crate) const PATH: &str = "path";
    /// Number of the source.
    pub(crate) const SOURCE: &str = "source";
    /// Seconds since 1970.
    pub(crate) const ADDED: &str = "added";
    /// Whether searches return it.
    pub(crate) const SHOWN: &str = "shown";
    /// Numbers of the tags.
    pub(crate) const TAGS: &str = "tags";
    /// The picture's JSON with this face alone, in pieces.
    pub(crate) const RECORD: &str = "record";
    /// A small picture of the face, in base64; empty if there is none.
    pub(crate) const THUMBNAIL: &str = "thumbnail";
}

/// Bits of an id that number the faces of a picture.
const FACE_BITS: u32 = 8;
/// Digits of the content hash in a key: 128 bits.
const KEY_DIGITS: usize = 32;

/// The number by which a text is filtered: 63 bits of its SHA-256. What has the same number by chance
/// is left out when the record is read.
pub(crate) fn number_of(text: &str) -> i64 {
    let hash = digest::sha256(text.as_bytes());
    // Without a sign: Milvus' language of filters cannot write the least of all numbers.
    i64::from_le_bytes(std::array::from_fn(|i| hash[i])) & i64::MAX
}

/// The key of a picture's first face, by which it is known that the picture is there.
pub(crate) fn head_key(hash: &[u8; 32]) -> String {
    key(hash, 0)
}

/// Keys of one picture lie side by side and sort as ids do.
fn key(hash: &[u8; 32], face: usize) -> String {
    format!("{}-{face:06}", &digest::hex(hash)[..KEY_DIGITS])
}

/// The id of a picture's first face: 55 bits of its content hash, in the order of keys, then zeros for
/// the number of the face. Two of 10⁸ pictures have the same with a probability of 0.13; they are kept
/// apart by their keys, and a search may show one of them only.
pub(crate) fn picture_id(hash: &[u8; 32]) -> u64 {
    let bits = u64::from_be_bytes(std::array::from_fn(|i| hash[i]));
    // Below 2⁶³, as Milvus' integers have a sign.
    (bits >> (FACE_BITS + 1)) << FACE_BITS
}

/// A face with all that is stored of it.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) key: String,
    pub(crate) expression: Expression,
    /// With this face alone.
    pub(crate) picture: Picture,
    pub(crate) thumbnail: Option<Vec<u8>>,
}

impl Row {
    /// The rows of a picture. Thumbnails that are too long for a field are left out.
    pub(crate) fn of(new: &NewPicture, thumbnails: bool) -> Vec<Self> {
        let id = picture_id(&new.hash);
        let faces = new.faces.iter().enumerate();
        let row = |(number, face): (usize, &NewFace)| Self {
            key: key(&new.hash, number),
            expression: face.expression,
            picture: record(new, id, stored(id + number as u64, face)),
            thumbnail: face.thumbnail.clone().filter(|_| thumbnails),
        };
        faces.map(row).collect()
    }

    /// Whether it is a picture's first.
    pub(crate) fn is_head(&self) -> bool {
        self.picture
            .faces
            .first()
            .is_some_and(|f| f.id == self.picture.id)
    }

    pub(crate) fn face_id(&self) -> u64 {
        self.picture.faces.first().map_or(self.picture.id, |f| f.id)
    }

    /// About how many bytes it takes in a request.
    pub(crate) fn size(&self) -> usize {
        let text = self.picture.caption.as_ref().map_or(0, String::len) + self.picture.path.len();
        let thumbnail = self.thumbnail.as_ref().map_or(0, |t| t.len() * 4 / 3);
        4 * EXPRESSION_LEN + 1_000 + text + thumbnail
    }
}

/// The picture of its rows; `None` without rows.
pub(crate) fn joined(rows: &[Row]) -> Option<Picture> {
    let mut picture = rows.first()?.picture.clone();
    picture.faces = rows
        .iter()
        .flat_map(|row| row.picture.faces.clone())
        .collect();
    Some(picture)
}

/// A picture with all that is kept of it. Without its first face it was not put whole.
pub(crate) fn whole(rows: Vec<Row>) -> Option<StoredPicture> {
    if !rows.first()?.is_head() {
        return None;
    }
    Some(StoredPicture {
        picture: joined(&rows)?,
        expressions: rows.iter().map(|row| row.expression).collect(),
        thumbnails: rows.into_iter().map(|row| row.thumbnail).collect(),
    })
}

fn stored(id: u64, new: &NewFace) -> StoredFace {
    StoredFace {
        id,
        bounding_box: new.face.bounding_box,
        score: new.face.score,
        key_points: new.face.key_points.map_or_else(Vec::new, Vec::from),
        time: new.time,
    }
}

fn record(new: &NewPicture, id: u64, face: StoredFace) -> Picture {
    Picture {
        id,
        hash: digest::hex(&new.hash),
        path: new.path.clone(),
        label: new.label.clone(),
        caption: new.caption.clone(),
        words: new.words.clone(),
        tags: new.tags.clone(),
        source: new.source.clone(),
        added: new.added,
        hidden: new.hidden,
        perceptual_hash: new.perceptual_hash,
        // Near-duplicates are told among the faces that a search has found.
        group: id,
        faces: vec![face],
    }
}

/// Rows as columns; an error names the first that does not fit.
pub(crate) fn columns(rows: &[Row]) -> Result<Vec<FieldData>, String> {
    let records: Vec<Vec<String>> = rows.iter().map(record_pieces).collect::<Result<_, _>>()?;
    let tags: Vec<Vec<i64>> = rows.iter().map(tag_numbers).collect::<Result<_, _>>()?;
    let longs =
        |name, value: fn(&Row) -> i64| FieldData::longs(name, rows.iter().map(value).collect());
    let expressions = rows.iter().flat_map(|row| row.expression.0);
    Ok(vec![
        FieldData::strings(field::KEY, rows.iter().map(|row| row.key.clone()).collect()),
        FieldData::vectors(field::EXPRESSION, EXPRESSION_LEN, expressions.collect()),
        longs(field::ID, |row| row.face_id() as i64),
        longs(field::PICTURE, |row| row.picture.id as i64),
        longs(field::PATH, |row| number_of(&row.picture.path)),
        longs(field::SOURCE, |row| number_of(&row.picture.source)),
        longs(field::ADDED, |row| {
            row.picture.added.min(i64::MAX as u64) as i64
        }),
        FieldData::bools(
            field::SHOWN,
            rows.iter().map(|row| !row.picture.hidden).collect(),
        ),
        FieldData::long_lists(field::TAGS, tags),
        FieldData::string_lists(field::RECORD, records),
        FieldData::strings(field::THUMBNAIL, rows.iter().map(thumbnail_text).collect()),
    ])
}

fn tag_numbers(row: &Row) -> Result<Vec<i64>, String> {
    let tags = &row.picture.tags;
    if tags.len() > MAX_ELEMENTS {
        let path = &row.picture.path;
        return Err(format!(
            "{path} has {} tags; Milvus keeps up to {MAX_ELEMENTS}",
            tags.len()
        ));
    }
    Ok(tags.iter().map(|tag| number_of(tag)).collect())
}

fn thumbnail_text(row: &Row) -> String {
    let text = row.thumbnail.as_ref().map(|bytes| BASE64.encode(bytes));
    text.filter(|text| text.len() <= MAX_TEXT)
        .unwrap_or_default()
}

/// A record's JSON, cut where a field's length ends.
fn record_pieces(row: &Row) -> Result<Vec<String>, String> {
    let path = &row.picture.path;
    let mut left =
        serde_json::to_string(&row.picture).map_err(|error| format!("{path}: {error}"))?;
    let mut pieces = Vec::new();
    while left.len() > MAX_TEXT {
        let cut = left.floor_char_boundary(MAX_TEXT);
        let rest = left.split_off(cut);
        pieces.push(left);
        left = rest;
    }
    pieces.push(left);
    if pieces.len() > 64 {
        return Err(format!("{path}: its caption and tags take more than 4 MB"));
    }
    Ok(pieces)
}

/// The fields of rows that are read back. Without `thumbnails` they are not asked for.
pub(crate) fn read_fields(thumbnails: bool) -> Vec<String> {
    let fields = [field::EXPRESSION, field::RECORD, field::THUMBNAIL];
    let count = if thumbnails { 3 } else { 2 };
    fields[..count].iter().map(|f| (*f).to_owned()).collect()
}

/// Rows from the columns of an answer; an error says what is wrong with them.
pub(crate) fn read(columns: &[FieldData]) -> Result<Vec<Row>, String> {
    let column = |name: &str| columns.iter().find(|column| column.field_name == name);
    // Without rows Milvus leaves columns out, or what is in them.
    let values = column(field::EXPRESSION).and_then(FieldData::as_floats);
    let records = column(field::RECORD).and_then(FieldData::as_string_lists);
    let records = records.unwrap_or_default();
    let thumbnails = column(field::THUMBNAIL).and_then(FieldData::as_strings);
    let (expressions, rest) = values.unwrap_or_default().as_chunks::<EXPRESSION_LEN>();
    if !rest.is_empty() || expressions.len() != records.len() {
        return Err("its columns have different lengths".to_owned());
    }
    let rows = expressions.iter().zip(records).enumerate();
    let rows = rows.map(|(at, (expression, record))| {
        let text = thumbnails.and_then(|t| t.get(at)).filter(|t| !t.is_empty());
        read_row(*expression, record, text)
    });
    rows.collect()
}

fn read_row(
    expression: [f32; EXPRESSION_LEN],
    record: &[String],
    thumbnail: Option<&String>,
) -> Result<Row, String> {
    let read = picture_of(record).ok_or("a record is damaged")?;
    Ok(Row {
        key: read.key,
        expression: Expression(expression),
        picture: read.picture,
        thumbnail: thumbnail.and_then(|text| BASE64.decode(text).ok()),
    })
}

/// A record, and the key of its row.
struct Record {
    key: String,
    picture: Picture,
}

fn picture_of(pieces: &[String]) -> Option<Record> {
    let mut picture: Picture = serde_json::from_str(&pieces.concat()).ok()?;
    let hash = digest::from_hex(&picture.hash)?;
    // The record has no id of its own.
    picture.id = picture_id(&hash);
    picture.group = picture.id;
    let number = picture.faces.first()?.id.checked_sub(picture.id)?;
    Some(Record {
        key: key(&hash, number as usize),
        picture,
    })
}

/// The condition that a picture has all of these tags.
fn has_all(tags: &[String]) -> String {
    let numbers: Vec<String> = tags.iter().map(|t| number_of(t).to_string()).collect();
    format!(
        "array_contains_all({}, [{}])",
        field::TAGS,
        numbers.join(", ")
    )
}

/// The part of a filter that Milvus can check; it may let through more, never less.
pub(crate) fn condition(filter: &Filter) -> Vec<String> {
    let mut all = Vec::new();
    if !filter.tags.is_empty() {
        all.push(has_all(&filter.tags));
    }
    if let Some(source) = &filter.source {
        all.push(format!("{} == {}", field::SOURCE, number_of(source)));
    }
    if let Some(since) = filter.since {
        all.push(format!(
            "{} >= {}",
            field::ADDED,
            since.min(i64::MAX as u64)
        ));
    }
    if let Some(until) = filter.until.filter(|until| *until < i64::MAX as u64) {
        all.push(format!("{} < {until}", field::ADDED));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use moue::Face;

    fn picture(hash: u8, faces: usize) -> NewPicture {
        let face = (Face::whole(), Expression([0.125; EXPRESSION_LEN]));
        NewPicture {
            hash: [hash; 32],
            path: "a \"b\".jpg".into(),
            caption: Some("ä\u{10ffff}\n".repeat(30_000)),
            tags: vec!["cat".into()],
            added: 7,
            faces: vec![face.into(); faces],
            ..NewPicture::default()
        }
    }

    #[test]
    fn rows_come_back_from_their_columns() {
        let mut new = picture(0xfe, 3);
        new.faces[1].thumbnail = Some(vec![0xff, 0xd8, 0]);
        let rows = Row::of(&new, true);
        let read = read(&columns(&rows).unwrap()).unwrap();
        assert_eq!(read.len(), 3);
        for (row, back) in rows.iter().zip(&read) {
            assert_eq!((&row.key, &row.picture), (&back.key, &back.picture));
            assert_eq!(
                (row.expression, &row.thumbnail),
                (back.expression, &back.thumbnail)
            );
        }
        assert!(read[0].is_head() && !read[2].is_head());
    }

    #[test]
    fn keys_sort_as_ids_do() {
        let mut all: Vec<Row> = [0x80, 0, 0xff, 0x7f]
            .into_iter()
            .flat_map(|h| Row::of(&picture(h, 12), false))
            .collect();
        all.sort_by(|a, b| a.key.cmp(&b.key));
        assert!(all.is_sorted_by_key(Row::face_id));
        assert!(all.iter().all(|row| row.face_id() < 1 << 63));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let mut rows = Row::of(&picture(1, 1), false);
        rows[0].picture.tags = vec!["t".into(); MAX_ELEMENTS + 1];
        assert!(
            columns(&rows)
                .unwrap_err()
                .contains("a \"b\".jpg has 4097 tags")
        );
        rows[0].picture.tags.clear();
        rows[0].picture.caption = Some("x".repeat(5_000_000));
        assert!(columns(&rows).unwrap_err().contains("4 MB"));
    }

    #[test]
    fn answers_that_contradict_themselves_are_refused() {
        let mut columns = columns(&Row::of(&picture(1, 2), false)).unwrap();
        columns[1] = FieldData::vectors(field::EXPRESSION, EXPRESSION_LEN, vec![0.0; 64]);
        assert!(read(&columns).unwrap_err().contains("lengths"));
        assert!(read(&columns[..2]).unwrap_err().contains("lengths"));
        assert!(read(&columns[..1]).unwrap().is_empty());
    }

    #[test]
    fn no_text_of_a_filter_becomes_part_of_it() {
        let filter = Filter {
            tags: vec!["\"] or id > 0 or [\"".into()],
            source: Some("'".into()),
            text: Some("% \\".into()),
            since: Some(u64::MAX),
            until: Some(5),
        };
        let all = condition(&filter);
        assert_eq!(all.len(), 4);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-()[], =<>".contains(c);
        assert!(all.iter().all(|c| c.chars().all(is_plain)), "{all:?}");
    }
}
