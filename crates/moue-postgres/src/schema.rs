//! Tables, and what must be there before them.

use crate::connect::Pool;
use crate::failure;
use crate::memory::Size;
use moue::weights::expression_fingerprint;
use moue_store::{Address, StoreError};
use postgres::error::SqlState;
use postgres::{Client, Error};

/// The newest format of the tables, kept in the table of the fingerprint.
const FORMAT: u64 = 1;

/// Names of tables. A gallery's name has letters, digits and underscores, so it needs no quotes.
pub(crate) struct Tables {
    pub(crate) faces: String,
    pub(crate) thumbnails: String,
    meta: String,
    pub(crate) ids: String,
    /// The index of expressions.
    pub(crate) hnsw: String,
}

impl Tables {
    pub(crate) fn of(address: &Address) -> Self {
        let prefix = match address.gallery.as_str() {
            "moue" => "moue".to_owned(),
            name => format!("moue_{name}"),
        };
        let named = |suffix: &str| format!("{prefix}_{suffix}");
        Self {
            faces: named("faces"),
            thumbnails: named("thumbnails"),
            meta: named("meta"),
            ids: named("ids"),
            hnsw: named("hnsw"),
        }
    }

    /// Makes what is missing of the tables.
    pub(crate) fn create(&self, pool: &Pool) -> Result<(), StoreError> {
        self.create_extension(pool)?;
        pool.with(|client| {
            let mut making = client.transaction()?;
            // Two programs that make a gallery at the same time: `if not exists` alone can fail.
            making.execute("select pg_advisory_xact_lock(hashtext($1))", &[&self.faces])?;
            making.batch_execute(&self.statements())?;
            let put = format!(
                "insert into {} values ($1, $2) on conflict do nothing",
                self.meta
            );
            making.execute(&put, &[&"format", &FORMAT.to_string()])?;
            making.execute(&put, &[&"weights", &expression_fingerprint()])?;
            making.commit()
        })
    }

    fn create_extension(&self, pool: &Pool) -> Result<(), StoreError> {
        if has_extension(pool)? {
            return Ok(());
        }
        let mut client = pool.connect()?;
        let Err(error) = client.batch_execute("create extension if not exists vector") else {
            return Ok(());
        };
        // Of two that make it at the same time one fails, although it says `if not exists`.
        if has_extension(pool)? {
            return Ok(());
        }
        Err(without_extension(pool.name(), &error))
    }

    fn statements(&self) -> String {
        let Self {
            faces,
            thumbnails,
            meta,
            ids,
            ..
        } = self;
        format!(
            "create table if not exists {meta} (key text primary key, value text not null);
             create sequence if not exists {ids};
             create table if not exists {faces} (
                 -- What a scan reads of every row comes first: what is behind is never unpacked.
                 hidden boolean not null, expression vector(64) not null, tags text[] not null,
                 source text not null, added bigint not null, words text[] not null,
                 id bigint not null, picture bigint not null, hash bytea not null,
                 face integer not null, path text not null, label text not null, caption text,
                 perceptual_hash bytea, bounds real[] not null, score real not null,
                 key_points real[] not null, micros bigint, written text,
                 primary key (hash, face));
             -- Galleries that were made before moue read words have no place for them.
             alter table {faces} add column if not exists written text;
             -- Beside the other columns, whatever their length: every search reads it.
             alter table {faces} alter column expression set storage plain;
             create index if not exists {faces}_id on {faces} (id);
             create index if not exists {faces}_picture on {faces} (picture, face);
             -- Of a path itself an index has at most 2,700 bytes.
             create index if not exists {faces}_path on {faces} (md5(path));
             create index if not exists {faces}_tags on {faces} using gin (tags);
             create table if not exists {thumbnails} (
                 hash bytea not null, face integer not null, jpeg bytea not null,
                 primary key (hash, face));"
        )
    }

    /// Refuses a gallery that is not there, of another program's weights, or of a newer format.
    pub(crate) fn check(&self, pool: &Pool) -> Result<(), StoreError> {
        if !pool.with(|client| self.exist(client))? {
            let store = pool.name().to_owned();
            return Err(StoreError::Missing { store });
        }
        self.check_format(pool)?;
        self.require_words(pool, pool.name())?;
        let found = self.fingerprint(pool)?;
        let expected = expression_fingerprint().to_owned();
        if found == expected {
            return Ok(());
        }
        Err(StoreError::OtherWeights {
            store: pool.name().to_owned(),
            found,
            expected,
        })
    }

