//! Cargo for other systems: rustup's, or Debian's where rustup cannot download a target.

use std::path::Path;
use std::process::Command;

const CARGO: &str = "/usr/bin/cargo";
const RUSTC: &str = "/usr/bin/rustc";

/// A cargo that can build for a target. Debian's has no standard library for others: it builds the
/// named crates of it from source (`std,panic_abort`).
pub(crate) fn cargo_for(target: &str, standard: &str) -> Command {
    if has_rustup(target) {
        return Command::new("cargo");
    }
    let mut command = Command::new(CARGO);
    command.env("RUSTC", RUSTC).env("RUSTC_BOOTSTRAP", "1");
    command.env("RUSTDOC", "/usr/bin/rustdoc");
    command.args(["-Z", &format!("build-std={standard}")]);
    command
}

/// Whether rustup has a target's standard library.
pub(crate) fn has_rustup(target: &str) -> bool {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output();
    let sysroot = output.map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned());
    sysroot.is_ok_and(|root| Path::new(&root).join("lib/rustlib").join(target).exists())
}
