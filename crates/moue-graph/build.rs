//! Compiles the graph's `.proto` files into descriptors that the library reads at run time.

use protox::prost::Message;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    let descriptors =
        protox::compile(["proto/calculator.proto", "proto/options.proto"], ["proto"])?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("graph.bin");
    std::fs::write(out, descriptors.encode_to_vec())?;
    Ok(())
}
