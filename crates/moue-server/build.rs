//! Embeds a built web app, the folder that the variable `MOUE_WEB` names, if there is one: what
//! `cargo xtask web` builds takes a toolchain for WebAssembly, which building a server must not need.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// Its name and where it is.
type Found = (String, PathBuf);

fn main() {
    println!("cargo:rerun-if-env-changed=MOUE_WEB");
    let folder = env::var_os("MOUE_WEB").filter(|folder| !folder.is_empty());
    let mut files = Vec::new();
    if let Some(folder) = folder.map(PathBuf::from) {
        assert!(
            folder.join("index.html").is_file(),
            "MOUE_WEB is {}, which has no index.html; cargo xtask web builds the web app into target/web",
            folder.display()
        );
        let folder = folder.canonicalize().expect("the folder of MOUE_WEB");
        println!("cargo:rerun-if-changed={}", folder.display());
        collect(&folder, "", &mut files);
        files.sort();
    }
    let row = |(name, path): &Found| format!("    ({name:?}, include_bytes!({path:?})),\n");
    let rows: String = files.iter().map(row).collect();
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    let text = format!("&[\n{rows}]\n");
    fs::write(Path::new(&out).join("web.rs"), text).expect("OUT_DIR can be written");
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<Found>) {
    let entries = fs::read_dir(folder).expect("the folder of MOUE_WEB can be read");
    for entry in entries {
        let path = entry.expect("the folder of MOUE_WEB can be read").path();
        let name = path.file_name().and_then(|name| name.to_str());
        let name = format!("{prefix}{}", name.expect("its files have names in UTF-8"));
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files);
        } else {
            files.push((name, path));
        }
    }
}
