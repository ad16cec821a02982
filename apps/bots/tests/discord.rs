//! The bot against stand-ins for Discord and for moue: requests come as Discord sends them, over HTTP.

mod common;

use common::{Answer, Asked, Requests, by_path, ok, stand_in, status};
use moue_bots::Moue;
use moue_bots::discord::{Api, Bot, PublicKey, serve};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const TOKEN: &str = "aW50ZXJhY3Rpb24.SECRET_token-1";

/// Discord's secret key.
fn keys() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap().as_secs()
}

/// A running bot; its server ends with the test.
struct World {
    bot: SocketAddr,
    discord: Requests,
    moue: Requests,
    cdn: String,
    _runtime: tokio::runtime::Runtime,
}

/// How moue answers by default.
fn found() -> Vec<(&'static str, Vec<u8>)> {
    let found = json!({ "faces": [{ "matches": [{ "id": 3 }] }] });
    vec![
        ("/v1/find", found.to_string().into_bytes()),
        ("/v1/pictures/3/content", b"the reaction".to_vec()),
    ]
}

impl World {
    /// `discord` answers what is asked of the API and of the servers of attachments.
    fn new(
        discord: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
        moue: Vec<(&'static str, Vec<u8>)>,
    ) -> Self {
        let (moue, asked_moue) = by_path(moue);
        Self::with_moue(discord, &moue, asked_moue)
    }

    fn with_moue(
        discord: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
        moue: &str,
        asked_moue: Requests,
    ) -> Self {
        let (cdn, asked) = stand_in(discord);
        let api = Api::new(&cdn, &[&cdn]);
        let public = PublicKey::parse(&hex(keys().public_key().as_ref())).unwrap();
        let bot = Bot::new(public, api, Moue::new(moue, "KEY"));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let bind = tokio::net::TcpListener::bind("127.0.0.1:0");
        let listener = runtime.block_on(bind).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(serve(listener, bot, std::future::pending()));
        Self {
            bot: address,
            discord: asked,
            moue: asked_moue,
            cdn,
            _runtime: runtime,
        }
    }

    /// Sends a request that Discord has signed; the status and the answer.
    fn interact(&self, interaction: &Value) -> (u16, Value) {
        let timestamp = now().to_string();
        let body = interaction.to_string().into_bytes();
        let signature = sign(&timestamp, &body);
        self.post(&signature, &timestamp, &body)
    }

    fn post(&self, signature: &str, timestamp: &str, body: &[u8]) -> (u16, Value) {
        post(self.bot, signature, timestamp, body)
    }

    /// What Discord was asked, once that is so many requests.
    fn asked(&self, count: usize) -> Vec<Asked> {
        let start = Instant::now();
        loop {
            let asked = self.discord.lock().unwrap().clone();
            if asked.len() >= count {
                return asked;
            }
            assert!(start.elapsed() < Duration::from_secs(60), "{asked:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// `/react` with an attachment at this address.
    fn slash(&self, url: &str) -> Value {
        self.slash_of(json!({ "url": url, "content_type": "image/jpeg", "size": 7 }))
    }

    fn slash_of(&self, attachment: Value) -> Value {
        json!({
            "type": 2, "application_id": "4711", "token": TOKEN,
            "data": {
                "type": 1, "name": "react",
                "options": [{ "name": "photo", "type": 11, "value": "99" }],
                "resolved": { "attachments": { "99": attachment } },
            },
        })
    }

    fn photo(&self) -> String {
        format!("{}/attachments/1/99/me.jpg?ex=1&hm=2", self.cdn)
    }
}

/// Sends a request to a bot; the status and the answer.
fn post(bot: SocketAddr, signature: &str, timestamp: &str, body: &[u8]) -> (u16, Value) {
    let mut stream = TcpStream::connect(bot).unwrap();
    let head = format!(
        "POST /interactions HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n\
         X-Signature-Ed25519: {signature}\r\nX-Signature-Timestamp: {timestamp}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // A body that is too large is not read to its end.
    let _ = stream.write_all(body);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    (status, serde_json::from_str(body).unwrap_or_default())
}

fn sign(timestamp: &str, body: &[u8]) -> String {
    hex(keys().sign(&[timestamp.as_bytes(), body].concat()).as_ref())
}

/// Discord when all is well.
fn well(asked: &Asked) -> Answer {
    if asked.path.starts_with("/attachments/") {
        return ok("a photo");
    }
    ok(r#"{"id": "4711"}"#)
}

#[test]
fn a_selfie_is_answered_with_its_reaction() {
    let w = World::new(well, found());
    assert_eq!(
        w.interact(&w.slash(&w.photo())),
        (200, json!({ "type": 5 }))
    );
    let asked = w.asked(2);
    assert_eq!(asked[0].path, "/attachments/1/99/me.jpg?ex=1&hm=2");
    let answer = &asked[1];
    assert_eq!(
        (answer.method.as_str(), answer.path.as_str()),
        (
            "PATCH",
            &*format!("/webhooks/4711/{TOKEN}/messages/@original")
        )
    );
    let text = answer.text();
    assert!(
        text.contains("the reaction") && text.contains("reaction.png"),
        "{text}"
    );
    assert!(
        text.contains("image/png") && text.contains("payload_json"),
        "{text}"
    );
    let moue = w.moue.lock().unwrap();
    assert_eq!(moue[0].body, b"a photo");
    assert!(
        moue.iter()
            .all(|asked| asked.headers.contains("x-api-key: key"))
    );
}

#[test]
fn the_menu_of_a_message_takes_its_first_picture() {
    let w = World::new(well, found());
    let attachments = json!([
        { "url": "https://example.com/a.txt", "content_type": "text/plain", "size": 3 },
        { "url": w.photo(), "content_type": "image/webp", "size": 3 },
    ]);
    let mut command = w.slash("");
    command["data"] = json!({
        "type": 3, "name": "React", "target_id": "5",
        "resolved": { "messages": { "5": { "attachments": attachments } } },
    });
    assert_eq!(w.interact(&command).1["type"], 5);
    assert!(w.asked(2)[1].text().contains("the reaction"));
    command["data"]["resolved"]["messages"]["5"]["attachments"] = json!([]);
    let (_, answer) = w.interact(&command);
    assert_eq!(answer["data"]["content"], "There is no picture.");
}

#[test]
fn a_ping_is_answered_and_nothing_that_discord_has_not_signed() {
    let w = World::new(well, found());
    assert_eq!(
        w.interact(&json!({ "type": 1 })),
        (200, json!({ "type": 1 }))
    );
    let body = w.slash(&w.photo()).to_string().into_bytes();
    let timestamp = now().to_string();
    let right = sign(&timestamp, &body);
    let later = (now() + 1).to_string();
    let old = (now() - 16 * 60).to_string();
    let other = Ed25519KeyPair::from_seed_unchecked(&[8; 32]).unwrap();
    let signed = [timestamp.as_bytes(), &body[..]].concat();
    let flipped = right.replacen(&right[..1], if &right[..1] == "0" { "1" } else { "0" }, 1);
    let cut = right[..126].to_owned();
    let forged = [
        (flipped, &timestamp),
        (hex(other.sign(&signed).as_ref()), &timestamp),
        (right.clone(), &later),
        (sign(&old, &body), &old),
        (sign("", &body), &String::new()),
        (sign("x", &body), &"x".to_owned()),
        (String::new(), &timestamp),
        (cut, &timestamp),
        ("zz".repeat(64), &timestamp),
        ("+1".repeat(64), &timestamp),
    ];
    for (signature, timestamp) in forged {
        let (status, _) = w.post(&signature, timestamp, &body);
        assert_eq!(status, 401, "{signature} {timestamp}");
    }
    let mut changed = body.clone();
    changed[10] ^= 1;
    assert_eq!(w.post(&right, &timestamp, &changed).0, 401);
    assert!(w.discord.lock().unwrap().is_empty(), "nothing was fetched");
    assert_eq!(w.post(&right, &timestamp, &body).0, 200);
}

#[test]
fn pictures_elsewhere_than_on_discords_servers_are_not_fetched() {
    let (inside, asked) = by_path(vec![("/", b"secret".to_vec())]);
    let w = World::new(well, found());
    let cdn = w.cdn.trim_start_matches("http://");
    let elsewhere = [
        inside.clone(),
        format!("https://{cdn}/a"),
        format!("http://{cdn}.evil.example/a"),
        format!("http://{cdn}@{}/a", inside.trim_start_matches("http://")),
        format!("http://x@{cdn}/a"),
        format!("//{cdn}/a"),
        "file:///etc/passwd".into(),
        "http://169.254.169.254/latest".into(),
        String::new(),
    ];
    for url in elsewhere {
        let (status, answer) = w.interact(&w.slash(&url));
        assert_eq!(status, 200, "{url}");
        assert_eq!(answer["type"], 4, "{url}");
        // Only the person who asked sees it.
        assert_eq!(answer["data"]["flags"], 64);
    }
    assert!(asked.lock().unwrap().is_empty() && w.discord.lock().unwrap().is_empty());
}

#[test]
fn a_redirection_of_an_attachment_is_not_followed() {
    let (inside, asked) = by_path(vec![("/", b"secret".to_vec())]);
    let discord = move |request: &Asked| {
        let mut answer = well(request);
        if request.path.starts_with("/attachments/") {
            answer = status("302 Found", "");
            answer.headers = format!("Location: {inside}/\r\n");
        }
        answer
    };
    let w = World::new(discord, found());
    w.interact(&w.slash(&w.photo()));
    assert!(w.asked(2)[1].text().contains("did not work"));
    assert!(asked.lock().unwrap().is_empty());
}

#[test]
fn huge_pictures_and_no_pictures_are_refused() {
    let w = World::new(well, found());
    let of = |media: &str, size: u64| {
        let url = w.photo();
        w.slash_of(json!({ "url": url, "content_type": media, "size": size }))
    };
    let told = |command: &Value| w.interact(command).1["data"]["content"].clone();
    assert_eq!(
        told(&of("image/png", (10 << 20) + 1)),
        "This picture is larger than 10 MB."
    );
    assert_eq!(
        told(&of("image/png", u64::MAX)),
        "This picture is larger than 10 MB."
    );
    assert_eq!(told(&of("application/pdf", 5)), "That is no picture.");
    let mut command = of("image/png", 5);
    command["data"]["options"][0]["value"] = json!("100");
    assert_eq!(told(&command), "There is no picture.");
    assert!(w.discord.lock().unwrap().is_empty(), "nothing was fetched");
}

#[test]
fn an_attachment_that_is_larger_than_it_claims_is_not_read_to_its_end() {
    for claimed in [None, Some(1 << 40)] {
        let discord = move |request: &Asked| {
            let mut answer = well(request);
            if request.path.starts_with("/attachments/") {
                answer = ok(vec![0; (10 << 20) + 1]);
                answer.claimed = claimed;
            }
            answer
        };
        let w = World::new(discord, found());
        w.interact(&w.slash(&w.photo()));
        let told = w.asked(2).pop().unwrap();
        assert!(told.text().contains("did not work"), "{claimed:?}");
        assert!(w.moue.lock().unwrap().is_empty());
    }
}

#[test]
fn rate_limits_are_waited_for() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let discord = move |request: &Asked| {
        if request.method != "PATCH" {
            return well(request);
        }
        match counted.fetch_add(1, Ordering::Relaxed) {
            0 => {
                let mut answer = status("429 Too Many Requests", r#"{"retry_after": 60.5}"#);
                answer.headers = "Retry-After: 0.3\r\n".into();
                answer
            }
            1 => status(
                "429 Too Many Requests",
                r#"{"retry_after": 0.25, "global": true}"#,
            ),
            2 => status("502 Bad Gateway", "<html>"),
            _ => ok("{}"),
        }
    };
    let w = World::new(discord, found());
    let start = Instant::now();
    w.interact(&w.slash(&w.photo()));
    let asked = w.asked(5);
    assert!(asked[4].text().contains("the reaction"));
    assert!(
        start.elapsed() >= Duration::from_millis(550),
        "it has waited as asked"
    );
}

#[test]
fn a_limit_beyond_a_minute_ends_it() {
    let discord = |request: &Asked| {
        if request.method != "PATCH" {
            return well(request);
        }
        let mut answer = status("429 Too Many Requests", "{}");
        answer.headers = "Retry-After: 3600\r\n".into();
        answer
    };
    let w = World::new(discord, found());
    w.interact(&w.slash(&w.photo()));
    w.asked(2);
    std::thread::sleep(Duration::from_millis(800));
    assert_eq!(w.discord.lock().unwrap().len(), 2, "it is not asked again");
}

#[test]
fn an_answer_that_comes_before_discord_knows_of_it_is_repeated() {
    let count = Arc::new(AtomicUsize::new(0));
    let discord = move |request: &Asked| match request.method.as_str() {
        "PATCH" if count.fetch_add(1, Ordering::Relaxed) == 0 => status(
            "404 Not Found",
            r#"{"message": "Unknown Webhook", "code": 10015}"#,
        ),
        _ => well(request),
    };
    let w = World::new(discord, found());
    w.interact(&w.slash(&w.photo()));
    assert!(w.asked(3)[2].text().contains("the reaction"));
}

#[test]
fn people_are_told_when_there_is_no_face_and_when_moue_is_down() {
    let w = World::new(well, vec![("/v1/find", b"{\"faces\":[]}".to_vec())]);
    w.interact(&w.slash(&w.photo()));
    assert!(w.asked(2)[1].text().contains("no face"));
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let w = World::with_moue(well, &address, Requests::default());
    w.interact(&w.slash(&w.photo()));
    assert!(w.asked(2)[1].text().contains("did not work"));
}

#[test]
fn more_pictures_than_are_worked_on_are_told_to_come_again() {
    let (held, release) = std::sync::mpsc::channel::<()>();
    let release = std::sync::Mutex::new(release);
    let discord = move |request: &Asked| {
        if request.path.starts_with("/attachments/") {
            // Nobody sends, so this ends when the test drops the sender.
            let _ = release.lock().unwrap().recv();
        }
        well(request)
    };
    let w = World::new(discord, found());
    let types: Vec<u64> = (0..9)
        .map(|_| w.interact(&w.slash(&w.photo())).1["type"].as_u64().unwrap())
        .collect();
    assert_eq!(types, [5, 5, 5, 5, 5, 5, 5, 5, 4]);
    drop(held);
    w.asked(16);
    // A place is free again once an answer has gone out.
    let start = Instant::now();
    while w.interact(&w.slash(&w.photo())).1["type"] != 5 {
        assert!(start.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn other_interactions_and_broken_ones_harm_nothing() {
    let w = World::new(well, found());
    for interaction in [
        json!({ "type": 3 }),
        json!({ "type": 2, "data": { "type": 1, "name": "other" } }),
        json!({ "type": 2 }),
        json!([]),
        json!({ "type": 2, "data": { "type": 3, "name": "React", "target_id": 5 } }),
    ] {
        let (status, answer) = w.interact(&interaction);
        assert_eq!((status, &answer["type"]), (200, &json!(4)), "{interaction}");
    }
    // What goes into an address is plain.
    for (name, value) in [
        ("token", "../../x"),
        ("application_id", "1/2"),
        ("token", ""),
    ] {
        let mut command = w.slash(&w.photo());
        command[name] = json!(value);
        assert_eq!(w.interact(&command).1["type"], 4, "{name} {value}");
    }
    assert!(w.discord.lock().unwrap().is_empty());
    // All of it is read, so that the answer is not lost with the connection.
    let body = vec![b' '; (1 << 20) + 1];
    let timestamp = now().to_string();
    assert_eq!(w.post(&sign(&timestamp, &body), &timestamp, &body).0, 413);
    let get = ureq::get(format!("http://{}/interactions", w.bot)).call();
    assert!(matches!(get, Err(ureq::Error::StatusCode(405))), "{get:?}");
    assert_eq!(w.interact(&json!({ "type": 1 })).0, 200, "it still runs");
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for() {
    let w = World::new(well, found());
    let mut stream = TcpStream::connect(w.bot).unwrap();
    stream
        .write_all(b"POST /interactions HTTP/1.1\r\nHost: bot\r\nContent-Length: 100\r\n\r\n{")
        .unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
}

#[test]
fn the_commands_are_registered_with_the_token() {
    let (discord, asked) = by_path(vec![("/applications/", br#"{"id": "4711"}"#.to_vec())]);
    Api::new(&discord, &[]).register("BOT.TOKEN").unwrap();
    let asked = asked.lock().unwrap();
    assert!(
        asked
            .iter()
            .all(|a| a.headers.contains("authorization: bot bot.token"))
    );
    assert_eq!(
        (asked[1].method.as_str(), asked[1].path.as_str()),
        ("PUT", "/applications/4711/commands")
    );
    let commands: Value = serde_json::from_slice(&asked[1].body).unwrap();
    assert_eq!(commands[0]["options"][0]["type"], 11);
    assert_eq!(commands[1]["type"], 3);
}

#[test]
fn a_refused_token_and_an_api_that_is_down_are_told_without_the_token() {
    let (discord, asked) = stand_in(|_| {
        status(
            "401 Unauthorized",
            r#"{"message": "401: Unauthorized", "code": 0}"#,
        )
    });
    let error = Api::new(&discord, &[]).register("BOT.TOKEN").unwrap_err();
    assert!(error.to_string().contains("Unauthorized"), "{error:#}");
    assert_eq!(asked.lock().unwrap().len(), 1, "it is not asked again");
    let error = Api::new("http://127.0.0.1:1", &[]).register("BOT.TOKEN");
    let error = format!("{:#}", error.unwrap_err());
    assert!(
        error.contains("cannot be reached") && !error.contains("BOT.TOKEN"),
        "{error}"
    );
}

/// Starts the program with the public key and these further variables.
fn start(moue: &str, variables: &[(&str, &str)]) -> std::process::Child {
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_discord"));
    program.args([moue, "127.0.0.1:0"]);
    for name in ["DISCORD_TOKEN", "DISCORD_API", "MOUE_KEY"] {
        program.env_remove(name);
    }
    program.env("DISCORD_PUBLIC_KEY", hex(keys().public_key().as_ref()));
    program.envs(variables.iter().copied());
    program
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn the_program_has_its_token_from_the_environment_and_answers() {
    let (moue, _) = by_path(found());
    let without = start(&moue, &[]).wait_with_output().unwrap();
    assert!(!without.status.success());
    assert!(String::from_utf8_lossy(&without.stderr).contains("DISCORD_TOKEN is not set"));
    let (discord, asked) = stand_in(well);
    let token = [("DISCORD_TOKEN", "BOT.TOKEN"), ("DISCORD_API", &*discord)];
    let mut child = start(&moue, &token);
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    let address = line.trim().trim_start_matches("listening on http://");
    let bot = address.trim_end_matches("/interactions").parse().unwrap();
    assert_eq!(
        asked.lock().unwrap().len(),
        2,
        "the commands are registered"
    );
    let body = br#"{"type": 1}"#;
    let timestamp = now().to_string();
    let answer = post(bot, &sign(&timestamp, body), &timestamp, body);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(answer, (200, json!({ "type": 1 })));
}
