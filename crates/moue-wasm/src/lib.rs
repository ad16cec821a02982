//! moue as a WebAssembly module.
//!
//! The npm package `moue` loads this module in a worker and is what pages use; its TypeScript types
//! are the public interface. Here is what crosses the border: pixels and bytes in, plain objects
//! out. The module reads no clock and no network; weights and galleries are bytes that the caller
//! passes.
//!
//! | class | holds |
//! |---|---|
//! | [`Picture`] | pixels, decoded or of a canvas |
//! | [`Engine`] | the three networks: detects, embeds, reads a picture's faces |
//! | [`Tracker`] | an engine that follows the faces of a camera |
//! | [`Gallery`] | pictures with their expressions, in memory or in a browser's private file system |
//! | `GpuEmbedder` | the expression network on a GPU, with the feature `gpu` |

// Imports go from right to left: `error`, `input`, `output`, `picture`, `storage` → `gallery` →
// `engine` → `adding`, `gpu`, `tracker`.
mod adding;
mod engine;
mod error;
mod gallery;
#[cfg(feature = "gpu")]
mod gpu;
mod input;
mod output;
mod picture;
mod storage;
mod tracker;

pub use engine::Engine;
pub use gallery::Gallery;
#[cfg(feature = "gpu")]
pub use gpu::GpuEmbedder;
pub use picture::Picture;
pub use tracker::Tracker;

use wasm_bindgen::prelude::*;

/// The fingerprint of the weights whose embeddings this module compares.
#[wasm_bindgen]
pub fn fingerprint() -> String {
    moue::weights::expression_fingerprint().to_owned()
}

/// The SVG text of a built-in picture, `builtin:NAME` or `emoji:CHARACTER`; `undefined` for another
/// path.
#[wasm_bindgen]
pub fn drawing(path: &str) -> Option<String> {
    if let Some(character) = path.strip_prefix("emoji:") {
        return Some(moue_drawings::emoji::find(character)?.drawing().svg());
    }
    let name = path.strip_prefix("builtin:")?;
    Some(moue_drawings::find(name)?.svg())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_pictures_are_drawn_by_their_path() {
        assert!(drawing("builtin:gus-smirk").unwrap().starts_with("<svg"));
        assert!(drawing("emoji:😮").unwrap().starts_with("<svg"));
        assert_eq!(drawing("gus-smirk"), None);
        assert_eq!(drawing("emoji:x"), None);
    }
}
