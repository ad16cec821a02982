//! Modules that need each other: strongly connected components of the graph of imports.
//!
//! An import counts as one from the module that defines the item, whichever module it is taken
//! through. That a module re-exports what its children define is no need of its own, unless it
//! also uses the name.

use super::modules::{self, ModulePath, Modules};
use super::resolve;
use anyhow::Result;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Modules each of which leads to each other one.
#[derive(Serialize)]
pub(super) struct Circle {
    pub(super) modules: Vec<String>,
    /// `a → b, line 12` for every need inside of the circle.
    pub(super) imports: Vec<String>,
}

/// Which modules each module needs, and the line of the first need.
type Needs = BTreeMap<ModulePath, BTreeMap<ModulePath, usize>>;

/// All circles of a crate, in its library and its programs.
pub(super) fn of_crate(name: &str) -> Result<Vec<Circle>> {
    let mut circles = Vec::new();
    for root in roots(name) {
        let needs = needs(&modules::read(&root)?);
        circles.extend(components(&needs).into_iter().map(|c| circle(&c, &needs)));
    }
    Ok(circles)
}

/// The root files of a crate's library and programs.
fn roots(name: &str) -> Vec<PathBuf> {
    let folders = [
        crate::paths::project().join("crates").join(name),
        crate::paths::project().join(name),
    ];
    let sources = folders.map(|folder| folder.join("src"));
    let mut roots: Vec<PathBuf> = Vec::new();
    for source in sources {
        roots.extend(["lib.rs", "main.rs"].map(|file| source.join(file)));
        let programs = std::fs::read_dir(source.join("bin")).into_iter().flatten();
        roots.extend(programs.flatten().map(|entry| match entry.path() {
            folder if folder.is_dir() => folder.join("main.rs"),
            file => file,
        }));
    }
    roots.retain(|root| root.is_file());
    roots
}

fn needs(modules: &Modules) -> Needs {
    modules
        .keys()
        .map(|path| (path.clone(), needs_of(modules, path)))
        .collect()
}

fn needs_of(modules: &Modules, path: &ModulePath) -> BTreeMap<ModulePath, usize> {
    let module = &modules[path];
    // A parent names its children to re-export them; that alone is no need.
    let imports = module.imports.iter().filter(|import| {
        let is_below = import
            .path
            .first()
            .is_some_and(|first| first != "crate" && first != "super");
        !(import.is_exported && is_below) || module.used.contains(&import.name)
    });
    let imports = imports.map(|import| (&import.path, import.line));
    let paths = module.paths.iter().map(|(names, line)| (names, *line));
    let mut needs = BTreeMap::new();
    for (names, line) in imports.chain(paths) {
        match resolve::definition(modules, path, names) {
            Some(other) if other != *path => {
                needs.entry(other).or_insert(line);
            }
            _ => {}
        }
    }
    needs
}

/// Components of more than one module: those that reach each other. Crates have some dozens of
/// modules, so that plain reachability is quick enough.
fn components(needs: &Needs) -> Vec<Vec<ModulePath>> {
    let reach: BTreeMap<_, _> = needs.keys().map(|m| (m, reachable(needs, m))).collect();
    let mut placed = BTreeSet::new();
    let mut components = Vec::new();
    for module in needs.keys() {
        if placed.contains(module) || !reach[module].contains(module) {
            continue;
        }
        let together = reach[module]
            .iter()
            .filter(|other| reach[other].contains(module));
        let together: Vec<ModulePath> = together.cloned().collect();
        placed.extend(together.iter().cloned());
        components.push(together);
    }
    components
}

fn reachable(needs: &Needs, from: &ModulePath) -> BTreeSet<ModulePath> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(module) = open.pop() {
        for next in needs.get(module).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    reached
}

fn circle(together: &[ModulePath], needs: &Needs) -> Circle {
    let mut imports = Vec::new();
    for module in together {
        let inside = needs[module]
            .iter()
            .filter(|(other, _)| together.contains(other));
        imports.extend(
            inside
                .map(|(other, line)| format!("{} → {}, line {line}", shown(module), shown(other))),
        );
    }
    Circle {
        modules: together.iter().map(|module| shown(module)).collect(),
        imports,
    }
}

fn shown(module: &[String]) -> String {
    if module.is_empty() {
        "crate".to_owned()
    } else {
        module.join("::")
    }
}
