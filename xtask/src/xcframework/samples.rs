//! Small libraries and frameworks for tests.

use super::assemble;
use super::slices::{ALL, HEADER, LIBRARY, Slice, Target};
use object::write::{MachOBuildVersion, Object, Symbol, SymbolSection};
use object::{Architecture, BinaryFormat, Endianness, SymbolFlags, SymbolKind, SymbolScope};
use std::fs;
use std::path::{Path, PathBuf};

/// The functions of the sample header, one by line as UniFFI writes them.
pub(super) const FUNCTIONS: [&str; 2] = ["uniffi_moue_ffi_fn_find", "ffi_moue_ffi_rustbuffer_free"];

/// How an object file is made.
pub(super) struct Sample {
    pub(super) platform: u32,
    pub(super) oldest: u32,
    pub(super) architecture: Architecture,
    pub(super) defined: Vec<&'static str>,
    pub(super) undefined: Vec<&'static str>,
}

impl Sample {
    /// What a target's library should be.
    pub(super) fn good(slice: &Slice, target: &Target) -> Self {
        let is_arm = target.processor == "arm64";
        Self {
            platform: slice.number,
            oldest: slice.oldest,
            architecture: if is_arm {
                Architecture::Aarch64
            } else {
                Architecture::X86_64
            },
            defined: FUNCTIONS.to_vec(),
            undefined: vec!["malloc"],
        }
    }

    fn object(&self) -> Vec<u8> {
        let mut object = Object::new(BinaryFormat::MachO, self.architecture, Endianness::Little);
        let mut version = MachOBuildVersion::default();
        version.platform = self.platform;
        version.minos = self.oldest;
        version.sdk = self.oldest;
        object.set_macho_build_version(version);
        let text = object.section_id(object::write::StandardSection::Text);
        let at = object.append_section_data(text, &[0; 16], 4);
        let names = self
            .defined
            .iter()
            .map(|name| (name, SymbolSection::Section(text)));
        let others = self
            .undefined
            .iter()
            .map(|name| (name, SymbolSection::Undefined));
        for (name, section) in names.chain(others) {
            object.add_symbol(Symbol {
                name: name.as_bytes().to_vec(),
                value: at,
                size: 0,
                kind: SymbolKind::Text,
                scope: SymbolScope::Dynamic,
                weak: false,
                section,
                flags: SymbolFlags::None,
            });
        }
        object.write().expect("a small object can be written")
    }

    /// An archive with one object file.
    pub(super) fn archive(&self) -> Vec<u8> {
        let object = self.object();
        let mut archive = b"!<arch>\n".to_vec();
        let size = object.len();
        archive.extend(
            format!(
                "{:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`\n",
                "moue.o", 0, 0, 0, 644
            )
            .bytes(),
        );
        archive.extend(object);
        // Members begin at even places.
        archive.resize(archive.len().next_multiple_of(2), b'\n');
        archive
    }
}

/// A framework whose libraries `change` may spoil; returns its folder.
pub(super) fn framework(folder: &Path, change: &dyn Fn(&Slice, &Target, &mut Sample)) -> PathBuf {
    let headers = folder.join("headers");
    fs::create_dir_all(&headers).expect("a temporary folder can be written");
    let lines: Vec<_> = FUNCTIONS
        .iter()
        .map(|name| format!("void {name}(void\n);\n"))
        .collect();
    fs::write(headers.join(HEADER), lines.concat()).expect("a file can be written");
    for (slice, target) in ALL
        .iter()
        .flat_map(|s| s.targets.iter().map(move |t| (s, t)))
    {
        let mut sample = Sample::good(slice, target);
        change(slice, target, &mut sample);
        let path = folder.join(target.triple).join(LIBRARY);
        fs::create_dir_all(path.with_file_name("")).expect("a folder can be made");
        fs::write(path, sample.archive()).expect("a library can be written");
    }
    let framework = folder.join("Sample.xcframework");
    let library = |target: &str| folder.join(target).join(LIBRARY);
    assemble(&framework, &headers, &library).expect("it can be assembled");
    framework
}
