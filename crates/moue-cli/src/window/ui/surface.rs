//! A window and the pixels that are drawn on it.

use anyhow::{Result, anyhow};
use egui::{ClippedPrimitive, Color32, TexturesDelta};
use egui_software_backend::{BufferMutRef, ColorFieldOrder, EguiSoftwareRender};
use softbuffer::{Context, SoftBufferError};
use std::num::NonZeroU32;
use std::rc::Rc;
use winit::dpi::PhysicalSize;
use winit::event_loop::OwnedDisplayHandle;
use winit::window::Window;

/// Draws on a window.
pub(super) struct Surface {
    window: Rc<Window>,
    surface: softbuffer::Surface<OwnedDisplayHandle, Rc<Window>>,
    renderer: EguiSoftwareRender,
    pixels: Vec<[u8; 4]>,
}

/// What a frame is drawn from.
pub(super) struct Drawn<'a> {
    pub(super) shapes: &'a [ClippedPrimitive],
    pub(super) textures: &'a TexturesDelta,
    pub(super) pixels_per_point: f32,
    pub(super) ground: Color32,
}

impl Surface {
    pub(super) fn new(display: OwnedDisplayHandle, window: Rc<Window>) -> Result<Self> {
        let context = Context::new(display).map_err(to_anyhow)?;
        Ok(Self {
            surface: softbuffer::Surface::new(&context, window.clone()).map_err(to_anyhow)?,
            window,
            renderer: EguiSoftwareRender::new(ColorFieldOrder::Bgra),
            pixels: Vec::new(),
        })
    }

    /// Draws a frame and shows it.
    pub(super) fn draw(&mut self, drawn: &Drawn<'_>) -> Result<()> {
        let PhysicalSize { width, height } = self.window.inner_size();
        let (Some(columns), Some(rows)) = (NonZeroU32::new(width), NonZeroU32::new(height)) else {
            // Minimized windows have no size.
            return Ok(());
        };
        self.fill(width as usize, height as usize, drawn);
        self.surface.resize(columns, rows).map_err(to_anyhow)?;
        let mut buffer = self.surface.buffer_mut().map_err(to_anyhow)?;
        for (to, pixel) in buffer.iter_mut().zip(&self.pixels) {
            *to = u32::from_le_bytes(*pixel);
        }
        self.window.pre_present_notify();
        buffer.present().map_err(to_anyhow)
    }

    fn fill(&mut self, width: usize, height: usize, drawn: &Drawn<'_>) {
        let [red, green, blue, _] = drawn.ground.to_array();
        self.pixels.clear();
        self.pixels.resize(width * height, [blue, green, red, 255]);
        let mut target = BufferMutRef::new(&mut self.pixels, width, height);
        self.renderer.render(
            &mut target,
            drawn.shapes,
            drawn.textures,
            drawn.pixels_per_point,
        );
    }
}

/// Errors of `softbuffer` hold handles that cannot leave the thread, so only their text is kept.
fn to_anyhow(error: SoftBufferError) -> anyhow::Error {
    anyhow!("{error}")
}
