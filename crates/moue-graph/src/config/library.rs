//! Subgraphs, found by their type.

use super::error::ConfigError;
use super::model::GraphConfig;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Which of two files of one type is taken: the one whose name ends in `_cpu` or in `_gpu`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Variant {
    /// `_cpu`, or a name without an ending.
    #[default]
    Cpu,
    /// `_gpu`, or a name without an ending.
    Gpu,
}

impl Variant {
    /// Smaller is taken first.
    fn rank(self, path: &Path) -> u8 {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let (wanted, other) = match self {
            Self::Cpu => ("_cpu", "_gpu"),
            Self::Gpu => ("_gpu", "_cpu"),
        };
        match () {
            () if stem.ends_with(wanted) => 0,
            () if stem.ends_with(other) => 2,
            () => 1,
        }
    }
}

/// The subgraphs that a graph may use.
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

/// Why a file or folder of subgraphs can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LibraryError {
    /// The file or folder can't be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no graph.
    #[error("{path}: {source}")]
    Config {
        /// Which.
        path: PathBuf,
        /// Why.
        source: ConfigError,
    },
    /// Two files have one type and nothing says which to take.
    #[error(
        "{first} and {second} both have the type {kind}; name one of them ..._cpu.pbtxt and the other ..._gpu.pbtxt"
    )]
    Twice {
        /// The type.
        kind: String,
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

    /// The graphs that moue carries: `facial_search`, `face_detection` and `face_embedding`.
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

    /// A library with the subgraphs that moue carries.
    pub fn builtin(variant: Variant) -> Self {
        let mut library = Self::new(variant);
        for (name, text) in Self::BUILTIN {
            let graph = GraphConfig::parse(text)
                .unwrap_or_else(|e| panic!("the built-in graph {name}: {e}"));
            if !graph.graph_type.is_empty() {
                library.insert(graph);
            }
        }
        library
    }

    /// Adds a subgraph that is in memory; it is taken before those of folders.
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

    /// Adds a `.pbtxt` file, or all those of a folder that have a type. What was added earlier is
    /// kept.
    ///
    /// # Errors
    /// [`LibraryError`] if something can't be read, is no graph, or is there twice.
    pub fn add(&mut self, path: &Path) -> Result<(), LibraryError> {
        let read = |source| LibraryError::Read {
            path: path.to_owned(),
            source,
        };
        let mut files = vec![path.to_owned()];
        if path.is_dir() {
            let entries: Result<Vec<_>, _> = std::fs::read_dir(path).map_err(read)?.collect();
            files = entries
                .map_err(read)?
                .into_iter()
                .map(|e| e.path())
                .collect();
            files.retain(|f| f.extension().is_some_and(|e| e == "pbtxt"));
            files.sort();
        }
        let known: Vec<String> = self.found.keys().cloned().collect();
        for file in files {
            self.add_file(file, &known)?;
        }
        Ok(())
    }

    fn add_file(&mut self, path: PathBuf, known: &[String]) -> Result<(), LibraryError> {
        let text = std::fs::read_to_string(&path).map_err(|source| LibraryError::Read {
            path: path.clone(),
            source,
        })?;
        let graph = GraphConfig::parse(&text).map_err(|source| LibraryError::Config {
            path: path.clone(),
            source,
        })?;
        if graph.graph_type.is_empty() || known.contains(&graph.graph_type) {
            return Ok(());
        }
        let rank = self.variant.rank(&path);
        match self.found.get(&graph.graph_type) {
            Some(old) if old.rank < rank => {}
            Some(old) if old.rank == rank => {
                return Err(LibraryError::Twice {
                    kind: graph.graph_type,
                    first: old.path.clone(),
                    second: path,
                });
            }
            _ => drop(
                self.found
                    .insert(graph.graph_type.clone(), Found { graph, path, rank }),
            ),
        }
        Ok(())
    }

    /// The subgraph of type `kind`.
    pub fn get(&self, kind: &str) -> Option<&GraphConfig> {
        self.found.get(kind).map(|found| &found.graph)
    }

    /// All types.
    pub fn graph_types(&self) -> impl Iterator<Item = &str> {
        self.found.keys().map(String::as_str)
    }
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
            Err(LibraryError::Twice { .. })
        ));
    }
}
