//! Other programs that read a file for us: started, listened to, and ended with us.
//!
//! A child has three ways to stop everything: it fills the pipe of its messages while nobody reads
//! it, it waits for something without writing a word, or it lives on when we have ended. So a
//! thread of its own always reads the messages, whoever waits for a result looks at a clock and a
//! [`CancelToken`] meanwhile, and a child is killed when its owner is dropped. Where we are killed
//! ourselves, the child's next write to its pipe fails, and it ends.

use crate::cancel::{CancelToken, Cancelled};
use std::collections::VecDeque;
use std::io::{BufReader, Read};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Bytes of messages that are kept, the last ones: what ended a program is in its last lines.
const MAX_MESSAGES: usize = 64 << 10;

/// Size of the buffer between a program and us: a frame of 640×480 in one piece, so that the program
/// seldom waits.
const PIPE_BUFFER: usize = 1 << 20;

/// How often a wait looks at its token: soon enough for a user who presses Ctrl-C.
const POLL: Duration = Duration::from_millis(50);

/// Why a program gave no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProgramError {
    /// The program is not there.
    #[error("{0}")]
    Missing(&'static str),
    /// The program can't be started, or its output can't be read.
    #[error("{program}: {error}")]
    Io {
        /// Its name.
        program: &'static str,
        /// What the system reports.
        error: std::io::Error,
    },
    /// The program failed; the last line of its messages.
    #[error("{program}: {message}")]
    Failed {
        /// Its name.
        program: &'static str,
        /// What it wrote.
        message: String,
    },
    /// The program cannot make anything of the file's content.
    #[error("it is no video, or damaged or cut off ({program}: {message})")]
    Damaged {
        /// Its name.
        program: &'static str,
        /// What it wrote.
        message: &'static str,
    },
    /// The program wrote something else than it was asked for.
    #[error("{program} wrote {output}")]
    Unexpected {
        /// Its name.
        program: &'static str,
        /// What it wrote instead.
        output: String,
    },
    /// The program gave nothing for too long, and was ended.
    #[error("{program} gave nothing for {} seconds and was ended", waited.as_secs())]
    Stalled {
        /// Its name.
        program: &'static str,
        /// How long it had.
        waited: Duration,
    },
    /// The call was canceled or its deadline has passed.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// What a program writes.
pub(crate) type Output = BufReader<ChildStdout>;

/// A program that moue uses, and what to tell users who lack it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) missing: &'static str,
}

impl Tool {
    pub(crate) fn io(self, error: std::io::Error) -> ProgramError {
        ProgramError::Io {
            program: self.name,
            error,
        }
    }

    pub(crate) fn unexpected(self, output: impl Into<String>) -> ProgramError {
        ProgramError::Unexpected {
            program: self.name,
            output: output.into(),
        }
    }

    fn start_error(self, error: std::io::Error) -> ProgramError {
        if error.kind() == std::io::ErrorKind::NotFound {
            ProgramError::Missing(self.missing)
        } else {
            self.io(error)
        }
    }
}

/// How long a program may take, and whether its result is still wanted.
#[derive(Debug, Clone)]
pub(crate) struct Patience {
    /// The longest time without a result.
    pub(crate) stall: Duration,
    pub(crate) cancel: CancelToken,
}

/// A started program, whose messages are read all the time.
struct Running {
    tool: Tool,
    child: Child,
    messages: JoinHandle<()>,
    tail: Arc<Mutex<VecDeque<u8>>>,
}

impl Running {
    fn start(tool: Tool, command: &mut Command) -> Result<(Self, ChildStdout), ProgramError> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| tool.start_error(error))?;
        let pipes = child.stdout.take().zip(child.stderr.take());
        let (stdout, stderr) = pipes.ok_or_else(|| tool.io(std::io::Error::other("no pipe")))?;
        let tail = Arc::default();
        let kept = Arc::clone(&tail);
        let running = Self {
            tool,
            child,
            messages: std::thread::spawn(move || keep_tail(stderr, &kept)),
            tail,
        };
        Ok((running, stdout))
    }

    /// The end of a program that has closed its output.
    fn wait(&mut self, patience: &Patience) -> Result<(ExitStatus, String), ProgramError> {
        let start = Instant::now();
        let status = loop {
            let ended = self.child.try_wait().map_err(|error| self.tool.io(error))?;
            match ended {
                Some(status) => break status,
                None => patience.check(self.tool, start)?,
            }
            std::thread::sleep(POLL / 10);
        };
        // The pipe of its messages has ended with it, unless a program that it started holds it open.
        while !self.messages.is_finished() {
            patience.check(self.tool, start)?;
            std::thread::sleep(POLL / 10);
        }
        let tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&tail.iter().copied().collect::<Vec<u8>>()).into_owned();
        Ok((status, text))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already; either way it must not outlive us, and must be reaped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Patience {
    /// An error once the result is no longer wanted, or was waited for since `start` too long.
    fn check(&self, tool: Tool, start: Instant) -> Result<(), ProgramError> {
        self.cancel.check()?;
        if start.elapsed() >= self.stall {
            return Err(ProgramError::Stalled {
                program: tool.name,
                waited: self.stall,
            });
        }
        Ok(())
    }
}

