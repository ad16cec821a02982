//! The window on Linux, a client of X11. Desktops with Wayland show such windows too, by Xwayland.
//!
//! It needs no library of the system, and the protocol is compiled in for the clipboard anyway; a
//! toolkit for both X11 and Wayland is 40 crates more (feature `pick`).

use super::focus;
use super::message::{Closing, Message, Pressed, closes};
use anyhow::{Result, anyhow, bail, ensure};
use moue::detect::Letterbox;
use moue_graph::Image;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use x11rb::connection::{Connection, RequestConnection};
use x11rb::errors::ConnectError;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConfigureWindowAux, ConnectionExt, CreateGCAux, CreateWindowAux,
    EventMask, Gcontext, ImageFormat, ImageOrder, KeyButMask, KeyPressEvent, PropMode, Screen,
    WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// The resolution for which pictures have their own size; desktops set a multiple of it for screens
/// with small pixels.
const USUAL_DPI: f32 = 96.0;

/// Bytes of a request that are no pixels: the fields of `PutImage` and its longer length.
const REQUEST_HEADER: usize = 28;

/// The number of Esc among the symbols of keys; those of letters are their codes in Latin-1.
const ESCAPE: u32 = 0xff1b;

x11rb::atom_manager! {
    Atoms: AtomsCookie {
        WM_PROTOCOLS,
        WM_DELETE_WINDOW,
        _NET_WM_NAME,
        UTF8_STRING,
        // Our own: there are messages of other threads.
        MOUE_WAKE,
    }
}

/// How other threads reach the window.
#[derive(Clone)]
pub(super) struct Proxy {
    messages: Sender<Message>,
    connection: Arc<RustConnection>,
    window: u32,
    wake: u32,
}

impl Proxy {
    /// Sends a message and wakes the window; `false` if it has ended.
    pub(super) fn send(&self, message: Message) -> bool {
        let event = ClientMessageEvent::new(32, self.window, self.wake, [0; 5]);
        let wake = || -> Result<()> {
            self.connection
                .send_event(false, self.window, EventMask::NO_EVENT, event)?;
            Ok(self.connection.flush()?)
        };
        self.messages.send(message).is_ok() && wake().is_ok()
    }
}

/// A window that is on the screen from the first picture on, which gives its size.
pub(super) struct Window {
    connection: Arc<RustConnection>,
    screen: Screen,
    id: u32,
    context: Gcontext,
    atoms: Atoms,
    keys: Keys,
    messages: Receiver<Message>,
    proxy: Proxy,
    picture: Option<Image>,
    size: [u16; 2],
    is_mapped: bool,
    is_focused: bool,
    /// Whether what is on the screen is out of date.
    is_stale: bool,
}

impl Window {
    /// Connects to the desktop.
    pub(super) fn open() -> Result<Self> {
        let (connection, screen) = RustConnection::connect(None).map_err(unreachable)?;
        let screen = connection.setup().roots[screen].clone();
        ensure_true_color(&connection, &screen)?;
        let id = connection.generate_id()?;
        let context = connection.generate_id()?;
        let atoms = Atoms::new(&connection)?.reply()?;
        create(&connection, &screen, id, &atoms)?;
        connection.create_gc(context, id, &CreateGCAux::new())?;
        let keys = Keys::of(&connection)?;
        let connection = Arc::new(connection);
        let (sender, messages) = channel();
        let proxy = Proxy {
            messages: sender,
            connection: connection.clone(),
            window: id,
            wake: atoms.MOUE_WAKE,
        };
        Ok(Self {
            connection,
            screen,
            id,
            context,
            atoms,
            keys,
            messages,
            proxy,
            picture: None,
            size: [1, 1],
            is_mapped: false,
            is_focused: false,
            is_stale: false,
        })
    }

    pub(super) fn proxy(&self) -> Proxy {
        self.proxy.clone()
    }

    /// Shows what is sent until the window is closed.
    pub(super) fn run(mut self, closing: Closing) -> Result<()> {
        loop {
            let mut event = Some(self.connection.wait_for_event()?);
            // All that has come is heeded before the picture is drawn, once.
            while let Some(next) = event {
                if !self.heed(&next, closing)? {
                    return Ok(());
                }
                event = self.connection.poll_for_event()?;
            }
            if self.is_stale {
                self.take_focus();
                self.draw()?;
                self.is_stale = false;
            }
        }
    }

