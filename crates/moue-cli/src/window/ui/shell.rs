//! The event loop of a window.

use super::fonts;
use super::palette::Palette;
use super::surface::{Drawn, Surface};
use crate::panics;
use anyhow::{Result, anyhow};
use egui::{
    Context, FontDefinitions, FullOutput, RawInput, Theme, ThemePreference, Ui, ViewportId,
    ViewportInfo,
};
use egui_winit::State;
use egui_winit::accesskit_winit::{Event as AccessEvent, WindowEvent as AccessRequest};
use std::rc::Rc;
use std::time::{Duration, Instant};
use winit::application::ApplicationHandler;
use winit::dpi::LogicalSize;
use winit::event::{StartCause, WindowEvent};
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop, EventLoopProxy};
use winit::window::{Window, WindowAttributes, WindowId, WindowLevel};

/// Pixels along the side of the picture that all letters are drawn into first.
const TEXTURE_SIDE: usize = 2048;

/// What a window shows.
pub(crate) trait Content {
    /// Takes what was pressed before the toolkit sees it.
    fn take_keys(&mut self, input: &mut RawInput);

    fn draw(&mut self, ui: &mut Ui);

    /// Called after each frame that was drawn, and when something wakes the window.
    fn phase(&mut self) -> Phase;
}

/// Whether a window goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Shown,
    /// It waits for something that decides whether it is shown again.
    Hidden,
    Over,
}

/// What a window looks like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) title: &'static str,
    /// In points, which are pixels on a screen of the usual density.
    pub(crate) size: [f32; 2],
    pub(crate) smallest: [f32; 2],
    /// `None` follows the system.
    pub(crate) theme: Option<Theme>,
    pub(crate) kind: Kind,
}

/// How a desktop treats a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It is seen at once and stays above others.
    Dialog,
    /// It is a window like others, and is hidden until its content wants to be seen.
    Normal,
}

/// What reaches the event loop from elsewhere.
enum Message {
    Wake,
    /// The system wants these colors.
    #[cfg_attr(
        not(target_os = "linux"),
        allow(dead_code, reason = "elsewhere winit has them")
    )]
    Theme(Theme),
    Access(AccessEvent),
}

impl From<AccessEvent> for Message {
    fn from(event: AccessEvent) -> Self {
        Self::Access(event)
    }
}

/// Makes a window draw a frame, from any thread.
#[derive(Clone)]
pub(crate) struct Waker(EventLoopProxy<Message>);

impl Waker {
    /// Returns `false` once the window is closed.
    pub(crate) fn wake(&self) -> bool {
        self.0.send_event(Message::Wake).is_ok()
    }
}

/// The desktop, on which one window can be shown.
pub(crate) struct Host {
    event_loop: EventLoop<Message>,
    fonts: FontDefinitions,
}

impl Host {
    /// Connects to the desktop. What is missing for that is an error, also where the library for
    /// windows panics.
    pub(crate) fn open() -> Result<Self> {
        let built = panics::caught(|| EventLoop::with_user_event().build());
        let built = built.map_err(|panic| failed("no window can be opened", &panic))?;
        let event_loop = built.map_err(|error| {
            // What the library reports names a line of its own source.
            let reason = error.to_string();
            let reason = reason.rsplit(": ").next().unwrap_or(&reason);
            anyhow!("no window can be opened, the desktop cannot be reached: {reason}")
        })?;
        let fonts = fonts::definitions()?;
        Ok(Self { event_loop, fonts })
    }

    pub(crate) fn waker(&self) -> Waker {
        Waker(self.event_loop.create_proxy())
    }

    /// Shows a window until its content is over or somebody closes it.
    pub(crate) fn run<C: Content>(self, look: Look, content: C) -> Result<C> {
        let context = Context::default();
        context.set_fonts(self.fonts);
        set_style(&context, look.theme);
        let mut shell = Shell {
            look,
            proxy: self.event_loop.create_proxy(),
            context,
            content,
            open: None,
            failure: None,
        };
        let ended = panics::caught(|| self.event_loop.run_app(&mut shell));
        ended.map_err(|panic| failed("the window failed", &panic))??;
        match shell.failure {
            Some(error) => Err(error),
            None => Ok(shell.content),
        }
    }
}

/// The library for windows panics without some others, which are named.
fn failed(what: &str, panic: &str) -> anyhow::Error {
    anyhow!("{what}: {}", super::library::missing(panic))
}