/// Reads to the end and keeps the last [`MAX_MESSAGES`] bytes.
fn keep_tail(mut messages: impl Read, tail: &Mutex<VecDeque<u8>>) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = messages.read(&mut buffer) {
        let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
        tail.extend(&buffer[..count]);
        let excess = tail.len().saturating_sub(MAX_MESSAGES);
        tail.drain(..excess);
    }
}

/// What a program writes, read item by item on a thread.
pub(crate) struct Stream<T> {
    // Dropped before the program is: the thread that sends ends at once.
    items: Receiver<Result<T, ProgramError>>,
    running: Running,
    patience: Patience,
}

impl<T: Send + 'static> Stream<T> {
    /// Starts the program. `read` reads the next item of its output, `None` at the end.
    pub(crate) fn start(
        tool: Tool,
        command: &mut Command,
        patience: Patience,
        mut read: impl FnMut(&mut Output) -> Result<Option<T>, ProgramError> + Send + 'static,
    ) -> Result<Self, ProgramError> {
        let (running, stdout) = Running::start(tool, command)?;
        let mut stdout = BufReader::with_capacity(PIPE_BUFFER, stdout);
        // One item may wait while the last one is used: the program works on the next meanwhile,
        // and no more than three are in memory.
        let (sender, items) = sync_channel(1);
        std::thread::spawn(move || {
            while let Some(item) = read(&mut stdout).transpose() {
                let is_last = item.is_err();
                if sender.send(item).is_err() || is_last {
                    break;
                }
            }
        });
        Ok(Self {
            items,
            running,
            patience,
        })
    }

    /// The next item; `None` at the end of the output.
    pub(crate) fn next(&mut self) -> Result<Option<T>, ProgramError> {
        let start = Instant::now();
        loop {
            self.patience.cancel.check()?;
            match self.items.recv_timeout(POLL) {
                Ok(item) => return item.map(Some),
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
                Err(RecvTimeoutError::Timeout) => self.patience.check(self.running.tool, start)?,
            }
        }
    }

    /// Waits for the end of a program whose output has ended; returns whether it succeeded, and its
    /// last messages.
    pub(crate) fn end(&mut self) -> Result<(bool, String), ProgramError> {
        let (status, messages) = self.running.wait(&self.patience)?;
        Ok((status.success(), messages))
    }
}

/// Runs a program to its end; returns whether it succeeded, and its last messages. What it writes
/// to standard output counts among them.
pub(crate) fn run(
    tool: Tool,
    command: &mut Command,
    patience: Patience,
) -> Result<(bool, String), ProgramError> {
    let read = move |stdout: &mut Output| {
        let mut buffer = vec![0; 4096];
        let count = stdout.read(&mut buffer).map_err(|error| tool.io(error))?;
        buffer.truncate(count);
        Ok((count > 0).then_some(buffer))
    };
    let mut stream = Stream::start(tool, command, patience, read)?;
    let mut output = VecDeque::new();
    while let Some(bytes) = stream.next()? {
        output.extend(bytes);
        let excess = output.len().saturating_sub(MAX_MESSAGES);
        output.drain(..excess);
    }
    let (success, messages) = stream.end()?;
    let output = String::from_utf8_lossy(output.make_contiguous()).into_owned();
    Ok((success, output + &messages))
}

/// The last line that is not empty.
pub(crate) fn last_line(messages: &str) -> Option<&str> {
    let mut lines = messages.lines().rev().map(str::trim);
    lines.find(|line| !line.is_empty())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const SHELL: Tool = Tool {
        name: "sh",
        missing: "no shell",
    };

    fn patience(stall: Duration) -> Patience {
        Patience {
            stall,
            cancel: CancelToken::default(),
        }
    }

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_flood_of_messages_stops_nothing_and_its_end_is_kept() {
        // Ten times what a pipe holds.
        let script = "i=0; while [ $i -lt 20000 ]; do echo a line of thirty-two bytes $i >&2; i=$((i+1)); done; exit 3";
        let patience = patience(Duration::from_secs(60));
        let (success, messages) = run(SHELL, &mut shell(script), patience).unwrap();
        assert!(!success && messages.len() <= MAX_MESSAGES);
        assert_eq!(
            last_line(&messages),
            Some("a line of thirty-two bytes 19999")
        );
    }

    #[test]
    fn a_silent_program_is_ended() {
        let patience = patience(Duration::from_millis(100));
        let stalled = run(SHELL, &mut shell("exec sleep 1000"), patience);
        assert!(matches!(stalled, Err(ProgramError::Stalled { .. })));
    }

    #[test]
    fn a_canceled_wait_ends() {
        let cancel = CancelToken::with_timeout(Duration::from_millis(100));
        let stall = Duration::from_secs(1000);
        let patience = Patience { stall, cancel };
        let ended = run(SHELL, &mut shell("exec sleep 1000"), patience);
        assert!(matches!(ended, Err(ProgramError::Cancelled(_))));
    }

    #[test]
    fn a_missing_program_is_named() {
        let mut command = Command::new("moue-no-such-program");
        let missing = run(SHELL, &mut command, patience(Duration::from_secs(9)));
        assert!(matches!(missing, Err(ProgramError::Missing("no shell"))));
    }
}
