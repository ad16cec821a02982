//! The pages of the database's file, as far as their checksums need: which pages a page refers to,
//! and how many of its bytes count.
//!
//! The database is a tree of trees. Its header has two commit slots, each with the root of a tree
//! of tables; a table's entry has the root of the table's own tree. Every reference to a page comes
//! with the checksum of its content (XXH3, 128 bits), but the database compares them only when it
//! repairs a file. [`checked`](super::checked) compares them whenever a page is read. The layout is
//! that of `redb`'s file format 3; a test holds it against the database itself.

use twox_hash::XxHash3_128;

/// Bytes of the smallest page; the header takes the first.
pub(super) const PAGE: u64 = 4096;
/// Bytes of the header that have a meaning.
pub(super) const HEADER_BYTES: usize = 320;

/// What a file of the database begins with.
pub(super) const MAGIC: &[u8] = b"redb\x1a\x0a\xa9\x0d\x0a";
// Offsets in the header. Pages are numbered within regions, so a page's place needs the size of one.
const FLAGS: usize = 9;
const REGION_HEADER_PAGES: usize = 16;
const REGION_DATA_PAGES: usize = 20;
// How many regions are full, and the data pages of the one behind them, if there is one.
const FULL_REGIONS: usize = 24;
const LAST_REGION_PAGES: usize = 28;
// Offsets of the two commit slots, of which one is written while the other is whole.
const SLOTS: [usize; 2] = [64, 192];
// Offsets in a slot. Its checksum is of all before it.
const SLOT_BYTES: usize = 128;
const SLOT_ROOTS: [usize; 2] = [8, 40];
const SLOT_TRANSACTION: usize = 104;
const SLOT_CHECKSUM: usize = 112;

// The first byte of a page tells which kind it is.
const LEAF: u8 = 1;
const BRANCH: u8 = 2;

/// What the keys and values of a tree are, by which its pages are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// Bytes of a key, if all have the same number.
    pub(super) key: Option<u32>,
    /// Bytes of a value, if all have the same number.
    pub(super) value: Option<u32>,
    /// Whether the values are entries of tables with trees of their own.
    pub(super) is_tables: bool,
}

impl Shape {
    /// The tree of tables: their names, and their entries.
    const TABLES: Self = Self {
        key: None,
        value: None,
        is_tables: true,
    };
}

/// A reference to a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PageRef {
    /// Where the page begins in the file.
    pub(super) offset: u64,
    /// Its bytes.
    pub(super) len: u64,
    /// The checksum that its content must have.
    pub(super) checksum: u128,
    pub(super) shape: Shape,
}

/// Where pages lie: what the header tells of the file's regions, in pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Regions {
    header: u64,
    data: u64,
}

impl Regions {
    /// Offset and length of the page with this number.
    fn place(self, number: u64) -> (u64, u64) {
        let order = number >> 59;
        let index = number & (0xF_FFFF >> order);
        let region = (number >> 20) & 0xF_FFFF;
        // Of a damaged number the sum may be anything; a page beyond the file is not read.
        let before = region.saturating_mul(self.header + self.data) + self.header;
        let first = before.saturating_add(1).saturating_mul(PAGE);
        let len = PAGE << order;
        (first.saturating_add(index.saturating_mul(len)), len)
    }

    /// Bytes of a file with so many full regions and so many data pages behind them.
    fn file_bytes(self, full: u64, last: u64) -> u64 {
        let last = if last > 0 { self.header + last } else { 0 };
        // Of a damaged header the product may be anything.
        let pages = full.saturating_mul(self.header + self.data);
        pages.saturating_add(1 + last).saturating_mul(PAGE)
    }

    fn page(self, number: u64, checksum: u128, shape: Shape) -> PageRef {
        let (offset, len) = self.place(number);
        PageRef {
            offset,
            len,
            checksum,
            shape,
        }
    }
}

/// One of the two states that a header refers to.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    /// The roots of the user's and of the database's own tables.
    pub(super) roots: Vec<PageRef>,
    pub(super) transaction: u64,
}

/// The file's header.
#[derive(Debug, Clone)]
pub(super) struct Header {
    /// The current state; `None` if its checksum is wrong.
    pub(super) primary: Option<Slot>,
    /// The one before it.
    pub(super) secondary: Option<Slot>,
    pub(super) regions: Regions,
    /// Bytes of the file.
    pub(super) file_bytes: u64,
    /// Whether the last writer closed the file.
    pub(super) is_clean: bool,
    /// Whether the current state may not be on the disk, so that readers use the one before.
    pub(super) is_unflushed: bool,
}

