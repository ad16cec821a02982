//! The store.

use crate::conditions::{Conditions, signed};
use crate::connect::Pool;
use crate::edit;
use crate::failure;
use crate::lists;
use crate::memory::{Memory, Size};
use crate::nearest::{Depth, MAX_EF, Searching, Way, has_at_most};
use crate::put;
use crate::rows::{COLUMNS, Face};
use crate::schema::Tables;
use moue::Expression;
use moue::gallery::{Filter, Match, NewPicture, Picture, SearchOptions};
use moue_store::{
    Address, Counts, GalleryStore, Listing, OverFetch, Selection, StoreError, StoredPicture,
};
use postgres::Row;
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::Type;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// From so many faces on an index is made unless the address says otherwise: comparing them all
/// takes 64 ms then (`bench/stores.md`), and the time grows with their number.
const INDEX_FROM: u64 = 100_000;

/// Faces that a search of the index keeps in sight among 100,000, unless given.
const EF: u64 = 100;

/// How many times as many faces are compared at least where there is a filter: among a million, of which
/// half had the tag, 86 of 100 were found without, 97 with it (`bench/stores.md`).
const FILTERED: usize = 3;

/// The most faces that are asked for through the index.
const MAX_FETCH: usize = 512;

/// How faces are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Through the index if there is one.
    Auto,
    Exact,
    Hnsw,
}

impl Mode {
    fn of(address: &Address) -> Result<Self, StoreError> {
        match address.option("search") {
            None => Ok(Self::Auto),
            Some("exact") => Ok(Self::Exact),
            Some("hnsw") => Ok(Self::Hnsw),
            Some(_) => Err(address.refused("write search=exact or search=hnsw")),
        }
    }
}

/// A number among the options; `None` unless given.
fn number(address: &Address, key: &str, most: u64) -> Result<Option<u64>, StoreError> {
    let Some(text) = address.option(key) else {
        return Ok(None);
    };
    let number = text.parse().ok().filter(|number| *number <= most);
    let refused = || address.refused(format!("write {key}=N with N up to {most}"));
    number.ok_or_else(refused).map(Some)
}

/// A gallery in a PostgreSQL database. See the [crate's page](crate) for addresses and tables.
///
/// ```no_run
/// use moue_postgres::PostgresStore;
/// use moue_store::{Address, GalleryStore};
/// let address = Address::parse("postgres://me@localhost/faces?gallery=cats")?;
/// let store = PostgresStore::create(&address)?;
/// println!("{:?}", store.count()?);
/// # Ok::<(), moue_store::StoreError>(())
/// ```
pub struct PostgresStore {
    pool: Pool,
    tables: Tables,
    mode: Mode,
    /// Options of the address.
    ef: Option<u64>,
    few: Option<u64>,
    memory: Memory,
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("PostgresStore")
            .field(&self.pool.name())
            .finish()
    }
}

impl PostgresStore {
    /// Opens a gallery that is there.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if it is not, [`StoreError::OtherWeights`] if its expressions are of
    /// other weights, and [`StoreError`] if the server cannot be reached or lacks something.
    pub fn open(address: &Address) -> Result<Self, StoreError> {
        let store = Self::at(address)?;
        store.checked()
    }

    /// Opens a gallery; makes it if there is none.
    ///
    /// # Errors
    /// As for [`PostgresStore::open`], and [`StoreError::Setup`] if the extension is missing or the
    /// user may not make tables.
    pub fn create(address: &Address) -> Result<Self, StoreError> {
        let store = Self::at(address)?;
        store.tables.create(&store.pool)?;
        store.checked()
    }

    fn at(address: &Address) -> Result<Self, StoreError> {
        Ok(Self {
            mode: Mode::of(address)?,
            ef: number(address, "ef", MAX_EF.into())?.map(|ef| ef.max(1)),
            few: number(address, "few", i64::MAX as u64)?,
            pool: Pool::of(address)?,
            tables: Tables::of(address),
            memory: Memory::default(),
        })
    }

    fn checked(self) -> Result<Self, StoreError> {
        self.tables.check(&self.pool)?;
        self.size()?;
        Ok(self)
    }

    fn size(&self) -> Result<Size, StoreError> {
        self.memory.size(|| self.tables.size(&self.pool))
    }

