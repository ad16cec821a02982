//! Which module a path leads to, re-exports followed to where an item is defined.

use super::modules::{Import, ModulePath, Modules};

/// Re-exports of re-exports are followed this far, so that a circle of them ends.
const LONGEST_CHAIN: usize = 16;

/// The module of this crate that defines what `path` names inside of `module`; `None` for a path
/// into another crate.
pub(super) fn definition(
    modules: &Modules,
    module: &[String],
    path: &[String],
) -> Option<ModulePath> {
    follow(modules, module, path, LONGEST_CHAIN)
}

fn follow(
    modules: &Modules,
    module: &[String],
    path: &[String],
    chain: usize,
) -> Option<ModulePath> {
    let (mut place, names) = start(modules, module, path)?;
    for (index, name) in names.iter().enumerate() {
        let mut child = place.clone();
        child.push(name.clone());
        if modules.contains_key(&child) {
            place = child;
            continue;
        }
        // An item is defined where it is not imported from elsewhere.
        let import = imported(modules, &place, name);
        let Some(import) = import.filter(|_| chain > 0) else {
            break;
        };
        let onward: Vec<String> = import
            .path
            .iter()
            .chain(&names[index + 1..])
            .cloned()
            .collect();
        return follow(modules, &place, &onward, chain - 1);
    }
    Some(place)
}

/// The module where a path begins, and the names after its beginning.
fn start<'a>(
    modules: &Modules,
    module: &[String],
    path: &'a [String],
) -> Option<(ModulePath, &'a [String])> {
    let (first, names) = path.split_first()?;
    match first.as_str() {
        "crate" => Some((Vec::new(), names)),
        "self" => Some((module.to_vec(), names)),
        "super" => {
            let mut place = module.to_vec();
            let ups = path.iter().take_while(|name| *name == "super").count();
            place.truncate(module.len().checked_sub(ups)?);
            Some((place, &path[ups..]))
        }
        _ => {
            let mut child = module.to_vec();
            child.push(first.clone());
            modules.contains_key(&child).then_some((child, names))
        }
    }
}

fn imported<'a>(modules: &'a Modules, place: &[String], name: &str) -> Option<&'a Import> {
    let imports = &modules.get(place)?.imports;
    imports.iter().find(|import| import.name == name)
}
