//! Descriptors of the graph's `.proto` files.
//!
//! They are committed, so that who builds moue needs no compiler for them; a test here compares them
//! with the files.

use crate::paths::project;
use anyhow::{Context, Result};
use protox::prost::Message;
use std::path::PathBuf;

const SOURCES: [&str; 2] = ["calculator.proto", "options.proto"];

fn graph_folder() -> PathBuf {
    project().join("crates/moue-graph")
}

fn target() -> PathBuf {
    graph_folder().join("src/config/descriptors.bin")
}

/// A `FileDescriptorSet` as protobuf encodes it.
fn compiled() -> Result<Vec<u8>> {
    let folder = graph_folder().join("proto");
    // Comments and places in the files are left out: nothing reads them.
    let mut compiler = protox::Compiler::new([&folder])?;
    compiler.include_imports(true).include_source_info(false);
    compiler
        .open_files(SOURCES)
        .with_context(|| format!("cannot compile {}", folder.display()))?;
    let descriptors = compiler.file_descriptor_set();
    Ok(descriptors.encode_to_vec())
}

pub(crate) fn write() -> Result<()> {
    let path = target();
    std::fs::write(&path, compiled()?).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_descriptors_are_those_of_the_proto_files() {
        let is_current = std::fs::read(target()).unwrap() == compiled().unwrap();
        assert!(is_current, "run cargo xtask descriptors");
    }
}
