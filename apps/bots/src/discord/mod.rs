//! A Discord bot: `/react` with a picture, and "React" in the menu of a message that has one.
//!
//! Discord sends each command as an HTTP request with a signature ([`PublicKey`]). So the bot is a small
//! server without a connection of its own to Discord's gateway: that would need a crate for its
//! WebSocket protocol and its heartbeats, about a hundred crates in all, for two commands that carry
//! their pictures with them.

mod api;
mod command;
mod server;
mod signature;

pub use api::{Api, CDN};
pub use server::serve;
pub use signature::PublicKey;

use crate::moue::{Moue, Picture};
use anyhow::Result;
use command::{Command, Selfie};
use serde_json::{Value, json};

/// What people are told.
const NOT_KNOWN: &str = "I know no such command.";
const NO_FACE: &str = "I see no face in this picture.";
const FAILED: &str = "This did not work. Try again later, or another picture.";

/// The flag of messages that only the person who asked sees.
const EPHEMERAL: u64 = 1 << 6;

/// Types of interactions and of answers to them, as Discord numbers them.
const PING: u64 = 1;
const COMMAND: u64 = 2;
const PONG: u64 = 1;
const MESSAGE: u64 = 4;
const MESSAGE_LATER: u64 = 5;

/// A bot.
#[derive(Debug)]
pub struct Bot {
    key: PublicKey,
    api: Api,
    moue: Moue,
}

/// What becomes of a request of Discord's.
#[derive(Debug)]
enum Received {
    /// It is not from Discord.
    Forged,
    /// It is answered at once.
    Answered(Value),
    /// It is answered later: a picture has to be looked at.
    Work(Selfie),
}

impl Bot {
    /// A bot whose requests are signed with this key.
    pub fn new(key: PublicKey, api: Api, moue: Moue) -> Self {
        Self { key, api, moue }
    }

    fn receive(&self, signature: &str, timestamp: &str, body: &[u8]) -> Received {
        // Before anything of the body is read. Discord also sends wrong signatures on purpose, and
        // disconnects bots that take them.
        if !self.key.has_signed(signature, timestamp, body) {
            return Received::Forged;
        }
        let interaction: Value = serde_json::from_slice(body).unwrap_or_default();
        match interaction["type"].as_u64() {
            Some(PING) => Received::Answered(json!({ "type": PONG })),
            Some(COMMAND) => self.command(&interaction),
            _ => Received::Answered(whisper(NOT_KNOWN)),
        }
    }

    fn command(&self, interaction: &Value) -> Received {
        match command::read(interaction, &self.api) {
            Command::Selfie(selfie) => Received::Work(selfie),
            Command::Unusable(reason) => Received::Answered(whisper(reason)),
            Command::Unknown => Received::Answered(whisper(NOT_KNOWN)),
        }
    }

    /// Answers a command whose answer was put off.
    ///
    /// # Errors
    /// Why there is no picture, after the person was told that there is none.
    fn work(&self, selfie: &Selfie) -> Result<()> {
        let found = self.reaction(selfie);
        let told = match &found {
            Ok(Some(picture)) => self.api.send_picture(selfie, picture),
            Ok(None) => self.api.say(selfie, NO_FACE),
            Err(_) => self.api.say(selfie, FAILED),
        };
        found.map(drop).and(told)
    }

    fn reaction(&self, selfie: &Selfie) -> Result<Option<Picture>> {
        let photo = self.api.download(&selfie.url)?;
        let found = self.moue.find(&photo)?;
        found.map(|id| self.moue.picture(id)).transpose()
    }
}

/// A message that only the person who asked sees.
fn whisper(text: &str) -> Value {
    json!({ "type": MESSAGE, "data": { "content": text, "flags": EPHEMERAL } })
}
