//! The signals that end a program, counted. A command that moves value must not die in the middle of a call: it asks here how
//! often it was told to stop, finishes the call in flight at the first time, and gives up on it at the second.

#[cfg(not(unix))]
use std::io;

use tokio::sync::watch;

use crate::exit::CliError;

/// How often the program was asked to stop: by Ctrl-C or, on Unix, by SIGTERM, SIGQUIT or SIGHUP.
pub(crate) struct Interrupts {
    count: watch::Receiver<u32>,
}

/// What a signal says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// Somebody wants it to stop, and may want so again.
    Asked,
    #[cfg_attr(not(unix), allow(dead_code, reason = "no other system says so"))]
    /// The terminal is gone. The system may say that several times, and nobody is there to mean more by it.
    HungUp,
}

impl Stop {
    fn count(self, before: u32) -> u32 {
        match self {
            Self::Asked => before.saturating_add(1),
            Self::HungUp => before.max(1),
        }
    }
}

impl Interrupts {
    /// Starts counting. From here on none of these signals ends the program by itself.
    pub(crate) fn listen() -> Result<Self, CliError> {
        let mut signals = Signals::register()
            .map_err(|error| CliError::runtime(format!("Ctrl-C cannot be listened for: {error}")))?;
        let (sender, count) = watch::channel(0);
        tokio::spawn(async move {
            while let Some(stop) = signals.next().await {
                sender.send_modify(|count| *count = stop.count(*count));
            }
        });
        Ok(Self { count })
    }

    pub(crate) fn count(&self) -> u32 {
        *self.count.borrow()
    }

    /// Waits until the program was asked to stop at least this often.
    pub(crate) async fn wait_for(&mut self, count: u32) {
        if self.count.wait_for(|seen| *seen >= count).await.is_err() {
            // Nothing listens any more: no further Ctrl-C will be seen.
            std::future::pending().await
        }
    }
}

/// From here on a file that has reached its greatest size ends nothing: the write then fails, as on a full disk.
pub(crate) fn survive_full_files() {
    #[cfg(unix)]
    unix::survive_full_files();
}

#[cfg(unix)]
use self::unix::Signals;

#[cfg(unix)]
mod unix {
    use std::{
        fs, io,
        process::{Command, Stdio},
    };

    use tokio::signal::unix::{Signal, SignalKind, signal};

    use super::Stop;

    /// The same number on every Unix: POSIX names it for `kill`.
    const HANG_UP: u32 = 1;
    /// A file has reached its greatest size (`ulimit -f`). The number is that of Linux, macOS and the BSDs.
    const FILE_SIZE: i32 = 25;

    pub(super) struct Signals {
        interrupt: Signal,
        terminate: Signal,
        quit: Signal,
        /// `None` where the program was started with `nohup`.
        hang_up: Option<Signal>,
    }

    /// Listened to once, the signal never again does what it does by itself.
    pub(super) fn survive_full_files() {
        let _ = signal(SignalKind::from_raw(FILE_SIZE));
    }

    impl Signals {
        pub(super) fn register() -> io::Result<Self> {
            // Asked before anything is set: from then on the answer would be ours.
            let stays = is_hang_up_ignored();
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
                quit: signal(SignalKind::quit())?,
                hang_up: (!stays).then(|| signal(SignalKind::hangup())).transpose()?,
            })
        }

        pub(super) async fn next(&mut self) -> Option<Stop> {
            let hang_up = async {
                match &mut self.hang_up {
                    Some(signal) => signal.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                seen = self.interrupt.recv() => seen.map(|()| Stop::Asked),
                seen = self.terminate.recv() => seen.map(|()| Stop::Asked),
                seen = self.quit.recv() => seen.map(|()| Stop::Asked),
                seen = hang_up => seen.map(|()| Stop::HungUp),
            }
        }
    }

    /// Whether the program was started to outlive its terminal, as `nohup` does. Shells let a script's background
    /// jobs ignore SIGINT and SIGQUIT unasked, so those two are listened for in any case.
    fn is_hang_up_ignored() -> bool {
        ignored_by_proc().unwrap_or_else(ignored_by_trial)
    }

    /// What Linux says of this process.
    fn ignored_by_proc() -> Option<bool> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
        let mask = u64::from_str_radix(mask.trim(), 16).ok()?;
        Some(mask & (1 << (HANG_UP - 1)) != 0)
    }

    /// Elsewhere a child tells: it inherits what is ignored, and hangs up on itself.
    fn ignored_by_trial() -> bool {
        let mut child = Command::new("/bin/sh");
        child
            .args(["-c", "kill -HUP $$"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        child.status().is_ok_and(|ended| ended.success())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[cfg(target_os = "linux")]
        #[test]
        fn a_trial_says_what_linux_says() {
            let is_ignored = ignored_by_proc().unwrap();
            assert_eq!(ignored_by_trial(), is_ignored);
            // The shell ignores it, and so does what it runs.
            let trial = "kill -HUP $$";
            for (before, survives) in [("", is_ignored), ("trap '' HUP; ", true)] {
                let script = format!("{before}exec sh -c '{trial}'");
                let ended = Command::new("/bin/sh").args(["-c", &script]).status().unwrap();
                assert_eq!(ended.success(), survives, "{script}");
            }
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn register() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Option<Stop> {
        tokio::signal::ctrl_c().await.ok().map(|()| Stop::Asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_that_is_gone_counts_once() {
        let counts = |stops: &[Stop]| stops.iter().fold(0, |count, stop| stop.count(count));
        assert_eq!(counts(&[Stop::HungUp, Stop::HungUp]), 1);
        assert_eq!(counts(&[Stop::Asked, Stop::HungUp]), 1);
        assert_eq!(counts(&[Stop::Asked, Stop::Asked]), 2);
        assert_eq!(counts(&[Stop::HungUp, Stop::Asked]), 2);
    }
}
