//! Ctrl-C ends every command with the exit code that shells report for it.
#![cfg(unix)]

mod common;

use common::World;
use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

/// Starts a command that waits for its input, interrupts it, and returns its exit code.
fn interrupted(w: &World, args: &[&str]) -> Option<i32> {
    let mut child = w
        .command(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Something of a picture, so that the command is in the middle of its work.
    let mut stdin = child.stdin.take().unwrap();
    let _ = stdin.write_all(b"\x89PNG");
    std::thread::sleep(Duration::from_millis(700));
    let sent = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
    child.wait().unwrap().code()
}

#[test]
fn every_waiting_command_ends_with_130() {
    let w = World::new();
    std::fs::create_dir(w.path("folder")).unwrap();
    for args in [
        &["find", "-", "--sheet", "sheet.png"][..],
        &["detect", "-"],
        &["embed", "-"],
        &["live", "--raw", "64x64", "--json"],
        &["live", "--raw", "64x64", "--terminal"],
        &["gallery", "watch", "my.moue", "folder"],
    ] {
        assert_eq!(interrupted(&w, args), Some(130), "{args:?}");
    }
    assert!(!w.path("sheet.png").exists());
}
