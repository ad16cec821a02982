//! A Telegram bot: answers photos, and searches inline.

use crate::form::Form;
use crate::moue::{Moue, Picture, Reaction, agent};
use anyhow::{Context, Result, anyhow, ensure};
use serde_json::{Value, json};
use std::time::Duration;
use ureq::Agent;

/// Seconds for which Telegram holds a request for updates open.
const POLL: u64 = 30;

/// Longer than [`POLL`].
const TIME: Duration = Duration::from_secs(POLL + 15);

/// Bytes of a photo: what Telegram lets bots download.
const MAX_PHOTO: u64 = 20 << 20;

/// Results of an inline query, as many as a phone shows in a few rows.
const MAX_RESULTS: usize = 20;

/// A bot.
#[derive(Debug)]
pub struct Telegram {
    agent: Agent,
    address: String,
    token: String,
    moue: Moue,
    next: i64,
}

impl Telegram {
    /// A bot with this token. The address is `https://api.telegram.org`, or that of a server of one's
    /// own.
    pub fn new(address: &str, token: &str, moue: Moue) -> Self {
        Self {
            agent: agent(TIME),
            address: address.trim_end_matches('/').to_owned(),
            token: token.to_owned(),
            moue,
            next: 0,
        }
    }

    /// Waits for messages and queries and answers them; returns how many came. What cannot be
    /// answered is passed to `failed`, and the others are answered all the same.
    ///
    /// # Errors
    /// If Telegram cannot be reached or refuses the token.
    pub fn step(&mut self, mut failed: impl FnMut(anyhow::Error)) -> Result<usize> {
        let request = json!({
            "offset": self.next,
            "timeout": POLL,
            "allowed_updates": ["message", "inline_query"],
        });
        let updates = self.call("getUpdates", &request)?;
        let updates = updates.as_array().cloned().unwrap_or_default();
        for update in &updates {
            // Confirmed also if it fails: else it would come again for ever.
            let id = update["update_id"].as_i64().unwrap_or(self.next);
            self.next = self.next.max(id + 1);
            if let Err(error) = self.answer(update) {
                failed(error);
            }
        }
        Ok(updates.len())
    }

    fn answer(&self, update: &Value) -> Result<()> {
        let message = &update["message"];
        if let Some(photos) = message["photo"].as_array() {
            return self.answer_photo(message, photos);
        }
        let query = &update["inline_query"];
        if let Some(id) = query["id"].as_str() {
            return self.answer_query(id, query["query"].as_str().unwrap_or_default());
        }
        // Groups send all kinds of messages; only a private chat expects an answer to each.
        match message["chat"]["id"].as_i64() {
            Some(chat) if message["chat"]["type"] == "private" => self.say(
                chat,
                "Send me a selfie, and I send back the picture that makes your face.",
            ),
            _ => Ok(()),
        }
    }

    fn answer_photo(&self, message: &Value, photos: &[Value]) -> Result<()> {
        let chat = message["chat"]["id"]
            .as_i64()
            .context("a message has no chat")?;
        // Telegram sends a photo in several sizes.
        let area = |photo: &&Value| {
            photo["width"]
                .as_u64()
                .zip(photo["height"].as_u64())
                .map(|s| s.0 * s.1)
        };
        let largest = photos
            .iter()
            .max_by_key(area)
            .context("a photo has no size")?;
        let photo = self.download(largest["file_id"].as_str().context("a photo has no file")?)?;
        match self.moue.find(&photo)? {
            Some(id) => self.send_picture(chat, &message["message_id"], &self.moue.picture(id)?),
            None => self.say(chat, "I see no face in this picture."),
        }
    }

    fn download(&self, file: &str) -> Result<Vec<u8>> {
        let found = self.call("getFile", &json!({ "file_id": file }))?;
        let path = found["file_path"].as_str().context("a file has no path")?;
        let url = format!("{}/file/bot{}/{path}", self.address, self.token);
        let mut answer = self.agent.get(&url).call().map_err(|e| self.hidden(&e))?;
        ensure!(answer.status() == 200, "Telegram has the file no more");
        let body = answer.body_mut().with_config().limit(MAX_PHOTO);
        body.read_to_vec().map_err(|error| self.hidden(&error))
    }

    fn answer_query(&self, id: &str, words: &str) -> Result<()> {
        let reactions = self.moue.search(words, MAX_RESULTS)?;
        let results: Vec<Value> = reactions.iter().map(inline_result).collect();
        // A gallery changes slowly.
        let answer = json!({ "inline_query_id": id, "results": results, "cache_time": 60 });
        self.call("answerInlineQuery", &answer).map(drop)
    }

    fn say(&self, chat: i64, text: &str) -> Result<()> {
        self.call("sendMessage", &json!({ "chat_id": chat, "text": text }))
            .map(drop)
    }

    fn send_picture(&self, chat: i64, reply_to: &Value, picture: &Picture) -> Result<()> {
        let is_gif = picture.media == "image/gif";
        let [method, field] = if is_gif {
            ["sendAnimation", "animation"]
        } else {
            ["sendPhoto", "photo"]
        };
        let reply = json!({ "message_id": reply_to, "allow_sending_without_reply": true });
        let form = Form::default()
            .text("chat_id", &chat.to_string())
            .text("reply_parameters", &reply.to_string())
            .file(field, "reaction", picture)
            .finish();
        let request = self
            .agent
            .post(self.url(method))
            .header("content-type", Form::media());
        self.result(request.send(&form[..])).map(drop)
    }

    fn url(&self, method: &str) -> String {
        format!("{}/bot{}/{method}", self.address, self.token)
    }

    fn call(&self, method: &str, body: &Value) -> Result<Value> {
        self.result(self.agent.post(self.url(method)).send_json(body))
    }

    fn result(&self, sent: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Value> {
        let mut answer = sent.map_err(|error| self.hidden(&error))?;
        let body: Value = answer
            .body_mut()
            .read_json()
            .map_err(|error| self.hidden(&error))?;
        let reason = body["description"].as_str().unwrap_or("no reason given");
        ensure!(body["ok"] == true, "Telegram refused: {reason}");
        Ok(body["result"].clone())
    }

    /// An error of a request, whose address has the token.
    fn hidden(&self, error: &ureq::Error) -> anyhow::Error {
        anyhow!(
            "Telegram: {}",
            error.to_string().replace(&self.token, "TOKEN")
        )
    }
}

fn inline_result(reaction: &Reaction) -> Value {
    if reaction.is_gif {
        return json!({
            "type": "gif", "id": reaction.id, "title": reaction.title,
            "gif_url": reaction.url, "thumbnail_url": reaction.url,
        });
    }
    // Telegram takes stills from addresses as JPEG alone, which the server makes of any.
    let url = reaction
        .url
        .rsplit_once('/')
        .map_or_else(String::new, |url| format!("{}/jpg", url.0));
    json!({
        "type": "photo", "id": reaction.id, "title": reaction.title,
        "photo_url": url, "thumbnail_url": url,
    })
}
