//! Reads static libraries for Apple's systems.

use anyhow::{Context, Result, bail};
use object::endian::Endianness;
use object::macho::{FatArch32, MachHeader64};
use object::read::archive::ArchiveFile;
use object::read::macho::{FatArch, MachOFatFile32, MachOFile};
use object::{Object, ObjectSymbol};
use std::collections::BTreeSet;

type MachO<'a> = MachOFile<'a, MachHeader64<Endianness>>;

/// One processor's part of a library.
#[derive(Default)]
pub(super) struct Part {
    /// The processor that the library's own header names, if it has one for several.
    pub(super) header: Option<u32>,
    pub(super) members: Vec<Member>,
    /// Symbols, without those of single members.
    pub(super) defined: BTreeSet<String>,
    pub(super) undefined: BTreeSet<String>,
}

/// An object file of an archive.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) cpu: u32,
    /// Platform and oldest system of its load command, if it has one.
    pub(super) built_for: Option<[u32; 2]>,
}

/// The parts of a library, of which one for one processor has one.
pub(super) fn parts(bytes: &[u8]) -> Result<Vec<Part>> {
    if !bytes.starts_with(&object::macho::FAT_MAGIC.to_be_bytes()) {
        return Ok(vec![part(bytes, None)?]);
    }
    let file = MachOFatFile32::parse(bytes)?;
    let arches: &[FatArch32] = file.arches();
    arches
        .iter()
        .map(|arch| part(arch.data(bytes)?, Some(arch.cputype())))
        .collect()
}

fn part(archive: &[u8], header: Option<u32>) -> Result<Part> {
    let mut part = Part {
        header,
        ..Part::default()
    };
    for member in ArchiveFile::parse(archive)?.members() {
        let member = member?;
        let name = String::from_utf8_lossy(member.name()).into_owned();
        let data = member.data(archive)?;
        let file = MachO::parse(data).with_context(|| format!("{name} is no Mach-O file"))?;
        part.members.push(read(name, &file)?);
        symbols(&file, &mut part);
    }
    if part.members.is_empty() {
        bail!("the archive is empty");
    }
    Ok(part)
}

fn read(name: String, file: &MachO) -> Result<Member> {
    let endian = file.endian();
    let version = file.build_version()?;
    let built_for = version.map(|v| [v.platform.get(endian), v.minos.get(endian)]);
    Ok(Member {
        name,
        cpu: file.macho_header().cputype.get(endian),
        built_for,
    })
}

fn symbols(file: &MachO, part: &mut Part) {
    for symbol in file.symbols() {
        let Ok(name) = symbol.name() else { continue };
        if symbol.is_undefined() {
            part.undefined.insert(name.to_owned());
        } else if symbol.is_global() || symbol.is_common() {
            part.defined.insert(name.to_owned());
        }
    }
}
