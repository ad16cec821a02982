//! Prints the words that are written in pictures, one JSON object a picture:
//!
//! ```text
//! cargo run --release -p moue --example words -- meme.jpg
//! ```

use moue::Frame;
use moue::cancel::CancelToken;
use moue::words::WordReader;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let cancel = CancelToken::default();
    let reader = WordReader::new("eng", &cancel)?;
    for path in std::env::args().skip(1) {
        let words = reader.read(&Frame::open(&path)?, &cancel)?;
        println!("{}", serde_json::json!({ "path": path, "words": words }));
    }
    Ok(())
}
