//! The memory and the CPU time that an input may take, whatever it holds.

use cpu_time::ProcessTime;
use std::time::Duration;

/// The most memory that an input may take.
const MAX_BYTES: u64 = 512 << 20;

/// CPU time for each started 100 kB of input. The promise is one second; AddressSanitizer and the
/// counters of libFuzzer take about three times as long as a release build.
const MAX_TIME: Duration = Duration::from_secs(3);

/// Runs `try_out` on an input of `length` bytes.
///
/// CPU time instead of libFuzzer's own limit, which looks at a clock and so counts other programs.
///
/// # Panics
/// If it takes more than the bounds.
pub(crate) fn within(length: usize, try_out: impl FnOnce()) {
    let start = ProcessTime::now();
    let used = allocation_counter::measure(try_out);
    let allowed = MAX_TIME * (length as u32).div_ceil(100_000).max(1);
    assert!(used.bytes_max < MAX_BYTES, "{} bytes", used.bytes_max);
    assert!(start.elapsed() < allowed, "{:?}", start.elapsed());
}
