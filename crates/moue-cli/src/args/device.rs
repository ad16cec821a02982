//! Where networks run.

use anyhow::Result;
use clap::{Args as ClapArgs, ValueEnum};

/// What runs the networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Device {
    /// Whichever is faster: each network is timed on both first.
    Auto,
    /// The CPU.
    Cpu,
    /// A GPU. (Builds with the feature `gpu`.)
    Gpu,
}

/// Where networks run.
#[derive(Debug, Clone, Copy, ClapArgs)]
pub(crate) struct DeviceArgs {
    /// Where the networks run.
    #[arg(long, value_enum, default_value_t = Device::Cpu)]
    pub(crate) device: Device,
}

impl DeviceArgs {
    /// Makes the networks run there that are loaded from now on.
    #[cfg(feature = "gpu")]
    pub(crate) fn choose(self) -> Result<()> {
        use moue::network::{self, Placement, run_on};
        match self.device {
            Device::Cpu => {}
            Device::Gpu => run_on(Placement::Gpu(network::Device::new()?)),
            // Without a card the processor is faster.
            Device::Auto => {
                if let Ok(device) = network::Device::new() {
                    run_on(Placement::Faster(device));
                }
            }
        }
        Ok(())
    }

    /// Makes the networks run there that are loaded from now on.
    #[cfg(not(feature = "gpu"))]
    pub(crate) fn choose(self) -> Result<()> {
        if self.device == Device::Gpu {
            anyhow::bail!(
                "this moue was built without `--device gpu`; \
                 cargo install --locked --path crates/moue-cli --features gpu builds it in"
            );
        }
        Ok(())
    }
}
