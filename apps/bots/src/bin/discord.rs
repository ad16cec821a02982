//! The Discord bot.
//!
//! ```sh
//! DISCORD_TOKEN=… DISCORD_PUBLIC_KEY=… MOUE_KEY=… cargo run --release --bin discord -- \
//!     http://127.0.0.1:8090 127.0.0.1:8091
//! ```

use anyhow::{Context, Result};
use moue_bots::Moue;
use moue_bots::discord::{Api, Bot, CDN, PublicKey, serve};
use tokio::net::TcpListener;

fn main() -> Result<()> {
    let usage = "discord ADDRESS-OF-MOUE ADDRESS-TO-LISTEN-ON";
    let address = std::env::args().nth(1).context(usage)?;
    let listen = std::env::args().nth(2).context(usage)?;
    let token = std::env::var("DISCORD_TOKEN").context("DISCORD_TOKEN is not set")?;
    let public = std::env::var("DISCORD_PUBLIC_KEY").context("DISCORD_PUBLIC_KEY is not set")?;
    let key = std::env::var("MOUE_KEY").unwrap_or_default();
    let api = std::env::var("DISCORD_API");
    let api = api.unwrap_or_else(|_| "https://discord.com/api/v10".to_owned());
    let api = Api::new(&api, &CDN);
    let public = PublicKey::parse(&public)?;
    api.register(&token)?;
    let bot = Bot::new(public, api, Moue::new(&address, &key));
    tokio::runtime::Runtime::new()?.block_on(run(&listen, bot))
}

async fn run(listen: &str, bot: Bot) -> Result<()> {
    let listener = TcpListener::bind(listen).await;
    let listener = listener.with_context(|| format!("cannot listen on {listen}"))?;
    eprintln!(
        "listening on http://{}/interactions",
        listener.local_addr()?
    );
    let stop = async {
        // Where the system cannot tell, the bot runs until it is killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    };
    Ok(serve(listener, bot, stop).await?)
}
