//! A hotkey on Wayland, where the keys belong to the desktop. It lends one through the portal `GlobalShortcuts`
//! of XDG, which GNOME (from 48 on), KDE and Hyprland have.

use anyhow::{Context, Result, bail, ensure};
use serde::Serialize;
use std::collections::HashMap;
use zbus::Message;
use zbus::blocking::proxy::SignalIterator;
use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::{DynamicType, ObjectPath, OwnedObjectPath, OwnedValue, Value};

const DESKTOP: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
const SHORTCUTS: &str = "org.freedesktop.portal.GlobalShortcuts";
const REQUEST: &str = "org.freedesktop.portal.Request";
const REGISTRY: &str = "org.freedesktop.host.portal.Registry";

/// By which the desktop knows the program.
const APPLICATION: &str = "io.github.moue";
/// By which the desktop reports the hotkey.
const SHORTCUT: &str = "pick";

/// Options of a call.
type Options<'a> = HashMap<&'a str, Value<'a>>;
/// What a call came to.
type Results = HashMap<String, OwnedValue>;
/// A shortcut and what is known of it.
type Bound = Vec<(String, Results)>;

/// A hotkey that the desktop has lent, until this is dropped.
pub(super) struct Shortcut {
    presses: SignalIterator<'static>,
    session: OwnedObjectPath,
    /// The keys in the desktop's words, if it tells them: the person at it may have chosen others.
    pub(super) keys: Option<String>,
}

impl Shortcut {
    /// Asks the desktop for a hotkey, with the keys that are wished for in the portal's words. The desktop may ask
    /// the person at it.
    pub(super) fn bind(wished: Option<&str>) -> Result<Self> {
        let bus = Connection::session().context("there is no session bus")?;
        // Desktops that ask for a name have this; others know the program without.
        let _ = Proxy::new(&bus, DESKTOP, PATH, REGISTRY)?
            .call::<_, _, ()>("Register", &(APPLICATION, Options::new()));
        let portal = Proxy::new(&bus, DESKTOP, PATH, SHORTCUTS)?;
        // Before there is a hotkey, so that no press is missed.
        let presses = portal.receive_signal("Activated")?;
        let session = create_session(&bus, &portal)?;
        let keys = bind(&bus, &portal, &session, wished)?;
        Ok(Self {
            presses,
            session,
            keys,
        })
    }

    /// Waits until the hotkey is pressed. That the bus has ended is an error.
    pub(super) fn wait(&mut self) -> Result<()> {
        for message in &mut self.presses {
            let body = message.body();
            let (session, shortcut, ..): (ObjectPath<'_>, &str, u64, Options<'_>) =
                body.deserialize()?;
            if session.as_str() == self.session.as_str() && shortcut == SHORTCUT {
                return Ok(());
            }
        }
        bail!("the session bus has ended")
    }
}

fn create_session(bus: &Connection, portal: &Proxy<'_>) -> Result<OwnedObjectPath> {
    let results = request(bus, portal, "CreateSession", |token| {
        let options = [("handle_token", token), ("session_handle_token", "moue")];
        (Options::from(
            options.map(|(name, value)| (name, Value::from(value))),
        ),)
    })?;
    let session = results
        .get("session_handle")
        .context("the desktop opened no session")?;
    let session: &str = session.downcast_ref()?;
    Ok(ObjectPath::try_from(session)?.into())
}

/// Returns the keys in the desktop's words.
fn bind(
    bus: &Connection,
    portal: &Proxy<'_>,
    session: &OwnedObjectPath,
    wished: Option<&str>,
) -> Result<Option<String>> {
    let results = request(bus, portal, "BindShortcuts", |token| {
        let mut shortcut =
            Options::from([("description", Value::from("Pick a picture with your face"))]);
        shortcut.extend(wished.map(|keys| ("preferred_trigger", Value::from(keys))));
        let options = Options::from([("handle_token", Value::from(token))]);
        (session.clone(), vec![(SHORTCUT, shortcut)], "", options)
    })?;
    results.get("shortcuts").map_or(Ok(None), words)
}

/// The keys that were lent, in the desktop's words.
fn words(bound: &OwnedValue) -> Result<Option<String>> {
    let bound: Bound = bound.try_clone()?.try_into()?;
    ensure!(!bound.is_empty(), "the desktop lent no hotkey");
    let words = bound
        .iter()
        .find_map(|(_, known)| known.get("trigger_description"));
    let words = words.and_then(|words| words.downcast_ref::<&str>().ok());
    Ok(words.filter(|words| !words.is_empty()).map(str::to_owned))
}

/// Makes a call whose answer comes as a signal of a request; `body` makes the arguments with the name of that.
fn request<B: Serialize + DynamicType>(
    bus: &Connection,
    portal: &Proxy<'_>,
    method: &'static str,
    body: impl FnOnce(&'static str) -> B,
) -> Result<Results> {
    // One call of each is made, so its name is one for the request.
    let path = request_path(bus, method)?;
    // Before the call, as the answer may come at once.
    let mut answers = Proxy::new(bus, DESKTOP, path, REQUEST)?.receive_signal("Response")?;
    let _handle: OwnedObjectPath = portal
        .call(method, &body(method))
        .context("the desktop has no portal for hotkeys")?;
    results_of(&answers.next().context("the desktop has ended")?)
}

/// Where the answer to the request of this name comes from, as the portal's description has it.
fn request_path(bus: &Connection, token: &str) -> Result<String> {
    let sender = bus.unique_name().context("the bus gave no name")?;
    let sender = sender.trim_start_matches(':').replace('.', "_");
    Ok(format!("{PATH}/request/{sender}/{token}"))
}

fn results_of(answer: &Message) -> Result<Results> {
    let (code, results): (u32, Results) = answer.body().deserialize()?;
    match code {
        0 => Ok(results),
        1 => bail!("the hotkey was refused"),
        _ => bail!("the desktop could not lend the hotkey"),
    }
}
