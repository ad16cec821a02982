//! A window that shows pictures and closes on any key. It must run on the main thread.

use anyhow::{Context as _, Result};
use moue::Frame;
use moue_graph::{Calculator, CalculatorError, Context, Contract, Flow, Image, NodeConfig};
use softbuffer::Surface;
use std::num::NonZeroU32;
use std::rc::Rc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use winit::application::ApplicationHandler;
use winit::dpi::LogicalSize;
use winit::event::{ElementState, WindowEvent};
use winit::event_loop::{ActiveEventLoop, EventLoop, EventLoopProxy, OwnedDisplayHandle};
use winit::window::{Window, WindowId};

/// What other threads say to the window.
enum Message {
    Show(Image),
    Title(String),
    Close,
}

/// How other threads reach the window.
static WINDOW: OnceLock<EventLoopProxy<Message>> = OnceLock::new();
/// Set once the window has been closed.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// Shows a picture in the window; `false` once it has been closed.
pub(crate) fn show(image: Image) -> bool {
    let shown = WINDOW
        .get()
        .is_some_and(|window| window.send_event(Message::Show(image)).is_ok());
    shown && !is_closed()
}

/// Whether the window has been closed.
pub(crate) fn is_closed() -> bool {
    CLOSED.load(Ordering::Relaxed)
}

