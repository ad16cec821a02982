//! How many threads do the work.

/// As many as are wanted, of 0 as many as there are cores, and no more than there are items.
pub(crate) fn thread_count(wanted: usize, items: usize) -> usize {
    let wanted = match wanted {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    wanted.clamp(1, items.max(1))
}