fn set_style(context: &Context, theme: Option<Theme>) {
    let preference = match theme {
        None => ThemePreference::System,
        Some(Theme::Light) => ThemePreference::Light,
        Some(Theme::Dark) => ThemePreference::Dark,
    };
    context.set_theme(preference);
    context.options_mut(|options| options.zoom_with_keyboard = false);
    for theme in [Theme::Light, Theme::Dark] {
        context.set_visuals_of(theme, Palette::visuals(theme));
    }
    // What moves costs a frame for each step.
    context.all_styles_mut(|style| style.animation_time = 0.0);
}

struct Shell<C> {
    look: Look,
    proxy: EventLoopProxy<Message>,
    context: Context,
    content: C,
    open: Option<Open>,
    /// The error that ended the loop, if one did.
    failure: Option<anyhow::Error>,
}

/// An open window.
struct Open {
    window: Rc<Window>,
    state: State,
    surface: Surface,
    /// What the toolkit keeps of the changes that the content asked for.
    info: ViewportInfo,
    is_visible: bool,
    #[cfg_attr(
        not(target_os = "linux"),
        allow(dead_code, reason = "elsewhere the system focuses new windows")
    )]
    has_keyboard: bool,
}

impl<C: Content> Shell<C> {
    fn open(&self, event_loop: &ActiveEventLoop) -> Result<Open> {
        let window = Rc::new(event_loop.create_window(attributes(self.look))?);
        let mut state = State::new(
            self.context.clone(),
            ViewportId::ROOT,
            &*window,
            Some(window.scale_factor() as f32),
            window.theme(),
            Some(TEXTURE_SIDE),
        );
        // Before the window is visible, as screen readers ask at once.
        state.init_accesskit(event_loop, &window, self.proxy.clone());
        let surface = Surface::new(event_loop.owned_display_handle(), window.clone())?;
        let is_visible = self.look.kind == Kind::Dialog;
        if is_visible {
            window.set_visible(true);
            window.focus_window();
        }
        Ok(Open {
            window,
            state,
            surface,
            info: ViewportInfo::default(),
            is_visible,
            has_keyboard: false,
        })
    }

    fn draw(&mut self, event_loop: &ActiveEventLoop) -> Result<()> {
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        open.take_keyboard();
        let mut input = open.state.take_egui_input(&open.window);
        self.content.take_keys(&mut input);
        let output = self.context.run_ui(input, |ui| self.content.draw(ui));
        let wait = open.show(&self.context, output)?;
        match self.content.phase() {
            Phase::Over => event_loop.exit(),
            Phase::Shown => open.set_visible(true),
            Phase::Hidden => open.set_visible(false),
        }
        event_loop.set_control_flow(match Instant::now().checked_add(wait) {
            _ if wait.is_zero() => {
                open.window.request_redraw();
                ControlFlow::Wait
            }
            Some(at) => ControlFlow::WaitUntil(at),
            None => ControlFlow::Wait,
        });
        Ok(())
    }

    /// Asks the desktop for its colors, where the library for windows does not know them.
    fn ask_for_theme(&self) {
        #[cfg(target_os = "linux")]
        if self.look.theme.is_none() {
            let proxy = self.proxy.clone();
            // A desktop may take its time to answer, and the window does not wait for that.
            std::thread::spawn(move || {
                if let Some(theme) = super::theme::of_desktop() {
                    // Once the window is closed nobody needs it.
                    let _ = proxy.send_event(Message::Theme(theme));
                }
            });
        }
    }

    fn redraw(&self) {
        if let Some(open) = &self.open {
            open.window.request_redraw();
        }
    }

    /// Ends the loop with an error, if there is one.
    fn check(&mut self, event_loop: &ActiveEventLoop, result: Result<()>) {
        if let Err(error) = result {
            self.failure = Some(error);
            event_loop.exit();
        }
    }

    /// What a screen reader asks for.
    fn answer_reader(&mut self, request: AccessRequest) {
        match request {
            AccessRequest::InitialTreeRequested => self.context.enable_accesskit(),
            AccessRequest::ActionRequested(action) => {
                if let Some(open) = &mut self.open {
                    open.state.on_accesskit_action_request(action);
                }
            }
            AccessRequest::AccessibilityDeactivated => self.context.disable_accesskit(),
        }
    }
}