    /// How the faces of a search with this filter are compared.
    fn way(&self, filter: &Filter) -> Result<Way, StoreError> {
        let size = self.size()?;
        if self.mode == Mode::Exact || !size.has_index {
            return Ok(Way::All);
        }
        let ef = self.ef.unwrap_or_else(|| ef_of(size.faces));
        let plain = Depth {
            ef: ef as u16,
            compared: 0,
            one_of: 1,
        };
        if filter.is_empty() {
            return Ok(Way::Index(plain));
        }
        let few = self.few.unwrap_or_else(|| few_of(size.faces));
        let ask = || has_at_most(&self.pool, &self.tables, filter, few);
        if self.memory.is_few(filter, ask)? {
            return Ok(Way::All);
        }
        Ok(Way::Index(Depth {
            compared: FILTERED * ef as usize,
            one_of: size.faces / few.max(1),
            ..plain
        }))
    }

    fn face(&self, row: &Row) -> Result<Face, StoreError> {
        Face::of(row).map_err(|reason| StoreError::failed(self.pool.name(), reason))
    }

    /// The rows of pictures with their thumbnails, by picture and face.
    fn stored_statement(&self, conditions: &str) -> String {
        let Tables {
            faces, thumbnails, ..
        } = &self.tables;
        format!(
            "select {COLUMNS}, t.jpeg from (select * from {faces} where {conditions}) f \
             left join {thumbnails} t on t.hash = f.hash and t.face = f.face \
             order by f.picture, f.face"
        )
    }
}

impl GalleryStore for PostgresStore {
    fn name(&self) -> &str {
        self.pool.name()
    }

    fn is_exact(&self) -> bool {
        let has_index = self.memory.last_size().is_some_and(|size| size.has_index);
        self.mode == Mode::Exact || !has_index
    }

    fn fingerprint(&self) -> Result<String, StoreError> {
        self.tables.fingerprint(&self.pool)
    }

    fn count(&self) -> Result<Counts, StoreError> {
        let asked = format!(
            "select count(*) filter (where face = 0), count(*) from {}",
            self.tables.faces
        );
        let counts: [i64; 2] = self.pool.with(|client| {
            let row = client.query_one(&asked, &[])?;
            Ok([row.try_get(0)?, row.try_get(1)?])
        })?;
        Ok(Counts {
            pictures: counts[0] as u64,
            faces: counts[1] as u64,
        })
    }

    fn contains(&self, contents: &[[u8; 32]]) -> Result<Vec<bool>, StoreError> {
        if contents.is_empty() {
            return Ok(Vec::new());
        }
        let known = self.pool.with(|client| {
            let mut reading = client.transaction()?;
            put::known(&mut reading, &self.tables, contents.iter())
        })?;
        Ok(contents.iter().map(|hash| known.contains(hash)).collect())
    }

    fn put(&self, pictures: &[NewPicture]) -> Result<Vec<bool>, StoreError> {
        put::put(&self.pool, &self.tables, pictures)
    }

    fn remove(&self, selection: &Selection) -> Result<u64, StoreError> {
        let Tables {
            faces, thumbnails, ..
        } = &self.tables;
        let conditions = Conditions::of_selection(selection, faces);
        let statement = format!(
            "with gone as (delete from {faces} where {} returning hash, face), \
             small as (delete from {thumbnails} where hash in (select hash from gone)) \
             select count(*) from gone where face = 0",
            conditions.sql()
        );
        edit::counted(&self.pool, &statement, &conditions)
    }

    fn tag(
        &self,
        selection: &Selection,
        add: &[String],
        drop: &[String],
    ) -> Result<u64, StoreError> {
        edit::tag(&self.pool, &self.tables, selection, add, drop)
    }

    fn add_words(&self, content: &[u8; 32], words: &str) -> Result<bool, StoreError> {
        edit::add_words(&self.pool, &self.tables, content, words)
    }

    fn selected(&self, selection: &Selection) -> Result<u64, StoreError> {
        let faces = &self.tables.faces;
        let conditions = Conditions::of_selection(selection, faces);
        let statement = format!(
            "select count(*) from {faces} where face = 0 and {}",
            conditions.sql()
        );
        edit::counted(&self.pool, &statement, &conditions)
    }

    fn search(
        &self,
        targets: &[Expression],
        options: &SearchOptions,
    ) -> Result<Vec<Match>, StoreError> {
        let searching = Searching {
            pool: &self.pool,
            tables: &self.tables,
            way: self.way(&options.filter)?,
        };
        let fetch = match searching.way {
            Way::All => OverFetch::EXACT,
            Way::Index(_) => OverFetch::approximate(MAX_FETCH),
        };
        moue_store::search(&searching, targets, options, &fetch)
    }

