//! Subgraphs by their type.

use super::error::ConfigError;
use super::model::GraphConfig;
use super::text::MAX_TEXT;
use crate::printable::printable;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Which of two files with the same type is used: the one whose name ends in `_cpu` or in `_gpu`.
// MediaPipe's graphs come in such pairs, which declare the same type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Variant {
    /// `_cpu`, or a name without an ending.
    #[default]
    Cpu,
    /// `_gpu`, or a name without an ending.
    Gpu,
}

impl Variant {
    /// How a file is preferred; lower is better.
    fn rank(self, path: &Path) -> u8 {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let (preferred, other) = match self {
            Self::Cpu => ("_cpu", "_gpu"),
            Self::Gpu => ("_gpu", "_cpu"),
        };
        if stem.ends_with(preferred) {
            0
        } else if stem.ends_with(other) {
            2
        } else {
            1
        }
    }
}

/// The subgraphs that a graph may use, by type.
///
/// ```
/// use moue_graph::{GraphConfig, Library, Variant};
/// let mut library = Library::builtin(Variant::Cpu);
/// assert!(library.get("MoueFaceDetectionSubgraph").is_some());
/// library.insert(GraphConfig::parse(
///     "type: 'Twice' input_stream: 'in' output_stream: 'out'
///      node { calculator: 'PassThroughCalculator' input_stream: 'in' output_stream: 'mid' }
///      node { calculator: 'PassThroughCalculator' input_stream: 'mid' output_stream: 'out' }",
/// )?);
/// assert_eq!(library.get("Twice").unwrap().nodes.len(), 2);
/// # Ok::<(), moue_graph::ConfigError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Library {
    variant: Variant,
    found: BTreeMap<String, Found>,
}

#[derive(Debug, Clone)]
struct Found {
    graph: GraphConfig,
    path: PathBuf,
    rank: u8,
}

/// Why a file or folder of subgraphs cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LibraryError {
    /// The file or folder cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// Its path.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A file is no graph.
    #[error("{path} is no graph")]
    Config {
        /// Its path.
        path: PathBuf,
        /// The cause.
        source: ConfigError,
    },
    /// Two files have the same type, and neither name is preferred.
    #[error(
        "{first} and {second} both have the type {graph_type}; name one of them ..._cpu.pbtxt and the other ..._gpu.pbtxt"
    )]
    Duplicate {
        /// The type.
        graph_type: String,
        /// A file.
        first: PathBuf,
        /// Another one.
        second: PathBuf,
    },
}

impl Library {
    /// An empty library.
    pub fn new(variant: Variant) -> Self {
        Self {
            variant,
            found: BTreeMap::new(),
        }
    }

    /// The graphs that are compiled in, by name: `facial_search`, `face_detection` and
    /// `face_embedding`.
    pub const BUILTIN: [(&'static str, &'static str); 3] = [
        (
            "facial_search",
            include_str!("../../graphs/facial_search.pbtxt"),
        ),
        (
            "face_detection",
            include_str!("../../graphs/face_detection.pbtxt"),
        ),
        (
            "face_embedding",
            include_str!("../../graphs/face_embedding.pbtxt"),
        ),
    ];

    /// A library with the subgraphs that are compiled in.
    pub fn builtin(variant: Variant) -> Self {
        let mut library = Self::new(variant);
        for (name, text) in Self::BUILTIN {
            // Not an input of the user: a test parses all three, so a build that passes it cannot
            // panic here.
            let graph = GraphConfig::parse(text)
                .unwrap_or_else(|e| panic!("the built-in graph {name}: {e}"));
            if !graph.graph_type.is_empty() {
                library.insert(graph);
            }
        }
        library
    }

    /// Adds a subgraph that is in memory, preferred to those of files. One without a type can never
    /// be found.
    pub fn insert(&mut self, graph: GraphConfig) {
        self.found.insert(
            graph.graph_type.clone(),
            Found {
                graph,
                path: PathBuf::new(),
                rank: 0,
            },
        );
    }