    fn check_format(&self, pool: &Pool) -> Result<(), StoreError> {
        let format = self.meta(pool, "format")?;
        let found = format.as_deref().and_then(|f| f.parse().ok()).unwrap_or(0);
        if found > FORMAT {
            return Err(StoreError::Newer {
                store: pool.name().to_owned(),
                found,
                known: FORMAT,
            });
        }
        Ok(())
    }

    /// Refuses tables that were made before pictures had words; who only reads may not change them.
    fn require_words(&self, pool: &Pool, store: &str) -> Result<(), StoreError> {
        let asked = "select 1 from pg_attribute \
            where attrelid = to_regclass($1) and attname = 'written' and not attisdropped";
        let found = pool.with(|client| client.query_opt(asked, &[&self.faces]))?;
        if found.is_some() {
            return Ok(());
        }
        Err(StoreError::Setup {
            store: store.to_owned(),
            reason: "its tables have no place for the words in pictures".to_owned(),
            way_out: format!(
                "add a picture to it, or run `alter table {} add column written text`",
                self.faces
            ),
        })
    }

    fn exist(&self, client: &mut Client) -> Result<bool, Error> {
        let asked = "select to_regclass($1) is not null and to_regclass($2) is not null";
        client
            .query_one(asked, &[&self.faces, &self.meta])?
            .try_get(0)
    }

    pub(crate) fn fingerprint(&self, pool: &Pool) -> Result<String, StoreError> {
        let found = self.meta(pool, "weights")?;
        found.ok_or_else(|| StoreError::failed(pool.name(), "it has no fingerprint of weights"))
    }

    fn meta(&self, pool: &Pool, key: &str) -> Result<Option<String>, StoreError> {
        let asked = format!("select value from {} where key = $1", self.meta);
        pool.with(|client| {
            let row = client.query_opt(&asked, &[&key])?;
            row.map(|row| row.try_get(0)).transpose()
        })
    }

    /// How large the gallery is, by the server's statistics.
    pub(crate) fn size(&self, pool: &Pool) -> Result<Size, StoreError> {
        // An index that is being built, or whose building failed, is not valid. Before the first
        // `analyze` the number of rows is -1.
        let asked = "select exists(select from pg_index where indexrelid = to_regclass($1) and indisvalid), \
            coalesce((select greatest(reltuples, 0)::int8 from pg_class where oid = to_regclass($2)), 0)";
        let (has_index, faces): (bool, i64) = pool.with(|client| {
            let row = client.query_one(asked, &[&self.hnsw, &self.faces])?;
            Ok((row.try_get(0)?, row.try_get(1)?))
        })?;
        Ok(Size {
            has_index,
            faces: faces as u64,
        })
    }

    /// Makes the index of expressions.
    pub(crate) fn build_index(&self, pool: &Pool) -> Result<(), StoreError> {
        let Self { faces, hnsw, .. } = self;
        // Room for the graph of two million faces; a larger one is built on the disk. The server
        // takes as many workers as its settings allow.
        let statements = format!(
            "set maintenance_work_mem = '1GB'; set max_parallel_maintenance_workers = 7;
             create index if not exists {hnsw} on {faces} using hnsw (expression vector_l2_ops);"
        );
        // A connection of its own, so that what is set for it is not set for others.
        let mut client = pool.connect()?;
        let built = client.batch_execute(&statements);
        built.map_err(|error| failure::of(pool.name(), &error))
    }
}

fn has_extension(pool: &Pool) -> Result<bool, StoreError> {
    let asked = "select 1 from pg_extension where extname = 'vector'";
    let found = pool.with(|client| client.query_opt(asked, &[]))?;
    Ok(found.is_some())
}

/// The extension is missing and could not be made.
fn without_extension(store: &str, error: &Error) -> StoreError {
    let is_forbidden = error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE);
    let way_out = if is_forbidden {
        "have an administrator run `CREATE EXTENSION vector` in this database"
    } else {
        "install pgvector on the server, for instance the package postgresql-18-pgvector, \
         or turn it on in the settings of a hosted database"
    };
    StoreError::Setup {
        store: store.to_owned(),
        reason: format!(
            "the extension vector is missing ({})",
            failure::with_causes(error)
        ),
        way_out: way_out.to_owned(),
    }
}
