//! A program that stands for `ffmpeg` in a test.

use crate::common::World;

/// A program called `ffmpeg` that runs this script, first in the path. It notes its number.
pub(crate) fn pretend_ffmpeg(w: &World, script: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    let folder = w.path("bin");
    std::fs::create_dir(&folder).unwrap();
    let program = folder.join("ffmpeg");
    let noted = w.path("noted");
    let text = format!(
        "#!/bin/sh\ncase \"$*\" in *-version) echo ffmpeg version 5.1; exit;; esac\n\
         echo $$ > {}\n{script}\n",
        noted.display()
    );
    std::fs::write(&program, text).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    format!("{}:{path}", folder.display())
}

/// Whether the program that a test noted is still there; a zombie is not.
#[cfg(target_os = "linux")]
pub(crate) fn is_running(w: &World) -> bool {
    let noted = std::fs::read_to_string(w.path("noted")).unwrap();
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", noted.trim()));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}
