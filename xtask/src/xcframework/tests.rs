use super::check::{names, problems};
use super::pack;
use super::samples::framework;
use super::slices::LIBRARY;
use object::Architecture;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// What the check says of a framework with these symbols of the system.
fn problems_of(framework: &Path) -> Vec<String> {
    let stub = framework.with_file_name("libSystem.tbd");
    fs::write(&stub, "symbols: [ _free, '_malloc', _read$INODE64 ]").unwrap();
    problems(framework, Some(&names(&stub).unwrap())).unwrap()
}

/// That a framework with one fault has this problem alone.
fn only(problems: &[String], expected: &str) {
    assert!(
        problems.len() == 1 && problems[0].contains(expected),
        "{problems:?}"
    );
}

#[test]
fn what_is_assembled_is_in_order() {
    let folder = TempDir::new().unwrap();
    let framework = framework(folder.path(), &|_, _, _| {});
    assert_eq!(problems_of(&framework), Vec::<String>::new());
    let zip = folder.path().join("Sample.zip");
    pack(&framework, &zip).unwrap();
    let first = fs::read(&zip).unwrap();
    pack(&framework, &zip).unwrap();
    assert_eq!(
        first,
        fs::read(&zip).unwrap(),
        "equal libraries have equal zips"
    );
}

#[test]
fn a_library_for_another_platform_is_found() {
    let folder = TempDir::new().unwrap();
    // Devices and simulators of one processor differ in nothing but this.
    let framework = framework(folder.path(), &|_, target, sample| {
        if target.triple == "aarch64-apple-ios-sim" {
            sample.platform = object::macho::PLATFORM_IOS;
        }
    });
    only(
        &problems_of(&framework),
        "arm64, moue.o: built for platform 2, not 7",
    );
}

#[test]
fn a_library_for_newer_systems_is_found() {
    let folder = TempDir::new().unwrap();
    let framework = framework(folder.path(), &|_, target, sample| {
        if target.triple == "x86_64-apple-darwin" {
            sample.oldest = 14 << 16 | 2 << 8;
        }
    });
    only(&problems_of(&framework), "needs system 14.2");
}

#[test]
fn a_library_for_another_processor_is_found() {
    let folder = TempDir::new().unwrap();
    let framework = framework(folder.path(), &|_, target, sample| {
        if target.triple == "aarch64-apple-ios" {
            sample.architecture = Architecture::X86_64;
        }
    });
    only(&problems_of(&framework), "built for processor 0x1000007");
}

#[test]
fn functions_that_are_missing_and_symbols_that_nobody_has_are_found() {
    let folder = TempDir::new().unwrap();
    let framework = framework(folder.path(), &|slice, _, sample| {
        if slice.identifier == "ios-arm64" {
            sample.defined.truncate(1);
            sample.undefined.push("dlopen_of_another_system");
        }
    });
    let found = problems_of(&framework);
    assert!(
        found[0].contains("arm64 lacks _ffi_moue_ffi_rustbuffer_free"),
        "{found:?}"
    );
    assert!(
        found[1].contains("needs _dlopen_of_another_system"),
        "{found:?}"
    );
    assert_eq!(found.len(), 2);
}

#[test]
fn a_broken_list_and_broken_headers_are_found() {
    let folder = TempDir::new().unwrap();
    let framework = framework(folder.path(), &|_, _, _| {});
    let path = framework.join("Info.plist");
    let good = fs::read_to_string(&path).unwrap();
    for (word, other, problem) in [
        ("XFWK", "FMWK", "it does not call itself"),
        (
            "<string>simulator</string>",
            "<string>maccatalyst</string>",
            "simulator is not listed",
        ),
        ("<string>x86_64</string>", "", "is not listed as it is"),
        ("</plist>", "", "Info.plist: "),
    ] {
        fs::write(&path, good.replace(word, other)).unwrap();
        let found = problems_of(&framework);
        assert!(
            found.iter().any(|f| f.contains(problem)),
            "{word}: {found:?}"
        );
    }
    fs::write(&path, good).unwrap();
    let headers = framework.join("ios-arm64/Headers");
    let map = fs::read_to_string(headers.join("module.modulemap")).unwrap();
    fs::write(headers.join("module.modulemap"), format!("framework {map}")).unwrap();
    only(&problems_of(&framework), "no plain module");
    fs::remove_file(headers.join("MoueFFI.h")).unwrap();
    assert_eq!(problems_of(&framework).len(), 2);
}

#[test]
fn broken_libraries_are_found() {
    let folder = TempDir::new().unwrap();
    let framework = framework(folder.path(), &|_, _, _| {});
    let path = framework.join("macos-arm64_x86_64").join(LIBRARY);
    let good = fs::read(&path).unwrap();
    // The processor of the first part, in the header for both.
    let mut swapped = good.clone();
    swapped[8..12].copy_from_slice(&object::macho::CPU_TYPE_X86_64.to_be_bytes());
    fs::write(&path, swapped).unwrap();
    only(
        &problems_of(&framework),
        "the part of arm64 is listed as another's",
    );
    let broken: [&[u8]; 4] = [b"", b"!<arch>\n", &good[..good.len() / 2], b"text"];
    for bytes in broken {
        fs::write(&path, bytes).unwrap();
        only(&problems_of(&framework), LIBRARY);
    }
    // One processor where there should be two.
    fs::copy(framework.join("ios-arm64").join(LIBRARY), &path).unwrap();
    only(&problems_of(&framework), "1 processors instead of 2");
}
