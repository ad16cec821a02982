//! UniFFI's generator on our library: `moue-bindgen LIBRARY CONFIG LANGUAGE FOLDER`.
//!
//! The library is the static one: the dynamic one is stripped of the symbols that the generator reads.

use anyhow::{Result, bail};
use uniffi_bindgen::bindings::{GenerateOptions, TargetLanguage, generate};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [library, config, language, folder] = arguments.as_slice() else {
        bail!("usage: moue-bindgen LIBRARY CONFIG kotlin|swift FOLDER");
    };
    let language = match language.as_str() {
        "kotlin" => TargetLanguage::Kotlin,
        "swift" => TargetLanguage::Swift,
        other => bail!("{other} is neither kotlin nor swift"),
    };
    generate(GenerateOptions {
        languages: vec![language],
        source: library.into(),
        out_dir: folder.into(),
        config_override: Some(config.into()),
        crate_filter: Some("moue_ffi".into()),
        ..GenerateOptions::default()
    })
}
