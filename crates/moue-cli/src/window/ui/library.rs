//! Libraries of the system that windows need.

/// What to install for a library that winit loads while it runs, and panics without.
pub(super) fn missing(panic: &str) -> String {
    let known = [
        ("xkbcommon-x11", "libxkbcommon-x11-0", "libxkbcommon-x11"),
        ("xkbcommon", "libxkbcommon0", "libxkbcommon"),
        ("wayland", "libwayland-client0", "wayland"),
    ];
    let found = known.iter().find(|(part, ..)| panic.contains(part));
    found.map_or_else(
        || panic.to_owned(),
        |(part, debian, others)| {
            format!(
                "the library {part} is missing; install the package {debian} (Debian, Ubuntu) or \
                 {others} (others), or use --terminal"
            )
        },
    )
}
