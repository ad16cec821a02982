//! The graphics card.

use crate::output::shown;
use anyhow::Result;
use serde::Serialize;

/// What `--device gpu` would use.
#[derive(Serialize)]
pub(super) struct Card {
    name: String,
    /// The interface that leads to it.
    backend: String,
    driver: String,
    /// Whether it is a program that imitates a card.
    software: bool,
}

impl Card {
    #[cfg(feature = "gpu")]
    pub(super) fn look() -> Result<Self> {
        let device = moue::network::Device::new()?;
        Ok(Self {
            name: device.name().to_owned(),
            backend: device.backend(),
            driver: device.driver(),
            software: device.is_software(),
        })
    }

    #[cfg(not(feature = "gpu"))]
    pub(super) fn look() -> Result<Self> {
        anyhow::bail!("not used: the networks run on the processor")
    }

    /// A line for people.
    pub(super) fn line(&self) -> String {
        let Self {
            name,
            backend,
            driver,
            ..
        } = self;
        let kind = if self.software {
            "imitated on the processor"
        } else {
            "for --device gpu"
        };
        let driver = shown(driver);
        format!("{} through {backend}, {driver} ({kind})", shown(name))
    }
}
