//! The JavaScript beside the module, made by wasm-bindgen.

use super::module::{assets, package};
use anyhow::Result;
use std::fs;
use std::path::Path;
use wasm_bindgen_cli_support::Bindgen;

/// The module's name and that of the files made from it.
const NAME: &str = "moue_wasm";

/// Writes the module into the package's assets and its JavaScript and types into its sources.
pub(super) fn write_package(module: &Path) -> Result<()> {
    let sources = package().join("src/wasm");
    write(module, &sources)?;
    let file = format!("{NAME}_bg.wasm");
    fs::create_dir_all(assets())?;
    fs::rename(sources.join(&file), assets().join(&file))?;
    Ok(())
}

/// Writes the module with its JavaScript and types into a folder.
pub(super) fn write(module: &Path, folder: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(module)
        .out_name(NAME)
        .web(true)?
        .typescript(true)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)
}
