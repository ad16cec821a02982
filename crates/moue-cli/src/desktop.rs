//! Opening a file with the program that the desktop has for it.

use anyhow::{Context, Result, bail, ensure};
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long to wait for the opener to fail. It usually ends at once, but where there is no desktop
/// environment it is the viewer itself and ends when that is closed.
const OPENER_TIMEOUT: Duration = Duration::from_secs(2);
const STEP: Duration = Duration::from_millis(20);

/// Shows a file to the user.
pub(crate) fn open(path: &Path) -> Result<()> {
    start(path).with_context(|| format!("{} cannot be opened", path.display()))
}

fn start(path: &Path) -> Result<()> {
    ensure!(
        has_desktop(),
        "there is no desktop: neither DISPLAY nor WAYLAND_DISPLAY is set"
    );
    let mut command = opener(path);
    let program = command.get_program().to_string_lossy().into_owned();
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let child = match child {
        Err(error) if error.kind() == ErrorKind::NotFound && cfg!(target_os = "linux") => {
            bail!("the program {program} is not installed; it is in the package xdg-utils")
        }
        child => child.with_context(|| format!("{program} cannot be started"))?,
    };
    let status = wait(child)?;
    ensure!(
        status.is_none_or(|status| status.success()),
        "{program} knows no program for it"
    );
    Ok(())
}

/// How the opener has ended, if it has.
fn wait(mut child: Child) -> Result<Option<ExitStatus>> {
    let end = Instant::now() + OPENER_TIMEOUT;
    loop {
        match child.try_wait()? {
            None if Instant::now() < end => std::thread::sleep(STEP),
            ended => return Ok(ended),
        }
    }
}

fn has_desktop() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let has_own = cfg!(any(windows, target_os = "macos"));
    has_own || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

#[cfg(target_os = "macos")]
fn opener(path: &Path) -> Command {
    let mut command = Command::new("open");
    command.arg(path);
    command
}

#[cfg(windows)]
fn opener(path: &Path) -> Command {
    // Not `start`: that is a command of the shell, which would obey what is in the file's name.
    let mut command = Command::new("rundll32");
    command.arg("url.dll,FileProtocolHandler").arg(path);
    command
}

#[cfg(not(any(windows, target_os = "macos")))]
fn opener(path: &Path) -> Command {
    #[cfg(unix)]
    use std::os::unix::process::CommandExt;
    let mut command = Command::new("xdg-open");
    command.arg(path);
    // A group of its own: Ctrl-C is meant for what runs in the terminal.
    #[cfg(unix)]
    command.process_group(0);
    command
}
