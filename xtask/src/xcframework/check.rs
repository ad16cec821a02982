//! Whether a framework is what Xcode expects.

use super::library::{self, Member, Part};
use super::plist::{self, Value};
use super::slices::{self, LIBRARY, Slice, Target};
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Names of symbols, with Mach-O's underscore.
pub(super) type Names = BTreeSet<String>;

/// The symbols in a text-based stub of a library (`.tbd`).
pub(super) fn names(file: &Path) -> Result<Names> {
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let words = text
        .split(|c| !is_part(c))
        .filter(|word| word.starts_with('_'));
    Ok(words.map(str::to_owned).collect())
}

/// Everything that is wrong with a framework, one sentence each.
pub(super) fn problems(framework: &Path, system: Option<&Names>) -> Result<Vec<String>> {
    let mut found = Vec::new();
    listed(framework, &mut found);
    for slice in &slices::ALL {
        let folder = framework.join(slice.identifier);
        let expected = headers(&folder.join("Headers"), slice, &mut found);
        let path = folder.join(LIBRARY);
        match fs::read(&path)
            .map_err(Into::into)
            .and_then(|bytes| library::parts(&bytes))
        {
            Ok(parts) => found.extend(in_library(slice, &parts, &expected, system)),
            Err(error) => found.push(format!("{}: {error:#}", path.display())),
        }
    }
    Ok(found)
}

/// Compares the list with what it has to be.
fn listed(framework: &Path, found: &mut Vec<String>) {
    let text = fs::read_to_string(framework.join("Info.plist"));
    let list = match text.map_err(Into::into).and_then(|text| plist::read(&text)) {
        Ok(list) => list,
        Err(error) => return found.push(format!("Info.plist: {error:#}")),
    };
    let text = |key: &str, value: &str| (key.to_owned(), Value::Text(value.to_owned()));
    let own = [
        text("CFBundlePackageType", "XFWK"),
        text("XCFrameworkFormatVersion", "1.0"),
    ];
    if list.own != own {
        found.push("Info.plist: it does not call itself an XCFramework of version 1.0".to_owned());
    }
    listed_libraries(list.libraries, found);
}

/// Compares the listed libraries with those that there have to be.
fn listed_libraries(mut rest: Vec<Vec<(String, Value)>>, found: &mut Vec<String>) {
    for slice in &slices::ALL {
        let expected = plist::entry(slice);
        let same = |library: &Vec<(String, Value)>| {
            let own = library.iter().map(|(key, value)| (key.as_str(), value));
            own.eq(expected.iter().map(|(key, value)| (*key, value)))
        };
        match rest.iter().position(same) {
            Some(index) => drop(rest.remove(index)),
            None => found.push(format!(
                "Info.plist: {} is not listed as it is",
                slice.identifier
            )),
        }
    }
    if !rest.is_empty() {
        found.push(format!(
            "Info.plist: {} libraries that nobody made",
            rest.len()
        ));
    }
}

/// Checks the headers of a slice; returns the symbols that they declare.
fn headers(folder: &Path, slice: &Slice, found: &mut Vec<String>) -> Names {
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
    let map = read("module.modulemap");
    let names_header = map.contains(&format!("header \"{}\"", slices::HEADER));
    if !map.starts_with("module MoueFFI") || !names_header {
        found.push(format!(
            "{}: module.modulemap is no plain module",
            slice.identifier
        ));
    }
    let declared = declared(&read(slices::HEADER));
    if declared.is_empty() {
        found.push(format!("{}: the header declares nothing", slice.identifier));
    }
    declared
}

/// The functions of a header that UniFFI wrote.
fn declared(header: &str) -> Names {
    let mut names = Names::new();
    for (end, _) in header.match_indices('(') {
        let before = &header[..end];
        let start = before.rfind(|c: char| !c.is_alphanumeric() && c != '_');
        let name = &before[start.map_or(0, |at| at + 1)..];
        // Types of callbacks have names in other forms.
        if name.starts_with("uniffi_moue_ffi") || name.starts_with("ffi_moue_ffi") {
            names.insert(format!("_{name}"));
        }
    }
    names
}

fn in_library(
    slice: &Slice,
    parts: &[Part],
    expected: &Names,
    system: Option<&Names>,
) -> Vec<String> {
    let [had, wanted] = [parts.len(), slice.targets.len()];
    if had != wanted {
        return vec![format!(
            "{}: {had} processors instead of {wanted}",
            slice.identifier
        )];
    }
    let mut found = Vec::new();
    for (target, part) in slice.targets.iter().zip(parts) {
        found.extend(in_part(slice, target, part));
        found.extend(in_symbols(target, part, expected, system));
    }
    found
        .iter()
        .map(|problem| format!("{}: {problem}", slice.identifier))
        .collect()
}

/// What is wrong with a processor's object files.
fn in_part(slice: &Slice, target: &Target, part: &Part) -> Vec<String> {
    let mut found = Vec::new();
    if part.header.is_some_and(|cpu| cpu != target.cpu[0]) {
        found.push(format!(
            "the part of {} is listed as another's",
            target.processor
        ));
    }
    for member in &part.members {
        if let Some(problem) = in_member(slice, target.cpu[0], member) {
            found.push(format!("{}, {}: {problem}", target.processor, member.name));
        }
    }
    found
}

/// Functions that are missing, and symbols that neither the library nor the system has.
fn in_symbols(
    target: &Target,
    part: &Part,
    expected: &Names,
    system: Option<&Names>,
) -> Vec<String> {
    let processor = target.processor;
    let missing = expected.difference(&part.defined);
    let mut found: Vec<_> = missing
        .map(|name| format!("{processor} lacks {name}"))
        .collect();
    if let Some(system) = system {
        let others = part.undefined.difference(&part.defined);
        let unknown = others.filter(|name| !system.contains(*name));
        found.extend(
            unknown.map(|name| format!("{processor} needs {name}, which the system lacks")),
        );
    }
    found
}

fn in_member(slice: &Slice, cpu: u32, member: &Member) -> Option<String> {
    if member.cpu != cpu {
        return Some(format!("built for processor {:#x}", member.cpu));
    }
    let Some([platform, oldest]) = member.built_for else {
        return Some("it names no platform".to_owned());
    };
    if platform != slice.number {
        return Some(format!(
            "built for platform {platform}, not {}",
            slice.number
        ));
    }
    // Linkers warn of, and Xcode's of 2024 refuse, objects for a newer system than the app's.
    (oldest > slice.oldest).then(|| format!("needs system {}.{}", oldest >> 16, oldest >> 8 & 0xFF))
}