impl Open {
    /// Draws what a frame came to; returns how long it may stay.
    fn show(&mut self, context: &Context, output: FullOutput) -> Result<Duration> {
        self.state
            .handle_platform_output(&self.window, output.platform_output);
        let shapes = context.tessellate(output.shapes, output.pixels_per_point);
        self.surface.draw(&Drawn {
            shapes: &shapes,
            textures: &output.textures_delta,
            pixels_per_point: output.pixels_per_point,
            ground: Palette::of(context.theme()).ground,
        })?;
        let root = output.viewport_output.into_values().next();
        let Some(root) = root else {
            return Ok(Duration::MAX);
        };
        // The title and the size, as the content wants them.
        egui_winit::process_viewport_commands(
            context,
            &mut self.info,
            root.commands,
            &self.window,
            &mut Vec::new(),
        );
        Ok(root.repaint_delay)
    }

    fn set_visible(&mut self, is_visible: bool) {
        if self.is_visible != is_visible {
            self.is_visible = is_visible;
            self.window.set_visible(is_visible);
        }
    }

    /// Takes the keyboard once the window is on the screen. A window manager does it otherwise, but
    /// there may be none.
    fn take_keyboard(&mut self) {
        #[cfg(target_os = "linux")]
        if !self.has_keyboard {
            let focused = super::super::focus::focus_toolkit(&self.window);
            self.has_keyboard = focused.unwrap_or(true);
            if !self.has_keyboard {
                // It is not on the screen yet.
                self.window.request_redraw();
            }
        }
    }
}

impl<C: Content> ApplicationHandler<Message> for Shell<C> {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        if self.open.is_none() {
            match self.open(event_loop) {
                Ok(open) => {
                    self.open = Some(open);
                    self.ask_for_theme();
                }
                Err(error) => self.check(event_loop, Err(error)),
            }
        }
    }

    fn new_events(&mut self, _: &ActiveEventLoop, cause: StartCause) {
        if let StartCause::ResumeTimeReached { .. } = cause {
            self.redraw();
        }
    }

    fn user_event(&mut self, event_loop: &ActiveEventLoop, message: Message) {
        match message {
            // A window that is hidden is not drawn, and has to end too.
            Message::Wake if self.content.phase() == Phase::Over => event_loop.exit(),
            Message::Wake => {}
            Message::Theme(theme) => {
                if let Some(open) = &mut self.open {
                    open.state.egui_input_mut().system_theme = Some(theme);
                }
            }
            Message::Access(event) => self.answer_reader(event.window_event),
        }
        if self.open.as_ref().is_some_and(|open| !open.is_visible) {
            // Windows draws no hidden window, and what wakes it decides whether it is shown again.
            let drawn = self.draw(event_loop);
            self.check(event_loop, drawn);
        } else {
            self.redraw();
        }
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        let Some(open) = &mut self.open else {
            return;
        };
        let response = open.state.on_window_event(&open.window, &event);
        match event {
            WindowEvent::CloseRequested => event_loop.exit(),
            WindowEvent::RedrawRequested => {
                let drawn = self.draw(event_loop);
                self.check(event_loop, drawn);
            }
            _ if response.repaint => open.window.request_redraw(),
            _ => {}
        }
    }
}

fn attributes(look: Look) -> WindowAttributes {
    let size = |[width, height]: [f32; 2]| LogicalSize::new(width, height);
    let attributes = Window::default_attributes()
        .with_title(look.title)
        .with_inner_size(size(look.size))
        .with_min_inner_size(size(look.smallest))
        .with_visible(false);
    match look.kind {
        Kind::Dialog => named(
            attributes.with_window_level(WindowLevel::AlwaysOnTop),
            look.kind,
        ),
        Kind::Normal => named(attributes, look.kind),
    }
}

/// What window managers know the window by: a dialog is not tiled.
#[cfg(target_os = "linux")]
fn named(attributes: WindowAttributes, kind: Kind) -> WindowAttributes {
    use winit::platform::wayland::WindowAttributesExtWayland;
    use winit::platform::x11::{WindowAttributesExtX11, WindowType};
    let attributes = WindowAttributesExtX11::with_name(attributes, "moue", "moue")
        .with_x11_window_type(vec![match kind {
            Kind::Dialog => WindowType::Dialog,
            Kind::Normal => WindowType::Normal,
        }]);
    WindowAttributesExtWayland::with_name(attributes, "moue", "moue")
}

#[cfg(not(target_os = "linux"))]
fn named(attributes: WindowAttributes, _: Kind) -> WindowAttributes {
    attributes
}
