//! What of a gallery's file can still be read, page by page and, where pages are damaged, record by
//! record.
//!
//! From the header on, every page whose checksum is right leads to others. In a damaged page the
//! envelopes (`seal`) and faces (`encoding`) that it held are looked for by their own checksums.
//! Pages below a damaged one that only it refers to are looked for in the rest of the file. That
//! rest also has what was removed and not overwritten yet, so it is looked at only for what the
//! index may have lost.

use super::encoding;
use super::error::Fault;
use super::file_state::FileState;
use super::pages::{self, Header, PageRef, Regions};
use super::raw_file::RawFile;
use super::records::Picture;
use super::seal::{self, Kind, Sealed};
use super::tables;
use crate::embed::Expression;
use redb::TableHandle;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// Bytes of the rest of a file that are looked at together, and by which they overlap: more than an
/// envelope that matters here has.
const WINDOW: u64 = 4 << 20;
const OVERLAP: u64 = 1 << 18;

/// Levels of a tree; one that fills the largest disk has a few tens.
const MAX_DEPTH: usize = 128;

/// How often a file is walked again that another program changed meanwhile.
const RETRIES: usize = 5;

/// The table that a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Owner {
    /// The tree of tables.
    Tables,
    Meta,
    Pictures,
    Hashes,
    Files,
    /// Tables of envelopes, and those that are made anew.
    Others,
    /// The database's own.
    System,
}

impl Owner {
    fn of(table: &[u8]) -> Self {
        let is = |other: &str| table == other.as_bytes();
        match () {
            () if is(tables::META.name()) => Self::Meta,
            () if is(tables::PICTURES.name()) => Self::Pictures,
            () if is(tables::HASHES.name()) => Self::Hashes,
            () if is(tables::FILES.name()) => Self::Files,
            () => Self::Others,
        }
    }
}

/// Where in the trees a page is.
#[derive(Clone, Copy)]
struct Spot {
    owner: Owner,
    depth: usize,
}

/// A page whose checksum is wrong.
struct Damaged {
    offset: u64,
    spot: Spot,
}

/// A record and how it was found: of two with one id that with the larger rank is current.
struct Ranked<T> {
    /// Whether the index leads to it, and the transaction that wrote it.
    rank: (bool, u64),
    value: T,
}

/// Where a thumbnail lies in the file.
#[derive(Clone, Copy)]
struct Place {
    offset: u64,
    len: usize,
}

/// What of a file can be read.
#[derive(Default)]
pub(super) struct Survey {
    pub(super) pictures: BTreeMap<u64, Picture>,
    pub(super) expressions: BTreeMap<u64, Expression>,
    pub(super) files: Vec<(String, FileState)>,
    /// The fingerprint of the weights, the next face's id and the number of the last change.
    pub(super) meta: HashMap<String, Vec<u8>>,
    /// Where damaged pages are.
    pub(super) damaged: Vec<u64>,
    /// Pictures that the index does not lead to any more; they may have been removed before.
    pub(super) stray: usize,
    /// Pictures of which nothing is left, by the hash of their content.
    pub(super) lost: Vec<[u8; 32]>,
    pub(super) last_generation: u64,
    /// Faces of the pictures that have no expression any more.
    pub(super) damaged_faces: usize,
    thumbnails: BTreeMap<u64, Place>,
}

/// The damaged pages of a gallery's file.
pub(super) fn damaged_pages(path: &Path) -> Result<Vec<u64>, Fault> {
    for _ in 0..RETRIES {
        let mut walk = Walk::new(path)?;
        let before = walk.file.read(0, pages::HEADER_BYTES);
        walk.run();
        // Pages may be in use for others since another program has changed the file.
        if walk.damaged.is_empty() || before == walk.file.read(0, pages::HEADER_BYTES) {
            return Ok(walk.damaged.iter().map(|page| page.offset).collect());
        }
    }
    Ok(Vec::new())
}

