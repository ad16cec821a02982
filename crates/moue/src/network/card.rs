//! The graphics card of this process, and whether networks run on it.

use super::{Network, NetworkError};
use moue_nn::gpu::{self, Session};
use moue_nn::{Error, Model};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

pub use moue_nn::gpu::Device;

/// Where the networks of a process run.
#[derive(Debug, Clone)]
pub enum Placement {
    /// On the processor.
    Cpu,
    /// On this card.
    Gpu(Device),
    /// Each on this card if a run there, with what goes there and comes back, takes less time than on
    /// the processor.
    Faster(Device),
}

static CHOSEN: RwLock<Placement> = RwLock::new(Placement::Cpu);

/// Chooses where the networks run that this process loads from now on: those that are compiled in, and
/// those of graphs. A program calls it at its start, as compiled-in networks are loaded once.
///
/// Faces and expressions are those of the processor up to rounding: of 8-bit networks a value may become
/// the next code, and an embedding moves with it.
///
/// ```no_run
/// use moue::network::{Device, Placement, run_on};
///
/// run_on(Placement::Faster(Device::new()?));
/// let detector = moue::FaceDetector::new()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn run_on(placement: Placement) {
    *CHOSEN.write().unwrap_or_else(PoisonError::into_inner) = placement;
}

/// The network on the card, if that is where it runs rather than as `model`.
pub(super) fn placed(
    model: &Model,
    load: impl FnOnce(&Device) -> Result<gpu::Model, Error>,
) -> Result<Option<gpu::Model>, NetworkError> {
    let chosen = CHOSEN.read().unwrap_or_else(PoisonError::into_inner);
    match &*chosen {
        Placement::Cpu => Ok(None),
        Placement::Gpu(device) => Ok(Some(load(device)?)),
        // What imitates a card on the processor is slower without being measured.
        Placement::Faster(device) if device.is_software() => Ok(None),
        // A card that fails here would fail later, and the processor does not.
        Placement::Faster(device) => Ok(load(device)
            .ok()
            .filter(|on_card| is_faster(on_card, model).unwrap_or(false))),
    }
}

/// Whether a run on the card takes less time than on the processor.
fn is_faster(on_card: &gpu::Model, model: &Model) -> Result<bool, Error> {
    // Zeros take as long as pictures.
    let infos = model.inputs();
    let zeros = infos
        .iter()
        .map(|info| vec![0.0; info.shape.iter().product()]);
    let zeros: Vec<Vec<f32>> = zeros.collect();
    let inputs: Vec<&[f32]> = zeros.iter().map(Vec::as_slice).collect();
    let mut card: Session = on_card.session(1)?;
    let mut processor = model.session();
    Ok(shortest(|| card.run(&inputs))? < shortest(|| processor.run(&inputs))?)
}

/// The shortest time of a few runs, the first of which warms caches and shaders up.
fn shortest(mut run: impl FnMut() -> Result<(), Error>) -> Result<Duration, Error> {
    const RUNS: usize = 5;
    run()?;
    let mut shortest = Duration::MAX;
    for _ in 0..RUNS {
        let start = Instant::now();
        run()?;
        shortest = shortest.min(start.elapsed());
    }
    Ok(shortest)
}

/// A copy of a network that the card had no memory for: its runs fail.
pub(super) struct Unusable {
    input_len: usize,
    output_lens: Vec<usize>,
    error: NetworkError,
}

impl Unusable {
    pub(super) fn new(network: &impl Network, error: NetworkError) -> Self {
        Self {
            input_len: network.input_len(),
            output_lens: network.output_lens(),
            error,
        }
    }
}

impl Network for Unusable {
    fn input_len(&self) -> usize {
        self.input_len
    }

    fn output_lens(&self) -> Vec<usize> {
        self.output_lens.clone()
    }

    fn run(&mut self, _: &[f32]) -> Result<(), NetworkError> {
        Err(self.error.clone())
    }

    fn output(&self, _: usize) -> &[f32] {
        &[]
    }

    fn duplicate(&self) -> Box<dyn Network> {
        Box::new(Self::new(self, self.error.clone()))
    }
}
