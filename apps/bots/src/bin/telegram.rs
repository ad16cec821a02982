//! The Telegram bot.
//!
//! ```sh
//! TELEGRAM_TOKEN=… MOUE_KEY=… cargo run --release --bin telegram -- http://127.0.0.1:8090
//! ```

use anyhow::{Context, Result};
use moue_bots::Moue;
use moue_bots::telegram::Telegram;
use std::time::Duration;

/// Before Telegram is asked again after a failure.
const PAUSE: Duration = Duration::from_secs(5);

fn main() -> Result<()> {
    let address = std::env::args()
        .nth(1)
        .context("telegram ADDRESS-OF-MOUE")?;
    let token = std::env::var("TELEGRAM_TOKEN").context("TELEGRAM_TOKEN is not set")?;
    let key = std::env::var("MOUE_KEY").unwrap_or_default();
    let api = std::env::var("TELEGRAM_API");
    let api = api.unwrap_or_else(|_| "https://api.telegram.org".to_owned());
    let mut bot = Telegram::new(&api, &token, Moue::new(&address, &key));
    loop {
        let failed = |error: anyhow::Error| eprintln!("not answered: {error:#}");
        if let Err(error) = bot.step(failed) {
            eprintln!("{error:#}");
            std::thread::sleep(PAUSE);
        }
    }
}