/// What is wrong if the file lost its end. Reading needs none of what is behind the pages in use, but
/// the database refuses to write into such a file.
pub(super) fn lost_end(path: &Path) -> Result<Option<String>, Fault> {
    let mut file = RawFile::open(path)?;
    let start = file.read(0, pages::HEADER_BYTES).unwrap_or_default();
    let header = Header::parse(&start);
    // While somebody writes, the file may just have become longer or shorter.
    let is_short = header.is_some_and(|header| header.is_clean && file.len < header.file_bytes);
    let problem = if file.len % pages::PAGE > 0 {
        "does not end with a whole page"
    } else if is_short {
        "is shorter than its header says"
    } else {
        return Ok(None);
    };
    Ok(Some(format!(
        "the file {problem}, so that nothing can be written into it"
    )))
}

impl Survey {
    pub(super) fn of(path: &Path) -> Result<Self, Fault> {
        let mut walk = Walk::new(path)?;
        walk.collects = true;
        walk.run();
        if walk.index_is_incomplete() {
            walk.rest();
        }
        Ok(walk.survey())
    }

    /// The thumbnail of a face.
    pub(super) fn thumbnail(&self, file: &mut RawFile, face: u64) -> Option<Vec<u8>> {
        let place = self.thumbnails.get(&face)?;
        file.read(place.offset, place.len)
    }

    pub(super) fn number(&self, key: &str) -> Option<u64> {
        let bytes = self.meta.get(key)?;
        Some(u64::from_le_bytes(bytes[..].try_into().ok()?))
    }
}

struct Walk {
    file: RawFile,
    /// Whether records are kept; otherwise only checksums are compared.
    collects: bool,
    header: Option<Header>,
    /// Ends of the pages that were read, by their beginnings.
    seen: BTreeMap<u64, u64>,
    damaged: Vec<Damaged>,
    /// At which depth a table's leaves are, as far as one was read.
    leaf_depth: HashMap<Owner, usize>,
    pictures: BTreeMap<u64, Ranked<Picture>>,
    thumbnails: BTreeMap<u64, Ranked<Place>>,
    digests: HashMap<u64, [u8; 32]>,
    found: Survey,
}

impl Walk {
    fn new(path: &Path) -> Result<Self, Fault> {
        let mut file = RawFile::open(path)?;
        let start = file.read(0, pages::HEADER_BYTES).unwrap_or_default();
        Ok(Self {
            file,
            collects: false,
            header: Header::parse(&start),
            seen: BTreeMap::new(),
            damaged: Vec::new(),
            leaf_depth: HashMap::new(),
            pictures: BTreeMap::new(),
            thumbnails: BTreeMap::new(),
            digests: HashMap::new(),
            found: Survey::default(),
        })
    }

    /// Reads all pages that the header leads to.
    fn run(&mut self) {
        let header = self.header.clone().filter(Header::is_plausible);
        let slot = header.and_then(Header::current);
        let spot = |owner| Spot { owner, depth: 0 };
        let Some(slot) = slot else {
            return self.damage(0, spot(Owner::Tables));
        };
        for (root, owner) in slot.roots.iter().zip([Owner::Tables, Owner::System]) {
            self.visit(root, spot(owner));
        }
    }

    fn damage(&mut self, offset: u64, spot: Spot) {
        self.damaged.push(Damaged { offset, spot });
    }

    fn visit(&mut self, page: &PageRef, spot: Spot) {
        // A page that two refer to would be read without end if one of them is itself.
        if spot.depth > MAX_DEPTH || self.seen.contains_key(&page.offset) {
            return;
        }
        let bytes = usize::try_from(page.len).ok();
        let Some(bytes) = bytes.and_then(|len| self.file.read(page.offset, len)) else {
            return self.damage(page.offset, spot);
        };
        self.seen.insert(page.offset, page.offset + page.len);
        if pages::is_whole(&bytes, page) {
            self.whole(&bytes, page, spot);
        } else {
            self.damage(page.offset, spot);
            self.rescue(&bytes, page, spot);
        }
    }

