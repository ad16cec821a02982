//! A moue gallery in a collection of [Milvus](https://milvus.io), which many programs share and a
//! cluster keeps when one of its machines dies.
//!
//! ```no_run
//! use moue::gallery::SearchOptions;
//! use moue_milvus::MilvusStore;
//! use moue_store::{Address, GalleryStore};
//! let address = Address::parse("milvus://127.0.0.1:19530/faces")?;
//! let store = MilvusStore::create(&address)?;
//! let gallery = moue::Gallery::builtin()?;
//! let (_, query) = gallery.expressions()?[40];
//! for found in store.search(&[query], &SearchOptions::varied())? {
//!     println!("{} {}", found.path, found.distance);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Addresses
//!
//! `milvus://[USER:PASSWORD@]HOST[:PORT]/COLLECTION[?KEY=VALUE&…]`. A character that has a meaning in
//! an address is written as in others, `%40` for `@`. Without a collection it is `moue`, or what
//! `?gallery=` names. The connection is not encrypted.
//!
//! | key | values | for |
//! |---|---|---|
//! | `search` | `exact`, `hnsw`, `ivf-sq8` | the index of a collection that is made: FLAT unless given |
//! | `ef` | 1 to 32768, 100 unless given | the neighbors that a search of an HNSW graph keeps |
//! | `consistency` | `session`, `strong` | what searches see: [Freshness](#freshness) |
//! | `thumbnails` | `yes`, `no` | whether small pictures are kept, which Milvus has in memory |
//! | `shards`, `replicas` | 1 to 16 | parts that take writes side by side; copies for searches |
//! | `database` | a name | another database than `default` |
//! | `seconds` | 1 to 3600, 60 unless given | how long a request is tried |
//!
//! # Answers
//!
//! With the index FLAT (`search=exact`) a search has the answer of comparing all faces. Milvus returns the nearest, more
//! than are wanted; filters, negatives, variety and near-duplicates are decided here, by the code that
//! searches a file, which asks for more until it is certain. With the other indexes some of the nearest
//! are missed.
//!
//! # Freshness
//!
//! A gallery that was opened sees all that was acknowledged before, and what it writes itself. What
//! others write meanwhile it sees as soon as Milvus' nodes do, mostly within a second. With
//! `consistency=strong` every search waits until the nodes have caught up, some tenths of a second.
//!
//! # Writes
//!
//! A face is a row, whose key is made of the content's hash and the face's number, and rows are written
//! by *upsert*: two programs that add one picture, or a request that is sent twice, leave one picture. The
//! first face is written last and deleted last, and a picture without it is not there.
//!
//! # The network
//!
//! It connects to the host that the address names and to no other, and sends nothing but requests for the
//! gallery. This is one reason why the messages are written here, some 20 of them, and not taken from
//! Milvus' SDK: that reports to the server by itself unless told not to, resolves clusters elsewhere, and
//! brings 67 crates beside those that moue has, among them a compiler for protocol buffers.

mod client;
mod collection;
mod lists;
mod place;
mod reading;
mod row;
mod store;
mod wire;
mod writing;

pub use store::MilvusStore;
