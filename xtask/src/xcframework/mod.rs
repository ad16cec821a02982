//! The library for Apple's systems: `cargo xtask xcframework`.
//!
//! An XCFramework is a folder with a library and its headers for each kind of system, and an
//! `Info.plist` that lists them. It is assembled here without Apple's tools, so that the same code
//! makes it and checks it on a Mac and on Linux.

mod build;
mod check;
mod library;
mod plist;
mod slices;
mod universal;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

use crate::paths;
use anyhow::{Context, Result, bail};
use clap::Args;
use sha2::{Digest, Sha256};
use slices::LIBRARY;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;

/// The folder and, with `.zip`, the file that are written.
const NAME: &str = "MoueFFI.xcframework";

/// What is assembled, and from what.
#[derive(Args)]
pub(crate) struct Options {
    /// Only check this folder.
    #[arg(long)]
    check: Option<PathBuf>,
    /// Assemble static libraries that were built, `FOLDER/TARGET/PROFILE/libmoue_ffi.a`, instead of
    /// building them.
    #[arg(long)]
    libraries: Option<PathBuf>,
    /// The profile they are built with.
    #[arg(long, default_value = "dist")]
    profile: String,
    /// Where to write the framework and its zip.
    #[arg(long)]
    out: Option<PathBuf>,
    /// The list of the system's symbols, such as `$(xcrun --show-sdk-path)/usr/lib/libSystem.tbd`;
    /// with it the check finds symbols that the system lacks.
    #[arg(long)]
    system: Option<PathBuf>,
}

/// Builds the libraries, assembles the framework, checks it, and packs it.
pub(crate) fn write(options: &Options) -> Result<()> {
    let system = options.system.as_deref().map(check::names).transpose()?;
    if let Some(folder) = &options.check {
        return approve(folder, system.as_ref());
    }
    let libraries = match &options.libraries {
        Some(folder) => folder.clone(),
        None => build::all(&options.profile)?,
    };
    let out = match &options.out {
        Some(folder) => folder.clone(),
        None => paths::project().join("bindings/swift"),
    };
    let framework = out.join(NAME);
    let headers = paths::project().join("bindings/swift/Sources/MoueFFI");
    assemble(&framework, &headers, &|target| {
        libraries.join(target).join(&options.profile).join(LIBRARY)
    })?;
    approve(&framework, system.as_ref())?;
    pack(&framework, &out.join(format!("{NAME}.zip")))
}

/// Writes the framework anew; `library` tells where a target's static library is.
fn assemble(framework: &Path, headers: &Path, library: &dyn Fn(&str) -> PathBuf) -> Result<()> {
    if framework.exists() {
        fs::remove_dir_all(framework)?;
    }
    for slice in &slices::ALL {
        let folder = framework.join(slice.identifier);
        fs::create_dir_all(folder.join("Headers"))?;
        let header = folder.join("Headers").join(slices::HEADER);
        fs::copy(headers.join(slices::HEADER), header)
            .context("the header is missing: run `cargo xtask bindings`")?;
        fs::write(folder.join("Headers/module.modulemap"), slices::MODULE_MAP)?;
        let files: Vec<_> = slice.targets.iter().map(|t| library(t.triple)).collect();
        universal::join(slice, &files, &folder.join(LIBRARY))?;
    }
    fs::write(framework.join("Info.plist"), plist::write())?;
    Ok(())
}

/// Prints what is wrong with a framework, and fails if anything is.
fn approve(framework: &Path, system: Option<&check::Names>) -> Result<()> {
    let found = check::problems(framework, system)?;
    for problem in &found {
        eprintln!("{problem}");
    }
    if !found.is_empty() {
        bail!("{} is not in order", framework.display());
    }
    println!("{}: in order", framework.display());
    Ok(())
}

/// Most bytes of the zip: what an app's project downloads.
const MOST: u64 = 36_000_000;

/// Packs the framework as Swift's package manager wants it, with its checksum.
fn pack(framework: &Path, out: &Path) -> Result<()> {
    let mut zip = zip::ZipWriter::new(fs::File::create(out)?);
    let mut files = Vec::new();
    list(framework, &mut files)?;
    // Sorted and without times, so that equal libraries have equal checksums.
    files.sort();
    let parent = framework.parent().context("a framework is in a folder")?;
    for file in files {
        let name = file
            .strip_prefix(parent)?
            .to_string_lossy()
            .replace('\\', "/");
        zip.start_file(name, SimpleFileOptions::default())?;
        zip.write_all(&fs::read(&file)?)?;
    }
    zip.finish()?.sync_all()?;
    report(out)
}

/// Prints the size of a zip and the checksum that `Package.swift` has; fails if it is too large.
fn report(zip: &Path) -> Result<()> {
    let bytes = fs::read(zip)?;
    let digest = Sha256::digest(&bytes);
    let checksum: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    println!(
        "{}: {} bytes, checksum {checksum}",
        zip.display(),
        bytes.len()
    );
    if bytes.len() as u64 > MOST {
        bail!("{} has more than {MOST} bytes", zip.display());
    }
    Ok(())
}

/// All files below a folder.
fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
