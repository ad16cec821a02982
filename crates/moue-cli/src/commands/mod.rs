//! The commands, a module for each.

pub(crate) mod best;
pub(crate) mod detect;
pub(crate) mod doctor;
pub(crate) mod embed;
pub(crate) mod find;
pub(crate) mod gallery;
pub(crate) mod graph;
pub(crate) mod live;
#[cfg(feature = "man")]
pub(crate) mod man;
pub(crate) mod run;
pub(crate) mod schema;
#[cfg(feature = "server")]
pub(crate) mod serve;
pub(crate) mod timeline;