    /// Does what an event asks for; `false` if that ends the window.
    fn heed(&mut self, event: &Event, closing: Closing) -> Result<bool> {
        match event {
            Event::ClientMessage(event) if event.type_ == self.atoms.MOUE_WAKE => {
                return self.receive();
            }
            Event::ClientMessage(event) => {
                return Ok(event.data.as_data32()[0] != self.atoms.WM_DELETE_WINDOW);
            }
            Event::KeyPress(event) => return Ok(!closes(self.keys.pressed(event), closing)),
            Event::MappingNotify(_) => self.keys = Keys::of(&self.connection)?,
            Event::ConfigureNotify(event) => {
                self.size = [event.width, event.height];
                self.is_stale = true;
            }
            Event::Expose(_) => self.is_stale = true,
            Event::Error(error) => bail!("the desktop refused a request: {:?}", error.error_kind),
            _ => {}
        }
        Ok(true)
    }

    /// Takes what other threads have sent; `false` if they are done.
    fn receive(&mut self) -> Result<bool> {
        while let Ok(message) = self.messages.try_recv() {
            match message {
                Message::Show(picture) => {
                    if !self.is_mapped {
                        self.map(&picture)?;
                    }
                    self.picture = Some(picture);
                    self.is_stale = true;
                }
                Message::Title(title) => set_title(&self.connection, self.id, &self.atoms, &title)?,
                Message::Close => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Brings the window onto the screen, in the size of the picture or as large as the screen.
    fn map(&mut self, picture: &Image) -> Result<()> {
        let screen = [self.screen.width_in_pixels, self.screen.height_in_pixels];
        let sides = [picture.width() as f32, picture.height() as f32];
        let fitting = (0..2).map(|axis| f32::from(screen[axis]) / sides[axis].max(1.0));
        let scale = fitting.fold(scale(&self.connection), f32::min);
        self.size = sides.map(|side| ((side * scale) as u16).max(1));
        let [width, height] = self.size.map(u32::from);
        let size = ConfigureWindowAux::new().width(width).height(height);
        self.connection.configure_window(self.id, &size)?;
        self.connection.map_window(self.id)?;
        self.connection.flush()?;
        self.is_mapped = true;
        Ok(())
    }

    /// Takes the keyboard once the window is on the screen. A window manager does it otherwise, but
    /// there may be none.
    fn take_focus(&mut self) {
        if self.is_mapped && !self.is_focused {
            // If it fails, a click into the window does it.
            let focused = focus::focus(&*self.connection, self.screen.root, self.id);
            self.is_focused = focused.unwrap_or(true);
        }
    }

    /// Draws the picture in the middle of the window, as large as fits.
    fn draw(&self) -> Result<()> {
        let Some(picture) = &self.picture else {
            return Ok(());
        };
        let [width, height] = self.size.map(usize::from);
        let fitted = Letterbox::fit_into(picture, width, height);
        let is_little = self.connection.setup().image_byte_order == ImageOrder::LSB_FIRST;
        let pixels = fitted.pixels().as_chunks::<3>().0;
        let pixels: Vec<[u8; 4]> = pixels
            .iter()
            .map(|[r, g, b]| {
                if is_little {
                    [*b, *g, *r, 0]
                } else {
                    [0, *r, *g, *b]
                }
            })
            .collect();
        // A request has a longest length, so the picture is sent in bands.
        let longest = self.connection.maximum_request_bytes() - REQUEST_HEADER;
        let rows = (longest / (4 * width)).max(1);
        for (band, pixels) in pixels.chunks(rows * width).enumerate() {
            self.put(band * rows, pixels.as_flattened())?;
        }
        Ok(self.connection.flush()?)
    }

    /// Sends rows of pixels from row `top` on.
    fn put(&self, top: usize, pixels: &[u8]) -> Result<()> {
        let [width, _] = self.size;
        let height = pixels.len() / 4 / usize::from(width);
        self.connection.put_image(
            ImageFormat::Z_PIXMAP,
            self.id,
            self.context,
            width,
            u16::try_from(height)?,
            0,
            i16::try_from(top)?,
            0,
            self.screen.root_depth,
            pixels,
        )?;
        Ok(())
    }
}

/// The error for a desktop that cannot be reached.
fn unreachable(error: ConnectError) -> anyhow::Error {
    // Xwayland is left out of some desktops.
    let hint = if std::env::var_os("DISPLAY").is_none() {
        " (a desktop of Wayland without Xwayland needs a moue with the feature pick)"
    } else {
        ""
    };
    anyhow!(
        "no window can be opened, the desktop cannot be reached: {error}{hint}; --terminal and --json \
         work without one"
    )
}

/// Every screen of the last 25 years has 8 bits for each of three colors, in four bytes.
fn ensure_true_color(connection: &RustConnection, screen: &Screen) -> Result<()> {
    let mut formats = connection.setup().pixmap_formats.iter();
    let format = formats.find(|format| format.depth == screen.root_depth);
    let mut visuals = screen
        .allowed_depths
        .iter()
        .flat_map(|depth| &depth.visuals);
    let visual = visuals.find(|visual| visual.visual_id == screen.root_visual);
    ensure!(
        format.is_some_and(|format| format.bits_per_pixel == 32)
            && visual.is_some_and(|visual| visual.red_mask == 0xff_0000),
        "the screen has no colors of 24 bits; use --terminal"
    );
    Ok(())
}

fn create(connection: &RustConnection, screen: &Screen, id: u32, atoms: &Atoms) -> Result<()> {
    let attributes = CreateWindowAux::new()
        .background_pixel(screen.black_pixel)
        .event_mask(EventMask::EXPOSURE | EventMask::STRUCTURE_NOTIFY | EventMask::KEY_PRESS);
    connection.create_window(
        screen.root_depth,
        id,
        screen.root,
        0,
        0,
        1,
        1,
        0,
        WindowClass::INPUT_OUTPUT,
        screen.root_visual,
        &attributes,
    )?;
    set_title(connection, id, atoms, "moue")?;
    // The name of the program and of its kind, by which desktops group windows.
    let class = (AtomEnum::WM_CLASS, AtomEnum::STRING);
    connection.change_property8(PropMode::REPLACE, id, class.0, class.1, b"moue\0moue\0")?;
    // Without it closing the window would end the connection, and the program with an error.
    let deletion = [atoms.WM_DELETE_WINDOW];
    connection.change_property32(
        PropMode::REPLACE,
        id,
        atoms.WM_PROTOCOLS,
        AtomEnum::ATOM,
        &deletion,
    )?;
    Ok(())
}

fn set_title(connection: &RustConnection, id: u32, atoms: &Atoms, title: &str) -> Result<()> {
    // Old window managers know the first property only.
    for (name, kind) in [
        (u32::from(AtomEnum::WM_NAME), u32::from(AtomEnum::STRING)),
        (atoms._NET_WM_NAME, atoms.UTF8_STRING),
    ] {
        connection.change_property8(PropMode::REPLACE, id, name, kind, title.as_bytes())?;
    }
    Ok(connection.flush()?)
}

/// Pixels of the screen for one of a picture, as the desktop is set.
fn scale(connection: &RustConnection) -> f32 {
    let settings = x11rb::resource_manager::new_from_default(connection).ok();
    let dpi = settings.and_then(|s| s.get_value::<f32>("Xft.dpi", "").ok().flatten());
    dpi.map_or(1.0, |dpi| (dpi / USUAL_DPI).clamp(0.5, 8.0))
}

/// The symbols on the keys.
struct Keys {
    first: u8,
    /// Symbols of a key: without and with Shift, then the same for other layouts.
    columns: usize,
    symbols: Vec<u32>,
}

impl Keys {
    fn of(connection: &RustConnection) -> Result<Self> {
        let setup = connection.setup();
        let first = setup.min_keycode;
        let count = setup.max_keycode - first + 1;
        let reply = connection.get_keyboard_mapping(first, count)?.reply()?;
        ensure!(reply.keysyms_per_keycode > 0, "the keyboard has no keys");
        Ok(Self {
            first,
            columns: reply.keysyms_per_keycode.into(),
            symbols: reply.keysyms,
        })
    }

    fn pressed(&self, event: &KeyPressEvent) -> Pressed {
        let key = usize::from(event.detail.saturating_sub(self.first)) * self.columns;
        let state = u16::from(event.state);
        let is_shifted = event.state.intersects(KeyButMask::SHIFT | KeyButMask::LOCK);
        // Bits 13 and 14 are the layout (X Keyboard Extension, section 2.2.2).
        let layout = usize::from(state >> 13 & 3);
        let columns = [
            2 * layout + usize::from(is_shifted),
            usize::from(is_shifted),
        ];
        let found = columns.iter().filter(|column| **column < self.columns);
        let mut found = found.filter_map(|column| self.symbols.get(key + column));
        match found.find(|symbol| **symbol != 0) {
            Some(&ESCAPE) => Pressed::Escape,
            Some(symbol) => char::from_u32(*symbol).map_or(Pressed::Other, Pressed::Letter),
            None => Pressed::Other,
        }
    }
}
