//! A run as a process: the command, or a script without a ledger. What it tells is read line by line, for a row counts once
//! it is told; its memory is looked at meanwhile.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use enkash_benches::Address;
use wait4::Wait4;

use crate::file::Rows;

/// How often memory is looked at.
const SAMPLE: Duration = Duration::from_secs(1);

/// What a process did.
pub(crate) struct Ran {
    /// From its start to its first line: log-in, and for the command the import.
    pub(crate) before: Duration,
    /// Rows a second from the first told row to the last.
    pub(crate) rate: f64,
    pub(crate) whole: Duration,
    /// Resident, at most, in KiB.
    pub(crate) peak: u64,
    pub(crate) samples: Vec<Sample>,
}

pub(crate) struct Sample {
    pub(crate) at: Duration,
    pub(crate) rows: u64,
    /// Resident, in KiB.
    pub(crate) memory: u64,
}

/// The command that `cargo build --release -p enkash-cli --features worker` made.
pub(crate) fn enkash(address: &Address, state: &Path, ledger: Option<&str>) -> Command {
    let program = std::env::current_exe().unwrap().with_file_name("../enkash");
    assert!(
        program.exists(),
        "cargo build --release -p enkash-cli --features worker"
    );
    let mut command = Command::new(program);
    clear(&mut command, address);
    command.env("ENKASH_STATE_DIR", state);
    command.env("ENKASH_CONFIG", state.join("no-profiles.toml"));
    if let Some(ledger) = ledger {
        command.env("ENKASH_LEDGER_URL", ledger);
    }
    command
}

/// A script of `benches/peers`. Python is that of `target/bench-venv`.
pub(crate) fn script(name: &str, address: &Address) -> Option<Command> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut command = match name {
        "reqwest" => Command::new(
            std::env::current_exe()
                .unwrap()
                .with_file_name("../examples/allocate_reqwest"),
        ),
        _ => {
            let python = root.join("../target/bench-venv/bin/python");
            let mut command = Command::new(python);
            command.arg(root.join("peers/allocate_httpx.py"));
            command
        }
    };
    if !Path::new(command.get_program()).exists() {
        println!("skipped: no {}", Path::new(command.get_program()).display());
        return None;
    }
    clear(&mut command, address);
    Some(command)
}

fn clear(command: &mut Command, address: &Address) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("ENKASH_") {
            command.env_remove(name);
        }
    }
    command.envs(address.environment.iter().cloned());
}

/// Runs it to its end. Every row must be done.
pub(crate) fn run(command: &mut Command, rows: &Rows) -> Ran {
    let start = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let told = read(&mut child, start);
    let ended = child.wait4().unwrap();
    assert!(ended.status.success(), "{command:?}: {}", ended.status);
    assert_eq!(told.count, rows.count, "{command:?}");
    Ran {
        before: told.first_line,
        rate: told.rate(),
        whole: start.elapsed(),
        // The crate gives bytes.
        peak: ended.rusage.maxrss / 1024,
        samples: told.samples,
    }
}

/// The rows that a process told, with their times since a start.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) count: u64,
    pub(crate) first: Duration,
    pub(crate) last: Duration,
    first_line: Duration,
    samples: Vec<Sample>,
}

impl Told {
    fn rate(&self) -> f64 {
        (self.count - 1) as f64 / (self.last - self.first).as_secs_f64()
    }
}

/// Reads what it tells, to the end, and looks at its memory meanwhile.
pub(crate) fn read(child: &mut Child, start: Instant) -> Told {
    let status = format!("/proc/{}/status", child.id());
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let rows = AtomicU64::new(0);
    let (ended, is_ended) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let (status, rows) = (&status, &rows);
        let samples = scope.spawn(move || {
            let mut samples = Vec::new();
            while is_ended.recv_timeout(SAMPLE) == Err(RecvTimeoutError::Timeout) {
                samples.extend(resident(status).map(|memory| Sample {
                    at: start.elapsed(),
                    rows: rows.load(Ordering::Relaxed),
                    memory,
                }));
            }
            samples
        });
        let mut told = Told::default();
        for line in lines {
            let line = line.unwrap();
            let at = start.elapsed();
            if told.first_line.is_zero() {
                told.first_line = at;
            }
            if line.contains(r#""outcome":"done""#) {
                told.count = rows.fetch_add(1, Ordering::Relaxed) + 1;
                told.last = at;
                if told.count == 1 {
                    told.first = at;
                }
            }
        }
        drop(ended);
        told.samples = samples.join().unwrap();
        told
    })
}

/// In KiB; `None` where the process has ended, or the system is no Linux.
fn resident(status: &str) -> Option<u64> {
    let status = fs::read_to_string(status).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
