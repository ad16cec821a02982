//! Commands that people give, as Discord sends them.

use super::api::Api;
use serde_json::{Value, json};

/// What the commands are called.
const SLASH: &str = "react";
const OF_MESSAGE: &str = "React";
const OPTION: &str = "photo";

/// Kinds of commands and of options, as Discord numbers them.
const CHAT_INPUT: u64 = 1;
const MESSAGE: u64 = 3;
const ATTACHMENT: u64 = 11;

/// Bytes of a photo: what `moue serve` takes.
pub(super) const MAX_PHOTO: u64 = 10 << 20;

/// Characters of an id or a token of an interaction; Discord's have up to about 250.
const MAX_TOKEN: usize = 1000;

/// A command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// One with a picture.
    Selfie(Selfie),
    /// One whose picture cannot be used, and why.
    Unusable(&'static str),
    /// Another one.
    Unknown,
}

/// A picture to be answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Selfie {
    /// The id of the application.
    pub(super) application: String,
    /// What allows to answer, for 15 minutes.
    pub(super) token: String,
    /// Where the picture is.
    pub(super) url: String,
}

/// The commands, as Discord is told of them.
pub(super) fn commands() -> Value {
    json!([
        {
            "type": CHAT_INPUT, "name": SLASH,
            "description": "Find the picture that makes the face of a photo",
            "options": [{
                "type": ATTACHMENT, "name": OPTION, "required": true,
                "description": "A photo with a face",
            }],
        },
        { "type": MESSAGE, "name": OF_MESSAGE },
    ])
}

/// Reads a command whose signature was checked.
pub(super) fn read(interaction: &Value, api: &Api) -> Command {
    let data = &interaction["data"];
    let attachment = match (data["type"].as_u64(), data["name"].as_str()) {
        (Some(CHAT_INPUT), Some(SLASH)) => named(data),
        (Some(MESSAGE), Some(OF_MESSAGE)) => of_message(data),
        _ => return Command::Unknown,
    };
    let Some(attachment) = attachment else {
        return Command::Unusable("There is no picture.");
    };
    match usable(attachment, api) {
        Ok(url) => selfie(interaction, url),
        Err(reason) => Command::Unusable(reason),
    }
}

/// The attachment that the option names.
fn named(data: &Value) -> Option<&Value> {
    let options = data["options"].as_array()?;
    let option = options.iter().find(|option| option["name"] == OPTION)?;
    data["resolved"]["attachments"].get(option["value"].as_str()?)
}

/// The first picture of the message.
fn of_message(data: &Value) -> Option<&Value> {
    let message = data["resolved"]["messages"].get(data["target_id"].as_str()?)?;
    let attachments = message["attachments"].as_array()?;
    attachments.iter().find(|attachment| is_picture(attachment))
}

fn is_picture(attachment: &Value) -> bool {
    let media = attachment["content_type"].as_str();
    media.is_some_and(|media| media.starts_with("image/"))
}

/// The address of an attachment, or why it cannot be used.
fn usable<'a>(attachment: &'a Value, api: &Api) -> Result<&'a str, &'static str> {
    if !is_picture(attachment) {
        return Err("That is no picture.");
    }
    if attachment["size"]
        .as_u64()
        .is_none_or(|size| size > MAX_PHOTO)
    {
        return Err("This picture is larger than 10 MB.");
    }
    let url = attachment["url"].as_str().unwrap_or_default();
    // The bot runs inside of somebody's network: it fetches from nowhere but from Discord.
    if !api.is_cdn(url) {
        return Err("This picture is not on Discord's servers.");
    }
    Ok(url)
}

fn selfie(interaction: &Value, url: &str) -> Command {
    let of = |name: &str| interaction[name].as_str().filter(|text| is_plain(text));
    match of("application_id").zip(of("token")) {
        Some((application, token)) => Command::Selfie(Selfie {
            application: application.to_owned(),
            token: token.to_owned(),
            url: url.to_owned(),
        }),
        None => Command::Unknown,
    }
}

/// Whether a text can be part of an address as it is.
fn is_plain(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.=".contains(&b);
    (1..=MAX_TOKEN).contains(&text.len()) && text.bytes().all(plain) && !text.starts_with('.')
}