    fn whole(&mut self, bytes: &[u8], page: &PageRef, spot: Spot) {
        let is_leaf = pages::is_leaf(bytes);
        if is_leaf {
            self.leaf_depth.insert(spot.owner, spot.depth);
        }
        if is_leaf && spot.owner == Owner::Tables {
            for (name, root) in pages::tables(bytes, page.shape, self.regions()) {
                let owner = Owner::of(name);
                self.visit(&root, Spot { owner, depth: 0 });
            }
        } else if is_leaf && self.collects {
            self.records(bytes, page, spot.owner);
        }
        // Of a leaf these are the roots of the database's own tables.
        for child in self.children(bytes, page) {
            let depth = spot.depth + 1;
            self.visit(&child, Spot { depth, ..spot });
        }
    }

    fn regions(&self) -> Regions {
        self.header
            .as_ref()
            .map_or_else(Regions::default, |header| header.regions)
    }

    fn children(&self, bytes: &[u8], page: &PageRef) -> Vec<PageRef> {
        pages::children(bytes, page.shape, self.regions())
    }

    /// Takes what it can from a damaged page.
    fn rescue(&mut self, bytes: &[u8], page: &PageRef, spot: Spot) {
        if !self.collects {
            return;
        }
        self.scan(bytes, page.offset, true);
        // A reference that was not damaged still leads to a whole page.
        for child in self.children(bytes, page) {
            let len = usize::try_from(child.len).ok();
            let below = len.and_then(|len| self.file.read(child.offset, len));
            if below.is_some_and(|below| pages::is_whole(&below, &child)) {
                let depth = spot.depth + 1;
                self.visit(&child, Spot { depth, ..spot });
            }
        }
    }

    /// Takes the records of a whole leaf.
    fn records(&mut self, bytes: &[u8], page: &PageRef, owner: Owner) {
        for (key, value) in pages::entries(bytes, page.shape) {
            let at = page.offset + (value.as_ptr() as usize - bytes.as_ptr() as usize) as u64;
            match owner {
                Owner::Meta => {
                    let key = String::from_utf8_lossy(key).into_owned();
                    self.found.meta.insert(key, value.to_vec());
                }
                Owner::Hashes => {
                    if let (Ok(hash), Ok(id)) = (key.try_into(), value.try_into()) {
                        self.digests.insert(u64::from_le_bytes(id), hash);
                    }
                }
                Owner::Files => self.file_record(key, value),
                Owner::System | Owner::Tables => {}
                Owner::Pictures | Owner::Others => {
                    if let Some(sealed) = seal::find(value) {
                        self.take(&sealed, at, true);
                    } else {
                        self.faces(value);
                    }
                }
            }
        }
    }

    fn file_record(&mut self, path: &[u8], record: &[u8]) {
        let path = std::str::from_utf8(path).ok();
        let state = path.and_then(|path| {
            let json = seal::open(Kind::File, seal::path_key(path), record).ok()?;
            Some((path.to_owned(), serde_json::from_slice(json).ok()?))
        });
        self.found.files.extend(state);
    }

    /// Takes the content of an envelope that begins at `at` in the file.
    fn take(&mut self, sealed: &Sealed<'_>, at: u64, is_indexed: bool) {
        let rank = (is_indexed, sealed.generation);
        self.found.last_generation = self.found.last_generation.max(sealed.generation);
        match sealed.kind {
            Kind::Picture => {
                if let Ok(value) = Picture::from_json(sealed.key, sealed.content) {
                    insert(&mut self.pictures, sealed.key, Ranked { rank, value });
                }
            }
            Kind::Thumbnail => {
                let value = Place {
                    offset: at + seal::HEAD as u64,
                    len: sealed.content.len(),
                };
                insert(&mut self.thumbnails, sealed.key, Ranked { rank, value });
            }
            Kind::Floats => self.faces(sealed.content),
            // Made anew from the others.
            Kind::Rows | Kind::Codes | Kind::File => {}
        }
    }

