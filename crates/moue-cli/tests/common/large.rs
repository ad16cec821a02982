//! Large pictures, and the memory that the program takes for them.

use super::{Ran, World};
use png::{BitDepth, ColorType, Compression, Encoder};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

/// How often a program is run that ends before it can be asked, as happens on a busy machine.
const TRIES: usize = 10;

/// Kilobytes that every program has once it runs. What is read below that is of the moment before, in which the new
/// process has none of its own.
const STARTED: u64 = 1_000;

/// Runs a program; returns what it did and the kilobytes of the most memory that it had. It is asked
/// while it runs, so what it takes in its last milliseconds is not seen.
pub(crate) fn measured(mut command: Command) -> (Ran, u64) {
    let mut runs = (0..TRIES).map(|_| measured_once(&mut command));
    let asked = runs.find(|(_, peak)| *peak >= STARTED);
    asked.expect("it could be asked while it ran")
}

fn measured_once(command: &mut Command) -> (Ran, u64) {
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let asking = std::thread::spawn(move || {
        let mut peak = 0;
        // The file has no such line any more once the program has ended, and is gone when it was
        // waited for.
        while let Some(now) = peak_so_far(&status) {
            peak = now;
            std::thread::sleep(Duration::from_millis(2));
        }
        peak
    });
    let output = child.wait_with_output().unwrap();
    (Ran::of(output), asking.join().unwrap())
}

fn peak_so_far(status: &str) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// A picture of one color, which compresses to nearly nothing.
pub(crate) fn large_png(w: &World, file: &str, color: ColorType, depth: BitDepth, side: u32) {
    let out = File::create(w.path(file)).unwrap();
    let mut encoder = Encoder::new(BufWriter::new(out), side, side);
    encoder.set_color(color);
    encoder.set_depth(depth);
    encoder.set_compression(Compression::Fast);
    let bytes = side as usize * color.samples() * (depth as usize / 8);
    let mut writer = encoder.write_header().unwrap();
    let mut stream = writer.stream_writer().unwrap();
    for _ in 0..side {
        stream.write_all(&vec![90; bytes]).unwrap();
    }
    stream.finish().unwrap();
}