    /// Adds a `.pbtxt` file, or those of a folder that have a type. Subgraphs of earlier calls are
    /// preferred to those of the same type.
    ///
    /// # Errors
    /// [`LibraryError`] if a file cannot be read, is no graph, or has the type of another one.
    pub fn add(&mut self, path: impl AsRef<Path>) -> Result<(), LibraryError> {
        let path = path.as_ref();
        let files = if path.is_dir() {
            graph_files(path).map_err(|source| LibraryError::Read {
                path: path.to_owned(),
                source,
            })?
        } else {
            vec![path.to_owned()]
        };
        let known: Vec<String> = self.found.keys().cloned().collect();
        for file in files {
            let graph = read_graph(&file)?;
            if !graph.graph_type.is_empty() && !known.contains(&graph.graph_type) {
                self.add_graph(graph, file)?;
            }
        }
        Ok(())
    }

    /// Adds the graph of a file, unless a file with a better name has the same type.
    fn add_graph(&mut self, graph: GraphConfig, path: PathBuf) -> Result<(), LibraryError> {
        let rank = self.variant.rank(&path);
        if let Some(known) = self.found.get(&graph.graph_type) {
            if known.rank < rank {
                return Ok(());
            }
            if known.rank == rank {
                return Err(LibraryError::Duplicate {
                    graph_type: printable(&graph.graph_type),
                    first: known.path.clone(),
                    second: path,
                });
            }
        }
        let graph_type = graph.graph_type.clone();
        self.found.insert(graph_type, Found { graph, path, rank });
        Ok(())
    }

    /// The subgraph with the type `graph_type`.
    pub fn get(&self, graph_type: &str) -> Option<&GraphConfig> {
        self.found.get(graph_type).map(|found| &found.graph)
    }

    /// All types, sorted.
    pub fn graph_types(&self) -> impl Iterator<Item = &str> {
        self.found.keys().map(String::as_str)
    }
}

/// The `.pbtxt` files of a folder, sorted, so that errors do not depend on the file system.
fn graph_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "pbtxt") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read_graph(path: &Path) -> Result<GraphConfig, LibraryError> {
    let text = read_text(path).map_err(|source| LibraryError::Read {
        path: path.to_owned(),
        source,
    })?;
    GraphConfig::parse(&text).map_err(|source| LibraryError::Config {
        path: path.to_owned(),
        source,
    })
}

/// The text of a file, up to one byte more than a graph may have, which the parser then refuses.
fn read_text(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let file = std::fs::File::open(path)?;
    file.take(MAX_TEXT as u64 + 1).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builtin_graphs_are_graphs() {
        let kinds: Vec<String> = Library::builtin(Variant::Cpu)
            .graph_types()
            .map(str::to_owned)
            .collect();
        assert_eq!(
            kinds,
            ["MoueFaceDetectionSubgraph", "MoueFaceEmbeddingSubgraph"]
        );
    }

    #[test]
    fn the_variant_picks_one_of_two_files() {
        let folder = tempfile::tempdir().unwrap();
        for (name, node) in [("face_cpu", "A"), ("face_gpu", "B"), ("other", "C")] {
            let kind = if name == "other" { "Other" } else { "Face" };
            let text = format!("type: '{kind}' node {{ calculator: '{node}' }}");
            std::fs::write(folder.path().join(format!("{name}.pbtxt")), text).unwrap();
        }
        for (variant, node) in [(Variant::Cpu, "A"), (Variant::Gpu, "B")] {
            let mut library = Library::new(variant);
            library.add(folder.path()).unwrap();
            assert_eq!(library.get("Face").unwrap().nodes[0].calculator, node);
            assert!(library.get("Other").is_some());
        }
        std::fs::write(folder.path().join("another.pbtxt"), "type: 'Other'").unwrap();
        assert!(matches!(
            Library::default().add(folder.path()),
            Err(LibraryError::Duplicate { .. })
        ));
    }
}
