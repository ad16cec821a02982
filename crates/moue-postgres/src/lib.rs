//! Galleries in PostgreSQL with the extension `pgvector`: a `PostgresStore` is a
//! [`GalleryStore`](moue_store::GalleryStore) that any number of programs read and write at the same
//! time, and that survives a machine where the server does.
//!
//! All of it is behind the feature `postgres`.
//!
//! # Addresses
//!
//! `postgres://USER:PASSWORD@HOST:PORT/DATABASE?OPTIONS`, as `libpq` has them. Without a password that of
//! the variable `PGPASSWORD` is taken. Several hosts,
//! `postgres://a,b/faces`, are tried one after the other, and the one that can be written to is taken
//! (`target_session_attrs=read-write` unless given). `sslmode=require` demands TLS, with the
//! certificate authorities of Mozilla's list; without it a connection that fails with TLS is not encrypted.
//! moue's own options:
//!
//! | option | |
//! |---|---|
//! | `gallery=NAME` | one of several galleries in a database; `moue` unless given |
//! | `search=exact` | compare every face, even if there is an index |
//! | `search=hnsw` | [`finish_load`](moue_store::GalleryStore::finish_load) makes an HNSW index, however few faces there are |
//! | `ef=N` | faces that a search of the index keeps in sight, 1 to 1000; unless given, more in larger galleries |
//! | `few=N` | where at most so many faces meet a search's filter, they are all compared; unless given, 50,000 of a million, and of n the root of 2,500 n |
//!
//! Without `search` an index is used if there is one, and made from 100,000 faces on.
//!
//! # Tables
//!
//! `moue_faces` has a row for each face with all that is known of its picture, so that a filter and
//! the distance are looked at in one scan; its key is the content's hash and the face's number, and so
//! a picture is there once, whoever adds it. `moue_thumbnails` has the small pictures, which a scan
//! must not read, and `moue_meta` the fingerprint of the weights. Another gallery's tables are called
//! `moue_NAME_faces` and so on.

#![cfg(feature = "postgres")]

mod conditions;
mod connect;
mod edit;
mod failure;
mod lists;
mod memory;
mod nearest;
mod put;
mod rows;
mod schema;
mod store;
mod vector;

pub use store::PostgresStore;
