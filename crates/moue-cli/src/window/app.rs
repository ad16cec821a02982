//! The window and its events.

use super::message::{Closing, Message, Pressed, closes};
use anyhow::{Result, anyhow};
use moue::detect::Letterbox;
use moue_graph::Image;
use softbuffer::{SoftBufferError, Surface};
use std::num::NonZeroU32;
use std::rc::Rc;
use winit::application::ApplicationHandler;
use winit::dpi::{LogicalSize, PhysicalSize};
use winit::event::{ElementState, KeyEvent, WindowEvent};
use winit::event_loop::{ActiveEventLoop, EventLoop, OwnedDisplayHandle};
use winit::keyboard::{Key, NamedKey};
use winit::window::{Window, WindowId};

type Display = OwnedDisplayHandle;

/// A window and what is drawn on it.
type OpenWindow = (Rc<Window>, Surface<Display, Rc<Window>>);

/// State of the event loop.
pub(super) struct App {
    context: softbuffer::Context<Display>,
    title: String,
    /// Opened with the first picture, which gives its size.
    window: Option<OpenWindow>,
    picture: Option<Image>,
    focused: bool,
    closing: Closing,
    /// The error that ended the loop, if one did.
    pub(super) failure: Option<anyhow::Error>,
}

impl App {
    pub(super) fn new(event_loop: &EventLoop<Message>, closing: Closing) -> Result<Self> {
        let display = event_loop.owned_display_handle();
        let context = softbuffer::Context::new(display).map_err(to_anyhow)?;
        Ok(Self {
            context,
            title: "moue".to_owned(),
            window: None,
            picture: None,
            focused: false,
            closing,
            failure: None,
        })
    }

    fn open(&mut self, event_loop: &ActiveEventLoop, picture: &Image) -> Result<()> {
        let size = LogicalSize::new(picture.width() as f64, picture.height() as f64);
        let attributes = Window::default_attributes()
            .with_title(&self.title)
            .with_inner_size(size);
        let window = Rc::new(event_loop.create_window(attributes)?);
        let surface = Surface::new(&self.context, window.clone()).map_err(to_anyhow)?;
        self.window = Some((window, surface));
        Ok(())
    }

    fn show(&mut self, event_loop: &ActiveEventLoop, picture: Image) {
        if self.window.is_none() {
            let opened = self.open(event_loop, &picture);
            self.check(event_loop, opened);
        }
        self.picture = Some(picture);
        if let Some((window, _)) = &self.window {
            window.request_redraw();
        }
    }

    fn set_title(&mut self, title: String) {
        if let Some((window, _)) = &self.window {
            window.set_title(&title);
        }
        self.title = title;
    }

    /// Takes the keyboard once the window is on the screen. A window manager does it otherwise, but
    /// there may be none.
    fn take_focus(&mut self) {
        #[cfg(target_os = "linux")]
        if let Some((window, _)) = self.window.as_ref().filter(|_| !self.focused) {
            // On Wayland, or if it fails, a click into the window does it.
            self.focused = super::focus::focus_toolkit(window).unwrap_or(true);
        }
    }

    /// Draws the picture in the middle of the window, as large as fits.
    fn draw(&mut self) -> Result<()> {
        let (Some((window, surface)), Some(picture)) = (&mut self.window, &self.picture) else {
            return Ok(());
        };
        let PhysicalSize { width, height } = window.inner_size();
        let (Some(columns), Some(rows)) = (NonZeroU32::new(width), NonZeroU32::new(height)) else {
            // Minimized windows have no size.
            return Ok(());
        };
        surface.resize(columns, rows).map_err(to_anyhow)?;
        let mut buffer = surface.buffer_mut().map_err(to_anyhow)?;
        let fitted = Letterbox::fit_into(picture, width as usize, height as usize);
        let pixels = fitted.pixels().as_chunks::<3>().0;
        for (to, [red, green, blue]) in buffer.iter_mut().zip(pixels) {
            *to = u32::from_be_bytes([0, *red, *green, *blue]);
        }
        buffer.present().map_err(to_anyhow)
    }

    /// Does what a pressed key means.
    fn press(&self, event_loop: &ActiveEventLoop, event: &KeyEvent) {
        let key = match &event.logical_key {
            Key::Named(NamedKey::Escape) => Pressed::Escape,
            Key::Character(text) => text.chars().next().map_or(Pressed::Other, Pressed::Letter),
            _ => Pressed::Other,
        };
        if closes(key, self.closing) {
            event_loop.exit();
        }
    }

    /// Ends the loop with an error, if there is one.
    fn check(&mut self, event_loop: &ActiveEventLoop, result: Result<()>) {
        if let Err(error) = result {
            self.failure = Some(error);
            event_loop.exit();
        }
    }
}

/// Errors of `softbuffer` hold handles that cannot leave the thread, so only their text is kept.
fn to_anyhow(error: SoftBufferError) -> anyhow::Error {
    anyhow!("{error}")
}

impl ApplicationHandler<Message> for App {
    fn resumed(&mut self, _: &ActiveEventLoop) {}

    fn user_event(&mut self, event_loop: &ActiveEventLoop, message: Message) {
        match message {
            Message::Show(picture) => self.show(event_loop, picture),
            Message::Title(title) => self.set_title(title),
            Message::Close => event_loop.exit(),
        }
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        match event {
            WindowEvent::CloseRequested => event_loop.exit(),
            // Synthetic events report keys that were down when the window got the focus, such as
            // the Enter that started the program.
            WindowEvent::KeyboardInput {
                event,
                is_synthetic: false,
                ..
            } if event.state == ElementState::Pressed => self.press(event_loop, &event),
            WindowEvent::RedrawRequested => {
                self.take_focus();
                let drawn = self.draw();
                self.check(event_loop, drawn);
            }
            _ => {}
        }
    }
}
