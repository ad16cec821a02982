//! Measures a server beside the library in process, on the same bytes: processor time of a request,
//! requests a second, times at 70 % of the most, and memory.
//!
//! ```sh
//! cargo build --release -p moue-cli --features server
//! cargo run --release -p moue-server --example load -- target/release/moue PICTURE.jpg [SECONDS]
//! ```

use moue::finder::FindOptions;
use moue::frame::DecodeOptions;
use moue::{Effort, Finder, Frame, Gallery};
use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

type Any<T> = Result<T, Box<dyn Error>>;

/// The kernel counts processor time in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);

/// Calls in process of a round, and requests of a round: a tenth of a second, in which what else runs on
/// the machine seldom changes.
const CALLS: u32 = 15;

const ROUNDS: usize = 40;

/// Connections that keep two cores busy and a few requests waiting.
const CONNECTIONS: usize = 6;

/// Connections beyond what may wait.
const FLOOD: usize = 64;

/// Processor time of a process so far: fields 14 and 15 of its `stat`.
fn cpu(pid: u32) -> Any<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name of the program, in parentheses, may have spaces.
    let rest = stat.rsplit_once(')').ok_or("no stat")?.1;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks: u32 = fields[11].parse::<u32>()? + fields[12].parse::<u32>()?;
    Ok(TICK * ticks)
}

/// Processor time of the threads that a process has now. `schedstat` counts nanoseconds, so that rounds can
/// be short; threads that have ended are not in it.
fn ran(pid: u32) -> Any<Duration> {
    let mut nanoseconds = 0;
    for task in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = std::fs::read_to_string(task?.path().join("schedstat"))?;
        let first = text.split(' ').next().ok_or("no schedstat")?;
        nanoseconds += first.parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// Processor time of all programs so far: the first line of `/proc/stat` without idle and waiting time.
fn busy() -> Any<Duration> {
    let stat = std::fs::read_to_string("/proc/stat")?;
    let line = stat.lines().next().ok_or("no stat")?;
    let fields = line.split_whitespace().skip(1).map(str::parse);
    let fields: Vec<u64> = fields.collect::<Result<_, _>>()?;
    // user, nice, system, idle, waiting, two kinds of interrupts, taken by the host; then guests, which
    // are in user too.
    let all: u64 = fields.iter().take(8).sum();
    let ticks = all - fields[3] - fields[4];
    Ok(Duration::from_millis(ticks * 10))
}

/// What share of the machine the server gets with one connection for each of two cores, and who has the
/// rest.
fn measure_cores(server: &Server, how: (&str, &[u8]), time: Duration) -> Any<()> {
    let clocks = || -> Any<[Duration; 3]> {
        Ok([cpu(server.child.id())?, cpu(std::process::id())?, busy()?])
    };
    let before = clocks()?;
    let start = Instant::now();
    let run = load(server, how, 2, time, None)?;
    let after = clocks()?;
    let wall = start.elapsed().as_secs_f64();
    let cores = |clock: usize| (after[clock] - before[clock]).as_secs_f64() / wall;
    let others = (cores(2) - cores(0) - cores(1)).max(0.0);
    println!(
        "  2 connections: {:.0}/s, {:.2} cores for the server, {:.2} for this client, {others:.2} for \
         other programs, of {}",
        f64::from(run.ok()) / wall,
        cores(0),
        cores(1),
        std::thread::available_parallelism()?
    );
    Ok(())
}

/// Memory of a process: now and at most, in MB.
fn memory(pid: u32) -> Any<String> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let of = |name: &str| -> Any<u64> {
        let line = status.lines().find(|line| line.starts_with(name));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        Ok(number.ok_or("no status")?.parse::<u64>()? / 1000)
    };
    Ok(format!("{} MB, at most {} MB", of("VmRSS")?, of("VmHWM")?))
}

/// Milliseconds of one of [`CALLS`].
fn milliseconds(spent: Duration) -> f64 {
    spent.as_secs_f64() * 1000.0 / f64::from(CALLS)
}

