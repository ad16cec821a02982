//! A graphics card.

use super::shaders;
use crate::error::{Error, Result};
use crate::lower::Shader;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

#[cfg(not(target_family = "wasm"))]
const NO_CARD: &str = "there is none with a driver for Vulkan, Metal or Direct3D 12 \
                       (Debian: mesa-vulkan-drivers, or the vendor's own)";
#[cfg(target_family = "wasm")]
const NO_CARD: &str = "this browser has no WebGPU, or no card that it may use";

/// The first thing that went wrong since somebody asked.
type Failure = Arc<Mutex<Option<String>>>;

/// A graphics card, ready to load networks. Cheap to clone and to share between threads.
///
/// ```no_run
/// let device = moue_nn::gpu::Device::new()?;
/// println!("{} through {}", device.name(), device.backend());
/// # Ok::<(), moue_nn::Error>(())
/// ```
#[derive(Clone)]
pub struct Device(Arc<Inner>);

struct Inner {
    device: wgpu::Device,
    queue: wgpu::Queue,
    info: wgpu::AdapterInfo,
    layout: wgpu::BindGroupLayout,
    /// Shaders are compiled when the first network needs them.
    pipelines: Mutex<HashMap<Shader, wgpu::ComputePipeline>>,
    failure: Failure,
}

impl Device {
    /// The fastest card of the machine. Without one, a program that imitates it counts as a card if the
    /// system has one; [`Device::is_software`] tells.
    ///
    /// # Errors
    /// [`Error::Device`] if there is none or it cannot be opened.
    #[cfg(not(target_family = "wasm"))]
    pub fn new() -> Result<Self> {
        pollster::block_on(Self::open())
    }

    /// As [`Device::new`], for browsers, where nothing may block.
    ///
    /// # Errors
    /// As for [`Device::new`].
    pub async fn open() -> Result<Self> {
        let descriptor = wgpu::InstanceDescriptor::new_without_display_handle().with_env();
        let instance = wgpu::Instance::new(descriptor);
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        };
        // The reason is a list of everything that was not looked for.
        let none = |_| Error::Device(NO_CARD.into());
        let adapter = instance.request_adapter(&options).await.map_err(none)?;
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("moue-nn"),
            // Batches may need more memory in one buffer than every card has.
            required_limits: adapter.limits(),
            ..Default::default()
        };
        let opened = adapter.request_device(&descriptor).await.map_err(failed)?;
        Ok(Self::of(adapter.get_info(), opened))
    }

    fn of(info: wgpu::AdapterInfo, (device, queue): (wgpu::Device, wgpu::Queue)) -> Self {
        let failure = Failure::default();
        let first = Arc::clone(&failure);
        // Otherwise the first error would be a panic.
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert(error.to_string());
        }));
        Self(Arc::new(Inner {
            layout: shaders::layout(&device),
            device,
            queue,
            info,
            pipelines: Mutex::default(),
            failure,
        }))
    }

    /// The name that its driver gives it.
    pub fn name(&self) -> &str {
        &self.0.info.name
    }

    /// The interface that leads to it, such as `vulkan` or `metal`.
    pub fn backend(&self) -> String {
        self.0.info.backend.to_string()
    }

    /// The driver and its version, as it names itself; may be empty.
    pub fn driver(&self) -> String {
        format!("{} {}", self.0.info.driver, self.0.info.driver_info)
            .trim()
            .to_owned()
    }

    /// Whether it is a program on the processor that imitates a card, and is slower than
    /// [`crate::Session`].
    pub fn is_software(&self) -> bool {
        self.0.info.device_type == wgpu::DeviceType::Cpu
    }

    /// Most bytes that one buffer of it may have.
    pub(super) fn max_buffer(&self) -> u64 {
        let limits = self.0.device.limits();
        limits
            .max_buffer_size
            .min(limits.max_storage_buffer_binding_size)
    }

    pub(super) fn device(&self) -> &wgpu::Device {
        &self.0.device
    }

    pub(super) fn queue(&self) -> &wgpu::Queue {
        &self.0.queue
    }

    pub(super) fn layout(&self) -> &wgpu::BindGroupLayout {
        &self.0.layout
    }

    pub(super) fn pipeline(&self, shader: Shader) -> wgpu::ComputePipeline {
        // A panic elsewhere leaves a map that is whole.
        let pipelines = self.0.pipelines.lock();
        let mut pipelines = pipelines.unwrap_or_else(PoisonError::into_inner);
        let compile = || shaders::compile(&self.0.device, &self.0.layout, shader);
        pipelines.entry(shader).or_insert_with(compile).clone()
    }

    /// Waits for what it was given to do. In browsers that happens between the turns of their loop.
    pub(super) fn wait(&self) -> Result<()> {
        #[cfg(not(target_family = "wasm"))]
        let waited = self.0.device.poll(wgpu::PollType::wait_indefinitely());
        // The first error, which the others follow from, says most.
        self.check()?;
        #[cfg(not(target_family = "wasm"))]
        waited.map_err(failed)?;
        Ok(())
    }

    /// Fails if something has gone wrong since the last time.
    pub(super) fn check(&self) -> Result<()> {
        let failure = self.0.failure.lock();
        let mut failure = failure.unwrap_or_else(PoisonError::into_inner);
        failure.take().map_or(Ok(()), |e| Err(Error::Device(e)))
    }
}

/// What the card refused.
pub(super) fn failed(error: impl fmt::Display) -> Error {
    Error::Device(error.to_string())
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Device").field(&self.name()).finish()
    }
}