impl Header {
    /// `None` for a file that is none of the database's.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..HEADER_BYTES)?;
        if !bytes.starts_with(MAGIC) {
            return None;
        }
        let regions = Regions {
            header: u64::from(u32_at(bytes, REGION_HEADER_PAGES)?),
            data: u64::from(u32_at(bytes, REGION_DATA_PAGES)?),
        };
        let full = u64::from(u32_at(bytes, FULL_REGIONS)?);
        let last = u64::from(u32_at(bytes, LAST_REGION_PAGES)?);
        let flags = bytes[FLAGS];
        let primary = usize::from(flags & 1);
        Some(Self {
            primary: slot(bytes, SLOTS[primary], regions),
            secondary: slot(bytes, SLOTS[1 - primary], regions),
            regions,
            file_bytes: regions.file_bytes(full, last),
            is_clean: flags & 2 == 0,
            is_unflushed: flags & 8 != 0,
        })
    }

    /// Whether a writer that closed the file can have left this. After that the current state is
    /// the newer one and on the disk; a flag that was flipped would bring back the one before.
    pub(super) fn is_plausible(&self) -> bool {
        let ids = self.primary.as_ref().zip(self.secondary.as_ref());
        let is_newer = ids.is_none_or(|(p, s)| p.transaction >= s.transaction);
        !self.is_clean || (is_newer && !self.is_unflushed)
    }
}

impl Header {
    /// The state that readers use.
    pub(super) fn current(self) -> Option<Slot> {
        if self.is_unflushed {
            self.secondary
        } else {
            self.primary
        }
    }
}

fn slot(header: &[u8], at: usize, regions: Regions) -> Option<Slot> {
    let bytes = header.get(at..at + SLOT_BYTES)?;
    let expected = u128_at(bytes, SLOT_CHECKSUM)?;
    if checksum(&bytes[..SLOT_CHECKSUM]) != expected {
        return None;
    }
    let mut roots = Vec::new();
    for (i, at) in SLOT_ROOTS.into_iter().enumerate() {
        // The flags follow the version.
        if bytes[1 + i] != 0 {
            let number = u64_at(bytes, at)?;
            roots.push(regions.page(number, u128_at(bytes, at + 8)?, Shape::TABLES));
        }
    }
    Some(Slot {
        roots,
        transaction: u64_at(bytes, SLOT_TRANSACTION)?,
    })
}

/// The checksum that the database gives to bytes.
pub(super) fn checksum(bytes: &[u8]) -> u128 {
    XxHash3_128::oneshot(bytes)
}

/// The checksum of a page's content; `None` if it has an impossible layout.
pub(super) fn content_sum(page: &[u8], shape: Shape) -> Option<u128> {
    page.get(..used(page, shape)?).map(checksum)
}

/// Whether a page's content is what its reference expects.
pub(super) fn is_whole(page: &[u8], expected: &PageRef) -> bool {
    content_sum(page, expected.shape) == Some(expected.checksum)
}

/// How many bytes of a page are in use, which are those that its checksum is of.
fn used(page: &[u8], shape: Shape) -> Option<usize> {
    match *page.first()? {
        LEAF => Leaf::of(page, shape)?.end(),
        BRANCH => Branch::of(page, shape)?.end(),
        _ => None,
    }
}

/// The pages that a page refers to.
pub(super) fn children(page: &[u8], shape: Shape, regions: Regions) -> Vec<PageRef> {
    match page.first() {
        Some(&BRANCH) => Branch::of(page, shape).map_or(Vec::new(), |b| b.children(regions)),
        _ => tables(page, shape, regions).map(|(_, root)| root).collect(),
    }
}

/// The tables whose entries are in a page: their names and roots.
pub(super) fn tables(
    page: &[u8],
    shape: Shape,
    regions: Regions,
) -> impl Iterator<Item = (&[u8], PageRef)> {
    entries(page, shape)
        .filter(move |_| shape.is_tables)
        .filter_map(move |(name, value)| Some((name, table_root(value, regions)?)))
}

