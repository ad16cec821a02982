//! The store.

use crate::conditions::{Conditions, signed, storable};
use crate::connect::Pool;
use crate::failure;
use crate::put;
use crate::rows::{COLUMNS, Face};
use crate::schema::Tables;
use moue::Expression;
use moue::gallery::{Filter, Match, NewPicture, SearchOptions, Shortlisted};
use moue_store::{
    Address, Asked, Counts, GalleryStore, Nearby, OverFetch, Selection, StoreError, StoredPicture,
};
use postgres::Row;
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::Type;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

/// From so many faces on an index is made unless the address says otherwise: comparing them all
/// takes 48 ms then (`bench/stores.md`), and the time grows with their number.
const INDEX_FROM: u64 = 100_000;

/// Faces that a search of the index looks at, unless given: at 100,000 faces it finds all of the
/// nearest (`bench/stores.md`).
const EF: u16 = 100;
/// The server's own limit.
const MAX_EF: u16 = 1000;
/// How many times as many it looks at with a filter, which leaves few of them. With as many as
/// without one, 94 of 100 were found among 100,000 faces of which half had the tag.
const FILTERED: u16 = 4;

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

/// Statements that a connection begins with.
fn settings(ef: u16) -> String {
    // Without iterative scans a filter would be applied to the nearest `ef` faces and leave few;
    // versions of pgvector before 0.8 have none, which `set_config` with a prefix does not mind.
    // In relaxed order a scan that goes on returns also what it meets late; the order is ours.
    // Our statements differ from search to search, so compiling them would cost more than it gains.
    format!("set jit = off; set hnsw.ef_search = {ef}; set hnsw.iterative_scan = relaxed_order;")
}

fn ef_of(address: &Address) -> Result<u16, StoreError> {
    let Some(text) = address.option("ef") else {
        return Ok(EF);
    };
    let ef = text.parse().ok().filter(|ef| (1..=MAX_EF).contains(ef));
    ef.ok_or_else(|| address.refused("write ef=N with N from 1 to 1000"))
}