/// The library alone, with the options that the server has.
struct Alone {
    finder: Finder,
    decode: DecodeOptions,
}

impl Alone {
    fn new(effort: Effort) -> Any<Self> {
        let options = FindOptions {
            detect: effort.into(),
            ..FindOptions::default()
        };
        let decode = DecodeOptions {
            min_longer_side: (effort == Effort::Live).then_some(640),
            ..DecodeOptions::default()
        };
        let finder = Finder::new(Gallery::builtin()?)?.with_options(options);
        Ok(Self { finder, decode })
    }

    /// Milliseconds of a call.
    fn measure(&mut self, bytes: &[u8]) -> Any<f64> {
        let before = ran(std::process::id())?;
        for _ in 0..CALLS {
            let frame = Frame::decode_with(bytes, &self.decode)?;
            std::hint::black_box(self.finder.find(&frame)?);
        }
        // The kernel adds what a thread has run when it stops or at the next tick, 4 ms later: without this
        // a call would seem to take a thirtieth less than it does. The server's threads wait by then.
        std::thread::sleep(Duration::from_millis(1));
        Ok(milliseconds(ran(std::process::id())? - before))
    }
}

struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn start(program: &str) -> Any<Self> {
        let mut child = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stderr(Stdio::piped())
            .spawn()?;
        let mut log = BufReader::new(child.stderr.take().ok_or("no log")?);
        let mut line = String::new();
        log.read_line(&mut line)?;
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        let address = line.trim().rsplit('/').next().unwrap_or_default().parse()?;
        Ok(Self { child, address })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection that is kept.
struct Client {
    stream: BufReader<TcpStream>,
    request: Vec<u8>,
}

impl Client {
    fn new(address: SocketAddr, effort: &str, picture: &[u8]) -> Any<Self> {
        let mut request = format!(
            "POST /v1/find?effort={effort} HTTP/1.1\r\nHost: {address}\r\n\
             Content-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n",
            picture.len()
        )
        .into_bytes();
        request.extend(picture);
        let stream = BufReader::new(TcpStream::connect(address)?);
        Ok(Self { stream, request })
    }

    /// Sends the request; returns the status.
    fn send(&mut self) -> Any<u16> {
        self.stream.get_mut().write_all(&self.request)?;
        let mut status = 0;
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            let lower = line.to_ascii_lowercase();
            if status == 0 {
                status = line.split(' ').nth(1).ok_or("no status")?.parse()?;
            } else if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            } else if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(status)
    }
}

/// What a run of requests came to.
#[derive(Default)]
struct Run {
    statuses: BTreeMap<u16, u32>,
    times: Vec<Duration>,
}

impl Run {
    fn ok(&self) -> u32 {
        self.statuses.get(&200).copied().unwrap_or(0)
    }

    fn add(&mut self, other: Self) {
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        self.times.extend(other.times);
    }

    fn percentile(&self, share: f64) -> f64 {
        let mut times = self.times.clone();
        times.sort();
        let at = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
        times
            .get(at)
            .map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    }
}

/// Sends requests on so many connections; with `pause` each connection sends one in that time, and
/// times are from when it was due (so that one that waits for a slow one counts as slow too).
fn load(
    server: &Server,
    how: (&str, &[u8]),
    connections: usize,
    time: Duration,
    pause: Option<Duration>,
) -> Any<Run> {
    let end = Instant::now() + time;
    let one = |number: usize| -> Result<Run, String> {
        let fail = |error: Box<dyn Error>| error.to_string();
        let mut client = Client::new(server.address, how.0, how.1).map_err(fail)?;
        let mut run = Run::default();
        let offset = pause.map_or(Duration::ZERO, |pause| {
            pause * number as u32 / connections as u32
        });
        let mut due = Instant::now() + offset;
        while due.max(Instant::now()) < end {
            match pause {
                Some(_) => std::thread::sleep(due.saturating_duration_since(Instant::now())),
                None => due = Instant::now(),
            }
            let status = client.send().map_err(fail)?;
            *run.statuses.entry(status).or_default() += 1;
            run.times.push(due.elapsed());
            due += pause.unwrap_or_default();
        }
        Ok(run)
    };
    std::thread::scope(|scope| {
        let mut all = Run::default();
        let threads: Vec<_> = (0..connections)
            .map(|n| scope.spawn(move || one(n)))
            .collect();
        for thread in threads {
            all.add(thread.join().map_err(|_| "a client panicked")??);
        }
        Ok(all)
    })
}