    fn picture(&self, face: u64) -> Result<Option<StoredPicture>, StoreError> {
        let mut conditions = Conditions::default();
        let id = conditions.bind(signed(face), Type::INT8);
        let faces = &self.tables.faces;
        conditions.add(format!(
            "picture = (select picture from {faces} where id = {id})"
        ));
        let statement = self.stored_statement(&conditions.sql());
        let parameters = conditions.parameters();
        let rows = self
            .pool
            .with(|client| client.query_typed(&statement, &parameters))?;
        let mut picture = None;
        for row in &rows {
            joined(&mut picture, self.face(row)?, thumbnail(row));
        }
        Ok(picture)
    }

    fn export(
        &self,
        filter: &Filter,
        body: &mut dyn FnMut(StoredPicture) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let conditions = Conditions::of(filter);
        let statement = self.stored_statement(&conditions.sql());
        let failed = |error: postgres::Error| failure::of(self.pool.name(), &error);
        // A connection of its own: `body` may ask the store, and what is not read when it breaks goes
        // with the connection.
        let mut client = self.pool.connect()?;
        let parameters = conditions.parameters();
        let mut rows = client
            .query_typed_raw(&statement, parameters)
            .map_err(failed)?;
        let mut picture: Option<StoredPicture> = None;
        while let Some(row) = rows.next().map_err(failed)? {
            let finished = joined(&mut picture, self.face(&row)?, thumbnail(&row));
            if finished.is_some_and(|finished| body(finished).is_break()) {
                return Ok(());
            }
        }
        if let Some(last) = picture {
            let _ = body(last);
        }
        Ok(())
    }

    fn find(&self, content: &[u8; 32]) -> Result<Option<Picture>, StoreError> {
        lists::find(&self.pool, &self.tables, content)
    }

    fn list(&self, listing: &Listing<'_>) -> Result<Vec<Picture>, StoreError> {
        lists::list(&self.pool, &self.tables, listing)
    }

    fn tags(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        lists::tags(&self.pool, &self.tables)
    }

    fn finish_load(&self) -> Result<(), StoreError> {
        let analyze = format!("analyze {}", self.tables.faces);
        self.pool.with(|client| client.batch_execute(&analyze))?;
        let is_wanted = match self.mode {
            Mode::Exact => false,
            Mode::Hnsw => true,
            Mode::Auto => self.count()?.faces >= INDEX_FROM,
        };
        if is_wanted {
            self.tables.build_index(&self.pool)?;
        }
        self.memory.renew(self.tables.size(&self.pool)?);
        Ok(())
    }
}

/// Faces that a search of the index keeps in sight: 100 of 100,000 and 316 of a million.
fn ef_of(faces: u64) -> u64 {
    let growing = (faces.saturating_mul(EF * EF) / INDEX_FROM).isqrt();
    growing.clamp(EF, MAX_EF.into())
}

/// Where so many faces meet a filter or fewer, they are all compared: 50,000 of a million. To compare m of n
/// takes 0.7 µs each, and the index looks at some 200 n / m for 9 µs each, so both take equally long where m is
/// the root of 2,500 n.
fn few_of(faces: u64) -> u64 {
    faces.saturating_mul(2_500).isqrt()
}

fn thumbnail(row: &Row) -> Option<Vec<u8>> {
    // By its name: the other columns are not counted here.
    row.try_get("jpeg").ok().flatten()
}

/// Adds a row's face to the picture that is being read, or returns that picture if the row is of the
/// next one.
fn joined(
    picture: &mut Option<StoredPicture>,
    face: Face,
    thumbnail: Option<Vec<u8>>,
) -> Option<StoredPicture> {
    match picture {
        Some(open) if open.picture.id == face.picture.id => {
            open.picture.faces.extend(face.picture.faces);
            open.expressions.push(face.expression);
            open.thumbnails.push(thumbnail);
            None
        }
        _ => picture.replace(StoredPicture {
            picture: face.picture,
            expressions: vec![face.expression],
            thumbnails: vec![thumbnail],
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searches_go_deeper_in_larger_galleries() {
        let of = [0, 100_000, 1_000_000, 10_000_000, u64::MAX].map(ef_of);
        assert_eq!(of, [100, 100, 316, 1000, 1000]);
        let of = [0, 1_000_000, 100_000_000].map(few_of);
        assert_eq!(of, [0, 50_000, 500_000]);
    }
}