/// A gallery in a PostgreSQL database. See the [crate's page](crate) for addresses and tables.
pub struct PostgresStore {
    pool: Pool,
    /// Connections for searches with a filter, which have settings of their own.
    filtered: Pool,
    tables: Tables,
    mode: Mode,
    has_index: AtomicBool,
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
        let mode = Mode::of(address)?;
        let ef = ef_of(address)?;
        let more = ef.saturating_mul(FILTERED).min(MAX_EF);
        Ok(Self {
            pool: Pool::of(address, settings(ef))?,
            filtered: Pool::of(address, settings(more))?,
            tables: Tables::of(address),
            mode,
            has_index: AtomicBool::new(false),
        })
    }

    fn checked(self) -> Result<Self, StoreError> {
        self.tables.check(&self.pool)?;
        let has_index = self.tables.has_index(&self.pool)?;
        self.has_index.store(has_index, Ordering::Relaxed);
        Ok(self)
    }

    fn face(&self, row: &Row) -> Result<Face, StoreError> {
        Face::of(row).map_err(|reason| StoreError::failed(self.pool.name(), reason))
    }

    /// A statement that returns a number of pictures.
    fn counted(&self, statement: &str, conditions: &Conditions) -> Result<u64, StoreError> {
        let parameters = conditions.parameters();
        let count: i64 = self.pool.with(|client| {
            let rows = client.query_typed(statement, &parameters)?;
            rows.first().map_or(Ok(0), |row| row.try_get(0))
        })?;
        Ok(count as u64)
    }

    /// By what the nearest faces are sorted.
    fn order(&self, asked: &Asked<'_>, distance: String, conditions: &mut Conditions) -> String {
        if !self.is_exact() {
            // A limit of the distance would have the index look for more faces where there are none.
            return distance;
        }
        if asked.within.is_finite() {
            let within = conditions.bind(f64::from(asked.within), Type::FLOAT8);
            conditions.add(format!("{distance} <= {within}"));
        }
        // A sum is not what the index is of.
        format!("({distance}) + 0")
    }

    /// The rows of the nearest faces among those that meet the conditions.
    fn nearest_statement(&self, asked: &Asked<'_>, conditions: &mut Conditions) -> String {
        let point = conditions.bind(asked.point.to_vec(), Type::FLOAT4_ARRAY);
        let distance = format!("expression <-> {point}::vector(64)");
        let order = self.order(asked, distance, conditions);
        let limit = conditions.bind(signed(asked.limit as u64), Type::INT8);
        // Only the id and the distance are sorted: with the other columns, which the server would read
        // of every row, a scan takes three times as long.
        format!(
            "select {COLUMNS} from (select id, {order} as far from {faces} where {} \
             order by {order} limit {limit}) n join {faces} f on f.id = n.id order by n.far",
            conditions.sql(),
            faces = self.tables.faces,
        )
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

impl Nearby for PostgresStore {
    fn nearest(&self, asked: &Asked<'_>) -> Result<Vec<Shortlisted>, StoreError> {
        let mut conditions = Conditions::of(asked.filter);
        conditions.add("not hidden".into());
        let statement = self.nearest_statement(asked, &mut conditions);
        let is_filtered = !asked.filter.is_empty() && !self.is_exact();
        let pool = if is_filtered {
            &self.filtered
        } else {
            &self.pool
        };
        let parameters = conditions.parameters();
        let rows = pool.with(|client| client.query_typed(&statement, &parameters))?;
        let faces = rows.iter().map(|row| self.face(row));
        faces.map(|face| face.map(Face::shortlisted)).collect()
    }
}

impl GalleryStore for PostgresStore {
    fn name(&self) -> &str {
        self.pool.name()
    }

    fn is_exact(&self) -> bool {
        self.mode == Mode::Exact || !self.has_index.load(Ordering::Relaxed)
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
        self.counted(&statement, &conditions)
    }

    fn tag(
        &self,
        selection: &Selection,
        add: &[String],
        drop: &[String],
    ) -> Result<u64, StoreError> {
        let faces = &self.tables.faces;
        let mut conditions = Conditions::of_selection(selection, faces);
        let add = conditions.bind(storables(add), Type::TEXT_ARRAY);
        let drop = conditions.bind(storables(drop), Type::TEXT_ARRAY);
        let new = retagged(&add, &drop);
        let statement = format!(
            "with changed as (update {faces} set tags = {new} \
             where {} and tags is distinct from {new} returning face) \
             select count(*) from changed where face = 0",
            conditions.sql()
        );
        self.counted(&statement, &conditions)
    }

    fn selected(&self, selection: &Selection) -> Result<u64, StoreError> {
        let faces = &self.tables.faces;
        let conditions = Conditions::of_selection(selection, faces);
        let statement = format!(
            "select count(*) from {faces} where face = 0 and {}",
            conditions.sql()
        );
        self.counted(&statement, &conditions)
    }

    fn search(
        &self,
        targets: &[Expression],
        options: &SearchOptions,
    ) -> Result<Vec<Match>, StoreError> {
        let fetch = if self.is_exact() {
            OverFetch::EXACT
        } else {
            OverFetch::approximate(MAX_FETCH)
        };
        moue_store::search(self, targets, options, &fetch)
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
        let has_index = self.tables.has_index(&self.pool)?;
        self.has_index.store(has_index, Ordering::Relaxed);
        Ok(())
    }
}

/// Tags as the server can have them, each once.
fn storables(tags: &[String]) -> Vec<String> {
    let mut storables: Vec<String> = Vec::new();
    for tag in tags.iter().map(|tag| storable(tag)) {
        if !storables.contains(&tag) {
            storables.push(tag);
        }
    }
    storables
}

/// An expression for a picture's tags without those of `drop`, and with those of `add` behind.
fn retagged(add: &str, drop: &str) -> String {
    let kept = format!(
        "array(select tag from unnest(tags) with ordinality u(tag, n) \
         where tag <> all ({drop}) order by n)"
    );
    // A tag that is both added and dropped goes behind the others.
    format!(
        "{kept} || array(select tag from unnest({add}) with ordinality u(tag, n) \
         where tag <> all (tags) or tag = any ({drop}) order by n)"
    )
}

fn thumbnail(row: &Row) -> Option<Vec<u8>> {
    row.try_get(16).ok().flatten()
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
