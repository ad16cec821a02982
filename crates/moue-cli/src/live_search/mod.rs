//! Faces of a stream of frames, and the pictures of a gallery that match them.

mod faces;
mod lookup;

pub(crate) use faces::{Answer, Faces};
pub(crate) use lookup::Lookup;