pub(super) fn is_leaf(page: &[u8]) -> bool {
    page.first() == Some(&LEAF)
}

/// Keys and values of a leaf; of a damaged one those that lie within it.
pub(super) fn entries(page: &[u8], shape: Shape) -> impl Iterator<Item = (&[u8], &[u8])> {
    let leaf = is_leaf(page).then(|| Leaf::of(page, shape));
    let leaf = leaf.flatten();
    (0..leaf.as_ref().map_or(0, |l| l.count)).filter_map(move |i| leaf.as_ref()?.entry(i))
}

/// The root of a table's tree in the table's entry.
fn table_root(entry: &[u8], regions: Regions) -> Option<PageRef> {
    // 1 byte of kind, 8 of length, then flag and root.
    let has_root = *entry.get(9)? != 0;
    let number = u64_at(entry, 10)?;
    let expected = u128_at(entry, 18)?;
    let width = |at: usize| Some((*entry.get(at)? != 0).then_some(u32_at(entry, at + 1)?));
    let shape = Shape {
        key: width(42)?,
        value: width(47)?,
        is_tables: false,
    };
    has_root.then(|| regions.page(number, expected, shape))
}

/// A leaf: the ends of keys and of values that have no fixed width, then the keys, then the values.
struct Leaf<'a> {
    page: &'a [u8],
    shape: Shape,
    count: usize,
}

impl<'a> Leaf<'a> {
    fn of(page: &'a [u8], shape: Shape) -> Option<Self> {
        let count = usize::from(u16_at(page, 2)?);
        (count > 0).then_some(Self { page, shape, count })
    }

    /// Where the keys begin.
    fn keys(&self) -> usize {
        let ends = [self.shape.key, self.shape.value];
        4 + ends.iter().filter(|w| w.is_none()).count() * 4 * self.count
    }

    fn key_end(&self, i: usize) -> Option<usize> {
        match self.shape.key {
            Some(width) => Some(self.keys() + width as usize * (i + 1)),
            None => Some(u32_at(self.page, 4 + 4 * i)? as usize),
        }
    }

    fn value_end(&self, i: usize) -> Option<usize> {
        let keys = if self.shape.key.is_none() {
            4 * self.count
        } else {
            0
        };
        match self.shape.value {
            Some(width) => Some(self.key_end(self.count - 1)? + width as usize * (i + 1)),
            None => Some(u32_at(self.page, 4 + keys + 4 * i)? as usize),
        }
    }

    fn end(&self) -> Option<usize> {
        self.value_end(self.count - 1)
    }

    fn entry(&self, i: usize) -> Option<(&'a [u8], &'a [u8])> {
        let key = match i {
            0 => self.keys(),
            _ => self.key_end(i - 1)?,
        };
        let value = match i {
            0 => self.key_end(self.count - 1)?,
            _ => self.value_end(i - 1)?,
        };
        let key = self.page.get(key..self.key_end(i)?)?;
        Some((key, self.page.get(value..self.value_end(i)?)?))
    }
}

/// A branch: checksums and numbers of the pages below it, then the keys between them.
struct Branch<'a> {
    page: &'a [u8],
    shape: Shape,
    keys: usize,
}

impl<'a> Branch<'a> {
    fn of(page: &'a [u8], shape: Shape) -> Option<Self> {
        let keys = usize::from(u16_at(page, 2)?);
        (keys > 0).then_some(Self { page, shape, keys })
    }

    fn end(&self) -> Option<usize> {
        let after = 8 + (self.keys + 1) * 24;
        match self.shape.key {
            Some(width) => Some(after + width as usize * self.keys),
            None => Some(u32_at(self.page, after + 4 * (self.keys - 1))? as usize),
        }
    }

    fn children(&self, regions: Regions) -> Vec<PageRef> {
        let numbers = 8 + (self.keys + 1) * 16;
        let child = |i: usize| {
            let number = u64_at(self.page, numbers + 8 * i)?;
            Some(regions.page(number, u128_at(self.page, 8 + 16 * i)?, self.shape))
        };
        (0..=self.keys).filter_map(child).collect()
    }
}

fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes_at(bytes, at).map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes_at(bytes, at).map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes_at(bytes, at).map(u64::from_le_bytes)
}

fn u128_at(bytes: &[u8], at: usize) -> Option<u128> {
    bytes_at(bytes, at).map(u128::from_le_bytes)
}
