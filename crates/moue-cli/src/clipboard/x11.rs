//! Several forms of one thing in the clipboard of X11: a picture and its file.
//!
//! The library for clipboards holds one form at a time, but a chat takes the picture and a file
//! manager the file, and it is not known who will ask.

use anyhow::{Context, Result, ensure};
use std::cell::OnceCell;
use std::rc::Rc;
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ChangeWindowAttributesAux, ConnectionExt, CreateWindowAux, EventMask, PropMode,
    Property, SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, SelectionRequestEvent, Window,
    WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// Bytes that are sent at once: what every server takes in one request.
const PART: usize = 128 << 10;

/// What makes the bytes of a form, when somebody asks for it.
type Make = Box<dyn Fn() -> Option<Vec<u8>>>;

/// One form of what is copied.
pub(super) struct Form {
    /// Its media type.
    name: &'static str,
    make: Make,
    made: OnceCell<Option<Rc<Vec<u8>>>>,
}

impl Form {
    pub(super) fn new(name: &'static str, make: impl Fn() -> Option<Vec<u8>> + 'static) -> Self {
        Self {
            name,
            make: Box::new(make),
            made: OnceCell::new(),
        }
    }

    fn bytes(&self) -> Option<Rc<Vec<u8>>> {
        self.made.get_or_init(|| (self.make)().map(Rc::new)).clone()
    }
}

/// Owns the clipboard until another program does.
pub(super) fn hold(forms: Vec<Form>) -> Result<()> {
    let mut owner = Owner::new(forms)?;
    loop {
        match owner.connection.wait_for_event()? {
            Event::SelectionClear(event) if event.selection == owner.atoms.clipboard => {
                return Ok(());
            }
            Event::SelectionRequest(request) => owner.answer(&request)?,
            Event::PropertyNotify(event) if event.state == Property::DELETE => {
                owner.advance(event.window, event.atom)?;
            }
            _ => {}
        }
    }
}

struct Atoms {
    clipboard: Atom,
    targets: Atom,
    incr: Atom,
}

/// The window that owns the clipboard.
struct Owner {
    connection: RustConnection,
    atoms: Atoms,
    forms: Vec<(Atom, Form)>,
    transfers: Vec<Transfer>,
}

/// Bytes that another program takes in parts.
struct Transfer {
    window: Window,
    property: Atom,
    form: Atom,
    bytes: Rc<Vec<u8>>,
    sent: usize,
}

impl Owner {
    fn new(forms: Vec<Form>) -> Result<Self> {
        let (connection, screen) = x11rb::connect(None)?;
        let atom = |name: &str| -> Result<Atom> {
            Ok(connection
                .intern_atom(false, name.as_bytes())?
                .reply()?
                .atom)
        };
        let atoms = Atoms {
            clipboard: atom("CLIPBOARD")?,
            targets: atom("TARGETS")?,
            incr: atom("INCR")?,
        };
        let named = forms.into_iter().map(|form| Ok((atom(form.name)?, form)));
        let forms = named.collect::<Result<_>>()?;
        own(&connection, screen, atoms.clipboard)?;
        Ok(Self {
            connection,
            atoms,
            forms,
            transfers: Vec::new(),
        })
    }

    /// Gives a program the form that it asks for, or tells it that there is none.
    fn answer(&mut self, request: &SelectionRequestEvent) -> Result<()> {
        // Programs of before 1990 name no property.
        let property = match request.property {
            x11rb::NONE => request.target,
            property => property,
        };
        let is_given = self.give(request.requestor, property, request.target)?;
        let notice = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: request.time,
            requestor: request.requestor,
            selection: request.selection,
            target: request.target,
            property: if is_given { property } else { x11rb::NONE },
        };
        self.connection
            .send_event(false, request.requestor, EventMask::NO_EVENT, notice)?;
        Ok(self.connection.flush()?)
    }

    /// Writes a form into a property of the other program's window; returns whether there is one.
    fn give(&mut self, window: Window, property: Atom, target: Atom) -> Result<bool> {
        if target == self.atoms.targets {
            let forms = self.forms.iter().map(|(atom, _)| *atom);
            let all: Vec<Atom> = [self.atoms.targets].into_iter().chain(forms).collect();
            self.connection.change_property32(
                PropMode::REPLACE,
                window,
                property,
                AtomEnum::ATOM,
                &all,
            )?;
            return Ok(true);
        }
        let form = self.forms.iter().find(|(atom, _)| *atom == target);
        let Some(bytes) = form.and_then(|(_, form)| form.bytes()) else {
            return Ok(false);
        };
        if bytes.len() <= PART {
            self.connection.change_property8(
                PropMode::REPLACE,
                window,
                property,
                target,
                &bytes,
            )?;
        } else {
            self.begin(window, property, target, bytes)?;
        }
        Ok(true)
    }

    /// Begins to send what is too long for one request: the other program deletes the property
    /// whenever it has read a part (INCR of the ICCCM).
    fn begin(
        &mut self,
        window: Window,
        property: Atom,
        form: Atom,
        bytes: Rc<Vec<u8>>,
    ) -> Result<()> {
        let deletions = ChangeWindowAttributesAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        self.connection
            .change_window_attributes(window, &deletions)?;
        let length = [u32::try_from(bytes.len()).unwrap_or(u32::MAX)];
        self.connection.change_property32(
            PropMode::REPLACE,
            window,
            property,
            self.atoms.incr,
            &length,
        )?;
        // A program that stopped in the middle of a transfer asks anew.
        self.transfers
            .retain(|t| (t.window, t.property) != (window, property));
        self.transfers.push(Transfer {
            window,
            property,
            form,
            bytes,
            sent: 0,
        });
        Ok(())
    }

    /// Sends the next part; an empty one is the last.
    fn advance(&mut self, window: Window, property: Atom) -> Result<()> {
        let is_it = |t: &Transfer| t.window == window && t.property == property;
        let Some(number) = self.transfers.iter().position(is_it) else {
            return Ok(());
        };
        let Transfer {
            form, bytes, sent, ..
        } = &mut self.transfers[number];
        let end = (*sent + PART).min(bytes.len());
        let part = &bytes[*sent..end];
        self.connection
            .change_property8(PropMode::REPLACE, window, property, *form, part)?;
        let is_last = part.is_empty();
        *sent = end;
        if is_last {
            self.transfers.swap_remove(number);
        }
        Ok(self.connection.flush()?)
    }
}

fn own(connection: &RustConnection, screen: usize, clipboard: Atom) -> Result<()> {
    let screen = connection.setup().roots.get(screen);
    let root = screen.context("the screen is missing")?.root;
    let window = connection.generate_id()?;
    connection.create_window(
        x11rb::COPY_DEPTH_FROM_PARENT,
        window,
        root,
        0,
        0,
        1,
        1,
        0,
        WindowClass::INPUT_ONLY,
        x11rb::COPY_FROM_PARENT,
        &CreateWindowAux::new(),
    )?;
    connection.set_selection_owner(window, clipboard, x11rb::CURRENT_TIME)?;
    let owner = connection.get_selection_owner(clipboard)?.reply()?.owner;
    ensure!(owner == window, "another program took the clipboard");
    Ok(())
}