/// Leaves the last picture in the window until somebody closes it.
pub(crate) fn wait_until_closed() {
    while !is_closed() {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// Whether there is a desktop to open a window on.
pub(crate) fn is_possible() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    cfg!(any(windows, target_os = "macos")) || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Opens the window, runs `work` on another thread, and closes the window when that has ended.
pub(crate) fn with_window<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let event_loop = EventLoop::<Message>::with_user_event().build().context(
        "no window can be opened; is there a desktop? --terminal and --json work without one",
    )?;
    let proxy = event_loop.create_proxy();
    WINDOW
        .set(proxy.clone())
        .ok()
        .context("there is a window already")?;
    let worker = std::thread::spawn(move || {
        let result = work();
        // The loop may have ended before.
        let _ = proxy.send_event(Message::Close);
        result
    });
    let context = softbuffer::Context::new(event_loop.owned_display_handle())
        .map_err(|e| anyhow::anyhow!("{e}"))?;
    let mut app = App {
        context,
        title: "moue".to_owned(),
        window: None,
        picture: None,
        focused: false,
        failure: None,
    };
    let ended = event_loop.run_app(&mut app);
    CLOSED.store(true, Ordering::Relaxed);
    let result = worker
        .join()
        .map_err(|_| anyhow::anyhow!("the work behind the window panicked"))?;
    ended?;
    match app.failure {
        Some(error) => Err(error),
        None => result,
    }
}

type Display = OwnedDisplayHandle;
/// A window and what is drawn on it.
type Opened = (Rc<Window>, Surface<Display, Rc<Window>>);

struct App {
    context: softbuffer::Context<Display>,
    title: String,
    window: Option<Opened>,
    picture: Option<Image>,
    focused: bool,
    failure: Option<anyhow::Error>,
}

impl App {
    fn open(&mut self, event_loop: &ActiveEventLoop, picture: &Image) -> Result<()> {
        let size = LogicalSize::new(picture.width() as f64, picture.height() as f64);
        let attributes = Window::default_attributes()
            .with_title(&self.title)
            .with_inner_size(size);
        let window = Rc::new(event_loop.create_window(attributes)?);
        let surface =
            Surface::new(&self.context, window.clone()).map_err(|e| anyhow::anyhow!("{e}"))?;
        self.window = Some((window, surface));
        Ok(())
    }

    /// Takes the keyboard once the window is on the screen, where no window manager would give it.
    fn take_focus(&mut self) {
        #[cfg(target_os = "linux")]
        if let Some((window, _)) = self.window.as_ref().filter(|_| !self.focused) {
            // On Wayland, or if it fails, a click into the window does it.
            self.focused = focus_x11(window).unwrap_or(true);
        }
    }

    /// The picture in the middle of the window, as large as fits.
    fn draw(&mut self) -> Result<()> {
        let (Some((window, surface)), Some(picture)) = (&mut self.window, &self.picture) else {
            return Ok(());
        };
        let size = window.inner_size();
        let (Some(width), Some(height)) =
            (NonZeroU32::new(size.width), NonZeroU32::new(size.height))
        else {
            return Ok(());
        };
        let wrong = |e: softbuffer::SoftBufferError| anyhow::anyhow!("{e}");
        surface.resize(width, height).map_err(wrong)?;
        let mut buffer = surface.buffer_mut().map_err(wrong)?;
        let fitted =
            moue::detect::Letterbox::fit_into(picture, size.width as usize, size.height as usize);
        for (to, from) in buffer.iter_mut().zip(fitted.pixels().as_chunks::<3>().0) {
            *to = u32::from_be_bytes([0, from[0], from[1], from[2]]);
        }
        buffer.present().map_err(wrong)
    }

    /// Ends the loop with an error, if there is one.
    fn check(&mut self, event_loop: &ActiveEventLoop, result: Result<()>) {
        if let Err(error) = result {
            self.failure = Some(error);
            event_loop.exit();
        }
    }
}

/// Whether the window has the keyboard now, or a window manager takes care of it.
#[cfg(target_os = "linux")]
fn focus_x11(window: &Window) -> Result<bool> {
    use winit::raw_window_handle::{HasWindowHandle, RawWindowHandle};
    use x11rb::connection::Connection;
    use x11rb::protocol::xproto::{AtomEnum, ConnectionExt, InputFocus, MapState};
    let id = match window.window_handle()?.as_raw() {
        RawWindowHandle::Xlib(handle) => u32::try_from(handle.window)?,
        RawWindowHandle::Xcb(handle) => handle.window.get(),
        _ => return Ok(true),
    };
    let (connection, screen) = x11rb::connect(None)?;
    let root = connection.setup().roots[screen].root;
    let managed = connection
        .intern_atom(false, b"_NET_SUPPORTING_WM_CHECK")?
        .reply()?
        .atom;
    let manager = connection
        .get_property(false, root, managed, AtomEnum::WINDOW, 0, 1)?
        .reply()?;
    if manager.value_len > 0 {
        return Ok(true);
    }
    if connection.get_window_attributes(id)?.reply()?.map_state != MapState::VIEWABLE {
        return Ok(false);
    }
    connection
        .set_input_focus(InputFocus::POINTER_ROOT, id, x11rb::CURRENT_TIME)?
        .check()?;
    Ok(true)
}

impl ApplicationHandler<Message> for App {
    fn resumed(&mut self, _: &ActiveEventLoop) {}

    fn user_event(&mut self, event_loop: &ActiveEventLoop, message: Message) {
        match message {
            Message::Close => event_loop.exit(),
            Message::Title(title) => {
                if let Some((window, _)) = &self.window {
                    window.set_title(&title);
                }
                self.title = title;
            }
            Message::Show(picture) => {
                if self.window.is_none() {
                    let opened = self.open(event_loop, &picture);
                    self.check(event_loop, opened);
                }
                self.picture = Some(picture);
                if let Some((window, _)) = &self.window {
                    window.request_redraw();
                }
            }
        }
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        match event {
            WindowEvent::CloseRequested => event_loop.exit(),
            WindowEvent::KeyboardInput {
                event,
                is_synthetic: false,
                ..
            } if event.state == ElementState::Pressed => {
                event_loop.exit();
            }
            WindowEvent::RedrawRequested => {
                self.take_focus();
                let drawn = self.draw();
                self.check(event_loop, drawn);
            }
            _ => {}
        }
    }
}

/// Shows the pictures of its stream; a key press or closing the window ends the run.
#[derive(Default)]
pub(crate) struct ImageWindow;

impl Calculator for ImageWindow {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        let tag = if node.inputs.iter().any(|p| p.tag == "IMAGE") {
            "IMAGE"
        } else {
            ""
        };
        contract.inputs.one::<Image>(tag);
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let window = WINDOW
            .get()
            .ok_or("there is no window here; `moue run` opens one")?;
        if let Some(title) = cx.options().get::<String>("title") {
            window
                .send_event(Message::Title(title))
                .map_err(|e| e.to_string())?;
        }
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let image = cx
            .input::<Image>("IMAGE")
            .or_else(|| cx.input::<Frame<'static>>(""));
        let goes_on = image.is_none_or(|image| show(image.clone()));
        Ok(if goes_on { Flow::Continue } else { Flow::Stop })
    }
}