/// Milliseconds of processor time of a request.
fn served(server: &Server, client: &mut Client) -> Any<f64> {
    let before = ran(server.child.id())?;
    // One at a time, as in process: two threads on one core's caches cost more each.
    for _ in 0..CALLS {
        let status = client.send()?;
        if status != 200 {
            return Err(format!("a request was answered {status}").into());
        }
    }
    Ok(milliseconds(ran(server.child.id())? - before))
}

/// The values at a quarter, half and three quarters of all in their order.
fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[values.len() * quarter / 4])
}

/// Prints the processor time of a call in process and of a request, and the ratio of both. Rounds of one
/// and of the other take turns, and each has its ratio: so what else runs on the machine, and slows both
/// down, is not in it.
fn compare(server: &Server, bytes: &[u8], effort: Effort, name: &str) -> Any<()> {
    let mut alone = Alone::new(effort)?;
    let mut client = Client::new(server.address, name, bytes)?;
    // Networks and caches are warm after the first ones.
    alone.measure(bytes)?;
    served(server, &mut client)?;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push([alone.measure(bytes)?, served(server, &mut client)?]);
    }
    let of = |which: usize| quartiles(rounds.iter().map(|round| round[which]).collect());
    let ratios = quartiles(
        rounds
            .iter()
            .map(|[alone, served]| served / alone)
            .collect(),
    );
    println!(
        "{name}: in process {:.2} ms CPU, served {:.2} ms, {:.3} of it (medians of {ROUNDS} rounds; half of \
         the ratios are from {:.3} to {:.3})",
        of(0)[1],
        of(1)[1],
        ratios[1],
        ratios[0],
        ratios[2]
    );
    Ok(())
}

fn measure(program: &str, bytes: &[u8], effort: Effort, name: &str, time: Duration) -> Any<()> {
    let server = Server::start(program)?;
    let pid = server.child.id();
    compare(&server, bytes, effort, name)?;
    measure_cores(&server, (name, bytes), time)?;
    let before = cpu(pid)?;
    let most = load(&server, (name, bytes), CONNECTIONS, time, None)?;
    let cores = (cpu(pid)? - before).as_secs_f64() / time.as_secs_f64();
    let rate = f64::from(most.ok()) / time.as_secs_f64();
    println!("  most: {rate:.0}/s, {cores:.2} cores");
    let pause = Duration::from_secs_f64(CONNECTIONS as f64 / (0.7 * rate));
    let steady = load(&server, (name, bytes), CONNECTIONS, time, Some(pause))?;
    println!(
        "  at 70 %: p50 {:.1} ms, p99 {:.1} ms, {:?}",
        steady.percentile(0.5),
        steady.percentile(0.99),
        steady.statuses
    );
    println!("  memory: {}", memory(pid)?);
    let flood = load(&server, (name, bytes), FLOOD, time, None)?;
    println!("  {FLOOD} connections: {:?}", flood.statuses);
    println!("  memory: {}", memory(pid)?);
    Ok(())
}

fn main() -> Any<()> {
    let args: Vec<String> = std::env::args().collect();
    let [_, program, picture, rest @ ..] = &args[..] else {
        return Err("load PROGRAM PICTURE [SECONDS]".into());
    };
    let seconds = rest.first().map_or(Ok(10), |seconds| seconds.parse())?;
    let bytes = std::fs::read(picture)?;
    let time = Duration::from_secs(seconds);
    measure(program, &bytes, Effort::Live, "live", time)?;
    measure(program, &bytes, Effort::Thorough, "thorough", time)
}