    /// Takes all faces whose own checksums are right, wherever they begin.
    fn faces(&mut self, bytes: &[u8]) {
        let mut at = 0;
        while at + encoding::FACE_BYTES <= bytes.len() {
            let rest = &bytes[at..];
            match encoding::may_be_face(rest).then(|| encoding::face_at(rest)) {
                Some(Some((id, expression))) => {
                    self.found.expressions.entry(id).or_insert(expression);
                    at += encoding::FACE_BYTES;
                }
                _ => at += 1,
            }
        }
    }

    /// Looks for envelopes and faces in bytes that begin at `offset` in the file.
    fn scan(&mut self, bytes: &[u8], offset: u64, is_indexed: bool) {
        for (at, sealed) in seal::envelopes(bytes) {
            self.take(&sealed, offset + at as u64, is_indexed);
        }
        self.faces(bytes);
    }

    /// Whether damaged pages may have led to pages with pictures that nothing else leads to. A page
    /// at the depth of the leaves led nowhere.
    fn index_is_incomplete(&self) -> bool {
        self.damaged.iter().any(|Damaged { spot, .. }| {
            let is_leaf = self.leaf_depth.get(&spot.owner) == Some(&spot.depth);
            spot.owner == Owner::Tables || spot.owner != Owner::System && !is_leaf
        })
    }

    /// Looks through all that the index did not lead to.
    fn rest(&mut self) {
        let mut at = pages::PAGE;
        let mut gaps = Vec::new();
        for (start, end) in &self.seen {
            gaps.push((at, *start));
            at = at.max(*end);
        }
        gaps.push((at, self.file.len));
        for (mut start, end) in gaps {
            while start < end {
                let len = (end - start).min(WINDOW);
                if let Some(bytes) = self.file.read(start, len as usize) {
                    self.scan(&bytes, start, false);
                }
                start += if len == WINDOW { WINDOW - OVERLAP } else { len };
            }
        }
    }

    fn survey(self) -> Survey {
        let mut found = self.found;
        found.damaged = self.damaged.iter().map(|page| page.offset).collect();
        for (id, ranked) in self.pictures {
            found.stray += usize::from(!ranked.rank.0);
            found.pictures.insert(id, ranked.value);
        }
        let places = self.thumbnails.into_iter();
        found.thumbnails = places.map(|(id, ranked)| (id, ranked.value)).collect();
        found.drop_unusable();
        let lost = self.digests.into_iter();
        let lost = lost.filter(|(id, _)| !found.pictures.contains_key(id));
        found.lost = lost.map(|(_, hash)| hash).collect();
        found
    }
}

impl Survey {
    /// Drops faces without an expression, and pictures without faces or hash: nothing would find
    /// them.
    fn drop_unusable(&mut self) {
        let expressions = &self.expressions;
        let lost = &mut self.damaged_faces;
        self.pictures.retain(|_, picture| {
            let faces = picture.faces.len();
            picture
                .faces
                .retain(|face| expressions.contains_key(&face.id));
            *lost += faces - picture.faces.len();
            !picture.faces.is_empty() && crate::digest::from_hex(&picture.hash).is_some()
        });
    }

    /// Number of faces.
    pub(super) fn face_count(&self) -> usize {
        self.pictures
            .values()
            .map(|picture| picture.faces.len())
            .sum()
    }
}

fn insert<T>(records: &mut BTreeMap<u64, Ranked<T>>, key: u64, new: Ranked<T>) {
    let is_newer = records.get(&key).is_none_or(|old| old.rank < new.rank);
    if is_newer {
        records.insert(key, new);
    }
}
